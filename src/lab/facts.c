/* What a session negotiated. */
#include "facts.h"

#include <ctype.h>
#include <string.h>

static const char *version_name(gnutls_protocol_t version)
{
    switch (version) {
    case GNUTLS_TLS1_0:
        return "TLS 1.0";
    case GNUTLS_TLS1_1:
        return "TLS 1.1";
    case GNUTLS_TLS1_2:
        return "TLS 1.2";
    case GNUTLS_TLS1_3:
        return "TLS 1.3";
    default:
        return "unknown";
    }
}

/* GnuTLS writes SECP256R1 and ECDSA-SECP256R1-SHA256 where IANA has secp256r1 and
 * ecdsa_secp256r1_sha256. */
static void set_lower(struct lab_fact *fact, const char *name, char dash)
{
    size_t i;

    if (name == NULL) {
        name = "none";
    }
    for (i = 0; name[i] != '\0' && i + 1 < sizeof fact->value; i++) {
        fact->value[i] = name[i] == '-' ? dash : (char)tolower((unsigned char)name[i]);
    }
    fact->value[i] = '\0';
}

static void set(struct lab_fact *fact, const char *value)
{
    /* Values are short names; cutting one would do no harm. */
    (void)snprintf(fact->value, sizeof fact->value, "%s", value != NULL ? value : "none");
}

static void set_alpn(struct lab_fact *fact, gnutls_session_t session)
{
    gnutls_datum_t chosen = {0};

    set(fact, NULL);
    if (gnutls_alpn_get_selected_protocol(session, &chosen) == GNUTLS_E_SUCCESS) {
        (void)snprintf(fact->value, sizeof fact->value, "%.*s", (int)chosen.size,
                       (const char *)chosen.data);
    }
}

static void set_server_name(struct lab_fact *fact, gnutls_session_t session)
{
    size_t length = sizeof fact->value - 1;
    unsigned type;

    if (gnutls_server_name_get(session, fact->value, &length, &type, 0) != GNUTLS_E_SUCCESS) {
        set(fact, NULL);
        return;
    }
    fact->value[length] = '\0';
}

enum { VERSION, SUITE, GROUP, SIGNATURE, ALPN, SERVER_NAME, RESUMED, EARLY_DATA, CLIENT };

static const char *const labels[LAB_FACT_COUNT] = {
    "version",     "cipher suite", "group",      "signature scheme", "ALPN",
    "server name", "resumed",      "early data", "client shows",
};

void lab_facts_in_clear(struct lab_facts *facts, const struct lab_scenario *scenario)
{
    facts->scenario = scenario;
    for (size_t i = 0; i < LAB_FACT_COUNT; i++) {
        facts->rows[i].label = labels[i];
        set(&facts->rows[i], NULL);
    }
    set(&facts->rows[VERSION], "no TLS: clear text");
}

static void set_client(struct lab_fact *fact, gnutls_session_t session)
{
    unsigned count = 0;

    (void)gnutls_certificate_get_peers(session, &count); /* only how many */
    (void)snprintf(fact->value, sizeof fact->value, count > 0 ? "yes, %u in its chain" : "none",
                   count);
}

void lab_facts_collect(struct lab_facts *facts, gnutls_session_t session,
                       const struct lab_scenario *scenario)
{
    unsigned flags = gnutls_session_get_flags(session);
    struct lab_fact *row = facts->rows;

    lab_facts_in_clear(facts, scenario);
    set(&row[VERSION], version_name(gnutls_protocol_get_version(session)));
    set(&row[SUITE], gnutls_ciphersuite_get(session));
    set_lower(&row[GROUP], gnutls_group_get_name(gnutls_group_get(session)), '-');
    set_lower(&row[SIGNATURE],
              gnutls_sign_get_name((gnutls_sign_algorithm_t)gnutls_sign_algorithm_get(session)),
              '_');
    set_alpn(&row[ALPN], session);
    set_server_name(&row[SERVER_NAME], session);
    set(&row[RESUMED], gnutls_session_is_resumed(session) != 0 ? "yes" : "no");
    set(&row[EARLY_DATA], (flags & GNUTLS_SFLAGS_EARLY_DATA) != 0 ? "taken" : "no");
    set_client(&row[CLIENT], session);
}

const char *lab_facts_alpn(const struct lab_facts *facts)
{
    return facts->rows[ALPN].value;
}
