/*
 * Certification paths: the bytes are a graph of certificates, three bytes each, over a few names and keys. The search ends within its
 * bounds; a path that it accepts is one, edge by edge, to GnuTLS, too; and where it finds none, trying everything finds none either.
 */
#include <jansson.h>
#include <stdlib.h>
#include <time.h>

#include <gnutls/x509.h>

#include "tlstep/pki.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NAMES = 4, KEYS = 4, CERTS_MAX = 10, BYTES_EACH = 3 };

#define NOW ((time_t)1780308000) /* 2026-06-01T10:00:00Z */
#define DAY ((time_t)86400)

/* What the bytes say of one certificate; the first one is the leaf. */
struct plan {
    unsigned name, key;      /* the subject's */
    unsigned issuer, signer; /* of whom the name, of whom the key */
    bool expired, ca, limited, stored, sent, key_ids;
};

struct made {
    struct plan plan;
    gnutls_datum_t der;
};

static gnutls_x509_privkey_t keys[KEYS];

static void expect(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* One pool for all runs: what matters of a key is which it is. */
static void make_keys(void)
{
    for (size_t i = 0; i < KEYS && keys[i] == NULL; i++) {
        expect(gnutls_x509_privkey_init(&keys[i]) == 0);
        expect(gnutls_x509_privkey_generate(keys[i], GNUTLS_PK_ECDSA,
                                            GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
                                            0) == 0);
    }
}

/* ---- certificates ---------------------------------------------------------------------- */

static struct plan read_plan(const uint8_t *bytes, bool leaf)
{
    struct plan plan = {
        .name = bytes[0] % NAMES,
        .key = bytes[0] / NAMES % KEYS,
        .issuer = bytes[1] % NAMES,
        .signer = bytes[1] / NAMES % KEYS,
        .expired = (bytes[2] & 0x03) == 0x03,
        .ca = (bytes[2] & 0x0c) != 0x0c,
        .limited = (bytes[2] & 0x30) == 0x30,
        .stored = (bytes[2] & 0x40) != 0,
        .sent = (bytes[2] & 0x80) == 0,
        .key_ids = (bytes[1] & 0x80) == 0,
    };

    if (leaf) {
        plan.name = NAMES; /* one of its own */
        plan.ca = plan.stored = plan.limited = plan.expired = false;
    }
    plan.limited &= plan.ca && !plan.stored;
    return plan;
}

static void set_name(gnutls_x509_crt_t crt, unsigned name)
{
    char text[] = "CA 0";

    text[3] = (char)('0' + name);
    expect(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, text, 4) == 0);
}

static void set_key_ids(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
    uint8_t id[64];
    size_t size = sizeof id;

    expect(gnutls_x509_crt_get_key_id(crt, 0, id, &size) == 0);
    expect(gnutls_x509_crt_set_subject_key_id(crt, id, size) == 0);
    size = sizeof id;
    expect(gnutls_x509_crt_get_key_id(issuer, 0, id, &size) == 0);
    expect(gnutls_x509_crt_set_authority_key_id(crt, id, size) == 0);
}

/* The issuer as GnuTLS wants it for signing: a name and a key. */
static gnutls_x509_crt_t make_signer(const struct plan *plan)
{
    gnutls_x509_crt_t crt;

    expect(gnutls_x509_crt_init(&crt) == 0);
    set_name(crt, plan->issuer);
    expect(gnutls_x509_crt_set_key(crt, keys[plan->signer]) == 0);
    return crt;
}

static void make(struct made *out, uint8_t number)
{
    const struct plan *plan = &out->plan;
    gnutls_x509_crt_t crt, signer = make_signer(plan);

    expect(gnutls_x509_crt_init(&crt) == 0);
    expect(gnutls_x509_crt_set_version(crt, 3) == 0);
    expect(gnutls_x509_crt_set_serial(crt, &number, 1) == 0);
    expect(gnutls_x509_crt_set_activation_time(crt, NOW - 30 * DAY) == 0);
    expect(gnutls_x509_crt_set_expiration_time(crt, plan->expired ? NOW - DAY : NOW + 30 * DAY) ==
           0);
    set_name(crt, plan->name);
    expect(gnutls_x509_crt_set_key(crt, keys[plan->key]) == 0);
    expect(gnutls_x509_crt_set_basic_constraints(crt, plan->ca, plan->limited ? 0 : -1) == 0);
    if (plan->key_ids) {
        set_key_ids(crt, signer);
    }
    expect(gnutls_x509_crt_sign2(crt, signer, keys[plan->signer], GNUTLS_DIG_SHA256, 0) == 0);
    expect(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &out->der) == 0);
    gnutls_x509_crt_deinit(signer);
    gnutls_x509_crt_deinit(crt);
}

/* ---- trying everything ----------------------------------------------------------------- */

struct graph {
    struct made certs[CERTS_MAX];
    size_t count;
};

/* Is there any path from the last of `path` on? The rules are those of the plans. */
static bool exists(const struct graph *graph, size_t *path, size_t length)
{
    const struct plan *last = &graph->certs[path[length - 1]].plan;
    unsigned between = 0;

    if (last->stored) {
        return true;
    }
    for (size_t i = 1; i < length; i++) {
        const struct plan *plan = &graph->certs[path[i]].plan;
        between += plan->name != plan->issuer;
    }
    for (size_t i = 1; i < graph->count; i++) {
        const struct plan *next = &graph->certs[i].plan;
        bool loop = false;
        if (next->name != last->issuer || next->key != last->signer || !next->ca || next->expired ||
            (next->limited && between > 0) || (!next->sent && !next->stored)) {
            continue;
        }
        for (size_t j = 0; j < length; j++) {
            const struct plan *there = &graph->certs[path[j]].plan;
            loop |= there->name == next->name && there->key == next->key;
        }
        path[length] = i;
        if (!loop && exists(graph, path, length + 1)) {
            return true;
        }
    }
    return false;
}

/* ---- verdicts -------------------------------------------------------------------------- */

static gnutls_x509_crt_t import(struct pki_slice der)
{
    gnutls_datum_t bytes = {(unsigned char *)der.data, (unsigned)der.length};
    gnutls_x509_crt_t crt;

    expect(gnutls_x509_crt_init(&crt) == 0);
    expect(gnutls_x509_crt_import(crt, &bytes, GNUTLS_X509_FMT_DER) == 0);
    return crt;
}

static void check_edge(struct pki_slice certificate, struct pki_slice issuer)
{
    gnutls_x509_crt_t below = import(certificate), above = import(issuer);
    unsigned status = 0;

    expect(gnutls_x509_crt_check_issuer(below, above) == 1);
    expect(gnutls_x509_crt_get_ca_status(above, NULL) == 1);
    expect(gnutls_x509_crt_get_expiration_time(above) >= NOW);
    expect(gnutls_x509_crt_verify(below, &above, 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status) ==
           0);
    expect(status == 0);
    gnutls_x509_crt_deinit(below);
    gnutls_x509_crt_deinit(above);
}

static void check_path(const struct pki_verification *verdict, const size_t *path, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        expect(path[i] < verdict->certificate_count);
        for (size_t j = 0; j < i; j++) {
            expect(path[i] != path[j]);
        }
    }
}

static void check_members(const struct pki_verification *verdict)
{
    long count = (long)verdict->certificate_count;

    for (long i = 0; i < count; i++) {
        const struct pki_member *member = &verdict->members[i];
        expect((member->origin == PKI_SENT) == ((size_t)i < verdict->sent_count));
        expect(member->duplicate_of < i && member->issuer < count && member->issuer != i);
        expect(!member->in_path || member->in_any);
    }
}

static void check_round_trip(const struct pki_verification *verdict)
{
    json_t *json = pki_verification_encode(verdict);
    struct pki_verification *again = pki_verification_decode(json, NULL);
    json_t *second;

    expect(again != NULL);
    second = pki_verification_encode(again);
    expect(second != NULL && json_equal(json, second));
    json_decref(json);
    json_decref(second);
    pki_verification_free(again);
}

static void check(const struct graph *graph, const struct pki_verification *verdict)
{
    size_t path[CERTS_MAX + 1] = {0};

    expect(verdict->gave_up == NULL); /* ten certificates are no task */
    expect(verdict->ok == (verdict->reason_count == 0));
    expect(!verdict->ok || verdict->anchored);
    expect(verdict->alternative_count <= PKI_ALTERNATIVES_MAX);
    expect(verdict->ok == exists(graph, path, 1));
    check_members(verdict);
    check_path(verdict, verdict->path, verdict->path_length);
    for (size_t i = 0; i < verdict->alternative_count; i++) {
        const struct pki_path *other = &verdict->alternatives[i];
        check_path(verdict, other->certificates, other->length);
        expect(other->ok == (other->reason_count == 0));
    }
    for (size_t i = 0; verdict->ok && i + 1 < verdict->path_length; i++) {
        check_edge(verdict->certificates[verdict->path[i]],
                   verdict->certificates[verdict->path[i + 1]]);
    }
    check_round_trip(verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct graph graph = {0};
    struct pki_slice chain[CERTS_MAX];
    struct pki_trust *trust = pki_trust_none(NULL);
    struct pki_request request = {.chain = chain, .trust = trust, .at = NOW};
    struct pki_verification *verdict;

    make_keys();
    expect(trust != NULL);
    while (size >= BYTES_EACH && graph.count < CERTS_MAX) {
        struct made *cert = &graph.certs[graph.count++];
        cert->plan = read_plan(data, graph.count == 1);
        make(cert, (uint8_t)graph.count);
        if (graph.count == 1 || cert->plan.sent) {
            chain[request.chain_length++] = (struct pki_slice){cert->der.data, cert->der.size};
        }
        if (cert->plan.stored) {
            expect(pki_trust_add_der(trust, cert->der.data, cert->der.size, NULL) == 0);
        }
        data += BYTES_EACH;
        size -= BYTES_EACH;
    }
    if (graph.count > 0) {
        verdict = pki_verify(&request, NULL);
        expect(verdict != NULL);
        check(&graph, verdict);
        pki_verification_free(verdict);
    }
    for (size_t i = 0; i < graph.count; i++) {
        gnutls_free(graph.certs[i].der.data);
    }
    pki_trust_release(trust);
    return 0;
}
