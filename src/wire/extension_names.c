/* Extensions that say whom and what the client wants: server_name, ALPN and its relatives, trusted_ca_keys. */
#include "extension.h"

/* ---- server_name, RFC 6066 3 ------------------------------------------------------------- */

#define SNI "extension.server_name"

static const struct schema host_name[] = {TEXT_VECTOR_FROM(SNI, "host_name", 2, 1), END};
static const struct schema other_name[] = {VECTOR_FROM(SNI, "other_name", 2, 1), END};
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
    OPTIONAL_LIST_FROM(SNI, "server_name_list", 2, 1, server_name_entry),
    END,
};

/* ---- application_layer_protocol_negotiation, RFC 7301 3.1 --------------------------------- */

#define ALPN "extension.alpn"

static const struct schema protocol[] = {TEXT_VECTOR_FROM(ALPN, "protocol", 1, 1), END};

const struct schema extension_alpn[] = {
    LIST_FROM(ALPN, "protocol_name_list", 2, 2, protocol),
    END,
};

/* ---- next_protocol_negotiation, draft-agl-tls-nextprotoneg-04 ------------------------------ */

static const struct schema next_protocol[] = {
    TEXT_VECTOR_FROM("extension.next_protocol_negotiation", "protocol", 1, 1),
    END,
};

/* The client asks with an empty one; the server's list has no length of its own. */
const struct schema extension_next_protocol_negotiation[] = {REST_LIST(next_protocol), END};

/* ---- application_settings, draft-vvv-tls-alps-01 4 ----------------------------------------- */

/* Two code points, one shape: the client lists protocols, then both sides send settings. */
#define APPLICATION_SETTINGS(name)                                                                 \
    static const struct schema name##_protocol[] = {                                               \
        TEXT_VECTOR_FROM("extension." #name, "protocol", 1, 1),                                    \
        END,                                                                                       \
    };                                                                                             \
    static const struct schema name##_protocols[] = {                                              \
        LIST_FROM("extension." #name, "supported_protocols", 2, 2, name##_protocol),               \
        END,                                                                                       \
    };                                                                                             \
    static const struct schema name##_settings[] = {                                               \
        OPTIONAL_REST("extension." #name, "settings"),                                             \
        END,                                                                                       \
    };                                                                                             \
    static const struct schema *const name##_shapes[] = {name##_protocols, name##_settings, NULL}; \
    const struct schema extension_##name[] = {                                                     \
        CHOICE(extension_choose_sender, name##_shapes),                                            \
        END,                                                                                       \
    }

APPLICATION_SETTINGS(application_settings);
APPLICATION_SETTINGS(application_settings_old);

/* ---- srp, RFC 5054 2.8 --------------------------------------------------------------------- */

const struct schema extension_srp[] = {TEXT_VECTOR_FROM("extension.srp", "srp_i", 1, 1), END};

/* ---- dnssec_chain, RFC 9102 2 -------------------------------------------------------------- */

#define DNSSEC "extension.dnssec_chain"

static const struct schema dnssec_request[] = {NUMBER(DNSSEC, "port_number", 2), END};
static const struct schema dnssec_answer[] = {
    NUMBER(DNSSEC, "support_lifetime", 2),
    OPTIONAL_REST(DNSSEC, "authentication_chain"),
    END,
};
static const struct schema *const dnssec_shapes[] = {dnssec_request, dnssec_answer, NULL};

const struct schema extension_dnssec_chain[] = {CHOICE(extension_choose_sender, dnssec_shapes),
                                                END};
