/*
 * One certificate that somebody looks at, with everything that can be said of it. It is read when it
 * is selected and kept until another one is: a key that only scrolls costs nothing here.
 */
#ifndef TLSTEP_UI_CERTIFICATE_H
#define TLSTEP_UI_CERTIFICATE_H

#include "page.h"
#include "tlstep/trace.h"

struct ui_certificate {
    struct pki_certificate *certificate; /* a copy of its own; NULL: none, or no memory */
    struct pki_details *details;         /* NULL: malformed */
    struct pki_lint *lint;
    size_t lint_count;
    bool failed; /* memory ran out */
    /* What the notes were made for. */
    enum pki_place place;
    int64_t at;
};

/* Reads a certificate, unless it is the one that is there already. `issuer` may be empty. Start with {0}. */
void ui_certificate_load(struct ui_certificate *shown, struct pki_slice der, enum pki_place place,
                         struct pki_slice issuer, int64_t at);
void ui_certificate_free(struct ui_certificate *shown);

/* Is it this one? NULL is none. */
bool ui_certificate_is(const struct pki_certificate *certificate, struct pki_slice der);

/* What the page may say of it beyond its own bytes. */
struct ui_certificate_context {
    int64_t now;
    const char *place;                           /* "leaf, sent 1st"; NULL */
    const struct pki_verification *verification; /* NULL */
    size_t index;                                /* in the verification */
};
/* Adds it to a page under a heading with its name. */
void ui_certificate_add(struct ui_page *page, const struct ui_certificate *shown,
                        const struct ui_certificate_context *context);

/* How an end of validity is shown: red when it is past, yellow when it is near. */
unsigned ui_expiry_style(int64_t not_after, int64_t now);

#endif
