/* Incarnations of TCP connections, their state as far as the list of conversations shows it. */
#include "tracking.h"

#include "datagram.h"

/* The first byte's number may still turn out to be a smaller one in so many packets. */
#define UNSETTLED 32
/* And by so many bytes. */
#define UNSETTLED_BYTES (1024 * 1024)
/* UDP payloads that are looked at to tell the protocol: STUN (RFC 8489) may go before DTLS. */
#define LOOKS 16

/* As Wireshark does it, so that its tcp.stream numbers are ours: a SYN whose sequence number is not the one
 * that this end's numbers are known to begin with. */
bool tracking_is_new(const struct conversation *conversation, enum capture_end from,
                     const struct segment *segment)
{
    return segment->transport == CAPTURE_TCP && (segment->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN &&
           conversation->base_known[from] && conversation->base[from] != segment->seq;
}

static void note_base(struct conversation *conversation, enum capture_end end, uint32_t base)
{
    if (!conversation->base_known[end]) {
        conversation->base_known[end] = true;
        conversation->base[end] = base;
    }
}

static void note_start(struct conversation *conversation, enum capture_end end, uint32_t start)
{
    conversation->start_known[end] = true;
    conversation->start[end] = start;
}

/* Without a SYN the smallest number among the first packets is the start: they may be out of order. A
 * single byte before it is a keep-alive's. */
static void note_data(struct conversation *conversation, enum capture_end from,
                      const struct segment *segment)
{
    if (conversation->syn_seen[from]) {
        return;
    }
    if (!conversation->start_known[from]) {
        note_start(conversation, from, segment->seq);
        return;
    }
    uint32_t before = conversation->start[from] - segment->seq;
    if (conversation->public.packets[from] <= UNSETTLED && segment->length > 1 && before > 0 &&
        before <= UNSETTLED_BYTES) {
        note_start(conversation, from, segment->seq);
    }
}

static void note_syn(struct conversation *conversation, enum capture_end from,
                     const struct segment *segment)
{
    bool answer = segment->flags & TCP_ACK;
    enum capture_end other = 1 - from;

    if (!conversation->syn_seen[from]) {
        conversation->syn_seen[from] = true;
        note_start(conversation, from, segment->seq + 1);
    }
    if (answer && !conversation->start_known[other]) {
        note_start(conversation, other, segment->ack);
    }
    if (conversation->public.opener < 0 || !answer) {
        conversation->public.opener = answer ? (int)other : (int)from;
    }
}

static void update_tcp(struct conversation *conversation, enum capture_end from,
                       const struct segment *segment)
{
    bool syn = segment->flags & TCP_SYN;

    note_base(conversation, from, syn ? segment->seq : segment->seq - 1);
    if (segment->flags & TCP_ACK) {
        note_base(conversation, 1 - from, segment->ack - 1);
    }
    if (segment->flags & TCP_RST) {
        conversation->reset = true;
    } else if (syn) {
        note_syn(conversation, from, segment);
    } else {
        note_data(conversation, from, segment);
    }
    if (segment->flags & TCP_FIN) {
        conversation->fin_seen[from] = true;
    }
    conversation->public.ended =
        conversation->reset || (conversation->fin_seen[0] && conversation->fin_seen[1]);
}

void tracking_update(struct conversation *conversation, enum capture_end from,
                     const struct segment *segment, int64_t time_ns)
{
    struct capture_conversation *public = &conversation->public;

    if (public->packets[0] + public->packets[1] == 0) {
        public->first_ns = time_ns;
    }
    public->last_ns = time_ns;
    public->packets[from]++;
    public->bytes[from] += segment->length;
    if (segment->transport == CAPTURE_TCP) {
        update_tcp(conversation, from, segment);
    } else if (public->protocol == NULL && conversation->looked < LOOKS && segment->length > 0) {
        conversation->looked++;
        public->protocol = datagram_protocol(segment->data, segment->captured);
    }
}
