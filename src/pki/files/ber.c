/* BER. */
#include "ber.h"

#define LENGTH_INDEFINITE SIZE_MAX

/* Tag and length octets. LENGTH_INDEFINITE for the indefinite form. */
static bool read_header(struct reader *reader, uint8_t *tag, size_t *length)
{
    uint8_t first;

    *tag = reader_u8(reader);
    first = reader_u8(reader);
    if (reader->failed || (*tag & 0x1f) == 0x1f) {
        return false;
    }
    *length = first;
    if (first == 0x80) {
        *length = LENGTH_INDEFINITE;
        return (*tag & 0x20) != 0; /* only a constructed value can end where its content says so */
    }
    if (first > 0x80) {
        *length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            if (*length > SIZE_MAX >> 9) {
                return false;
            }
            *length = *length << 8 | reader_u8(reader);
        }
    }
    return !reader->failed && *length <= reader_left(reader);
}

/* Moves the reader behind the end-of-contents that closes the value it stands in. Counts what is open instead of
 * descending: deep nesting costs nothing. */
static bool skip_to_end(struct reader *reader, size_t *content_end)
{
    size_t open = 1;

    while (open > 0) {
        uint8_t tag;
        size_t length;

        *content_end = reader->offset;
        if (!read_header(reader, &tag, &length)) {
            return false;
        }
        if (length == LENGTH_INDEFINITE) {
            open++;
        } else if (tag == 0 && length == 0) {
            open--;
        } else {
            (void)reader_bytes(reader, length);
        }
    }
    return true;
}

bool ber_next(struct reader *reader, struct der *out)
{
    size_t start = reader->offset;
    size_t content, content_end, length;
    bool whole;

    *out = (struct der){0};
    whole = read_header(reader, &out->tag, &length);
    content = reader->offset;
    if (whole && length == LENGTH_INDEFINITE) {
        whole = skip_to_end(reader, &content_end);
    } else if (whole) {
        (void)reader_bytes(reader, length);
        content_end = reader->offset;
    }
    if (!whole) {
        reader->failed = true;
        return false;
    }
    out->content = (struct pki_slice){reader->data + content, content_end - content};
    out->whole = (struct pki_slice){reader->data + start, reader->offset - start};
    return true;
}

bool ber_octets(const struct der *value, uint8_t tag, struct buffer *pieces, struct pki_slice *out)
{
    struct reader reader = reader_new(value->content.data, value->content.length);
    struct der piece;

    *out = value->content;
    if (value->tag == tag) {
        return true;
    }
    if (value->tag != (tag | 0x20)) {
        return false;
    }
    while (reader_left(&reader) > 0 && ber_next(&reader, &piece)) {
        if (piece.tag != DER_OCTET_STRING) {
            return false; /* pieces of pieces are allowed, and nobody writes them */
        }
        buffer_append(pieces, piece.content.data, piece.content.length);
    }
    *out = (struct pki_slice){pieces->data, pieces->length};
    return !reader.failed && !pieces->failed;
}

struct reader ber_enter(struct reader *reader, uint8_t tag)
{
    struct reader inner = {.failed = true};
    struct der value;

    if (!ber_next(reader, &value) || value.tag != tag) {
        reader->failed = true;
        return inner;
    }
    return reader_new(value.content.data, value.content.length);
}
