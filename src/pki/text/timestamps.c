/* Embedded signed certificate timestamps (RFC 6962 3.3). */
#include <inttypes.h>

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

/* opaque<0..2^16-1> */
static struct pki_slice read_opaque(struct reader *reader)
{
    size_t length = reader_u16(reader);
    const uint8_t *bytes = reader_bytes(reader, length);
    return (struct pki_slice){bytes, bytes == NULL ? 0 : length};
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

static bool show_first_version(struct buffer *out, struct reader *sct)
{
    struct pki_slice log = {reader_bytes(sct, 32), 32}, extensions, signature;
    uint64_t timestamp = reader_u64(sct);
    uint16_t algorithm;

    extensions = read_opaque(sct);
    algorithm = reader_u16(sct);
    signature = read_opaque(sct);
    if (!der_done(sct)) {
        return false;
    }
    buffer_text(out, "v1 (0x0)");
    show_label(out, "Log ID    : ");
    show_upper(out, log);
    show_label(out, "Timestamp : ");
    show_time(out, (int64_t)(timestamp / 1000), (int)(timestamp % 1000));
    show_label(out, "Extensions: ");
    if (extensions.length == 0) {
        buffer_text(out, "none");
    }
    show_upper(out, extensions);
    show_label(out, "Signature : ");
    show_algorithm(out, algorithm);
    show_label(out, "            ");
    show_upper(out, signature);
    return true;
}

static bool show_timestamp(struct buffer *out, struct pki_slice bytes)
{
    struct reader sct = reader_new(bytes.data, bytes.length);
    uint8_t version = reader_u8(&sct);

    show_indent(out, TEXT_VALUE);
    buffer_text(out, "Signed Certificate Timestamp:");
    show_label(out, "Version   : ");
    if (version == 0) {
        return show_first_version(out, &sct);
    }
    buffer_text(out, "unknown\n");
    show_indent(out, BYTES_INDENT);
    show_upper(out, bytes);
    return true;
}

bool show_timestamps(struct buffer *out, struct reader *value)
{
    struct pki_slice content = der_value(value, DER_OCTET_STRING).content;
    struct reader whole = reader_new(content.data, content.length);
    struct pki_slice list = read_opaque(&whole);
    struct reader scts = reader_new(list.data, list.length);
    bool first = true;

    if (!der_done(&whole)) {
        return false;
    }
    while (reader_left(&scts) > 0) {
        struct pki_slice bytes = read_opaque(&scts);

        buffer_text(out, first ? "" : "\n");
        first = false;
        if (bytes.length == 0 || !show_timestamp(out, bytes)) {
            return false;
        }
    }
    return !scts.failed;
}
