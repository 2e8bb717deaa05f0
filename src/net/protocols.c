/*
 * The table of protocols in clear text. A new one is a row here and a file in starttls/: --starttls, URL schemes, the rows of the
 * ladder, the recognition in captures and the lab's fronts come from it.
 */
#include <string.h>

#include "proxies/proxies.h"
#include "starttls/starttls.h"

#define SCHEMES(...)            \
    (const struct net_scheme[]) \
    {                           \
        __VA_ARGS__,            \
        {                       \
            NULL, 0             \
        }                       \
    }
#define NO_SCHEMES ((const struct net_scheme[]){{NULL, 0}})

/* What a beginning can be taken for, the earlier row wins: "220" is SMTP rather than FTP. */
/* clang-format off */
static const struct net_protocol table[] = {
    {"smtp", "SMTP (RFC 3207)", SCHEMES({"smtp", 25}, {"submission", 587}),
     &net_smtp_speech, &net_smtp_client, &net_smtp_server},
    {"lmtp", "LMTP (RFC 3207)", SCHEMES({"lmtp", 24}),
     &net_smtp_speech, &net_lmtp_client, &net_lmtp_server},
    {"ftp", "FTP (RFC 4217)", SCHEMES({"ftp", 21}),
     &net_ftp_speech, &net_ftp_client, &net_ftp_server},
    {"imap", "IMAP (RFC 9051)", SCHEMES({"imap", 143}),
     &net_imap_speech, &net_imap_client, &net_imap_server},
    {"pop3", "POP3 (RFC 2595)", SCHEMES({"pop3", 110}),
     &net_pop3_speech, &net_pop3_client, &net_pop3_server},
    {"nntp", "NNTP (RFC 4642)", SCHEMES({"nntp", 119}),
     &net_nntp_speech, &net_nntp_client, &net_nntp_server},
    {"sieve", "ManageSieve (RFC 5804)", SCHEMES({"sieve", 4190}, {"managesieve", 4190}),
     &net_sieve_speech, &net_sieve_client, &net_sieve_server},
    {"irc", "IRC (STARTTLS)", SCHEMES({"irc", 6667}),
     &net_irc_speech, &net_irc_client, &net_irc_server},
    {"xmpp", "XMPP (RFC 6120)", SCHEMES({"xmpp", 5222}),
     &net_xmpp_speech, &net_xmpp_client, &net_xmpp_server},
    {"xmpp-server", "XMPP between servers (RFC 6120)", SCHEMES({"xmpp-server", 5269}),
     &net_xmpp_speech, &net_xmpp_peer_client, &net_xmpp_peer_server},
    {"ldap", "LDAP (RFC 4511)", SCHEMES({"ldap", 389}),
     &net_ldap_speech, &net_ldap_client, &net_ldap_server},
    {"postgres", "PostgreSQL", SCHEMES({"postgres", 5432}, {"postgresql", 5432}),
     &net_postgres_speech, &net_postgres_client, &net_postgres_server},
    {"mysql", "MySQL", SCHEMES({"mysql", 3306}),
     &net_mysql_speech, &net_mysql_client, &net_mysql_server},

    /* Not for --starttls: proxies, and what is only recognised. */
    {"http-connect", "HTTP proxy (CONNECT)", NO_SCHEMES,
     &net_connect_speech, &net_connect_client, &net_connect_server},
    {"socks5", "SOCKS proxy", NO_SCHEMES, &net_socks5_speech, &net_socks5_client, NULL},
    {"socks4", "SOCKS 4 proxy", NO_SCHEMES, &net_socks4_speech, NULL, NULL},
    {"proxy", "HAProxy's header", NO_SCHEMES, &net_haproxy_speech, NULL, NULL},
    {"proxy", "HAProxy's header", NO_SCHEMES, &net_haproxy2_speech, NULL, NULL},
    {"rdp", "RDP", NO_SCHEMES, &net_rdp_speech, NULL, NULL},
};
/* clang-format on */

#define COUNT (sizeof table / sizeof *table)

/* The first of those that --starttls does not know. */
#define FIRST_PROXY "http-connect"
/* The first behind which TLS begins, not another protocol. */
#define FIRST_OTHER "rdp"

static size_t index_of(const char *name)
{
    size_t index = 0;

    while (strcmp(table[index].name, name) != 0) {
        index++;
    }
    return index;
}

const struct net_protocol *net_protocols(size_t *count)
{
    *count = index_of(FIRST_PROXY);
    return table;
}

static bool has_scheme(const struct net_protocol *protocol, const char *name)
{
    for (const struct net_scheme *scheme = protocol->schemes; scheme->name != NULL; scheme++) {
        if (text_equal_nocase(scheme->name, name)) {
            return true;
        }
    }
    return false;
}

const struct net_protocol *net_protocol_find(const char *name)
{
    for (size_t i = 0; i < index_of(FIRST_PROXY); i++) {
        if (text_equal_nocase(table[i].name, name) || has_scheme(&table[i], name)) {
            return &table[i];
        }
    }
    return NULL;
}

const struct net_protocol *net_protocol_named(const char *name)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

bool net_protocol_is_proxy(const struct net_protocol *protocol)
{
    size_t index = (size_t)(protocol - table);

    return index >= index_of(FIRST_PROXY) && index < index_of(FIRST_OTHER);
}

bool net_protocol_goes_on(const struct net_protocol *proxy, enum net_role role, const uint8_t *data,
                          size_t length)
{
    return length == 0 || proxy->speech->goes_on(role, data, length);
}

/* ---- recognition ------------------------------------------------------------------------------ */

/* 1: it begins so; 0: nothing can be said; -1: it does not. */
static int holds(const struct net_clue *clue, const uint8_t *data, size_t length)
{
    bool yes;

    if (length == 0 || (clue->words == NULL && clue->passes == NULL)) {
        return 0;
    }
    yes = clue->words != NULL ? net_begins_with(data, length, clue->words)
                              : clue->passes(data, length);
    return yes ? 1 : -1;
}

const struct net_protocol *net_protocol_recognise(const uint8_t *client, size_t client_length,
                                                  const uint8_t *server, size_t server_length)
{
    for (size_t i = 0; i < COUNT; i++) {
        const struct net_speech *speech = table[i].speech;
        int by_client = holds(&speech->begins[NET_CLIENT], client, client_length);
        int by_server = holds(&speech->begins[NET_SERVER], server, server_length);

        if (by_client >= 0 && by_server >= 0 && by_client + by_server > 0) {
            return &table[i];
        }
    }
    return NULL;
}
