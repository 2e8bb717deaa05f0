/* A decoder of whole connections that is only as long as crypt's tests need. */
#include "unseal.h"

#include <string.h>

#define HANDSHAKES_MAX               4 /* with renegotiations */
#define EXTENSION_ENCRYPT_THEN_MAC   22
#define EXTENSION_SUPPORTED_VERSIONS 43

struct direction {
    const uint8_t *data;
    size_t length;
    size_t offset;
    struct crypt_opener *opener;
    struct buffer handshake; /* bytes of messages that are not whole yet */
    uint8_t randoms[HANDSHAKES_MAX][32];
    size_t hellos;
    size_t keys;   /* how often new keys came into force, up to TLS 1.2 */
    bool switches; /* to the secret of application data, with the next record */
};

struct decoder {
    struct unsealed *out;
    const struct crypt_keylog *keylog;
    struct direction direction[2];
};

static const enum crypt_label handshake_labels[] = {CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET,
                                                    CRYPT_SERVER_HANDSHAKE_TRAFFIC_SECRET};
static const enum crypt_label application_labels[] = {CRYPT_CLIENT_TRAFFIC_SECRET_0,
                                                      CRYPT_SERVER_TRAFFIC_SECRET_0};

enum progress { MOVED, WAITS, FAILED };

static enum progress fail(struct decoder *decoder, const char *why)
{
    (void)err_set(&decoder->out->err, ERR_TLS, "unseal", "%s", why);
    return FAILED;
}

/* ---- keys ------------------------------------------------------------------------------- */

/* A traffic secret of TLS 1.3 comes into force. */
static enum progress use_secret(struct decoder *decoder, enum wire_side side,
                                enum crypt_label label)
{
    struct direction *from = &decoder->direction[side];
    const struct crypt_secret *secret =
        crypt_keylog_find(decoder->keylog, label, decoder->direction[WIRE_CLIENT].randoms[0]);

    if (secret == NULL) {
        return fail(decoder, "a traffic secret is not in the key log");
    }
    crypt_opener_free(from->opener);
    from->opener = crypt_opener_new_tls13(decoder->out->cipher_suite, secret->secret,
                                          secret->length, &decoder->out->err);
    return from->opener == NULL ? FAILED : MOVED;
}

/* ChangeCipherSpec of TLS 1.2 and older. Waits until both hellos of this handshake are known. */
static enum progress change_cipher(struct decoder *decoder, enum wire_side side)
{
    struct direction *from = &decoder->direction[side];
    const struct direction *client = &decoder->direction[WIRE_CLIENT];
    const struct direction *server = &decoder->direction[WIRE_SERVER];
    const struct crypt_secret *master;
    size_t turn = from->keys;

    if (decoder->out->version == WIRE_TLS13) { /* means nothing there */
        return MOVED;
    }
    if (client->hellos <= turn || server->hellos <= turn) {
        return WAITS;
    }
    master = crypt_keylog_find(decoder->keylog, CRYPT_CLIENT_RANDOM, client->randoms[turn]);
    if (master == NULL) {
        return fail(decoder, "the master secret is not in the key log");
    }
    struct crypt_tls12 parameters = {
        .version = decoder->out->version,
        .cipher_suite = decoder->out->cipher_suite,
        .encrypt_then_mac = decoder->out->encrypt_then_mac,
        .from = side,
    };
    memcpy(parameters.master_secret, master->secret, sizeof parameters.master_secret);
    memcpy(parameters.client_random, client->randoms[turn], 32);
    memcpy(parameters.server_random, server->randoms[turn], 32);
    crypt_opener_free(from->opener);
    from->opener = crypt_opener_new_tls12(&parameters, &decoder->out->err);
    from->keys++;
    return from->opener == NULL ? FAILED : MOVED;
}

/* ---- handshake messages ----------------------------------------------------------------- */

static void read_extensions(struct decoder *decoder, struct reader *reader)
{
    size_t end;

    decoder->out->encrypt_then_mac = false;
    if (reader_left(reader) < 2) {
        return;
    }
    end = reader_u16(reader);
    end += reader->offset;
    while (reader->offset < end && !reader->failed) {
        uint16_t type = reader_u16(reader);
        uint16_t length = reader_u16(reader);
        const uint8_t *body = reader_bytes(reader, length);
        if (type == EXTENSION_ENCRYPT_THEN_MAC) {
            decoder->out->encrypt_then_mac = true;
        } else if (type == EXTENSION_SUPPORTED_VERSIONS && body != NULL && length == 2) {
            decoder->out->version = (uint16_t)(body[0] << 8 | body[1]);
        }
    }
}

static void read_hello(struct decoder *decoder, enum wire_side side, const uint8_t *message,
                       size_t length)
{
    struct direction *from = &decoder->direction[side];
    struct reader reader = reader_new(message, length);
    const uint8_t *random;
    uint16_t version;

    if (wire_is_hello_retry_request(message, length)) {
        decoder->direction[WIRE_CLIENT].hellos = 0; /* the second ClientHello takes its place */
        decoder->out->version = WIRE_TLS13;
        return;
    }
    (void)reader_bytes(&reader, WIRE_HANDSHAKE_HEADER);
    version = reader_u16(&reader);
    random = reader_bytes(&reader, 32);
    if (random == NULL || from->hellos == HANDSHAKES_MAX) {
        return;
    }
    memcpy(from->randoms[from->hellos++], random, 32);
    if (side == WIRE_SERVER) {
        decoder->out->version = version;
        (void)reader_bytes(&reader, reader_u8(&reader)); /* session id */
        decoder->out->cipher_suite = reader_u16(&reader);
        (void)reader_u8(&reader); /* compression method */
        read_extensions(decoder, &reader);
    }
}

static enum progress key_update(struct decoder *decoder, enum wire_side side)
{
    decoder->out->key_updates[side]++;
    return crypt_opener_update(decoder->direction[side].opener, &decoder->out->err) == 0 ? MOVED
                                                                                         : FAILED;
}

static enum progress finished(struct decoder *decoder, enum wire_side side)
{
    bool first = decoder->out->finished[side]++ == 0; /* a later one authenticates the client */

    decoder->direction[side].switches = first && decoder->out->version == WIRE_TLS13;
    return MOVED;
}

static enum progress read_message(struct decoder *decoder, enum wire_side side,
                                  const uint8_t *message, size_t length)
{
    switch (message[0]) {
    case WIRE_CLIENT_HELLO:
    case WIRE_SERVER_HELLO:
        read_hello(decoder, side, message, length);
        return MOVED;
    case WIRE_END_OF_EARLY_DATA:
        return use_secret(decoder, side, CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET);
    case WIRE_FINISHED:
        return finished(decoder, side);
    case WIRE_KEY_UPDATE:
        return key_update(decoder, side);
    default:
        return MOVED;
    }
}

static enum progress read_handshake(struct decoder *decoder, enum wire_side side,
                                    const uint8_t *data, size_t length)
{
    struct buffer *pending = &decoder->direction[side].handshake;
    enum progress progress = MOVED;
    uint32_t body;
    uint8_t type;

    buffer_append(pending, data, length);
    while (progress == MOVED &&
           wire_handshake_parse(pending->data, pending->length, &type, &body) == WIRE_COMPLETE) {
        buffer_append(&decoder->out->messages[side], pending->data, WIRE_HANDSHAKE_HEADER + body);
        progress = read_message(decoder, side, pending->data, WIRE_HANDSHAKE_HEADER + body);
        buffer_consume(pending, WIRE_HANDSHAKE_HEADER + body);
    }
    return pending->failed ? fail(decoder, "out of memory") : progress;
}

/* ---- records ---------------------------------------------------------------------------- */

static enum progress read_content(struct decoder *decoder, enum wire_side side, uint8_t type,
                                  const uint8_t *data, size_t length)
{
    if (type == WIRE_HANDSHAKE) {
        return read_handshake(decoder, side, data, length);
    }
    if (type == WIRE_APPLICATION_DATA) {
        buffer_append(&decoder->out->application[side], data, length);
    } else if (type == WIRE_ALERT) {
        decoder->out->alerts[side]++;
    }
    return MOVED;
}

static enum progress open_record(struct decoder *decoder, enum wire_side side,
                                 const uint8_t *record, size_t length)
{
    struct direction *from = &decoder->direction[side];
    uint8_t plain[WIRE_RECORD_MAX];
    struct crypt_opened opened;

    if (crypt_opener_open(from->opener, record, length, plain, &opened, &decoder->out->err) != 0) {
        return FAILED;
    }
    decoder->out->opened[side]++;
    decoder->out->padding[side] += opened.padding;
    return read_content(decoder, side, opened.content_type, plain, opened.length);
}

/* The first protected record of TLS 1.3: early data when it opens as such. */
static enum progress open_first_record(struct decoder *decoder, enum wire_side side,
                                       const uint8_t *record, size_t length)
{
    if (decoder->direction[WIRE_SERVER].hellos == 0) {
        return WAITS;
    }
    if (side == WIRE_CLIENT &&
        use_secret(decoder, side, CRYPT_CLIENT_EARLY_TRAFFIC_SECRET) == MOVED &&
        open_record(decoder, side, record, length) == MOVED) {
        return MOVED;
    }
    memset(&decoder->out->err, 0, sizeof decoder->out->err);
    return use_secret(decoder, side, handshake_labels[side]) == MOVED
               ? open_record(decoder, side, record, length)
               : FAILED;
}

static enum progress read_record(struct decoder *decoder, enum wire_side side, const uint8_t *data,
                                 const struct wire_record *record)
{
    struct direction *from = &decoder->direction[side];
    size_t length = WIRE_RECORD_HEADER + (size_t)record->length;

    if (record->content_type == WIRE_CHANGE_CIPHER_SPEC) {
        return change_cipher(decoder, side);
    }
    if (from->switches) {
        from->switches = false;
        if (use_secret(decoder, side, application_labels[side]) != MOVED) {
            return FAILED;
        }
    }
    if (from->opener != NULL) {
        return open_record(decoder, side, data, length);
    }
    if (record->content_type == WIRE_APPLICATION_DATA) {
        return open_first_record(decoder, side, data, length);
    }
    return read_content(decoder, side, record->content_type, data + WIRE_RECORD_HEADER,
                        record->length);
}

/* Reads one direction until its end or until it needs what the other one has to say. */
static enum progress advance(struct decoder *decoder, enum wire_side side)
{
    struct direction *from = &decoder->direction[side];
    size_t start = from->offset;
    struct wire_record record;

    while (from->offset < from->length) {
        const uint8_t *data = from->data + from->offset;
        enum progress progress;
        if (wire_record_parse(data, from->length - from->offset, &record) != WIRE_COMPLETE) {
            return fail(decoder, "these bytes are not a whole record");
        }
        progress = read_record(decoder, side, data, &record);
        if (progress == FAILED) {
            return FAILED;
        }
        if (progress == WAITS) {
            break;
        }
        from->offset += WIRE_RECORD_HEADER + (size_t)record.length;
    }
    return from->offset > start ? MOVED : WAITS;
}

int unseal(struct unsealed *out, const struct buffer directions[2],
           const struct crypt_keylog *keylog)
{
    struct decoder decoder = {.out = out, .keylog = keylog};
    enum progress client;
    enum progress server;

    memset(out, 0, sizeof *out);
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        decoder.direction[side].data = directions[side].data;
        decoder.direction[side].length = directions[side].length;
    }
    do {
        client = advance(&decoder, WIRE_CLIENT);
        server = client == FAILED ? FAILED : advance(&decoder, WIRE_SERVER);
    } while (server != FAILED && (client == MOVED || server == MOVED));

    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        struct direction *from = &decoder.direction[side];
        if (server != FAILED && from->offset < from->length) {
            server = fail(&decoder, "a direction waits for the other one for ever");
        }
        crypt_opener_free(from->opener);
        buffer_free(&from->handshake);
    }
    return server == FAILED ? -1 : 0;
}

void unseal_free(struct unsealed *unsealed)
{
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        buffer_wipe_free(&unsealed->application[side]);
        buffer_wipe_free(&unsealed->messages[side]);
    }
}
