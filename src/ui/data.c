/* Application data in lines. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "canvas.h"
#include "data.h"
#include "page.h"
#include "selection.h"

void ui_data_free(struct ui_data *data)
{
    free(data->chunks);
    free(data->lines);
    *data = (struct ui_data){0};
}

/* ---- bytes --------------------------------------------------------------------------------------- */

static bool is_data(const struct trace_row *row)
{
    return row->layer == TRACE_LAYER_TLS && row->content_type == WIRE_APPLICATION_DATA &&
           (!row->encrypted || row->decrypted);
}

const uint8_t *ui_data_bytes(const struct trace *trace, const struct ui_data_chunk *chunk,
                             size_t *length)
{
    const struct trace_row *row = trace_row_at(trace, chunk->n - 1);
    struct trace_buffer buffers[UI_BUFFERS_MAX];
    size_t count = trace_row_buffers(trace, row, buffers, UI_BUFFERS_MAX);
    const struct trace_buffer *last;

    *length = 0;
    if (row->dropped || count == 0 || count > UI_BUFFERS_MAX) {
        return NULL;
    }
    last = &buffers[count - 1]; /* the content; with padding it has the same beginning */
    if (strcmp(last->name, "record") == 0) {
        return NULL;
    }
    *length = last->length < chunk->length ? last->length : chunk->length;
    return last->data;
}

/* ---- lines ---------------------------------------------------------------------------------------- */

static void add_line(struct ui_data *data, enum ui_data_kind kind, size_t offset, size_t length)
{
    void *lines = array_grow(data->lines, &data->capacity, data->count + 1, sizeof *data->lines);

    if (lines == NULL) {
        data->failed = true;
        return;
    }
    data->lines = lines;
    data->lines[data->count++] = (struct ui_data_line){.chunk = (uint32_t)data->chunk_count - 1,
                                                       .offset = (uint32_t)offset,
                                                       .length = (uint32_t)length,
                                                       .kind = kind};
}

/* How many bytes the first character takes, and how many columns it will take as safe text. */
static size_t measure(const uint8_t *bytes, size_t left, bool ascii, int *columns)
{
    uint32_t character;
    char safe[40];
    size_t length;

    if (bytes[0] >= 0x20 && bytes[0] < 0x7f && bytes[0] != '\\') {
        *columns = 1;
        return 1;
    }
    length = text_utf8_decode(bytes, left, &character);
    length = length > 0 ? length : 1;
    *columns = ui_text_columns(text_safe(safe, sizeof safe, bytes, length), ascii);
    return length;
}

/* The bytes of one line of text: up to its line feed, or as much as fits. */
static size_t take_text(const uint8_t *bytes, size_t left, const struct ui_data_form *form)
{
    size_t taken = 0;
    int used = 0, columns;

    while (taken < left) {
        size_t length = measure(bytes + taken, left - taken, form->ascii, &columns);
        if (bytes[taken] == '\n') {
            return taken + 1;
        }
        /* A carriage return before a line feed is not shown. */
        if (bytes[taken] == '\r' && left - taken > 1 && bytes[taken + 1] == '\n') {
            return taken + 2;
        }
        if (used + columns > form->columns && taken > 0) {
            return taken;
        }
        used += columns;
        taken += length;
    }
    return taken;
}

static void add_chunk_lines(struct ui_data *data, const struct ui_data_chunk *chunk)
{
    size_t length;
    const uint8_t *bytes = ui_data_bytes(data->trace, chunk, &length);
    size_t step = data->form.columns > 0 ? (size_t)data->form.columns : 1;

    if (bytes == NULL) {
        add_line(data, UI_DATA_GONE, 0, 0);
        return;
    }
    for (size_t at = 0; at < length && !data->failed;) {
        size_t left = length - at;
        size_t taken =
            data->form.hex ? (left < step ? left : step) : take_text(bytes + at, left, &data->form);
        add_line(data, UI_DATA_BYTES, at, taken);
        at += taken;
    }
}

static void add_chunk(struct ui_data *data, const struct trace_row *row)
{
    struct ui_data_chunk chunk = {
        .n = row->n, .from = row->from, .start = data->sent[row->from], .length = row->length};
    bool turn = data->chunk_count == 0 || data->chunks[data->chunk_count - 1].from != row->from;
    void *chunks;

    data->sent[row->from] += row->length;
    if ((data->form.sides & UI_DATA_SIDE(row->from)) == 0 || row->length == 0) {
        return;
    }
    chunks = array_grow(data->chunks, &data->chunk_capacity, data->chunk_count + 1,
                        sizeof *data->chunks);
    if (chunks == NULL) {
        data->failed = true;
        return;
    }
    data->chunks = chunks;
    data->chunks[data->chunk_count++] = chunk;
    if (turn) {
        add_line(data, UI_DATA_TURN, 0, 0);
    }
    add_chunk_lines(data, &chunk);
}

static bool same_form(const struct ui_data_form *a, const struct ui_data_form *b)
{
    return a->hex == b->hex && a->sides == b->sides && a->columns == b->columns &&
           a->ascii == b->ascii;
}

void ui_data_update(struct ui_data *data, const struct trace *trace, size_t cursor,
                    const struct ui_data_form *form)
{
    size_t rows = trace_row_count_at(trace, cursor);

    if (data->trace != trace || !same_form(&data->form, form) || rows < data->scanned ||
        cursor < data->cursor || (data->unsent && cursor != data->cursor)) {
        data->count = data->chunk_count = data->scanned = 0;
        data->sent[WIRE_CLIENT] = data->sent[WIRE_SERVER] = 0;
        data->unsent = data->failed = false;
    }
    data->trace = trace;
    data->cursor = cursor;
    data->form = *form;
    for (; data->scanned < rows && !data->failed; data->scanned++) {
        const struct trace_row *row = trace_row_at(trace, data->scanned);
        if (!is_data(row)) {
            continue;
        }
        if (row->wire_event > cursor) {
            data->unsent = true;
        } else {
            add_chunk(data, row);
        }
    }
}

/* ---- searching -------------------------------------------------------------------------------------- */

/* What to look for: a text, and the bytes that its hexadecimal digits name. */
struct wanted {
    const char *text;
    size_t length;
    uint8_t bytes[64];
    long byte_count; /* at most 0: they name none */
    bool first[256]; /* a match can begin with these */
};

static struct wanted make_wanted(const char *text, bool hex)
{
    struct wanted wanted = {.text = text, .length = strlen(text)};
    char digits[2 * sizeof wanted.bytes + 1];
    size_t used = 0;

    for (const char *at = text; hex && *at != '\0' && used + 1 < sizeof digits; at++) {
        if (*at != ' ') {
            digits[used++] = *at;
        }
    }
    wanted.byte_count = text_unhex(wanted.bytes, sizeof wanted.bytes, digits, used);
    wanted.first[(uint8_t)tolower((unsigned char)text[0])] = true;
    wanted.first[(uint8_t)toupper((unsigned char)text[0])] = true;
    wanted.first[wanted.bytes[0]] |= wanted.byte_count > 0;
    return wanted;
}

static bool begins_here(const uint8_t *bytes, size_t left, const struct wanted *wanted)
{
    return (wanted->length > 0 && left >= wanted->length &&
            ui_text_contains((const char *)bytes, wanted->length, wanted->text)) ||
           (wanted->byte_count > 0 && left >= (size_t)wanted->byte_count &&
            memcmp(bytes, wanted->bytes, (size_t)wanted->byte_count) == 0);
}

/* Does a match begin in this line? It may go on in the next ones of the chunk. */
static bool line_matches(const struct ui_data_line *line, const uint8_t *bytes, size_t length,
                         const struct wanted *wanted)
{
    for (size_t i = 0; i < line->length && line->offset + i < length; i++) {
        if (wanted->first[bytes[line->offset + i]] &&
            begins_here(bytes + line->offset + i, length - line->offset - i, wanted)) {
            return true;
        }
    }
    return false;
}

/* Lines that match: the first, the last, and the ones around the place; no list of all of them. */
struct tally {
    size_t count;
    size_t first, last; /* lines; valid when count > 0 */
    size_t before, after;
    size_t before_rank, after_rank;
    bool has_before, has_after;
};

static void add_to_tally(struct tally *tally, size_t line, size_t from)
{
    tally->count++;
    if (tally->count == 1) {
        tally->first = line;
    }
    tally->last = line;
    if (line < from) {
        tally->has_before = true;
        tally->before = line;
        tally->before_rank = tally->count;
    } else if (line > from && !tally->has_after) {
        tally->has_after = true;
        tally->after = line;
        tally->after_rank = tally->count;
    }
}

long ui_data_find(const struct ui_data *data, size_t from, const char *text, bool backward,
                  size_t *which, size_t *count)
{
    struct wanted wanted = make_wanted(text, data->form.hex);
    struct tally tally = {0};
    const uint8_t *bytes = NULL;
    size_t length = 0;
    uint32_t chunk = UINT32_MAX;

    for (size_t i = 0; i < data->count; i++) {
        const struct ui_data_line *line = &data->lines[i];
        if (line->chunk != chunk) {
            chunk = line->chunk;
            bytes = ui_data_bytes(data->trace, &data->chunks[chunk], &length);
        }
        if (bytes != NULL && line_matches(line, bytes, length, &wanted)) {
            add_to_tally(&tally, i, from);
        }
    }
    *count = tally.count;
    if (tally.count == 0) {
        return -1;
    }
    if (backward) {
        *which = tally.has_before ? tally.before_rank : tally.count;
        return (long)(tally.has_before ? tally.before : tally.last);
    }
    *which = tally.has_after ? tally.after_rank : 1;
    return (long)(tally.has_after ? tally.after : tally.first);
}

/* ---- text or not ------------------------------------------------------------------------------------- */

#define SAMPLE 512

bool ui_data_is_binary(const struct trace *trace, size_t cursor)
{
    size_t rows = trace_row_count_at(trace, cursor);
    size_t seen = 0, strange = 0;

    for (size_t i = 0; i < rows && seen < SAMPLE; i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        const struct ui_data_chunk chunk = {.n = row->n, .length = row->length};
        size_t length = 0;
        const uint8_t *bytes = is_data(row) ? ui_data_bytes(trace, &chunk, &length) : NULL;
        for (size_t at = 0; at < length && seen < SAMPLE; at++, seen++) {
            bool control = bytes[at] < 0x20 && strchr("\t\n\r", bytes[at]) == NULL;
            strange += control || bytes[at] == 0 || bytes[at] >= 0x7f;
        }
    }
    return strange * 4 > seen;
}

/* ---- saving ------------------------------------------------------------------------------------------- */

int ui_data_save(const struct trace *trace, size_t cursor, unsigned sides, const char *path,
                 uint64_t *written, struct err *err)
{
    static const char what[] = "application data";
    size_t rows = trace_row_count_at(trace, cursor);
    int fd = file_create_private(path, what, false, err);

    *written = 0;
    if (fd < 0) {
        return -1;
    }
    for (size_t i = 0; i < rows; i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        const struct ui_data_chunk chunk = {.n = row->n, .length = row->length};
        size_t length = 0;
        const uint8_t *bytes = NULL;
        if (is_data(row) && row->wire_event <= cursor && (sides & UI_DATA_SIDE(row->from)) != 0) {
            bytes = ui_data_bytes(trace, &chunk, &length);
        }
        if (length > 0 && file_write_all(fd, bytes, length, what, err) != 0) {
            (void)close(fd);
            return -1;
        }
        *written += length;
    }
    return close(fd) == 0 ? 0 : err_set(err, ERR_FILE, "cannot_write", "cannot write %s", path);
}
