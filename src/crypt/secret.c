/*
 * One line of a key log: label, what it belongs to, secret, with one space between them. The label and
 * the client random of draft-ietf-tls-keylogfile, and the older forms that NSS, OpenSSL and Wireshark know.
 */
#include <string.h>

#include "tlstep/crypt.h"

#define ID_MAX     32 /* a client random, a session id */
#define RSA_ID     8
#define MASTER     48
#define ID_GRANULE 8

/*
 * The forms of a line: `name`, a blank, `before_id`, the id in hexadecimal, a blank, `before_secret`, the secret.
 * A TLS 1.3 secret is as long as the suite's hash: 32 bytes of SHA-256, 48 of SHA-384. Up to 64 are taken, so that
 * a suite to come is not called malformed.
 */
static const struct label_row {
    const char *name;
    const char *before_id;
    const char *before_secret;
    size_t shortest_id;
    size_t longest_id;
    size_t shortest;
    size_t longest;
} labels[CRYPT_LABEL_COUNT] = {
    [CRYPT_CLIENT_RANDOM] = {"CLIENT_RANDOM", "", "", 32, 32, MASTER, MASTER},
    [CRYPT_CLIENT_EARLY_TRAFFIC_SECRET] = {"CLIENT_EARLY_TRAFFIC_SECRET", "", "", 32, 32, 32, 64},
    [CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET] = {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "", "", 32, 32,
                                               32, 64},
    [CRYPT_SERVER_HANDSHAKE_TRAFFIC_SECRET] = {"SERVER_HANDSHAKE_TRAFFIC_SECRET", "", "", 32, 32,
                                               32, 64},
    [CRYPT_CLIENT_TRAFFIC_SECRET_0] = {"CLIENT_TRAFFIC_SECRET_0", "", "", 32, 32, 32, 64},
    [CRYPT_SERVER_TRAFFIC_SECRET_0] = {"SERVER_TRAFFIC_SECRET_0", "", "", 32, 32, 32, 64},
    [CRYPT_EARLY_EXPORTER_SECRET] = {"EARLY_EXPORTER_SECRET", "", "", 32, 32, 32, 64},
    [CRYPT_EXPORTER_SECRET] = {"EXPORTER_SECRET", "", "", 32, 32, 32, 64},
    [CRYPT_RSA] = {"RSA", "", "", RSA_ID, RSA_ID, MASTER, MASTER},
    [CRYPT_RSA_SESSION_ID] = {"RSA", "Session-ID:", "Master-Key:", 1, 32, MASTER, MASTER},
    [CRYPT_PMS_CLIENT_RANDOM] = {"PMS_CLIENT_RANDOM", "", "", 32, 32, 1, CRYPT_SECRET_MAX},
};

const char *crypt_label_name(enum crypt_label label)
{
    return (unsigned)label < CRYPT_LABEL_COUNT ? labels[label].name : "UNKNOWN";
}

static bool is_label_character(char character)
{
    return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
           (character >= '0' && character <= '9') || character == '_';
}

/* Length of the word at the start of `text`; 0 when it does not look like a label. */
static size_t label_length(const char *text, size_t length)
{
    size_t count = 0;

    while (count < length && is_label_character(text[count])) {
        count++;
    }
    return count == length || text[count] == ' ' ? count : 0;
}

/* The first row from `from` on that has this name; CRYPT_LABEL_COUNT: none. */
static int find_label(const char *text, size_t length, int from)
{
    while (from < CRYPT_LABEL_COUNT &&
           (strlen(labels[from].name) != length || memcmp(labels[from].name, text, length) != 0)) {
        from++;
    }
    return from;
}

static bool is_blank(char character)
{
    return character == ' ' || character == '\t' || character == '\r';
}

/* Moves past `word` at the start of the text. False when it is another one. */
static bool skip(const char **text, size_t *length, const char *word)
{
    size_t count = strlen(word);

    if (*length < count || memcmp(*text, word, count) != 0) {
        return false;
    }
    *text += count;
    *length -= count;
    return true;
}

/* What follows the label: " <id> <secret>". */
static int parse_values(const char *text, size_t length, struct crypt_secret *secret)
{
    const struct label_row *row = &labels[secret->label];
    const char *space;
    size_t digits;
    long count;

    if (!skip(&text, &length, " ") || !skip(&text, &length, row->before_id)) {
        return -1;
    }
    space = memchr(text, ' ', length);
    if (space == NULL) {
        return -1;
    }
    digits = (size_t)(space - text);
    count = text_unhex(secret->client_random, sizeof secret->client_random, text, digits);
    if (count < (long)row->shortest_id || count > (long)row->longest_id) {
        return -1;
    }
    text += digits;
    length -= digits;
    if (!skip(&text, &length, " ") || !skip(&text, &length, row->before_secret)) {
        return -1;
    }
    count = text_unhex(secret->secret, sizeof secret->secret, text, length);
    if (count < (long)row->shortest || count > (long)row->longest) {
        return -1;
    }
    secret->length = (size_t)count;
    return 0;
}

int crypt_secret_parse(const char *line, size_t length, struct crypt_secret *out)
{
    struct crypt_secret secret = {0};
    int status = 0;
    size_t word;
    int label;

    while (length > 0 && is_blank(line[length - 1])) { /* files from Windows end in CR LF */
        length--;
    }
    if (length == 0 || line[0] == '#') {
        return 0;
    }
    word = label_length(line, length);
    if (word == 0) {
        return -1;
    }
    /* A name may have two forms. */
    for (label = find_label(line, word, 0); label < CRYPT_LABEL_COUNT && status != 1;
         label = find_label(line, word, label + 1)) {
        memset(&secret, 0, sizeof secret);
        secret.label = (enum crypt_label)label;
        status = parse_values(line + word, length - word, &secret) == 0 ? 1 : -1;
    }
    if (status == 1) {
        *out = secret;
    }
    secret_wipe(&secret, sizeof secret);
    return status;
}

/* Bytes of the id to write: a session id's zeros at the end are those that fill it up, by whole granules, since
 * session ids of other lengths than 32, 16 or 8 bytes are not in use. */
static size_t id_length(const struct crypt_secret *secret)
{
    static const uint8_t zeros[ID_GRANULE];
    size_t length = labels[secret->label].longest_id;

    while (length > ID_GRANULE && labels[secret->label].shortest_id < length &&
           memcmp(secret->client_random + length - ID_GRANULE, zeros, ID_GRANULE) == 0) {
        length -= ID_GRANULE;
    }
    return length;
}

char *crypt_secret_line(char *out, size_t size, const struct crypt_secret *secret)
{
    const struct label_row *row = &labels[secret->label];
    char id[2 * ID_MAX + 1];
    char value[2 * CRYPT_SECRET_MAX + 1];

    text_hex(id, sizeof id, secret->client_random, id_length(secret));
    text_hex(value, sizeof value, secret->secret, secret->length);
    const char *const parts[] = {row->name,          " ",  row->before_id, id, " ",
                                 row->before_secret, value};
    size_t used = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && size > 0; i++) {
        size_t length = strnlen(parts[i], size - 1 - used);
        memcpy(out + used, parts[i], length);
        used += length;
        out[used] = '\0';
    }
    secret_wipe(value, sizeof value);
    return out;
}
