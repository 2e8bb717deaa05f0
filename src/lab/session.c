/* The TLS session of a connection, as the recipe wants it, and what it does of its own accord. */
#include <string.h>

#include "connection.h"

/* GnuTLS takes so many names, and each is at most 255 bytes long (RFC 7301 3.1). */
#define ALPN_MAX 4

/* GnuTLS makes no smaller ones; what is in clear text is cut further by transport.c. */
#define RECORD_LEAST 512

/* ---- opening ----------------------------------------------------------------------------- */

static unsigned session_flags(const struct lab_recipe *recipe)
{
    unsigned flags = GNUTLS_SERVER | GNUTLS_NONBLOCK;

    flags |= recipe->early_data ? GNUTLS_ENABLE_EARLY_DATA : 0;
    flags |= recipe->trick == LAB_AUTHENTICATION ? GNUTLS_POST_HANDSHAKE_AUTH : 0;
    return flags | (recipe->no_tickets ? GNUTLS_NO_TICKETS : 0);
}

/* Several names: one of them has to be the client's, when it names any (RFC 7301 3.2). */
static int set_alpn(gnutls_session_t session, const char *list)
{
    gnutls_datum_t names[ALPN_MAX];
    unsigned count = 0;

    if (list == NULL) {
        names[0] = (gnutls_datum_t){(unsigned char *)(uintptr_t) "http/1.1", 8};
        return gnutls_alpn_set_protocols(session, names, 1, 0);
    }
    while (*list != '\0' && count < ALPN_MAX) {
        size_t length = strcspn(list, ",");
        names[count++] = (gnutls_datum_t){(unsigned char *)(uintptr_t)list, (unsigned)length};
        list += length + (list[length] == ',');
    }
    return gnutls_alpn_set_protocols(session, names, count, GNUTLS_ALPN_MANDATORY);
}

/* What a client shows is judged as anybody's, for its purpose, by the lab's own root. */
static bool is_good_client(const struct lab_service *service, gnutls_session_t session)
{
    struct pki_slice chain[LAB_CHAIN_MAX];
    struct pki_request request = {.trust = service->clients,
                                  .purpose = PKI_PURPOSE_CLIENT,
                                  .at = clock_wall_ns() / 1000000000};
    unsigned count = 0;
    const gnutls_datum_t *shown = gnutls_certificate_get_peers(session, &count);
    struct pki_verification *verification;
    bool good;

    if (shown == NULL || count > LAB_CHAIN_MAX) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        chain[i] = (struct pki_slice){shown[i].data, shown[i].size};
    }
    request.chain = chain;
    request.chain_length = count;
    verification = pki_verify(&request, NULL);
    good = verification != NULL && verification->ok;
    pki_verification_free(verification);
    return good;
}

static int judge_client(gnutls_session_t session)
{
    const struct lab_connection *connection = gnutls_session_get_ptr(session);
    const struct lab_service *service = connection->service;

    if (!service->scenario->recipe->ask) {
        return 0; /* it was only asked for: anything will do */
    }
    return is_good_client(service, session) ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

static int set_recipe(struct lab_connection *connection, const struct lab_recipe *recipe)
{
    gnutls_session_t session = connection->session;

    if (recipe->ask || recipe->trick == LAB_AUTHENTICATION) {
        gnutls_session_set_verify_function(session, judge_client);
    }
    if (recipe->ask) {
        gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
    }
    return recipe->record_size > 0 ? (int)gnutls_record_set_max_size(session, RECORD_LEAST) : 0;
}

static int choose_certificate(gnutls_session_t session)
{
    const struct lab_connection *connection = gnutls_session_get_ptr(session);

    return tls_identity_choose(connection->service->identity, session);
}

/* GnuTLS 3.7.9 cannot keep a session that has had two handshakes: it fails where it packs it, for a ticket or for its own memory. */
static int remember(struct lab_connection *connection)
{
    const struct lab_service *service = connection->service;

    return service->scenario->recipe->trick == LAB_RENEGOTIATION
               ? 0
               : tls_memory_attach(service->memory, connection->session,
                                   !service->scenario->recipe->no_tickets);
}

int lab_session_open(struct lab_connection *connection)
{
    const struct lab_service *service = connection->service;
    const struct lab_recipe *recipe = service->scenario->recipe;
    gnutls_session_t session;
    int status = gnutls_init(&session, session_flags(recipe));

    if (status != GNUTLS_E_SUCCESS) {
        return status;
    }
    connection->session = session;
    gnutls_session_set_ptr(session, connection);
    if ((status = gnutls_priority_set(session, service->priority)) < 0 ||
        (status = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
                                         tls_identity_credentials(service->identity))) < 0 ||
        (status = remember(connection)) < 0 || (status = set_alpn(session, recipe->alpn)) < 0 ||
        (status = set_recipe(connection, recipe)) < 0) {
        return status;
    }
    gnutls_handshake_set_post_client_hello_function(session, choose_certificate);
    gnutls_handshake_set_timeout(session, GNUTLS_INDEFINITE_TIMEOUT);
    lab_transport_install(connection);
    return 0;
}

/* ---- after the handshake ----------------------------------------------------------------- */

/* RFC 8446 2.3: it came with the client's first flight, and is answered like any other. */
static void take_early_data(struct lab_connection *connection)
{
    uint8_t data[4096];
    ssize_t got;

    while ((got = gnutls_record_recv_early_data(connection->session, data, sizeof data)) > 0) {
        lab_dialogue_feed(&connection->dialogue, data, (size_t)got);
    }
}

void lab_session_begin(struct lab_connection *connection)
{
    const struct lab_scenario *scenario = connection->service->scenario;

    lab_facts_collect(&connection->facts, connection->session, scenario);
    connection->dialogue.speaker =
        lab_speaker_for(scenario->starttls, lab_facts_alpn(&connection->facts));
    if (scenario->recipe->early_data) {
        take_early_data(connection);
    }
    if (scenario->recipe->farewell != NULL) {
        buffer_text(&connection->dialogue.out, scenario->recipe->farewell);
        connection->dialogue.close = true;
    }
}

/* Without the client's leave there is nothing to ask. */
static int ask_again(gnutls_session_t session)
{
    bool able = (gnutls_session_get_flags(session) & GNUTLS_SFLAGS_POST_HANDSHAKE_AUTH) != 0;

    if (!able) {
        return 0;
    }
    gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
    return gnutls_reauth(session, 0);
}

int lab_session_act(struct lab_connection *connection)
{
    gnutls_session_t session = connection->session;
    int status = 0;

    switch (connection->service->scenario->recipe->trick) {
    case LAB_NO_TRICK:
        break;
    case LAB_KEY_UPDATE:
        status = gnutls_session_key_update(session, GNUTLS_KU_PEER);
        break;
    case LAB_AUTHENTICATION:
        status = ask_again(session);
        break;
    case LAB_RENEGOTIATION:
        status = gnutls_rehandshake(session);
        connection->renegotiating = status == 0;
        break;
    }
    return status;
}
