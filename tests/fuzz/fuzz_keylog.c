/*
 * Key logs: any bytes, line by line as a file is read. What is accepted must survive being written
 * and read again, and be found in the set.
 */
#include <stdlib.h>
#include <string.h>

#include "tlstep/crypt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_secret(struct crypt_keylog *keylog, const struct crypt_secret *secret)
{
    const struct crypt_secret *found;
    struct crypt_secret again;
    char line[256];

    crypt_secret_line(line, sizeof line, secret);
    expect(crypt_secret_parse(line, strlen(line), &again) == 1);
    expect(again.label == secret->label && again.length == secret->length);
    expect(memcmp(again.client_random, secret->client_random, 32) == 0);
    expect(memcmp(again.secret, secret->secret, secret->length) == 0);

    expect(crypt_keylog_add(keylog, secret) == 0);
    found = crypt_keylog_find(keylog, secret->label, secret->client_random);
    expect(found != NULL && found->length == secret->length);
    expect(memcmp(found->secret, secret->secret, secret->length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct crypt_keylog *keylog = crypt_keylog_new();
    const char *text = (const char *)data;
    size_t accepted = 0;

    expect(keylog != NULL);
    while (size > 0) {
        const char *end = memchr(text, '\n', size);
        size_t length = end != NULL ? (size_t)(end - text) : size;
        struct crypt_secret secret;
        if (crypt_secret_parse(text, length, &secret) == 1) {
            check_secret(keylog, &secret);
            accepted++;
        }
        text += length;
        size -= length;
        if (size > 0) { /* the line feed */
            text++;
            size--;
        }
    }
    expect(crypt_keylog_count(keylog) <= accepted);
    crypt_keylog_free(keylog);
    return 0;
}
