/*
 * Linked into every test program: a test that crashes must not take with it the lines that say which
 * tests had passed before.
 */
#include <stdio.h>

__attribute__((constructor)) static void print_each_line_at_once(void)
{
    /* Where this fails the output is only less readable after a crash. */
    (void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}
