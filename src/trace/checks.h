/*
 * Checks: what the keys, certificates and PSKs that are known say about the messages. A fold over the messages in the order
 * in which they crossed the wire, made when facts are asked for and never twice.
 */
#ifndef TRACE_CHECKS_H
#define TRACE_CHECKS_H

#include "list.h"
#include "tlstep/trace.h"

struct handshake;
struct row;

struct check_result {
    struct trace_check public; /* its text is `text` */
    size_t event;              /* count: it holds from there on */
    char text[sizeof(((struct crypt_check *)0)->text)];
};

/* The handshake that the fold stands in. */
struct check_scope {
    bool begun;
    uint32_t index;     /* of the handshake */
    uint32_t *messages; /* rows (n) that count in its transcript hash, in order */
    size_t count;
    size_t capacity;
    struct crypt_hash *hash; /* NULL: not yet */
    size_t hashed;           /* messages in it */
    const char *missing;     /* why the transcript is not whole; NULL: it is */
    uint32_t certificate_n[2];
    bool finished[2];
    bool early_accepted;
    bool end_of_early_data;
    size_t
        main_count; /* TLS 1.3: messages through the client's Finished; what follows is post-handshake authentication */
};

struct checks {
    bool off; /* nobody asks for them */
    size_t next_crossing;
    unsigned signatures;
    struct list results; /* struct check_result */
    struct check_scope scope;
};

void checks_init(struct checks *checks);
void checks_free(struct checks *checks);

/* Checks the messages that have crossed the wire at a cursor. 0, or -1: out of memory. */
int checks_extend(struct trace *trace, size_t cursor);

/* ---- one handshake, for schedule.c ------------------------------------------------------------------ */

void checks_scope_begin(struct check_scope *scope, uint32_t index);
/* The next message that counts. 0, or -1: out of memory. */
int checks_scope_take(struct check_scope *scope, const struct row *row);
void checks_scope_clear(struct check_scope *scope);

/* ---- for check_message.c ------------------------------------------------------------------------- */

/* The transcript hash of the scope: of all its messages so far. Its length; 0: not known or out of memory. */
size_t checks_hash(struct trace *trace, struct check_scope *scope, uint8_t out[CRYPT_HASH_MAX]);

/* The messages of the scope one behind the other, but for the last `without`. */
void checks_concatenate(const struct trace *trace, const struct check_scope *scope,
                        struct buffer *out);

/* Checks what a message says of those before it. 1 with `check` and `what` filled, 0: it says nothing, -1: out of memory. */
int check_message(struct trace *trace, struct check_scope *scope, struct row *row,
                  struct crypt_check *check, const char **what);

#endif
