/* Finished, NewSessionTicket, KeyUpdate, NextProtocol: RFC 8446 4.4.4, 4.6.1, 4.6.3, RFC 5246
 * 7.4.9, RFC 5077 3.3, draft-agl-tls-nextprotoneg-04. */
#include "message.h"

const struct schema message_finished[] = {REST("handshake.finished", "verify_data"), END};

#define TICKET "handshake.new_session_ticket"

static const struct schema ticket13[] = {
    NUMBER(TICKET, "ticket_lifetime", 4),
    NUMBER(TICKET, "ticket_age_add", 4),
    VECTOR(TICKET, "ticket_nonce", 1),
    VECTOR(TICKET, "ticket", 2),
    EXTENSIONS(TICKET),
    END,
};
static const struct schema ticket12[] = {
    NUMBER(TICKET, "ticket_lifetime_hint", 4),
    VECTOR(TICKET, "ticket", 2),
    END,
};
static const struct schema *const tickets[] = {ticket13, ticket12, NULL};

static size_t choose_ticket(const struct dissection *dissection, struct reader rest)
{
    (void)rest; /* the version decides */
    return message_is_tls13(dissection) ? 0 : 1;
}

const struct schema message_new_session_ticket[] = {CHOICE(choose_ticket, tickets), END};

const struct schema message_key_update[] = {
    NAMED("handshake.key_update", "request_update", 1, KEY_UPDATE),
    END,
};

const struct schema message_next_protocol[] = {
    TEXT_VECTOR("handshake.next_protocol", "selected_protocol", 1),
    VECTOR("handshake.next_protocol", "padding", 1),
    END,
};
