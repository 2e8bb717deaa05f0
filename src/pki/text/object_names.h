/* Tables of OpenSSL's names; each ends in a row of NULL. */
#ifndef PKI_TEXT_OBJECT_NAMES_H
#define PKI_TEXT_OBJECT_NAMES_H

#include "text.h"

struct object_name {
    const char *oid;
    const char *name;
};

/* Long names that differ from wire_oid_name(); short ones that differ from wire_attribute_name() and from the long one. */
extern const struct object_name object_long_names[];
extern const struct object_name object_short_names[];
/* Those that wire has a name for and OpenSSL 3.0 has not. */
extern const char *const objects_without_name[];
extern const struct text_curve object_curves[];

#endif
