/*
 * Schemas: the shape of messages as data.
 *
 * A schema is an array of elements that reads like the RFC's presentation language, ended by END.
 * One interpreter (schema.c) walks it over the bytes and makes the tree, so that no parser can
 * read past its bounds or lose a byte: each byte ends up in exactly one leaf, whatever the bytes are.
 *
 *     static const struct schema certificate_verify[] = {
 *         NAMED("handshake.certificate_verify", "algorithm", 2, SIGNATURE_SCHEME),
 *         VECTOR("handshake.certificate_verify", "signature", 2),
 *         END,
 *     };
 *
 * The first argument is the path of the parent, the second the name; docs/fields explains the path.
 * Where the shape depends on the version, the cipher suite or the bytes themselves, CHOICE asks a
 * function which of several schemas comes next; the list of them keeps all field types enumerable.
 */
#ifndef TLSTEP_WIRE_SCHEMA_H
#define TLSTEP_WIRE_SCHEMA_H

#include "tlstep/wire.h"

/* What is being dissected, for the functions that choose. */
struct dissection {
    struct wire_tree *tree;
    const struct wire_context *context;
    uint8_t message; /* enum wire_handshake_type, WIRE_HELLO_RETRY_REQUEST included */
};

enum schema_layout {
    LAYOUT_END,
    LAYOUT_FIXED,      /* `size` bytes: one leaf */
    LAYOUT_REST,       /* all that is left: one leaf */
    LAYOUT_VECTOR,     /* a length of `size` bytes, then so many bytes: two leaves */
    LAYOUT_LIST,       /* a length of `size` bytes, then `content` again and again: a group */
    LAYOUT_STRUCT,     /* `content` once: a group */
    LAYOUT_SEQUENCE,   /* `content` once, without a group of its own */
    LAYOUT_CHOICE,     /* one of `choices`, without a group of its own */
    LAYOUT_EXTENSIONS, /* a length of 2 bytes, then extensions: a group */
};

struct schema;

/* Which of the choices comes next; `rest` starts there and ends with the enclosing structure. */
typedef size_t schema_chooser(const struct dissection *dissection, struct reader rest);

struct schema {
    enum schema_layout layout;
    bool optional; /* may be missing, when nothing is left */
    uint8_t size;  /* bytes of the field, or of the length before it */
    struct wire_field_type type;
    struct wire_field_type length_type; /* of the length; path NULL where there is none */
    const struct schema *content;
    const struct schema *const *choices; /* ended by NULL */
    schema_chooser *choose;
};

#define SCHEMA_TYPE(parent, field, field_kind) \
    .type = {.path = parent "." field, .name = field, .kind = WIRE_FIELD_##field_kind}
#define SCHEMA_LENGTH(parent, field, length_name) \
    .length_type = {                              \
        .path = parent "." field ".length", .name = length_name, .kind = WIRE_FIELD_NUMBER}

/* uint8, uint16, uint24 or uint32, by its number of bytes. */
#define NUMBER(parent, field, bytes)                                                \
    {                                                                               \
        .layout = LAYOUT_FIXED, .size = (bytes), SCHEMA_TYPE(parent, field, NUMBER) \
    }
/* The same with a registry. */
#define NAMED(parent, field, bytes, values)           \
    {                                                 \
        .layout = LAYOUT_FIXED, .size = (bytes),      \
        .type = {.path = parent "." field,            \
                 .name = field,                       \
                 .kind = WIRE_FIELD_NAMED,            \
                 .registry = WIRE_REGISTRY_##values}, \
    }
/* opaque field[bytes] */
#define BYTES(parent, field, bytes)                                                \
    {                                                                              \
        .layout = LAYOUT_FIXED, .size = (bytes), SCHEMA_TYPE(parent, field, BYTES) \
    }
#define REST(parent, field)                                      \
    {                                                            \
        .layout = LAYOUT_REST, SCHEMA_TYPE(parent, field, BYTES) \
    }
#define OPTIONAL_REST(parent, field)                                               \
    {                                                                              \
        .layout = LAYOUT_REST, .optional = true, SCHEMA_TYPE(parent, field, BYTES) \
    }
/* opaque field<0..2^(8*bytes)-1> */
#define VECTOR(parent, field, bytes)                                                 \
    {                                                                                \
        .layout = LAYOUT_VECTOR, .size = (bytes), SCHEMA_TYPE(parent, field, BYTES), \
        SCHEMA_LENGTH(parent, field, field "_length"),                               \
    }
#define TEXT_VECTOR(parent, field, bytes)                                           \
    {                                                                               \
        .layout = LAYOUT_VECTOR, .size = (bytes), SCHEMA_TYPE(parent, field, TEXT), \
        SCHEMA_LENGTH(parent, field, field "_length"),                              \
    }
/* Item field<0..2^(8*bytes)-1> */
#define LIST(parent, field, bytes, items)                                          \
    {                                                                              \
        .layout = LAYOUT_LIST, .size = (bytes), .content = (items),                \
        SCHEMA_TYPE(parent, field, GROUP), SCHEMA_LENGTH(parent, field, "length"), \
    }
#define OPTIONAL_LIST(parent, field, bytes, items)                                    \
    {                                                                                 \
        .layout = LAYOUT_LIST, .size = (bytes), .content = (items), .optional = true, \
        SCHEMA_TYPE(parent, field, GROUP), SCHEMA_LENGTH(parent, field, "length"),    \
    }
/* struct { … } field */
#define STRUCT(parent, field, elements)                                                   \
    {                                                                                     \
        .layout = LAYOUT_STRUCT, .content = (elements), SCHEMA_TYPE(parent, field, GROUP) \
    }
#define SEQUENCE(elements)                               \
    {                                                    \
        .layout = LAYOUT_SEQUENCE, .content = (elements) \
    }
/* select (…) { … } */
#define CHOICE(chooser, alternatives)                                           \
    {                                                                           \
        .layout = LAYOUT_CHOICE, .choose = (chooser), .choices = (alternatives) \
    }
#define EXTENSIONS(parent)                                                                \
    {                                                                                     \
        .layout = LAYOUT_EXTENSIONS, .size = 2, SCHEMA_TYPE(parent, "extensions", GROUP), \
        SCHEMA_LENGTH(parent, "extensions", "length"),                                    \
    }
/* Before TLS 1.3 a hello may end before its extensions (RFC 5246 7.4.1.2). */
#define OPTIONAL_EXTENSIONS(parent)                                                              \
    {                                                                                            \
        .layout = LAYOUT_EXTENSIONS, .size = 2, .optional = true,                                \
        SCHEMA_TYPE(parent, "extensions", GROUP), SCHEMA_LENGTH(parent, "extensions", "length"), \
    }
#define END                  \
    {                        \
        .layout = LAYOUT_END \
    }

/* Nothing at all, for extensions and messages that are empty. */
extern const struct schema schema_empty[];

/*
 * Dissects from `reader` on to its end; what the schema leaves over becomes an error field. With
 * bytes that end too early the tree says so and holds what was there.
 */
void schema_run_all(struct dissection *dissection, const struct schema *schema,
                    struct reader *reader, uint16_t depth);

/* Adds a field and returns its index. Once memory has run out it does nothing. */
size_t schema_add(struct dissection *dissection, const struct wire_field_type *type, size_t offset,
                  size_t length, uint16_t depth);

/* Sets the length of a group when its end is known. */
void schema_close(struct dissection *dissection, size_t group, size_t end);

/*
 * Reads a length of `size` bytes as a field of `type` (or as an error field where it goes past the
 * end) and returns a reader of what it encloses, cut to what is there; moves `reader` behind it.
 * False when not even the length is whole: what was left is an error field then.
 */
bool schema_enter(struct dissection *dissection, const struct wire_field_type *type, size_t size,
                  struct reader *reader, struct reader *inside, uint16_t depth);

/* Calls `visit` for each field type of a schema. */
void schema_visit(const struct schema *schema,
                  void (*visit)(const struct wire_field_type *type, void *user), void *user);

/* What can be wrong. */
extern const struct wire_field_type error_length;    /* a length goes past the end */
extern const struct wire_field_type error_truncated; /* ends too early */
extern const struct wire_field_type error_trailing;  /* bytes left over */
extern const struct wire_field_type error_too_many;  /* more fields than anybody would read */

#endif
