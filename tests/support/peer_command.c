/* The command line, and where needed the configuration, of each server program. */
#include "peer_command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TLS10 0x0301
#define TLS12 0x0303
#define TLS13 0x0304

/* openssl, and so nginx and node, do no TLS below 1.2 at Debian's security level. */
#define CIPHERS(oldest) ((oldest) < TLS12 ? "DEFAULT@SECLEVEL=0" : "DEFAULT")

void peer_command_add(struct peer_command *command, const char *argument)
{
    if (command->count < PEER_ARGUMENTS_MAX - 1) {
        command->arguments[command->count++] = argument;
    }
}

/* Adds "<option>" and "<first><second>". */
static void add_joined(struct peer_command *command, const char *option, const char *first,
                       const char *second)
{
    struct buffer *text = &command->text[command->text_count++];

    buffer_printf(text, "%s%s", first, second);
    peer_command_add(command, option);
    peer_command_add(command, buffer_string(text));
}

void peer_command_free(struct peer_command *command)
{
    for (size_t i = 0; i < command->text_count; i++) {
        buffer_free(&command->text[i]);
    }
}

/* As openssl, nginx and node write it. */
static const char *version_name(uint16_t version)
{
    static const char *const names[] = {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};

    return names[(version - TLS10) & 3];
}

static uint16_t or_default(uint16_t version, uint16_t otherwise)
{
    return version != 0 ? version : otherwise;
}

static int write_text(struct peer *peer, const char *name, struct buffer *text)
{
    char *path = text_format("%s/%s", peer->folder, name);
    struct err err = {.text = "out of memory"};
    int status = -1;
    int fd = path == NULL || text->failed ? -1 : file_create_private(path, "test file", true, &err);

    if (fd >= 0) {
        status = file_write_all(fd, text->data, text->length, "test file", &err);
        status = close(fd) == 0 ? status : -1;
    }
    if (status != 0) {
        (void)snprintf(peer->why, sizeof peer->why, "%.150s", err.text);
    }
    free(path);
    buffer_free(text);
    return status;
}

static int prepare_openssl(struct peer *peer, const struct peer_options *options,
                           struct peer_command *command)
{
    char port[8];

    (void)snprintf(port, sizeof port, "%u", (unsigned)peer->port);
    peer_command_add(command, "s_server");
    peer_command_add(command, "-quiet");
    peer_command_add(command, options->service == PEER_ECHO ? "-rev" : "-www");
    add_joined(command, "-accept", "127.0.0.1:", port);
    add_joined(command, "-cert", peer->folder, "/certificate.pem");
    add_joined(command, "-key", peer->folder, "/key.pem");
    add_joined(command, "-cipher", CIPHERS(or_default(options->oldest, TLS12)), "");
    add_joined(command, "-min_protocol", version_name(or_default(options->oldest, TLS12)), "");
    add_joined(command, "-max_protocol", version_name(or_default(options->newest, TLS13)), "");
    return 0;
}

static int prepare_gnutls(struct peer *peer, const struct peer_options *options,
                          struct peer_command *command)
{
    uint16_t oldest = or_default(options->oldest, TLS12);
    char port[8];
    char versions[64] = "";

    (void)snprintf(port, sizeof port, "%u", (unsigned)peer->port);
    for (uint16_t version = or_default(options->newest, TLS13); version >= oldest; version--) {
        size_t used = strlen(versions);
        (void)snprintf(versions + used, sizeof versions - used, ":+VERS-TLS1.%u",
                       (unsigned)version - TLS10);
    }
    peer_command_add(command, "--quiet");
    peer_command_add(command, options->service == PEER_ECHO ? "--echo" : "--http");
    add_joined(command, "--port", port, "");
    add_joined(command, "--x509certfile", peer->folder, "/certificate.pem");
    add_joined(command, "--x509keyfile", peer->folder, "/key.pem");
    add_joined(command, "--priority", "NORMAL:-VERS-ALL", versions);
    return 0;
}

static int prepare_nginx(struct peer *peer, const struct peer_options *options,
                         struct peer_command *command)
{
    static const char *const temporary[] = {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"};
    uint16_t oldest = or_default(options->oldest, TLS12);
    uint16_t newest = or_default(options->newest, TLS13);
    struct buffer text = {0};

    buffer_text(&text, "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr;\n"
                       "events {}\nhttp {\n    access_log off;\n");
    for (size_t i = 0; i < sizeof temporary / sizeof *temporary; i++) {
        buffer_printf(&text, "    %s_temp_path %s;\n", temporary[i], temporary[i]);
    }
    buffer_printf(&text, "    server {\n        listen 127.0.0.1:%u ssl;\n", (unsigned)peer->port);
    buffer_text(&text, "        ssl_certificate certificate.pem;\n"
                       "        ssl_certificate_key key.pem;\n        ssl_protocols");
    for (uint16_t version = oldest; version <= newest; version++) {
        buffer_printf(&text, " %s", version_name(version));
    }
    buffer_printf(&text, ";\n        ssl_ciphers %s;\n", CIPHERS(oldest));
    buffer_text(&text, "        location / { return 200 \"hello\\n\"; }\n    }\n}\n");
    add_joined(command, "-p", peer->folder, "");
    add_joined(command, "-c", "nginx.conf", "");
    add_joined(command, "-e", "stderr", "");
    return write_text(peer, "nginx.conf", &text);
}

static int prepare_node(struct peer *peer, const struct peer_options *options,
                        struct peer_command *command)
{
    uint16_t oldest = or_default(options->oldest, TLS12);
    uint16_t newest = or_default(options->newest, TLS13);
    struct buffer text = {0};

    buffer_printf(&text,
                  "const fs = require('fs'), folder = '%s/';\n"
                  "require('https').createServer({\n"
                  "    cert: fs.readFileSync(folder + 'certificate.pem'),\n"
                  "    key: fs.readFileSync(folder + 'key.pem'),\n"
                  "    minVersion: '%s', maxVersion: '%s', ciphers: '%s',\n"
                  "}, (request, response) => response.end('hello\\n')).listen(%u, '127.0.0.1');\n",
                  peer->folder, version_name(oldest), version_name(newest), CIPHERS(oldest),
                  (unsigned)peer->port);
    add_joined(command, "--", peer->folder, "/server.js");
    return write_text(peer, "server.js", &text);
}

const struct peer_program_row peer_programs[PEER_PROGRAM_COUNT] = {
    [PEER_OPENSSL] = {"openssl", "openssl", false, true, prepare_openssl},
    [PEER_GNUTLS] = {"gnutls", "gnutls-serv", false, true, prepare_gnutls},
    [PEER_NGINX] = {"nginx", "nginx", true, false, prepare_nginx},
    [PEER_NODE] = {"node", "node", false, false, prepare_node},
};
