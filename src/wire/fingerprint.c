/* JA3, JA3S (github.com/salesforce/ja3) and JA4 (FoxIO's specification), from the dissection. */
#include <stdlib.h>
#include <string.h>

#include "tlstep/wire.h"

/* Fields of a hello lie at depth 1, the items of its lists at 2; what is deeper belongs to one
 * extension, whose body may be malformed without the whole being so. */
#define SKELETON_DEPTH 2

#define VERSIONS "extension.supported_versions.version"

static bool breaks_skeleton(const struct wire_tree *tree, size_t index)
{
    const struct wire_field *field = &tree->fields[index];

    return field->type->kind == WIRE_FIELD_ERROR &&
           strcmp(field->type->path, "error.range") != 0 && /* all bytes are where they should be */
           (field->depth <= SKELETON_DEPTH ||
            strcmp(field[-1].type->path, "extension.type") == 0); /* an extension's length */
}

static bool is_whole(const struct wire_tree *tree, const char *root)
{
    if (tree->count == 0 || strcmp(tree->fields[0].type->path, root) != 0) {
        return false;
    }
    for (size_t i = 1; i < tree->count; i++) {
        if (breaks_skeleton(tree, i)) {
            return false;
        }
    }
    return true;
}

/* A dissected hello, or -1 and nothing to free. */
static int dissect_hello(struct wire_tree *tree, enum wire_side from, const uint8_t *hello,
                         size_t length)
{
    struct wire_context context = {.from = from};
    bool retry = wire_is_hello_retry_request(hello, length);
    const char *root = from == WIRE_CLIENT
                           ? "handshake.client_hello"
                           : (retry ? "handshake.hello_retry_request" : "handshake.server_hello");

    *tree = (struct wire_tree){0};
    if (wire_message_dissect(tree, &context, WIRE_HANDSHAKE, hello, length) != 0 ||
        !is_whole(tree, root)) {
        wire_tree_free(tree);
        return -1;
    }
    return 0;
}

/* ---- numbers of a hello --------------------------------------------------------------------- */

struct numbers {
    uint16_t *values;
    size_t count;
    size_t capacity;
};

static int numbers_add(struct numbers *numbers, uint16_t value)
{
    uint16_t *values =
        array_grow(numbers->values, &numbers->capacity, numbers->count + 1, sizeof *values);
    if (values == NULL) {
        return -1;
    }
    numbers->values = values;
    values[numbers->count++] = value;
    return 0;
}

/* All numbers at `path` in order, without GREASE. Free `values` afterwards. */
static int numbers_collect(struct numbers *numbers, const struct wire_tree *tree, const char *path)
{
    const struct wire_field_type *type =
        NULL; /* one that has the path: the items of a list share it */
    size_t length = strlen(path);
    uint64_t value;

    *numbers = (struct numbers){0};
    for (size_t i = 0; i < tree->count; i++) {
        const struct wire_field_type *its = tree->fields[i].type;
        if (its != type && (its->path_length != length || memcmp(its->path, path, length) != 0)) {
            continue;
        }
        type = its;
        if (wire_field_number(tree, i, &value) && !wire_is_grease((uint32_t)value) &&
            numbers_add(numbers, (uint16_t)value) != 0) {
            free(numbers->values);
            *numbers = (struct numbers){0};
            return -1;
        }
    }
    return 0;
}

static int compare_numbers(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static void numbers_sort(struct numbers *numbers)
{
    if (numbers->count > 1) {
        qsort(numbers->values, numbers->count, sizeof *numbers->values, compare_numbers);
    }
}

/* ---- JA3 -------------------------------------------------------------------------------------- */

/* By hand: a hello has a hundred numbers, and a capture a hundred thousand hellos. */
static void append_decimal(struct buffer *out, uint16_t number)
{
    char text[5];
    size_t at = sizeof text;

    do {
        text[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    buffer_append(out, text + at, sizeof text - at);
}

/* "," and the decimal numbers at `path`, joined by "-". */
static int append_decimals(struct buffer *out, const struct wire_tree *tree, const char *path)
{
    struct numbers numbers;

    if (numbers_collect(&numbers, tree, path) != 0) {
        return -1;
    }
    buffer_u8(out, ',');
    for (size_t i = 0; i < numbers.count; i++) {
        if (i > 0) {
            buffer_u8(out, '-');
        }
        append_decimal(out, numbers.values[i]);
    }
    free(numbers.values);
    return 0;
}

/* What JA3 (of a ClientHello) and JA3S (of an answer) list, up to NULL. */
static const struct ja3_kind {
    const char *root;
    const char *version;
    const char *paths[5];
} ja3_kinds[] = {
    {"handshake.client_hello",
     "handshake.client_hello.legacy_version",
     {"handshake.client_hello.cipher_suites.cipher_suite", "extension.type",
      "extension.supported_groups.named_group", "extension.ec_point_formats.ec_point_format"}},
    {"handshake.server_hello",
     "handshake.server_hello.legacy_version",
     {"handshake.server_hello.cipher_suite", "extension.type"}},
    {"handshake.hello_retry_request",
     "handshake.hello_retry_request.legacy_version",
     {"handshake.hello_retry_request.cipher_suite", "extension.type"}},
};

int wire_ja3_of(const struct wire_tree *hello, struct buffer *out)
{
    const struct ja3_kind *kind = ja3_kinds;
    uint64_t version;

    while (!is_whole(hello, kind->root)) {
        if (++kind == ja3_kinds + sizeof ja3_kinds / sizeof *ja3_kinds) {
            return -1;
        }
    }
    if (!wire_tree_number(hello, kind->version, &version)) {
        return -1;
    }
    append_decimal(out, (uint16_t)version);
    for (size_t i = 0; kind->paths[i] != NULL; i++) {
        if (append_decimals(out, hello, kind->paths[i]) != 0) {
            return -1;
        }
    }
    return out->failed ? -1 : 0;
}

static int ja3_from(enum wire_side from, const uint8_t *hello, size_t length, struct buffer *out)
{
    struct wire_tree tree;

    if (dissect_hello(&tree, from, hello, length) != 0) {
        return -1;
    }
    int result = wire_ja3_of(&tree, out);
    wire_tree_free(&tree);
    return result;
}

int wire_ja3(const uint8_t *client_hello, size_t length, struct buffer *out)
{
    return ja3_from(WIRE_CLIENT, client_hello, length, out);
}

int wire_ja3s(const uint8_t *server_hello, size_t length, struct buffer *out)
{
    return ja3_from(WIRE_SERVER, server_hello, length, out);
}

/* ---- JA4 -------------------------------------------------------------------------------------- */

#define EXTENSION_SERVER_NAME 0
#define EXTENSION_ALPN        16

struct version_code {
    uint16_t version;
    const char *code;
};

static const char *ja4_version(uint16_t version)
{
    static const struct version_code codes[] = {
        {0x0304, "13"}, {0x0303, "12"}, {0x0302, "11"}, {0x0301, "10"}, {0x0300, "s3"},
        {0x0002, "s2"}, {0xfeff, "d1"}, {0xfefd, "d2"}, {0xfefc, "d3"},
    };

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].version == version) {
            return codes[i].code;
        }
    }
    return "00";
}

/* The highest version that is offered in supported_versions, else legacy_version. */
static int offered_version(const struct wire_tree *tree, uint16_t *version)
{
    struct numbers versions;
    uint64_t legacy;

    if (!wire_tree_number(tree, "handshake.client_hello.legacy_version", &legacy) ||
        numbers_collect(&versions, tree, VERSIONS) != 0) {
        return -1;
    }
    numbers_sort(&versions);
    *version = versions.count > 0 ? versions.values[versions.count - 1] : (uint16_t)legacy;
    free(versions.values);
    return 0;
}

static bool is_alphanumeric(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z');
}

/* First and last character of the first protocol, or first and last hexadecimal digit where they
 * are no letters or digits. */
static void alpn_code(const struct wire_tree *tree, char code[3])
{
    static const char digits[] = "0123456789abcdef";
    long index = wire_tree_find(tree, "extension.alpn.protocol", 0);
    const uint8_t *name;
    uint8_t first, last;

    memcpy(code, "00", 3);
    if (index < 0 || tree->fields[index].length == 0) {
        return;
    }
    name = tree->data + tree->fields[index].offset;
    first = name[0];
    last = name[tree->fields[index].length - 1];
    if (is_alphanumeric(first) && is_alphanumeric(last)) {
        code[0] = (char)first;
        code[1] = (char)last;
    } else {
        code[0] = digits[first >> 4];
        code[1] = digits[last & 15];
    }
}

static void append_hex_list(struct buffer *out, const struct numbers *numbers)
{
    for (size_t i = 0; i < numbers->count; i++) {
        const uint8_t bytes[2] = {(uint8_t)(numbers->values[i] >> 8), (uint8_t)numbers->values[i]};
        char text[2 * sizeof bytes + 1];
        if (i > 0) {
            buffer_u8(out, ',');
        }
        text_hex(text, sizeof text, bytes, sizeof bytes);
        buffer_append(out, text, sizeof text - 1);
    }
}

static bool contains(const struct numbers *numbers, uint16_t value)
{
    for (size_t i = 0; i < numbers->count; i++) {
        if (numbers->values[i] == value) {
            return true;
        }
    }
    return false;
}

/* Removes all of one value. */
static void numbers_remove(struct numbers *numbers, uint16_t value)
{
    size_t kept = 0;
    for (size_t i = 0; i < numbers->count; i++) {
        if (numbers->values[i] != value) {
            numbers->values[kept++] = numbers->values[i];
        }
    }
    numbers->count = kept;
}

struct ja4_lists {
    struct numbers suites, extensions, schemes;
};

static void append_ja4(const struct wire_tree *tree, uint16_t version, struct ja4_lists *lists,
                       struct buffer *prefix, struct buffer *suites, struct buffer *extensions)
{
    char alpn[3];

    alpn_code(tree, alpn);
    buffer_printf(prefix, "t%s%c%02zu%02zu%s", ja4_version(version),
                  contains(&lists->extensions, EXTENSION_SERVER_NAME) ? 'd' : 'i',
                  lists->suites.count > 99 ? 99 : lists->suites.count,
                  lists->extensions.count > 99 ? 99 : lists->extensions.count, alpn);
    numbers_sort(&lists->suites);
    append_hex_list(suites, &lists->suites);
    /* What differs from site to site is left out, the order of the rest does not count, but the
     * order of signature schemes does. */
    numbers_remove(&lists->extensions, EXTENSION_SERVER_NAME);
    numbers_remove(&lists->extensions, EXTENSION_ALPN);
    numbers_sort(&lists->extensions);
    append_hex_list(extensions, &lists->extensions);
    if (lists->extensions.count > 0 && lists->schemes.count > 0) {
        buffer_text(extensions, "_");
        append_hex_list(extensions, &lists->schemes);
    }
}

int wire_ja4_of(const struct wire_tree *client_hello, struct buffer *prefix, struct buffer *suites,
                struct buffer *extensions)
{
    struct ja4_lists lists = {{0}, {0}, {0}};
    uint16_t version;
    bool collected = is_whole(client_hello, "handshake.client_hello") &&
                     offered_version(client_hello, &version) == 0 &&
                     numbers_collect(&lists.suites, client_hello,
                                     "handshake.client_hello.cipher_suites.cipher_suite") == 0 &&
                     numbers_collect(&lists.extensions, client_hello, "extension.type") == 0 &&
                     numbers_collect(&lists.schemes, client_hello,
                                     "extension.signature_algorithms.signature_scheme") == 0;

    if (collected) {
        append_ja4(client_hello, version, &lists, prefix, suites, extensions);
    }
    free(lists.suites.values);
    free(lists.extensions.values);
    free(lists.schemes.values);
    return collected && !prefix->failed && !suites->failed && !extensions->failed ? 0 : -1;
}

int wire_ja4(const uint8_t *client_hello, size_t length, struct buffer *prefix,
             struct buffer *suites, struct buffer *extensions)
{
    struct wire_tree tree;
    int result;

    if (dissect_hello(&tree, WIRE_CLIENT, client_hello, length) != 0) {
        return -1;
    }
    result = wire_ja4_of(&tree, prefix, suites, extensions);
    wire_tree_free(&tree);
    return result;
}
