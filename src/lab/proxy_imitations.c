/* Identities for leaves that have been seen. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tlstep/lab.h"

#define KEPT 32

struct imitation {
    uint8_t *leaf; /* DER, malloc'ed; NULL: free */
    size_t length;
    struct tls_identity *identity;
    uint64_t used;
};

struct kept_session {
    char server[300]; /* "": free */
    struct buffer data;
    uint64_t used;
};

struct lab_imitations {
    pthread_mutex_t lock;
    unsigned references;
    struct lab_ca *ca;
    uint64_t uses;
    struct imitation kept[KEPT];
    struct kept_session sessions[KEPT];
};

struct lab_imitations *lab_imitations_new(struct lab_ca *ca, struct err *err)
{
    struct lab_imitations *imitations = calloc(1, sizeof *imitations);

    if (imitations == NULL || pthread_mutex_init(&imitations->lock, NULL) != 0) {
        free(imitations);
        (void)err_memory(err, "making the proxy's certificates");
        return NULL;
    }
    imitations->references = 1;
    imitations->ca = lab_ca_hold(ca);
    return imitations;
}

struct lab_imitations *lab_imitations_hold(struct lab_imitations *imitations)
{
    pthread_mutex_lock(&imitations->lock);
    imitations->references++;
    pthread_mutex_unlock(&imitations->lock);
    return imitations;
}

static void forget(struct imitation *imitation)
{
    free(imitation->leaf);
    tls_identity_release(imitation->identity);
    *imitation = (struct imitation){0};
}

void lab_imitations_release(struct lab_imitations *imitations)
{
    unsigned left;

    if (imitations == NULL) {
        return;
    }
    pthread_mutex_lock(&imitations->lock);
    left = --imitations->references;
    pthread_mutex_unlock(&imitations->lock);
    if (left > 0) {
        return;
    }
    for (size_t i = 0; i < KEPT; i++) {
        forget(&imitations->kept[i]);
        buffer_wipe_free(&imitations->sessions[i].data);
    }
    lab_ca_release(imitations->ca);
    pthread_mutex_destroy(&imitations->lock);
    free(imitations);
}

/* Where it stands, else where it can stand: the place that was not used for the longest time. */
static struct imitation *find_locked(struct lab_imitations *imitations, struct pki_slice leaf)
{
    struct imitation *oldest = &imitations->kept[0];

    for (size_t i = 0; i < KEPT; i++) {
        struct imitation *here = &imitations->kept[i];

        if (here->leaf != NULL && here->length == leaf.length &&
            memcmp(here->leaf, leaf.data, leaf.length) == 0) {
            return here;
        }
        if (here->used < oldest->used) {
            oldest = here;
        }
    }
    forget(oldest);
    return oldest;
}

static int make_locked(struct lab_imitations *imitations, struct imitation *imitation,
                       struct pki_slice leaf, struct err *err)
{
    imitation->leaf = malloc(leaf.length + 1); /* never 0 bytes */
    if (imitation->leaf == NULL) {
        return err_memory(err, "making the proxy's certificate");
    }
    memcpy(imitation->leaf, leaf.data, leaf.length);
    imitation->length = leaf.length;
    imitation->identity = lab_ca_imitate(imitations->ca, leaf, err);
    if (imitation->identity == NULL) {
        forget(imitation);
        return -1;
    }
    return 0;
}

/* Under the lock also while one is made: whoever wants the same gets that one. */
struct tls_identity *lab_imitations_get(struct lab_imitations *imitations, struct pki_slice leaf,
                                        struct err *err)
{
    struct tls_identity *identity = NULL;
    struct imitation *found;

    pthread_mutex_lock(&imitations->lock);
    found = find_locked(imitations, leaf);
    if (found->leaf != NULL || make_locked(imitations, found, leaf, err) == 0) {
        found->used = ++imitations->uses;
        identity = tls_identity_hold(found->identity);
    }
    pthread_mutex_unlock(&imitations->lock);
    return identity;
}

/* ---- sessions --------------------------------------------------------------------------------- */

/* The server's; else, to be filled, the one that was not used for the longest time. */
static struct kept_session *find_session_locked(struct lab_imitations *imitations,
                                                const char *server)
{
    struct kept_session *oldest = &imitations->sessions[0];

    for (size_t i = 0; i < KEPT; i++) {
        struct kept_session *here = &imitations->sessions[i];

        if (strcmp(here->server, server) == 0) {
            return here;
        }
        oldest = here->used < oldest->used ? here : oldest;
    }
    return oldest;
}

void lab_imitations_keep_session(struct lab_imitations *imitations, const char *server,
                                 const struct buffer *session)
{
    struct kept_session *kept;

    if (server[0] == '\0' || strlen(server) >= sizeof kept->server) {
        return;
    }
    pthread_mutex_lock(&imitations->lock);
    kept = find_session_locked(imitations, server);
    buffer_wipe_free(&kept->data);
    kept->data.secret = true;
    buffer_append(&kept->data, session->data, session->length);
    (void)snprintf(kept->server, sizeof kept->server, "%s", kept->data.failed ? "" : server);
    kept->used = ++imitations->uses;
    pthread_mutex_unlock(&imitations->lock);
}

bool lab_imitations_session(struct lab_imitations *imitations, const char *server,
                            struct buffer *out)
{
    struct kept_session *kept;
    bool found;

    pthread_mutex_lock(&imitations->lock);
    kept = find_session_locked(imitations, server);
    found = server[0] != '\0' && strcmp(kept->server, server) == 0;
    if (found) {
        kept->used = ++imitations->uses;
        buffer_append(out, kept->data.data, kept->data.length);
    }
    pthread_mutex_unlock(&imitations->lock);
    return found && !out->failed;
}
