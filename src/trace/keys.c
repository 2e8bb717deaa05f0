/* Which keys open a record. */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#include "hello.h"
#include "log.h"
#include "row.h"

/* ---- openers ------------------------------------------------------------------------------- */

/* The traffic secret of each epoch and side (RFC 8446 7.1). */
static const enum crypt_label labels[][2] = {
    [EPOCH_EARLY] = {CRYPT_CLIENT_EARLY_TRAFFIC_SECRET, CRYPT_LABEL_COUNT},
    [EPOCH_HANDSHAKE] = {CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET,
                         CRYPT_SERVER_HANDSHAKE_TRAFFIC_SECRET},
    [EPOCH_APPLICATION] = {CRYPT_CLIENT_TRAFFIC_SECRET_0, CRYPT_SERVER_TRAFFIC_SECRET_0},
};

static const struct crypt_secret *find_secret(const struct transcript *transcript,
                                              enum crypt_label label)
{
    return crypt_keylog_find(transcript->keylog, label, transcript->negotiation.client_random);
}

/* The error codes of crypt that a row can show; the text of an error does not live long enough. */
static const char *static_problem(const struct err *err)
{
    static const char *const known[] = {"bad_record_mac", "bad_record", "suite_not_supported",
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

static enum access new_opener13(const struct transcript *transcript, enum crypt_label label,
                                struct crypt_opener **opener, const char **problem)
{
    const struct crypt_secret *secret = find_secret(transcript, label);
    struct err err = {0};

    if (secret == NULL) {
        return ACCESS_NO_KEY;
    }
    *opener = crypt_opener_new_tls13(transcript->negotiation.cipher_suite, secret->secret,
                                     secret->length, &err);
    return *opener != NULL ? ACCESS_OPENED : no_opener(&err, problem);
}

static enum access new_opener12(const struct transcript *transcript, enum wire_side from,
                                struct crypt_opener **opener, const char **problem)
{
    const struct negotiation *negotiation = &transcript->negotiation;
    const struct crypt_secret *secret = find_secret(transcript, CRYPT_CLIENT_RANDOM);
    struct crypt_tls12 parameters = {
        .version = negotiation->version,
        .cipher_suite = negotiation->cipher_suite,
        .encrypt_then_mac = negotiation->encrypt_then_mac,
        .from = from,
    };
    struct err err = {0};

    if (secret == NULL || secret->length != sizeof parameters.master_secret) {
        return ACCESS_NO_KEY;
    }
    memcpy(parameters.master_secret, secret->secret, sizeof parameters.master_secret);
    memcpy(parameters.client_random, negotiation->client_random, sizeof parameters.client_random);
    memcpy(parameters.server_random, negotiation->server_random, sizeof parameters.server_random);
    *opener = crypt_opener_new_tls12(&parameters, &err);
    secret_wipe(&parameters, sizeof parameters);
    return *opener != NULL ? ACCESS_OPENED : no_opener(&err, problem);
}

static void set_opener(struct direction *direction, struct crypt_opener *opener)
{
    crypt_opener_free(direction->protection.opener);
    direction->protection.opener = opener;
}

static void enter_epoch(struct direction *direction, enum epoch epoch)
{
    if (direction->protection.epoch != epoch) {
        direction->protection.epoch = epoch;
        set_opener(direction, NULL);
    }
}

/* ---- opening a record ----------------------------------------------------------------------- */

static enum access open_with(struct crypt_opener *opener, struct record *record,
                             const char **problem)
{
    struct crypt_opened opened = {0};
    struct err err = {0};
    size_t room = record->length - WIRE_RECORD_HEADER;
    uint8_t *plaintext = malloc(room > 0 ? room : 1);

    if (plaintext == NULL) {
        return ACCESS_NO_MEMORY;
    }
    if (crypt_opener_open(opener, record->bytes, record->length, plaintext, &opened, &err) != 0) {
        secret_free(plaintext, room);
        *problem = static_problem(&err);
        return err.class == ERR_MEMORY ? ACCESS_NO_MEMORY : ACCESS_REFUSED;
    }
    record->plaintext = plaintext;
    record->plaintext_length = (uint32_t)opened.length;
    record->inner_type = opened.content_type;
    return ACCESS_OPENED;
}

/* Tries an epoch's keys from their beginning, and keeps them when they fit. */
static enum access try_epoch(struct trace *trace, struct direction *direction, enum epoch epoch,
                             struct record *record, const char **problem)
{
    struct crypt_opener *opener = NULL;
    enum access access =
        new_opener13(&trace->transcript, labels[epoch][direction->side], &opener, problem);
    if (access != ACCESS_OPENED) {
        return access;
    }
    access = open_with(opener, record, problem);
    if (access == ACCESS_OPENED || epoch == direction->protection.epoch) {
        enter_epoch(direction, epoch);
        set_opener(direction, opener);
    } else {
        crypt_opener_free(opener);
    }
    return access;
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
        enum access access = current ? open_with(protection->opener, record, &why)
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
        find_secret(&trace->transcript, labels[EPOCH_HANDSHAKE][direction->side]) == NULL) {
        enter_epoch(direction, EPOCH_HANDSHAKE); /* the early data is over, it seems */
        return ACCESS_NO_KEY;
    }
    return first;
}

static enum access open_tls12(struct trace *trace, struct direction *direction,
                              struct record *record, const char **problem)
{
    struct protection *protection = &direction->protection;

    if (protection->opener == NULL) {
        enum access access =
            new_opener12(&trace->transcript, direction->side, &protection->opener, problem);
        if (access != ACCESS_OPENED) {
            return access;
        }
    }
    return open_with(protection->opener, record, problem);
}

bool keys_protect(const struct trace *trace, const struct direction *direction,
                  uint8_t content_type)
{
    uint16_t version = trace->transcript.negotiation.version;
    bool data = content_type == WIRE_APPLICATION_DATA;
    bool changed = direction->protection.changed_cipher;

    if (version == 0) {
        return data || changed; /* early data, or the ServerHello is missing */
    }
    /* RFC 8446 5.1: protected records look like application data, and nothing else does. */
    return version_is_tls13(version) ? data : changed;
}

enum access keys_open(struct trace *trace, struct direction *direction, struct record *record,
                      const char **problem)
{
    uint16_t version = trace->transcript.negotiation.version;

    record->is_protected = keys_protect(trace, direction, record->content_type);
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

static void client_hello(struct transcript *transcript, const struct hello *hello)
{
    struct negotiation *negotiation = &transcript->negotiation;
    struct direction *client = &transcript->directions[WIRE_CLIENT];

    memcpy(negotiation->client_random, hello->random, sizeof hello->random);
    negotiation->early_data_offered = hello->early_data;
    negotiation->encrypt_then_mac_offered = hello->encrypt_then_mac;
    if (client->protection.epoch == EPOCH_EARLY && !hello->early_data) {
        enter_epoch(client, EPOCH_HANDSHAKE); /* after HelloRetryRequest, RFC 8446 4.2.10 */
    }
}

static void server_hello(struct transcript *transcript, const struct hello *hello)
{
    struct negotiation *negotiation = &transcript->negotiation;
    struct direction *client = &transcript->directions[WIRE_CLIENT];
    struct direction *server = &transcript->directions[WIRE_SERVER];

    negotiation->version = hello->version;
    negotiation->cipher_suite = hello->cipher_suite;
    memcpy(negotiation->server_random, hello->random, sizeof hello->random);
    negotiation->encrypt_then_mac =
        negotiation->encrypt_then_mac_offered && hello->encrypt_then_mac;
    if (!version_is_tls13(hello->version)) {
        return;
    }
    if (client->protection.epoch == EPOCH_PLAIN && negotiation->early_data_offered) {
        enter_epoch(client, EPOCH_EARLY);
    }
    if (hello->type == WIRE_HELLO_RETRY_REQUEST) {
        return;
    }
    if (client->protection.epoch == EPOCH_PLAIN) {
        enter_epoch(client, EPOCH_HANDSHAKE);
    }
    if (server->protection.epoch == EPOCH_PLAIN) {
        enter_epoch(server, EPOCH_HANDSHAKE);
    }
}

static int take_hello(struct trace *trace, const uint8_t *message, size_t length)
{
    struct hello hello;
    int result = hello_read(&hello, message, length);

    if (result == 1) {
        trace->transcript.changes++;
        (hello.type == WIRE_CLIENT_HELLO ? client_hello : server_hello)(&trace->transcript, &hello);
    }
    return result < 0 ? -1 : 0;
}

/* RFC 8446 7.2: the keys of the side that sends KeyUpdate, from its next record on. */
static int update_key(struct direction *direction)
{
    struct err err = {0};

    if (direction->protection.opener == NULL ||
        crypt_opener_update(direction->protection.opener, &err) == 0) {
        return 0;
    }
    return err.class == ERR_MEMORY ? -1 : 0;
}

int keys_handshake(struct trace *trace, struct direction *direction, const uint8_t *message,
                   size_t length)
{
    bool tls13 = version_is_tls13(trace->transcript.negotiation.version);

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
    if (!version_is_tls13(trace->transcript.negotiation.version)) {
        set_opener(direction, NULL);
    }
}
