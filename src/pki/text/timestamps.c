/* Embedded signed certificate timestamps (RFC 6962 3.3). */
#include "../sct.h"
#include "text.h"

#define LINE_INDENT  (TEXT_VALUE + 4)
#define BYTES_INDENT (TEXT_VALUE + 16)
#define BYTES_WIDTH  16

/* Upper-case bytes in lines; the first one goes on where the buffer ends. */
static void show_upper(struct buffer *out, struct pki_slice bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        if (i > 0 && i % BYTES_WIDTH == 0) {
            buffer_u8(out, '\n');
            show_indent(out, BYTES_INDENT);
        }
        buffer_printf(out, "%02X%s", bytes.data[i], i + 1 == bytes.length ? "" : ":");
    }
}

static void show_label(struct buffer *out, const char *label)
{
    buffer_u8(out, '\n');
    show_indent(out, LINE_INDENT);
    buffer_text(out, label);
}

/* RFC 6962 2.1.4 allows two algorithms (RFC 5246 7.4.1.4.1). */
static void show_algorithm(struct buffer *out, uint16_t algorithm)
{
    switch (algorithm) {
    case 0x0403:
        buffer_text(out, "ecdsa-with-SHA256");
        break;
    case 0x0401:
        buffer_text(out, "sha256WithRSAEncryption");
        break;
    default:
        buffer_printf(out, "%04X", algorithm);
    }
}

static void show_first_version(struct buffer *out, const struct sct *sct)
{
    buffer_text(out, "v1 (0x0)");
    show_label(out, "Log ID    : ");
    show_upper(out, sct->log_id);
    show_label(out, "Timestamp : ");
    show_time(out, (int64_t)(sct->timestamp / 1000), (int)(sct->timestamp % 1000));
    show_label(out, "Extensions: ");
    if (sct->extensions.length == 0) {
        buffer_text(out, "none");
    }
    show_upper(out, sct->extensions);
    show_label(out, "Signature : ");
    show_algorithm(out, sct->algorithm);
    show_label(out, "            ");
    show_upper(out, sct->signature);
}

static bool show_timestamp(struct buffer *out, struct pki_slice bytes)
{
    struct sct sct;

    if (!sct_read(&sct, bytes)) {
        return false;
    }
    show_indent(out, TEXT_VALUE);
    buffer_text(out, "Signed Certificate Timestamp:");
    show_label(out, "Version   : ");
    if (sct.version == 0) {
        show_first_version(out, &sct);
    } else {
        buffer_text(out, "unknown\n");
        show_indent(out, BYTES_INDENT);
        show_upper(out, bytes);
    }
    return true;
}

bool show_timestamps(struct buffer *out, struct reader *value)
{
    struct reader scts = sct_list_enter(der_value(value, DER_OCTET_STRING).content);
    struct pki_slice bytes;
    bool first = true;

    while (sct_list_next(&scts, &bytes)) {
        buffer_text(out, first ? "" : "\n");
        first = false;
        if (!show_timestamp(out, bytes)) {
            return false;
        }
    }
    return !scts.failed;
}
