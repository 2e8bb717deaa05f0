/* Path length (RFC 5280 6.1.4 (l), (m)). */
#include "sentences.h"

void rule_path_length(struct search *search, size_t place)
{
    (void)search;
    (void)place;
}

void text_path_length(const struct words *words)
{
    (void)words;
}

void mend_path_length(const struct words *words)
{
    (void)words;
}

void found_path_length(const struct words *words)
{
    (void)words;
}

void required_path_length(const struct words *words)
{
    (void)words;
}
