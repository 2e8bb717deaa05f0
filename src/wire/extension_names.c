/* Extensions that say whom and what the client wants: server_name, ALPN. */
#include "extension.h"

/* ---- server_name, RFC 6066 3 ------------------------------------------------------------- */

#define SNI "extension.server_name"

static const struct schema host_name[] = {TEXT_VECTOR(SNI, "host_name", 2), END};
static const struct schema other_name[] = {VECTOR(SNI, "other_name", 2), END};
static const struct schema *const names[] = {host_name, other_name, NULL};

/* `rest` starts behind name_type: the byte before it decides. */
static size_t choose_name(const struct dissection *dissection, struct reader rest)
{
    (void)dissection; /* the version does not matter */
    return rest.data[rest.offset - 1] == 0 ? 0 : 1;
}

static const struct schema server_name[] = {
    NAMED(SNI, "name_type", 1, NAME_TYPE),
    CHOICE(choose_name, names),
    END,
};
static const struct schema server_name_entry[] = {STRUCT(SNI, "entry", server_name), END};

/* The server answers with an empty one. */
const struct schema extension_server_name[] = {
    OPTIONAL_LIST(SNI, "server_name_list", 2, server_name_entry),
    END,
};

/* ---- application_layer_protocol_negotiation, RFC 7301 3.1 --------------------------------- */

#define ALPN "extension.alpn"

static const struct schema protocol[] = {TEXT_VECTOR(ALPN, "protocol", 1), END};

const struct schema extension_alpn[] = {
    LIST(ALPN, "protocol_name_list", 2, protocol),
    END,
};
