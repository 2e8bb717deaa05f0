/*
 * Many certificates as a list: the trust store, a bundle, a folder. Each is read once, in slices of time,
 * and leaves a small row behind: what its line shows, and in lower case what can be searched for. So a
 * key is answered at once, however many there are; the certificate itself is read again when it is looked at.
 */
#ifndef TLSTEP_UI_STORE_H
#define TLSTEP_UI_STORE_H

#include "tlstep/pki.h"
#include "words.h"

enum ui_store_sort { UI_STORE_FILE, UI_STORE_NAME, UI_STORE_EXPIRY, UI_STORE_KEY, UI_STORE_SORTS };

/* Texts are offsets into the store's; each ends in a zero. */
struct ui_store_row {
    size_t label, key, issuer; /* safe text */
    size_t subject; /* as the certificate has it: for comparing with issuers in a chain */
    size_t search;  /* lower case: subject, issuer, names, serial number, fingerprint */
    size_t search_length;
    int64_t not_after;
    uint8_t sha256[32];
    uint32_t key_bits;
    enum pki_place place; /* where it would stand in a chain */
    bool malformed;
};

/* Of one certificate, that can be searched for. */
#define UI_STORE_SEARCH_MAX 65536

struct ui_store {
    const struct pki_bundle *bundle; /* borrowed */
    size_t total;                    /* certificates in it */
    struct ui_store_row *rows;       /* of those that have been read */
    size_t read, capacity;
    struct buffer text;
    bool failed; /* memory ran out: the list ends early */
    char filter[UI_FILTER_MAX];
    enum ui_store_sort sort;
    bool descending;
    size_t *shown; /* indices of the rows that match, in order */
    size_t count, shown_capacity;
    size_t looked_at;      /* rows that the filter has seen */
    size_t places_changed; /* how often the list was put in another order */
    int64_t sorted_ns;
};

/* Start with {0}. Another bundle begins anew; filter and order stay. */
void ui_store_open(struct ui_store *store, const struct pki_bundle *bundle);
void ui_store_free(struct ui_store *store);
/* There are certificates that have not been read yet. */
bool ui_store_has_more(const struct ui_store *store);
/* Reads on until `deadline` (monotonic), at least one. */
void ui_store_read(struct ui_store *store, int64_t deadline_ns);

/* Words that all must be in it, without regard to case; "": everything. */
void ui_store_filter(struct ui_store *store, const char *filter);
void ui_store_sort(struct ui_store *store, enum ui_store_sort sort, bool descending);
const char *ui_store_sort_name(enum ui_store_sort sort); /* "expiry" */

/* What stands at a place of the list: an index into the bundle and the rows. */
size_t ui_store_at(const struct ui_store *store, size_t place);
/* The place of an index; 0 where it is not shown. */
size_t ui_store_place(const struct ui_store *store, size_t index);
const char *ui_store_text(const struct ui_store *store, size_t offset);

#endif
