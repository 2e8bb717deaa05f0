/* The words of checks. */
#include "check.h"

#include <gnutls/gnutls.h>
#include <stdarg.h>
#include <string.h>

void crypt_check_unknown(struct crypt_check *check, const char *format, ...)
{
    va_list arguments;

    *check = (struct crypt_check){.known = false};
    va_start(arguments, format);
    (void)vsnprintf(check->text, sizeof check->text, format, arguments);
    va_end(arguments);
}

void crypt_check_compare(struct crypt_check *check, const struct crypt_known *received)
{
    char hex[2 * CRYPT_HASH_MAX + 1];

    check->known = true;
    check->ok = received->length == check->expected_length &&
                gnutls_memcmp(received->data, check->expected, received->length) == 0;
    if (check->ok) {
        (void)snprintf(check->text, sizeof check->text, "it matches");
        return;
    }
    text_hex(hex, sizeof hex, check->expected, check->expected_length);
    (void)snprintf(check->text, sizeof check->text, "it should be %s", hex);
}
