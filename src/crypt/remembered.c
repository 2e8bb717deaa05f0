/* Verdicts on signatures, the newest of each shelf of a fixed table. */
#include "remembered.h"

#include <pthread.h>
#include <string.h>

/* With one place on each, a hundred signatures that come again and again would push out a fifth of themselves. */
#define SHELVES 256
#define PLACES  4

static struct shelf {
    struct {
        bool used;
        uint8_t key[CRYPT_SHA256_SIZE];
        struct crypt_check check;
    } places[PLACES];
    unsigned next; /* the place that is given up next */
} shelves[SHELVES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Lengths go before what they are of, so that no two inputs are the same bytes. */
static bool add_part(struct crypt_hash *hash, const struct crypt_known *part)
{
    const uint64_t length = part->length;

    return crypt_hash_add(hash, &length, sizeof length) == 0 &&
           crypt_hash_add(hash, part->data, part->length) == 0;
}

bool crypt_remembered_key(const struct crypt_signature *signature, uint8_t key[CRYPT_SHA256_SIZE])
{
    const uint16_t head[2] = {signature->version, signature->scheme};
    struct crypt_hash *hash = crypt_hash_new("SHA-256");
    uint8_t value[CRYPT_HASH_MAX];
    bool done = hash != NULL && crypt_hash_add(hash, head, sizeof head) == 0 &&
                add_part(hash, &signature->certificate) && add_part(hash, &signature->content) &&
                add_part(hash, &signature->value) &&
                crypt_hash_value(hash, value) == CRYPT_SHA256_SIZE;

    crypt_hash_free(hash);
    if (done) {
        memcpy(key, value, CRYPT_SHA256_SIZE);
    }
    return done;
}

static struct shelf *shelf_of(const uint8_t key[CRYPT_SHA256_SIZE])
{
    return &shelves[((size_t)key[0] << 8 | key[1]) % SHELVES];
}

bool crypt_remembered_find(const uint8_t key[CRYPT_SHA256_SIZE], struct crypt_check *check)
{
    const struct shelf *shelf = shelf_of(key);
    bool found = false;

    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; i < PLACES && !found; i++) {
        found = shelf->places[i].used && memcmp(shelf->places[i].key, key, CRYPT_SHA256_SIZE) == 0;
        if (found) {
            *check = shelf->places[i].check;
        }
    }
    (void)pthread_mutex_unlock(&lock);
    return found;
}

void crypt_remembered_keep(const uint8_t key[CRYPT_SHA256_SIZE], const struct crypt_check *check)
{
    struct shelf *shelf = shelf_of(key);

    (void)pthread_mutex_lock(&lock);
    size_t place = shelf->next++ % PLACES;
    shelf->places[place].used = true;
    memcpy(shelf->places[place].key, key, CRYPT_SHA256_SIZE);
    shelf->places[place].check = *check;
    (void)pthread_mutex_unlock(&lock);
}
