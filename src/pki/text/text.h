/*
 * A certificate as `openssl x509 -text -noout` of OpenSSL 3.0 writes it, for people who know that text by heart. Where the
 * two differ, and why, stands in tests/pki/test_certificate_text.c. All that comes out of the certificate passes text_safe_append() or
 * is written as ASCII, so the text may go to a terminal.
 */
#ifndef PKI_TEXT_H
#define PKI_TEXT_H

#include "../x509.h"

/* Where lines begin. */
#define TEXT_FIELD     8
#define TEXT_EXTENSION 12
#define TEXT_VALUE     16

void show_indent(struct buffer *out, unsigned indent);
/* Bytes of a certificate as they are where that is safe. */
void show_safe(struct buffer *out, struct pki_slice bytes);
/* Lines of bytes, "0a:1b:…", each of `width` bytes after `indent` spaces and, but for the last, with a colon at its end. */
void show_bytes(struct buffer *out, struct pki_slice bytes, unsigned indent, size_t width);
/* "0A1B". */
void show_hex(struct buffer *out, struct pki_slice bytes);
/* "0A:1B", of an identifier; and of an INTEGER's content, whose sign OpenSSL leaves out there. */
void show_pairs(struct buffer *out, struct pki_slice bytes);
void show_integer_pairs(struct buffer *out, struct pki_slice content);
/* An INTEGER's content: decimal up to 127 bits, else "0x1F…". */
void show_integer(struct buffer *out, struct pki_slice content);
/* An INTEGER's content as hexadecimal digits in pairs, "0100"; of one below zero, with "-". */
void show_integer_hex(struct buffer *out, struct pki_slice content);
/* The names of the bits that are set in a BIT STRING's content, divided by commas; the names end in NULL. How many those are, or -1:
 * malformed. */
int show_bit_names(struct buffer *out, struct pki_slice content, const char *const *names);
/* A number that is not negative under its label: in decimal when it fits in 64 bits, else lines of bytes. */
void show_number(struct buffer *out, unsigned indent, const char *label,
                 struct pki_slice magnitude);
/* A serial number: " 5 (0x5)" when it fits in 64 bits with its sign, else bytes in a line of their own. */
void show_serial(struct buffer *out, struct pki_slice content);
/* "Nov 24 09:31:00 2026 GMT"; with thousandths of a second where there may be some (0 to 999; -1: none). */
void show_time(struct buffer *out, int64_t seconds, int milliseconds);

/* ---- names of objects (objects.c) --------------------------------------------------------------- */

/* An object identifier as OpenSSL calls it: its long name ("TLS Web Server Authentication"), else dotted. */
void show_object(struct buffer *out, struct pki_slice oid);
/* The type of a name's attribute: its short name ("CN"), else dotted. */
void show_attribute(struct buffer *out, struct pki_slice oid);

/* A curve that OpenSSL has. */
struct text_curve {
    const char *oid;
    const char *name; /* "prime256v1" */
    unsigned bits;    /* of its order */
    const char *nist; /* "P-256"; NULL */
};
const struct text_curve *text_curve_find(struct pki_slice oid);

/* ---- names (name.c, general_names.c) ------------------------------------------------------------ */

/* "C = DE, O = \"a, b\" + OU = x", the form that XN_FLAG_ONELINE makes: ASCII only. `rdn` is for the RelativeDistinguishedName
 * of a distribution point: the content of a SET. False: malformed. */
bool show_name(struct buffer *out, struct pki_slice name);
bool show_rdn(struct buffer *out, struct pki_slice rdn);
/* "/C=DE/O=a, b", the form of X509_NAME_oneline(). False: malformed. */
bool show_name_slashes(struct buffer *out, struct pki_slice name);

/* One name in the form of alternative names ("IP Address:192.0.2.1") and in that of lists of names ("DirName:C = DE"). False: malformed,
 * or with a zero byte, for which OpenSSL does not show it. */
bool show_alternative(struct buffer *out, const struct general_name *name);
bool show_listed(struct buffer *out, const struct general_name *name);
void show_address(struct buffer *out, struct pki_slice bytes);

/* ---- parts of the certificate ------------------------------------------------------------------- */

/* SubjectPublicKeyInfo (key.c). */
void show_key(struct buffer *out, const struct x509 *x);
/* An AlgorithmIdentifier and its parameters; the same before a signature (signature.c). */
void show_signature_algorithm(struct buffer *out, struct pki_slice algorithm);
void show_signature(struct buffer *out, struct pki_slice algorithm, struct pki_slice signature);

/* What a value of an extension says: its lines, the last one without its end. False when it is malformed: what was written then is taken back. */
typedef bool show_value(struct buffer *out, struct reader *value);

void show_extensions(struct buffer *out, const struct x509 *x);
/* The functions of extensions.c's table that lie elsewhere: general_names.c, policies.c, distribution.c, timestamps.c. */
show_value show_alternative_names, show_authority_key_id, show_name_constraints, show_access;
show_value show_policies, show_policy_mappings, show_policy_constraints;
show_value show_distribution_points, show_timestamps;

#endif
