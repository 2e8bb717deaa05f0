/* One name against one subtree of name constraints. */
#include <stdlib.h>
#include <string.h>

#include "constraint.h"
#include "hostname.h"
#include "name.h"

bool constraint_next(struct reader *subtrees, struct constraint *out)
{
    struct der whole, base;
    struct reader fields;

    if (reader_left(subtrees) == 0) {
        return false;
    }
    whole = der_value(subtrees, DER_SEQUENCE);
    fields = reader_new(whole.content.data, whole.content.length);
    base = der_any(&fields);
    *out = (struct constraint){
        .base = {(enum general_name_kind)(base.tag & 0x1f), base.content},
        .whole = whole.whole,
    };
    if (der_is_next(&fields, DER_CONTEXT(0))) {
        struct pki_slice minimum = der_any(&fields).content;
        out->bounded = minimum.length != 1 || minimum.data[0] != 0; /* zero is the default */
    }
    if (der_is_next(&fields, DER_CONTEXT(1))) {
        (void)der_any(&fields);
        out->bounded = true;
    }
    if (!der_done(&fields) || (base.tag & 0xc0) != 0x80 || out->base.kind > NAME_REGISTERED_ID) {
        subtrees->failed = true;
    }
    return !subtrees->failed;
}

/* ---- text ------------------------------------------------------------------------------- */

/* Does it end like that, without regard to ASCII case? */
static bool ends_with(struct pki_slice text, struct pki_slice end)
{
    return text.length >= end.length &&
           slice_equal_nocase(slice_after(text, text.length - end.length), end);
}

/* Labels of 1 to 63 characters, none of them a control or beyond ASCII. Clients know host names with far more in them
 * than RFC 5280 4.2.1.6 allows, so nothing else is asked of a certificate's. */
static bool has_labels(struct pki_slice text)
{
    size_t label = 0;

    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] <= ' ' || text.data[i] >= 0x7f) {
            return false;
        }
        if (text.data[i] != '.') {
            label++;
        } else if (label == 0) {
            return false;
        } else {
            label = 0;
        }
        if (label > 63) {
            return false;
        }
    }
    return label > 0;
}

/* A constraint is what a CA means to keep others to: no wildcard, no address, nothing but a name, with or without a
 * dot before it. */
static bool is_domain(struct pki_slice base)
{
    if (base.length > 0 && base.data[0] == '.') {
        base = slice_after(base, 1);
    }
    for (size_t i = 0; i < base.length; i++) {
        if (strchr("*:/@[]", base.data[i]) != NULL) {
            return false;
        }
    }
    return has_labels(base);
}

/* ".example.org" is everything below example.org, "example.org" that host alone: the way of URIs and e-mail. */
static bool host_is_within(struct pki_slice host, struct pki_slice base)
{
    if (base.data[0] == '.') {
        return host.length > base.length && ends_with(host, base);
    }
    return slice_equal_nocase(host, base);
}

/* ---- the forms -------------------------------------------------------------------------- */

/* "*.example.org" (and in some clients "w*.example.org") stands for "www.example.org", which may be excluded though the
 * wildcard as it is written is not in that subtree. */
static bool wildcard_overlaps(struct pki_slice name, struct pki_slice base)
{
    const uint8_t *name_dot = memchr(name.data, '.', name.length);
    const uint8_t *base_dot = memchr(base.data, '.', base.length);

    return name_dot != NULL && base_dot != NULL && base_dot != base.data &&
           memchr(name.data, '*', (size_t)(name_dot - name.data)) != NULL &&
           slice_equal_nocase(slice_after(name, (size_t)(name_dot - name.data)),
                              slice_after(base, (size_t)(base_dot - base.data)));
}

/* Zero or more labels may stand before the base. With a dot in front, of which RFC 5280 knows nothing here, at least
 * one must: as OpenSSL and Go have it. */
static enum constraint_answer compare_dns(struct pki_slice name, struct pki_slice base)
{
    if (!is_domain(base)) {
        return CONSTRAINT_BAD_BASE;
    }
    if (!has_labels(name)) {
        return CONSTRAINT_BAD_NAME;
    }
    if (ends_with(name, base) && (name.length == base.length || base.data[0] == '.' ||
                                  name.data[name.length - base.length - 1] == '.')) {
        return CONSTRAINT_WITHIN;
    }
    return wildcard_overlaps(name, base) ? CONSTRAINT_OVERLAPS : CONSTRAINT_OUTSIDE;
}

/* Where the last "@" is, or the length. */
static size_t find_at(struct pki_slice text)
{
    const uint8_t *at = text.length > 0 ? memrchr(text.data, '@', text.length) : NULL;
    return at != NULL ? (size_t)(at - text.data) : text.length;
}

/* The host of the address, `host`, is in A-labels here. */
static enum constraint_answer compare_mailbox(const struct subject_name *name,
                                              struct pki_slice host, struct pki_slice base)
{
    size_t at = find_at(base);
    struct pki_slice local = {name->content.data, find_at(name->content)};

    if (at == base.length) {
        if (!is_domain(base)) {
            return CONSTRAINT_BAD_BASE;
        }
        return host_is_within(host, base) ? CONSTRAINT_WITHIN : CONSTRAINT_OUTSIDE;
    }
    if (base.data[at + 1 < base.length ? at + 1 : at] == '.' ||
        !is_domain(slice_after(base, at + 1))) {
        return CONSTRAINT_BAD_BASE;
    }
    /* The part before the "@" means what its host says: it is compared to the letter. */
    if (!slice_equal_nocase(host, slice_after(base, at + 1)) ||
        (at > 0 && !slice_equal(local, (struct pki_slice){base.data, at}))) {
        return CONSTRAINT_OUTSIDE;
    }
    /* A constraint in ASCII was not written for international addresses (RFC 9598 6). */
    return name->international && at > 0 ? CONSTRAINT_OVERLAPS : CONSTRAINT_WITHIN;
}

/* A Local-part (RFC 5321 4.1.2): a quoted string, or characters of which none separates parts of an address. Of "a@b@example.org"
 * nobody knows whose mailbox it is. Where dots stand is not looked at: some providers have let users choose that. */
static bool is_local_part(struct pki_slice text)
{
    const bool quoted = text.length >= 2 && text.data[0] == '"';
    const size_t start = quoted ? 1 : 0;
    const size_t end = quoted ? text.length - 1 : text.length;

    if (text.length == 0 || (quoted && text.data[end] != '"')) {
        return false;
    }
    for (size_t i = start; i < end; i++) {
        const uint8_t c = text.data[i];
        if (c < ' ' || c == 0x7f || c == '"' || (!quoted && strchr(" @,:;<>()[]\\", c) != NULL)) {
            return false;
        }
        if (quoted && c == '\\' && ++i == end) {
            return false; /* it escapes what ends the string */
        }
    }
    return true;
}

static enum constraint_answer compare_email(const struct subject_name *name, struct pki_slice base,
                                            bool *failed)
{
    size_t at = find_at(name->content);
    enum constraint_answer answer = CONSTRAINT_BAD_NAME;
    struct pki_slice host;
    char *ascii = NULL;

    if (at == name->content.length || !is_local_part((struct pki_slice){name->content.data, at})) {
        return CONSTRAINT_BAD_NAME;
    }
    host = slice_after(name->content, at + 1);
    if (name->international) {
        ascii = host_to_ascii((const char *)host.data, host.length, failed);
        host = (struct pki_slice){(const uint8_t *)ascii, ascii != NULL ? strlen(ascii) : 0};
    }
    if (has_labels(host)) {
        answer = compare_mailbox(name, host, base);
    }
    free(ascii);
    return answer;
}

/* The host of a URI (RFC 3986 3.2): behind "//" and the user, before port and path. Empty when there is none, or an address in
 * brackets. */
static struct pki_slice uri_host(struct pki_slice uri)
{
    const uint8_t *colon = memchr(uri.data, ':', uri.length);
    struct pki_slice host;
    size_t end = 0;

    if (colon == NULL) {
        return (struct pki_slice){0};
    }
    host = slice_after(uri, (size_t)(colon - uri.data) + 1);
    if (host.length < 2 || host.data[0] != '/' || host.data[1] != '/') {
        return (struct pki_slice){0};
    }
    host = slice_after(host, 2);
    while (end < host.length && strchr("/?#", host.data[end]) == NULL) {
        end++;
    }
    host.length = end;
    if (find_at(host) < host.length) {
        host = slice_after(host, find_at(host) + 1);
    }
    if (host.length == 0 || host.data[0] == '[') {
        return (struct pki_slice){0};
    }
    colon = memchr(host.data, ':', host.length);
    if (colon != NULL) {
        host.length = (size_t)(colon - host.data);
    }
    return host;
}

/* One whose host is an address or missing has no name that a constraint could be about, and is refused. */
static enum constraint_answer compare_uri(struct pki_slice uri, struct pki_slice base)
{
    struct pki_slice host = uri.length > 0 ? uri_host(uri) : uri;

    if (!is_domain(base)) {
        return CONSTRAINT_BAD_BASE;
    }
    if (!has_labels(host) || host_ends_in_number((const char *)host.data, host.length)) {
        return CONSTRAINT_BAD_NAME;
    }
    return host_is_within(host, base) ? CONSTRAINT_WITHIN : CONSTRAINT_OUTSIDE;
}

int constraint_mask_bits(const uint8_t *mask, size_t length)
{
    size_t bits = 0;

    while (bits < 8 * length && (mask[bits / 8] & (0x80u >> bits % 8)) != 0) {
        bits++;
    }
    for (size_t i = bits; i < 8 * length; i++) {
        if ((mask[i / 8] & (0x80u >> i % 8)) != 0) {
            return -1;
        }
    }
    return (int)bits;
}

static enum constraint_answer compare_address(struct pki_slice address, struct pki_slice base)
{
    size_t half = base.length / 2;

    if ((base.length != 8 && base.length != 32) ||
        constraint_mask_bits(base.data + half, half) < 0) {
        return CONSTRAINT_BAD_BASE;
    }
    if (address.length != 4 && address.length != 16) {
        return CONSTRAINT_BAD_NAME;
    }
    if (address.length != half) {
        return CONSTRAINT_OUTSIDE;
    }
    for (size_t i = 0; i < half; i++) {
        if (((address.data[i] ^ base.data[i]) & base.data[half + i]) != 0) {
            return CONSTRAINT_OUTSIDE;
        }
    }
    return CONSTRAINT_WITHIN;
}

static bool is_name(struct pki_slice bytes)
{
    struct reader reader = reader_new(bytes.data, bytes.length);

    (void)name_read(&reader);
    return der_done(&reader);
}

static enum constraint_answer compare_directory(struct pki_slice name, struct pki_slice base,
                                                bool *failed)
{
    if (!is_name(base)) {
        return CONSTRAINT_BAD_BASE;
    }
    if (!is_name(name)) {
        return CONSTRAINT_BAD_NAME;
    }
    return name_is_within(name, base, failed) ? CONSTRAINT_WITHIN : CONSTRAINT_OUTSIDE;
}

/* The empty text says nothing about which names: all of them, as NSS and Go have it. */
static bool is_everything(const struct general_name *base)
{
    return base->content.length == 0 &&
           (base->kind == NAME_DNS || base->kind == NAME_EMAIL || base->kind == NAME_URI);
}

enum constraint_answer constraint_compare(const struct subject_name *name,
                                          const struct constraint *constraint, bool *failed)
{
    struct pki_slice base = constraint->base.content;

    if (constraint->bounded) {
        return CONSTRAINT_BOUNDS;
    }
    if (name->misspelt) {
        return CONSTRAINT_BAD_NAME;
    }
    if (is_everything(&constraint->base)) {
        return CONSTRAINT_WITHIN;
    }
    switch (name->kind) {
    case NAME_DNS:
        return compare_dns(name->content, base);
    case NAME_EMAIL:
        return compare_email(name, base, failed);
    case NAME_URI:
        return compare_uri(name->content, base);
    case NAME_IP:
        return compare_address(name->content, base);
    case NAME_DIRECTORY:
        return compare_directory(name->content, base, failed);
    case NAME_OTHER:
    case NAME_X400:
    case NAME_EDI:
    case NAME_REGISTERED_ID:
        break;
    }
    return CONSTRAINT_FORM;
}

/* ---- as text ---------------------------------------------------------------------------- */

static void append_network(struct buffer *out, struct pki_slice content)
{
    const size_t half = content.length / 2;
    const int bits = constraint_mask_bits(content.data + half, half);

    buffer_text(out, "IP:");
    (void)address_append(out, (struct pki_slice){content.data, half});
    buffer_text(out, "/");
    if (bits >= 0) {
        buffer_printf(out, "%d", bits);
    } else {
        (void)address_append(out, slice_after(content, half));
    }
}

void constraint_append(struct buffer *out, const struct constraint *constraint)
{
    const struct pki_slice content = constraint->base.content;

    if (constraint->base.kind == NAME_IP && (content.length == 8 || content.length == 32)) {
        append_network(out, content);
        return;
    }
    general_name_append(out, constraint->base.kind, content);
    if (is_everything(&constraint->base)) {
        buffer_text(out, "(any)");
    }
}
