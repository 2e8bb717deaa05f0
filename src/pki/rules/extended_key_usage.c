/* Extended key usage, along the path (RFC 5280 4.2.1.12). */
#include "sentences.h"

void rule_extended_key_usage(struct search *search, size_t place)
{
    (void)search;
    (void)place;
}

void text_extended_key_usage(const struct words *words)
{
    (void)words;
}

void mend_extended_key_usage(const struct words *words)
{
    (void)words;
}

void found_extended_key_usage(const struct words *words)
{
    (void)words;
}

void required_extended_key_usage(const struct words *words)
{
    (void)words;
}
