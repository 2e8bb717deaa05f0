/* quic_transport_parameters: RFC 9000 18. Never over TCP, but in handshakes that were taken out of QUIC. */
#include "extension.h"

#define QUIC "extension.quic_transport_parameters"

/* A number that says itself how many bytes it has. */
#define VARINT_TYPE(field, field_kind)                                                \
    .path = QUIC "." field, .path_length = sizeof(QUIC "." field) - 1, .name = field, \
    .kind = WIRE_FIELD_##field_kind, .varint = true

static const struct wire_field_type parameter_group =
    SCHEMA_PATH(QUIC ".parameter", "parameter", GROUP);
static const struct wire_field_type parameter_id = {VARINT_TYPE("id", NAMED),
                                                    .registry = WIRE_REGISTRY_QUIC_PARAMETER};
static const struct wire_field_type value_length = {VARINT_TYPE("value_length", NUMBER)};
static const struct wire_field_type value_number = {VARINT_TYPE("number", NUMBER)};
static const struct wire_field_type value_bytes = SCHEMA_PATH(QUIC ".value", "value", BYTES);

/* For enumeration. */
static const struct schema parts[] = {
    STRUCT(QUIC, "parameter", schema_empty),
    NAMED(QUIC, "id", 0, QUIC_PARAMETER),
    NUMBER(QUIC, "value_length", 0),
    NUMBER(QUIC, "number", 0),
    BYTES(QUIC, "value", 0),
    END,
};

/* RFC 9000 16: the first two bits say how many bytes a number has. */
static bool read_varint(struct reader *reader, uint64_t *value)
{
    size_t size = reader_left(reader) == 0 ? 1 : (size_t)1 << (reader->data[reader->offset] >> 6);
    const uint8_t *bytes = reader_bytes(reader, size);

    if (bytes == NULL) {
        return false;
    }
    *value = bytes[0] & 0x3f;
    for (size_t i = 1; i < size; i++) {
        *value = *value << 8 | bytes[i];
    }
    return true;
}

/* RFC 9000 18.2: these are numbers; the others are identifiers, addresses and flags. */
static bool is_number(uint64_t id, struct reader inside)
{
    uint64_t value;

    return (id == 0x01 || (id >= 0x03 && id <= 0x0b) || id == 0x0e || id == 0x20) &&
           read_varint(&inside, &value) && reader_left(&inside) == 0;
}

/* False, and an error, when it is cut. */
static bool take_varint(struct dissection *dissection, const struct wire_field_type *type,
                        struct reader *reader, uint16_t depth, uint64_t *value)
{
    struct reader ahead = *reader;

    if (!read_varint(&ahead, value)) {
        schema_add_rest(dissection, &error_truncated, reader, depth);
        return false;
    }
    schema_add(dissection, type, reader->offset, ahead.offset - reader->offset, depth);
    *reader = ahead;
    return true;
}

static bool take_parameter(struct dissection *dissection, struct reader *reader, uint16_t depth)
{
    struct reader inside;
    uint64_t id = 0;
    uint64_t length = 0;

    if (!take_varint(dissection, &parameter_id, reader, depth, &id) ||
        !take_varint(dissection, &value_length, reader, depth, &length)) {
        return false;
    }
    if (length > reader_left(reader)) {
        schema_add_rest(dissection, &error_truncated, reader, depth);
        return false;
    }
    inside = *reader;
    inside.length = inside.offset + (size_t)length;
    reader->offset = inside.length;
    schema_add_rest(dissection, is_number(id, inside) ? &value_number : &value_bytes, &inside,
                    depth);
    return true;
}

static bool dissect_parameter(struct dissection *dissection, const struct schema *element,
                              struct reader *reader, uint16_t depth)
{
    size_t group = schema_add(dissection, &parameter_group, reader->offset, 0, depth);
    bool whole = take_parameter(dissection, reader, (uint16_t)(depth + 1));

    (void)element; /* its types stand above */
    schema_close(dissection, group, reader->offset);
    return whole;
}

static const struct schema parameter[] = {CALL(dissect_parameter, parts), END};

const struct schema extension_quic_transport_parameters[] = {REST_LIST(parameter), END};

/* ---- the number of the drafts ----------------------------------------------------------------- */

static const struct schema old_form[] = {
    REST("extension.quic_transport_parameters_draft", "parameters"),
    END,
};
static const struct schema *const draft_forms[] = {old_form, extension_quic_transport_parameters,
                                                   NULL};

/* Until draft 26 a list with a length of two bytes, and no varints in it. */
static size_t choose_form(const struct dissection *dissection, struct reader rest)
{
    (void)dissection; /* the bytes decide */
    return reader_u16(&rest) == reader_left(&rest) && !rest.failed ? 0 : 1;
}

const struct schema extension_quic_transport_parameters_draft[] = {
    CHOICE(choose_form, draft_forms),
    END,
};
