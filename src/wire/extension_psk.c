/* Extensions of resumption and pre-shared keys. */
#include "extension.h"

/* ---- pre_shared_key, RFC 8446 4.2.11 ------------------------------------------------------- */

#define PSK "extension.pre_shared_key"

static const struct schema identity[] = {
    VECTOR_FROM(PSK, "identity", 2, 1),
    NUMBER(PSK, "obfuscated_ticket_age", 4),
    END,
};
static const struct schema identity_entry[] = {STRUCT(PSK, "identity_entry", identity), END};
static const struct schema binder[] = {VECTOR_FROM(PSK, "binder", 1, 32), END};
static const struct schema offered[] = {
    LIST_FROM(PSK, "identities", 2, 7, identity_entry),
    LIST_FROM(PSK, "binders", 2, 33, binder),
    END,
};
static const struct schema selected[] = {NUMBER(PSK, "selected_identity", 2), END};
static const struct schema *const shapes[] = {offered, selected, NULL};

const struct schema extension_pre_shared_key[] = {CHOICE(extension_choose_sender, shapes), END};

/* ---- psk_key_exchange_modes, RFC 8446 4.2.9 ------------------------------------------------ */

#define MODES "extension.psk_key_exchange_modes"

static const struct schema mode[] = {NAMED(MODES, "ke_mode", 1, PSK_MODE), END};

const struct schema extension_psk_key_exchange_modes[] = {LIST_FROM(MODES, "ke_modes", 1, 1, mode),
                                                          END};

/* ---- early_data, RFC 8446 4.2.10 ----------------------------------------------------------- */

static const struct schema max_early_data[] = {
    NUMBER("extension.early_data", "max_early_data_size", 4),
    END,
};
static const struct schema *const early_data[] = {schema_empty, max_early_data, NULL};

static size_t choose_early_data(const struct dissection *dissection, struct reader rest)
{
    (void)rest; /* the message decides */
    return dissection->message == WIRE_NEW_SESSION_TICKET ? 1 : 0;
}

const struct schema extension_early_data[] = {CHOICE(choose_early_data, early_data), END};

/* Until draft 18 of TLS 1.3, in NewSessionTicket: an extension of its own. */
const struct schema extension_ticket_early_data_info[] = {
    NUMBER("extension.ticket_early_data_info", "max_early_data_size", 4),
    END,
};

/* ---- session_ticket, RFC 5077 3.2 ---------------------------------------------------------- */

const struct schema extension_session_ticket[] = {
    OPTIONAL_REST("extension.session_ticket", "ticket"),
    END,
};

/* ---- ticket_request, RFC 9149 2 ------------------------------------------------------------ */

#define REQUEST "extension.ticket_request"

static const struct schema wanted_tickets[] = {
    NUMBER(REQUEST, "new_session_count", 1),
    NUMBER(REQUEST, "resumption_count", 1),
    END,
};
static const struct schema expected_tickets[] = {NUMBER(REQUEST, "expected_count", 1), END};
static const struct schema *const ticket_counts[] = {wanted_tickets, expected_tickets, NULL};

const struct schema extension_ticket_request[] = {
    CHOICE(extension_choose_sender, ticket_counts),
    END,
};
