/* The program. */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* `| head` has seen enough: that is not worth a word. */
static bool reader_is_gone(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

/* What was printed is only worth an exit status of 0 when it arrived. */
static int close_output(int status)
{
    errno = 0; /* an earlier write may have failed: that one is not told why */
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    if (reader_is_gone())
        return status != 0 ? status : err_exit_status(ERR_FILE);
    struct err err;
    err_set(&err, ERR_FILE, "write_failed", "cannot write to standard output: %s",
            errno != 0 ? strerror(errno) : "not all of it was taken");
    int failed = cli_fail(&err);
    return status != 0 ? status : failed;
}

int main(int argc, char **argv)
{
    struct cli_arguments arguments;
    struct err err = {0};
    int status;

    /* Of the locale only the characters: numbers, dates and messages are the same everywhere. One that is missing leaves "C": ASCII. */
    (void)setlocale(LC_CTYPE, "");
    (void)signal(SIGPIPE, SIG_IGN); /* writing fails instead, and says so */
    (void)signal(SIGXFSZ, SIG_IGN);
    cli_signals_block();

    if (cli_arguments_parse(&arguments, argc, argv, &err) != 0)
        status = cli_fail(&err);
    else if (arguments.version)
        status = printf("tlstep %s\n", TLSTEP_VERSION) < 0;
    else if (arguments.manual)
        status = cli_manual(stdout);
    else if (arguments.help)
        status = cli_help(stdout);
    else
        status = arguments.command->run(&arguments);
    cli_arguments_free(&arguments);
    return close_output(status);
}
