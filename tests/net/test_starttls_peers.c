/* Other people's clients talk to our servers' sides: openssl, curl, gnutls-cli, psql. What is asked is that they come to TLS: their ClientHello. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "clear_text.h"
#include "command.h"

/* Waits for a connection for a while. */
static int accept_one(int listener)
{
    struct pollfd watched = {.fd = listener, .events = POLLIN};
    const struct timeval limit = {.tv_sec = 10};
    int fd = poll(&watched, 1, 10000) == 1 ? accept(listener, NULL, NULL) : -1;

    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    return fd;
}

/* A TLS record with a handshake message comes: RFC 8446 5.1. */
static bool begins_tls(int fd)
{
    uint8_t header[3];

    return recv(fd, header, sizeof header, MSG_WAITALL) == 3 && header[0] == 22 && header[1] == 3;
}

/* Runs a client whose command has one %u for the port. */
static void expect_tls(const char *protocol, const char *format)
{
    struct net_address address;
    struct command command;
    struct buffer output = {0};
    char text[500];
    bool agreed, tls;
    int listener = net_listen("127.0.0.1", 0, &address, NULL);
    int fd;

    assert_true(listener >= 0);
    (void)snprintf(text, sizeof text, format, strrchr(address.text, ':') + 1);
    assert_int_equal(command_start(&command, "timeout 10 %s", text), 0);
    fd = accept_one(listener);
    agreed = fd >= 0 && clear_text_serve(fd, (void *)(uintptr_t)protocol);
    tls = agreed && begins_tls(fd);
    if (fd >= 0) {
        (void)close(fd);
    }
    (void)close(listener);
    (void)command_finish(&command, &output); /* TLS does not follow: it fails */
    if (!tls) {
        fail_msg("%s: %s: %s", text, agreed ? "no ClientHello" : "no agreement",
                 buffer_string(&output));
    }
    buffer_free(&output);
}

static void openssl_understands_every_server(void **state)
{
    /* All that s_client -starttls knows of ours. */
    static const char *const protocols[] = {
        "smtp", "lmtp", "pop3", "imap",  "ftp",   "xmpp",     "xmpp-server",
        "irc",  "ldap", "nntp", "sieve", "mysql", "postgres",
    };
    char command[200];

    (void)state;
    command_need("openssl");
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        (void)snprintf(command, sizeof command,
                       "openssl s_client -connect 127.0.0.1:%%s -starttls %s -name localhost "
                       "</dev/null",
                       protocols[i]);
        expect_tls(protocols[i], command);
    }
}

/* Not LDAP: curl 7.88 asks for StartTLS, hears the yes, and searches in clear text. */
static void curl_understands_the_mail_and_file_servers(void **state)
{
    static const struct {
        const char *protocol;
        const char *url;
    } cases[] = {
        {"smtp", "smtp://127.0.0.1:%s"},
        {"imap", "imap://127.0.0.1:%s"},
        {"pop3", "pop3://127.0.0.1:%s"},
        {"ftp", "ftp://127.0.0.1:%s"},
    };
    char command[200];

    (void)state;
    command_need("curl");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(command, sizeof command, "curl -sS -k --ssl-reqd %s", cases[i].url);
        expect_tls(cases[i].protocol, command);
    }
}

static void gnutls_cli_understands_its_protocols(void **state)
{
    static const char *const protocols[] = {"smtp", "lmtp", "imap", "pop3",  "ftp",
                                            "ldap", "xmpp", "nntp", "sieve", "postgres"};
    char command[200];

    (void)state;
    command_need("gnutls-cli");
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        (void)snprintf(command, sizeof command,
                       "gnutls-cli --insecure --starttls-proto=%s --port=%%s 127.0.0.1 </dev/null",
                       protocols[i]);
        expect_tls(protocols[i], command);
    }
}

static void psql_understands_the_database_server(void **state)
{
    struct buffer version = {0};
    bool works = command_run(&version, "psql --version") == 0;

    (void)state;
    buffer_free(&version);
    if (!works) { /* a wrapper without its program */
        print_message("skipped: psql does not run here\n");
        skip();
    }
    expect_tls("postgres",
               "psql 'host=127.0.0.1 port=%s user=x sslmode=require connect_timeout=5'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_understands_every_server),
        cmocka_unit_test(curl_understands_the_mail_and_file_servers),
        cmocka_unit_test(gnutls_cli_understands_its_protocols),
        cmocka_unit_test(psql_understands_the_database_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
