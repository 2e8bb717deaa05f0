/* A TLS conversation as the log of a trace has it. */
#include "conversation.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Time between two events. */
#define TICK_NS 1000000

/* What the callbacks need to reach. */
struct stage {
    struct conversation *conversation;
    const struct conversation_options *options;
    gnutls_session_t session[2];
    struct buffer sent[2];
    size_t taken[2];
    /* The message that the client has been shown and has not acted upon. */
    bool unprocessed;
    uint8_t unprocessed_type;
    bool silent; /* the conversation before the one that counts */
};

/* ---- events -------------------------------------------------------------------------------------- */

static struct trace_event *add(struct stage *stage, enum trace_event_kind kind, enum wire_side from)
{
    struct conversation *conversation = stage->conversation;
    struct trace_event *events = array_grow(conversation->events, &conversation->capacity,
                                            conversation->count + 1, sizeof *events);
    if (events == NULL) {
        conversation->failed = true;
        return NULL;
    }
    conversation->events = events;
    struct trace_event *event = &events[conversation->count++];
    *event = (struct trace_event){.kind = kind, .from = from, .phase = TRACE_HANDSHAKE};
    event->time_ns = (int64_t)conversation->count * TICK_NS;
    return event;
}

static void set_data(struct trace_event *event, const void *data, size_t length)
{
    event->data = length > 0 ? malloc(length) : NULL;
    if (event->data != NULL) {
        memcpy(event->data, data, length);
        event->length = length;
    }
}

static bool tells_steps(const struct stage *stage)
{
    return !stage->silent && !stage->options->bare;
}

static void add_bytes(struct stage *stage, enum wire_side from, const void *data, size_t length,
                      enum trace_end end)
{
    struct trace_event *event = stage->silent ? NULL : add(stage, TRACE_BYTES, from);
    if (event != NULL) {
        set_data(event, data, length);
        event->end = end;
    }
}

static void add_text(struct stage *stage, enum trace_event_kind kind, enum wire_side from,
                     const char *text, bool queued)
{
    struct trace_event *event = add(stage, kind, from);
    if (event != NULL) {
        event->text = text_duplicate(text, strlen(text));
        event->queued = queued;
    }
}

static void add_phase(struct stage *stage, enum trace_phase phase, enum trace_phase_state state)
{
    struct trace_event *event = tells_steps(stage) ? add(stage, TRACE_PHASE, WIRE_CLIENT) : NULL;
    if (event != NULL) {
        event->phase = phase;
        event->state = state;
    }
}

static void add_processed(struct stage *stage)
{
    if (stage->unprocessed && tells_steps(stage)) {
        struct trace_event *event = add(stage, TRACE_PROCESSED, WIRE_SERVER);
        if (event != NULL) {
            event->content_type = WIRE_HANDSHAKE;
            event->handshake_type = stage->unprocessed_type;
        }
    }
    stage->unprocessed = false;
}

static void add_queued(struct stage *stage, uint8_t content_type, const void *data, size_t length)
{
    if (!tells_steps(stage)) {
        return;
    }
    struct trace_event *event = add(stage, TRACE_QUEUED, WIRE_CLIENT);
    if (event != NULL) {
        set_data(event, data, length);
        event->content_type = content_type;
        event->handshake_type = content_type == WIRE_HANDSHAKE ? event->data[0] : 0;
    }
    add_text(stage, TRACE_STOP, WIRE_CLIENT,
             wire_message_name(content_type,
                               content_type == WIRE_HANDSHAKE ? *(const uint8_t *)data : 0),
             true);
}

static void add_connection(struct stage *stage)
{
    struct trace_connection connection = {.local = "127.0.0.1:50000",
                                          .peer = "127.0.0.1:443",
                                          .syn_ns = 1,
                                          .established_ns = 2,
                                          .rtt_us = 41,
                                          .mss = 1448,
                                          .retransmits = -1};
    struct trace_event *event;

    add_phase(stage, TRACE_CONNECT, TRACE_BEGUN);
    add_phase(stage, TRACE_CONNECT, TRACE_DONE);
    if (!tells_steps(stage)) {
        return;
    }
    event = &stage->conversation->events[stage->conversation->count - 1];
    event->connection = malloc(sizeof connection);
    if (event->connection != NULL) {
        *event->connection = connection;
    }
    add_text(stage, TRACE_STOP, WIRE_CLIENT, "connect", false);
}

/* ---- GnuTLS's callbacks ---------------------------------------------------------------------------- */

static enum wire_side side_of(const struct stage *stage, gnutls_session_t session)
{
    return stage->session[WIRE_SERVER] == session ? WIRE_SERVER : WIRE_CLIENT;
}

static ssize_t push(gnutls_transport_ptr_t pointer, const void *data, size_t length)
{
    gnutls_session_t session = pointer;
    struct stage *stage = gnutls_session_get_ptr(session);
    enum wire_side side = side_of(stage, session);

    if (side == WIRE_CLIENT) {
        add_processed(stage);
    }
    add_bytes(stage, side, data, length, TRACE_OPEN);
    buffer_append(&stage->sent[side], data, length);
    return stage->sent[side].failed ? -1 : (ssize_t)length;
}

static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t length)
{
    gnutls_session_t session = pointer;
    struct stage *stage = gnutls_session_get_ptr(session);
    enum wire_side side = side_of(stage, session);
    const struct buffer *arrived = &stage->sent[!side];
    size_t count = arrived->length - stage->taken[side];

    if (side == WIRE_CLIENT) {
        add_processed(stage);
    }
    if (count == 0) {
        gnutls_transport_set_errno(session, EAGAIN);
        return -1;
    }
    count = count < length ? count : length;
    memcpy(data, arrived->data + stage->taken[side], count);
    stage->taken[side] += count;
    return (ssize_t)count;
}

static int pull_timeout(gnutls_transport_ptr_t pointer, unsigned milliseconds)
{
    gnutls_session_t session = pointer;
    const struct stage *stage = gnutls_session_get_ptr(session);
    enum wire_side side = side_of(stage, session);

    (void)milliseconds; /* what is not there will not come while one waits */
    return stage->sent[!side].length > stage->taken[side] ? 1 : 0;
}

static void add_secret(struct stage *stage, const char *label, const gnutls_datum_t *random,
                       const gnutls_datum_t *secret)
{
    char random_hex[2 * 32 + 1];
    char secret_hex[2 * CRYPT_SECRET_MAX + 1];
    char line[300];

    text_hex(random_hex, sizeof random_hex, random->data, random->size);
    text_hex(secret_hex, sizeof secret_hex, secret->data, secret->size);
    (void)snprintf(line, sizeof line, "%s %s %s", label, random_hex, secret_hex); /* it fits */
    add_text(stage, TRACE_SECRET, WIRE_CLIENT, line, false);
}

static int keep_secret(gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
    struct stage *stage = gnutls_session_get_ptr(session);
    gnutls_datum_t client;
    gnutls_datum_t server;

    gnutls_session_get_random(session, &client, &server);
    if (!stage->silent) {
        add_secret(stage, label, &client, secret);
    }
    return 0;
}

/* A resumed TLS 1.2 session has no key-log line: it is made here, as the engine does. */
static void add_resumed_secret(struct stage *stage, gnutls_session_t session)
{
    gnutls_datum_t client, server, master;

    gnutls_session_get_random(session, &client, &server);
    gnutls_session_get_master_secret(session, &master);
    add_secret(stage, "CLIENT_RANDOM", &client, &master);
}

/* GnuTLS has a number of its own for HelloRetryRequest. */
static uint8_t handshake_type(unsigned type)
{
    return type == GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST ? WIRE_HELLO_RETRY_REQUEST : (uint8_t)type;
}

/* Before each message that the client gets, and when it has one to send. */
static int hook(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                const gnutls_datum_t *body)
{
    struct stage *stage = gnutls_session_get_ptr(session);
    struct buffer message = {0};

    (void)when; /* always before */
    add_processed(stage);
    if (incoming != 0 && type == WIRE_FINISHED && gnutls_session_is_resumed(session) != 0 &&
        gnutls_protocol_get_version(session) < GNUTLS_TLS1_3 && !stage->silent) {
        add_resumed_secret(stage, session);
    }
    if (incoming == 0) {
        /* ChangeCipherSpec has no hook of its own; it goes out right before Finished. */
        if (type == WIRE_FINISHED && gnutls_protocol_get_version(session) < GNUTLS_TLS1_3) {
            add_queued(stage, WIRE_CHANGE_CIPHER_SPEC, "\1", 1);
        }
        buffer_u8(&message, (uint8_t)type);
        buffer_u24(&message, body->size);
        buffer_append(&message, body->data, body->size);
        add_queued(stage, WIRE_HANDSHAKE, message.data, message.length);
        buffer_free(&message);
        return 0;
    }
    if (tells_steps(stage)) {
        add_text(stage, TRACE_STOP, WIRE_SERVER,
                 wire_message_name(WIRE_HANDSHAKE, handshake_type(type)), false);
    }
    stage->unprocessed = true;
    stage->unprocessed_type = handshake_type(type);
    return 0;
}

/* ---- sessions -------------------------------------------------------------------------------------- */

static int session_new(struct stage *stage, enum wire_side side, unsigned flags)
{
    const struct conversation_options *options = stage->options;
    const char *priority = options->server != NULL ? options->server : "NORMAL";
    gnutls_session_t *session = &stage->session[side];
    int status = gnutls_init(session, (side == WIRE_SERVER ? GNUTLS_SERVER : GNUTLS_CLIENT) |
                                          GNUTLS_NONBLOCK | flags);
    if (status != 0) {
        *session = NULL;
        return status;
    }
    if (side == WIRE_CLIENT && options->client != NULL) {
        priority = options->client;
    }
    gnutls_session_set_ptr(*session, stage);
    gnutls_transport_set_ptr(*session, *session);
    gnutls_transport_set_push_function(*session, push);
    gnutls_transport_set_pull_function(*session, pull);
    gnutls_transport_set_pull_timeout_function(*session, pull_timeout);
    gnutls_handshake_set_timeout(*session, GNUTLS_INDEFINITE_TIMEOUT);
    return gnutls_priority_set_direct(*session, priority, NULL);
}

static int set_alpn(gnutls_session_t session, const char *name)
{
    gnutls_datum_t protocol;

    if (name == NULL) {
        return 0;
    }
    protocol.data = (unsigned char *)name;
    protocol.size = (unsigned)strlen(name);
    return gnutls_alpn_set_protocols(session, &protocol, 1, 0);
}

static unsigned session_flags(const struct conversation_options *options)
{
    /* The first share alone, so that a server that wants another group has to ask again. */
    return GNUTLS_KEY_SHARE_TOP | (options->no_tickets ? GNUTLS_NO_TICKETS : 0) |
           (options->early_data ? GNUTLS_ENABLE_EARLY_DATA : 0) |
           (options->raw_keys ? GNUTLS_ENABLE_RAWPK : 0);
}

static int open_sessions(struct stage *stage, const struct wiretap_credentials *credentials,
                         const gnutls_datum_t *ticket_key, gnutls_anti_replay_t replay)
{
    const struct conversation_options *options = stage->options;
    int status = session_new(stage, WIRE_CLIENT, session_flags(options)) |
                 session_new(stage, WIRE_SERVER, session_flags(options));
    if (status != 0) {
        return status;
    }
    gnutls_session_t client = stage->session[WIRE_CLIENT];
    gnutls_session_t server = stage->session[WIRE_SERVER];
    gnutls_session_set_keylog_function(client, keep_secret);
    gnutls_handshake_set_hook_function(client, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE, hook);
    status |= gnutls_credentials_set(client, GNUTLS_CRD_CERTIFICATE, credentials->client);
    status |= gnutls_credentials_set(server, GNUTLS_CRD_CERTIFICATE, credentials->server);
    status |= gnutls_credentials_set(client, GNUTLS_CRD_PSK, credentials->psk_client);
    status |= gnutls_credentials_set(server, GNUTLS_CRD_PSK, credentials->psk_server);
    status |= gnutls_server_name_set(client, GNUTLS_NAME_DNS, "example.test", 12);
    status |= set_alpn(client, options->alpn) | set_alpn(server, options->alpn);
    if (options->request_certificate) {
        gnutls_certificate_server_set_request(server, GNUTLS_CERT_REQUEST);
    }
    if (!options->no_tickets) {
        status |= gnutls_session_ticket_enable_server(server, ticket_key);
    }
    if (replay != NULL) {
        gnutls_anti_replay_enable(server, replay);
    }
    return status;
}

static void close_sessions(struct stage *stage)
{
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        if (stage->session[side] != NULL) {
            gnutls_deinit(stage->session[side]);
            stage->session[side] = NULL;
        }
        buffer_free(&stage->sent[side]);
        stage->taken[side] = 0;
    }
    stage->unprocessed = false;
}

/* ---- the conversation ------------------------------------------------------------------------------ */

/* Lets both sides take turns until both are done, or neither moves any more. */
static int shake_hands(struct stage *stage)
{
    bool done[2] = {false, false};

    for (int idle = 0; idle < 4; idle++) {
        size_t before = stage->sent[0].length + stage->sent[1].length;
        for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
            int status = done[side] ? 0 : gnutls_handshake(stage->session[side]);
            done[side] = status == 0;
            if (status != 0 && gnutls_error_is_fatal(status) != 0) {
                return -1;
            }
        }
        if (done[WIRE_CLIENT] && done[WIRE_SERVER]) {
            return 0;
        }
        if (stage->sent[0].length + stage->sent[1].length != before) {
            idle = 0;
        }
    }
    return -1;
}

/* One side reads all that is there. */
static int receive(struct stage *stage, enum wire_side side)
{
    char buffer[20000];
    ssize_t status = 1;

    for (int idle = 0; idle < 4; idle++) {
        status = gnutls_record_recv(stage->session[side], buffer, sizeof buffer);
        if (status == 0 || (status < 0 && gnutls_error_is_fatal((int)status) != 0)) {
            break;
        }
        if (status > 0) {
            idle = 0;
        }
    }
    if (side == WIRE_CLIENT) {
        add_processed(stage);
    }
    return status >= 0 || status == GNUTLS_E_AGAIN ? 0 : -1;
}

static int say(struct stage *stage, enum wire_side from)
{
    const struct conversation_options *options = stage->options;
    const char *data = options->data != NULL ? options->data : "hello";
    size_t length = options->data_length > 0 ? options->data_length : strlen(data);
    size_t limit = gnutls_record_get_max_size(stage->session[from]);

    for (size_t sent = 0; sent < length;) {
        size_t take = length - sent < limit ? length - sent : limit;
        if (from == WIRE_CLIENT) {
            add_queued(stage, WIRE_APPLICATION_DATA, data + sent, take);
        }
        ssize_t status = gnutls_record_send(stage->session[from], data + sent, take);
        if (status < 0) {
            return (int)status;
        }
        sent += (size_t)status;
    }
    return receive(stage, !from);
}

static int rekey(struct stage *stage)
{
    int status = gnutls_session_key_update(stage->session[WIRE_CLIENT], GNUTLS_KU_PEER);
    return status == 0 ? receive(stage, WIRE_SERVER) : status;
}

static int say_goodbye(struct stage *stage)
{
    static const uint8_t close_notify[] = {1, 0};

    add_phase(stage, TRACE_CLOSE, TRACE_BEGUN);
    add_queued(stage, WIRE_ALERT, close_notify, sizeof close_notify);
    int status = gnutls_bye(stage->session[WIRE_CLIENT], GNUTLS_SHUT_WR);
    if (status != 0 || receive(stage, WIRE_SERVER) != 0) {
        return -1;
    }
    status = gnutls_bye(stage->session[WIRE_SERVER], GNUTLS_SHUT_WR);
    add_bytes(stage, WIRE_SERVER, NULL, 0, TRACE_FIN);
    add_bytes(stage, WIRE_CLIENT, NULL, 0, TRACE_FIN);
    add_phase(stage, TRACE_CLOSE, TRACE_DONE);
    return status;
}

static int exchange(struct stage *stage)
{
    const struct conversation_options *options = stage->options;

    add_connection(stage);
    add_phase(stage, TRACE_HANDSHAKE, TRACE_BEGUN);
    if (shake_hands(stage) != 0) {
        return -1;
    }
    add_phase(stage, TRACE_HANDSHAKE, TRACE_DONE);
    add_phase(stage, TRACE_DATA, TRACE_BEGUN);
    if (say(stage, WIRE_CLIENT) != 0 || say(stage, WIRE_SERVER) != 0) {
        return -1;
    }
    if ((options->rekey && rekey(stage) != 0) ||
        (options->renegotiate && shake_hands(stage) != 0)) {
        return -1;
    }
    if ((options->rekey || options->renegotiate) &&
        (say(stage, WIRE_SERVER) != 0 || say(stage, WIRE_CLIENT) != 0)) {
        return -1;
    }
    add_phase(stage, TRACE_DATA, TRACE_DONE);
    return say_goodbye(stage);
}

/* Remembers every ticket as new: no server here is asked twice. */
static int remember(void *pointer, time_t until, const gnutls_datum_t *key,
                    const gnutls_datum_t *value)
{
    (void)pointer;
    (void)until;
    (void)key;
    (void)value;
    return 0;
}

/* One conversation, perhaps with the session of an earlier one, or one whose session is kept. */
static int hold(struct stage *stage, const struct wiretap_credentials *credentials,
                const gnutls_datum_t *ticket_key, gnutls_anti_replay_t replay,
                gnutls_datum_t *session, bool keep)
{
    static const char early[] = "early hello";
    int status = open_sessions(stage, credentials, ticket_key, replay);

    if (status == 0 && session->size > 0 && !keep) {
        status = gnutls_session_set_data(stage->session[WIRE_CLIENT], session->data, session->size);
        if (status == 0 && stage->options->early_data) {
            status = (int)gnutls_record_send_early_data(stage->session[WIRE_CLIENT], early,
                                                        sizeof early - 1);
        }
    }
    if (status >= 0) {
        status = exchange(stage);
    }
    if (status == 0 && keep) {
        status = gnutls_session_get_data2(stage->session[WIRE_CLIENT], session);
    }
    close_sessions(stage);
    return status;
}

int conversation_hold(struct conversation *conversation,
                      const struct wiretap_credentials *credentials,
                      const struct conversation_options *options)
{
    struct stage stage = {.conversation = conversation, .options = options};
    gnutls_datum_t ticket_key = {0};
    gnutls_datum_t session = {0};
    gnutls_anti_replay_t replay = NULL;
    int status = gnutls_session_ticket_key_generate(&ticket_key);

    *conversation = (struct conversation){0};
    if (status == 0 && options->early_data) {
        status = gnutls_anti_replay_init(&replay);
        if (status == 0) {
            gnutls_anti_replay_set_add_function(replay, remember);
        }
    }
    if (status == 0 && options->resume) {
        stage.silent = true;
        status = hold(&stage, credentials, &ticket_key, replay, &session, true);
        stage.silent = false;
    }
    if (status == 0) {
        status = hold(&stage, credentials, &ticket_key, replay, &session, false);
    }
    if (replay != NULL) {
        gnutls_anti_replay_deinit(replay);
    }
    gnutls_free(ticket_key.data);
    gnutls_free(session.data);
    return status == 0 && !conversation->failed ? 0 : -1;
}

void conversation_free(struct conversation *conversation)
{
    for (size_t i = 0; i < conversation->count; i++) {
        trace_event_clear(&conversation->events[i]);
    }
    free(conversation->events);
    *conversation = (struct conversation){0};
}

/* ---- traces ---------------------------------------------------------------------------------------- */

struct trace *conversation_trace_new(void)
{
    const struct trace_target target = {
        .input = "example.test", .host = "example.test", .port = 443, .sni = "example.test"};
    struct trace *trace = trace_new(&target, INT64_C(1764000000123456789));

    assert_non_null(trace);
    return trace;
}

struct trace *conversation_capture_new(void)
{
    const struct trace_target target = {
        .input = "file.pcap", .client = "192.0.2.1:50000", .server = "192.0.2.2:443"};
    struct trace *trace = trace_new(&target, 0);

    assert_non_null(trace);
    return trace;
}

void conversation_append(struct trace *trace, const struct trace_event *event)
{
    struct trace_event copy = *event;
    struct err err = {0};

    copy.data = NULL;
    copy.length = 0;
    set_data(&copy, event->data, event->length);
    assert_int_equal(copy.length, event->length);
    if (event->text != NULL) {
        copy.text = text_duplicate(event->text, strlen(event->text));
        assert_non_null(copy.text);
    }
    if (event->code != NULL) {
        copy.code = text_duplicate(event->code, strlen(event->code));
        assert_non_null(copy.code);
    }
    if (event->connection != NULL) {
        copy.connection = malloc(sizeof *copy.connection);
        assert_non_null(copy.connection);
        *copy.connection = *event->connection;
    }
    assert_null(event->verification);
    assert_int_equal(trace_append(trace, &copy, &err), 0);
}

struct trace *conversation_trace(const struct conversation *conversation)
{
    struct trace *trace = conversation_trace_new();

    for (size_t i = 0; i < conversation->count; i++) {
        conversation_append(trace, &conversation->events[i]);
    }
    return trace;
}

void conversation_bytes(struct trace *trace, enum wire_side from, const void *data, size_t length)
{
    const struct trace_event event = {
        .kind = TRACE_BYTES, .from = from, .data = (uint8_t *)(uintptr_t)data, .length = length};
    conversation_append(trace, &event);
}

void conversation_end(struct trace *trace, enum wire_side from, enum trace_end end)
{
    const struct trace_event event = {.kind = TRACE_BYTES, .from = from, .end = end};
    conversation_append(trace, &event);
}
