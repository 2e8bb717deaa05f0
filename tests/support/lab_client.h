/*
 * A lab server in this process, and a client of it that checks no certificate. What cannot be done ends the test.
 */
#ifndef SUPPORT_LAB_CLIENT_H
#define SUPPORT_LAB_CLIENT_H

#include <gnutls/gnutls.h>

#include "tlstep/lab.h"

/* 0: the defaults. */
struct lab_server *lab_client_serve(const char *scenario, size_t connections, int64_t idle_ms);

/* A blocking socket. */
int lab_client_connect(const struct lab_server *server);
/* Does the server end the connection within `patience_ms`? What it says before is read. */
bool lab_client_is_ended(int fd, int patience_ms);

struct lab_client {
    int fd;
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
};
/* What gnutls_handshake() says; to be closed in either case. */
int lab_client_open(struct lab_client *client, const struct lab_server *server);
void lab_client_close(struct lab_client *client);
/* Reads until `end` has come, or nothing more does. */
bool lab_client_hears(struct lab_client *client, const char *end);

/* A handshake, a request, and the page of the lab. */
bool lab_client_is_served(const struct lab_server *server);

int64_t lab_client_since_ms(int64_t start_ns);

/* What this process holds. */
size_t process_descriptors(void);
size_t process_threads(void);
/* Skips the test visibly where so many are not allowed. */
void process_allow_descriptors(size_t count);

#endif
