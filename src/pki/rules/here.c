/* What on this machine may be why a certificate was refused: its clock, its trust store. */
#include "sentences.h"

void here_of(const struct words *words)
{
    (void)words;
}
