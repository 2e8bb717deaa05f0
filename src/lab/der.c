/* Writing DER. */
#include "der.h"

#include <string.h>
#include <time.h>

#define HEADER_MAX (2 + sizeof(uint32_t))

/* Definite form, as short as possible (X.690 10.1). The number of bytes that it takes. */
static size_t write_header(uint8_t header[HEADER_MAX], uint8_t tag, size_t length)
{
    size_t bytes = 0;

    header[0] = tag;
    if (length < 0x80) {
        header[1] = (uint8_t)length;
        return 2;
    }
    for (size_t rest = length; rest > 0; rest >>= 8) {
        bytes++;
    }
    header[1] = (uint8_t)(0x80 | bytes);
    for (size_t i = 0; i < bytes; i++) {
        header[2 + i] = (uint8_t)(length >> (8 * (bytes - 1 - i)));
    }
    return 2 + bytes;
}

void lab_der_wrap(struct buffer *out, size_t start, uint8_t tag)
{
    uint8_t header[HEADER_MAX];
    size_t length = out->length - start;
    size_t size;

    if (out->failed || length > UINT32_MAX) {
        out->failed = true;
        return;
    }
    size = write_header(header, tag, length);
    buffer_append(out, header, size); /* for the room */
    if (!out->failed) {
        memmove(out->data + start + size, out->data + start, length);
        memcpy(out->data + start, header, size);
    }
}

void lab_der_put(struct buffer *out, uint8_t tag, const void *content, size_t length)
{
    size_t start = out->length;

    buffer_append(out, content, length);
    lab_der_wrap(out, start, tag);
}

void lab_der_time(struct buffer *out, int64_t seconds)
{
    char text[24];
    struct tm tm;
    time_t time = (time_t)seconds;

    if (gmtime_r(&time, &tm) == NULL || strftime(text, sizeof text, "%Y%m%d%H%M%SZ", &tm) == 0) {
        out->failed = true;
        return;
    }
    lab_der_put(out, DER_GENERALIZED_TIME, text, strlen(text));
}
