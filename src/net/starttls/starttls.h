/* What the files of this folder give to the table in src/net/protocols.c: one file for each protocol. */
#ifndef TLSTEP_NET_STARTTLS_H
#define TLSTEP_NET_STARTTLS_H

#include "../dialogue.h"

extern const struct net_speech net_smtp_speech; /* LMTP's, too */
extern const struct net_script net_smtp_client, net_smtp_server;
extern const struct net_script net_lmtp_client, net_lmtp_server;

extern const struct net_speech net_imap_speech;
extern const struct net_script net_imap_client, net_imap_server;

extern const struct net_speech net_pop3_speech;
extern const struct net_script net_pop3_client, net_pop3_server;

extern const struct net_speech net_ftp_speech;
extern const struct net_script net_ftp_client, net_ftp_server;

extern const struct net_speech net_ldap_speech;
extern const struct net_script net_ldap_client, net_ldap_server;

extern const struct net_speech net_xmpp_speech; /* of both kinds */
extern const struct net_script net_xmpp_client, net_xmpp_server;
extern const struct net_script net_xmpp_peer_client, net_xmpp_peer_server;

extern const struct net_speech net_postgres_speech;
extern const struct net_script net_postgres_client, net_postgres_server;

extern const struct net_speech net_mysql_speech;
extern const struct net_script net_mysql_client, net_mysql_server;

extern const struct net_speech net_nntp_speech;
extern const struct net_script net_nntp_client, net_nntp_server;

extern const struct net_speech net_sieve_speech;
extern const struct net_script net_sieve_client, net_sieve_server;

extern const struct net_speech net_irc_speech;
extern const struct net_script net_irc_client, net_irc_server;

#endif
