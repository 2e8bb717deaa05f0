/* Certificate policies: the valid policy tree (RFC 5280 6.1). */
#include "sentences.h"

void rule_policies(struct search *search, size_t place)
{
    (void)search;
    (void)place;
}

void text_policy(const struct words *words)
{
    (void)words;
}

void mend_policy(const struct words *words)
{
    (void)words;
}

void found_policy(const struct words *words)
{
    (void)words;
}

void required_policy(const struct words *words)
{
    (void)words;
}
