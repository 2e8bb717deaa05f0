/* Asks GnuTLS, as a client that uses it would, at the same time, for the same purpose and name. */
#include "gnutls_verdict.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include <gnutls/x509.h>

#include "verification.h"

/* GnuTLS itself looks at 16 certificates of a chain; anchors are those whose names occur in it. */
#define CHAIN_MAX   16
#define ANCHORS_MAX 64

/* GnuTLS compares each extension with every other one and counts a name's parts anew for each part, and nothing can interrupt
 * it: what is larger takes it seconds to minutes. A chain over these bounds is judged without asking GnuTLS. */
#define BYTES_EACH_MAX ((size_t)64 * 1024)
#define BYTES_ALL_MAX  ((size_t)256 * 1024)

/* ---- its clock ------------------------------------------------------------------------- */

/* GnuTLS has one clock for the whole process. It goes on telling the time, except to the thread that asks for another. */
static _Thread_local bool time_is_chosen;
static _Thread_local time_t chosen_time;

static time_t tell_time(time_t *out)
{
    time_t now = time_is_chosen ? chosen_time : time(NULL);

    if (out != NULL) {
        *out = now;
    }
    return now;
}

static void set_clock(void)
{
    gnutls_global_set_time_function(tell_time);
}

static void choose_time(int64_t at)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, set_clock); /* cannot fail with a static control */
    chosen_time = (time_t)at;
    time_is_chosen = true;
}

/* ---- its certificates ------------------------------------------------------------------ */

static int import_certificate(gnutls_x509_crt_t *out, struct pki_slice der)
{
    gnutls_datum_t bytes = {(unsigned char *)der.data, (unsigned)der.length};
    int result = gnutls_x509_crt_init(out);

    if (result < 0) {
        return result;
    }
    result = der.length <= UINT_MAX / 2 ? gnutls_x509_crt_import(*out, &bytes, GNUTLS_X509_FMT_DER)
                                        : GNUTLS_E_ASN1_DER_ERROR;
    if (result < 0) {
        gnutls_x509_crt_deinit(*out);
    }
    return result;
}

/* The anchors whose names occur: those of the search's nodes, not the whole store. */
static int add_anchors(gnutls_x509_trust_list_t list, const struct search *search)
{
    size_t added = 0;

    for (size_t i = 0; i < search->indexed && added < ANCHORS_MAX; i++) {
        const struct node *node = &search->nodes[search->by_subject[i]];
        gnutls_x509_crt_t crt;
        int result;
        if (!node->anchor || node->x.der.length > BYTES_EACH_MAX ||
            import_certificate(&crt, node->x.der) < 0) {
            continue; /* what GnuTLS cannot read is no anchor for it */
        }
        result = gnutls_x509_trust_list_add_cas(list, &crt, 1, 0);
        if (result < 1) {
            gnutls_x509_crt_deinit(crt);
            return result < 0 ? result : GNUTLS_E_MEMORY_ERROR;
        }
        added++;
    }
    return 0;
}

/* What was sent, then what was given, as far as GnuTLS looks. */
static int import_chain(gnutls_x509_crt_t chain[CHAIN_MAX], unsigned *count,
                        const struct search *search)
{
    for (size_t i = 0; i < search->count && *count < CHAIN_MAX; i++) {
        const struct node *node = &search->nodes[i];
        int result;
        if (!node->sent && !node->given) {
            break;
        }
        result = import_certificate(&chain[*count], node->x.der);
        if (result < 0 && (i == 0 || result == GNUTLS_E_MEMORY_ERROR)) {
            return result;
        }
        *count += result < 0 ? 0 : 1;
    }
    return *count > 0 ? 0 : GNUTLS_E_NO_CERTIFICATE_FOUND;
}

static bool takes_long(const struct search *search)
{
    size_t all = 0;

    for (size_t i = 0; i < search->count && i < CHAIN_MAX; i++) {
        const struct node *node = &search->nodes[i];
        if (!node->sent && !node->given) {
            break;
        }
        all += node->x.der.length;
        if (node->x.der.length > BYTES_EACH_MAX || all > BYTES_ALL_MAX) {
            return true;
        }
    }
    return false;
}

/* ---- its question ---------------------------------------------------------------------- */

/* GnuTLS's names for the levels of OpenSSL. */
static unsigned profile_flags(enum pki_strength strength)
{
    static const gnutls_certificate_verification_profiles_t profiles[] = {
        [PKI_STRENGTH_USUAL] = GNUTLS_PROFILE_MEDIUM, [PKI_STRENGTH_0] = GNUTLS_PROFILE_VERY_WEAK,
        [PKI_STRENGTH_1] = GNUTLS_PROFILE_LOW,        [PKI_STRENGTH_2] = GNUTLS_PROFILE_MEDIUM,
        [PKI_STRENGTH_3] = GNUTLS_PROFILE_HIGH,
    };

    return GNUTLS_PROFILE_TO_VFLAGS(profiles[strength]);
}

static int ask(gnutls_x509_trust_list_t list, gnutls_x509_crt_t *chain, unsigned count,
               const struct pki_request *request, unsigned *status)
{
    static const char *const purposes[] = {
        [PKI_PURPOSE_SERVER] = GNUTLS_KP_TLS_WWW_SERVER,
        [PKI_PURPOSE_CLIENT] = GNUTLS_KP_TLS_WWW_CLIENT,
        [PKI_PURPOSE_ANY] = NULL,
    };
    const char *purpose = purposes[request->purpose];
    gnutls_typed_vdata_st wanted[2] = {0};
    unsigned elements = 0;
    int result;

    if (purpose != NULL) {
        wanted[elements].type = GNUTLS_DT_KEY_PURPOSE_OID;
        wanted[elements++].data = (unsigned char *)(uintptr_t)purpose;
    }
    if (request->hostname != NULL) {
        wanted[elements].type = GNUTLS_DT_DNS_HOSTNAME; /* addresses, too, by their text */
        wanted[elements++].data = (unsigned char *)(uintptr_t)request->hostname;
    }
    choose_time(request->at);
    result = gnutls_x509_trust_list_verify_crt2(list, chain, count, wanted, elements,
                                                profile_flags(request->strength), status, NULL);
    time_is_chosen = false;
    return result;
}

static int judge(const struct search *search, unsigned *status)
{
    gnutls_x509_crt_t chain[CHAIN_MAX];
    gnutls_x509_trust_list_t list;
    unsigned count = 0;
    int result = gnutls_x509_trust_list_init(&list, 0);

    if (result < 0) {
        return result;
    }
    result = add_anchors(list, search);
    if (result >= 0) {
        result = import_chain(chain, &count, search);
    }
    if (result >= 0) {
        result = ask(list, chain, count, search->request, status);
    }
    for (unsigned i = 0; i < count; i++) {
        gnutls_x509_crt_deinit(chain[i]);
    }
    gnutls_x509_trust_list_deinit(list, 1);
    return result;
}

/* ---- its words ------------------------------------------------------------------------- */

static char *words_of(unsigned status)
{
    gnutls_datum_t text = {0};
    size_t length;
    char *out;

    if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) < 0) {
        return NULL;
    }
    length = strlen((const char *)text.data);
    while (length > 0 && text.data[length - 1] == ' ') {
        text.data[--length] = '\0';
    }
    out = verification_text((const char *)text.data);
    gnutls_free(text.data);
    return out;
}

static bool write_difference(struct pki_verification *out, const struct search *search,
                             unsigned status, const char *problem)
{
    struct disagreement disagreement = {out, search, status, problem};
    struct buffer text = {0};

    if (out->ok == out->gnutls_ok) {
        return true;
    }
    gnutls_difference_say(&text, &disagreement);
    out->difference = buffer_take_string(&text);
    return out->difference != NULL;
}

bool gnutls_verdict_write(struct pki_verification *out, const struct search *search)
{
    unsigned status = 0;
    int result;

    if (takes_long(search)) {
        return true; /* gnutls_performed stays false */
    }
    result = judge(search, &status);
    if (result == GNUTLS_E_MEMORY_ERROR) {
        return false;
    }
    out->gnutls_performed = true;
    out->gnutls_ok = result >= 0 && status == 0;
    out->gnutls_text = result < 0 ? verification_text(gnutls_strerror(result)) : words_of(status);
    return out->gnutls_text != NULL &&
           write_difference(out, search, status, result < 0 ? gnutls_strerror(result) : NULL);
}
