/* OpenSSL's own test certificates. */
#include "openssl_suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/pki/der.h"
#include "../../src/pki/files/pem.h"

enum { COLUMNS_MAX = 16, PATH_SIZE = 300 };

void suite_each_row(const char *table, void (*look)(void *context, char **columns), void *context)
{
    struct buffer text = {0};
    char path[PATH_SIZE], *line, *rest;

    (void)snprintf(path, sizeof path, SUITE_DATA "/%s", table);
    if (access(path, R_OK) != 0) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    assert_int_equal(file_read(path, "table", 1 << 24, &text, NULL), 0);
    rest = (char *)(uintptr_t)buffer_string(&text);
    (void)strsep(&rest, "\n");
    while ((line = strsep(&rest, "\n")) != NULL && line[0] != '\0') {
        char *columns[COLUMNS_MAX] = {0};
        for (size_t i = 0; i < COLUMNS_MAX && line != NULL; i++) {
            columns[i] = strsep(&line, "\t");
        }
        look(context, columns);
    }
    buffer_free(&text);
}

struct pki_slice suite_certificate(const char *file)
{
    struct buffer text = {0};
    struct pem_block block;
    struct reader reader;
    uint8_t *der;
    size_t at = 0;
    char path[PATH_SIZE];
    long length;

    (void)snprintf(path, sizeof path, SUITE_DATA "/%s", file);
    assert_int_equal(file_read(path, "certificate", 1 << 20, &text, NULL), 0);
    assert_true(pem_next((struct pki_slice){text.data, text.length}, &at, &block));
    der = malloc(BASE64_BYTES_MAX(block.body.length));
    assert_non_null(der);
    length = base64_decode(der, block.body);
    assert_true(length > 0);
    buffer_free(&text);
    reader = reader_new(der, (size_t)length);
    return (struct pki_slice){der, der_value(&reader, DER_SEQUENCE).whole.length};
}

size_t suite_certificates(struct pki_slice out[SUITE_FILES_MAX], char *files)
{
    size_t count = 0;

    while (files != NULL && files[0] != '-') {
        char name[PATH_SIZE];
        (void)snprintf(name, sizeof name, "openssl/%s", strsep(&files, ","));
        assert_true(count < SUITE_FILES_MAX);
        out[count++] = suite_certificate(name);
    }
    return count;
}

void suite_certificates_free(struct pki_slice *certificates, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free((void *)(uintptr_t)certificates[i].data);
    }
}

struct pki_trust *suite_trust(char *files)
{
    struct pki_trust *trust = pki_trust_none(NULL);

    assert_non_null(trust);
    while (files != NULL && files[0] != '-') {
        char path[PATH_SIZE];
        struct err err = {0};
        (void)snprintf(path, sizeof path, SUITE_DATA "/openssl/%s", strsep(&files, ","));
        if (pki_trust_add_file(trust, path, &err) != 0) {
            fail_msg("%s", err.text);
        }
    }
    return trust;
}
