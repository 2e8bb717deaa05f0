/* How each server program is started: between peer.c and peer_command.c. */
#ifndef SUPPORT_PEER_COMMAND_H
#define SUPPORT_PEER_COMMAND_H

#include <stdbool.h>

#include "peer.h"
#include "tlstep/base.h"

#define PEER_ARGUMENTS_MAX 48

struct peer_command {
    const char *arguments[PEER_ARGUMENTS_MAX]; /* the last one stays NULL */
    size_t count;
    struct buffer text[8]; /* arguments that had to be composed */
    size_t text_count;
};

struct peer_program_row {
    const char *name;
    const char *file; /* of the program, looked for in PATH and in sbin */
    bool daemon;
    bool echoes;
    /* Adds its arguments and writes what files it needs into the folder. 0, or -1 with `why`. */
    int (*prepare)(struct peer *peer, const struct peer_options *options,
                   struct peer_command *command);
};

extern const struct peer_program_row peer_programs[PEER_PROGRAM_COUNT];

void peer_command_add(struct peer_command *command, const char *argument);
void peer_command_free(struct peer_command *command);

#endif
