/* Certificates in a few words, as lists and trees have room for. */
#include <string.h>

#include "tlstep/report.h"

char *report_short_name(char *out, size_t size, const char *name)
{
    for (const char *at = name; *at != '\0'; at += strspn(at, ",")) {
        if (strncmp(at, "CN=", 3) == 0) {
            return text_safe(out, size, at + 3, strcspn(at + 3, ",+"));
        }
        at += strcspn(at, ",");
    }
    return text_safe(out, size, name, strlen(name));
}

char *report_short_key(char *out, size_t size, const struct pki_certificate *certificate)
{
    if (certificate->key_curve != NULL) {
        (void)snprintf(out, size, "%s %s", certificate->key_type, certificate->key_curve);
    } else {
        (void)snprintf(out, size, "%s %u", certificate->key_type, certificate->key_bits);
    }
    return out;
}
