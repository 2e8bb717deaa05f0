/* Name constraints (RFC 5280 4.2.1.10, 6.1.3 (b), (c)). */
#include "sentences.h"

void rule_name_constraints(struct search *search, size_t place)
{
    (void)search;
    (void)place;
}

void text_name_constraint(const struct words *words)
{
    (void)words;
}

void mend_name_constraint(const struct words *words)
{
    (void)words;
}

void found_name_constraint(const struct words *words)
{
    (void)words;
}

void required_name_constraint(const struct words *words)
{
    (void)words;
}
