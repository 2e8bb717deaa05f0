/* Objects as OpenSSL calls them. */
#include <string.h>

#include "object_names.h"

/* An object identifier that needs more is as long as a certificate: wire_oid_text() cuts it. */
#define OID_TEXT 300

static const char *find(const struct object_name *names, const char *oid)
{
    for (size_t i = 0; names[i].oid != NULL; i++) {
        if (strcmp(names[i].oid, oid) == 0) {
            return names[i].name;
        }
    }
    return NULL;
}

static bool is_nameless(const char *oid)
{
    for (size_t i = 0; objects_without_name[i] != NULL; i++) {
        if (strcmp(objects_without_name[i], oid) == 0) {
            return true;
        }
    }
    return false;
}

/* The long name, or `dotted` itself. */
static const char *long_name(struct pki_slice oid, const char *dotted)
{
    const char *name = find(object_long_names, dotted);

    if (name == NULL && !is_nameless(dotted)) {
        name = wire_oid_name(oid.data, oid.length);
    }
    return name == NULL ? dotted : name;
}

void show_object(struct buffer *out, struct pki_slice oid)
{
    char dotted[OID_TEXT];

    (void)wire_oid_text(dotted, sizeof dotted, oid.data, oid.length);
    buffer_text(out, long_name(oid, dotted));
}

void show_attribute(struct buffer *out, struct pki_slice oid)
{
    char dotted[OID_TEXT];
    const char *name;

    (void)wire_oid_text(dotted, sizeof dotted, oid.data, oid.length);
    name = find(object_short_names, dotted);
    if (name == NULL) {
        name = wire_attribute_name(oid.data, oid.length);
    }
    buffer_text(out, name == NULL ? long_name(oid, dotted) : name);
}

const struct text_curve *text_curve_find(struct pki_slice oid)
{
    char dotted[OID_TEXT];

    (void)wire_oid_text(dotted, sizeof dotted, oid.data, oid.length);
    for (size_t i = 0; object_curves[i].oid != NULL; i++) {
        if (strcmp(object_curves[i].oid, dotted) == 0) {
            return &object_curves[i];
        }
    }
    return NULL;
}
