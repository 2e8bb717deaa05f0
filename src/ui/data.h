/*
 * The application data of both sides in order, cut into the lines of a screen, as text or as hex. It
 * is extended when more data comes; lines know where their bytes are and hold none themselves.
 */
#ifndef TLSTEP_UI_DATA_H
#define TLSTEP_UI_DATA_H

#include "tlstep/trace.h"

/* The data of one row. */
struct ui_data_chunk {
    uint32_t n;
    enum wire_side from;
    uint64_t start; /* bytes that this side had sent before */
    uint32_t length;
};

enum ui_data_kind {
    UI_DATA_TURN,  /* a side begins to speak */
    UI_DATA_BYTES, /* `length` bytes at `offset` of the chunk */
    UI_DATA_GONE,  /* the chunk's bytes were dropped */
};

struct ui_data_line {
    uint32_t chunk; /* index */
    uint32_t offset;
    uint32_t length;
    enum ui_data_kind kind;
};

#define UI_DATA_SIDE(side) (1u << (side))
#define UI_DATA_BOTH       (UI_DATA_SIDE(WIRE_CLIENT) | UI_DATA_SIDE(WIRE_SERVER))

/* How it is to be seen. */
struct ui_data_form {
    bool hex;
    unsigned sides; /* UI_DATA_SIDE() of those that are shown */
    int columns;    /* of text, or bytes in a line of hex */
    bool ascii;
};

struct ui_data {
    struct ui_data_form form;
    struct ui_data_chunk *chunks;
    size_t chunk_count, chunk_capacity;
    struct ui_data_line *lines;
    size_t count, capacity;
    uint64_t sent[2]; /* bytes by side, shown or not */
    bool failed;      /* memory ran out: lines are missing */
    /* What it was made from. */
    const struct trace *trace;
    size_t cursor;
    size_t scanned; /* rows */
    bool unsent;    /* one of them was not on the wire yet */
};

void ui_data_free(struct ui_data *data);

/* Brings the lines up to date with the cursor and the form. */
void ui_data_update(struct ui_data *data, const struct trace *trace, size_t cursor,
                    const struct ui_data_form *form);

/* The bytes of a chunk; NULL when they were dropped. Borrowed as trace_row_buffers() says. */
const uint8_t *ui_data_bytes(const struct trace *trace, const struct ui_data_chunk *chunk,
                             size_t *length);

/* Where a text stands: the next line that has its beginning, from line `from` on (not itself),
 * around the end. `which` of `count` it is. -1: nowhere. In hex digits are bytes, too. */
long ui_data_find(const struct ui_data *data, size_t from, const char *text, bool backward,
                  size_t *which, size_t *count);

/* True when most of the first bytes are no text. */
bool ui_data_is_binary(const struct trace *trace, size_t cursor);

/* Writes the data of some sides in order, as it came, into a new file (mode 0600). */
int ui_data_save(const struct trace *trace, size_t cursor, unsigned sides, const char *path,
                 uint64_t *written, struct err *err);

#endif
