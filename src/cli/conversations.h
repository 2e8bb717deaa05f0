/* What is printed of each conversation of a capture. */
#ifndef CLI_CONVERSATIONS_H
#define CLI_CONVERSATIONS_H

#include "pool.h"
#include "tlstep/stepper.h"

struct cli_arguments;

struct cli_writer {
    /* Writes what there is to say of a conversation; `asked`: --stream has named it. Called by any thread. */
    void (*write)(void *context, struct trace *trace, bool asked, struct pool_result *result);
    void *context;
    const char *source;  /* what the capture is called; NULL: its path */
    const char *nothing; /* what is said where none has anything to say: "no TLS conversation" */
    bool listed;         /* a list of the conversations comes first, in text */
};

/* Goes through the capture (or the one conversation of --stream). Returns the exit status. */
int cli_write_conversations(const struct cli_arguments *arguments, const char *path,
                            const struct cli_writer *writer);

#endif
