/* The common name of a server's certificate repeats one of its subjectAltNames (CA/Browser Forum 7.1.4.3). */
#include <arpa/inet.h>

#include "lint.h"

#define COMMON_NAME "\x55\x04\x03"

/* Nobody has more; a hostile certificate with thousands of both is not compared each with each. */
#define COMMON_NAMES_COMPARED 4

/* The common name with this number as UTF-8. False when there are fewer, or it is no character string. */
static bool common_name(const struct lint *lint, size_t number, struct buffer *out)
{
    struct name_walk walk = name_walk_new(lint->x.subject);
    struct name_part part;

    while (name_walk_next(&walk, &part)) {
        if (slice_is(part.type, COMMON_NAME) && number-- == 0) {
            return wire_der_string(out, part.value.tag, part.value.content.data,
                                   part.value.content.length);
        }
    }
    return false;
}

/* Character for character: a dNSName, or an address in its usual text form (RFC 5952). */
static bool is_name(struct pki_slice text, const struct general_name *name)
{
    char address[INET6_ADDRSTRLEN];

    if (name->kind == NAME_DNS) {
        return slice_equal(text, name->content);
    }
    if (name->kind != NAME_IP || (name->content.length != 4 && name->content.length != 16) ||
        inet_ntop(name->content.length == 4 ? AF_INET : AF_INET6, name->content.data, address,
                  sizeof address) == NULL) {
        return false;
    }
    return slice_equal(text, slice_of_text(address));
}

static bool is_in_names(const struct lint *lint, struct pki_slice text)
{
    struct reader names =
        reader_new(lint->x.subject_alt_name.data, lint->x.subject_alt_name.length);
    struct general_name name;

    while (general_name_next(&names, &name)) {
        if (is_name(text, &name)) {
            return true;
        }
    }
    return false;
}

/* Could somebody take it for a host: a name with dots, an address in any form? "Web server 3" could not. */
static bool looks_like_host(struct pki_slice text)
{
    bool hexadecimal =
        text.length > 2 && text.data[0] == '0' && (text.data[1] == 'x' || text.data[1] == 'X');
    bool dots = false;

    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        if (c <= ' ' || c == '@' || c == '/' || c == ',') {
            return false;
        }
        dots |= c == '.' || c == ':';
    }
    return dots || hexadecimal;
}

static bool one_outside(const struct lint *lint, bool hosts, struct buffer *found)
{
    struct buffer text = {0};
    bool outside = false;

    for (size_t i = 0; i < COMMON_NAMES_COMPARED && !outside; i++) {
        struct pki_slice name;
        text.length = 0;
        if (!common_name(lint, i, &text)) {
            break;
        }
        name = (struct pki_slice){text.data, text.length};
        outside = looks_like_host(name) == hosts && !is_in_names(lint, name);
    }
    if (outside) {
        buffer_text(found, "the common name ");
        lint_quote(found, (struct pki_slice){text.data, text.length});
        buffer_text(found, " is none of the subjectAltNames");
    }
    found->failed |= text.failed;
    buffer_free(&text);
    return outside;
}

static bool host_outside(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    return one_outside(lint, true, found);
}

static bool other_outside(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    return one_outside(lint, false, found);
}

static bool several(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    struct name_walk walk = name_walk_new(lint->x.subject);
    struct name_part part;
    size_t count = 0;

    (void)row;
    while (name_walk_next(&walk, &part)) {
        count += slice_is(part.type, COMMON_NAME);
    }
    if (count > 1) {
        buffer_printf(found, "the subject has %zu common names", count);
    }
    return count > 1;
}

#define SUBJECT .field = "subject.commonName", .extension = X509_EXTENSION_COUNT

static const struct lint_row rows[] = {
    {"cn_not_in_san", BR("7.1.4.3"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER, host_outside, SUBJECT,
     "a common name that is a host is one of the subjectAltNames, character for character"},
    {"cn_no_host", BR("7.1.4.3"), PKI_LINT_SHOULD, LINT_LEAF | LINT_SERVER, other_outside, SUBJECT,
     "the common name, if there is one, is a host out of subjectAltName"},
    {"cn_several", BR("7.1.4.2"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER, several, SUBJECT,
     "the subject has at most one common name"},
};
const struct lint_table lint_common_names = LINT_TABLE(rows);
