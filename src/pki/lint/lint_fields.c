/* Version, serial number, unique identifiers, validity and size (RFC 5280 4.1.2). */
#include <inttypes.h>

#include "../words.h"
#include "lint.h"

#define DAY 86400

/* ---- version, serial number ------------------------------------------------------------ */

static bool not_version_3(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (lint->x.version == 3) {
        return false;
    }
    buffer_printf(found, "the version is %u", lint->x.version);
    return true;
}

static bool extensions_too_early(const struct lint *lint, const struct lint_row *row,
                                 struct buffer *found)
{
    (void)row;
    if (lint->x.version == 3 || lint->x.extensions.data == NULL) {
        return false;
    }
    buffer_printf(found, "there are extensions in a certificate of version %u", lint->x.version);
    return true;
}

static bool has_unique_ids(const struct lint *lint, const struct lint_row *row,
                           struct buffer *found)
{
    (void)row;
    if (!lint->x.has_issuer_id && !lint->x.has_subject_id) {
        return false;
    }
    buffer_printf(found, "there is a %s",
                  lint->x.has_issuer_id ? "issuerUniqueID" : "subjectUniqueID");
    return true;
}

static bool unique_ids_too_early(const struct lint *lint, const struct lint_row *row,
                                 struct buffer *found)
{
    return lint->x.version == 1 && has_unique_ids(lint, row, found);
}

static bool serial_negative(const struct lint *lint, const struct lint_row *row,
                            struct buffer *found)
{
    (void)row;
    if ((lint->x.serial.data[0] & 0x80) == 0) {
        return false;
    }
    buffer_text(found, "the serial number is negative");
    return true;
}

static bool serial_zero(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (der_integer_bits(lint->x.serial) != 0) {
        return false;
    }
    buffer_text(found, "the serial number is zero");
    return true;
}

/* As encoded: a zero octet in front of a number whose first bit is set counts. */
static bool serial_long(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (lint->x.serial.length <= 20) {
        return false;
    }
    buffer_printf(found, "the serial number has %zu octets", lint->x.serial.length);
    return true;
}

/* 64 random bits give fewer than 57 significant ones in one certificate of 256. */
static bool serial_short(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    unsigned bits = der_integer_bits(lint->x.serial);

    (void)row;
    if (bits > 56 || (lint->x.serial.data[0] & 0x80) != 0) {
        return false;
    }
    buffer_printf(found, "the serial number has %u bits", bits);
    return true;
}

/* ---- validity (4.1.2.5) ---------------------------------------------------------------- */

/* UTCTime cannot hold a year from 2050 on, so only the other way round can be wrong. */
static bool generalized_too_early(const struct lint *lint, const struct lint_row *row,
                                  struct buffer *found)
{
    const uint8_t *start = lint->x.issuer.data + lint->x.issuer.length;
    struct reader between = reader_new(start, (size_t)(lint->x.subject.data - start));
    struct reader validity = der_enter(&between, DER_SEQUENCE);

    (void)row;
    while (reader_left(&validity) > 0) {
        struct der time = der_any(&validity);
        if (time.tag == DER_GENERALIZED_TIME && time.content.length > 4 &&
            (time.content.data[0] < '2' ||
             (time.content.data[0] == '2' && time.content.data[1] == '0' &&
              time.content.data[2] < '5'))) {
            buffer_text(found, "the time ");
            lint_quote(found, time.content);
            buffer_text(found, " is a GeneralizedTime");
            return true;
        }
    }
    return false;
}

static bool ends_before_start(const struct lint *lint, const struct lint_row *row,
                              struct buffer *found)
{
    (void)row;
    if (lint->x.not_after >= lint->x.not_before) {
        return false;
    }
    buffer_text(found, "it is valid from ");
    words_date(found, lint->x.not_before);
    buffer_text(found, " until ");
    words_date(found, lint->x.not_after);
    return true;
}

/* The longest validity by the day of issuing (6.3.2), the newest first. */
static const struct {
    int64_t from;
    int days;
} longest[] = {
    {1868227200 /* 2029-03-15 */, 47},  {1805068800 /* 2027-03-15 */, 100},
    {1773532800 /* 2026-03-15 */, 200}, {1598918400 /* 2020-09-01 */, 398},
    {1519862400 /* 2018-03-01 */, 825},
};

/* Both ends are part of it, and a begun day counts. */
static bool valid_too_long(const struct lint *lint, const struct lint_row *row,
                           struct buffer *found)
{
    int64_t days = (lint->x.not_after - lint->x.not_before + DAY) / DAY;

    (void)row;
    for (size_t i = 0; i < sizeof longest / sizeof longest[0]; i++) {
        if (lint->x.not_before < longest[i].from) {
            continue;
        }
        if (days <= longest[i].days) {
            return false;
        }
        buffer_printf(found, "it is valid for %" PRId64 " days, %d are allowed to one issued then",
                      days, longest[i].days);
        return true;
    }
    return false;
}

#define NO_EXPIRY 253402300799 /* 9999-12-31T23:59:59Z */

static bool never_expires(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (lint->x.not_after != NO_EXPIRY) {
        return false;
    }
    buffer_text(found, "notAfter is 9999-12-31: it never expires");
    return true;
}

static bool expires_soon(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    int64_t left = lint->x.not_after - lint->at;

    (void)row;
    if (left < 0 || left >= (int64_t)30 * DAY) {
        return false;
    }
    buffer_text(found, "it expires in ");
    words_span(found, left);
    return true;
}

static bool outlives_issuer(const struct lint *lint, const struct lint_row *row,
                            struct buffer *found)
{
    (void)row;
    if (!lint->has_issuer || lint->x.not_after <= lint->issuer.not_after) {
        return false;
    }
    buffer_text(found, "its issuer expires before it, on ");
    words_date(found, lint->issuer.not_after);
    return true;
}

/* ---- size ------------------------------------------------------------------------------ */

#define LARGE 16384

static bool is_large(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (lint->x.der.length <= LARGE) {
        return false;
    }
    buffer_printf(found, "the certificate has %zu bytes", lint->x.der.length);
    return true;
}

/* ---- rows ------------------------------------------------------------------------------ */

#define SERIAL   .field = "serialNumber", .extension = X509_EXTENSION_COUNT
#define VALIDITY .field = "validity", .extension = X509_EXTENSION_COUNT
#define UNIQUE   .field = "unique identifiers", .extension = X509_EXTENSION_COUNT

static const struct lint_row rows[] = {
    {"version_not_3", BR("7.1.1"), PKI_LINT_MUST, LINT_ANY, not_version_3, .field = "version",
     .extension = X509_EXTENSION_COUNT, "the version is 3"},
    {"extensions_without_version_3", RFC5280("4.1.2.9"), PKI_LINT_MUST, LINT_ANY,
     extensions_too_early, .field = "version", .extension = X509_EXTENSION_COUNT,
     "extensions are present in certificates of version 3 only"},
    {"unique_ids_in_version_1", RFC5280("4.1.2.8"), PKI_LINT_MUST, LINT_ANY, unique_ids_too_early,
     UNIQUE, "unique identifiers are absent in certificates of version 1"},
    {"unique_ids", RFC5280("4.1.2.8"), PKI_LINT_MUST, LINT_ANY, has_unique_ids, UNIQUE,
     "there are no unique identifiers"},
    {"serial_negative", RFC5280("4.1.2.2"), PKI_LINT_MUST, LINT_ANY, serial_negative, SERIAL,
     "the serial number is positive"},
    {"serial_zero", RFC5280("4.1.2.2"), PKI_LINT_MUST, LINT_ANY, serial_zero, SERIAL,
     "the serial number is not zero"},
    {"serial_long", RFC5280("4.1.2.2"), PKI_LINT_MUST, LINT_ANY, serial_long, SERIAL,
     "the serial number has at most 20 octets"},
    {"serial_short", BR("7.1.2.7"), PKI_LINT_SHOULD, LINT_SIGNED, serial_short, SERIAL,
     "the serial number holds at least 64 random bits"},
    {"time_encoding", RFC5280("4.1.2.5"), PKI_LINT_MUST, LINT_ANY, generalized_too_early, VALIDITY,
     "times through the year 2049 are UTCTime, later ones GeneralizedTime"},
    {"validity_reversed", RFC5280("4.1.2.5"), PKI_LINT_MUST, LINT_ANY, ends_before_start, VALIDITY,
     "notAfter is not before notBefore"},
    {"validity_too_long", BR("6.3.2"), PKI_LINT_SHOULD, LINT_LEAF | LINT_SERVER, valid_too_long,
     VALIDITY,
     "a server's certificate is valid for at most 398 days (200 if issued from 2026-03-15, 100 "
     "from 2027-03-15, 47 from 2029-03-15)"},
    {"never_expires", RFC5280("4.1.2.5"), PKI_LINT_NOTE, LINT_ANY, never_expires, VALIDITY,
     "a certificate has an expiry date"},
    {"expires_soon", RFC5280("4.1.2.5"), PKI_LINT_NOTE, LINT_ANY, expires_soon, VALIDITY,
     "a certificate is renewed 30 days before it expires"},
    {"outlives_issuer", RFC5280("4.1.2.5"), PKI_LINT_NOTE, LINT_SIGNED, outlives_issuer, VALIDITY,
     "a certificate expires before its issuer's does"},
    {"large", "RFC 8879 1", PKI_LINT_NOTE, LINT_ANY, is_large, .field = "certificate",
     .extension = X509_EXTENSION_COUNT, "a certificate fits into one TLS record of 16 384 bytes"},
};
const struct lint_table lint_fields = LINT_TABLE(rows);
