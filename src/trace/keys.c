/* Which keys open a record. */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#include "handshake.h"
#include "hello.h"
#include "log.h"
#include "row.h"

/* A connection that renegotiates more often is nobody's. */
#define HANDSHAKES_MAX 4096
/* Keys after more updates than this are not made again. */
#define UPDATES_AGAIN 1000

/* ---- openers ------------------------------------------------------------------------------- */

/* The traffic secret of each epoch and side (RFC 8446 7.1). */
static const enum crypt_label labels[][2] = {
    [EPOCH_EARLY] = {CRYPT_CLIENT_EARLY_TRAFFIC_SECRET, CRYPT_LABEL_COUNT},
    [EPOCH_HANDSHAKE] = {CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET,
                         CRYPT_SERVER_HANDSHAKE_TRAFFIC_SECRET},
    [EPOCH_APPLICATION] = {CRYPT_CLIENT_TRAFFIC_SECRET_0, CRYPT_SERVER_TRAFFIC_SECRET_0},
};

/* The error codes of crypt that a row can show; the text of an error does not live long enough. */
static const char *static_problem(const struct err *err)
{
    static const char *const known[] = {
        "bad_record_mac",        "bad_record",    "state_lost", "suite_not_supported",
        "version_not_supported", "key_derivation"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(err->code, known[i]) == 0) {
            return known[i];
        }
    }
    return "bad_record";
}

/* What an opener that could not be made means: a secret of the wrong length is no secret. */
static enum access no_opener(const struct err *err, const char **problem)
{
    if (err->class == ERR_MEMORY) {
        return ACCESS_NO_MEMORY;
    }
    if (strcmp(err->code, "bad_secret") == 0) {
        return ACCESS_NO_KEY;
    }
    *problem = static_problem(err);
    return ACCESS_REFUSED;
}

static enum access new_opener13(const struct trace *trace, enum crypt_label label,
                                struct crypt_opener **opener, const char **problem)
{
    const struct handshake *handshake = transcript_handshake(&trace->transcript);
    struct crypt_secret secret;
    struct err err = {0};

    if (!handshake_secret(trace, handshake, label, &secret)) {
        return ACCESS_NO_KEY;
    }
    *opener = crypt_opener_new_tls13_draft(handshake->version, handshake->cipher_suite,
                                           secret.secret, secret.length, &err);
    secret_wipe(&secret, sizeof secret);
    return *opener != NULL ? ACCESS_OPENED : no_opener(&err, problem);
}

static enum access new_opener12(const struct handshake *handshake, enum wire_side from,
                                const struct crypt_opener *beside, struct crypt_opener **opener,
                                const char **problem)
{
    struct crypt_tls12 parameters = {
        .version = handshake->version,
        .cipher_suite = handshake->cipher_suite,
        .encrypt_then_mac = handshake->encrypt_then_mac,
        .from = from,
    };
    struct err err = {0};

    memcpy(parameters.master_secret, handshake->master, sizeof parameters.master_secret);
    memcpy(parameters.client_random, handshake->client_random, sizeof parameters.client_random);
    memcpy(parameters.server_random, handshake->server_random, sizeof parameters.server_random);
    *opener = crypt_opener_new_tls12_beside(&parameters, beside, &err);
    secret_wipe(&parameters, sizeof parameters);
    return *opener != NULL ? ACCESS_OPENED : no_opener(&err, problem);
}

static void set_opener(struct direction *direction, struct crypt_opener *opener)
{
    crypt_opener_free(direction->protection.opener);
    direction->protection.opener = opener;
    direction->protection.updates = 0;
}

static void enter_epoch(struct direction *direction, enum epoch epoch)
{
    if (direction->protection.epoch != epoch) {
        direction->protection.epoch = epoch;
        set_opener(direction, NULL);
    }
}

struct crypt_opener *keys_opener_again(struct trace *trace, enum wire_side from,
                                       const struct key_use *use)
{
    const struct handshake *handshake = transcript_handshake_at(&trace->transcript, use->handshake);
    struct crypt_opener *opener = NULL;
    const char *problem = NULL;
    struct err err = {0};

    if (!version_is_tls13(handshake->version)) {
        return handshake->master_known &&
                       new_opener12(handshake, from, NULL, &opener, &problem) == ACCESS_OPENED
                   ? opener
                   : NULL;
    }
    if (use->epoch == EPOCH_PLAIN || use->updates > UPDATES_AGAIN ||
        new_opener13(trace, labels[use->epoch][from], &opener, &problem) != ACCESS_OPENED) {
        return NULL;
    }
    for (uint32_t i = 0; i < use->updates; i++) {
        if (crypt_opener_update(opener, &err) != 0) {
            crypt_opener_free(opener);
            return NULL;
        }
    }
    return opener;
}

/* ---- opening a record ----------------------------------------------------------------------- */

/* The smallest record that is protected: a header, and a tag with nothing or an inner type. */
#define SMALLEST_RECORD 22

/* A decryption in vain takes as long as so many bytes more, which is most of it with small records. */
#define ATTEMPT_COST 1024

/* Behind lost bytes: how many records ahead to look. Each costs a decryption, and all of them are bounded. */
static uint64_t records_ahead(struct trace *trace, const struct protection *protection,
                              size_t record_length)
{
    uint64_t most = protection->lost / SMALLEST_RECORD + 1;
    uint64_t affordable = trace->transcript.resume_budget / (record_length + ATTEMPT_COST);

    return most < affordable ? most : affordable;
}

static int open_record(struct trace *trace, struct direction *direction,
                       struct crypt_opener *opener, const struct record *record, uint8_t *plaintext,
                       struct crypt_opened *opened, struct err *err)
{
    const struct protection *protection = &direction->protection;

    if (protection->lost == 0) {
        return crypt_opener_open(opener, record->bytes, record->length, plaintext, opened, err);
    }
    uint64_t before = crypt_opener_sequence(opener);
    uint64_t most = records_ahead(trace, protection, record->length);
    int result =
        crypt_opener_resume(opener, record->bytes, record->length, most, plaintext, opened, err);
    uint64_t tried = result == 0 ? crypt_opener_sequence(opener) - before : most;
    uint64_t cost = tried * (record->length + ATTEMPT_COST);
    uint64_t *budget = &trace->transcript.resume_budget;
    *budget -= cost < *budget ? cost : *budget;
    return result;
}

static enum access open_with(struct trace *trace, struct direction *direction,
                             struct crypt_opener *opener, struct record *record,
                             const char **problem)
{
    struct crypt_opened opened = {0};
    struct err err = {0};
    size_t room = record->length - WIRE_RECORD_HEADER;
    uint8_t *plaintext = malloc(room > 0 ? room : 1);
    uint64_t sequence = crypt_opener_sequence(opener);

    if (plaintext == NULL) {
        return ACCESS_NO_MEMORY;
    }
    record->key.sequence = sequence;
    if (open_record(trace, direction, opener, record, plaintext, &opened, &err) != 0) {
        secret_free(plaintext, room);
        record->layout = crypt_opener_layout(opener, room);
        /* Behind a gap a wrong tag says nothing against the record: the keys may have changed in it. */
        *problem = direction->protection.lost > 0 ? "its place behind the lost bytes was not found"
                                                  : static_problem(&err);
        return err.class == ERR_MEMORY ? ACCESS_NO_MEMORY : ACCESS_REFUSED;
    }
    record->key.sequence = crypt_opener_sequence(opener) - 1;
    record->layout = opened.layout;
    record->plaintext = plaintext;
    record->plaintext_length = (uint32_t)opened.length;
    record->plaintext_total = (uint32_t)opened.total;
    record->inner_type = opened.content_type;
    direction->protection.lost = 0;
    return ACCESS_OPENED;
}

static void note_key(const struct trace *trace, const struct direction *direction,
                     struct record *record, enum epoch epoch)
{
    record->key.known = true;
    record->key.epoch = (uint8_t)epoch;
    record->key.updates = direction->protection.updates;
    record->key.handshake = (uint32_t)(trace->transcript.handshakes.count - 1);
}

/* Tries an epoch's keys from their beginning, and keeps them when they fit. */
static enum access try_epoch(struct trace *trace, struct direction *direction, enum epoch epoch,
                             struct record *record, const char **problem)
{
    struct crypt_opener *opener = NULL;
    enum access access = new_opener13(trace, labels[epoch][direction->side], &opener, problem);
    if (access != ACCESS_OPENED) {
        return access;
    }
    access = open_with(trace, direction, opener, record, problem);
    if (access == ACCESS_OPENED || epoch == direction->protection.epoch) {
        enter_epoch(direction, epoch);
        set_opener(direction, opener);
        note_key(trace, direction, record, epoch);
    } else {
        crypt_opener_free(opener);
    }
    return access;
}

static bool has_secret(const struct trace *trace, enum crypt_label label)
{
    struct crypt_secret secret;
    bool has = handshake_secret(trace, transcript_handshake(&trace->transcript), label, &secret);

    if (has) {
        secret_wipe(&secret, sizeof secret);
    }
    return has;
}

/*
 * TLS 1.3. The keys change after messages that may be unreadable: early data that was refused has no
 * end that could be seen, and a key log may lack the handshake secrets. So a record that the keys of
 * its epoch do not open is tried with those of the later ones.
 */
static enum access open_tls13(struct trace *trace, struct direction *direction,
                              struct record *record, const char **problem)
{
    struct protection *protection = &direction->protection;
    enum access first = ACCESS_NO_KEY;

    if (protection->epoch == EPOCH_PLAIN) {
        return ACCESS_NO_KEY;
    }
    for (enum epoch epoch = protection->epoch; epoch <= EPOCH_APPLICATION; epoch++) {
        const char *why = NULL;
        bool current = epoch == protection->epoch && protection->opener != NULL;
        if (current) {
            note_key(trace, direction, record, epoch);
        }
        enum access access = current ? open_with(trace, direction, protection->opener, record, &why)
                                     : try_epoch(trace, direction, epoch, record, &why);
        if (access == ACCESS_OPENED || access == ACCESS_NO_MEMORY) {
            return access;
        }
        if (epoch == protection->epoch) {
            first = access;
            *problem = why;
        }
    }
    if (first == ACCESS_REFUSED && protection->epoch == EPOCH_EARLY &&
        !has_secret(trace, labels[EPOCH_HANDSHAKE][direction->side])) {
        enter_epoch(direction, EPOCH_HANDSHAKE); /* the early data is over, it seems */
        return ACCESS_NO_KEY;
    }
    return first;
}

/* What a NULL cipher protects is readable without any key; only its MAC cannot be checked. */
static enum access read_null(const struct handshake *handshake, struct record *record)
{
    struct wire_cipher_suite suite = {0};
    size_t length = record->length - WIRE_RECORD_HEADER;

    if (wire_cipher_suite_parts(handshake->cipher_suite, &suite) != 0 || suite.hash == NULL ||
        suite.aead || suite.tls13 || suite.key_bits != 0) {
        return ACCESS_NO_KEY;
    }
    size_t mac = strcmp(suite.hash, "MD5") == 0       ? 16
                 : strcmp(suite.hash, "SHA-1") == 0   ? 20
                 : strcmp(suite.hash, "SHA-256") == 0 ? 32
                                                      : 48;
    if (length < mac) {
        return ACCESS_NO_KEY;
    }
    record->plaintext = malloc(length);
    if (record->plaintext == NULL) {
        return ACCESS_NO_MEMORY;
    }
    memcpy(record->plaintext, record->bytes + WIRE_RECORD_HEADER, length);
    record->plaintext_length = (uint32_t)(length - mac);
    record->plaintext_total = (uint32_t)length;
    record->unverified = true;
    record->layout = (struct wire_layout){.is_protected = true,
                                          .version = handshake->version,
                                          .mac = (uint8_t)mac,
                                          .content = record->plaintext_length};
    return ACCESS_OPENED;
}

static enum access open_tls12(struct trace *trace, struct direction *direction,
                              struct record *record, const char **problem)
{
    struct transcript *transcript = &trace->transcript;
    struct protection *protection = &direction->protection;
    struct handshake *handshake = transcript_handshake(transcript);

    if (protection->opener == NULL && !(handshake->client_hello && handshake->server_hello)) {
        return ACCESS_NO_KEY; /* a hello was not captured */
    }
    if (protection->opener == NULL) {
        int found = handshake_find_master(trace, handshake);
        if (found <= 0) {
            /* The secrets of a capture are there before its records. */
            return found < 0              ? ACCESS_NO_MEMORY
                   : transcript->captured ? read_null(handshake, record)
                                          : ACCESS_NO_KEY;
        }
        const struct direction *other = &transcript->directions[!direction->side];
        enum access access = new_opener12(handshake, direction->side, other->protection.opener,
                                          &protection->opener, problem);
        if (access != ACCESS_OPENED) {
            return access;
        }
        protection->handshake = (uint32_t)(transcript->handshakes.count - 1);
    }
    note_key(trace, direction, record, EPOCH_PLAIN);
    record->key.handshake = protection->handshake;
    return open_with(trace, direction, protection->opener, record, problem);
}

/* TLS 1.2 and older, behind a gap: ChangeCipherSpec may have been in it. What follows it is no message in clear. */
static bool changed_in_gap(const struct direction *direction, const struct record *record)
{
    if (direction->protection.lost == 0 || record->content_type == WIRE_CHANGE_CIPHER_SPEC) {
        return false;
    }
    if (record->content_type != WIRE_HANDSHAKE) {
        return record->content_type == WIRE_APPLICATION_DATA;
    }
    uint8_t type;
    uint32_t body = 0;
    size_t length = record->length - WIRE_RECORD_HEADER;
    enum wire_parse parse =
        wire_handshake_parse(record->bytes + WIRE_RECORD_HEADER, length, &type, &body);
    bool named = length >= WIRE_HANDSHAKE_HEADER &&
                 wire_registry_name(WIRE_REGISTRY_HANDSHAKE_TYPE, type) != NULL;
    return !named || (parse != WIRE_COMPLETE && body > 1u << 17);
}

/* Without any hello, in the middle of a stream: an alert with room for a MAC has one. The shortest is that of CCM_8, behind a nonce. */
static bool is_alert_in_the_middle(const struct trace *trace, const struct record *record)
{
    const struct handshake *handshake = transcript_handshake(&trace->transcript);
    bool hello = handshake->client_hello || handshake->server_hello;

    return !hello && record->content_type == WIRE_ALERT &&
           record->length >= WIRE_RECORD_HEADER + 8 + 2 + 8;
}

bool keys_protect(struct trace *trace, struct direction *direction, const struct record *record)
{
    uint16_t version = transcript_handshake(&trace->transcript)->version;
    bool data = record->content_type == WIRE_APPLICATION_DATA;
    bool *changed = &direction->protection.changed_cipher;

    /* No MAC has two bytes: an alert of that length is in clear, whatever came before it. */
    if (record->content_type == WIRE_ALERT && record->length == WIRE_RECORD_HEADER + 2) {
        return false;
    }
    if (record->length < WIRE_RECORD_HEADER || record->content_type == WIRE_SSL2_HELLO) {
        return false;
    }
    if (version_is_tls13(version)) {
        /* RFC 8446 5.1: protected records look like application data, and nothing else does. */
        return data;
    }
    if (!*changed && changed_in_gap(direction, record)) {
        *changed = true;
    }
    /* Without a version: early data, or the ServerHello is missing. */
    return *changed || (version == 0 && (data || is_alert_in_the_middle(trace, record)));
}

enum access keys_open(struct trace *trace, struct direction *direction, struct record *record,
                      const char **problem)
{
    uint16_t version = transcript_handshake(&trace->transcript)->version;

    record->is_protected = keys_protect(trace, direction, record);
    if (!record->is_protected) {
        return ACCESS_CLEAR;
    }
    if (version == 0) {
        return ACCESS_NO_KEY;
    }
    return version_is_tls13(version) ? open_tls13(trace, direction, record, problem)
                                     : open_tls12(trace, direction, record, problem);
}

void keys_give_up(struct trace *trace, struct direction *direction, const struct record *record)
{
    /* It cannot be read, but its type is there: new keys from here on. */
    if (record->content_type == WIRE_CHANGE_CIPHER_SPEC) {
        keys_change_cipher(trace, direction);
    }
}

/* ---- what changes them ----------------------------------------------------------------------- */

int keys_add_line(struct trace *trace, const char *line)
{
    struct crypt_secret secret;
    int result = 0;

    if (crypt_secret_parse(line, strlen(line), &secret) == 1) {
        result = crypt_keylog_add(trace->transcript.keylog, &secret);
        trace->transcript.changes++;
    }
    secret_wipe(&secret, sizeof secret);
    return result;
}

/* A ClientHello behind a ServerHello begins another handshake. Beyond HANDSHAKES_MAX the last one is used again. */
static struct handshake *begin_handshake(struct transcript *transcript)
{
    struct handshake *last = transcript_handshake(transcript);
    struct handshake *next = last;

    if (!last->server_hello) {
        return last; /* the first one, or the second ClientHello after HelloRetryRequest */
    }
    uint16_t version = last->version;
    uint16_t cipher_suite = last->cipher_suite;
    if (transcript->handshakes.count < HANDSHAKES_MAX) {
        next = list_add(&transcript->handshakes);
        if (next == NULL) {
            return NULL;
        }
    }
    *next = (struct handshake){.version = version, .cipher_suite = cipher_suite};
    return next;
}

static void set_id(uint8_t to[32], uint8_t *to_length, const struct hello *hello)
{
    memcpy(to, hello->session_id, hello->session_id_length);
    *to_length = (uint8_t)hello->session_id_length;
}

static int client_hello(struct transcript *transcript, const struct hello *hello)
{
    struct handshake *handshake = begin_handshake(transcript);
    struct direction *client = &transcript->directions[WIRE_CLIENT];

    if (handshake == NULL) {
        return -1;
    }
    handshake->client_hello = true;
    handshake->client_version = hello->version;
    memcpy(handshake->client_random, hello->random, sizeof hello->random);
    set_id(handshake->offered_id, &handshake->offered_id_length, hello);
    handshake->early_data_offered = hello->early_data;
    handshake->encrypt_then_mac_offered = hello->encrypt_then_mac;
    handshake->extended_master_offered = hello->extended_master_secret;
    if (client->protection.epoch == EPOCH_EARLY && !hello->early_data) {
        enter_epoch(client, EPOCH_HANDSHAKE); /* after HelloRetryRequest, RFC 8446 4.2.10 */
    }
    return 0;
}

static int server_hello(struct transcript *transcript, const struct hello *hello)
{
    /* A second one answers a ClientHello that was not captured. */
    struct handshake *handshake = begin_handshake(transcript);
    struct direction *client = &transcript->directions[WIRE_CLIENT];
    struct direction *server = &transcript->directions[WIRE_SERVER];

    if (handshake == NULL) {
        return -1;
    }
    handshake->version = hello->version;
    handshake->cipher_suite = hello->cipher_suite;
    memcpy(handshake->server_random, hello->random, sizeof hello->random);
    set_id(handshake->session_id, &handshake->session_id_length, hello);
    handshake->encrypt_then_mac = handshake->encrypt_then_mac_offered && hello->encrypt_then_mac;
    handshake->extended_master_secret =
        handshake->extended_master_offered && hello->extended_master_secret;
    handshake->psk_used = hello->pre_shared_key;
    handshake->server_hello = hello->type != WIRE_HELLO_RETRY_REQUEST;
    if (!version_is_tls13(hello->version)) {
        return 0;
    }
    if (client->protection.epoch == EPOCH_PLAIN && handshake->early_data_offered) {
        enter_epoch(client, EPOCH_EARLY);
    }
    if (hello->type == WIRE_HELLO_RETRY_REQUEST) {
        return 0;
    }
    if (client->protection.epoch == EPOCH_PLAIN) {
        enter_epoch(client, EPOCH_HANDSHAKE);
    }
    if (server->protection.epoch == EPOCH_PLAIN) {
        enter_epoch(server, EPOCH_HANDSHAKE);
    }
    return 0;
}

static int take_hello(struct trace *trace, const uint8_t *message, size_t length)
{
    struct transcript *transcript = &trace->transcript;
    struct hello hello;
    int result = hello_read(&hello, &transcript->scratch, message, length);

    transcript->scratch_is_hello = result >= 0 && transcript->scratch.data == message;
    if (result == 1) {
        transcript->changes++;
        result = hello.type == WIRE_CLIENT_HELLO ? client_hello(transcript, &hello)
                                                 : server_hello(transcript, &hello);
    }
    return result < 0 ? -1 : 0;
}

int keys_ssl2_hello(struct trace *trace, const uint8_t *record, size_t length)
{
    struct hello hello;

    if (hello_read_ssl2(&hello, record, length) != 1) {
        return 0;
    }
    trace->transcript.changes++;
    return client_hello(&trace->transcript, &hello);
}

void keys_lose(struct trace *trace, struct direction *direction, uint64_t lost)
{
    (void)trace; /* what follows depends on the direction alone */
    direction->protection.lost += lost > 0 ? lost : 1;
}

/* RFC 8446 7.2: the keys of the side that sends KeyUpdate, from its next record on. */
static int update_key(struct direction *direction)
{
    struct err err = {0};

    if (direction->protection.opener == NULL) {
        return 0;
    }
    if (crypt_opener_update(direction->protection.opener, &err) == 0) {
        direction->protection.updates++;
        return 0;
    }
    return err.class == ERR_MEMORY ? -1 : 0;
}

int keys_handshake(struct trace *trace, struct direction *direction, const uint8_t *message,
                   size_t length)
{
    bool tls13 = version_is_tls13(transcript_handshake(&trace->transcript)->version);

    switch (message[0]) {
    case WIRE_CLIENT_HELLO:
        return direction->side == WIRE_CLIENT ? take_hello(trace, message, length) : 0;
    case WIRE_SERVER_HELLO:
        return direction->side == WIRE_SERVER ? take_hello(trace, message, length) : 0;
    case WIRE_END_OF_EARLY_DATA:
        if (tls13 && direction->protection.epoch == EPOCH_EARLY) {
            enter_epoch(direction, EPOCH_HANDSHAKE);
        }
        return 0;
    case WIRE_FINISHED:
        if (tls13 && direction->protection.epoch == EPOCH_HANDSHAKE) {
            enter_epoch(direction, EPOCH_APPLICATION);
        }
        return 0;
    case WIRE_KEY_UPDATE:
        return tls13 ? update_key(direction) : 0;
    default:
        return 0;
    }
}

void keys_change_cipher(struct trace *trace, struct direction *direction)
{
    direction->protection.changed_cipher = true;
    if (!version_is_tls13(transcript_handshake(&trace->transcript)->version)) {
        set_opener(direction, NULL);
    }
}
