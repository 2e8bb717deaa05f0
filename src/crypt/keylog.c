/*
 * A set of secrets: an array in the order they came, and a hash table of indices into it.
 *
 * Browsers write key logs of a hundred thousand lines, and both the log and the capture may come
 * from an enemy, so look-up is by multilinear hashing with coefficients drawn for each set
 * (Carter and Wegman's universal family): no choice of client randoms makes it slow.
 */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "tlstep/crypt.h"

#define RANDOM_WORDS 8
#define SLOT_EMPTY   UINT32_MAX

struct crypt_keylog {
    struct crypt_secret *secrets;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* twice as many as `capacity`, so that there is always an empty one */
    uint64_t coefficients[RANDOM_WORDS + 2];
};

/* Multilinear: the high half of a + b0 x0 + b1 x1 + … over 32-bit words. */
static size_t first_slot(const struct crypt_keylog *keylog, enum crypt_label label,
                         const uint8_t client_random[32])
{
    struct reader reader = reader_new(client_random, 32);
    const uint64_t *coefficient = keylog->coefficients;
    uint64_t sum = coefficient[0] + coefficient[1] * (uint64_t)label;

    for (size_t i = 0; i < RANDOM_WORDS; i++) {
        sum += coefficient[i + 2] * reader_u32(&reader);
    }
    return (size_t)(sum >> 32) % (2 * keylog->capacity);
}

/* The slot of this label and random, or the empty one where it belongs. */
static uint32_t *find_slot(const struct crypt_keylog *keylog, enum crypt_label label,
                           const uint8_t client_random[32])
{
    size_t slot = first_slot(keylog, label, client_random);

    for (;;) {
        uint32_t index = keylog->slots[slot];
        if (index == SLOT_EMPTY) {
            break;
        }
        const struct crypt_secret *secret = &keylog->secrets[index];
        if (secret->label == label &&
            memcmp(secret->client_random, client_random, sizeof secret->client_random) == 0) {
            break;
        }
        slot = (slot + 1) % (2 * keylog->capacity);
    }
    return &keylog->slots[slot];
}

struct crypt_keylog *crypt_keylog_new(void)
{
    struct crypt_keylog *keylog = calloc(1, sizeof *keylog);

    if (keylog == NULL) {
        return NULL;
    }
    if (gnutls_rnd(GNUTLS_RND_NONCE, keylog->coefficients, sizeof keylog->coefficients) != 0) {
        free(keylog);
        return NULL;
    }
    return keylog;
}

static void free_tables(struct crypt_keylog *keylog)
{
    secret_free(keylog->secrets, keylog->capacity * sizeof *keylog->secrets);
    free(keylog->slots);
}

void crypt_keylog_free(struct crypt_keylog *keylog)
{
    if (keylog == NULL) {
        return;
    }
    free_tables(keylog);
    free(keylog);
}

static void fill_slots(struct crypt_keylog *keylog)
{
    for (size_t i = 0; i < 2 * keylog->capacity; i++) {
        keylog->slots[i] = SLOT_EMPTY;
    }
    for (size_t i = 0; i < keylog->count; i++) {
        const struct crypt_secret *secret = &keylog->secrets[i];
        *find_slot(keylog, secret->label, secret->client_random) = (uint32_t)i;
    }
}

/* Doubles both tables. Not array_grow: realloc may leave a copy of the secrets behind. */
static int grow(struct crypt_keylog *keylog)
{
    struct crypt_keylog bigger = *keylog;

    bigger.capacity = keylog->capacity == 0 ? 8 : 2 * keylog->capacity;
    if (bigger.capacity > UINT32_MAX / 2) {
        return -1;
    }
    bigger.secrets = calloc(bigger.capacity, sizeof *bigger.secrets);
    bigger.slots = calloc(2 * bigger.capacity, sizeof *bigger.slots);
    if (bigger.secrets == NULL || bigger.slots == NULL) {
        free(bigger.secrets);
        free(bigger.slots);
        return -1;
    }
    if (keylog->count > 0) {
        memcpy(bigger.secrets, keylog->secrets, keylog->count * sizeof *keylog->secrets);
    }
    fill_slots(&bigger);
    free_tables(keylog);
    *keylog = bigger;
    return 0;
}

int crypt_keylog_add(struct crypt_keylog *keylog, const struct crypt_secret *secret)
{
    struct crypt_secret copy = *secret; /* it may be one of ours, and growing would move it */
    uint32_t *slot;
    int status = keylog->count < keylog->capacity ? 0 : grow(keylog);

    if (status == 0) {
        slot = find_slot(keylog, copy.label, copy.client_random);
        if (*slot == SLOT_EMPTY) {
            *slot = (uint32_t)keylog->count++;
        }
        keylog->secrets[*slot] = copy;
    }
    secret_wipe(&copy, sizeof copy);
    return status;
}

const struct crypt_secret *crypt_keylog_find(const struct crypt_keylog *keylog,
                                             enum crypt_label label,
                                             const uint8_t client_random[32])
{
    uint32_t index;

    if (keylog->count == 0) {
        return NULL;
    }
    index = *find_slot(keylog, label, client_random);
    return index == SLOT_EMPTY ? NULL : &keylog->secrets[index];
}

size_t crypt_keylog_count(const struct crypt_keylog *keylog)
{
    return keylog->count;
}

const struct crypt_secret *crypt_keylog_at(const struct crypt_keylog *keylog, size_t index)
{
    return index < keylog->count ? &keylog->secrets[index] : NULL;
}
