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
 * A vector or list that may not be empty says FROM which number of bytes on its RFC allows it.
 * Where the shape depends on the version, the cipher suite or the bytes themselves, CHOICE asks a
 * function which of several schemas comes next; the list of them keeps all field types enumerable.
 * What no schema can say (lengths that stand apart from what they measure), CALL leaves to a function.
 */
#ifndef TLSTEP_WIRE_SCHEMA_H
#define TLSTEP_WIRE_SCHEMA_H

#include "tlstep/wire.h"

/* What is being dissected, for the functions that choose and call. */
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
    LAYOUT_ITEMS,      /* `content` again and again to the end, without a group of its own */
    LAYOUT_BLOCK,      /* a length of `size` bytes, then `content` once: a group */
    LAYOUT_STRUCT,     /* `content` once: a group */
    LAYOUT_SEQUENCE,   /* `content` once, without a group of its own */
    LAYOUT_CHOICE,     /* one of `choices`, without a group of its own */
    LAYOUT_EXTENSIONS, /* a length of 2 bytes, then extensions: a group */
    LAYOUT_DER,        /* a length of `size` bytes, then DER: a group, or closed a leaf */
    LAYOUT_CALL,       /* what `call` makes of it; `content` lists the types of its fields */
};

struct schema;

/* Which of the choices comes next; `rest` starts there and ends with the enclosing structure. */
typedef size_t schema_chooser(const struct dissection *dissection, struct reader rest);

/* Dissects what `element` stands for. False when the bytes ended before it did. */
typedef bool schema_caller(struct dissection *dissection, const struct schema *element,
                           struct reader *reader, uint16_t depth);

struct schema {
    enum schema_layout layout;
    bool optional;          /* may be missing, when nothing is left */
    uint16_t size;          /* bytes of the field, or of the length before it */
    enum wire_der_kind der; /* what is in a LAYOUT_DER */
    uint32_t least;         /* bytes in a vector, a list or the rest */
    uint32_t most;          /* 0: as many as the length can say */
    struct wire_field_type type;
    struct wire_field_type length_type; /* of the length; path NULL where there is none */
    struct wire_field_type group_type;  /* of `type` when it is opened; path NULL: never */
    schema_caller *call;
    const struct schema *content;
    const struct schema *const *choices; /* ended by NULL */
    schema_chooser *choose;
};

/* The length of the path makes looking up fields cheap. */
#define SCHEMA_PATH(text, shown, field_kind)                              \
    {                                                                     \
        .path = (text), .path_length = sizeof(text) - 1, .name = (shown), \
        .kind = WIRE_FIELD_##field_kind                                   \
    }
#define SCHEMA_TYPE(parent, field, field_kind) \
    .type = SCHEMA_PATH(parent "." field, field, field_kind)
#define SCHEMA_GROUP(parent, field) .group_type = SCHEMA_PATH(parent "." field, field, GROUP)
#define SCHEMA_LENGTH(parent, field, length_name) \
    .length_type = SCHEMA_PATH(parent "." field ".length", length_name, NUMBER)

/* uint8, uint16, uint24 or uint32, by its number of bytes. */
#define NUMBER(parent, field, bytes)                                                \
    {                                                                               \
        .layout = LAYOUT_FIXED, .size = (bytes), SCHEMA_TYPE(parent, field, NUMBER) \
    }
/* The same with a registry. */
#define NAMED(parent, field, bytes, values)                   \
    {                                                         \
        .layout = LAYOUT_FIXED, .size = (bytes),              \
        .type = {.path = parent "." field,                    \
                 .path_length = sizeof(parent "." field) - 1, \
                 .name = field,                               \
                 .kind = WIRE_FIELD_NAMED,                    \
                 .registry = WIRE_REGISTRY_##values},         \
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
/* The same, of so many bytes at least. */
#define REST_FROM(parent, field, minimum)                                            \
    {                                                                                \
        .layout = LAYOUT_REST, .least = (minimum), SCHEMA_TYPE(parent, field, BYTES) \
    }
#define OPTIONAL_REST(parent, field)                                               \
    {                                                                              \
        .layout = LAYOUT_REST, .optional = true, SCHEMA_TYPE(parent, field, BYTES) \
    }
/* opaque field<least..2^(8*bytes)-1> */
#define VECTOR_FROM(parent, field, bytes, minimum)                                        \
    {                                                                                     \
        .layout = LAYOUT_VECTOR, .size = (bytes), .least = (minimum),                     \
        SCHEMA_TYPE(parent, field, BYTES), SCHEMA_LENGTH(parent, field, field "_length"), \
    }
/* opaque field<0..2^(8*bytes)-1> */
#define VECTOR(parent, field, bytes) VECTOR_FROM(parent, field, bytes, 0)
/* opaque field<least..most>, with most below 256 */
#define SHORT_VECTOR(parent, field, minimum, maximum)                                     \
    {                                                                                     \
        .layout = LAYOUT_VECTOR, .size = 1, .least = (minimum), .most = (maximum),        \
        SCHEMA_TYPE(parent, field, BYTES), SCHEMA_LENGTH(parent, field, field "_length"), \
    }
#define TEXT_VECTOR_FROM(parent, field, bytes, minimum)                                  \
    {                                                                                    \
        .layout = LAYOUT_VECTOR, .size = (bytes), .least = (minimum),                    \
        SCHEMA_TYPE(parent, field, TEXT), SCHEMA_LENGTH(parent, field, field "_length"), \
    }
#define TEXT_VECTOR(parent, field, bytes) TEXT_VECTOR_FROM(parent, field, bytes, 0)
/* The same with DER inside, WIRE_DER_kind. */
#define DER_VECTOR(parent, field, bytes, minimum, kind)                                    \
    {                                                                                      \
        .layout = LAYOUT_DER, .size = (bytes), .least = (minimum), .der = WIRE_DER_##kind, \
        SCHEMA_TYPE(parent, field, BYTES), SCHEMA_GROUP(parent, field),                    \
        SCHEMA_LENGTH(parent, field, field "_length"),                                     \
    }
/* Item field<least..2^(8*bytes)-1> */
#define LIST_FROM(parent, field, bytes, minimum, items)                                 \
    {                                                                                   \
        .layout = LAYOUT_LIST, .size = (bytes), .least = (minimum), .content = (items), \
        SCHEMA_TYPE(parent, field, GROUP), SCHEMA_LENGTH(parent, field, "length"),      \
    }
#define OPTIONAL_LIST_FROM(parent, field, bytes, minimum, items)                        \
    {                                                                                   \
        .layout = LAYOUT_LIST, .size = (bytes), .least = (minimum), .content = (items), \
        .optional = true, SCHEMA_TYPE(parent, field, GROUP),                            \
        SCHEMA_LENGTH(parent, field, "length"),                                         \
    }
/* Item field<0..2^(8*bytes)-1> */
#define LIST(parent, field, bytes, items) LIST_FROM(parent, field, bytes, 0, items)
/* Item field[…] to the end of what is around it. */
#define REST_LIST(items)                           \
    {                                              \
        .layout = LAYOUT_ITEMS, .content = (items) \
    }
/* struct { … } field */
#define STRUCT(parent, field, elements)                                                   \
    {                                                                                     \
        .layout = LAYOUT_STRUCT, .content = (elements), SCHEMA_TYPE(parent, field, GROUP) \
    }
/* The same after its length: opaque field<0..2^(8*bytes)-1> that holds a struct */
#define BLOCK(parent, field, bytes, elements)                                      \
    {                                                                              \
        .layout = LAYOUT_BLOCK, .size = (bytes), .content = (elements),            \
        SCHEMA_TYPE(parent, field, GROUP), SCHEMA_LENGTH(parent, field, "length"), \
    }
#define SEQUENCE(elements)                               \
    {                                                    \
        .layout = LAYOUT_SEQUENCE, .content = (elements) \
    }
#define OPTIONAL_SEQUENCE(elements)                                        \
    {                                                                      \
        .layout = LAYOUT_SEQUENCE, .optional = true, .content = (elements) \
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
/* What `function` makes; `types` lists the types of its fields. */
#define CALL(function, types)                                         \
    {                                                                 \
        .layout = LAYOUT_CALL, .call = (function), .content = (types) \
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

/* Empties a tree for the dissection of `data`. */
void schema_start(struct wire_tree *tree, const uint8_t *data, size_t length);

/* Adds a field and returns its index. Once memory has run out it does nothing. */
size_t schema_add(struct dissection *dissection, const struct wire_field_type *type, size_t offset,
                  size_t length, uint16_t depth);

/* Adds one leaf for everything that is left. */
void schema_add_rest(struct dissection *dissection, const struct wire_field_type *type,
                     struct reader *reader, uint16_t depth);

/* Dissects one schema after what came before it. False when the bytes ended early. */
bool schema_run(struct dissection *dissection, const struct schema *schema, struct reader *reader,
                uint16_t depth);

/* The same, but from `reader` on no more than `length` bytes. Moves `reader` behind them; what the
 * schema leaves over becomes an error field. */
void schema_run_within(struct dissection *dissection, const struct schema *schema, size_t length,
                       struct reader *reader, uint16_t depth);

/* Sets the length of a group when its end is known. */
void schema_close(struct dissection *dissection, size_t group, size_t end);

/*
 * Reads the length in front of `element` as a field (an error field where it goes past the end, or
 * is one that the RFC does not allow) and returns a reader of what it encloses, cut to what is there;
 * moves `reader` behind it. False when not even the length is whole: what was left is an error field
 * then.
 */
bool schema_enter(struct dissection *dissection, const struct schema *element,
                  struct reader *reader, struct reader *inside, uint16_t depth);

/* Calls `visit` for each field type of a schema. */
void schema_visit(const struct schema *schema,
                  void (*visit)(const struct wire_field_type *type, void *user), void *user);

/* What can be wrong. */
extern const struct wire_field_type error_length;    /* a length goes past the end */
extern const struct wire_field_type error_range;     /* a length that the RFC does not allow */
extern const struct wire_field_type error_truncated; /* ends too early */
extern const struct wire_field_type error_trailing;  /* bytes left over */
extern const struct wire_field_type error_too_many;  /* more fields than anybody would read */

#endif
