/*
 * Conversations of every kind that GnuTLS 3.7.9 can hold, and the order of messages that RFC 8446 2,
 * RFC 5246 7.3 and RFC 5077 3 give them.
 */
#ifndef SUPPORT_CONVERSATION_CASES_H
#define SUPPORT_CONVERSATION_CASES_H

#include "conversation.h"

struct conversation_case {
    const char *name;
    struct conversation_options options;
    uint16_t version;
    const char *key_exchange;
    /* The TLS rows of each side, with short names, see conversation_cases.c. */
    const char *client;
    const char *server;
};

extern const struct conversation_case conversation_cases[];
extern const size_t conversation_case_count;

/* The conversations, each held once, by the index of its case. */
extern struct conversation *conversations;

/* For cmocka: hold them, or end the test when GnuTLS refuses one; and free them. */
int conversation_cases_hold(void **state);
int conversation_cases_free(void **state);

/* The case of that name. */
const struct conversation_case *conversation_case_find(const char *name);
size_t conversation_case_index(const char *name);
/* The conversation of that case. */
const struct conversation *conversation_case_held(const char *name);

/* The short names of all TLS rows of a side, divided by spaces. `size` of 1000 suffices. */
char *conversation_rows_text(char *out, size_t size, const struct trace *trace,
                             enum wire_side from);

#endif
