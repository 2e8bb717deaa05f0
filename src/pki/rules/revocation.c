/* Revocation (RFC 5280 6.3, RFC 6960, RFC 7633). */
#include "sentences.h"

void rule_revocation(struct search *search, size_t place)
{
    (void)search;
    (void)place;
}

void text_revoked(const struct words *words)
{
    (void)words;
}

void mend_revoked(const struct words *words)
{
    (void)words;
}

void found_revoked(const struct words *words)
{
    (void)words;
}

void required_revoked(const struct words *words)
{
    (void)words;
}

void text_revocation_unknown(const struct words *words)
{
    (void)words;
}

void mend_revocation_unknown(const struct words *words)
{
    (void)words;
}

void found_revocation_unknown(const struct words *words)
{
    (void)words;
}

void required_revocation_unknown(const struct words *words)
{
    (void)words;
}
