/* JA3, JA3S and JA4: wire makes the strings, crypt the hashes. */
#include "facts.h"

/* Hex MD5 of the string; stays empty when the message is malformed. */
static int ja3(const struct wire_tree *hello, char out[33])
{
    struct buffer text = {0};
    uint8_t digest[CRYPT_MD5_SIZE];
    int result = 0;

    if (wire_ja3_of(hello, &text) == 0 && !text.failed) {
        result = crypt_md5(text.data, text.length, digest);
        if (result == 0) {
            text_hex(out, 33, digest, sizeof digest);
        }
    }
    if (text.failed) {
        result = -1;
    }
    buffer_free(&text);
    return result;
}

/* The first twelve digits of the SHA-256 of a list; zeros when it is empty. */
static int short_hash(const struct buffer *text, char out[13])
{
    uint8_t digest[CRYPT_SHA256_SIZE] = {0};

    if (text->length > 0 && crypt_sha256(text->data, text->length, digest) != 0) {
        return -1;
    }
    text_hex(out, 13, digest, 6);
    return 0;
}

static int ja4(struct trace_facts *facts, const struct wire_tree *hello)
{
    struct buffer prefix = {0};
    struct buffer suites = {0};
    struct buffer extensions = {0};
    char second[13];
    char third[13];
    int result = 0;

    if (wire_ja4_of(hello, &prefix, &suites, &extensions) == 0 && !prefix.failed &&
        !suites.failed && !extensions.failed) {
        result = short_hash(&suites, second) == 0 && short_hash(&extensions, third) == 0 ? 0 : -1;
        const char *first = buffer_string(&prefix);
        if (result == 0 && first != NULL) {
            (void)snprintf(facts->ja4, sizeof facts->ja4, "%.10s_%s_%s", first, second,
                           third); /* 36 characters */
        }
    }
    if (prefix.failed || suites.failed || extensions.failed) {
        result = -1;
    }
    buffer_free(&prefix);
    buffer_free(&suites);
    buffer_free(&extensions);
    return result;
}

int fingerprint_client(struct trace_facts *facts, const struct wire_tree *hello)
{
    return ja3(hello, facts->ja3) == 0 ? ja4(facts, hello) : -1;
}

int fingerprint_server(struct trace_facts *facts, const struct wire_tree *hello)
{
    return ja3(hello, facts->ja3s);
}
