/* Finished, NewSessionTicket, KeyUpdate, NextProtocol, ChannelID, HelloVerifyRequest: RFC 8446 4.4.4,
 * 4.6.1, 4.6.3, RFC 5246 7.4.9, RFC 5077 3.3, draft-agl-tls-nextprotoneg-04,
 * draft-balfanz-tls-channelid-01, RFC 6347 4.2.1. */
#include "message.h"

const struct schema message_finished[] = {REST("handshake.finished", "verify_data"), END};

#define TICKET "handshake.new_session_ticket"

static const struct schema ticket13[] = {
    NUMBER(TICKET, "ticket_lifetime", 4),
    NUMBER(TICKET, "ticket_age_add", 4),
    VECTOR(TICKET, "ticket_nonce", 1),
    VECTOR_FROM(TICKET, "ticket", 2, 1),
    EXTENSIONS(TICKET),
    END,
};
static const struct schema ticket12[] = {
    NUMBER(TICKET, "ticket_lifetime_hint", 4),
    VECTOR(TICKET, "ticket", 2),
    END,
};
/* Until draft 20 of TLS 1.3, without a nonce. */
static const struct schema draft_ticket[] = {
    NUMBER(TICKET, "ticket_lifetime", 4),
    NUMBER(TICKET, "ticket_age_add", 4),
    VECTOR_FROM(TICKET, "ticket", 2, 1),
    EXTENSIONS(TICKET),
    END,
};
static const struct schema *const tickets[] = {ticket13, ticket12, draft_ticket, NULL};

static size_t choose_ticket(const struct dissection *dissection, struct reader rest)
{
    (void)rest; /* the version decides */
    if (message_draft(dissection->context->version) <= 20) {
        return 2;
    }
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

#define CHANNEL_ID "handshake.channel_id"

const struct schema message_channel_id[] = {
    NAMED(CHANNEL_ID, "extension_type", 2, EXTENSION),
    NUMBER(CHANNEL_ID, "extension_length", 2),
    BYTES(CHANNEL_ID, "x", 32),
    BYTES(CHANNEL_ID, "y", 32),
    BYTES(CHANNEL_ID, "r", 32),
    BYTES(CHANNEL_ID, "s", 32),
    END,
};

#define VERIFY "handshake.hello_verify_request"

const struct schema message_hello_verify_request[] = {
    NAMED(VERIFY, "server_version", 2, VERSION),
    VECTOR(VERIFY, "cookie", 1),
    END,
};
