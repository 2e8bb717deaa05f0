/* Which certificates are listed, and in which order. */
#include <stdlib.h>
#include <string.h>

#include "certificate.h"
#include "page.h"
#include "store.h"
#include "tlstep/report.h"

/* While it is read a list in an order of its own is put in order at most this often. */
#define SORT_NS 200000000

void ui_store_free(struct ui_store *store)
{
    free(store->rows);
    free(store->shown);
    buffer_free(&store->text);
    *store = (struct ui_store){0};
}

void ui_store_open(struct ui_store *store, const struct pki_bundle *bundle)
{
    struct ui_store fresh = {
        .bundle = bundle,
        .total = bundle != NULL ? pki_bundle_count(bundle) : 0,
        .sort = store->sort,
        .descending = store->descending,
    };

    if (store->bundle == bundle && store->total == fresh.total) {
        return;
    }
    memcpy(fresh.filter, store->filter, sizeof fresh.filter);
    ui_store_free(store);
    *store = fresh;
}

const char *ui_store_text(const struct ui_store *store, size_t offset)
{
    return offset < store->text.length ? (const char *)store->text.data + offset : "";
}

const char *ui_store_sort_name(enum ui_store_sort sort)
{
    static const char *const names[] = {"file", "name", "expiry", "key"};

    return names[sort];
}

/* ---- reading ------------------------------------------------------------------------------------ */

static size_t keep(struct ui_store *store, const char *text)
{
    size_t offset = store->text.length;

    buffer_append(&store->text, text, strlen(text) + 1);
    return offset;
}

static size_t keep_safe(struct ui_store *store, const char *text)
{
    size_t offset = store->text.length;

    text_safe_append(&store->text, text, strlen(text));
    buffer_u8(&store->text, 0);
    return offset;
}

/* Adds a line to what can be searched for; a match does not reach over its end. */
static void add_search(struct ui_store *store, size_t begin, const char *text)
{
    size_t used = store->text.length - begin, from = store->text.length;
    size_t length = strlen(text);

    if (used >= UI_STORE_SEARCH_MAX) {
        return;
    }
    length = length < UI_STORE_SEARCH_MAX - used ? length : UI_STORE_SEARCH_MAX - used;
    buffer_append(&store->text, text, length);
    for (size_t i = from; !store->text.failed && i < store->text.length; i++) {
        store->text.data[i] = (uint8_t)ui_text_lower((char)store->text.data[i]);
    }
    buffer_u8(&store->text, '\n');
}

static void make_search(struct ui_store *store, struct ui_store_row *row,
                        const struct pki_certificate *certificate, const char *source)
{
    char digits[65];

    row->search = store->text.length;
    if (!certificate->malformed) {
        add_search(store, row->search, certificate->subject);
        add_search(store, row->search, certificate->issuer);
        add_search(store, row->search, certificate->serial);
    }
    add_search(store, row->search, text_hex(digits, sizeof digits, row->sha256, 32));
    add_search(store, row->search, source);
    for (size_t i = 0; !certificate->malformed && i < certificate->san_count; i++) {
        add_search(store, row->search, certificate->san[i]);
    }
    row->search_length = store->text.length - row->search;
}

static void make_row(struct ui_store *store, struct ui_store_row *row,
                     const struct pki_certificate *certificate, const char *source)
{
    char text[256];

    *row = (struct ui_store_row){
        .malformed = certificate->malformed,
        .not_after = certificate->malformed ? INT64_MIN : certificate->not_after,
        .key_bits = certificate->malformed ? 0 : certificate->key_bits,
        .place = report_standing(NULL, 0, certificate).place,
    };
    memcpy(row->sha256, certificate->sha256, sizeof row->sha256);
    row->label = keep(store, pki_certificate_label(text, sizeof text, certificate));
    if (certificate->malformed) {
        row->key = row->issuer = row->subject = keep(store, "");
    } else {
        row->key = keep_safe(store, report_short_key(text, sizeof text, certificate));
        row->issuer = keep(store, certificate->self_issued
                                      ? "itself"
                                      : report_short_name(text, sizeof text, certificate->issuer));
        row->subject = keep(store, certificate->subject);
    }
    make_search(store, row, certificate, source);
}

static bool read_one(struct ui_store *store)
{
    struct pki_slice der = pki_bundle_der(store->bundle, store->read);
    struct pki_certificate *certificate = pki_certificate_new(der.data, der.length);
    struct ui_store_row *rows =
        array_grow(store->rows, &store->capacity, store->read + 1, sizeof *rows);

    if (rows != NULL) {
        store->rows = rows;
    }
    if (rows == NULL || certificate == NULL) {
        pki_certificate_free(certificate);
        return false;
    }
    make_row(store, &rows[store->read], certificate, pki_bundle_source(store->bundle, store->read));
    pki_certificate_free(certificate);
    if (store->text.failed) {
        return false;
    }
    store->read++;
    return true;
}

/* ---- filtering ------------------------------------------------------------------------------------ */

static bool matches(const struct ui_store *store, const struct ui_words *words, size_t index)
{
    const struct ui_store_row *row = &store->rows[index];

    for (size_t i = 0; i < words->count; i++) {
        if (memmem(store->text.data + row->search, row->search_length, words->words[i],
                   strlen(words->words[i])) == NULL) {
            return false;
        }
    }
    return true;
}

/* Takes in the rows that have come. */
static void take_in(struct ui_store *store)
{
    size_t *shown =
        array_grow(store->shown, &store->shown_capacity, store->read + 1, sizeof *shown);
    struct ui_words words = {0};

    if (shown == NULL) {
        store->failed = true;
        return;
    }
    store->shown = shown;
    ui_words_split(&words, store->filter);
    for (; store->looked_at < store->read; store->looked_at++) {
        if (matches(store, &words, store->looked_at)) {
            shown[store->count++] = store->looked_at;
        }
    }
}

/* ---- sorting ---------------------------------------------------------------------------------------- */

static int compare_rows(const struct ui_store *store, const struct ui_store_row *a,
                        const struct ui_store_row *b)
{
    int order;

    switch (store->sort) {
    case UI_STORE_NAME:
        return strcasecmp(ui_store_text(store, a->label), ui_store_text(store, b->label));
    case UI_STORE_EXPIRY:
        return (a->not_after > b->not_after) - (a->not_after < b->not_after);
    case UI_STORE_KEY:
        /* "RSA 2048" before "RSA 4096", and those together. */
        order = strncmp(ui_store_text(store, a->key), ui_store_text(store, b->key), 3);
        return order != 0 ? order : (a->key_bits > b->key_bits) - (a->key_bits < b->key_bits);
    default:
        return 0;
    }
}

/* For qsort_r(): `context` is the store. */
static int compare(const void *left, const void *right, void *context)
{
    const struct ui_store *store = context;
    const size_t a = *(const size_t *)left, b = *(const size_t *)right;
    int order = compare_rows(store, &store->rows[a], &store->rows[b]);

    if (order == 0) {
        order = a < b ? -1 : a > b;
    }
    return store->descending ? -order : order;
}

static void put_in_order(struct ui_store *store)
{
    if (store->count > 1) {
        qsort_r(store->shown, store->count, sizeof *store->shown, compare, store);
    }
    store->sorted_ns = clock_monotonic_ns();
    store->places_changed++;
}

static bool has_order(const struct ui_store *store)
{
    return store->sort != UI_STORE_FILE || store->descending;
}

static void remake(struct ui_store *store)
{
    store->count = store->looked_at = 0;
    take_in(store);
    if (has_order(store)) {
        put_in_order(store);
    }
    store->places_changed++;
}

/* ---- from outside -------------------------------------------------------------------------------------- */

bool ui_store_has_more(const struct ui_store *store)
{
    return !store->failed && store->read < store->total;
}

void ui_store_read(struct ui_store *store, int64_t deadline_ns)
{
    size_t before = store->read;

    while (ui_store_has_more(store)) {
        store->failed = !read_one(store);
        if (clock_monotonic_ns() >= deadline_ns) {
            break;
        }
    }
    bool more = ui_store_has_more(store);
    if (store->read != before) {
        take_in(store);
        if (has_order(store) && (!more || clock_monotonic_ns() - store->sorted_ns > SORT_NS)) {
            put_in_order(store);
        }
    }
}

void ui_store_filter(struct ui_store *store, const char *filter)
{
    if (strncmp(store->filter, filter, sizeof store->filter - 1) == 0 &&
        strlen(filter) < sizeof store->filter) {
        return;
    }
    (void)snprintf(store->filter, sizeof store->filter, "%s", filter);
    remake(store);
}

void ui_store_sort(struct ui_store *store, enum ui_store_sort sort, bool descending)
{
    store->sort = sort;
    store->descending = descending;
    remake(store);
}

size_t ui_store_at(const struct ui_store *store, size_t place)
{
    return store->shown[place];
}

size_t ui_store_place(const struct ui_store *store, size_t index)
{
    for (size_t i = 0; i < store->count; i++) {
        if (store->shown[i] == index) {
            return i;
        }
    }
    return 0;
}
