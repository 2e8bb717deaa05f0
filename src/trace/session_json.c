/* Events as JSON, and back. An event has only the members that differ from zero. */
#include "session_json.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "names.h"

/* Into a buffer of ours: when json_dumps() runs out of memory on the way, Jansson 2.14 may leave a
 * piece out and go on. */
char *session_json_text(json_t *json)
{
    const size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII;
    size_t length = json != NULL ? json_dumpb(json, NULL, 0, flags) : 0;
    char *text = length > 0 ? malloc(length + 1) : NULL;

    if (text != NULL && json_dumpb(json, text, length, flags) == length) {
        text[length] = '\0';
    } else {
        free(text);
        text = NULL;
    }
    json_decref(json);
    return text;
}

/* ---- small parts ----------------------------------------------------------------------------- */

/* Sets a member; false when memory ran out. */
static bool set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static bool set_number(json_t *object, const char *key, int64_t value)
{
    return value == 0 || set(object, key, json_integer(value));
}

static bool set_hex(json_t *object, const char *key, const void *data, size_t length)
{
    size_t size;
    if (!size_multiply(length, 2, &size) || !size_add(size, 1, &size)) {
        return false;
    }
    char *hex = malloc(size);
    bool ok = hex != NULL && set(object, key, json_string(text_hex(hex, size, data, length)));
    secret_free(hex, size);
    return ok;
}

/* Text that is not UTF-8 goes into a member `<key>_hex`. */
static bool set_text(json_t *object, const char *key, const char *hex_key, const char *text)
{
    if (text == NULL) {
        return true;
    }
    size_t length = strlen(text);
    return text_is_utf8(text, length) ? set(object, key, json_stringn(text, length))
                                      : set_hex(object, hex_key, text, length);
}

/* Bytes from a hex string; NULL with `*length` 0 for an empty one. False: not hex, or out of memory. */
static bool get_hex(const json_t *value, uint8_t **data, size_t *length)
{
    size_t digits = json_string_length(value);

    *data = NULL;
    *length = 0;
    if (!json_is_string(value) || digits % 2 != 0) {
        return false;
    }
    /* One byte more, so that text can be ended. */
    *data = malloc(digits / 2 + 1);
    if (*data == NULL || text_unhex(*data, digits / 2, json_string_value(value), digits) < 0) {
        free(*data);
        *data = NULL;
        return false;
    }
    *length = digits / 2;
    (*data)[*length] = '\0';
    return true;
}

/* A copy of an optional text. False: not text, or out of memory. */
static bool get_text(const json_t *object, const char *key, const char *hex_key, char **text)
{
    const json_t *plain = json_object_get(object, key);
    const json_t *hex = json_object_get(object, hex_key);
    uint8_t *bytes;
    size_t length;

    *text = NULL;
    if (plain != NULL) {
        const char *value = json_string_value(plain);
        *text = value != NULL ? text_duplicate(value, strlen(value)) : NULL;
        return *text != NULL;
    }
    if (hex == NULL) {
        return true;
    }
    if (!get_hex(hex, &bytes, &length)) {
        return false;
    }
    *text = (char *)bytes;
    return true;
}

/* A whole number from 0 to `max`; a missing one is 0. */
static bool get_number(const json_t *object, const char *key, int64_t max, int64_t *value)
{
    const json_t *number = json_object_get(object, key);

    *value = number != NULL ? json_integer_value(number) : 0;
    return (number == NULL || json_is_integer(number)) && *value >= 0 && *value <= max;
}

/* A name from an enumeration; a missing one is its first value. */
static bool get_name(const json_t *object, const char *key, long (*to_value)(const char *),
                     long *value)
{
    const json_t *name = json_object_get(object, key);

    *value = name != NULL ? to_value(json_string_value(name)) : 0;
    return *value >= 0;
}

/* ---- the connection ---------------------------------------------------------------------------- */

static json_t *encode_connection(const struct trace_connection *connection)
{
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:i, s:i, s:b}", "local", connection->local, "peer",
                     connection->peer, "syn", (json_int_t)connection->syn_ns, "established",
                     (json_int_t)connection->established_ns, "rtt_us",
                     (json_int_t)connection->rtt_us, "mss", connection->mss, "retransmits",
                     connection->retransmits, "packets", (int)connection->packets);
}

static struct trace_connection *decode_connection(const json_t *json)
{
    struct trace_connection *connection = calloc(1, sizeof *connection);
    const char *local;
    const char *peer;
    json_int_t syn, established, rtt;
    int packets = 0; /* sessions of older versions have none */

    if (connection == NULL) {
        return NULL;
    }
    if (json_unpack((json_t *)json, "{s:s, s:s, s:I, s:I, s:I, s:i, s:i, s?:b}", "local", &local,
                    "peer", &peer, "syn", &syn, "established", &established, "rtt_us", &rtt, "mss",
                    &connection->mss, "retransmits", &connection->retransmits, "packets",
                    &packets) != 0 ||
        strlen(local) >= sizeof connection->local || strlen(peer) >= sizeof connection->peer) {
        free(connection);
        return NULL;
    }
    memcpy(connection->local, local, strlen(local));
    memcpy(connection->peer, peer, strlen(peer));
    connection->packets = packets != 0;
    connection->syn_ns = syn;
    connection->established_ns = established;
    connection->rtt_us = rtt;
    return connection;
}

/* ---- events ------------------------------------------------------------------------------------ */

static bool encode_names(json_t *json, const struct trace_event *event)
{
    return (event->from == 0 || set(json, "from", json_string(wire_side_name(event->from)))) &&
           (event->phase == 0 || set(json, "phase", json_string(trace_phase_name(event->phase)))) &&
           (event->state == 0 ||
            set(json, "state", json_string(trace_phase_state_name(event->state)))) &&
           (event->end == TRACE_OPEN || set(json, "end", json_string(name_of_end(event->end)))) &&
           (!event->queued || set(json, "queued", json_true()));
}

static bool encode_contents(json_t *json, const struct session_event *from)
{
    const struct trace_event *event = &from->event;
    bool text = from->secret >= 0 ? set(json, "secret", json_integer(from->secret))
                                  : set_text(json, "text", "text_hex", event->text);

    if (!text || !set_text(json, "code", "code_hex", event->code)) {
        return false;
    }
    if (from->in_packets) {
        return set(json, "length", json_integer((json_int_t)event->length));
    }
    return event->data == NULL || set_hex(json, "data", event->data, event->length);
}

json_t *session_event_encode(const struct session_event *from, size_t index)
{
    const struct trace_event *event = &from->event;
    json_t *json = json_pack("{s:I, s:s, s:I}", "event", (json_int_t)index, "kind",
                             name_of_kind(event->kind), "time", (json_int_t)event->time_ns);
    bool ok = json != NULL && encode_names(json, event) &&
              set_number(json, "paused", event->paused_ns) &&
              set_number(json, "content_type", event->content_type) &&
              set_number(json, "handshake_type", event->handshake_type) &&
              set_number(json, "dropped", (int64_t)event->dropped) &&
              set_number(json, "frame", (int64_t)event->frame) && encode_contents(json, from) &&
              (event->connection == NULL ||
               set(json, "connection", encode_connection(event->connection))) &&
              (event->verification == NULL ||
               set(json, "verification", pki_verification_encode(event->verification)));
    if (!ok) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static bool decode_names(const json_t *json, struct trace_event *event)
{
    long kind, from, phase, state, end;

    if (json_object_get(json, "kind") == NULL || !get_name(json, "kind", name_to_kind, &kind) ||
        !get_name(json, "from", name_to_side, &from) ||
        !get_name(json, "phase", name_to_phase, &phase) ||
        !get_name(json, "state", name_to_state, &state) ||
        !get_name(json, "end", name_to_end, &end)) {
        return false;
    }
    event->kind = (enum trace_event_kind)kind;
    event->from = (enum wire_side)from;
    event->phase = (enum trace_phase)phase;
    event->state = (enum trace_phase_state)state;
    event->end = (enum trace_end)end;
    event->queued = json_is_true(json_object_get(json, "queued"));
    return true;
}

static bool decode_numbers(const json_t *json, struct session_event *to, size_t *index)
{
    const json_t *time = json_object_get(json, "time");
    int64_t number, paused, content_type, handshake_type, dropped, frame, length, secret;

    if (!json_is_integer(time) || !json_is_integer(json_object_get(json, "event")) ||
        !get_number(json, "event", INT64_MAX, &number) ||
        !get_number(json, "paused", INT64_MAX, &paused) ||
        !get_number(json, "content_type", UINT8_MAX, &content_type) ||
        !get_number(json, "handshake_type", UINT8_MAX, &handshake_type) ||
        !get_number(json, "dropped", INT64_MAX, &dropped) ||
        !get_number(json, "frame", INT64_MAX, &frame) ||
        !get_number(json, "length", UINT32_MAX, &length) ||
        !get_number(json, "secret", INT32_MAX, &secret)) {
        return false;
    }
    *index = (size_t)number;
    to->event.time_ns = json_integer_value(time);
    to->event.paused_ns = paused;
    to->event.content_type = (uint8_t)content_type;
    to->event.handshake_type = (uint8_t)handshake_type;
    to->event.dropped = (size_t)dropped;
    to->event.frame = (uint64_t)frame;
    to->in_packets = json_object_get(json, "length") != NULL;
    to->event.length = (size_t)length;
    to->secret = json_object_get(json, "secret") != NULL ? (long)secret : -1;
    return true;
}

static bool decode_contents(const json_t *json, struct session_event *to, struct err *err)
{
    struct trace_event *event = &to->event;
    const json_t *data = json_object_get(json, "data");
    const json_t *connection = json_object_get(json, "connection");
    const json_t *verification = json_object_get(json, "verification");

    if (!get_text(json, "text", "text_hex", &event->text) ||
        !get_text(json, "code", "code_hex", &event->code)) {
        return false;
    }
    if (data != NULL && (to->in_packets || !get_hex(data, &event->data, &event->length))) {
        return false;
    }
    if (connection != NULL) {
        event->connection = decode_connection(connection);
    }
    if (verification != NULL) {
        event->verification = pki_verification_decode(verification, err);
    }
    return (connection == NULL || event->connection != NULL) &&
           (verification == NULL || event->verification != NULL);
}

int session_event_decode(const json_t *json, struct session_event *to, size_t *index,
                         struct err *err)
{
    *to = (struct session_event){.secret = -1};
    if (!decode_names(json, &to->event) || !decode_numbers(json, to, index) ||
        !decode_contents(json, to, err)) {
        return err_set(err, ERR_FILE, "file", "an event in the session cannot be read");
    }
    return 0;
}

/* ---- the head ---------------------------------------------------------------------------------- */

json_t *session_head_encode(const struct trace *trace, bool redacted)
{
    const struct trace_target *target = trace_target(trace);
    json_t *head = json_pack("{s:s, s:I, s:i}", "program", "tlstep " TLSTEP_VERSION, "start",
                             (json_int_t)trace_start_wall_ns(trace), "port", (int)target->port);
    bool ok = head != NULL && set_text(head, "input", "input_hex", target->input) &&
              set_text(head, "host", "host_hex", target->host) &&
              set_text(head, "sni", "sni_hex", target->sni) &&
              set_text(head, "client", "client_hex", target->client) &&
              set_text(head, "server", "server_hex", target->server) &&
              set_number(head, "stream", target->stream) &&
              (target->local == WIRE_CLIENT ||
               set(head, "local", json_string(wire_side_name(target->local)))) &&
              (!trace->transcript.secrets_first || set(head, "secrets_first", json_true())) &&
              (!redacted || set(head, "redacted", json_true()));
    if (!ok) {
        json_decref(head);
        return NULL;
    }
    return json_pack("{s:o}", "session", head);
}

/* The texts of a target, owned until free_texts(). */
static bool get_texts(const json_t *head, char *texts[5])
{
    static const char *const keys[][2] = {{"input", "input_hex"},
                                          {"host", "host_hex"},
                                          {"sni", "sni_hex"},
                                          {"client", "client_hex"},
                                          {"server", "server_hex"}};

    for (size_t i = 0; i < 5; i++) {
        if (!get_text(head, keys[i][0], keys[i][1], &texts[i])) {
            return false;
        }
    }
    return true;
}

struct trace *session_head_decode(const json_t *json, const char *source, struct err *err)
{
    const json_t *head = json_object_get(json, "session");
    const json_t *start = json_object_get(head, "start");
    const char *local = json_string_value(json_object_get(head, "local")); /* NULL: the client */
    char *texts[5] = {NULL};
    int64_t port;
    int64_t stream;
    struct trace *trace = NULL;

    if (json_is_integer(start) && get_number(head, "port", UINT16_MAX, &port) &&
        get_number(head, "stream", UINT32_MAX, &stream) && get_texts(head, texts)) {
        const struct trace_target target = {
            .input = texts[0],
            .host = texts[1],
            .port = (uint16_t)port,
            .sni = texts[2],
            .source = source,
            .client = texts[3],
            .server = texts[4],
            .stream = (uint32_t)stream,
            .local = local != NULL && strcmp(local, wire_side_name(WIRE_SERVER)) == 0 ? WIRE_SERVER
                                                                                      : WIRE_CLIENT,
        };
        trace = trace_new(&target, json_integer_value(start));
    }
    for (size_t i = 0; i < 5; i++) {
        free(texts[i]);
    }
    if (trace == NULL) {
        (void)err_set(err, ERR_FILE, "file", "the head of the session cannot be read");
        return NULL;
    }
    trace->transcript.secrets_first = json_is_true(json_object_get(head, "secrets_first"));
    trace->redacted = json_is_true(json_object_get(head, "redacted"));
    return trace;
}
