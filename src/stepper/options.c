/* The table of options of a run: command line, `set`, form and manual page come from it. */
#include <stdlib.h>
#include <string.h>

#include "tlstep/stepper.h"

static const char *const trust_choices[] = {"default", "system", "none", "lab", NULL};
static const char *const strength_choices[] = {"default", "0", "1", "2", "3", NULL};
static const char *const ask_choices[] = {"no", "request", "require", NULL};
static const char *const version_choices[] = {"default", "1.0", "1.1", "1.2", "1.3", NULL};

#define AT(member) offsetof(struct stepper_options, member)

/* clang-format off */
static const struct stepper_option table[] = {
    {"sni", 0, "NAME|none", "Server name (SNI)",
     "server name to send; none sends no server_name extension",
     STEPPER_OPTION_TEXT, NULL, AT(tls.sni), false, false},
    {"trust", 0, "system|none|lab", "Trust",
     "which anchors are trusted; default: the system's, or what --ca-file and --ca-dir give",
     STEPPER_OPTION_CHOICE, trust_choices, AT(tls.trust), false, true},
    {"ca-file", 0, "FILE", "CA file", "trust the certificates in FILE (PEM or DER)",
     STEPPER_OPTION_TEXT, NULL, AT(tls.ca_file), false, true},
    {"ca-dir", 0, "DIR", "CA folder", "trust the certificates in the files of DIR",
     STEPPER_OPTION_TEXT, NULL, AT(tls.ca_dir), false, true},
    {"no-verify", 0, NULL, "Do not verify",
     "accept any certificate: no path and no host name is checked",
     STEPPER_OPTION_FLAG, NULL, AT(tls.no_verify), false, false},
    {"no-hostname-check", 0, NULL, "No host name check",
     "verify the path, not whether the certificate is for this host",
     STEPPER_OPTION_FLAG, NULL, AT(tls.no_hostname_check), false, true},
    {"verify-name", 0, "NAME", "Verify name", "check the certificate against NAME, not the host",
     STEPPER_OPTION_TEXT, NULL, AT(tls.verify_name), false, true},
    {"at", 0, "RFC3339", "Date", "judge certificates as of this date or time (2026-01-31, 2026-01-31T12:00:00Z)",
     STEPPER_OPTION_TEXT, NULL, AT(tls.at), false, true},
    {"strict", 0, NULL, "Strict", "refuse what RFC 5280 or the web's rules (CA/Browser Forum) forbid, even where clients accept it",
     STEPPER_OPTION_FLAG, NULL, AT(tls.strict), false, true},
    {"strength", 0, "0|1|2|3", "Strength",
     "weakest keys and signatures to accept, as OpenSSL's levels (2: RSA 2048, EC 224, SHA-256)",
     STEPPER_OPTION_CHOICE, strength_choices, AT(tls.strength), false, true},
    {"crl", 0, "FILE", "CRL file", "certificate revocation lists, PEM or DER, several times",
     STEPPER_OPTION_TEXT, NULL, AT(tls.crl), false, true},
    {"ocsp", 0, "FILE", "OCSP file", "OCSP responses, PEM or DER, several times",
     STEPPER_OPTION_TEXT, NULL, AT(tls.ocsp), false, true},
    {"tls-min", 0, "V", "Oldest version", "oldest TLS version to offer: 1.0, 1.1, 1.2 or 1.3",
     STEPPER_OPTION_TEXT, version_choices, AT(tls.tls_min), false, false},
    {"tls-max", 0, "V", "Newest version", "newest TLS version to offer: 1.0, 1.1, 1.2 or 1.3",
     STEPPER_OPTION_TEXT, version_choices, AT(tls.tls_max), false, false},
    {"priority", 0, "STRING", "Priority string", "GnuTLS priority string (default NORMAL)",
     STEPPER_OPTION_TEXT, NULL, AT(tls.priority), false, false},
    {"groups", 0, "LIST", "Groups", "named groups to offer, in this order, IANA names separated by commas",
     STEPPER_OPTION_TEXT, NULL, AT(tls.groups), false, false},
    {"sigalgs", 0, "LIST", "Signature schemes",
     "signature schemes to offer, in this order, IANA names separated by commas",
     STEPPER_OPTION_TEXT, NULL, AT(tls.sigalgs), false, false},
    {"alpn", 0, "LIST", "ALPN", "application protocols to offer, separated by commas",
     STEPPER_OPTION_TEXT, NULL, AT(tls.alpn), false, false},
    {"cert", 0, "FILE", "Own certificate", "certificate to show when asked for one; of a listening side its own (PEM or DER)",
     STEPPER_OPTION_TEXT, NULL, AT(tls.cert), false, false},
    {"key", 0, "FILE", "Own key", "private key of --cert; default: it is in the same file",
     STEPPER_OPTION_TEXT, NULL, AT(tls.key), false, false},
    {"resume", 0, NULL, "Resume", "resume the session of the run before, or of the last time",
     STEPPER_OPTION_FLAG, NULL, AT(tls.resume), false, false},
    {"early-data", 0, "TEXT", "Early data",
     "send TEXT in the first flight of a resumed TLS 1.3 session (\\r\\n for a line's end)",
     STEPPER_OPTION_TEXT, NULL, AT(tls.early_data), false, false},
    {"connect", 0, "ADDR:PORT", "Connect to",
     "connect to this address instead of looking up the host",
     STEPPER_OPTION_TEXT, NULL, AT(tls.connect), false, false},
    {"starttls", 0, "PROTO", "STARTTLS", "begin in clear text: smtp, imap, pop3, ftp, ldap, xmpp, postgres, ... (as smtp://HOST does)",
     STEPPER_OPTION_TEXT, NULL, AT(tls.starttls), false, false},
    {"proxy", 0, "URL", "Proxy", "go through http://[USER:PASSWORD@]HOST:PORT (CONNECT) or socks5://...; environment variables are not used",
     STEPPER_OPTION_TEXT, NULL, AT(tls.proxy), false, false},
    {"ipv4", '4', NULL, "IPv4 only", "use IPv4 addresses only",
     STEPPER_OPTION_FLAG, NULL, AT(tls.ipv4_only), false, false},
    {"ipv6", '6', NULL, "IPv6 only", "use IPv6 addresses only",
     STEPPER_OPTION_FLAG, NULL, AT(tls.ipv6_only), false, false},
    {"timeout", 0, "SECONDS", "Time-out",
     "how long to wait for the peer in one phase, pauses not counted (10)",
     STEPPER_OPTION_TEXT, NULL, AT(tls.timeout), false, false},
    {"linger", 0, "MS", "Linger",
     "how long to go on reading after the last record before closing (200)",
     STEPPER_OPTION_TEXT, NULL, AT(linger), false, false},
    {"save", 0, "FILE", "Save to",
     "save the session as pcapng, with its secrets, while it goes",
     STEPPER_OPTION_TEXT, NULL, AT(save), false, false},
    {"force", 0, NULL, "Overwrite", "let --save replace an existing file",
     STEPPER_OPTION_FLAG, NULL, AT(force), false, false},
    {"keylog", 0, "FILE", "Key log",
     "append the session's secrets to FILE (also SSLKEYLOGFILE); for a capture: read them, several times",
     STEPPER_OPTION_TEXT, NULL, AT(keylog), false, false},
    {"redact", 0, NULL, "Redact",
     "save and report without secrets, application data, cookies and tickets",
     STEPPER_OPTION_FLAG, NULL, AT(redact), false, false},

    /* Being built: `later` goes when the option does what it says. */
    {"ask-certificate", 0, "no|request|require", "Ask clients", "a listening side asks its clients for a certificate",
     STEPPER_OPTION_CHOICE, ask_choices, AT(tls.ask), false, false},
    {"replace", 0, "A=B", "Replace", "what the proxy changes in the data that passes, several times",
     STEPPER_OPTION_TEXT, NULL, AT(replace), false, false},
    {"ephemeral", 0, NULL, "Ephemeral CA", "keep the lab's CA in memory, not in the state folder",
     STEPPER_OPTION_FLAG, NULL, AT(ephemeral), false, false},
    {"capture", 0, NULL, "Capture packets", "show the connection's real packets, too (root or CAP_NET_RAW)",
     STEPPER_OPTION_FLAG, NULL, AT(capture), false, false},

    /* Only for a FILE: no form has them. FOR_FILE is their number. */
    {"stream", 0, "N", "Conversation", "only conversation N of a capture, counted from 0",
     STEPPER_OPTION_TEXT, NULL, AT(stream), false, false},
    {"server-key", 0, "FILE", "Server's key",
     "decrypt sessions with RSA key exchange by the server's private key (PEM or DER), several times",
     STEPPER_OPTION_TEXT, NULL, AT(server_key), false, false},
    {"psk", 0, "HEX", "Pre-shared key", "compute with this pre-shared key, several times",
     STEPPER_OPTION_TEXT, NULL, AT(psk), false, false},
};
/* clang-format on */

#define COUNT    (sizeof table / sizeof table[0])
#define FOR_FILE 3

const struct stepper_option *stepper_option_table(size_t *count)
{
    *count = COUNT - FOR_FILE;
    return table;
}

const struct stepper_option *stepper_option_file_table(size_t *count)
{
    *count = FOR_FILE;
    return table + COUNT - FOR_FILE;
}

const struct stepper_option *stepper_option_find(const char *name)
{
    const char *plain = strncmp(name, "--", 2) == 0 ? name + 2 : name;
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(table[i].name, plain) == 0)
            return &table[i];
        if (table[i].letter != 0 && name[0] == '-' && name[1] == table[i].letter && name[2] == 0)
            return &table[i];
    }
    return NULL;
}

/* ---- the values ---- */

void stepper_options_init(struct stepper_options *options)
{
    *options = (struct stepper_options){0};
    tls_options_init(&options->tls);
}

static char *const *text_at(const struct stepper_options *options, const struct stepper_option *row)
{
    return (char *const *)(const void *)((const char *)options + row->offset);
}

/* Texts that are not tls's. */
static const size_t own_texts[] = {AT(save),       AT(keylog), AT(linger), AT(stream),
                                   AT(server_key), AT(psk),    AT(replace)};

static char **own_text(struct stepper_options *options, size_t index)
{
    return (char **)(void *)((char *)options + own_texts[index]);
}

void stepper_options_free(struct stepper_options *options)
{
    tls_options_free(&options->tls);
    for (size_t i = 0; i < sizeof own_texts / sizeof own_texts[0]; i++) {
        char **text = own_text(options, i);
        secret_free(*text, *text != NULL ? strlen(*text) : 0); /* one is a key */
    }
    *options = (struct stepper_options){0};
}

static int copy_text(char **to, const char *from)
{
    *to = NULL;
    if (from == NULL)
        return 0;
    *to = text_duplicate(from, strlen(from));
    return *to != NULL ? 0 : -1;
}

int stepper_options_copy(struct stepper_options *to, const struct stepper_options *from,
                         struct err *err)
{
    stepper_options_init(to);
    if (tls_options_copy(&to->tls, &from->tls, err) != 0)
        return -1;
    to->force = from->force;
    to->redact = from->redact;
    to->ephemeral = from->ephemeral;
    to->capture = from->capture;
    to->brief = from->brief;
    to->session = from->session;
    to->password = from->password;
    for (size_t i = 0; i < sizeof own_texts / sizeof own_texts[0]; i++) {
        const char *text = *own_text((struct stepper_options *)from, i);
        if (copy_text(own_text(to, i), text) != 0) {
            stepper_options_free(to);
            return err_memory(err, "copying options");
        }
    }
    return 0;
}

static int bad_value(const struct stepper_option *row, const char *value, const char *allowed,
                     struct err *err)
{
    char safe[120];
    return err_set(err, ERR_USAGE, "bad_value", "--%s cannot be '%s': %s", row->name,
                   text_safe(safe, sizeof safe, value, strlen(value)), allowed);
}

static int set_flag(bool *flag, const struct stepper_option *row, const char *value,
                    struct err *err)
{
    static const char *const yes[] = {"yes", "on", "true", "1"};
    static const char *const no[] = {"no", "off", "false", "0"};

    if (value == NULL || value[0] == '\0') {
        *flag = true;
        return 0;
    }
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        bool is_yes = text_equal_nocase(value, yes[i]);
        if (is_yes || text_equal_nocase(value, no[i])) {
            *flag = is_yes;
            return 0;
        }
    }
    return bad_value(row, value, "it is yes or no", err);
}

static int set_choice(int *choice, const struct stepper_option *row, const char *value,
                      struct err *err)
{
    if (value == NULL || value[0] == '\0') {
        *choice = 0;
        return 0;
    }
    for (int i = 0; row->choices[i] != NULL; i++) {
        if (text_equal_nocase(value, row->choices[i])) {
            *choice = i;
            return 0;
        }
    }
    char allowed[120];
    (void)snprintf(allowed, sizeof allowed, "it is one of %s", row->argument);
    return bad_value(row, value, allowed, err);
}

static bool is_number_up_to(const char *value, unsigned long max)
{
    char *end;
    unsigned long number = strtoul(value, &end, 10);
    return value[0] >= '0' && value[0] <= '9' && *end == '\0' && number <= max;
}

/* A=B, one a line; A is not empty. */
static bool are_rules(const char *lines)
{
    while (lines != NULL) {
        size_t from = strcspn(lines, "=\n");
        if (from == 0 || lines[from] != '=')
            return false;
        lines = strchr(lines, '\n');
        lines = lines != NULL ? lines + 1 : NULL;
    }
    return true;
}

/* Values whose form is known without the rest of the options. */
static int check_text(const struct stepper_option *row, const char *value, struct err *err)
{
    if (strcmp(row->name, "linger") == 0 && !is_number_up_to(value, 3600000)) {
        return bad_value(row, value, "it is a number of milliseconds up to 3600000", err);
    }
    if (strcmp(row->name, "replace") == 0 && !are_rules(value)) {
        return bad_value(row, value, "it is A=B: what is to be replaced, and by what", err);
    }
    if (strcmp(row->name, "stream") == 0 && !is_number_up_to(value, UINT32_MAX)) {
        return bad_value(row, value, "it is the number of a conversation, from 0", err);
    }
    return 0;
}

static int set_text(char **text, const struct stepper_option *row, const char *value,
                    struct err *err)
{
    char *copy = NULL;

    if (row->choices != NULL && value != NULL && strcmp(value, row->choices[0]) == 0)
        value = NULL;
    if (value != NULL && value[0] != '\0') {
        if (check_text(row, value, err) != 0)
            return -1;
        copy = text_duplicate(value, strlen(value));
        if (copy == NULL)
            return err_memory(err, "setting an option");
    }
    free(*text);
    *text = copy;
    return 0;
}

static int set_value(struct stepper_options *options, const struct stepper_option *row,
                     const char *value, struct err *err)
{
    void *place = (char *)options + row->offset;

    switch (row->kind) {
    case STEPPER_OPTION_FLAG:
        return set_flag(place, row, value, err);
    case STEPPER_OPTION_CHOICE:
        return set_choice(place, row, value, err);
    case STEPPER_OPTION_TEXT:
        break;
    }
    return set_text(place, row, value, err);
}

int stepper_option_set(struct stepper_options *options, const char *name, const char *value,
                       struct err *err)
{
    const struct stepper_option *row = stepper_option_find(name);
    char safe[80];

    if (row == NULL)
        return err_set(err, ERR_USAGE, "no_such_option",
                       "there is no option '%s'; tlstep --help lists them",
                       text_safe(safe, sizeof safe, name, strlen(name)));
    if (row->later)
        return err_set(err, ERR_USAGE, "not_in_this_version",
                       "the option --%s is not in this version", row->name);
    return set_value(options, row, value, err);
}

/* Those that may be given several times: one a line. */
static bool may_repeat(const struct stepper_option *row)
{
    static const size_t repeated[] = {AT(keylog),  AT(server_key), AT(psk),
                                      AT(tls.crl), AT(tls.ocsp),   AT(replace)};

    for (size_t i = 0; i < sizeof repeated / sizeof repeated[0]; i++) {
        if (row->kind == STEPPER_OPTION_TEXT && !row->later && row->offset == repeated[i]) {
            return true;
        }
    }
    return false;
}

int stepper_option_add(struct stepper_options *options, const char *name, const char *value,
                       struct err *err)
{
    const struct stepper_option *row = stepper_option_find(name);
    char *before = row != NULL && may_repeat(row) ? *text_at(options, row) : NULL;

    if (before == NULL || value == NULL) {
        return stepper_option_set(options, name, value, err);
    }
    char *both = text_format("%s\n%s", before, value);
    if (both == NULL) {
        return err_memory(err, "setting an option");
    }
    int status = stepper_option_set(options, name, both, err);
    secret_free(both, strlen(both));
    return status;
}

static int choice_at(const struct stepper_options *options, const struct stepper_option *row)
{
    int choice;
    memcpy(&choice, (const char *)options + row->offset, sizeof choice);
    return choice;
}

static bool flag_at(const struct stepper_options *options, const struct stepper_option *row)
{
    return *(const bool *)(const void *)((const char *)options + row->offset);
}

char *stepper_option_get(char *out, size_t size, const struct stepper_options *options,
                         const struct stepper_option *row)
{
    const char *value = "";

    if (row->later) {
        out[0] = '\0';
        return out;
    }
    switch (row->kind) {
    case STEPPER_OPTION_FLAG:
        value = flag_at(options, row) ? "yes" : "no";
        break;
    case STEPPER_OPTION_CHOICE:
        value = row->choices[choice_at(options, row)];
        break;
    case STEPPER_OPTION_TEXT:
        value = *text_at(options, row) != NULL ? *text_at(options, row) : "";
        break;
    }
    (void)snprintf(out, size, "%s", value); /* a value that is longer is shown cut */
    return out;
}

/* ---- the command line that means the same ---- */

/* A word as a POSIX shell reads it back. */
static void append_shell_word(struct buffer *out, const char *word)
{
    static const char *const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-_./:,+@%=[]";
    if (word[0] != '\0' && strspn(word, plain) == strlen(word)) {
        buffer_text(out, word);
        return;
    }
    buffer_u8(out, '\'');
    for (const char *c = word; *c != '\0'; c++) {
        if (*c == '\'')
            buffer_text(out, "'\\''");
        else
            buffer_u8(out, (uint8_t)*c);
    }
    buffer_u8(out, '\'');
}

static void append_option(struct buffer *out, const struct stepper_options *options,
                          const struct stepper_option *row)
{
    char value[4096];

    stepper_option_get(value, sizeof value, options, row);
    if (row->kind == STEPPER_OPTION_FLAG) {
        if (flag_at(options, row) && row->letter != 0)
            buffer_printf(out, " -%c", row->letter);
        else if (flag_at(options, row))
            buffer_printf(out, " --%s", row->name);
        return;
    }
    if (value[0] == '\0' || (row->kind == STEPPER_OPTION_CHOICE && choice_at(options, row) == 0))
        return;
    if (strcmp(row->name, "proxy") == 0)
        net_proxy_hide_password(value); /* a screen is seen by others, too */
    for (char *line = value, *end; line != NULL; line = end) {
        end = may_repeat(row) ? strchr(line, '\n') : NULL;
        if (end != NULL) {
            *end++ = '\0';
        }
        buffer_printf(out, " --%s ", row->name);
        append_shell_word(out, line);
    }
}

bool stepper_options_judge(const struct stepper_options *options)
{
    for (size_t i = 0; i < COUNT; i++) {
        const struct stepper_option *row = &table[i];
        bool given = row->kind == STEPPER_OPTION_FLAG     ? flag_at(options, row)
                     : row->kind == STEPPER_OPTION_CHOICE ? choice_at(options, row) != 0
                                                          : *text_at(options, row) != NULL;
        if (row->judging && given) {
            return true;
        }
    }
    return false;
}

int stepper_command_line(struct buffer *out, const struct stepper_options *options,
                         const struct stepper_target *target)
{
    buffer_text(out, "tlstep");
    for (size_t i = 0; i < COUNT; i++)
        if (!table[i].later)
            append_option(out, options, &table[i]);
    buffer_u8(out, ' ');
    append_shell_word(out, target->input);
    return out->failed ? -1 : 0;
}
