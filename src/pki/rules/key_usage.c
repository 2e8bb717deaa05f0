/* Key usage (RFC 5280 4.2.1.3, 6.1.4 (n)). */
#include "sentences.h"

void rule_key_usage(struct search *search, size_t place)
{
    (void)search;
    (void)place;
}

void text_key_usage(const struct words *words)
{
    (void)words;
}

void mend_key_usage(const struct words *words)
{
    (void)words;
}

void found_key_usage(const struct words *words)
{
    (void)words;
}

void required_key_usage(const struct words *words)
{
    (void)words;
}
