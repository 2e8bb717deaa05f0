/* Certificates that were sent compressed. Nothing is allocated by the length that is claimed: the output grows as it comes. */
#include "decompress.h"

#include <zlib.h>

#ifdef HAVE_BROTLI
#include <brotli/decode.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "log.h"
#include "row.h"

/* Of all certificates of one connection. */
#define TOTAL_MAX ((size_t)64 << 20)
#define CHUNK     ((size_t)16 * 1024)
#define PATH      "handshake.compressed_certificate"

enum outcome { OUTCOME_DONE, OUTCOME_BROKEN, OUTCOME_TOO_LONG, OUTCOME_NO_MEMORY };

/* Decompresses all of the input; more than `limit` bytes are too long. Returns an enum outcome. */
typedef int decompressor(struct buffer *out, size_t limit, const uint8_t *data, size_t length);

/* Room for the next bytes, but for one more than the limit at most, so that too many show. */
static size_t make_room(struct buffer *out, size_t start, size_t limit)
{
    size_t have = out->length - start;
    size_t room = have + CHUNK > limit + 1 ? limit + 1 - have : CHUNK;

    return buffer_reserve(out, room) ? room : 0;
}

static int inflate_all(struct buffer *out, size_t limit, const uint8_t *data, size_t length)
{
    z_stream stream = {.next_in = (Bytef *)data, .avail_in = (uInt)length};
    int outcome = OUTCOME_BROKEN;
    size_t start = out->length;
    int status = inflateInit(&stream);

    if (status != Z_OK) {
        return OUTCOME_NO_MEMORY;
    }
    do {
        size_t room = make_room(out, start, limit);
        if (room == 0) {
            outcome = OUTCOME_NO_MEMORY;
            break;
        }
        stream.next_out = out->data + out->length;
        stream.avail_out = (uInt)room;
        status = inflate(&stream, Z_NO_FLUSH);
        out->length += room - stream.avail_out;
        if (out->length - start > limit) {
            outcome = OUTCOME_TOO_LONG;
            break;
        }
        if (status == Z_STREAM_END) {
            outcome = stream.avail_in == 0 ? OUTCOME_DONE : OUTCOME_BROKEN;
        } else if (status == Z_MEM_ERROR) {
            outcome = OUTCOME_NO_MEMORY;
        }
    } while (status == Z_OK);
    (void)inflateEnd(&stream); /* fails only on a stream that is none */
    return outcome;
}

#ifdef HAVE_BROTLI
static int unbrotli_all(struct buffer *out, size_t limit, const uint8_t *data, size_t length)
{
    BrotliDecoderState *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    int outcome = OUTCOME_BROKEN;
    size_t start = out->length;

    if (state == NULL) {
        return OUTCOME_NO_MEMORY;
    }
    while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
        size_t room = make_room(out, start, limit);
        if (room == 0) {
            outcome = OUTCOME_NO_MEMORY;
            break;
        }
        size_t left = room;
        uint8_t *next = out->data + out->length;
        result = BrotliDecoderDecompressStream(state, &length, &data, &left, &next, NULL);
        out->length += room - left;
        if (out->length - start > limit) {
            outcome = OUTCOME_TOO_LONG;
            break;
        }
        if (result == BROTLI_DECODER_RESULT_SUCCESS) {
            outcome = length == 0 ? OUTCOME_DONE : OUTCOME_BROKEN;
        }
    }
    BrotliDecoderDestroyInstance(state);
    return outcome;
}
#else
#define unbrotli_all NULL
#endif

#ifdef HAVE_ZSTD
static int unzstd_all(struct buffer *out, size_t limit, const uint8_t *data, size_t length)
{
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer in = {.src = data, .size = length};
    int outcome = OUTCOME_BROKEN;
    size_t start = out->length;
    size_t status = 1;

    if (stream == NULL) {
        return OUTCOME_NO_MEMORY;
    }
    while (status != 0) {
        size_t room = make_room(out, start, limit);
        if (room == 0) {
            outcome = OUTCOME_NO_MEMORY;
            break;
        }
        ZSTD_outBuffer chunk = {.dst = out->data + out->length, .size = room};
        status = ZSTD_decompressStream(stream, &chunk, &in);
        out->length += chunk.pos;
        if (out->length - start > limit) {
            outcome = OUTCOME_TOO_LONG;
            break;
        }
        bool starved = in.pos == in.size && chunk.pos < chunk.size && status != 0;
        if (ZSTD_isError(status) || starved) {
            break;
        }
        if (status == 0) {
            outcome = in.pos == in.size ? OUTCOME_DONE : OUTCOME_BROKEN;
        }
    }
    (void)ZSTD_freeDStream(stream); /* never fails */
    return outcome;
}
#else
#define unzstd_all NULL
#endif

/* RFC 8879 7.3 */
static decompressor *const decompressors[] = {NULL, inflate_all, unbrotli_all, unzstd_all};

/* What is wrong, or NULL. */
static const char *problem_of(int outcome, size_t length, size_t claimed)
{
    switch (outcome) {
    case OUTCOME_DONE:
        return length == claimed ? NULL : "it is shorter than uncompressed_length says";
    case OUTCOME_TOO_LONG:
        return "it is longer than uncompressed_length says";
    default:
        return "it cannot be decompressed";
    }
}

/* A Certificate message with its header, from its body. */
static void keep_message(struct row *row, struct buffer *message)
{
    size_t body = message->length - WIRE_HANDSHAKE_HEADER;

    message->data[1] = (uint8_t)(body >> 16);
    message->data[2] = (uint8_t)(body >> 8);
    message->data[3] = (uint8_t)body;
    row->decompressed = message->data;
    row->decompressed_length = message->length;
    *message = (struct buffer){0};
}

static void tell(struct row *row, const char *problem, bool malformed)
{
    row->public.problem = problem;
    row->public.malformed = row->public.malformed || malformed;
}

/* The fields are in the tree of the message at work. */
static int decompress(struct trace *trace, struct row *row, decompressor *decompress_all,
                      size_t claimed, const uint8_t *data, size_t length)
{
    struct buffer message = {0};
    int outcome = OUTCOME_NO_MEMORY;

    buffer_u32(&message, (uint32_t)WIRE_CERTIFICATE << 24);
    if (!message.failed) {
        outcome = decompress_all(&message, claimed, data, length);
    }
    if (outcome == OUTCOME_NO_MEMORY) {
        buffer_free(&message);
        return -1;
    }
    trace->transcript.decompressed += message.length;
    const char *problem = problem_of(outcome, message.length - WIRE_HANDSHAKE_HEADER, claimed);
    if (problem != NULL) {
        tell(row, problem, true);
    }
    if (outcome == OUTCOME_DONE) {
        keep_message(row, &message);
    }
    buffer_free(&message);
    return 0;
}

int decompress_row(struct trace *trace, struct row *row)
{
    const struct wire_tree *tree = &trace->transcript.scratch;
    long compressed = wire_tree_find(tree, PATH ".compressed_certificate_message", 0);
    uint64_t algorithm = 0;
    uint64_t claimed = 0;

    if (compressed < 0 || !wire_tree_number(tree, PATH ".algorithm", &algorithm) ||
        !wire_tree_number(tree, PATH ".uncompressed_length", &claimed)) {
        return 0; /* it is malformed, and says so */
    }
    bool known = algorithm < sizeof decompressors / sizeof *decompressors;
    decompressor *decompress_all = known ? decompressors[algorithm] : NULL;
    if (decompress_all == NULL) {
        tell(row, "this build cannot decompress it", false);
        return 0;
    }
    if (claimed > TOTAL_MAX - trace->transcript.decompressed) {
        tell(row, "too much to decompress in one connection", false);
        return 0;
    }
    return decompress(trace, row, decompress_all, (size_t)claimed,
                      tree->data + tree->fields[compressed].offset,
                      tree->fields[compressed].length);
}
