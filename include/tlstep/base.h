/*
 * base: what every other room stands on. Bounded reading and writing of bytes, growable
 * buffers, an arena, the error value, clocks, and text made safe for a terminal.
 *
 * Nothing here knows TLS. Everything may be used from any thread as long as one object is
 * used by one thread at a time.
 */
#ifndef TLSTEP_BASE_H
#define TLSTEP_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TLSTEP_VERSION "0.1.0"

/* ---- errors ---------------------------------------------------------------------------- */

/* What went wrong, by the exit status it leads to (docs/tlstep.1, EXIT STATUS). */
enum err_class {
    ERR_NONE = 0,
    ERR_TLS = 1,           /* TLS failed, timed out after TCP, or a certificate was refused */
    ERR_USAGE = 2,         /* wrong usage, or not in this version */
    ERR_NETWORK = 3,       /* name lookup, connection, STARTTLS or proxy failed */
    ERR_FILE = 4,          /* a file could not be read or written */
    ERR_MEMORY = 5,        /* out of memory: exit status 1 */
    ERR_INTERRUPTED = 130, /* by a signal or the user */
};

/*
 * A failure, in words a user can act on: what was attempted, on what, why it failed.
 * `code` is a short stable word for scripts ("not_in_this_version", "no_such_message", …).
 * A function that can fail takes `struct err *` last, fills it and returns -1 (or NULL).
 * The pointer may be NULL where the caller does not care why.
 */
struct err {
    enum err_class class;
    char code[40];
    char text[600];
};

/* Fills `err` (which may be NULL). Always returns -1, so that callers can `return err_set(…)`.
 * `code` and the formatted text are cut to fit, never overflow. */
int err_set(struct err *err, enum err_class class, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Fills `err` with "out of memory while <doing>". Always returns -1. */
int err_memory(struct err *err, const char *doing);

/* Puts "<formatted>: " before the text that is already there. Always returns -1. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The process exit status for an error class. */
int err_exit_status(enum err_class class);

/* ---- secrets and memory ---------------------------------------------------------------- */

/* Overwrites `length` bytes in a way the compiler may not remove. NULL with 0 is fine. */
void secret_wipe(void *data, size_t length);

/* Wipes and frees a malloc'ed block of `length` bytes. NULL is fine. */
void secret_free(void *data, size_t length);

/* a + b and a * b without overflow: false when the result does not fit. */
bool size_add(size_t a, size_t b, size_t *sum);
bool size_multiply(size_t a, size_t b, size_t *product);

/* Grows a malloc'ed array of `*capacity` elements of `element` bytes so that `count` fit,
 * doubling. Returns the (moved) array and updates `*capacity`, or NULL and leaves both alone.
 * `array` stays valid after a failure. */
void *array_grow(void *array, size_t *capacity, size_t count, size_t element);

/* ---- bounded reader -------------------------------------------------------------------- */

/*
 * Reads big-endian numbers and byte ranges and never past `length`. A read that does not fit
 * sets `failed`, returns zero (or NULL) and consumes nothing; every later read fails too, so a
 * parser may read a whole structure and look at `failed` once.
 */
struct reader {
    const uint8_t *data;
    size_t length;
    size_t offset;
    bool failed;
};

/* These two are here since parsers spend a good part of their time with them. */
static inline struct reader reader_new(const void *data, size_t length)
{
    return (struct reader){.data = (const uint8_t *)data, .length = length};
}
/* Bytes not read yet; 0 after a failure. */
static inline size_t reader_left(const struct reader *reader)
{
    return reader->failed ? 0 : reader->length - reader->offset;
}
uint8_t reader_u8(struct reader *reader);
uint16_t reader_u16(struct reader *reader);
uint32_t reader_u24(struct reader *reader);
uint32_t reader_u32(struct reader *reader);
uint64_t reader_u64(struct reader *reader);
const uint8_t *reader_bytes(struct reader *reader, size_t count); /* borrowed from `data` */
/* Little-endian ones, for capture files. */
uint16_t reader_u16le(struct reader *reader);
uint32_t reader_u32le(struct reader *reader);

/* ---- growable buffer ------------------------------------------------------------------- */

/*
 * Bytes that grow by doubling. `failed` is set when memory ran out and stays set; what was
 * there before is kept, later appends do nothing. Start with `{0}`, or with `{.secret = true}` to
 * have the old block wiped whenever the buffer grows (free that one with buffer_wipe_free).
 */
struct buffer {
    uint8_t *data;
    size_t length;
    size_t capacity;
    bool failed;
    bool secret;
};

/* Makes room for `count` more bytes. False when memory ran out. */
bool buffer_reserve(struct buffer *buffer, size_t count);
void buffer_append(struct buffer *buffer, const void *data, size_t count);
void buffer_u8(struct buffer *buffer, uint8_t value);
void buffer_u16(struct buffer *buffer, uint16_t value);
void buffer_u24(struct buffer *buffer, uint32_t value);
void buffer_u32(struct buffer *buffer, uint32_t value);
void buffer_text(struct buffer *buffer, const char *text); /* without its terminating zero */
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Removes `count` bytes from the front (all of them when there are fewer). */
void buffer_consume(struct buffer *buffer, size_t count);
/* The content as a zero-terminated string, owned by the buffer; NULL after a failure. */
const char *buffer_string(struct buffer *buffer);
/* The same, which the caller owns from now on (free()); the buffer is {0} in either case. */
char *buffer_take_string(struct buffer *buffer);
void buffer_free(struct buffer *buffer);      /* and resets it to {0} */
void buffer_wipe_free(struct buffer *buffer); /* the same for secrets */

/* ---- arena ----------------------------------------------------------------------------- */

/* Allocations that all live as long as the arena. Blocks of 64 KiB, larger requests apart. */
struct arena;
struct arena *arena_new(void);                       /* NULL: out of memory */
void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned; NULL: out of memory */
void *arena_copy(struct arena *arena, const void *data, size_t length);
char *arena_string(struct arena *arena, const char *text);
size_t arena_size(const struct arena *arena); /* bytes taken from the system */
void arena_free(struct arena *arena);

/* ---- clock ----------------------------------------------------------------------------- */

/* Nanoseconds of a clock that never goes backwards; only differences mean something. */
int64_t clock_monotonic_ns(void);

/* Nanoseconds since 1970-01-01 UTC. */
int64_t clock_wall_ns(void);

/* "2026-11-24T09:31:00Z" for `seconds` since 1970 (RFC 3339, UTC; with milliseconds for the
 * _ms form). Returns `out`. `size` of 40 always suffices. */
char *time_rfc3339(char *out, size_t size, int64_t seconds);
char *time_rfc3339_ms(char *out, size_t size, int64_t wall_ns);

/* Reads RFC 3339 ("2026-11-24T09:31:00Z", with offset, with fraction; also a plain date, which
 * is its first second in UTC). Returns 0 and seconds since 1970, or -1. */
int time_parse_rfc3339(const char *text, int64_t *seconds);

/* ---- text ------------------------------------------------------------------------------ */

/*
 * Writes bytes from outside so that a terminal shows and never obeys them: valid UTF-8 stays,
 * control characters become "\n" "\t" or "\x1b", bidirectional controls, zero-width and line
 * separators become "\u{202e}", bytes that are not UTF-8 become "\xNN". Always terminates;
 * cut at a character, with "…" at the end when it did not fit. Returns `out`.
 */
char *text_safe(char *out, size_t size, const void *bytes, size_t length);

/* The same, appended to a buffer without a bound. */
void text_safe_append(struct buffer *out, const void *bytes, size_t length);

/* How a character beyond ASCII is written in ASCII: "->" for an arrow, "ok" for a check mark, "?" for
 * those that have no spelling. Static. */
const char *text_ascii_spelling(uint32_t code_point);

/* Appends UTF-8 text (already safe) in ASCII. */
void text_ascii_append(struct buffer *out, const char *text, size_t length);

/* True for a character that text_safe() leaves as it is. */
bool text_is_safe(uint32_t code_point);

/* True when `bytes` are valid UTF-8 (no overlong forms, no surrogates). */
bool text_is_utf8(const void *bytes, size_t length);

/* Bytes as UTF-8 for JSON: valid UTF-8 is kept as it is, invalid bytes become "\xNN" (see
 * CONTRACT "raw"). Appends to `out`; returns false when something had to be changed. */
bool text_utf8_append(struct buffer *out, const void *bytes, size_t length);

/* Decodes one UTF-8 character of at most `length` bytes. Returns its length in bytes (1 to 4)
 * and the code point, or 0 when the bytes are not valid UTF-8. */
size_t text_utf8_decode(const void *bytes, size_t length, uint32_t *code_point);

/* Columns a UTF-8 string takes on a terminal (wcwidth; needs setlocale). */
size_t text_width(const char *text);

/* Lower-case hexadecimal of `length` bytes; cut with "…" when `size` is too small. */
char *text_hex(char *out, size_t size, const void *bytes, size_t length);

/* Hexadecimal text to bytes. Returns the number of bytes, or -1 on bad digits, odd length or
 * more than `size` bytes. */
long text_unhex(uint8_t *out, size_t size, const char *hex, size_t length);

/* Number with thin grouping for people: "1 199". Returns `out`. */
char *text_grouped(char *out, size_t size, uint64_t value);

/* Appends text that a user has typed, with \n \r \t \0 \\ and \xNN read as bytes; a lone backslash stays. */
void text_unescape(struct buffer *out, const char *text);

/* True when `text` equals `other` without regard to ASCII case. */
bool text_equal_nocase(const char *text, const char *other);

/* A copy from malloc with its length given; zero-terminated. NULL: out of memory. */
char *text_duplicate(const char *text, size_t length);

/* Gives each line of `lines` (NULL: none) to `use`, as a copy that is wiped afterwards, until one fails. 0, or -1 with what `use` said,
 * or out of memory while <doing>. */
int text_each_line(const char *lines, const char *doing,
                   int (*use)(void *context, const char *line, struct err *err), void *context,
                   struct err *err);

/* Formatted text from malloc. NULL: out of memory. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- files ----------------------------------------------------------------------------- */

/*
 * Reads a whole regular file, FIFO or "-" (standard input) of at most `limit` bytes into
 * `out` (appended). Fails with class ERR_FILE naming path and reason ("cannot read CA file
 * ca.pem: No such file or directory"); `what` is the noun used in the text ("CA file").
 */
int file_read(const char *path, const char *what, size_t limit, struct buffer *out,
              struct err *err);

/* Opens `path` for writing with mode 0600, refusing to replace an existing file unless `force`.
 * Returns a descriptor or -1. */
int file_create_private(const char *path, const char *what, bool force, struct err *err);

/* The path of a file of the program's own state: $XDG_STATE_HOME/tlstep/NAME, or ~/.local/state/tlstep/NAME (the XDG base
 * directory specification). Makes the folders that are missing, mode 0700. From malloc; NULL with class ERR_FILE. */
char *file_state_path(const char *name, struct err *err);

/* Writes a file of mode 0600 so that it is either there whole or as it was before (a temporary file beside it, then rename). */
int file_replace_private(const char *path, const char *what, const void *data, size_t length,
                         struct err *err);

/* Writes all of `data`, through short writes and EINTR. */
int file_write_all(int fd, const void *data, size_t length, const char *what, struct err *err);

#endif
