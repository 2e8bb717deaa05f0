/* Trust stores: anchors indexed by subject. What fills them is in trust_load.c. */
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "trust.h"

static struct pki_slice anchor_der(const struct pki_trust *trust, const struct trust_anchor *anchor)
{
    return (struct pki_slice){trust->bytes.data + anchor->offset, anchor->length};
}

struct pki_trust *pki_trust_none(struct err *err)
{
    struct pki_trust *trust = calloc(1, sizeof *trust);
    char *name = text_duplicate("none", 4);

    if (trust == NULL || name == NULL) {
        free(trust);
        free(name);
        (void)err_memory(err, "making a trust store");
        return NULL;
    }
    trust->name = name;
    atomic_init(&trust->references, 1);
    return trust;
}

struct pki_trust *pki_trust_retain(struct pki_trust *trust)
{
    if (trust != NULL) {
        atomic_fetch_add_explicit(&trust->references, 1, memory_order_relaxed);
    }
    return trust;
}

void pki_trust_release(struct pki_trust *trust)
{
    /* The last holder must see what the others did with it before it is freed. */
    if (trust == NULL ||
        atomic_fetch_sub_explicit(&trust->references, 1, memory_order_acq_rel) > 1) {
        return;
    }
    buffer_free(&trust->bytes);
    free(trust->anchors);
    free(trust->rows);
    free(trust->name);
    free(trust);
}

size_t pki_trust_count(const struct pki_trust *trust)
{
    return trust->count;
}

struct pki_slice pki_trust_der(const struct pki_trust *trust, size_t index)
{
    return anchor_der(trust, &trust->anchors[index]);
}

const char *pki_trust_name(const struct pki_trust *trust)
{
    return trust->name;
}

/* ---- the index ------------------------------------------------------------------------- */

static void link_anchor(struct pki_trust *trust, size_t index)
{
    struct trust_anchor *anchor = &trust->anchors[index];
    size_t *row = &trust->rows[anchor->subject_hash & (trust->row_count - 1)];

    anchor->next = *row;
    *row = index + 1;
}

static void relink(struct pki_trust *trust)
{
    if (trust->row_count > 0) {
        memset(trust->rows, 0, trust->row_count * sizeof *trust->rows);
    }
    for (size_t i = 0; i < trust->count; i++) {
        link_anchor(trust, i);
    }
}

/* Keeps at least as many rows as anchors. */
static bool make_rows(struct pki_trust *trust, size_t count)
{
    size_t wanted = trust->row_count > 0 ? trust->row_count : 256;
    size_t *rows;

    while (wanted < count) {
        wanted *= 2;
    }
    if (wanted == trust->row_count) {
        return true;
    }
    rows = calloc(wanted, sizeof *rows);
    if (rows == NULL) {
        return false;
    }
    free(trust->rows);
    trust->rows = rows;
    trust->row_count = wanted;
    relink(trust);
    return true;
}

bool trust_next(const struct pki_trust *trust, uint64_t subject_hash, size_t *at,
                struct pki_slice *der)
{
    size_t next;

    if (trust->count == 0) {
        return false;
    }
    next = *at == 0 ? trust->rows[subject_hash & (trust->row_count - 1)]
                    : trust->anchors[*at - 1].next;
    while (next != 0 && trust->anchors[next - 1].subject_hash != subject_hash) {
        next = trust->anchors[next - 1].next;
    }
    if (next == 0) {
        return false;
    }
    *at = next;
    *der = anchor_der(trust, &trust->anchors[next - 1]);
    return true;
}

/* The same certificate with other settings is another anchor. */
static bool holds(const struct pki_trust *trust, uint64_t subject_hash, struct pki_slice der,
                  struct trust_settings settings)
{
    struct pki_slice there;
    size_t at = 0;

    while (trust_next(trust, subject_hash, &at, &there)) {
        const struct trust_settings *its = &trust->anchors[at - 1].settings;
        if (slice_equal(there, der) && its->trusted == settings.trusted &&
            its->rejected == settings.rejected) {
            return true;
        }
    }
    return false;
}

bool trust_commit(struct pki_trust *trust, size_t length, struct pki_slice subject,
                  struct trust_settings settings)
{
    bool failed = false;
    uint64_t hash = name_hash(subject, &failed);
    struct pki_slice der = {trust->bytes.data + trust->bytes.length, length};
    struct trust_anchor *grown;

    if (failed) {
        return false;
    }
    if (holds(trust, hash, der, settings)) {
        return true;
    }
    grown = array_grow(trust->anchors, &trust->capacity, trust->count + 1, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    trust->anchors = grown;
    if (!make_rows(trust, trust->count + 1)) {
        return false;
    }
    grown[trust->count] = (struct trust_anchor){trust->bytes.length, length, hash, 0, settings};
    link_anchor(trust, trust->count);
    trust->count++;
    trust->bytes.length += length;
    return true;
}

void trust_truncate(struct pki_trust *trust, size_t count)
{
    if (count >= trust->count) {
        return;
    }
    trust->bytes.length = trust->anchors[count].offset;
    trust->count = count;
    relink(trust);
}

/* ---- the name -------------------------------------------------------------------------- */

#define SOURCES_SHOWN 4

bool trust_add_source(struct pki_trust *trust, const char *source)
{
    struct buffer name = {0};
    char *text;

    trust->sources++;
    if (trust->sources > SOURCES_SHOWN + 1) {
        return true;
    }
    if (trust->sources > 1) {
        buffer_printf(&name, "%s + ", trust->name);
    }
    if (trust->sources > SOURCES_SHOWN) {
        buffer_text(&name, "…");
    } else {
        text_safe_append(&name, source, strlen(source));
    }
    text = buffer_take_string(&name);
    if (text == NULL) {
        return false;
    }
    free(trust->name);
    trust->name = text;
    return true;
}
