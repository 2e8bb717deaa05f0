/* Public keys of key exchange: RFC 8446 4.2.8, RFC 8422 5.4.1, draft-ietf-tls-ecdhe-mlkem,
 * draft-connolly-tls-mlkem-key-agreement, draft-tls-westerbaan-xyber768d00. */
#include "public_key.h"

#include <string.h>

#define PART "public_key_part"

/* ---- points (SEC 1 2.3.3) ---------------------------------------------------------------------- */

/* `rest` starts behind the form: both coordinates, one of them, or nothing that is known. */
static size_t choose_coordinates(const struct dissection *dissection, struct reader rest)
{
    uint8_t form = rest.data[rest.offset - 1];

    (void)dissection; /* the bytes decide */
    if (form == 4 || form == 6 || form == 7) {
        return 0;
    }
    return form == 2 || form == 3 ? 1 : 2;
}

static const struct schema no_point[] = {OPTIONAL_REST(PART, "point_data"), END};

#define POINT(curve, bytes)                                                                    \
    static const struct schema curve##_both[] = {                                              \
        BYTES(PART, "x", bytes),                                                               \
        BYTES(PART, "y", bytes),                                                               \
        END,                                                                                   \
    };                                                                                         \
    static const struct schema curve##_one[] = {BYTES(PART, "x", bytes), END};                 \
    static const struct schema *const curve##_points[] = {curve##_both, curve##_one, no_point, \
                                                          NULL};                               \
    static const struct schema curve[] = {                                                     \
        NAMED(PART, "form", 1, EC_POINT_FORM),                                                 \
        CHOICE(choose_coordinates, curve##_points),                                            \
        END,                                                                                   \
    }

POINT(curve160, 20);
POINT(curve192, 24);
POINT(curve224, 28);
POINT(curve256, 32);
POINT(curve384, 48);
POINT(curve512, 64);
POINT(curve521, 66);

/* On a curve whose size is not known: the halves of what is there. */
static bool dissect_halves(struct dissection *dissection, const struct schema *element,
                           struct reader *reader, uint16_t depth)
{
    size_t half = reader_left(reader) / 2;

    schema_add(dissection, &element->content[0].type, reader->offset, half, depth);
    reader->offset += half;
    schema_add_rest(dissection, &element->content[1].type, reader, depth);
    return true;
}

static const struct schema any_coordinates[] = {REST(PART, "x"), REST(PART, "y"), END};
static const struct schema any_both[] = {CALL(dissect_halves, any_coordinates), END};
static const struct schema any_one[] = {REST(PART, "x"), END};
static const struct schema *const any_points[] = {any_both, any_one, no_point, NULL};
static const struct schema any_point[] = {
    NAMED(PART, "form", 1, EC_POINT_FORM),
    CHOICE(choose_coordinates, any_points),
    END,
};

/* ---- what is one string of bytes ---------------------------------------------------------------- */

#define KEY(name, bytes) static const struct schema name[] = {BYTES(PART, "key", bytes), END}

KEY(key32, 32);
KEY(key56, 56);
KEY(key256, 256);
KEY(key384, 384);
KEY(key512, 512);
KEY(key768, 768);
KEY(key800, 800);
KEY(key1024, 1024);
KEY(key1088, 1088);
KEY(key1184, 1184);
KEY(key1568, 1568);

/* ---- hybrids: the order of the parts differs from one to the other ------------------------------ */

#define X25519               BYTES(PART, "x25519_share", 32)
#define POINT_ON(curve)      STRUCT(PART, "point", curve)
#define ML_KEM_KEY(bytes)    BYTES(PART, "ml_kem_key", bytes)
#define ML_KEM_SECRET(bytes) BYTES(PART, "ml_kem_ciphertext", bytes)

static const struct schema x25519_mlkem768_client[] = {ML_KEM_KEY(1184), X25519, END};
static const struct schema x25519_mlkem768_server[] = {ML_KEM_SECRET(1088), X25519, END};
static const struct schema p256_mlkem768_client[] = {POINT_ON(curve256), ML_KEM_KEY(1184), END};
static const struct schema p256_mlkem768_server[] = {POINT_ON(curve256), ML_KEM_SECRET(1088), END};
static const struct schema p384_mlkem1024_client[] = {POINT_ON(curve384), ML_KEM_KEY(1568), END};
static const struct schema p384_mlkem1024_server[] = {POINT_ON(curve384), ML_KEM_SECRET(1568), END};
static const struct schema x25519_kyber768_client[] = {X25519, ML_KEM_KEY(1184), END};
static const struct schema x25519_kyber768_server[] = {X25519, ML_KEM_SECRET(1088), END};

/* ---- the groups --------------------------------------------------------------------------------- */

struct group_keys {
    uint16_t group;
    uint16_t size[2];               /* by side: of a key without parts; 0: it has parts */
    const struct schema *schema[2]; /* by side */
};

#define PARTS(group, client, server) \
    {                                \
        group, {0, 0},               \
        {                            \
            client, server           \
        }                            \
    }
#define ON(group, curve) PARTS(group, curve, curve)
#define WHOLE(group, client, server) \
    {                                \
        group, {client, server},     \
        {                            \
            key##client, key##server \
        }                            \
    }

/* In ascending order. */
static const struct group_keys groups[] = {
    ON(0x000f, curve160),
    ON(0x0010, curve160),
    ON(0x0011, curve160),
    ON(0x0012, curve192),
    ON(0x0013, curve192),
    ON(0x0014, curve224),
    ON(0x0015, curve224),
    ON(0x0016, curve256),
    ON(0x0017, curve256),
    ON(0x0018, curve384),
    ON(0x0019, curve521),
    ON(0x001a, curve256),
    ON(0x001b, curve384),
    ON(0x001c, curve512),
    WHOLE(0x001d, 32, 32),
    WHOLE(0x001e, 56, 56),
    ON(0x001f, curve256),
    ON(0x0020, curve384),
    ON(0x0021, curve512),
    ON(0x0029, curve256),
    WHOLE(0x0100, 256, 256),
    WHOLE(0x0101, 384, 384),
    WHOLE(0x0102, 512, 512),
    WHOLE(0x0103, 768, 768),
    WHOLE(0x0104, 1024, 1024),
    WHOLE(0x0200, 800, 768),
    WHOLE(0x0201, 1184, 1088),
    WHOLE(0x0202, 1568, 1568),
    PARTS(0x11eb, p256_mlkem768_client, p256_mlkem768_server),
    PARTS(0x11ec, x25519_mlkem768_client, x25519_mlkem768_server),
    PARTS(0x11ed, p384_mlkem1024_client, p384_mlkem1024_server),
    PARTS(0x6399, x25519_kyber768_client, x25519_kyber768_server),
    PARTS(0x639a, p256_mlkem768_client, p256_mlkem768_server),
};

static const struct group_keys *find(uint16_t group)
{
    for (size_t i = 0; i < sizeof groups / sizeof groups[0] && groups[i].group <= group; i++) {
        if (groups[i].group == group) {
            return &groups[i];
        }
    }
    return NULL;
}

/* ---- dissection --------------------------------------------------------------------------------- */

static bool dissect_key(struct dissection *dissection, const struct schema *element,
                        const struct schema *parts, struct reader *inside, uint16_t depth)
{
    size_t group;

    if (parts == NULL || reader_left(inside) == 0) {
        schema_add_rest(dissection, &element->type, inside, depth);
        return true;
    }
    group = schema_add(dissection, &element->group_type, inside->offset, 0, depth);
    schema_run_all(dissection, parts, inside, (uint16_t)(depth + 1));
    schema_close(dissection, group, inside->length);
    return true;
}

bool public_key_of_group(struct dissection *dissection, const struct schema *element,
                         struct reader *reader, uint16_t depth)
{
    const uint8_t *at = reader->data + reader->offset;
    const struct group_keys *group = find((uint16_t)(at[-2] << 8 | at[-1]));
    enum wire_side side = dissection->message == WIRE_CLIENT_HELLO ? WIRE_CLIENT : WIRE_SERVER;
    const struct schema *parts = group == NULL ? NULL : group->schema[side];
    struct reader inside;

    if (!schema_enter(dissection, element, reader, &inside, depth)) {
        return false;
    }
    if (group != NULL && reader_left(&inside) == group->size[side]) {
        parts = NULL; /* one string of bytes, of the right size; else its parts say what is wrong */
    }
    return dissect_key(dissection, element, parts, &inside, depth);
}

/* Keys of x25519 and x448 have 32 and 56 bytes; points with a leading form never have. */
static bool is_point(const struct reader *inside)
{
    size_t length = reader_left(inside);
    struct reader rest = *inside;

    (void)reader_u8(&rest); /* the form, which choose_coordinates looks at */
    return length > 0 && length != 32 && length != 56 && choose_coordinates(NULL, rest) < 2;
}

bool public_key_of_curve(struct dissection *dissection, const struct schema *element,
                         struct reader *reader, uint16_t depth)
{
    struct reader inside;

    if (!schema_enter(dissection, element, reader, &inside, depth)) {
        return false;
    }
    return dissect_key(dissection, element, is_point(&inside) ? any_point : NULL, &inside, depth);
}

const struct schema public_key_parts[] = {
    SEQUENCE(any_point),
    SEQUENCE(key32),
    SEQUENCE(x25519_mlkem768_client),
    SEQUENCE(p256_mlkem768_server),
    END,
};

bool public_key_is_group(const struct wire_tree *tree, size_t index)
{
    return tree->fields[index].type->kind == WIRE_FIELD_GROUP && index + 1 < tree->count &&
           tree->fields[index + 1].depth > tree->fields[index].depth &&
           strncmp(tree->fields[index + 1].type->path, PART ".", sizeof PART) == 0;
}
