/* The names in a certificate that name constraints apply to. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "hostname.h"
#include "name.h"
#include "subject_names.h"

/* id-on-SmtpUTF8Mailbox (RFC 9598 3). */
#define SMTP_UTF8_MAILBOX "\x2b\x06\x01\x05\x05\x07\x08\x09"
#define COMMON_NAME       "\x55\x04\x03"
/* emailAddress of PKCS#9 (RFC 5280 4.1.2.6). */
#define EMAIL_ADDRESS "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"

static bool add(struct subject_names *names, struct subject_name name)
{
    struct subject_name *grown =
        array_grow(names->list, &names->capacity, names->count + 1, sizeof *grown);

    if (grown == NULL) {
        return false;
    }
    names->list = grown;
    grown[names->count++] = name;
    return true;
}

static bool has_zero(struct pki_slice text)
{
    return text.length > 0 && memchr(text.data, 0, text.length) != NULL;
}

/* ---- subjectAltName --------------------------------------------------------------------- */

/* An e-mail address in an otherName is subject to e-mail constraints (RFC 9598 6). Others stay what they are. */
static struct subject_name read_other_name(struct subject_name name)
{
    struct reader fields = reader_new(name.content.data, name.content.length);
    struct reader value;
    struct der text;

    if (!slice_is(der_value(&fields, DER_OID).content, SMTP_UTF8_MAILBOX)) {
        return name;
    }
    value = der_enter(&fields, DER_CONTEXT_SET(0));
    text = der_any(&value);
    name.kind = NAME_EMAIL;
    name.international = true;
    name.misspelt = text.tag != DER_UTF8_STRING || !der_done(&value) || !der_done(&fields) ||
                    !text_is_utf8(text.content.data, text.content.length) || has_zero(text.content);
    name.content = text.content;
    return name;
}

static bool add_alt_names(struct subject_names *out, const struct x509 *x)
{
    struct reader names = reader_new(x->subject_alt_name.data, x->subject_alt_name.length);

    while (reader_left(&names) > 0) {
        struct der value = der_any(&names);
        struct subject_name name = {.kind = (enum general_name_kind)(value.tag & 0x1f),
                                    .content = value.content,
                                    .whole = value.whole};
        switch (name.kind) {
        case NAME_OTHER:
            name = read_other_name(name);
            break;
        case NAME_DNS:
        case NAME_EMAIL:
        case NAME_URI:
            name.misspelt = has_zero(name.content);
            break;
        default:
            break;
        }
        if (!add(out, name)) {
            return false;
        }
        out->total++;
    }
    return true;
}

/* ---- subject ---------------------------------------------------------------------------- */

/*
 * Could a client take this for a host name? Two labels or more of letters, digits, hyphens and underscores, without
 * an empty one or a hyphen at an edge: what OpenSSL sees as one, so that a verdict here is one there. But not "192.0.2.1",
 * which OpenSSL holds against constraints on DNS names: a client that looked at it at all would take it for an address.
 */
static bool looks_like_host(struct pki_slice text)
{
    bool dotted = false;

    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || c == '_') {
            continue;
        }
        if (i == 0 || i + 1 == text.length) {
            return false;
        }
        if (c == '.' && text.data[i + 1] != '.' && text.data[i - 1] != '-' &&
            text.data[i + 1] != '-') {
            dotted = true;
        } else if (c != '-') {
            return false;
        }
    }
    return dotted && !host_ends_in_number((const char *)text.data, text.length);
}

/* The text of a common name: converted behind what is in `names->text` already, which has room for all. */
static bool common_name_text(struct subject_names *names, const struct der *value,
                             struct pki_slice *text)
{
    size_t start = names->text.length;

    if (!wire_der_string(&names->text, value->tag, value->content.data, value->content.length)) {
        return false;
    }
    *text = (struct pki_slice){names->text.data + start, names->text.length - start};
    while (text->length > 0 && text->data[text->length - 1] == 0) {
        text->length--; /* harmless at the end, and some certificates have them there */
    }
    return true;
}

static bool add_common_name(struct subject_names *out, const struct der *value)
{
    struct subject_name name = {.kind = NAME_DNS, .whole = value->whole};

    name.misspelt = !common_name_text(out, value, &name.content) || has_zero(name.content);
    if (out->text.failed) {
        return false;
    }
    return (!name.misspelt && !looks_like_host(name.content)) || add(out, name);
}

static bool add_email_address(struct subject_names *out, const struct der *value)
{
    return add(out, (struct subject_name){.kind = NAME_EMAIL,
                                          .misspelt = value->tag != DER_IA5_STRING ||
                                                      has_zero(value->content),
                                          .content = value->content,
                                          .whole = value->whole});
}

/* An empty subject is no name (RFC 5280 6.1.3 (b)). */
static bool add_subject(struct subject_names *out, const struct x509 *x, bool with_common_names)
{
    struct name_walk walk = name_walk_new(x->subject);
    struct name_part part;

    /* No string of a Name has more bytes in UTF-8 than twice those it had: no slice moves. */
    if (reader_left(&walk.rdns) == 0) {
        return true;
    }
    if (!buffer_reserve(&out->text, 2 * x->subject.length) ||
        !add(out, (struct subject_name){
                      .kind = NAME_DIRECTORY, .content = x->subject, .whole = x->subject})) {
        return false;
    }
    while (name_walk_next(&walk, &part)) {
        out->total++;
        if (slice_is(part.type, EMAIL_ADDRESS) && !add_email_address(out, &part.value)) {
            return false;
        }
        if (with_common_names && slice_is(part.type, COMMON_NAME) &&
            !add_common_name(out, &part.value)) {
            return false;
        }
    }
    return true;
}

bool subject_names_read(struct subject_names *out, const struct x509 *certificate,
                        bool with_common_names)
{
    with_common_names = with_common_names && !x509_has_name(certificate, NAME_DNS);
    *out = (struct subject_names){0};
    return add_subject(out, certificate, with_common_names) && add_alt_names(out, certificate);
}

void subject_names_free(struct subject_names *names)
{
    free(names->list);
    buffer_free(&names->text);
    *names = (struct subject_names){0};
}

/* ---- as text ---------------------------------------------------------------------------- */

/* Longer ones are cut: a name may have 64 kB, a sentence may not. */
#define SHOWN_MAX 200

bool address_append(struct buffer *out, struct pki_slice address)
{
    char shown[INET6_ADDRSTRLEN];
    int family = address.length == 4 ? AF_INET : AF_INET6;

    if ((address.length != 4 && address.length != 16) ||
        inet_ntop(family, address.data, shown, sizeof shown) == NULL) {
        return false;
    }
    buffer_text(out, shown);
    return true;
}

void general_name_append(struct buffer *out, enum general_name_kind kind, struct pki_slice content)
{
    static const char *const prefixes[] = {
        [NAME_OTHER] = "an otherName",
        [NAME_EMAIL] = "email:",
        [NAME_DNS] = "DNS:",
        [NAME_X400] = "an x400Address",
        [NAME_DIRECTORY] = "",
        [NAME_EDI] = "an ediPartyName",
        [NAME_URI] = "URI:",
        [NAME_IP] = "IP:",
        [NAME_REGISTERED_ID] = "a registeredID",
    };
    char shown[SHOWN_MAX];
    struct buffer text = {0};

    buffer_text(out, prefixes[kind]);
    switch (kind) {
    case NAME_EMAIL:
    case NAME_DNS:
    case NAME_URI:
        buffer_text(out, text_safe(shown, sizeof shown, content.data, content.length));
        break;
    case NAME_IP:
        if (!address_append(out, content)) {
            buffer_text(out, text_hex(shown, sizeof shown, content.data, content.length));
        }
        break;
    case NAME_DIRECTORY:
        name_append_text(&text, content);
        buffer_text(out, text_safe(shown, sizeof shown, text.data, text.length));
        break;
    default:
        break; /* their kind is enough */
    }
    out->failed |= text.failed;
    buffer_free(&text);
}

/* A name in the subject stands there as a Name or as a string, others as a GeneralName. */
void subject_name_append(struct buffer *out, enum general_name_kind kind, struct pki_slice whole)
{
    struct reader reader = reader_new(whole.data, whole.length);
    struct der value = der_any(&reader);
    struct buffer text = {0};
    char shown[SHOWN_MAX];

    if ((value.tag & 0xc0) == 0x80) {
        struct subject_name name = {.kind = kind, .content = value.content};
        if (value.tag == DER_CONTEXT_SET(NAME_OTHER)) {
            name.kind = NAME_OTHER;
            name = read_other_name(name);
        }
        general_name_append(out, name.kind, name.content);
    } else if (kind == NAME_DIRECTORY) {
        general_name_append(out, kind, whole);
    } else {
        (void)wire_der_string(&text, value.tag, value.content.data, value.content.length);
        buffer_text(out, kind == NAME_EMAIL ? "emailAddress=" : "CN=");
        buffer_text(out, text_safe(shown, sizeof shown, text.data, text.length));
    }
    out->failed |= text.failed;
    buffer_free(&text);
}
