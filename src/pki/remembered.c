/* Certificates by their content, the newest of each place in a fixed table. */
#include "remembered.h"

#include <pthread.h>
#include <string.h>

#define PLACES 128
/* With longer ones the table could hold more than a megabyte or two. */
#define LENGTH_MOST 8192

static struct pki_certificate *places[PLACES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* FNV-1a over the end, where the signature is: no two certificates share it. Whoever makes some that share a place
 * makes them be read again, as they would be without the table. */
static size_t place_of(const uint8_t *der, size_t length)
{
    uint32_t hash = 2166136261u;

    for (size_t i = length > 32 ? length - 32 : 0; i < length; i++) {
        hash = (hash ^ der[i]) * 16777619u;
    }
    return (hash ^ hash >> 16) % PLACES;
}

static void share(struct pki_certificate *certificate)
{
    (void)atomic_fetch_add(&((struct owned_certificate *)certificate)->owners, 1);
}

struct pki_certificate *remembered_certificate(const uint8_t *der, size_t length)
{
    size_t place = place_of(der, length);

    if (length == 0 || length > LENGTH_MOST) {
        return NULL;
    }
    (void)pthread_mutex_lock(&lock); /* a normal mutex that is there: cannot fail */
    struct pki_certificate *found = places[place];
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
    size_t place = place_of(certificate->der.data, certificate->der.length);

    if (certificate->der.length == 0 || certificate->der.length > LENGTH_MOST) {
        return;
    }
    share(certificate);
    (void)pthread_mutex_lock(&lock); /* as above */
    struct pki_certificate *before = places[place];
    places[place] = certificate;
    (void)pthread_mutex_unlock(&lock); /* as above */
    pki_certificate_free(before);
}
