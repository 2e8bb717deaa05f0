/*
 * One line of a key log (draft-ietf-tls-keylogfile): label, client random, secret, with one
 * space between them.
 */
#include <string.h>

#include "tlstep/crypt.h"

#define RANDOM_DIGITS 64

/* A TLS 1.3 secret is as long as the suite's hash: 32 bytes of SHA-256, 48 of SHA-384. Up to 64
 * are taken, so that a suite to come is not called malformed. */
static const struct label_row {
    const char *name;
    size_t shortest;
    size_t longest;
} labels[CRYPT_LABEL_COUNT] = {
    [CRYPT_CLIENT_RANDOM] = {"CLIENT_RANDOM", 48, 48},
    [CRYPT_CLIENT_EARLY_TRAFFIC_SECRET] = {"CLIENT_EARLY_TRAFFIC_SECRET", 32, 64},
    [CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET] = {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", 32, 64},
    [CRYPT_SERVER_HANDSHAKE_TRAFFIC_SECRET] = {"SERVER_HANDSHAKE_TRAFFIC_SECRET", 32, 64},
    [CRYPT_CLIENT_TRAFFIC_SECRET_0] = {"CLIENT_TRAFFIC_SECRET_0", 32, 64},
    [CRYPT_SERVER_TRAFFIC_SECRET_0] = {"SERVER_TRAFFIC_SECRET_0", 32, 64},
    [CRYPT_EARLY_EXPORTER_SECRET] = {"EARLY_EXPORTER_SECRET", 32, 64},
    [CRYPT_EXPORTER_SECRET] = {"EXPORTER_SECRET", 32, 64},
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

static bool find_label(const char *text, size_t length, enum crypt_label *label)
{
    for (size_t i = 0; i < CRYPT_LABEL_COUNT; i++) {
        if (strlen(labels[i].name) == length && memcmp(labels[i].name, text, length) == 0) {
            *label = (enum crypt_label)i;
            return true;
        }
    }
    return false;
}

static bool is_blank(char character)
{
    return character == ' ' || character == '\t' || character == '\r';
}

/* What follows the label: " <64 digits> <secret>". */
static int parse_values(const char *text, size_t length, struct crypt_secret *secret)
{
    const struct label_row *row = &labels[secret->label];
    long count;

    if (length < 1 + RANDOM_DIGITS + 1 || text[0] != ' ' || text[1 + RANDOM_DIGITS] != ' ') {
        return -1;
    }
    count =
        text_unhex(secret->client_random, sizeof secret->client_random, text + 1, RANDOM_DIGITS);
    if (count != (long)sizeof secret->client_random) {
        return -1;
    }
    text += 1 + RANDOM_DIGITS + 1;
    length -= 1 + RANDOM_DIGITS + 1;
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
    size_t word;
    int status;

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
    if (!find_label(line, word, &secret.label)) {
        return 0;
    }
    status = parse_values(line + word, length - word, &secret);
    if (status == 0) {
        *out = secret;
    }
    secret_wipe(&secret, sizeof secret);
    return status == 0 ? 1 : -1;
}

char *crypt_secret_line(char *out, size_t size, const struct crypt_secret *secret)
{
    char random[2 * sizeof secret->client_random + 1];
    char value[2 * CRYPT_SECRET_MAX + 1];

    text_hex(random, sizeof random, secret->client_random, sizeof secret->client_random);
    text_hex(value, sizeof value, secret->secret, secret->length);
    (void)snprintf(out, size, "%s %s %s", crypt_label_name(secret->label), random, value);
    secret_wipe(value, sizeof value);
    return out;
}
