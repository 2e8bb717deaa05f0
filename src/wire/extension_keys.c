/* Extensions of key exchange: supported_groups, ec_point_formats, key_share. */
#include "extension.h"
#include "public_key.h"

/* ---- supported_groups, RFC 8446 4.2.7, RFC 8422 5.1.1 -------------------------------------- */

#define GROUPS "extension.supported_groups"

static const struct schema named_group[] = {NAMED(GROUPS, "named_group", 2, GROUP), END};

const struct schema extension_supported_groups[] = {
    LIST_FROM(GROUPS, "named_group_list", 2, 2, named_group),
    END,
};

/* ---- ec_point_formats, RFC 8422 5.1.2 ------------------------------------------------------ */

#define FORMATS "extension.ec_point_formats"

static const struct schema point_format[] = {
    NAMED(FORMATS, "ec_point_format", 1, EC_POINT_FORMAT),
    END,
};

const struct schema extension_ec_point_formats[] = {
    LIST_FROM(FORMATS, "ec_point_format_list", 1, 1, point_format),
    END,
};

/* ---- key_share, RFC 8446 4.2.8 ------------------------------------------------------------- */

#define SHARE "extension.key_share"

static const struct schema share[] = {
    NAMED(SHARE ".entry", "group", 2, GROUP),
    PUBLIC_KEY(SHARE ".entry", "key_exchange", 2, public_key_of_group),
    END,
};
static const struct schema share_entry[] = {STRUCT(SHARE, "entry", share), END};
static const struct schema client_shares[] = {LIST(SHARE, "client_shares", 2, share_entry), END};
static const struct schema selected_group[] = {NAMED(SHARE, "selected_group", 2, GROUP), END};
static const struct schema *const shapes[] = {client_shares, selected_group, share_entry, NULL};

static size_t choose_shape(const struct dissection *dissection, struct reader rest)
{
    (void)rest; /* the message decides */
    switch (dissection->message) {
    case WIRE_CLIENT_HELLO:
        return 0;
    case WIRE_HELLO_RETRY_REQUEST:
        return 1;
    default:
        return 2;
    }
}

const struct schema extension_key_share[] = {CHOICE(choose_shape, shapes), END};
