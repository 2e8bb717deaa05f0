/* PEM. */
#include "pem.h"

#include <string.h>

static const char begin_mark[] = "-----BEGIN ";
static const char end_mark[] = "-----END ";
static const char dashes[] = "-----";

#define MARK_LENGTH(mark) (sizeof(mark) - 1)
/* The longest line that begins a block; a label is a few words. */
#define LABEL_MAX  100
#define LINE_BYTES ((size_t)48) /* 64 characters */

static const uint8_t *find(const uint8_t *at, const uint8_t *end, const char *mark, size_t length)
{
    return memmem(at, (size_t)(end - at), mark, length);
}

static bool starts_with(const uint8_t *at, const uint8_t *end, const char *mark, size_t length)
{
    return (size_t)(end - at) >= length && memcmp(at, mark, length) == 0;
}

/* Where a body ends: base64 has no dashes, and the headers of RFC 1421 no five in a row. */
static const uint8_t *find_dashes(const uint8_t *at, const uint8_t *end)
{
    while ((at = memchr(at, '-', (size_t)(end - at))) != NULL) {
        if (starts_with(at, end, dashes, MARK_LENGTH(dashes))) {
            return at;
        }
        at++;
    }
    return end;
}

/* The label behind "-----BEGIN ": up to the dashes on the same line. Empty when there are none. */
static struct pki_slice read_label(const uint8_t *begin, const uint8_t *end)
{
    const uint8_t *limit = end - begin > LABEL_MAX ? begin + LABEL_MAX : end;
    const uint8_t *line = memchr(begin, '\n', (size_t)(limit - begin));
    const uint8_t *label_end = find_dashes(begin, line != NULL ? line : limit);

    if (label_end == (line != NULL ? line : limit)) {
        return (struct pki_slice){begin, 0};
    }
    return (struct pki_slice){begin, (size_t)(label_end - begin)};
}

bool pem_next(struct pki_slice text, size_t *at, struct pem_block *out)
{
    const uint8_t *end = text.data + text.length;
    const uint8_t *begin, *body_end;

    if (*at >= text.length) {
        return false;
    }
    begin = text.data + *at;
    do {
        begin = find(begin, end, begin_mark, MARK_LENGTH(begin_mark));
        if (begin == NULL) {
            return false;
        }
        begin += MARK_LENGTH(begin_mark);
        out->label = read_label(begin, end);
    } while (out->label.length == 0);
    out->body.data = begin + out->label.length + MARK_LENGTH(dashes);
    body_end = find_dashes(out->body.data, end);
    out->ended = starts_with(body_end, end, end_mark, MARK_LENGTH(end_mark));
    out->body.length = (size_t)(body_end - out->body.data);
    *at = (size_t)(body_end - text.data);
    return true;
}

bool pem_has_label(const struct pem_block *block, const char *label)
{
    return block->label.length == strlen(label) &&
           memcmp(block->label.data, label, block->label.length) == 0;
}

bool pem_is_certificate(const struct pem_block *block)
{
    return pem_has_label(block, "CERTIFICATE") || pem_has_label(block, "X509 CERTIFICATE");
}

void pki_pem_append(struct buffer *out, struct pki_slice der, const char *label)
{
    buffer_printf(out, "-----BEGIN %s-----\n", label);
    for (size_t i = 0; i < der.length; i += LINE_BYTES) {
        size_t left = der.length - i;
        base64_append(out, (struct pki_slice){der.data + i, left < LINE_BYTES ? left : LINE_BYTES});
        buffer_u8(out, '\n');
    }
    buffer_printf(out, "-----END %s-----\n", label);
}
