/* Other programs, run from a test: a shell command, its output, its exit status. */
#ifndef SUPPORT_COMMAND_H
#define SUPPORT_COMMAND_H

#include <sys/types.h>

#include "tlstep/base.h"

/* A command that runs. */
struct command {
    pid_t pid;
    int output; /* both its streams */
};

/* Starts a command of at most 2000 bytes in a shell of its own, without standard input. 0 or -1.
 * Commands that could wait for ever begin with "timeout N". */
int command_start(struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends all of its output to `out`, and waits for it. Returns its exit status, 128 + the signal that
 * ended it, or -1. */
int command_finish(struct command *command, struct buffer *out);

/* Both in one. */
int command_run(struct buffer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Is there such a program? */
bool command_exists(const char *program);
/* Skips the test visibly where there is none. */
void command_need(const char *program);

/* "openssl x509" of many certificates, one after another: without the trust store of the system, which it reads first each time, whatever
 * it is asked, for three quarters of its time. */
#define OPENSSL_X509 "SSL_CERT_FILE=/dev/null openssl x509"

/* How often `text` occurs in `output`. */
size_t command_count(struct buffer *output, const char *text);

#endif
