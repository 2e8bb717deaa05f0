/* Bundles of certificates in tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bundles.h"
#include "command.h"
#include "scarcity.h"
#include "scratch.h"

void bundle_make_files(struct cert **root, struct cert **inter, struct cert **leaf)
{
    char path[SCRATCH_PATH_MAX];

    *root = cert_must((struct cert_options){.common_name = "Root", .ca = true});
    *inter = cert_must((struct cert_options){.common_name = "Inter", .ca = true, .issuer = *root});
    *leaf = cert_must((struct cert_options){
        .common_name = "leaf", .names = NAMES("DNS:example.org"), .issuer = *inter});
    cert_write_scratch(path, "leaf.pem", CHAIN(*leaf));
    cert_write_scratch(path, "rest.pem", CHAIN(*root, *inter));
    cert_write_scratch(path, "all.pem", CHAIN(*leaf, *root, *inter));
    assert_int_equal(cert_write_key(scratch_path(path, "leaf.key"), *leaf), 0);
}

struct pki_bundle *bundle_of_bytes(const void *data, size_t length)
{
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};

    assert_non_null(bundle);
    if (pki_bundle_add_bytes(bundle, data, length, "test", NULL, &err) != 0) {
        fail_msg("%s", err.text);
    }
    return bundle;
}

struct pki_bundle *bundle_of_buffer(struct buffer *buffer)
{
    struct pki_bundle *bundle = bundle_of_bytes(buffer->data, buffer->length);

    buffer_free(buffer);
    return bundle;
}

void bundle_expect_der(struct pki_slice found, const struct cert *cert)
{
    assert_int_equal(found.length, cert->length);
    assert_memory_equal(found.data, cert->der, cert->length);
}

void bundle_expect_certs(struct pki_bundle *bundle, const struct cert *const *certs)
{
    size_t count = 0;

    while (certs[count] != NULL) {
        assert_true(count < pki_bundle_count(bundle));
        bundle_expect_der(pki_bundle_der(bundle, count), certs[count]);
        count++;
    }
    assert_int_equal(pki_bundle_count(bundle), count);
    pki_bundle_free(bundle);
}

/* True when an allocation was refused, which is the one after `left` others. */
static bool add_starving(const char *path, unsigned long left)
{
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};
    bool refused;
    int result;

    scarcity_begin(left);
    result = pki_bundle_add(bundle, path, NULL, &err);
    refused = scarcity_end();
    if (result != 0 && (!refused || err.class != ERR_MEMORY)) {
        fail_msg("%lu: %s", left, err.text);
    }
    assert_true(result == 0 || pki_bundle_count(bundle) == 0);
    pki_bundle_free(bundle);
    return refused;
}

void bundle_starve(const char *name)
{
    char path[SCRATCH_PATH_MAX];
    unsigned long left = 0;

    if (!scarcity_works()) {
        print_message("skipped: a sanitizer owns the allocator\n");
        skip();
    }
    (void)scratch_path(path, name);
    while (add_starving(path, left)) {
        left++;
    }
    assert_true(left > 5);
}

void bundle_run(const char *format, ...)
{
    char folder[SCRATCH_PATH_MAX], command[1500];
    struct buffer output = {0};
    va_list arguments;

    va_start(arguments, format);
    assert_true(vsnprintf(command, sizeof command, format, arguments) < (int)sizeof command);
    va_end(arguments);
    if (command_run(&output, "cd '%s' && timeout 20 %s", scratch_path(folder, "."), command) != 0) {
        fail_msg("%s: %s", command, buffer_string(&output));
    }
    buffer_free(&output);
}

struct buffer bundle_file(const char *name)
{
    char path[SCRATCH_PATH_MAX];
    struct buffer content = {0};
    struct err err = {0};

    if (file_read(scratch_path(path, name), "file", 1000000, &content, &err) != 0) {
        fail_msg("%s", err.text);
    }
    return content;
}
