/* Tag and length octets (X.690 8.1.2, 8.1.3, 10.1), and what can be wrong in DER. */
#include "der.h"

#define ERROR(path_end, words)                                                              \
    {                                                                                       \
        .layout = DER_LAYOUT_LEAF, DER_ROW_TYPE("error.der." path_end, words, ERROR, ERROR) \
    }

/* In the order of enum der_error. */
const struct der_schema der_errors[] = {
    [DER_ERROR_TAG] = ERROR("tag", "another type belongs here"),
    [DER_ERROR_LENGTH] = ERROR("length", "length goes past the end"),
    [DER_ERROR_LENGTH_FORM] = ERROR("length_form", "length is longer than it must be"),
    [DER_ERROR_INDEFINITE] = ERROR("indefinite", "no definite length"),
    [DER_ERROR_MISSING] = ERROR("missing", "a part is missing here"),
    [DER_ERROR_DEPTH] = ERROR("depth", "nested too deep"),
    [DER_ERROR_DEFAULT] = ERROR("default", "the default must be left out"),
    [DER_ERROR_BOOLEAN] = ERROR("boolean", "neither 00 nor ff"),
    [DER_ERROR_INTEGER] = ERROR("integer", "more bytes than the number needs"),
    [DER_ERROR_BIT_STRING] = ERROR("bit_string", "unused bits are wrong"),
    [DER_ERROR_NULL] = ERROR("null", "NULL has no content"),
    [DER_ERROR_OID] = ERROR("oid", "no object identifier"),
    [DER_ERROR_STRING] = ERROR("string", "characters this type does not have"),
    [DER_ERROR_TIME] = ERROR("time", "no time of this form"),
    [DER_ERROR_ADDRESS] = ERROR("address", "no IP address"),
    {DER_END},
};

/* A tag number above 30, in base 128. False when it is not whole. */
static bool read_long_tag(const uint8_t *bytes, size_t left, struct der_head *head)
{
    head->number = 0;
    while (head->size < left) {
        uint8_t byte = bytes[head->size++];
        if (head->number >> 25 != 0) {
            head->problem = DER_ERROR_TYPE(TAG);
        }
        head->number = head->number << 7 | (byte & 0x7f);
        if ((byte & 0x80) == 0) {
            return true;
        }
    }
    return false;
}

/* False when it is not whole. */
static bool read_length(const uint8_t *bytes, size_t left, struct der_head *head)
{
    size_t octets = bytes[head->size] & 0x7f;
    bool long_form = (bytes[head->size++] & 0x80) != 0;
    size_t length = long_form ? 0 : octets;

    if (long_form && octets == 0) { /* X.690 8.1.3.6: ends where two zero bytes say so */
        head->problem = DER_ERROR_TYPE(INDEFINITE);
        head->claimed = head->content = left - head->size;
        return true;
    }
    if (long_form && left - head->size < octets) {
        return false;
    }
    for (size_t i = 0; long_form && i < octets; i++) {
        uint8_t byte = bytes[head->size++];
        if (i == 0 && (byte == 0 || (octets == 1 && byte < 0x80))) {
            head->problem = DER_ERROR_TYPE(LENGTH_FORM);
        }
        length = length >> 56 != 0 ? SIZE_MAX : length << 8 | byte;
    }
    head->claimed = length;
    if (length > left - head->size) {
        head->problem = DER_ERROR_TYPE(LENGTH);
        length = left - head->size;
    }
    head->content = length;
    return true;
}

bool der_head_peek(const struct reader *reader, struct der_head *head)
{
    size_t left = reader_left(reader);
    const uint8_t *bytes;

    if (left < 2) {
        return false;
    }
    bytes = reader->data + reader->offset;
    *head = (struct der_head){.tag = bytes[0], .number = bytes[0] & 0x1f, .size = 1};
    if (head->number == 0x1f && !read_long_tag(bytes, left, head)) {
        return false;
    }
    return head->size < left && read_length(bytes, left, head);
}

static bool is_string_tag(uint8_t tag)
{
    switch (tag) {
    case DER_TAG_UTF8_STRING:
    case DER_TAG_NUMERIC_STRING:
    case DER_TAG_PRINTABLE_STRING:
    case DER_TAG_TELETEX_STRING:
    case DER_TAG_IA5_STRING:
    case DER_TAG_VISIBLE_STRING:
    case DER_TAG_GENERAL_STRING:
    case DER_TAG_UNIVERSAL_STRING:
    case DER_TAG_BMP_STRING:
        return true;
    default:
        return false;
    }
}

bool der_has_tag(const struct reader *reader, uint16_t tag)
{
    uint8_t there;

    if (reader_left(reader) == 0) {
        return false;
    }
    there = reader->data[reader->offset];
    switch (tag) {
    case DER_TAG_ANY:
        return true;
    case DER_TAG_ANY_STRING:
        return is_string_tag(there);
    case DER_TAG_ANY_TIME:
        return there == DER_TAG_UTC_TIME || there == DER_TAG_GENERALIZED_TIME;
    default:
        return there == tag;
    }
}
