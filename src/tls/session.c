/* A configured session of a client or a server, and what resumes it. */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "options.h"
#include "priority.h"
#include "tlstep/crypt.h"

static int fail(int status, const char *doing, struct err *err)
{
    if (status == GNUTLS_E_MEMORY_ERROR) {
        return err_memory(err, doing);
    }
    return err_set(err, ERR_USAGE, "bad_option", "%s: %s", doing, gnutls_strerror(status));
}

static int set_priority(struct tls_session *session, const struct tls_options *options,
                        struct err *err)
{
    char *priority = tls_priority_build(options, err);
    int status;

    if (priority == NULL) {
        return -1;
    }
    if (tls_priority_versions(priority, session->offers, err) != 0) {
        free(priority);
        return -1;
    }
    status = gnutls_priority_set_direct(session->session, priority, NULL);
    free(priority);
    return status == GNUTLS_E_SUCCESS ? 0 : fail(status, "setting --priority", err);
}

/* RFC 6066 3: without a trailing dot. An internationalized name is converted by GnuTLS. */
static int set_sni(gnutls_session_t session, const struct tls_options *options, const char *host,
                   struct err *err)
{
    const char *name = tls_options_sni(options, host);
    size_t length;
    int status;

    if (name == NULL) {
        return 0;
    }
    length = strlen(name);
    if (length > 1 && name[length - 1] == '.') {
        length--;
    }
    status = gnutls_server_name_set(session, GNUTLS_NAME_DNS, name, length);
    return status == GNUTLS_E_SUCCESS ? 0 : fail(status, "setting --sni", err);
}

/* GNUTLS_ALPN_MANDATORY: with nothing in common a server refuses, RFC 7301 3.2. */
static int set_alpn(gnutls_session_t session, const struct tls_options *options, unsigned flags,
                    struct err *err)
{
    gnutls_datum_t names[TLS_ALPN_NAMES_MAX];
    int count, status;

    if (options->alpn == NULL) {
        return 0;
    }
    count = tls_parse_alpn(options->alpn, names);
    status = count > 0 ? gnutls_alpn_set_protocols(session, names, (unsigned)count, flags)
                       : GNUTLS_E_INVALID_REQUEST;
    return status == GNUTLS_E_SUCCESS ? 0 : fail(status, "setting --alpn", err);
}

/*
 * Without credentials GnuTLS does not begin; without certificates in them a server that asks gets an
 * empty Certificate message, and nothing is verified but by the caller's verify function.
 */
static int set_own_credentials(struct tls_session *session, struct err *err)
{
    int status = gnutls_certificate_allocate_credentials(&session->credentials);

    if (status == GNUTLS_E_SUCCESS) {
        status =
            gnutls_credentials_set(session->session, GNUTLS_CRD_CERTIFICATE, session->credentials);
    }
    return status == GNUTLS_E_SUCCESS ? 0 : fail(status, "making credentials", err);
}

int tls_session_show(struct tls_session *session, struct tls_identity *identity, struct err *err)
{
    /* GnuTLS only reads credentials, and takes the new ones in place of those that were there. */
    int status = gnutls_credentials_set(session->session, GNUTLS_CRD_CERTIFICATE,
                                        tls_identity_credentials(identity));

    if (status != GNUTLS_E_SUCCESS) {
        return fail(status, "setting the own certificate", err);
    }
    (void)tls_identity_hold(identity); /* the same pointer */
    tls_identity_release(session->identity);
    session->identity = identity;
    return 0;
}

/* --cert and --key of a client. */
static int set_identity(struct tls_session *session, const struct tls_options *options,
                        struct err *err)
{
    struct tls_identity *identity;
    int status;

    if (options->cert == NULL) {
        return set_own_credentials(session, err);
    }
    identity = tls_identity_load(options->cert, options->key, err);
    if (identity == NULL) {
        return -1;
    }
    status = tls_session_show(session, identity, err);
    tls_identity_release(identity);
    return status;
}

static int make(struct tls_session *session, unsigned flags, struct err *err)
{
    int status;

    memset(session, 0, sizeof *session);
    status = gnutls_init(&session->session, flags);
    if (status != GNUTLS_E_SUCCESS) {
        session->session = NULL;
        return fail(status, "making a session", err);
    }
    /* GnuTLS's own time-out would count the user's pauses. */
    gnutls_handshake_set_timeout(session->session, GNUTLS_INDEFINITE_TIMEOUT);
    return 0;
}

/* ---- a client -------------------------------------------------------------------------------- */

/*
 * GNUTLS_NO_AUTO_REKEY: a KeyUpdate is sent when the user says so, not after 2^24 records.
 * GNUTLS_FORCE_CLIENT_CERT: who gives a certificate wants it sent, whatever issuers the server names.
 * GNUTLS_KEY_SHARE_TOP: who gives an order of groups has said which one to guess; GnuTLS by itself adds
 * a key share of a second kind. The extensions stay GnuTLS's own: status_request, session_ticket and the
 * rest, as gnutls-cli sends them; with early data and a certificate there are two more.
 */
static unsigned client_flags(const struct tls_options *options)
{
    unsigned flags = GNUTLS_CLIENT | GNUTLS_NO_AUTO_REKEY;

    if (options->cert != NULL) {
        flags |= GNUTLS_POST_HANDSHAKE_AUTH | GNUTLS_FORCE_CLIENT_CERT;
    }
    if (options->groups != NULL) {
        flags |= GNUTLS_KEY_SHARE_TOP;
    }
    if (options->early_data != NULL) {
        flags |= GNUTLS_ENABLE_EARLY_DATA;
    }
    return flags;
}

int tls_session_init(struct tls_session *session, const struct tls_options *options,
                     const char *host, struct err *err)
{
    if (make(session, client_flags(options), err) != 0) {
        return -1;
    }
    if (set_identity(session, options, err) != 0 || set_priority(session, options, err) != 0 ||
        set_sni(session->session, options, host, err) != 0 ||
        set_alpn(session->session, options, 0, err) != 0) {
        tls_session_free(session);
        return -1;
    }
    return 0;
}

/* ---- a server -------------------------------------------------------------------------------- */

static unsigned server_flags(const struct tls_memory *memory)
{
    unsigned flags = GNUTLS_SERVER | GNUTLS_NO_AUTO_REKEY | GNUTLS_POST_HANDSHAKE_AUTH;

    return flags | (memory != NULL ? GNUTLS_ENABLE_EARLY_DATA : GNUTLS_NO_TICKETS);
}

static void set_ask(gnutls_session_t session, enum tls_ask ask)
{
    static const gnutls_certificate_request_t requests[] = {
        [TLS_ASK_NO] = GNUTLS_CERT_IGNORE,
        [TLS_ASK_REQUEST] = GNUTLS_CERT_REQUEST,
        [TLS_ASK_REQUIRE] = GNUTLS_CERT_REQUIRE,
    };

    gnutls_certificate_server_set_request(session, requests[ask]);
}

static int set_memory(struct tls_session *session, struct tls_memory *memory, struct err *err)
{
    int status;

    if (memory == NULL) {
        return 0;
    }
    status = tls_memory_attach(memory, session->session, true);
    if (status != GNUTLS_E_SUCCESS) {
        return fail(status, "setting what can be resumed", err);
    }
    session->memory = tls_memory_hold(memory);
    return 0;
}

int tls_session_init_server(struct tls_session *session, const struct tls_options *options,
                            struct tls_identity *identity, struct tls_memory *memory,
                            struct err *err)
{
    if (make(session, server_flags(memory), err) != 0) {
        return -1;
    }
    if ((identity != NULL ? tls_session_show(session, identity, err)
                          : set_own_credentials(session, err)) != 0 ||
        set_priority(session, options, err) != 0 ||
        set_alpn(session->session, options, GNUTLS_ALPN_MANDATORY, err) != 0 ||
        set_memory(session, memory, err) != 0) {
        tls_session_free(session);
        return -1;
    }
    set_ask(session->session, options->ask);
    return 0;
}

/* ---- resuming -------------------------------------------------------------------------------- */

/* A ticket, or a session id that the server may know again. In TLS 1.3 only the ticket counts: without one GnuTLS would
 * wait for it. */
static bool is_resumable(gnutls_session_t session)
{
    gnutls_datum_t id = {0};

    if ((gnutls_session_get_flags(session) & GNUTLS_SFLAGS_SESSION_TICKET) != 0) {
        return true;
    }
    return gnutls_protocol_get_version(session) < GNUTLS_TLS1_3 &&
           gnutls_session_get_id2(session, &id) == GNUTLS_E_SUCCESS && id.size > 0;
}

/*
 * What is handed out: the version (2 bytes), the SHA-256 of the rest, and the session as GnuTLS packs it. GnuTLS believes
 * what it unpacks: a session that was cut off crashes it (measured with 3.7.9), so damage must be found here.
 */
bool tls_session_resumption(const struct tls_session *session, struct buffer *out)
{
    uint8_t hash[CRYPT_SHA256_SIZE];
    gnutls_datum_t data = {0};
    bool hashed;

    if (session->session == NULL || !is_resumable(session->session) ||
        gnutls_session_get_data2(session->session, &data) != GNUTLS_E_SUCCESS) {
        return false;
    }
    hashed = crypt_sha256(data.data, data.size, hash) == 0;
    if (hashed) {
        buffer_u16(out, (uint16_t)gnutls_protocol_get_version(session->session));
        buffer_append(out, hash, sizeof hash);
        buffer_append(out, data.data, data.size);
    }
    secret_wipe(data.data, data.size);
    gnutls_free(data.data);
    return hashed && !out->failed;
}

static bool is_whole(const uint8_t *hash, const uint8_t *packed, size_t length)
{
    uint8_t actual[CRYPT_SHA256_SIZE];

    return hash != NULL && packed != NULL && length > 0 &&
           crypt_sha256(packed, length, actual) == 0 && memcmp(actual, hash, sizeof actual) == 0;
}

static int not_resumable(struct err *err, const char *why)
{
    return err_set(err, ERR_TLS, "not_resumable", "the session cannot be resumed: %s", why);
}

static const char *resume_error_text(int status)
{
    switch (status) {
    case GNUTLS_E_DB_ERROR:
        return "what was kept of it is damaged";
    case GNUTLS_E_EXPIRED:
        return "it is too old";
    default:
        return gnutls_strerror(status);
    }
}

/* GnuTLS says UINT32_MAX where the ticket had no early_data extension, which forbids to send any (RFC 8446 4.2.10). */
static size_t early_data_max(gnutls_session_t session, gnutls_protocol_t version)
{
    size_t max = gnutls_record_get_max_early_data_size(session);

    return version < GNUTLS_TLS1_3 || max == UINT32_MAX ? 0 : max;
}

/* Index into tls_versions of what the session was, or -1. */
static int version_of(uint16_t id)
{
    for (int v = 0; v < TLS_VERSION_COUNT; v++) {
        if (id == (uint16_t)tls_versions[v].id) {
            return v;
        }
    }
    return -1;
}

/* With a session of a version that is not offered GnuTLS would fail in ClientHello (measured with 3.7.9). */
int tls_session_resume(struct tls_session *session, const void *data, size_t length,
                       size_t *early_max, struct err *err)
{
    struct reader reader = reader_new(data, length);
    int version = version_of(reader_u16(&reader));
    const uint8_t *hash = reader_bytes(&reader, CRYPT_SHA256_SIZE);
    size_t packed_length = reader_left(&reader);
    const uint8_t *packed = reader_bytes(&reader, packed_length);
    int status;

    *early_max = 0;
    if (version < 0 || !is_whole(hash, packed, packed_length)) {
        return not_resumable(err, resume_error_text(GNUTLS_E_DB_ERROR));
    }
    if (!session->offers[version]) {
        return not_resumable(err, "it is one of another TLS version than is offered now");
    }
    status = gnutls_session_set_data(session->session, packed, packed_length);
    if (status == GNUTLS_E_MEMORY_ERROR) {
        return err_memory(err, "resuming a session");
    }
    if (status != GNUTLS_E_SUCCESS) {
        return not_resumable(err, resume_error_text(status));
    }
    *early_max = early_data_max(session->session, tls_versions[version].id);
    return 0;
}

void tls_session_free(struct tls_session *session)
{
    if (session == NULL) {
        return;
    }
    if (session->session != NULL) {
        gnutls_deinit(session->session);
    }
    if (session->credentials != NULL) {
        gnutls_certificate_free_credentials(session->credentials);
    }
    tls_identity_release(session->identity);
    tls_memory_release(session->memory);
    memset(session, 0, sizeof *session);
}
