/* Every byte of a structure in DER is in exactly one field, what is wrong is said where it stands, and no
 * input takes more time or memory than its size explains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "partition.h"
#include "scarcity.h"
#include "tlstep/wire.h"

/* ---- samples: the seeds of the fuzz target ------------------------------------------------------ */

#define SEEDS "tests/fuzz/corpus/fuzz_der"

struct sample {
    char name[256];
    enum wire_der_kind kind;
    struct buffer file; /* one byte for the kind, then the structure */
    const uint8_t *data;
    size_t length;
    bool bad; /* made wrong on purpose */
};

static struct sample samples[60];
static size_t sample_count;

static int load(void **state)
{
    DIR *folder = opendir(SEEDS);
    struct dirent *entry;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        struct sample *sample = &samples[sample_count];
        char path[sizeof SEEDS + 300];
        if (entry->d_name[0] == '.') {
            continue;
        }
        assert_true(sample_count < sizeof samples / sizeof samples[0]);
        (void)snprintf(sample->name, sizeof sample->name, "%s", entry->d_name);
        (void)snprintf(path, sizeof path, SEEDS "/%s", entry->d_name);
        assert_int_equal(file_read(path, "seed", 1 << 20, &sample->file, NULL), 0);
        sample->kind = (enum wire_der_kind)sample->file.data[0];
        sample->data = sample->file.data + 1;
        sample->length = sample->file.length - 1;
        sample->bad = strncmp(sample->name, "bad-", 4) == 0;
        sample_count++;
    }
    (void)closedir(folder);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    for (size_t i = 0; i < sample_count; i++) {
        buffer_free(&samples[i].file);
    }
    return 0;
}

static const struct sample *sample_named(const char *name)
{
    for (size_t i = 0; i < sample_count; i++) {
        if (strcmp(samples[i].name, name) == 0) {
            return &samples[i];
        }
    }
    fail_msg("no seed %s", name);
    return NULL;
}

static size_t errors(const struct wire_tree *tree)
{
    size_t count = 0;

    for (size_t i = 0; i < tree->count; i++) {
        count += tree->fields[i].type->kind == WIRE_FIELD_ERROR;
    }
    return count;
}

/* Dissects a copy of exactly its length, so that the address sanitizer sees a read beyond it, and looks at
 * every `step`th value. Returns the number of errors. */
static size_t check(const char *name, enum wire_der_kind kind, const uint8_t *data, size_t length,
                    size_t step)
{
    static size_t turn; /* so that in the end each field has had its turn */
    uint8_t *copy = malloc(length + (length == 0));
    struct wire_tree tree = {0};
    char value[90];
    size_t count;

    assert_non_null(copy);
    memcpy(copy, data, length);
    assert_int_equal(wire_der_dissect(&tree, kind, copy, length), 0);
    if (!partition_holds(&tree)) {
        fail_msg("%s, %zu bytes: fields do not cover every byte once", name, length);
    }
    for (size_t i = turn++ % step; i < tree.count; i += step) {
        wire_field_value(value, sizeof value, &tree, i);
        assert_true(text_is_utf8(value, strlen(value)));
        assert_null(strpbrk(value, "\x1b\n\r\t\x07"));
    }
    count = errors(&tree);
    wire_tree_free(&tree);
    free(copy);
    return count;
}

/* ---- the property ------------------------------------------------------------------------------- */

static void good_structures_have_no_error(void **state)
{
    (void)state;
    assert_true(sample_count >= 18);
    for (size_t i = 0; i < sample_count; i++) {
        size_t count =
            check(samples[i].name, samples[i].kind, samples[i].data, samples[i].length, 1);
        if ((count > 0) != samples[i].bad) {
            fail_msg("%s has %zu errors", samples[i].name, count);
        }
    }
}

static void every_truncation_is_covered_and_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sample_count; i++) {
        for (size_t length = 0; length < samples[i].length; length++) {
            if (check(samples[i].name, samples[i].kind, samples[i].data, length, 17) == 0 &&
                !samples[i].bad) {
                fail_msg("%s cut to %zu bytes shows no error", samples[i].name, length);
            }
        }
    }
}

static void every_bit_flip_is_covered(void **state)
{
    (void)state;
    for (size_t i = 0; i < sample_count; i++) {
        uint8_t *copy = malloc(samples[i].length);
        assert_non_null(copy);
        memcpy(copy, samples[i].data, samples[i].length);
        for (size_t at = 0; at < samples[i].length; at++) {
            unsigned step = samples[i].length > 300 ? 5 : 1; /* of the large ones a few bits */
            for (unsigned bit = (unsigned)at % step; bit < 8; bit += step) {
                copy[at] ^= (uint8_t)(1u << bit);
                check(samples[i].name, samples[i].kind, copy, samples[i].length, 41);
                copy[at] ^= (uint8_t)(1u << bit);
            }
        }
        free(copy);
    }
}

static void every_structure_is_covered_as_any_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < sample_count; i++) {
        for (int kind = 0; kind <= WIRE_DER_ANY; kind++) {
            check(samples[i].name, (enum wire_der_kind)kind, samples[i].data, samples[i].length, 1);
        }
    }
}

/* ---- what is wrong is said, and what comes after it is read --------------------------------------- */

static size_t unhex(uint8_t *out, size_t size, const char *hex)
{
    size_t length = 0;
    for (; *hex != '\0'; hex += *hex == ' ' ? 1 : 2) {
        if (*hex != ' ') {
            assert_true(length < size && text_unhex(out + length, 1, hex, 2) == 1);
            length++;
        }
    }
    return length;
}

/* Two values in a SEQUENCE: the first is wrong, the second, 42, is found all the same. */
static void each_fault_has_its_name_and_ends_there(void **state)
{
    static const struct {
        const char *hex;
        const char *error;
    } cases[] = {
        {"30 06 0101 01 0201 2a", "error.der.boolean"},
        {"30 07 0102 ffff 0201 2a", "error.der.boolean"},
        {"30 05 0200 0201 2a", "error.der.integer"},
        {"30 07 0202 0001 0201 2a", "error.der.integer"},
        {"30 07 0202 ffff 0201 2a", "error.der.integer"},
        {"30 05 0300 0201 2a", "error.der.bit_string"},
        {"30 07 0302 0880 0201 2a", "error.der.bit_string"},
        {"30 07 0302 0181 0201 2a", "error.der.bit_string"},
        {"30 06 0301 01 0201 2a", "error.der.bit_string"},
        {"30 06 0501 00 0201 2a", "error.der.null"},
        {"30 05 0600 0201 2a", "error.der.oid"},
        {"30 06 0601 81 0201 2a", "error.der.oid"},
        {"30 08 0603 2a8001 0201 2a", "error.der.oid"},
        {"30 06 0c01 ff 0201 2a", "error.der.string"},
        {"30 06 1301 5f 0201 2a", "error.der.string"},
        {"30 06 1201 61 0201 2a", "error.der.string"},
        {"30 06 1601 80 0201 2a", "error.der.string"},
        {"30 06 1a01 07 0201 2a", "error.der.string"},
        {"30 06 1e01 61 0201 2a", "error.der.string"},
        {"30 07 1c02 0061 0201 2a", "error.der.string"},
        {"30 12 170d 3236303233303030303030305a 0201 2a", "error.der.time"}, /* February 30 */
        {"30 10 170b 323630323230303030305a 0201 2a", "error.der.time"},     /* no seconds */
        {"30 12 170d 32363131323430303030303078 0201 2a", "error.der.time"}, /* no Z */
        {"30 08 028102 0101 0201 2a", "error.der.length_form"},
        {"30 08 02820001 2a 0201 2a", "error.der.length_form"},
        {"30 81 05 0500 0201 2a", "error.der.length_form"},
        {"30 80 0500 0201 2a", "error.der.indefinite"},
        {"30 08 3003 0500 02 0201 2a", "error.truncated"},
        {"30 09 3104 04050000 0201 2a", "error.der.length"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t data[60];
        size_t length = unhex(data, sizeof data, cases[i].hex);
        struct wire_tree tree = {0};
        char value[40] = "";
        long last = -1;
        assert_int_equal(wire_der_dissect(&tree, WIRE_DER_ANY, data, length), 0);
        assert_true(partition_holds(&tree));
        for (long at = wire_tree_find(&tree, "der.integer", 0); at >= 0;
             at = wire_tree_find(&tree, "der.integer", (size_t)at + 1)) {
            last = at;
        }
        if (wire_tree_find(&tree, cases[i].error, 0) < 0 || errors(&tree) != 1 || last < 0 ||
            strcmp(wire_field_value(value, sizeof value, &tree, (size_t)last), "42") != 0) {
            fail_msg("%s: %zu errors, the last number is \"%s\"", cases[i].hex, errors(&tree),
                     value);
        }
        wire_tree_free(&tree);
    }
}

/* The sample with one of its parts exchanged; the path of what comes after it must be found. */
static void expect_after(const char *sample, const char *from, const char *to, const char *error,
                         const char *path)
{
    const struct sample *good = sample_named(sample);
    uint8_t old[60], new[60];
    size_t old_length = unhex(old, sizeof old, from);
    uint8_t *copy = malloc(good->length);
    struct wire_tree tree = {0};
    uint8_t *place;
    long wrong, after;

    assert_non_null(copy);
    memcpy(copy, good->data, good->length);
    place = memmem(copy, good->length, old, old_length);
    assert_non_null(place);
    assert_int_equal(unhex(new, sizeof new, to), old_length);
    memcpy(place, new, old_length);
    assert_int_equal(wire_der_dissect(&tree, good->kind, copy, good->length), 0);
    assert_true(partition_holds(&tree));
    wrong = wire_tree_find(&tree, error, 0);
    after = wrong < 0 ? -1 : wire_tree_find(&tree, path, (size_t)wrong);
    if (wrong < 0 || after < 0) {
        fail_msg("%s with %s: %s", sample, to, wrong < 0 ? "no error" : "nothing after it");
    }
    wire_tree_free(&tree);
    free(copy);
}

static void a_certificate_is_read_on_after_a_fault(void **state)
{
    (void)state;
    /* version 3 becomes the default, which is left out, then another type */
    expect_after("certificate-ed25519", "a003020102", "a003020100", "error.der.default",
                 "certificate.signature_value");
    expect_after("certificate-ed25519", "a003020102", "a003010102", "error.der.tag",
                 "certificate.serial_number");
    /* basicConstraints: its OCTET STRING, and a CA that is 01 */
    expect_after("certificate-ed25519", "0603551d13 0402", "0603551d13 0302", "error.der.tag",
                 "certificate.signature_value");
    expect_after("certificate-all", "30060101ff020103", "3006010101020103", "error.der.boolean",
                 "certificate.extension.basic_constraints.path_length");
    /* keyUsage with zero bits at its end (X.690 11.2.2), an address of five bytes */
    expect_after("certificate-all", "03030786", "03030686", "error.der.bit_string",
                 "certificate.extension.extended_key_usage");
    expect_after("certificate-all", "8704c0000201", "8703c0000201", "error.der.address",
                 "certificate.extension.issuer_alt_name");
}

static void nothing_at_all_is_said_to_be_missing(void **state)
{
    struct wire_tree tree = {0};
    struct reader reader = reader_new(NULL, 0);
    struct wire_der value;

    (void)state;
    for (int kind = 0; kind <= WIRE_DER_ANY; kind++) {
        assert_int_equal(wire_der_dissect(&tree, (enum wire_der_kind)kind, NULL, 0), 0);
        assert_true(partition_holds(&tree));
        assert_int_equal(errors(&tree), 1);
    }
    wire_tree_free(&tree);
    assert_false(wire_der_next(&reader, &value));
    assert_true(reader.failed);
}

static void a_missing_part_is_said_and_the_next_one_found(void **state)
{
    /* AlgorithmIdentifier without algorithm, then a key: public_key.subject_public_key is still found. */
    static const uint8_t key[] = {0x30, 0x08, 0x30, 0x02, 0x05, 0x00, 0x03, 0x02, 0x00, 0x11};
    struct wire_tree tree = {0};

    (void)state;
    assert_int_equal(wire_der_dissect(&tree, WIRE_DER_PUBLIC_KEY, key, sizeof key), 0);
    assert_true(partition_holds(&tree));
    assert_true(wire_tree_find(&tree, "error.der.missing", 0) > 0);
    assert_true(wire_tree_find(&tree, "public_key.subject_public_key", 0) > 0);
    wire_tree_free(&tree);
}

/* ---- values ------------------------------------------------------------------------------------- */

static void check_value(const char *sample, const char *path, size_t nth, const char *expected)
{
    const struct sample *good = sample_named(sample);
    struct wire_tree tree = {0};
    char value[300] = "(none)";
    long at = -1;

    assert_int_equal(wire_der_dissect(&tree, good->kind, good->data, good->length), 0);
    do {
        at = wire_tree_find(&tree, path, (size_t)(at + 1));
    } while (at >= 0 && nth-- > 0);
    if (at >= 0) {
        wire_field_value(value, sizeof value, &tree, (size_t)at);
    }
    if (strcmp(value, expected) != 0) {
        fail_msg("%s, %s is \"%s\", not \"%s\"", sample, path, value, expected);
    }
    wire_tree_free(&tree);
}

static void values_are_what_the_bytes_mean(void **state)
{
    (void)state;
    check_value("any", "der.boolean", 0, "TRUE");
    check_value("any", "der.integer", 0, "128");
    check_value("any", "der.integer", 1, "-128");
    check_value("any", "der.bit_string", 0, "a0");
    check_value("any", "der.octet_string", 0, "616263");
    check_value("any", "der.object_identifier", 0,
                "2.999.1.340282366920938463463374607431768211455");
    check_value("any", "der.time", 0, "2049-12-31T23:59:59Z (491231235959Z)");
    check_value("any", "der.time", 1, "2050-01-01T00:00:00Z (20500101000000Z)");
    check_value("any", "der.string", 0, "ü");
    check_value("any", "der.header", 0, "SEQUENCE, 107 bytes; BOOLEAN, 1 byte");
    check_value("sct", "sct.timestamp", 0, "2023-11-14T22:13:20.123Z");
    check_value("sct", "sct.algorithm", 1, "ecdsa_secp256r1_sha256 (0x0403)");
    check_value("certificate-ed25519", "certificate.version", 0, "v3 (2)");
    check_value("certificate-v1", "certificate.version", 0, "(none)");
    check_value("certificate-pss", "algorithm.pss.salt_length", 0, "32");
    check_value("ocsp-unauthorized", "ocsp.response_status", 0, "unauthorized (6)");
}

static void numbers_are_those_that_fit(void **state)
{
    static const uint8_t data[] = {
        0x30, 0x29, 0x01, 0x01, 0xff, 0x01, 0x01, 0x00, 0x02, 0x01, 0x7f, 0x02, 0x02, 0x00, 0x80,
        0x02, 0x01, 0x80, 0x02, 0x09, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02,
        0x09, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x01, 0x05,
    };
    static const struct {
        const char *path;
        bool has;
        uint64_t number;
    } cases[] = {
        {"der.boolean", true, 1},   {"der.boolean", true, 0},
        {"der.integer", true, 127}, {"der.integer", true, 128},
        {"der.integer", false, 0},  {"der.integer", true, UINT64_MAX},
        {"der.integer", false, 0},  {"der.octet_string", false, 0},
    };
    struct wire_tree tree = {0};
    size_t at = 0;

    (void)state;
    assert_int_equal(wire_der_dissect(&tree, WIRE_DER_ANY, data, sizeof data), 0);
    assert_int_equal(errors(&tree), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        long index = wire_tree_find(&tree, cases[i].path, at);
        uint64_t number = 0;
        assert_true(index >= 0);
        at = (size_t)index + 1;
        assert_int_equal(wire_field_number(&tree, (size_t)index, &number), cases[i].has);
        assert_true(!cases[i].has || number == cases[i].number);
    }
    wire_tree_free(&tree);
}

static void strings_are_read_in_their_encodings(void **state)
{
    (void)state;
    check_value("name-strings", "name.value", 0, "AT");
    check_value("name-strings", "name.value", 1, "Größe €");
    check_value("name-strings", "name.value", 2, "Größe");
    check_value("name-strings", "name.value", 3, "Wien 𝄞");
}

static void groups_say_in_a_line_what_is_in_them(void **state)
{
    (void)state;
    check_value("name-strings", "name", 0,
                "C=AT, O=Größe €, OU=Größe, L=Wien 𝄞, CN=multi, serialNumber=123 4, DC=example, "
                "1.2.3.4, 0102, 1.2.3.5, 1");
    check_value("certificate-ed25519", "certificate", 0, "CN=seed");
    check_value("certificate-ed25519", "certificate.subject_public_key_info", 0, "ED25519");
    check_value("certificate-all", "certificate.subject_public_key_info", 0,
                "id-ecPublicKey, prime256v1");
    check_value("certificate-all", "certificate.extension.basic_constraints", 0,
                "critical, CA, path length 3");
    check_value("certificate-all", "certificate.extension.name_constraints", 0,
                "critical, permitted DNS:.example.org, IP:192.168.0.0/255.255.0.0, "
                "IP:2001:db8::/ffff:ffff::, excluded email:bad.example");
    check_value("certificate-all", "certificate.extension.authority_information_access", 0,
                "OCSP, URI:http://ocsp.example/, caIssuers, URI:http://ca.example/ca.crt");
    check_value("certificate-all", "certificate.extension.ct_poison", 0, "critical");
    check_value("certificate-all", "certificate.extension.qc_statements.statement", 1,
                "qcs-QcLimitValue, EUR, 1000, times 10 to the power of 3");
    check_value("certificate-all", "certificate.extension.unknown", 0, "1.2.3.4.5, hello");
    check_value("certificate-sct", "certificate.extension.sct_list", 0,
                "2023-11-14T22:13:20.123Z, 2023-11-14T22:13:21.456Z");
    check_value("crl", "crl.extension.issuing_distribution_point", 0,
                "critical, URI:http://crl.example/x.crl, reasons keyCompromise, cACompromise, "
                "indirect");
    check_value("key-pss", "public_key", 0, "rsassaPss, sha256, mgf1, sha256, 1024 bits");
    check_value("key-dsa", "public_key", 0, "dsaEncryption, 1024 bits");
    check_value("bad-trailing", "certificate", 0, "malformed: bytes left over; CN=seed");
}

static void values_are_cut_to_any_room(void **state)
{
    const struct sample *sample = sample_named("certificate-all");
    struct wire_tree tree = {0};
    char value[100];

    (void)state;
    assert_int_equal(wire_der_dissect(&tree, sample->kind, sample->data, sample->length), 0);
    for (size_t i = 0; i < tree.count; i++) {
        for (size_t room = 1; room <= 24; room++) {
            memset(value, 'x', sizeof value);
            wire_field_value(value, room, &tree, i);
            assert_true(strnlen(value, room) < room);
            assert_true(text_is_utf8(value, strlen(value)));
            assert_int_equal(value[room], 'x');
        }
    }
    wire_tree_free(&tree);
}

/* ---- resources ---------------------------------------------------------------------------------- */

static void a_flood_of_values_does_not_flood_memory(void **state)
{
    const size_t length = 16 << 20;
    uint8_t *data = malloc(length);
    struct wire_tree tree = {0};

    (void)state;
    assert_non_null(data);
    for (size_t i = 0; i < length; i += 2) {
        data[i] = 0x05;
        data[i + 1] = 0x00;
    }
    data[0] = 0x30; /* SEQUENCE OF NULL */
    data[1] = 0x84;
    data[2] = (uint8_t)((length - 6) >> 24);
    data[3] = (uint8_t)((length - 6) >> 16);
    data[4] = (uint8_t)((length - 6) >> 8);
    data[5] = (uint8_t)(length - 6);
    for (int kind = 0; kind <= WIRE_DER_ANY; kind++) {
        assert_int_equal(wire_der_dissect(&tree, (enum wire_der_kind)kind, data, length), 0);
        assert_true(tree.count < 300000);
        assert_true(partition_holds(&tree));
    }
    assert_true(wire_tree_find(&tree, "error.too_many", 0) > 0);
    wire_tree_free(&tree);
    free(data);
}

static void nesting_has_an_end(void **state)
{
    const size_t levels = 200000;
    const size_t length = levels * 6;
    uint8_t *data = malloc(length);
    struct wire_tree tree = {0};

    (void)state;
    assert_non_null(data);
    for (size_t i = 0; i < levels; i++) {
        size_t rest = length - 6 * (i + 1);
        data[6 * i] = 0x30;
        data[6 * i + 1] = 0x84;
        data[6 * i + 2] = (uint8_t)(rest >> 24);
        data[6 * i + 3] = (uint8_t)(rest >> 16);
        data[6 * i + 4] = (uint8_t)(rest >> 8);
        data[6 * i + 5] = (uint8_t)rest;
    }
    for (int kind = 0; kind <= WIRE_DER_ANY; kind++) {
        assert_int_equal(wire_der_dissect(&tree, (enum wire_der_kind)kind, data, length), 0);
        assert_true(partition_holds(&tree));
        assert_true(tree.count < 1000);
    }
    assert_true(wire_tree_find(&tree, "error.der.depth", 0) > 0);
    wire_tree_free(&tree);
    free(data);
}

/* Wraps what is in `out` in a tag and a length of four bytes. */
static void wrap(struct buffer *out, uint8_t tag)
{
    struct buffer whole = {0};

    buffer_u8(&whole, tag);
    buffer_u8(&whole, 0x83);
    buffer_u24(&whole, (uint32_t)out->length);
    buffer_append(&whole, out->data, out->length);
    assert_false(whole.failed);
    buffer_free(out);
    *out = whole;
}

/* A certificate with so many names of about a hundred bytes. */
static struct buffer certificate_with_names(size_t names)
{
    static const uint8_t before[] = {
        0xa0, 3,    2,    1,   2,    2,   1,    1, /* version, serial number */
        0x30, 5,    6,    3,   0x2b, 101, 112,     /* signature: Ed25519 */
        0x30, 0,                                   /* issuer */
        0x30, 0x1e, 0x17, 13,  '2',  '6', '0',  '1', '0', '1', '0', '0', '0',
        '0',  '0',  '0',  'Z', 0x17, 13,  '2',  '7', '0', '1', '0', '1', '0',
        '0',  '0',  '0',  '0', '0',  'Z', 0x30, 0,                          /* subject */
        0x30, 0x0b, 0x30, 5,   6,    3,   0x2b, 101, 112, 3,   2,   0,   1, /* key */
    };
    static const uint8_t id[] = {6, 3, 0x55, 0x1d, 0x11};
    static const uint8_t after[] = {0x30, 5, 6, 3, 0x2b, 101, 112, 3, 2, 0, 1};
    struct buffer list = {0}, extension = {0}, tbs = {0};

    for (size_t i = 0; i < names; i++) {
        char name[120];
        int length = snprintf(name, sizeof name, "%090zu.example.org", i);
        buffer_u8(&list, 0x82);
        buffer_u8(&list, (uint8_t)length);
        buffer_append(&list, name, (size_t)length);
    }
    wrap(&list, 0x30);
    wrap(&list, 0x04);
    buffer_append(&extension, id, sizeof id);
    buffer_append(&extension, list.data, list.length);
    wrap(&extension, 0x30);
    wrap(&extension, 0x30);
    wrap(&extension, 0xa3);
    buffer_append(&tbs, before, sizeof before);
    buffer_append(&tbs, extension.data, extension.length);
    wrap(&tbs, 0x30);
    buffer_append(&tbs, after, sizeof after);
    wrap(&tbs, 0x30);
    buffer_free(&list);
    buffer_free(&extension);
    return tbs;
}

/* Dissection and the values of all groups, which is what a screen asks for. */
static int64_t time_of(size_t names, size_t *found)
{
    struct buffer certificate = certificate_with_names(names);
    struct wire_tree tree = {0};
    char value[100];
    int64_t best = INT64_MAX;

    for (int round = 0; round < 3; round++) {
        int64_t start = clock_monotonic_ns();
        int64_t took;
        assert_int_equal(
            wire_der_dissect(&tree, WIRE_DER_CERTIFICATE, certificate.data, certificate.length), 0);
        for (size_t i = 0; i < tree.count; i++) {
            wire_field_value(value, sizeof value, &tree, i);
        }
        took = clock_monotonic_ns() - start;
        best = took < best ? took : best;
    }
    assert_true(partition_holds(&tree));
    *found = 0;
    for (size_t i = 0; i < tree.count; i++) {
        *found += strcmp(tree.fields[i].type->path, "general_name.dns_name") == 0;
    }
    wire_tree_free(&tree);
    buffer_free(&certificate);
    return best;
}

static void a_hundred_thousand_names_take_linear_time(void **state)
{
    size_t found[2];
    int64_t quarter = time_of(25000, &found[0]);
    int64_t whole = time_of(100000, &found[1]);

    (void)state;
    assert_int_equal(found[0], 25000);
    assert_int_equal(found[1], 100000);
    if (whole > quarter * 12) { /* quadratic would be 16, linear is 4 */
        fail_msg("25 000 names %lld us, 100 000 names %lld us", (long long)quarter / 1000,
                 (long long)whole / 1000);
    }
}

static void memory_that_runs_out_is_said(void **state)
{
    const struct sample *sample = sample_named("certificate-all");
    bool refused = true;

    (void)state;
    if (!scarcity_works()) {
        print_message("skipped: a sanitizer owns the allocator\n");
        skip();
    }
    for (unsigned long count = 0; refused; count++) {
        struct wire_tree tree = {0};
        char value[40];
        int result;
        scarcity_begin(count);
        result = wire_der_dissect(&tree, sample->kind, sample->data, sample->length);
        for (size_t i = 0; i < tree.count; i++) {
            wire_field_value(value, sizeof value, &tree, i);
        }
        refused = scarcity_end();
        assert_true(result == 0 || (refused && tree.failed));
        wire_tree_free(&tree);
        count += count / 8;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_structures_have_no_error),
        cmocka_unit_test(every_truncation_is_covered_and_said),
        cmocka_unit_test(every_bit_flip_is_covered),
        cmocka_unit_test(every_structure_is_covered_as_any_other),
        cmocka_unit_test(each_fault_has_its_name_and_ends_there),
        cmocka_unit_test(a_certificate_is_read_on_after_a_fault),
        cmocka_unit_test(nothing_at_all_is_said_to_be_missing),
        cmocka_unit_test(a_missing_part_is_said_and_the_next_one_found),
        cmocka_unit_test(values_are_what_the_bytes_mean),
        cmocka_unit_test(numbers_are_those_that_fit),
        cmocka_unit_test(strings_are_read_in_their_encodings),
        cmocka_unit_test(groups_say_in_a_line_what_is_in_them),
        cmocka_unit_test(values_are_cut_to_any_room),
        cmocka_unit_test(a_flood_of_values_does_not_flood_memory),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(a_hundred_thousand_names_take_linear_time),
        cmocka_unit_test(memory_that_runs_out_is_said),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
