/* TARGET and FILE arguments, as CONTRACT.md reads them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tlstep/stepper.h"

#define DEFAULT_PORT 443

/* Endings by which an existing path is a FILE, CONTRACT.md "Commands". */
static const char *const file_endings[] = {
    ".pcap", ".pcapng", ".cap", ".pcap.gz", ".pcapng.gz", ".cap.gz", ".pem",
    ".crt",  ".cer",    ".der", ".p7b",     ".p7c",       ".p12",    ".pfx",
};

/* URL schemes that mean TLS from the first byte on, and the port of each; those that begin in clear text are net_protocols(). */
static const struct net_scheme tls_schemes[] = {
    {"https", 443}, {"tls", 443},   {"wss", 443},    {"smtps", 465}, {"submissions", 465},
    {"imaps", 993}, {"pop3s", 995}, {"ftps", 990},   {"ldaps", 636}, {"nntps", 563},
    {"ircs", 6697}, {"dot", 853},   {"xmpps", 5223}, {NULL, 0},
};

static const struct net_scheme *scheme_in(const struct net_scheme *list, const char *text,
                                          size_t length)
{
    for (; list->name != NULL; list++)
        if (strlen(list->name) == length && strncasecmp(list->name, text, length) == 0)
            return list;
    return NULL;
}

/* `*starttls`: the clear text that it begins with, NULL for none. */
static const struct net_scheme *scheme_find(const char *text, size_t length,
                                            const struct net_protocol **starttls)
{
    const struct net_scheme *scheme = scheme_in(tls_schemes, text, length);
    size_t count;
    const struct net_protocol *protocols = net_protocols(&count);

    *starttls = NULL;
    for (size_t i = 0; i < count && scheme == NULL; i++) {
        scheme = scheme_in(protocols[i].schemes, text, length);
        if (scheme != NULL)
            *starttls = &protocols[i];
    }
    return scheme;
}

static bool ends_like_file(const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < sizeof file_endings / sizeof file_endings[0]; i++) {
        size_t ending = strlen(file_endings[i]);
        if (length > ending && strcasecmp(text + length - ending, file_endings[i]) == 0)
            return true;
    }
    return false;
}

static bool is_file(const char *text)
{
    return strcmp(text, "-") == 0 || strchr(text, '/') != NULL ||
           (ends_like_file(text) && access(text, F_OK) == 0);
}

static int bad_target(const char *text, const char *why, struct err *err)
{
    char safe[200];
    return err_set(err, ERR_USAGE, "bad_target",
                   "cannot use '%s' as a target: %s; write HOST, HOST:PORT, [IPV6]:PORT, a URL, "
                   "lab:SCENARIO or a file",
                   text_safe(safe, sizeof safe, text, strlen(text)), why);
}

static int parse_port(const char *text, uint16_t *port)
{
    char *end;
    if (*text < '0' || *text > '9')
        return -1;
    unsigned long value = strtoul(text, &end, 10);
    if (*end != '\0' || value == 0 || value > 65535)
        return -1;
    *port = (uint16_t)value;
    return 0;
}

static int set_host(struct stepper_target *target, const char *host, size_t length, struct err *err)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)host[i] <= ' ' || host[i] == 0x7f)
            return bad_target(target->input, "a host has no blanks or control characters", err);
    if (memchr(host, '@', length) != NULL)
        return bad_target(target->input, "a user name has no place in it", err);
    if (length == 0)
        return bad_target(target->input, "the host is missing", err);
    if (length > 253)
        return bad_target(target->input, "a host name has at most 253 characters", err);
    target->host = text_duplicate(host, length);
    return target->host != NULL ? 0 : err_memory(err, "reading the target");
}

/* "[v6]:port", "[v6]", "host:port", "host", or a bare IPv6 address without a port. */
static int parse_authority(const char *text, size_t length, struct stepper_target *target,
                           struct err *err)
{
    char *authority = text_duplicate(text, length);
    if (authority == NULL)
        return err_memory(err, "reading the target");

    const char *host = authority;
    size_t host_length = length;
    const char *port = NULL;
    char *close = authority[0] == '[' ? strchr(authority, ']') : NULL;
    char *colon = strchr(authority, ':');

    if (authority[0] == '[' && close == NULL) {
        free(authority);
        return bad_target(target->input, "its [ has no ]", err);
    }
    if (close != NULL) {
        host = authority + 1;
        host_length = (size_t)(close - host);
        if (close[1] == ':')
            port = close + 2;
        else if (close[1] != '\0')
            port = "";
    } else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        host_length = (size_t)(colon - authority);
        port = colon + 1;
    }
    int status = 0;
    if (port != NULL && parse_port(port, &target->port) != 0)
        status = bad_target(target->input, "the port is not a number from 1 to 65535", err);
    if (status == 0)
        status = set_host(target, host, host_length, err);
    free(authority);
    return status;
}

static int parse_url(const char *text, const char *colon, struct stepper_target *target,
                     struct err *err)
{
    const struct net_scheme *scheme = scheme_find(text, (size_t)(colon - text), &target->starttls);
    if (scheme == NULL)
        return bad_target(text, "its URL scheme is not known", err);
    const char *authority = colon + 3;
    target->port = scheme->port;
    target->kind = STEPPER_HOST;
    return parse_authority(authority, strcspn(authority, "/?#"), target, err);
}

static int parse_lab(const char *name, struct stepper_target *target, struct err *err)
{
    if (lab_scenario_require(name, err) == NULL) {
        return -1;
    }
    target->kind = STEPPER_LAB;
    target->port = 0;
    target->host = text_duplicate(name, strlen(name));
    return target->host != NULL ? 0 : err_memory(err, "reading the target");
}

static int bad_listener(const char *text, size_t length, struct err *err)
{
    char safe[200];

    return err_set(err, ERR_USAGE, "bad_target",
                   "cannot listen on '%s': write PORT, ADDR:PORT or [IPV6]:PORT, the port a number "
                   "up to 65535",
                   text_safe(safe, sizeof safe, text, length));
}

/* "[ADDR:]PORT", "[V6]:PORT", of a side that listens; port 0: any. */
static int parse_listener(const char *text, size_t length, struct stepper_target *target,
                          struct err *err)
{
    const char *port = text;

    for (size_t i = 0; i < length; i++)
        if (text[i] == ':')
            port = text + i + 1;
    size_t host = port > text ? (size_t)(port - text) - 1 : 0;
    bool v6 = host > 1 && text[0] == '[' && text[host - 1] == ']';
    char *copy = text_duplicate(port, length - (size_t)(port - text));
    if (copy == NULL)
        return err_memory(err, "reading the target");
    bool good = strcmp(copy, "0") == 0 || parse_port(copy, &target->port) == 0;
    free(copy);
    if (!good)
        return bad_listener(text, length, err);
    if (host == 0) {
        target->host = text_duplicate("127.0.0.1", strlen("127.0.0.1"));
        return target->host != NULL ? 0 : err_memory(err, "reading the target");
    }
    return set_host(target, v6 ? text + 1 : text, v6 ? host - 2 : host, err);
}

static int parse_listen(const char *text, struct stepper_target *target, struct err *err)
{
    target->kind = STEPPER_LISTEN;
    return parse_listener(text, strlen(text), target, err);
}

/* "[ADDR:]PORT=TARGET" after "proxy:". */
static int parse_proxy(const char *text, struct stepper_target *target, struct err *err)
{
    const char *equals = strchr(text, '=');
    struct stepper_target beyond;

    target->kind = STEPPER_PROXY;
    if (parse_listener(text, equals != NULL ? (size_t)(equals - text) : strlen(text), target,
                       err) != 0)
        return -1;
    if (equals == NULL)
        return 0;
    if (stepper_target_parse(equals + 1, &beyond, err) != 0)
        return -1;
    bool good =
        beyond.starttls == NULL && (beyond.kind == STEPPER_HOST || beyond.kind == STEPPER_LAB);
    stepper_target_free(&beyond);
    if (!good)
        return bad_target(target->input,
                          "what is behind a proxy is a server that speaks TLS from the first byte",
                          err);
    target->beyond = text_duplicate(equals + 1, strlen(equals + 1));
    return target->beyond != NULL ? 0 : err_memory(err, "reading the target");
}

static int parse(const char *text, struct stepper_target *target, struct err *err)
{
    const char *url = strstr(text, "://");

    target->input = text_duplicate(text, strlen(text));
    if (target->input == NULL)
        return err_memory(err, "reading the target");
    if (strncmp(text, "proxy:", 6) == 0)
        return parse_proxy(text + 6, target, err);
    if (url != NULL)
        return parse_url(text, url, target, err);
    if (strncmp(text, "lab:", 4) == 0)
        return parse_lab(text + 4, target, err);
    if (strncmp(text, "listen:", 7) == 0)
        return parse_listen(text + 7, target, err);
    if (is_file(text)) {
        target->kind = STEPPER_FILE;
        target->host = text_duplicate(text, strlen(text));
        return target->host != NULL ? 0 : err_memory(err, "reading the target");
    }
    target->kind = STEPPER_HOST;
    target->port = DEFAULT_PORT;
    return parse_authority(text, strlen(text), target, err);
}

int stepper_target_parse(const char *text, struct stepper_target *target, struct err *err)
{
    *target = (struct stepper_target){0};
    if (parse(text, target, err) == 0)
        return 0;
    stepper_target_free(target);
    return -1;
}

int stepper_target_file(const char *path, struct stepper_target *target, struct err *err)
{
    /* A pipe that was set aside is called what the user called it. */
    const char *input = strncmp(path, "/dev/fd/", strlen("/dev/fd/")) == 0 ? "-" : path;

    *target = (struct stepper_target){.kind = STEPPER_FILE};
    target->input = text_duplicate(input, strlen(input));
    target->host = text_duplicate(path, strlen(path));
    if (target->input != NULL && target->host != NULL)
        return 0;
    stepper_target_free(target);
    return err_memory(err, "reading the file's name");
}

void stepper_target_free(struct stepper_target *target)
{
    free(target->input);
    free(target->host);
    free(target->beyond);
    *target = (struct stepper_target){0};
}
