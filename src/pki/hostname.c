/* Host names against certificates (RFC 9525). */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "hostname.h"

/* Longer than any address in any notation, with zone. */
#define ADDRESS_TEXT_MAX 128
/* More in U-labels than any name of the DNS has. */
#define HOST_TEXT_MAX    2000
#define NAME_LENGTH_MAX  253
#define LABEL_LENGTH_MAX 63

/* An IPv4 or IPv6 address, the latter also in brackets and with a zone ("fe80::1%eth0"), which is
 * nothing a certificate could know. */
static bool read_address(struct host *out, const char *text)
{
    char plain[ADDRESS_TEXT_MAX];
    size_t length = strlen(text);

    if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    }
    if (length >= sizeof plain) {
        return false;
    }
    memcpy(plain, text, length);
    plain[length] = '\0';
    if (inet_pton(AF_INET, plain, out->address) == 1) {
        out->address_length = 4;
        return true;
    }
    plain[strcspn(plain, "%")] = '\0';
    if (inet_pton(AF_INET6, plain, out->address) == 1) {
        out->address_length = 16;
        return true;
    }
    return false;
}

static bool is_ascii(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* IDNA2003 for the few names (emoji) that only it allows, because clients look those up, too. */
char *host_to_ascii(const char *text, size_t length, bool *failed)
{
    gnutls_datum_t mapped = {0};
    char *name;
    int result;

    if (is_ascii(text, length)) {
        name = text_duplicate(text, length);
        *failed |= name == NULL;
        return name;
    }
    if (length > HOST_TEXT_MAX) {
        return NULL;
    }
    result = gnutls_idna_map(text, (unsigned)length, &mapped, 0);
    *failed |= result == GNUTLS_E_MEMORY_ERROR;
    if (result != GNUTLS_E_SUCCESS) {
        return NULL; /* no host has this name: nothing matches */
    }
    name = text_duplicate((const char *)mapped.data, mapped.size);
    gnutls_free(mapped.data);
    *failed |= name == NULL;
    return name;
}

static bool is_digit(char c, bool hexadecimal)
{
    return (c >= '0' && c <= '9') ||
           (hexadecimal && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
}

bool host_ends_in_number(const char *text, size_t length)
{
    const char *dot = length > 0 ? memrchr(text, '.', length) : NULL;
    const char *label = dot != NULL ? dot + 1 : text;
    const char *end = text + length;
    bool hexadecimal = end - label >= 2 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X');
    bool number = label < end;

    for (label += hexadecimal ? 2 : 0; label < end; label++) {
        number = number && is_digit(*label, hexadecimal);
    }
    return number;
}

/* Labels of 1 to 63 characters, 253 in all (RFC 1035 2.3.4), the last of them no number. What else a name of the
 * DNS may hold (underscores, …) is for those who look it up. */
static bool can_be_name(const char *name)
{
    size_t length = strlen(name);
    size_t label = 0;

    if (length == 0 || length > NAME_LENGTH_MAX || host_ends_in_number(name, length)) {
        return false;
    }
    for (; *name != '\0'; name++) {
        label = *name == '.' ? 0 : label + 1;
        if ((label == 0 && (name[1] == '.' || name[1] == '\0')) || label > LABEL_LENGTH_MAX) {
            return false;
        }
    }
    return true;
}

bool host_read(struct host *out, const char *text)
{
    bool failed = false;
    size_t length;

    *out = (struct host){0};
    if (read_address(out, text)) {
        return true;
    }
    out->name = host_to_ascii(text, strlen(text), &failed);
    length = out->name == NULL ? 0 : strlen(out->name);
    if (length > 1 && out->name[length - 1] == '.') {
        out->name[length - 1] = '\0'; /* the root of the DNS, not part of the name to compare */
    }
    if (out->name != NULL && (out->name[0] == '.' || !can_be_name(out->name))) {
        host_clear(out);
    }
    return !failed;
}

void host_clear(struct host *host)
{
    free(host->name);
    *host = (struct host){0};
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

bool slice_equal_nocase(struct pki_slice a, struct pki_slice b)
{
    if (a.length != b.length) {
        return false;
    }
    for (size_t i = 0; i < a.length; i++) {
        if (lower(a.data[i]) != lower(b.data[i])) {
            return false;
        }
    }
    return true;
}

/*
 * A wildcard must be the whole left-most label and stands for exactly one label (RFC 9525 6.3). "*.org" would cover
 * a whole registry: as in browsers, OpenSSL and curl, two labels must follow. "*.co.uk" covers one, too, but
 * OpenSSL, GnuTLS and Go take it, as they know no list of public suffixes, and here is none either.
 */
static bool matches_dns(const char *name, struct pki_slice pattern)
{
    struct pki_slice rest;
    const char *dot;

    if (pattern.length < 2 || memcmp(pattern.data, "*.", 2) != 0) {
        return slice_equal_nocase(slice_of_text(name), pattern);
    }
    rest = slice_after(pattern, 1);
    dot = strchr(name, '.');
    if (dot == NULL || memchr(rest.data + 1, '.', rest.length - 1) == NULL ||
        memchr(rest.data, '*', rest.length) != NULL) {
        return false;
    }
    return slice_equal_nocase(slice_of_text(dot), rest);
}

bool host_matches_name(const struct host *host, const struct general_name *name)
{
    if (host->address_length > 0) {
        return name->kind == NAME_IP && name->content.length == host->address_length &&
               memcmp(name->content.data, host->address, host->address_length) == 0;
    }
    return host->name != NULL && name->kind == NAME_DNS && matches_dns(host->name, name->content);
}

bool host_matches(const struct host *host, const struct x509 *certificate)
{
    struct reader names =
        reader_new(certificate->subject_alt_name.data, certificate->subject_alt_name.length);
    struct general_name name;

    while (general_name_next(&names, &name)) {
        if (host_matches_name(host, &name)) {
            return true;
        }
    }
    return false;
}

bool pki_hostname_matches(const uint8_t *der, size_t length, const char *hostname)
{
    struct x509 certificate;
    struct host host;
    bool matches;

    if (!x509_read(&certificate, der, length, NULL, 0) || !host_read(&host, hostname)) {
        return false;
    }
    matches = host_matches(&host, &certificate);
    host_clear(&host);
    return matches;
}

/* ---- as text ---------------------------------------------------------------------------- */

/* U-labels for A-labels. False when there are none to show. */
static bool append_unicode(struct buffer *out, const char *ascii)
{
    gnutls_datum_t unicode = {0};
    bool differs = false;
    int result = gnutls_idna_reverse_map(ascii, (unsigned)strlen(ascii), &unicode, 0);

    out->failed |= result == GNUTLS_E_MEMORY_ERROR;
    if (result == GNUTLS_E_SUCCESS) {
        differs = !is_ascii((const char *)unicode.data, unicode.size);
        if (differs) {
            text_safe_append(out, unicode.data, unicode.size);
        }
        gnutls_free(unicode.data);
    }
    return differs;
}

void pki_host_text(struct buffer *out, const char *hostname)
{
    size_t length = strlen(hostname);
    char *ascii = host_to_ascii(hostname, length, &out->failed);
    bool both = ascii != NULL && length <= HOST_TEXT_MAX && append_unicode(out, ascii);

    if (!both) {
        text_safe_append(out, hostname, length);
        both = ascii != NULL && !is_ascii(hostname, length);
    }
    if (both) {
        buffer_text(out, " (");
        text_safe_append(out, ascii, strlen(ascii));
        buffer_text(out, ")");
    }
    free(ascii);
}
