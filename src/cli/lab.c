/*
 * tlstep lab [SCENARIO...]: lab servers on loopback for other programs, until a signal ends them.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* A scenario's port stays the same from run to run, unless somebody has it already. */
#define FIRST_PORT 8443

/* More than this and the commands are shown for one of them only. */
#define COMMANDS_MAX 4

struct served {
    const struct lab_scenario *scenario;
    struct lab_server *server;
};

struct laboratory {
    struct served *served;
    size_t count;
    struct lab_ca *ca;
    char *ca_file; /* where clients find the root */
    bool saved;    /* the CA is the one of the state folder, so that `--trust lab` means it */
};

/* ---- --list ---------------------------------------------------------------------------------- */

static const char *expected_in_words(const struct lab_scenario *scenario)
{
    return scenario->expected[0] != '\0' ? scenario->expected : "all is well";
}

static int list_text(void)
{
    size_t count;
    const struct lab_scenario *all = lab_scenarios(&count);

    for (size_t i = 0; i < count; i++) {
        (void)printf("%-21s %-23s %s\n", all[i].name, expected_in_words(&all[i]), all[i].title);
    }
    return 0;
}

/* What other clients get where it differs; absent where not. */
static void set_text(json_t *row, const char *name, const char *text)
{
    if (text != NULL) {
        (void)json_object_set_new(row, name,
                                  json_string(text)); /* what is missing shows in the dump */
    }
}

static json_t *scenario_json(const struct lab_scenario *scenario)
{
    json_t *row = json_object();

    set_text(row, "name", scenario->name);
    set_text(row, "title", scenario->title);
    set_text(row, "look_for", scenario->look_for);
    set_text(row, "expected", scenario->expected);
    set_text(row, "openssl", scenario->openssl);
    set_text(row, "gnutls_cli", scenario->gnutls_cli);
    set_text(row, "curl", scenario->curl);
    set_text(row, "hostname", scenario->hostname);
    set_text(row, "starttls", scenario->starttls);
    set_text(row, "needs", scenario->needs);
    return row;
}

static int print_json(json_t *json)
{
    char *text = json != NULL ? report_dump(json) : NULL;
    struct err err;

    json_decref(json);
    if (text == NULL) {
        err_memory(&err, "writing JSON");
        return cli_fail(&err);
    }
    (void)puts(text); /* main() judges standard output at the end */
    free(text);
    return 0;
}

static int list_json(void)
{
    size_t count;
    const struct lab_scenario *all = lab_scenarios(&count);
    json_t *rows = json_array();

    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(rows,
                                    scenario_json(&all[i])); /* what is missing shows in the dump */
    }
    return print_json(json_pack("{s:s,s:o}", "schema", "tlstep.lab/1", "scenarios", rows));
}

/* ---- starting -------------------------------------------------------------------------------- */

/* Which ones: those that are named, or all. */
static int choose(struct laboratory *lab, const struct cli_arguments *arguments, struct err *err)
{
    size_t all_count;
    const struct lab_scenario *all = lab_scenarios(&all_count);
    size_t named = arguments->operand_count;

    lab->served = calloc(all_count + named, sizeof *lab->served);
    if (lab->served == NULL) {
        return err_memory(err, "starting the lab");
    }
    for (size_t i = 0; i < (named > 0 ? named : all_count); i++) {
        const char *name = named > 0 ? arguments->operands[i] : all[i].name;
        /* "lab:good" is what it is called elsewhere. */
        lab->served[i].scenario =
            lab_scenario_require(strncmp(name, "lab:", 4) == 0 ? name + 4 : name, err);
        if (lab->served[i].scenario == NULL) {
            return -1;
        }
        lab->count++;
    }
    return 0;
}

/* The root goes where the user wants it, else beside the CA's own file. */
static int prepare_ca(struct laboratory *lab, const struct cli_arguments *arguments,
                      struct err *err)
{
    bool ephemeral = arguments->options.ephemeral;

    lab->ca = ephemeral ? lab_ca_new(err) : lab_ca_open(err);
    if (lab->ca == NULL) {
        return -1;
    }
    lab->saved = !ephemeral;
    if (arguments->write_ca != NULL) {
        lab->ca_file = text_duplicate(arguments->write_ca, strlen(arguments->write_ca));
        return lab->ca_file == NULL
                   ? err_memory(err, "starting the lab")
                   : lab_ca_write_root(lab->ca, lab->ca_file, arguments->options.force, err);
    }
    if (ephemeral) {
        return 0;
    }
    lab->ca_file = file_state_path("lab-root.pem", err);
    return lab->ca_file != NULL ? lab_ca_write_root(lab->ca, lab->ca_file, true, err) : -1;
}

/* "[ADDR:]PORT", read as "listen" reads it; port 0: any, for each server. */
static int read_listen(const char *text, struct stepper_target *at, struct err *err)
{
    char *listen = text_format("listen:%s", text);
    int status = listen != NULL ? stepper_target_parse(listen, at, err)
                                : err_memory(err, "starting the lab");

    free(listen);
    return status;
}

static uint16_t usual_port(const struct lab_scenario *scenario)
{
    size_t count;

    return (uint16_t)(FIRST_PORT + (scenario - lab_scenarios(&count)));
}

/* Where nothing was asked for, any port will do when the usual one is taken. */
static int start(struct served *served, struct lab_config *config, bool chosen, struct err *err)
{
    const char *name = served->scenario->name;

    served->server = lab_start_configured(name, config, err);
    if (served->server == NULL && !chosen && err->class == ERR_NETWORK) {
        config->port = 0;
        served->server = lab_start_configured(name, config, err);
    }
    return served->server != NULL ? 0 : -1;
}

static int start_all_at(struct laboratory *lab, const struct stepper_target *at, struct err *err)
{
    bool chosen = at->host != NULL, any = at->port == 0;

    if (chosen && !any && at->port + lab->count - 1 > UINT16_MAX) {
        return err_set(err, ERR_USAGE, "bad_address",
                       "--listen: from port %u on there are not enough for %zu servers", at->port,
                       lab->count);
    }
    for (size_t i = 0; i < lab->count; i++) {
        struct lab_config config = {
            .host = chosen ? at->host : "127.0.0.1",
            .port = !chosen ? usual_port(lab->served[i].scenario)
                    : any   ? 0
                            : (uint16_t)(at->port + i),
            .ca = lab->ca,
        };
        if (start(&lab->served[i], &config, chosen, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int start_all(struct laboratory *lab, const struct cli_arguments *arguments, struct err *err)
{
    struct stepper_target at = {0};
    int status = 0;

    if (arguments->listen != NULL) {
        status = read_listen(arguments->listen, &at, err);
    }
    if (status == 0) {
        status = start_all_at(lab, &at, err);
        stepper_target_free(&at);
    }
    return status;
}

/* ---- what is there ---------------------------------------------------------------------------- */

static const char *port_of(const struct served *served)
{
    return strrchr(lab_address(served->server)->text, ':') + 1;
}

/* An address that other machines can reach is said in so many words. */
static bool is_loopback(const struct served *served)
{
    const char *text = lab_address(served->server)->text;

    return strncmp(text, "127.", 4) == 0 || strncmp(text, "[::1]", 5) == 0;
}

static void print_tlstep(const struct laboratory *lab, const struct served *served)
{
    const struct lab_scenario *scenario = served->scenario;

    (void)printf(
        "  tlstep %s%s --connect %s%s%s%s%s %s\n", lab->saved ? "--trust lab" : "--ca-file ",
        lab->saved ? "" : lab->ca_file, lab_address(served->server)->text,
        scenario->starttls != NULL ? " --starttls " : "",
        scenario->starttls != NULL ? scenario->starttls : "", scenario->needs != NULL ? " " : "",
        scenario->needs != NULL ? scenario->needs : "", scenario->hostname);
}

/* What other programs call a protocol that begins in clear text, and what they need for it. */
static const struct spelling {
    const char *starttls;
    const char *curl; /* scheme; NULL: it cannot, or wants more than the lab has */
    bool named;       /* openssl has to be told the host's name once more */
} spellings[] = {
    {"smtp", "smtp", false},
    {"imap", "imap", false},
    {"pop3", "pop3", false},
    {"xmpp", NULL, true},
};

static const struct spelling *find_spelling(const char *starttls)
{
    static const struct spelling other = {"", NULL, false}, https = {"", "https", false};

    for (size_t i = 0; starttls != NULL && i < sizeof spellings / sizeof *spellings; i++) {
        if (strcmp(spellings[i].starttls, starttls) == 0) {
            return &spellings[i];
        }
    }
    return starttls != NULL ? &other : &https;
}

/* " --alpn NAMES" of what the scenario needs, as another program spells the option; "": not needed. */
static void print_alpn(const struct lab_scenario *scenario, const char *option)
{
    const char *alpn = scenario->needs != NULL ? strstr(scenario->needs, "--alpn ") : NULL;

    if (alpn != NULL) {
        alpn += strlen("--alpn ");
        (void)printf(" %s%.*s", option, (int)strcspn(alpn, " "), alpn);
    }
}

static void print_openssl(const struct laboratory *lab, const struct served *served)
{
    const struct lab_scenario *scenario = served->scenario;
    const char *name = scenario->hostname, *starttls = scenario->starttls;

    (void)printf("  openssl s_client -connect %s -servername %s -verify_hostname %s -CAfile %s",
                 lab_address(served->server)->text, name, name, lab->ca_file);
    if (starttls != NULL) {
        (void)printf(" -starttls %s", starttls);
    }
    if (find_spelling(starttls)->named) {
        (void)printf(" -name %s", name);
    }
    print_alpn(scenario, "-alpn ");
    (void)putchar('\n');
}

static void print_gnutls(const struct laboratory *lab, const struct served *served,
                         const char *host)
{
    const struct lab_scenario *scenario = served->scenario;
    const char *name = scenario->hostname;

    (void)printf(
        "  gnutls-cli --port %s --sni-hostname=%s --verify-hostname=%s --x509cafile=%s%s%s",
        port_of(served), name, name, lab->ca_file,
        scenario->starttls != NULL ? " --starttls-proto=" : "",
        scenario->starttls != NULL ? scenario->starttls : "");
    print_alpn(scenario, "--alpn=");
    (void)printf(" %s\n", host);
}

static void print_curl(const struct laboratory *lab, const struct served *served, const char *host)
{
    const char *name = served->scenario->hostname, *port = port_of(served);
    const char *scheme = find_spelling(served->scenario->starttls)->curl;

    if (scheme != NULL) {
        (void)printf("  curl --noproxy '*' --cacert %s --resolve %s:%s:%s %s%s://%s:%s/\n",
                     lab->ca_file, name, port, host,
                     served->scenario->starttls != NULL ? "--ssl-reqd " : "", scheme, name, port);
    }
}

/* The address without its port, and without the brackets of IPv6. */
static void copy_host(char host[NET_ADDRESS_TEXT], const struct served *served)
{
    const char *text = lab_address(served->server)->text;
    const char *colon = strrchr(text, ':');
    bool brackets = text[0] == '[';

    (void)snprintf(host, NET_ADDRESS_TEXT, "%.*s", (int)(colon - text) - 2 * brackets,
                   text + brackets);
}

/* The commands that get to a server, ready to be pasted. */
static void print_commands(const struct laboratory *lab, const struct served *served)
{
    char host[NET_ADDRESS_TEXT];

    copy_host(host, served);
    print_tlstep(lab, served);
    print_openssl(lab, served);
    print_gnutls(lab, served, host);
    print_curl(lab, served, host);
    if (served->scenario->starttls == NULL) {
        (void)printf("  a browser: https://localhost:%s/ (once it trusts the root)\n",
                     port_of(served));
    }
}

static void print_table(const struct laboratory *lab)
{
    (void)printf("%zu lab server%s, until Ctrl-C", lab->count, lab->count == 1 ? "" : "s");
    if (lab->ca_file != NULL) {
        (void)printf("; the root that clients have to trust: %s", lab->ca_file);
    } else {
        (void)printf("; --write-ca FILE writes the root that clients have to trust");
    }
    (void)putchar('\n');
    if (!is_loopback(&lab->served[0])) {
        (void)printf(
            "! other machines can reach them: they are deliberately broken, and this is no place for "
            "secrets\n");
    }
    for (size_t i = 0; i < lab->count; i++) {
        const struct served *served = &lab->served[i];
        bool commands = lab->ca_file != NULL && (i == 0 || lab->count <= COMMANDS_MAX);
        bool together = lab->count > COMMANDS_MAX && i > 1;
        (void)printf("%s%-21s %-22s %s\n", together ? "" : "\n", served->scenario->name,
                     lab_address(served->server)->text, served->scenario->title);
        if (lab->count <= COMMANDS_MAX) {
            (void)printf("  a client gets: %s; look for %s\n", expected_in_words(served->scenario),
                         served->scenario->look_for);
        }
        if (commands) {
            print_commands(lab, served);
        }
    }
    (void)fflush(stdout); /* main() judges standard output at the end */
}

/* A line of JSON each. */
static int print_lines(const struct laboratory *lab)
{
    for (size_t i = 0; i < lab->count; i++) {
        json_t *row = scenario_json(lab->served[i].scenario);
        set_text(row, "address", lab_address(lab->served[i].server)->text);
        set_text(row, "ca_file", lab->ca_file);
        int status = print_json(row);
        if (status != 0) {
            return status;
        }
    }
    (void)fflush(stdout); /* main() judges standard output at the end */
    return 0;
}

static void print_tallies(const struct laboratory *lab)
{
    for (size_t i = 0; i < lab->count; i++) {
        struct lab_tally tally = lab_tally(lab->served[i].server);
        if (tally.connections > 0) {
            (void)printf("%-21s %" PRIu64 " connection%s, %" PRIu64 " handshake%s, %" PRIu64
                         " that failed\n",
                         lab->served[i].scenario->name, tally.connections,
                         tally.connections == 1 ? "" : "s", tally.handshakes,
                         tally.handshakes == 1 ? "" : "s", tally.refused);
        }
    }
}

/* ---- all of it -------------------------------------------------------------------------------- */

static int serve(const struct laboratory *lab, bool json)
{
    int status = 0;

    if (json) {
        status = print_lines(lab);
    } else {
        print_table(lab);
    }
    while (status == 0 && cli_signal() == 0) {
        (void)cli_poll(NULL, 0, -1); /* only a signal ends it */
    }
    if (!json) {
        (void)putchar('\n');
        print_tallies(lab);
    }
    return status != 0 ? status : err_exit_status(ERR_INTERRUPTED);
}

static void clear(struct laboratory *lab)
{
    for (size_t i = 0; i < lab->count; i++) {
        lab_stop(lab->served[i].server);
    }
    free(lab->served);
    free(lab->ca_file);
    lab_ca_release(lab->ca);
}

int cli_lab(struct cli_arguments *arguments)
{
    struct laboratory lab = {0};
    struct err err = {0};
    int status;

    if (arguments->list) {
        return arguments->json ? list_json() : list_text();
    }
    if (choose(&lab, arguments, &err) != 0 || prepare_ca(&lab, arguments, &err) != 0 ||
        start_all(&lab, arguments, &err) != 0) {
        status = cli_fail(&err);
    } else {
        status = serve(&lab, arguments->json);
    }
    clear(&lab);
    return status;
}
