/*
 * The handshake messages of tests/data/messages.txt, with what another dissector reads in them.
 */
#ifndef TLSTEP_TESTS_MESSAGES_H
#define TLSTEP_TESTS_MESSAGES_H

#include "tlstep/wire.h"

#define MESSAGE_FIELDS_MAX 40

struct message_field {
    char *path;
    char *values; /* hexadecimal, divided by spaces; "-" is an empty one */
};

struct message_sample {
    char *name; /* "own-tls13-hrr 3" */
    struct wire_context context;
    uint8_t *data; /* from malloc, of exactly its length */
    size_t length;
    struct message_field fields[MESSAGE_FIELDS_MAX];
    size_t field_count;
    char *ja3, *ja3s, *ja4; /* NULL where it is no hello */
};

/* All of them. Returns their number, 0 when the file could not be read. */
size_t messages_load(struct message_sample **samples);
void messages_free(struct message_sample *samples, size_t count);

#endif
