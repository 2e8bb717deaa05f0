/* openssl s_client, and its output taken apart. */
#include "s_client.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "scratch.h"

/* Copies the rest of the line after `label`, up to one of `ends`. Leaves `out` empty when there is
 * no such line. */
static void take_word(char *out, size_t size, const char *text, const char *label, const char *ends)
{
    const char *found = strstr(text, label);
    size_t length;

    out[0] = '\0';
    if (found == NULL) {
        return;
    }
    found += strlen(label);
    length = strcspn(found, ends);
    (void)snprintf(out, size, "%.*s", (int)length, found); /* cut to fit */
}

/* ---- messages -------------------------------------------------------------------------------- */

/*
 * One line of -msg: ">>> TLS 1.3, Handshake [length 0138], ClientHello". Of a ChangeCipherSpec only
 * the sent ones are told, so none is taken. Returns the message's name, or NULL.
 */
static const char *handshake_name(const char *line, bool *sent, unsigned *length)
{
    static const char mark[] = "Handshake [length ";
    const char *found = strstr(line, mark);
    const char *name = found != NULL ? strstr(found, "], ") : NULL;

    if ((strncmp(line, ">>> ", 4) != 0 && strncmp(line, "<<< ", 4) != 0) || name == NULL) {
        return NULL;
    }
    *sent = line[0] == '>';
    *length = (unsigned)strtoul(found + sizeof mark - 1, NULL, 16);
    return name + 3;
}

static void take_messages(struct s_client *out, char *text)
{
    char *save = NULL;
    unsigned finished = 0;
    size_t used = 0;

    for (char *line = strtok_r(text, "\n", &save); line != NULL && finished < 2;
         line = strtok_r(NULL, "\n", &save)) {
        bool sent;
        unsigned length;
        const char *name = handshake_name(line, &sent, &length);
        if (name == NULL || used >= sizeof out->messages) {
            continue;
        }
        used += (size_t)snprintf(out->messages + used, sizeof out->messages - used, "%s %s\n",
                                 sent ? "client" : "server", name);
        finished += strcmp(name, "Finished") == 0;
        if (!sent && strcmp(name, "Certificate") == 0) {
            out->certificate_length = length - 4;
        }
    }
}

/* ---- names and hashes ------------------------------------------------------------------------ */

/* "TLS_… - NAME  TLSv1.2 …" of `openssl ciphers -stdname`. */
static int take_suite(struct s_client *out)
{
    struct buffer lines = {0};
    int status = command_run(&lines,
                             "openssl ciphers -stdname 'ALL:COMPLEMENTOFALL:@SECLEVEL=0' | "
                             "awk '$3 == \"%s\" { print $1 }'",
                             out->cipher);
    const char *text = buffer_string(&lines);

    if (status == 0 && text != NULL) {
        take_word(out->suite, sizeof out->suite, text, "", "\n");
    }
    buffer_free(&lines);
    return out->suite[0] != '\0' ? 0 : -1;
}

/* "sha256 Fingerprint=AB:CD:…" of the first certificate in a file. */
static int take_hash(struct s_client *out, const char *file)
{
    struct buffer line = {0};
    int status = command_run(&line, "openssl x509 -noout -fingerprint -sha256 -in '%s'", file);
    const char *text = buffer_string(&line);
    const char *digits = text != NULL ? strchr(text, '=') : NULL;
    size_t length = 0;

    for (; status == 0 && digits != NULL && *digits != '\0'; digits++) {
        if (isxdigit((unsigned char)*digits) && length < sizeof out->sha256 - 1) {
            out->sha256[length++] = (char)tolower((unsigned char)*digits);
        }
    }
    buffer_free(&line);
    return length == sizeof out->sha256 - 1 ? 0 : -1;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* "Server Temp Key: X25519, 253 bits" or "ECDH, prime256v1, 256 bits" or "DH, 2048 bits". */
static void take_group(struct s_client *out, const char *text)
{
    take_word(out->group, sizeof out->group, text, "Server Temp Key: ECDH, ", ",\n");
    if (out->group[0] == '\0') {
        take_word(out->group, sizeof out->group, text, "Server Temp Key: ", ",\n");
    }
}

static int take_apart(struct s_client *out, struct buffer *output, const char *file)
{
    const char *text = buffer_string(output);
    char *copy = text != NULL ? text_duplicate(text, output->length) : NULL;

    if (copy == NULL) {
        return -1;
    }
    take_word(out->version, sizeof out->version, text, "\nNew, ", ",\n");
    /* The line before TLS 1.3 names the version that the suite is from, not that of the session. */
    if (strcmp(out->version, "TLSv1.3") != 0) {
        take_word(out->version, sizeof out->version, text, "Protocol  : ", "\n");
    }
    take_word(out->cipher, sizeof out->cipher, text, "Cipher is ", "\n");
    take_group(out, text);
    take_word(out->signature, sizeof out->signature, text, "Peer signature type: ", "\n");
    take_word(out->digest, sizeof out->digest, text, "Peer signing digest: ", "\n");
    take_word(out->alpn, sizeof out->alpn, text, "ALPN protocol: ", "\n");
    out->certificates = (unsigned)command_count(output, "-----BEGIN CERTIFICATE-----");
    take_messages(out, copy);
    free(copy);
    return take_suite(out) == 0 && take_hash(out, file) == 0 ? 0 : -1;
}

static int write_file(const char *path, const struct buffer *output)
{
    int fd = file_create_private(path, "output", true, NULL);
    int status = fd < 0 ? -1 : file_write_all(fd, output->data, output->length, "output", NULL);

    return fd >= 0 && close(fd) == 0 ? status : -1;
}

int s_client_ask(struct s_client *out, uint16_t port, const char *arguments)
{
    struct buffer output = {0};
    char file[SCRATCH_PATH_MAX];
    int status;

    memset(out, 0, sizeof *out);
    (void)command_run(&output,
                      "timeout 20 openssl s_client -connect 127.0.0.1:%u -servername localhost "
                      "-msg -showcerts %s",
                      (unsigned)port, arguments); /* its status tells of the verification only */
    status = write_file(scratch_path(file, "s_client.txt"), &output);
    if (status == 0) {
        status = take_apart(out, &output, file);
    }
    if (status != 0) {
        (void)fprintf(stderr, "openssl s_client %s:\n%s\n", arguments,
                      output.length > 0 ? buffer_string(&output) : "");
    }
    buffer_free(&output);
    return status;
}
