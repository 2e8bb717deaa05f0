/* Blocks of pcapng files, read. Nothing in them is believed before it is there. */
#include <errno.h>
#include <string.h>

#include "pcapng.h"
#include "session_comment.h"

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define KEY_LOG          0x544c534b

#define BLOCK_HEADER 8
#define BLOCK_EXTRA  12 /* header, and the length again at the end */
/* No block of ours is larger: a verdict over a message of 16 MiB in base64. */
#define BLOCK_MAX  ((size_t)64 * 1024 * 1024)
#define READ_CHUNK ((size_t)256 * 1024)

/* ---- blocks ------------------------------------------------------------------------------------- */

/* Reads up to `count` bytes into the block. Returns how many came. */
static size_t read_more(struct pcapng_reader *reader, size_t count)
{
    if (!buffer_reserve(&reader->block, count)) {
        return 0;
    }
    size_t got = fread(reader->block.data + reader->block.length, 1, count, reader->file);
    reader->block.length += got;
    return got;
}

/* Why fewer bytes came than were wanted. */
static enum pcapng_read short_read(const struct pcapng_reader *reader)
{
    if (reader->block.failed) {
        return PCAPNG_NO_MEMORY;
    }
    return ferror(reader->file) ? PCAPNG_ERROR : PCAPNG_CUT;
}

/* What a file is that does not begin like ours: the magic numbers of pcap, and of compression. */
static enum pcapng_read judge_beginning(const uint8_t *data, size_t length)
{
    static const uint8_t magics[][4] = {
        {0xd4, 0xc3, 0xb2, 0xa1}, {0xa1, 0xb2, 0xc3, 0xd4}, {0x4d, 0x3c, 0xb2, 0xa1},
        {0xa1, 0xb2, 0x3c, 0x4d}, {0x0a, 0x0d, 0x0d, 0x0a}, {0x28, 0xb5, 0x2f, 0xfd},
    };

    for (size_t i = 0; length >= 4 && i < sizeof magics / sizeof *magics; i++) {
        if (memcmp(data, magics[i], 4) == 0) {
            return PCAPNG_FOREIGN;
        }
    }
    bool gzip = length >= 2 && data[0] == 0x1f && data[1] == 0x8b;
    return gzip ? PCAPNG_FOREIGN : PCAPNG_NO_FILE;
}

/* The first block must be a section header in our byte order. */
static enum pcapng_read check_beginning(const struct pcapng_reader *reader)
{
    const struct buffer *block = &reader->block;
    struct reader bytes = reader_new(block->data, block->length);
    bool section = reader_u32le(&bytes) == PCAPNG_SECTION;

    (void)reader_u32le(&bytes); /* the length is looked at later */
    bool ours = reader_u32le(&bytes) == BYTE_ORDER_MAGIC;
    if (!bytes.failed) {
        return section && ours ? PCAPNG_BLOCK : judge_beginning(block->data, block->length);
    }
    enum pcapng_read why = short_read(reader);
    return why != PCAPNG_CUT || section ? why : judge_beginning(block->data, block->length);
}

/* Reads the rest of a block whose beginning is there. */
static enum pcapng_read read_rest(struct pcapng_reader *reader, size_t total)
{
    while (reader->block.length < total) {
        size_t left = total - reader->block.length;
        if (read_more(reader, left < READ_CHUNK ? left : READ_CHUNK) == 0) {
            return short_read(reader);
        }
    }
    return PCAPNG_BLOCK;
}

/* Reads the beginning of a block: its type and length, and of the first one the byte order. */
static enum pcapng_read read_beginning(struct pcapng_reader *reader)
{
    reader->block.length = 0;
    if (!reader->begun) {
        (void)read_more(reader, BLOCK_HEADER + 4); /* check_beginning() looks at how much came */
        reader->begun = true;
        return check_beginning(reader);
    }
    size_t got = read_more(reader, BLOCK_HEADER);
    if (got == BLOCK_HEADER) {
        return PCAPNG_BLOCK;
    }
    enum pcapng_read why = short_read(reader);
    return why == PCAPNG_CUT && got == 0 ? PCAPNG_END : why;
}

enum pcapng_read pcapng_next(struct pcapng_reader *reader, struct pcapng_block *block)
{
    enum pcapng_read result = read_beginning(reader);

    if (result != PCAPNG_BLOCK) {
        return result;
    }
    struct reader header = reader_new(reader->block.data, reader->block.length);
    block->type = reader_u32le(&header);
    size_t total = reader_u32le(&header);
    if (total % 4 != 0 || total < BLOCK_EXTRA || total < reader->block.length ||
        total > BLOCK_MAX) {
        return PCAPNG_CUT;
    }
    result = read_rest(reader, total);
    if (result != PCAPNG_BLOCK) {
        return result;
    }
    struct reader trailer = reader_new(reader->block.data + total - 4, 4);
    if (reader_u32le(&trailer) != total) {
        return PCAPNG_CUT;
    }
    block->body = reader->block.data + BLOCK_HEADER;
    block->length = total - BLOCK_EXTRA;
    return PCAPNG_BLOCK;
}

void pcapng_reader_free(struct pcapng_reader *reader)
{
    buffer_wipe_free(&reader->block);
}

/* ---- what is in them ----------------------------------------------------------------------------- */

static size_t padded(size_t length)
{
    return (length + 3) / 4 * 4;
}

/* A reader that stands before a block's options. It has failed when they cannot be there. */
static struct reader options_of(const struct pcapng_block *block)
{
    struct reader reader = reader_new(block->body, block->length);
    struct pki_slice data = {0};

    switch (block->type) {
    case PCAPNG_SECTION:
        (void)reader_bytes(&reader, 16);
        break;
    case PCAPNG_STATISTICS:
        (void)reader_bytes(&reader, 12);
        break;
    case PCAPNG_PACKET:
        if (!pcapng_data(block, &data)) {
            reader.failed = true;
        }
        (void)reader_bytes(&reader, 20);
        (void)reader_bytes(&reader, padded(data.length));
        break;
    default:
        reader.failed = true;
    }
    return reader;
}

static bool begins_with(const uint8_t *data, size_t length, const char *mark)
{
    return length >= strlen(mark) && memcmp(data, mark, strlen(mark)) == 0;
}

void pcapng_json(const struct pcapng_block *block, struct buffer *out)
{
    struct reader options = options_of(block);
    bool begun = false;

    while (reader_left(&options) >= 4) {
        uint16_t code = reader_u16le(&options);
        uint16_t length = reader_u16le(&options);
        const uint8_t *value = reader_bytes(&options, padded(length));
        if (code == 0 || value == NULL) {
            return;
        }
        if (code != 1) {
            continue;
        }
        if (begun ? begins_with(value, length, SESSION_MARK_MORE)
                  : begins_with(value, length, SESSION_MARK)) {
            size_t mark = strlen(SESSION_MARK);
            buffer_append(out, value + mark, length - mark);
            begun = true;
        }
    }
}

bool pcapng_data(const struct pcapng_block *block, struct pki_slice *data)
{
    struct reader reader = reader_new(block->body, block->length);

    if (block->type == PCAPNG_SECRETS) {
        if (reader_u32le(&reader) != KEY_LOG) {
            return false;
        }
    } else {
        (void)reader_bytes(&reader, 12); /* interface and time */
    }
    size_t length = reader_u32le(&reader);
    if (block->type != PCAPNG_SECRETS) {
        (void)reader_u32le(&reader); /* length on the wire */
    }
    data->data = reader_bytes(&reader, length);
    data->length = length;
    return data->data != NULL;
}
