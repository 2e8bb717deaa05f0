/*
 * Each scenario is to four clients what its row says: tlstep itself, openssl s_client, gnutls-cli and
 * curl, all of which trust the lab's root. A new row is tested by being there; this file knows no
 * scenario.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gnutls/gnutls.h>

#include "command.h"
#include "program.h"
#include "scratch.h"
#include "tlstep/lab.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Clients at work at the same time. */
#define AT_ONCE 12

/* Of clients that are to wait in vain, and of all others, in seconds. */
#define PATIENCE_IN_VAIN 1
#define PATIENCE         20

struct server {
    const struct lab_scenario *scenario;
    struct lab_server *lab;
    const char *port;
};

/* ---- what clients say ------------------------------------------------------------------------ */

/* A word of the column `expected`, and what clients print for it: one of several, with "|" between. */
struct word {
    const char *word;
    const char *openssl; /* curl's is the same: it is built on openssl here */
    const char *gnutls;
};

static const struct word words[] = {
    {"expired", "certificate has expired", "expired certificate"},
    {"not_yet_valid", "certificate is not yet valid", "not yet valid|not yet activated"},
    {"hostname_mismatch", "hostname mismatch|no alternative certificate subject name matches",
     "name in the certificate does not match"},
    {"no_trust_anchor", "self-signed certificate in certificate chain", "issuer is unknown"},
    {"self_signed", "self-signed certificate", "issuer is unknown"},
    {"missing_intermediate", "unable to get local issuer certificate", "issuer is unknown"},
    {"bad_signature", "certificate signature failure|asn1 encoding routines::EVP lib",
     "signature in the certificate is invalid"},
    {"weak_signature", "CA signature digest algorithm too weak", "insecure algorithm"},
    {"weak_key", "certificate key too weak", "insecure algorithm|not secure"},
    {"not_a_ca", "invalid CA certificate", "issuer is not a CA"},
    {"path_length", "path length constraint exceeded", "signer's constraints"},
    {"name_constraint", "permitted subtree violation", "signer's constraints"},
    {"extended_key_usage", "unsuitable certificate purpose|unsupported certificate purpose",
     "intended purpose"},
    {"revoked", "certificate revoked", "certificate chain is revoked|chain revoked"},
    {"revocation_unknown", "no status", "OCSP status is missing|requires the server to include"},
    {"not_tls", "wrong version number", "Error decoding|unexpected TLS packet|record packet with"},
    {"too_old", "legacy sigalg disallowed", ""},
    {"truncated", "remaining to read|unexpected eof", ""},
    {"closed", "unexpected eof|errno=|SSL_ERROR_SYSCALL|Connection reset",
     "Error decoding the received TLS packet|non-properly terminated|Error in the pull"},
};

/* One of the alternatives is in the output. */
static bool says(struct buffer *out, const char *alternatives)
{
    while (*alternatives != '\0') {
        size_t length = strcspn(alternatives, "|");
        char text[80];
        assert_true(length < sizeof text);
        memcpy(text, alternatives, length);
        text[length] = '\0';
        if (command_count(out, text) > 0) {
            return true;
        }
        alternatives += length + (alternatives[length] == '|');
    }
    return false;
}

static const struct word *find_word(const char *word)
{
    for (size_t i = 0; i < COUNT(words); i++) {
        if (strcmp(words[i].word, word) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

/* The number of an alert, from its name in the RFC's spelling; -1: there is no such alert. */
static int alert_number(const char *name)
{
    for (int number = 0; number < 256; number++) {
        const char *theirs = gnutls_alert_get_strname((gnutls_alert_description_t)number);
        const char *start = "GNUTLS_A_";
        if (theirs != NULL && strncmp(theirs, start, strlen(start)) == 0 &&
            text_equal_nocase(theirs + strlen(start), name)) {
            return number;
        }
    }
    return -1;
}

/* "alert handshake failure" and "[40]: ". */
static bool says_alert(struct buffer *out, const char *name)
{
    char openssl[80], gnutls[40];
    int number = alert_number(name);

    if (number < 0) {
        fail_msg("\"%s\" is no reason code, no alert, and no word of this test", name);
    }
    (void)snprintf(openssl, sizeof openssl, "alert %s", name);
    for (char *c = openssl; *c != '\0'; c++) {
        *c = *c == '_' ? ' ' : *c;
    }
    (void)snprintf(gnutls, sizeof gnutls, "alert number %d", number);
    if (command_count(out, openssl) > 0 || command_count(out, gnutls) > 0) {
        return true;
    }
    (void)snprintf(gnutls, sizeof gnutls, "[%d]: ", number);
    return command_count(out, gnutls) > 0;
}

/* ---- the clients ----------------------------------------------------------------------------- */

struct job {
    const struct server *server;
    const struct client *client;
    const char *word; /* that it is to get */
    struct command command;
};

struct client {
    const char *name;
    const char *program; /* NULL: tlstep itself */
    const char *(*word)(const struct lab_scenario *scenario);
    /* The command line; false: this client cannot do what the scenario needs. */
    bool (*command)(const struct job *job, const char *root, char *out, size_t size);
    /* Did it get the job's word? */
    bool (*agrees)(const struct job *job, int status, struct buffer *out);
};

static bool is_in_vain(const struct job *job)
{
    return strcmp(job->word, "timeout") == 0;
}

static const char *ours(const struct lab_scenario *scenario)
{
    return scenario->expected;
}

static const char *of_openssl(const struct lab_scenario *scenario)
{
    return scenario->openssl != NULL ? scenario->openssl : scenario->expected;
}

static const char *of_gnutls(const struct lab_scenario *scenario)
{
    return scenario->gnutls_cli != NULL ? scenario->gnutls_cli : scenario->expected;
}

static const char *of_curl(const struct lab_scenario *scenario)
{
    return scenario->curl != NULL ? scenario->curl : scenario->expected;
}

/* Protocols that begin in clear text, under the names that clients have for them. NULL: it cannot. */
static const struct protocol {
    const char *name, *openssl, *gnutls, *curl;
} protocols[] = {
    {"smtp", "smtp", "smtp", "smtp"}, {"imap", "imap", "imap", "imap"},
    {"pop3", "pop3", "pop3", "pop3"}, {"ftp", "ftp", "ftp", "ftp"},
    {"ldap", "ldap", "ldap", NULL},   {"postgres", "postgres", "postgres", NULL},
    {"xmpp", "xmpp", "xmpp", NULL},
};

/* NULL: this test does not know it. */
static const struct protocol *find_protocol(const struct lab_scenario *scenario)
{
    static const struct protocol none = {"", "", "", ""};

    for (size_t i = 0; scenario->starttls != NULL && i < COUNT(protocols); i++) {
        if (strcmp(protocols[i].name, scenario->starttls) == 0) {
            return &protocols[i];
        }
    }
    return scenario->starttls == NULL ? &none : NULL;
}

static bool command_tlstep(const struct job *job, const char *root, char *out, size_t size)
{
    const struct server *server = job->server;
    const char *starttls = server->scenario->starttls;
    int length = snprintf(
        out, size,
        "%s report --json --ca-file %s --timeout %d --connect 127.0.0.1:%s %s %s %s %s:%s 2>&-",
        program_path(), root, is_in_vain(job) ? PATIENCE_IN_VAIN : PATIENCE, server->port,
        starttls != NULL ? "--starttls" : "", starttls != NULL ? starttls : "",
        server->scenario->needs != NULL ? server->scenario->needs : "", server->scenario->hostname,
        server->port);

    return length > 0 && (size_t)length < size;
}

/* It leaves when there is nothing to read any more, even if the server has yet to speak. */
static bool command_openssl(const struct job *job, const char *root, char *out, size_t size)
{
    const struct server *server = job->server;
    const char *name = server->scenario->hostname;
    const struct protocol *protocol = find_protocol(server->scenario);
    int length;

    if (protocol == NULL || protocol->openssl == NULL) {
        return false;
    }
    length =
        snprintf(out, size,
                 "sh -c 'sleep 0.4 | exec openssl s_client -connect 127.0.0.1:%s -servername %s "
                 "-verify_hostname %s -CAfile %s -verify_return_error%s%s%s%s'",
                 server->port, name, name, root, *protocol->openssl != '\0' ? " -starttls " : "",
                 protocol->openssl, strcmp(protocol->openssl, "xmpp") == 0 ? " -name " : "",
                 strcmp(protocol->openssl, "xmpp") == 0 ? name : "");
    return length > 0 && (size_t)length < size;
}

static bool command_gnutls(const struct job *job, const char *root, char *out, size_t size)
{
    const struct server *server = job->server;
    const char *name = server->scenario->hostname;
    const struct protocol *protocol = find_protocol(server->scenario);
    int length;

    if (protocol == NULL || protocol->gnutls == NULL) {
        return false;
    }
    length = snprintf(out, size,
                      "gnutls-cli --port %s --sni-hostname=%s --verify-hostname=%s "
                      "--x509cafile=%s%s%s 127.0.0.1",
                      server->port, name, name, root,
                      *protocol->gnutls != '\0' ? " --starttls-proto=" : "", protocol->gnutls);
    return length > 0 && (size_t)length < size;
}

static bool command_curl(const struct job *job, const char *root, char *out, size_t size)
{
    const struct server *server = job->server;
    const char *name = server->scenario->hostname;
    const struct protocol *protocol = find_protocol(server->scenario);
    int length;

    if (protocol == NULL || protocol->curl == NULL) {
        return false;
    }
    length = snprintf(
        out, size, "curl -vsS --noproxy '*' --cacert %s --resolve %s:%s:127.0.0.1 %s %s://%s:%s/",
        root, name, server->port, *protocol->curl != '\0' ? "--ssl-reqd" : "",
        *protocol->curl != '\0' ? protocol->curl : "https", name, server->port);
    return length > 0 && (size_t)length < size;
}

/* What a report says, as a word. */
static const char *tlstep_word(json_t *report)
{
    static const struct {
        const char *code, *word;
    } codes[] = {{"timeout", "timeout"}, {"peer_closed", "closed"}, {"peer_reset", "closed"}};
    json_t *reason = json_at(report, "verification.reasons.0.code");
    json_t *phases = json_at(report, "phases"), *alerts = json_at(report, "alerts"), *row;
    size_t index;

    if (reason != NULL) {
        return json_string_value(reason);
    }
    json_array_foreach(alerts, index, row)
    {
        if (strcmp(json_text_at(row, "level"), "fatal") == 0 &&
            strcmp(json_text_at(row, "from"), "server") == 0) {
            return json_text_at(row, "description");
        }
    }
    json_array_foreach(phases, index, row)
    {
        const char *code = json_string_value(json_at(row, "code"));
        for (size_t i = 0; code != NULL && i < COUNT(codes); i++) {
            if (strcmp(codes[i].code, code) == 0) {
                return codes[i].word;
            }
        }
        if (code != NULL) {
            return code;
        }
    }
    return "";
}

/* All reasons are the expected one. */
static bool tlstep_agrees(const struct job *job, int status, struct buffer *out)
{
    json_t *report = json_loads(buffer_string(out), 0, NULL), *reason;
    size_t index;
    bool agrees;

    if (report == NULL) {
        return false;
    }
    /* Who hangs up early has done all of TLS but its end, which is no failure. */
    bool good = *job->word == '\0' || strcmp(job->word, "truncated") == 0;
    agrees = strcmp(tlstep_word(report), job->word) == 0 && (status == 0) == good;
    json_array_foreach(json_at(report, "verification.reasons"), index, reason)
    {
        agrees = agrees && strcmp(json_text_at(reason, "code"), job->word) == 0;
    }
    json_decref(report);
    return agrees;
}

static bool agrees_in_words(const struct job *job, int status, struct buffer *out, const char *good,
                            bool gnutls)
{
    const struct word *word = find_word(job->word);

    if (*job->word == '\0') {
        return says(out, good);
    }
    if (is_in_vain(job)) {
        return status == 124;
    }
    return word != NULL ? says(out, gnutls ? word->gnutls : word->openssl)
                        : says_alert(out, job->word);
}

static bool openssl_agrees(const struct job *job, int status, struct buffer *out)
{
    return agrees_in_words(job, status, out, "Verify return code: 0 (ok)", false) &&
           (status == 0) == (*job->word == '\0');
}

static bool gnutls_agrees(const struct job *job, int status, struct buffer *out)
{
    return agrees_in_words(job, status, out, "Status: The certificate is trusted.", true) &&
           (status == 0) == (*job->word == '\0');
}

/* What comes after a good handshake is a page, and good, too; but after STARTTLS the lab does not go on
 * in the protocol. */
static bool curl_agrees(const struct job *job, int status, struct buffer *out)
{
    bool is_page = job->server->scenario->starttls == NULL;

    return agrees_in_words(job, status, out, "SSL certificate verify ok", false) &&
           (!is_page || (status == 0) == (*job->word == '\0'));
}

static const struct client clients[] = {
    {"tlstep", NULL, ours, command_tlstep, tlstep_agrees},
    {"openssl", "openssl", of_openssl, command_openssl, openssl_agrees},
    {"gnutls-cli", "gnutls-cli", of_gnutls, command_gnutls, gnutls_agrees},
    {"curl", "curl", of_curl, command_curl, curl_agrees},
};

/* ---- all of them ----------------------------------------------------------------------------- */

/* A client that ends its own time-out itself, tlstep, has some more than it. */
static void job_start(struct job *job, const char *line)
{
    bool cut = is_in_vain(job) && job->client->program != NULL;

    assert_int_equal(
        command_start(&job->command, "exec timeout %d %s", cut ? PATIENCE_IN_VAIN : PATIENCE, line),
        0);
}

/* True when it got what it was to get. */
static bool job_finish(struct job *job)
{
    struct buffer out = {0};
    int status = command_finish(&job->command, &out);
    bool good = job->client->agrees(job, status, &out);

    if (!good) {
        print_error("lab:%s: %s was to get \"%s\"; it ended with %d and said\n%.3000s\n",
                    job->server->scenario->name, job->client->name, job->word, status,
                    buffer_string(&out));
    }
    buffer_free(&out);
    return good;
}

static struct server *servers;
static size_t server_count;
static char root_file[SCRATCH_PATH_MAX];

/* All under one CA, as `tlstep lab` has them. */
static int start_servers(void **state)
{
    const struct lab_scenario *all = lab_scenarios(&server_count);
    struct lab_config config = {.ca = lab_ca_new(NULL)};
    struct err err = {0};
    (void)state;

    servers = calloc(server_count, sizeof *servers);
    if (servers == NULL || config.ca == NULL ||
        lab_ca_write_root(config.ca, scratch_path(root_file, "root.pem"), false, &err) != 0) {
        print_error("%s\n", err.text);
        return -1;
    }
    for (size_t i = 0; i < server_count; i++) {
        servers[i].scenario = &all[i];
        servers[i].lab = lab_start_configured(all[i].name, &config, &err);
        if (servers[i].lab == NULL) {
            print_error("lab:%s: %s\n", all[i].name, err.text);
            return -1;
        }
        servers[i].port = strrchr(lab_address(servers[i].lab)->text, ':') + 1;
    }
    lab_ca_release(config.ca);
    return 0;
}

static int stop_servers(void **state)
{
    (void)state;
    for (size_t i = 0; servers != NULL && i < server_count; i++) {
        lab_stop(servers[i].lab);
    }
    free(servers);
    return 0;
}

/* One client with every scenario, AT_ONCE of them at the same time. */
static void all_get_what_the_rows_say(const struct client *client)
{
    struct job *jobs = calloc(server_count, sizeof *jobs);
    size_t started = 0, finished = 0, wrong = 0;

    assert_non_null(jobs);
    if (client->program != NULL) {
        command_need(client->program);
    }
    for (size_t i = 0; i < server_count; i++) {
        char line[1500];
        struct job *job = &jobs[started];
        *job = (struct job){
            .server = &servers[i], .client = client, .word = client->word(servers[i].scenario)};
        if (!client->command(job, root_file, line, sizeof line)) {
            print_message("skipped: %s cannot do lab:%s\n", client->name,
                          servers[i].scenario->name);
            continue;
        }
        if (started - finished == AT_ONCE) {
            wrong += !job_finish(&jobs[finished++]);
        }
        job_start(job, line);
        started++;
    }
    while (finished < started) {
        wrong += !job_finish(&jobs[finished++]);
    }
    free(jobs);
    assert_int_equal(wrong, 0);
}

static void tlstep_gets_what_each_row_says(void **state)
{
    (void)state;
    all_get_what_the_rows_say(&clients[0]);
}

static void openssl_gets_what_each_row_says(void **state)
{
    (void)state;
    all_get_what_the_rows_say(&clients[1]);
}

static void gnutls_cli_gets_what_each_row_says(void **state)
{
    (void)state;
    all_get_what_the_rows_say(&clients[2]);
}

static void curl_gets_what_each_row_says(void **state)
{
    (void)state;
    all_get_what_the_rows_say(&clients[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tlstep_gets_what_each_row_says),
        cmocka_unit_test(openssl_gets_what_each_row_says),
        cmocka_unit_test(gnutls_cli_gets_what_each_row_says),
        cmocka_unit_test(curl_gets_what_each_row_says),
    };
    return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
