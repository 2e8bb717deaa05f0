/*
 * What lets a server's sessions be resumed: a ticket key, sessions by id (TLS 1.2), and the early data that was seen already
 * (RFC 8446 8). Clients decide how much of it is used, so everything in it is bounded.
 */
#include "memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ID_MAX \
    64 /* GnuTLS's names of entries: a session id, or a hash of a ClientHello's binders */

struct saved_session {
    uint8_t id[ID_MAX];
    size_t id_length;
    uint8_t *data; /* malloc'ed, secret; NULL: the place is free */
    size_t length;
};

struct seen_hello {
    uint8_t id[ID_MAX];
    size_t id_length;
    time_t until; /* 0: the place is free. GnuTLS refuses an older hello by its ticket's age */
};

struct tls_memory {
    pthread_mutex_t lock; /* of all that changes */
    unsigned references;
    gnutls_datum_t ticket_key; /* constant */
    gnutls_anti_replay_t anti_replay;
    struct saved_session sessions[TLS_MEMORY_SESSIONS];
    size_t next; /* the place that is taken next: the oldest */
    struct seen_hello hellos[TLS_MEMORY_HELLOS];
};

/* ---- sessions by id, RFC 5246 7.4.1.2 --------------------------------------------------------- */

static struct saved_session *find_locked(struct tls_memory *memory, gnutls_datum_t id)
{
    for (size_t i = 0; i < TLS_MEMORY_SESSIONS; i++) {
        struct saved_session *saved = &memory->sessions[i];

        if (saved->data != NULL && saved->id_length == id.size &&
            memcmp(saved->id, id.data, id.size) == 0) {
            return saved;
        }
    }
    return NULL;
}

static void forget(struct saved_session *saved)
{
    secret_free(saved->data, saved->length);
    *saved = (struct saved_session){0};
}

static int store(void *pointer, gnutls_datum_t id, gnutls_datum_t data)
{
    struct tls_memory *memory = pointer;
    struct saved_session *saved;
    uint8_t *copy;

    if (id.size == 0 || id.size > ID_MAX || data.size == 0 ||
        data.size > TLS_MEMORY_SESSION_BYTES) {
        return GNUTLS_E_DB_ERROR;
    }
    copy = malloc(data.size);
    if (copy == NULL) {
        return GNUTLS_E_DB_ERROR; /* the session is not resumed later: that is all */
    }
    memcpy(copy, data.data, data.size);
    pthread_mutex_lock(&memory->lock);
    saved = find_locked(memory, id);
    if (saved == NULL) {
        saved = &memory->sessions[memory->next];
        memory->next = (memory->next + 1) % TLS_MEMORY_SESSIONS;
    }
    forget(saved);
    memcpy(saved->id, id.data, id.size);
    saved->id_length = id.size;
    saved->data = copy;
    saved->length = data.size;
    pthread_mutex_unlock(&memory->lock);
    return 0;
}

/* GnuTLS frees what it gets, and looks itself whether the session is too old. */
static gnutls_datum_t retrieve(void *pointer, gnutls_datum_t id)
{
    struct tls_memory *memory = pointer;
    const struct saved_session *saved;
    gnutls_datum_t copy = {0};

    pthread_mutex_lock(&memory->lock);
    saved = find_locked(memory, id);
    if (saved != NULL) {
        copy.data = gnutls_malloc(saved->length);
    }
    if (copy.data != NULL) {
        memcpy(copy.data, saved->data, saved->length);
        copy.size = (unsigned)saved->length;
    }
    pthread_mutex_unlock(&memory->lock);
    return copy;
}

static int drop(void *pointer, gnutls_datum_t id)
{
    struct tls_memory *memory = pointer;
    struct saved_session *saved;

    pthread_mutex_lock(&memory->lock);
    saved = find_locked(memory, id);
    if (saved != NULL) {
        forget(saved);
    }
    pthread_mutex_unlock(&memory->lock);
    return 0;
}

/* ---- early data that was seen, RFC 8446 8.2 ---------------------------------------------------- */

static bool is_seen(const struct seen_hello *hello, const gnutls_datum_t *id, time_t now)
{
    return hello->until >= now && hello->id_length == id->size &&
           memcmp(hello->id, id->data, id->size) == 0;
}

/* Whoever cannot be remembered is refused early data, and loses nothing but a round trip. */
static int add_locked(struct tls_memory *memory, time_t until, const gnutls_datum_t *id)
{
    struct seen_hello *free_place = NULL;
    time_t now = time(NULL);

    for (size_t i = 0; i < TLS_MEMORY_HELLOS; i++) {
        struct seen_hello *hello = &memory->hellos[i];

        if (is_seen(hello, id, now)) {
            return GNUTLS_E_DB_ENTRY_EXISTS;
        }
        if (hello->until < now) {
            free_place = hello;
        }
    }
    if (free_place == NULL) {
        return GNUTLS_E_DB_ERROR;
    }
    memcpy(free_place->id, id->data, id->size);
    free_place->id_length = id->size;
    free_place->until = until;
    return 0;
}

static int add(void *pointer, time_t until, const gnutls_datum_t *id, const gnutls_datum_t *data)
{
    struct tls_memory *memory = pointer;
    int status;

    (void)data; /* only that it was seen counts */
    if (id->size == 0 || id->size > ID_MAX) {
        return GNUTLS_E_DB_ERROR;
    }
    pthread_mutex_lock(&memory->lock);
    status = add_locked(memory, until, id);
    pthread_mutex_unlock(&memory->lock);
    return status;
}

/* ---- making and freeing ------------------------------------------------------------------------ */

static int init(struct tls_memory *memory)
{
    int status = gnutls_session_ticket_key_generate(&memory->ticket_key);

    if (status == GNUTLS_E_SUCCESS) {
        status = gnutls_anti_replay_init(&memory->anti_replay);
    }
    if (status != GNUTLS_E_SUCCESS) {
        return status;
    }
    gnutls_anti_replay_set_ptr(memory->anti_replay, memory);
    gnutls_anti_replay_set_add_function(memory->anti_replay, add);
    return GNUTLS_E_SUCCESS;
}

static void destroy(struct tls_memory *memory)
{
    for (size_t i = 0; i < TLS_MEMORY_SESSIONS; i++) {
        forget(&memory->sessions[i]);
    }
    gnutls_anti_replay_deinit(memory->anti_replay);
    if (memory->ticket_key.data != NULL) { /* GnuTLS leaves a size where it gets no memory */
        secret_wipe(memory->ticket_key.data, memory->ticket_key.size);
        gnutls_free(memory->ticket_key.data);
    }
    pthread_mutex_destroy(&memory->lock);
    free(memory);
}

struct tls_memory *tls_memory_new(struct err *err)
{
    struct tls_memory *memory = calloc(1, sizeof *memory);

    if (memory == NULL || pthread_mutex_init(&memory->lock, NULL) != 0) {
        free(memory);
        (void)err_memory(err, "making a memory of sessions"); /* NULL says it */
        return NULL;
    }
    memory->references = 1;
    if (init(memory) != GNUTLS_E_SUCCESS) {
        destroy(memory);
        (void)err_memory(err, "making a ticket key");
        return NULL;
    }
    return memory;
}

struct tls_memory *tls_memory_hold(struct tls_memory *memory)
{
    pthread_mutex_lock(&memory->lock);
    memory->references++;
    pthread_mutex_unlock(&memory->lock);
    return memory;
}

void tls_memory_release(struct tls_memory *memory)
{
    unsigned left;

    if (memory == NULL) {
        return;
    }
    pthread_mutex_lock(&memory->lock);
    left = --memory->references;
    pthread_mutex_unlock(&memory->lock);
    if (left == 0) {
        destroy(memory);
    }
}

int tls_memory_attach(struct tls_memory *memory, gnutls_session_t session, bool tickets)
{
    /* That function turns them on again where GNUTLS_NO_TICKETS has turned them off. */
    int status = tickets ? gnutls_session_ticket_enable_server(session, &memory->ticket_key) : 0;

    if (status != GNUTLS_E_SUCCESS) {
        return status;
    }
    gnutls_db_set_ptr(session, memory);
    gnutls_db_set_store_function(session, store);
    gnutls_db_set_retrieve_function(session, retrieve);
    gnutls_db_set_remove_function(session, drop);
    gnutls_anti_replay_enable(session, memory->anti_replay);
    return GNUTLS_E_SUCCESS;
}
