/* Base64. */
#include "base64.h"

/* Values above 63 have bit 7 set, so that four lookups are judged at once. */
#define SPACE   0x80
#define PADDING 0x81
#define INVALID 0xff

#define S SPACE
#define P PADDING
#define X INVALID
static const uint8_t digits[256] = {
    X,  X,  X,  X,  X,  X,  X,  X,  X,  S,  S,  S,  S,  S,  X,  X,  /* 0x09 to 0x0d */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* */
    S,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  62, X,  X,  X,  63, /* ' ' '+' '/' */
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X,  X,  X,  P,  X,  X,  /* digits, '=' */
    X,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, /* A to O */
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X,  X,  X,  X,  X,  /* P to Z */
    X,  26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, /* a to o */
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X,  X,  X,  X,  X,  /* p to z */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* the rest is not ASCII */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* */
};
#undef S
#undef P
#undef X

/* What the last one to three digits stand for. */
static long finish(const uint8_t *out, uint8_t *to, uint32_t bits, int count, int padding)
{
    if (count == 0 && padding == 0) {
        return to - out;
    }
    if (count == 2 && padding == 2) {
        *to++ = (uint8_t)(bits >> 4);
        return to - out;
    }
    if (count == 3 && padding == 1) {
        *to++ = (uint8_t)(bits >> 10);
        *to++ = (uint8_t)(bits >> 2);
        return to - out;
    }
    return -1;
}

/* Decodes whole groups of four digits until something else comes; returns where. */
static const uint8_t *decode_groups(const uint8_t *at, const uint8_t *end, uint8_t **to)
{
    uint8_t *out = *to;

    while (end - at >= 4) {
        uint8_t a = digits[at[0]], b = digits[at[1]], c = digits[at[2]], d = digits[at[3]];
        if (((a | b | c | d) & 0x80) != 0) {
            break;
        }
        out[0] = (uint8_t)(a << 2 | b >> 4);
        out[1] = (uint8_t)(b << 4 | c >> 2);
        out[2] = (uint8_t)(c << 6 | d);
        out += 3;
        at += 4;
    }
    *to = out;
    return at;
}

long base64_decode(uint8_t *out, struct pki_slice text)
{
    const uint8_t *at = text.data;
    const uint8_t *end = text.data + text.length;
    uint8_t *to = out;
    uint32_t bits = 0;
    int count = 0, padding = 0;

    while (at < end) {
        uint8_t value = digits[*at];
        if (count == 0 && padding == 0 && value < 64) {
            const uint8_t *after = decode_groups(at, end, &to);
            if (after > at) {
                at = after;
                continue;
            }
        }
        at++;
        if (value == SPACE) {
            continue;
        }
        if (value == PADDING) {
            padding++;
            continue;
        }
        if (value == INVALID || padding > 0) {
            return -1;
        }
        bits = bits << 6 | value;
        if (++count == 4) {
            *to++ = (uint8_t)(bits >> 16);
            *to++ = (uint8_t)(bits >> 8);
            *to++ = (uint8_t)bits;
            count = 0;
        }
    }
    return finish(out, to, bits, count, padding);
}

void base64_append(struct buffer *out, struct pki_slice bytes)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t room;
    uint8_t *to;

    if (!size_multiply(bytes.length / 3 + 1, 4, &room) || !buffer_reserve(out, room)) {
        out->failed = true;
        return;
    }
    to = out->data + out->length;
    for (size_t i = 0; i < bytes.length; i += 3) {
        size_t left = bytes.length - i;
        uint32_t group = (uint32_t)bytes.data[i] << 16;
        group |= left > 1 ? (uint32_t)bytes.data[i + 1] << 8 : 0;
        group |= left > 2 ? bytes.data[i + 2] : 0;
        *to++ = (uint8_t)letters[group >> 18];
        *to++ = (uint8_t)letters[group >> 12 & 63];
        *to++ = left > 1 ? (uint8_t)letters[group >> 6 & 63] : '=';
        *to++ = left > 2 ? (uint8_t)letters[group & 63] : '=';
    }
    out->length = (size_t)(to - out->data);
}
