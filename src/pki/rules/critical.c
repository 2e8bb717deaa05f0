/* Critical extensions that nobody here knows (RFC 5280 4.2). */
#include "sentences.h"

void rule_critical(struct search *search, size_t place)
{
    (void)search;
    (void)place;
}

void text_unknown_critical_extension(const struct words *words)
{
    (void)words;
}

void mend_unknown_critical_extension(const struct words *words)
{
    (void)words;
}

void found_unknown_critical_extension(const struct words *words)
{
    (void)words;
}

void required_unknown_critical_extension(const struct words *words)
{
    (void)words;
}
