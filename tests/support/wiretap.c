/* Two GnuTLS sessions joined in memory. */
#include "wiretap.h"

#include <errno.h>
#include <string.h>

/* ---- credentials ------------------------------------------------------------------------ */

static const gnutls_datum_t psk_key = {(unsigned char *)"0123456789abcdef", 16};

static int psk_lookup(gnutls_session_t session, const char *user, gnutls_datum_t *key)
{
    (void)session;
    (void)user;
    key->data = gnutls_malloc(psk_key.size);
    if (key->data == NULL) {
        return -1;
    }
    memcpy(key->data, psk_key.data, psk_key.size);
    key->size = psk_key.size;
    return 0;
}

static int add_identity(gnutls_certificate_credentials_t credentials, struct identity *identity)
{
    return gnutls_certificate_set_x509_key(credentials, &identity->certificate, 1, identity->key);
}

int wiretap_credentials_make(struct wiretap_credentials *credentials)
{
    int status = 0;

    memset(credentials, 0, sizeof *credentials);
    status |= identity_make(&credentials->rsa, IDENTITY_RSA, NULL);
    status |= identity_make(&credentials->ecdsa, IDENTITY_ECDSA, NULL);
    status |= gnutls_certificate_allocate_credentials(&credentials->server);
    status |= gnutls_certificate_allocate_credentials(&credentials->client);
    status |= gnutls_psk_allocate_server_credentials(&credentials->psk_server);
    status |= gnutls_psk_allocate_client_credentials(&credentials->psk_client);
    status |= gnutls_anon_allocate_server_credentials(&credentials->anonymous_server);
    status |= gnutls_anon_allocate_client_credentials(&credentials->anonymous_client);
    if (status != 0) {
        wiretap_credentials_free(credentials);
        return -1;
    }
    status |= add_identity(credentials->server, &credentials->rsa);
    status |= add_identity(credentials->server, &credentials->ecdsa);
    status |= gnutls_psk_set_client_credentials(credentials->psk_client, "user", &psk_key,
                                                GNUTLS_PSK_KEY_RAW);
    gnutls_psk_set_server_credentials_function(credentials->psk_server, psk_lookup);
    status |= gnutls_certificate_set_known_dh_params(credentials->server, GNUTLS_SEC_PARAM_MEDIUM);
    status |=
        gnutls_psk_set_server_known_dh_params(credentials->psk_server, GNUTLS_SEC_PARAM_MEDIUM);
    status |= gnutls_anon_set_server_known_dh_params(credentials->anonymous_server,
                                                     GNUTLS_SEC_PARAM_MEDIUM);
    if (status != 0) {
        wiretap_credentials_free(credentials);
        return -1;
    }
    return 0;
}

void wiretap_credentials_free(struct wiretap_credentials *credentials)
{
    if (credentials->server != NULL) {
        gnutls_certificate_free_credentials(credentials->server);
    }
    if (credentials->client != NULL) {
        gnutls_certificate_free_credentials(credentials->client);
    }
    if (credentials->psk_server != NULL) {
        gnutls_psk_free_server_credentials(credentials->psk_server);
    }
    if (credentials->psk_client != NULL) {
        gnutls_psk_free_client_credentials(credentials->psk_client);
    }
    if (credentials->anonymous_server != NULL) {
        gnutls_anon_free_server_credentials(credentials->anonymous_server);
    }
    if (credentials->anonymous_client != NULL) {
        gnutls_anon_free_client_credentials(credentials->anonymous_client);
    }
    identity_free(&credentials->rsa);
    identity_free(&credentials->ecdsa);
    memset(credentials, 0, sizeof *credentials);
}

/* ---- transport -------------------------------------------------------------------------- */

static enum wire_side other(enum wire_side side)
{
    return side == WIRE_CLIENT ? WIRE_SERVER : WIRE_CLIENT;
}

static enum wire_side side_of(const struct wiretap *tap, gnutls_session_t session)
{
    return tap->session[WIRE_SERVER] == session ? WIRE_SERVER : WIRE_CLIENT;
}

static ssize_t push(gnutls_transport_ptr_t pointer, const void *data, size_t length)
{
    struct buffer *sent = pointer;

    buffer_append(sent, data, length);
    return sent->failed ? -1 : (ssize_t)length;
}

/* The transport pointer for receiving is the session itself, which leads to everything else. */
static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t length)
{
    gnutls_session_t session = pointer;
    struct wiretap *tap = gnutls_session_get_ptr(session);
    enum wire_side side = side_of(tap, session);
    const struct buffer *arrived = &tap->sent[other(side)];
    size_t count = arrived->length - tap->taken[side];

    if (count == 0) {
        gnutls_transport_set_errno(session, EAGAIN);
        return -1;
    }
    count = count < length ? count : length;
    memcpy(data, arrived->data + tap->taken[side], count);
    tap->taken[side] += count;
    return (ssize_t)count;
}

static int pull_timeout(gnutls_transport_ptr_t pointer, unsigned milliseconds)
{
    gnutls_session_t session = pointer;
    const struct wiretap *tap = gnutls_session_get_ptr(session);
    enum wire_side side = side_of(tap, session);

    (void)milliseconds;
    return tap->sent[other(side)].length > tap->taken[side] ? 1 : 0;
}

static int keep_secret(gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
    struct wiretap *tap = gnutls_session_get_ptr(session);
    struct crypt_secret parsed;
    struct buffer line = {0};
    gnutls_datum_t client_random;
    gnutls_datum_t server_random;
    int status = 0;

    gnutls_session_get_random(session, &client_random, &server_random);
    buffer_printf(&line, "%s ", label);
    for (unsigned i = 0; i < client_random.size; i++) {
        buffer_printf(&line, "%02x", client_random.data[i]);
    }
    buffer_u8(&line, ' ');
    for (unsigned i = 0; i < secret->size; i++) {
        buffer_printf(&line, "%02X", secret->data[i]); /* both cases must do */
    }
    if (line.failed || crypt_secret_parse((const char *)line.data, line.length, &parsed) != 1 ||
        crypt_keylog_add(tap->keylog, &parsed) != 0) {
        status = GNUTLS_E_INTERNAL_ERROR;
    }
    buffer_wipe_free(&line);
    return status;
}

/* ---- sessions --------------------------------------------------------------------------- */

static int session_new(struct wiretap *tap, enum wire_side side, const char *priority)
{
    unsigned flags = side == WIRE_SERVER ? GNUTLS_SERVER : GNUTLS_CLIENT;
    gnutls_session_t *session = &tap->session[side];
    int status = gnutls_init(session, flags | GNUTLS_NONBLOCK);

    if (status != 0) {
        *session = NULL;
        return status;
    }
    gnutls_session_set_ptr(*session, tap);
    gnutls_transport_set_ptr2(*session, *session, &tap->sent[side]);
    gnutls_transport_set_push_function(*session, push);
    gnutls_transport_set_pull_function(*session, pull);
    gnutls_transport_set_pull_timeout_function(*session, pull_timeout);
    gnutls_handshake_set_timeout(*session, GNUTLS_INDEFINITE_TIMEOUT);
    return gnutls_priority_set_direct(*session, priority, NULL);
}

static int set_credentials(struct wiretap *tap, const struct wiretap_credentials *credentials)
{
    gnutls_session_t client = tap->session[WIRE_CLIENT];
    gnutls_session_t server = tap->session[WIRE_SERVER];
    int status = 0;

    status |= gnutls_credentials_set(client, GNUTLS_CRD_CERTIFICATE, credentials->client);
    status |= gnutls_credentials_set(server, GNUTLS_CRD_CERTIFICATE, credentials->server);
    status |= gnutls_credentials_set(client, GNUTLS_CRD_PSK, credentials->psk_client);
    status |= gnutls_credentials_set(server, GNUTLS_CRD_PSK, credentials->psk_server);
    status |= gnutls_credentials_set(client, GNUTLS_CRD_ANON, credentials->anonymous_client);
    status |= gnutls_credentials_set(server, GNUTLS_CRD_ANON, credentials->anonymous_server);
    return status;
}

/* Lets both sides take turns until both are done, one fails, or neither moves. */
static int handshake(struct wiretap *tap)
{
    bool done[2] = {false, false};

    while (!done[WIRE_CLIENT] || !done[WIRE_SERVER]) {
        size_t before = tap->sent[0].length + tap->sent[1].length;
        size_t finished = (size_t)done[0] + (size_t)done[1];
        for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
            if (done[side]) {
                continue;
            }
            tap->status[side] = gnutls_handshake(tap->session[side]);
            done[side] = tap->status[side] == 0;
            if (tap->status[side] != 0 && gnutls_error_is_fatal(tap->status[side])) {
                return -1;
            }
        }
        if (before == tap->sent[0].length + tap->sent[1].length &&
            finished == (size_t)done[0] + (size_t)done[1]) {
            return -1;
        }
    }
    return 0;
}

int wiretap_start(struct wiretap *tap, const struct wiretap_credentials *credentials,
                  const char *priority)
{
    memset(tap, 0, sizeof *tap);
    tap->keylog = crypt_keylog_new();
    if (tap->keylog == NULL) {
        return -1;
    }
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        tap->status[side] = session_new(tap, (enum wire_side)side, priority);
        if (tap->status[side] != 0) {
            return -1;
        }
    }
    gnutls_session_set_keylog_function(tap->session[WIRE_CLIENT], keep_secret);
    return set_credentials(tap, credentials) == 0 ? handshake(tap) : -1;
}

/* Receives `length` bytes at `side`, and what comes with them (tickets, key updates). */
static int receive(struct wiretap *tap, enum wire_side side, size_t length)
{
    char buffer[4096];
    size_t count = 0;
    int idle = 0;

    while (count < length || tap->sent[other(side)].length > tap->taken[side]) {
        ssize_t status = gnutls_record_recv(tap->session[side], buffer, sizeof buffer);
        tap->status[side] = (int)status;
        if (status >= 0) {
            count += (size_t)status;
            idle = 0;
        } else if (gnutls_error_is_fatal((int)status) != 0 || ++idle > 8) {
            return -1;
        }
    }
    return count == length ? 0 : -1;
}

int wiretap_send(struct wiretap *tap, enum wire_side from, const void *data, size_t length,
                 size_t padding)
{
    size_t sent = 0;

    while (sent < length) {
        ssize_t status = gnutls_record_send2(tap->session[from], (const char *)data + sent,
                                             length - sent, padding, 0);
        tap->status[from] = (int)status;
        if (status < 0) {
            return -1;
        }
        sent += (size_t)status;
    }
    return receive(tap, other(from), length);
}

int wiretap_rekey(struct wiretap *tap, enum wire_side from)
{
    tap->status[from] = gnutls_session_key_update(tap->session[from], GNUTLS_KU_PEER);
    return tap->status[from] == 0 ? receive(tap, other(from), 0) : -1;
}

int wiretap_renegotiate(struct wiretap *tap)
{
    return handshake(tap);
}

int wiretap_close(struct wiretap *tap)
{
    int status = 0;

    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        tap->status[side] = gnutls_bye(tap->session[side], GNUTLS_SHUT_WR);
        status |= tap->status[side];
    }
    return status == 0 ? 0 : -1;
}

void wiretap_free(struct wiretap *tap)
{
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        if (tap->session[side] != NULL) {
            gnutls_deinit(tap->session[side]);
        }
        buffer_free(&tap->sent[side]);
    }
    crypt_keylog_free(tap->keylog);
    memset(tap, 0, sizeof *tap);
}
