/* Certificates by their content, the newest of each place in a fixed table. */
#include "remembered.h"

#include <pthread.h>
#include <string.h>

#define PLACES 128
/* With longer ones the table could hold more than a megabyte or two. */
#define LENGTH_MOST 8192

static struct pki_certificate *places[PLACES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* The hash of what was last seen in each place. A certificate is kept when it is seen again: lists of ten thousand have each once, and
 * then nobody waits for the lock, and no thread frees what another one has allocated. */
static atomic_uint seen[PLACES];

/* FNV-1a over the end, where the signature is: no two certificates share it. Whoever makes some that share a place
 * makes them be read again, as they would be without the table. */
static uint32_t hash_of(const uint8_t *der, size_t length)
{
    uint32_t hash = 2166136261u;

    for (size_t i = length > 32 ? length - 32 : 0; i < length; i++) {
        hash = (hash ^ der[i]) * 16777619u;
    }
    return hash ^ hash >> 16;
}

static bool is_remembered_length(size_t length)
{
    return length > 0 && length <= LENGTH_MOST;
}

static bool was_seen(uint32_t hash)
{
    return atomic_load_explicit(&seen[hash % PLACES], memory_order_relaxed) == hash;
}

static void share(struct pki_certificate *certificate)
{
    (void)atomic_fetch_add(&((struct owned_certificate *)certificate)->owners, 1);
}

struct pki_certificate *remembered_certificate(const uint8_t *der, size_t length)
{
    uint32_t hash = hash_of(der, length);

    if (!is_remembered_length(length) || !was_seen(hash)) {
        return NULL;
    }
    (void)pthread_mutex_lock(&lock); /* a normal mutex that is there: cannot fail */
    struct pki_certificate *found = places[hash % PLACES];
    if (found != NULL && found->der.length == length && memcmp(found->der.data, der, length) == 0) {
        share(found);
    } else {
        found = NULL;
    }
    (void)pthread_mutex_unlock(&lock); /* the same */
    return found;
}

void remember_certificate(struct pki_certificate *certificate)
{
    uint32_t hash = hash_of(certificate->der.data, certificate->der.length);

    if (!is_remembered_length(certificate->der.length)) {
        return;
    }
    if (!was_seen(hash)) {
        atomic_store_explicit(&seen[hash % PLACES], hash, memory_order_relaxed);
        return;
    }
    share(certificate);
    (void)pthread_mutex_lock(&lock); /* as above */
    struct pki_certificate *before = places[hash % PLACES];
    places[hash % PLACES] = certificate;
    (void)pthread_mutex_unlock(&lock); /* as above */
    pki_certificate_free(before);
}
