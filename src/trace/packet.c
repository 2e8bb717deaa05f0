/* TCP packets made from a stream. RFC 791, RFC 8200, RFC 9293. */
#include "packet.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define IPV4_HEADER  20
#define IPV6_HEADER  40
#define TCP_HEADER   20
#define PROTOCOL_TCP 6
#define HOP_LIMIT    64
#define WINDOW       65535
/* Window scale, RFC 7323 2.2: so that no reader takes the window for full. */
#define WINDOW_SHIFT 14

/* What a packet carries at least and at most: an IPv4 packet has at most 65535 bytes. */
#define SEGMENT_MIN     536
#define SEGMENT_MAX     65000
#define SEGMENT_DEFAULT 1448

/* ---- addresses --------------------------------------------------------------------------------- */

/* "192.0.2.1:50000" or "[2001:db8::1]:50000". Returns the address family, or 0. */
static int read_end(struct packet_end *end, const char *text)
{
    char host[80];
    const char *colon = strrchr(text, ':');
    size_t length = colon != NULL ? (size_t)(colon - text) : 0;
    char *after;

    if (length == 0 || length >= sizeof host) {
        return 0;
    }
    memcpy(host, text, length);
    host[length] = '\0';
    unsigned long port = strtoul(colon + 1, &after, 10);
    if (*after != '\0' || after == colon + 1 || port > UINT16_MAX) {
        return 0;
    }
    end->port = (uint16_t)port;
    if (inet_pton(AF_INET, host, end->address) == 1) {
        return AF_INET;
    }
    host[strcspn(host, "%]")] = '\0'; /* without a scope, RFC 4007 11 */
    return host[0] == '[' && inet_pton(AF_INET6, host + 1, end->address) == 1 ? AF_INET6 : 0;
}

static void use_documentation_addresses(struct packet_flow *flow, uint16_t server_port)
{
    static const uint8_t client[] = {192, 0, 2, 1};
    static const uint8_t server[] = {192, 0, 2, 2};

    memcpy(flow->ends[WIRE_CLIENT].address, client, sizeof client);
    memcpy(flow->ends[WIRE_SERVER].address, server, sizeof server);
    flow->ends[WIRE_CLIENT].port = 50000;
    flow->ends[WIRE_SERVER].port = server_port;
}

void packet_flow_init(struct packet_flow *flow, const struct trace_connection *connection,
                      uint16_t server_port)
{
    int client = 0;
    int server = 0;

    *flow = (struct packet_flow){.segment = SEGMENT_DEFAULT, .identification = 1};
    if (connection != NULL) {
        client = read_end(&flow->ends[WIRE_CLIENT], connection->local);
        server = read_end(&flow->ends[WIRE_SERVER], connection->peer);
        if (connection->mss > 0) {
            flow->segment = (size_t)connection->mss;
        }
    }
    if (client == 0 || client != server) {
        use_documentation_addresses(flow, server_port);
    } else {
        flow->ipv6 = client == AF_INET6;
    }
    flow->segment = flow->segment < SEGMENT_MIN ? SEGMENT_MIN : flow->segment;
    flow->segment = flow->segment > SEGMENT_MAX ? SEGMENT_MAX : flow->segment;
}

/* ---- headers ----------------------------------------------------------------------------------- */

/* Adds 16-bit words to a one's complement sum (RFC 1071). */
static uint32_t sum_words(uint32_t sum, const uint8_t *data, size_t length)
{
    for (size_t i = 0; i + 1 < length; i += 2) {
        sum += (uint32_t)data[i] << 8 | data[i + 1];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    if (length % 2 == 1) {
        sum += (uint32_t)data[length - 1] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

static void store_checksum(uint8_t *at, uint32_t sum)
{
    uint16_t checksum = (uint16_t)~sum;
    at[0] = (uint8_t)(checksum >> 8);
    at[1] = (uint8_t)checksum;
}

static void ipv4_header(struct packet_flow *flow, const struct packet_end *source,
                        const struct packet_end *destination, size_t length, struct buffer *out)
{
    size_t start = out->length;

    buffer_u8(out, 0x45);
    buffer_u8(out, 0);
    buffer_u16(out, (uint16_t)(IPV4_HEADER + length));
    buffer_u16(out, flow->identification++);
    buffer_u16(out, 0x4000); /* don't fragment */
    buffer_u8(out, HOP_LIMIT);
    buffer_u8(out, PROTOCOL_TCP);
    buffer_u16(out, 0);
    buffer_append(out, source->address, 4);
    buffer_append(out, destination->address, 4);
    if (!out->failed) {
        store_checksum(out->data + start + 10, sum_words(0, out->data + start, IPV4_HEADER));
    }
}

static void ipv6_header(const struct packet_end *source, const struct packet_end *destination,
                        size_t length, struct buffer *out)
{
    buffer_u32(out, 0x60000000);
    buffer_u16(out, (uint16_t)length);
    buffer_u8(out, PROTOCOL_TCP);
    buffer_u8(out, HOP_LIMIT);
    buffer_append(out, source->address, 16);
    buffer_append(out, destination->address, 16);
}

/* Options of a SYN: maximum segment size, no operation, window scale. */
static void syn_options(const struct packet_flow *flow, struct buffer *out)
{
    buffer_u8(out, 2);
    buffer_u8(out, 4);
    buffer_u16(out, (uint16_t)flow->segment);
    buffer_u8(out, 1);
    buffer_u8(out, 3);
    buffer_u8(out, 3);
    buffer_u8(out, WINDOW_SHIFT);
}

static void tcp_header(const struct packet_end *source, const struct packet_end *destination,
                       unsigned flags, size_t header, struct buffer *out)
{
    buffer_u16(out, source->port);
    buffer_u16(out, destination->port);
    buffer_u32(out, source->next);
    buffer_u32(out, (flags & PACKET_ACK) != 0 ? destination->next : 0);
    buffer_u8(out, (uint8_t)(header / 4 << 4));
    buffer_u8(out, (uint8_t)flags);
    buffer_u16(out, WINDOW);
    buffer_u16(out, 0);
    buffer_u16(out, 0);
}

/* The sum over the pseudo header (RFC 9293 3.1, RFC 8200 8.1). */
static uint32_t pseudo_sum(const struct packet_flow *flow, size_t length)
{
    size_t address = flow->ipv6 ? 16 : 4;
    uint32_t sum = PROTOCOL_TCP + (uint32_t)length;

    sum = sum_words(sum, flow->ends[WIRE_CLIENT].address, address);
    return sum_words(sum, flow->ends[WIRE_SERVER].address, address);
}

void packet_make(struct packet_flow *flow, enum wire_side from, unsigned flags, const uint8_t *data,
                 size_t length, struct buffer *out)
{
    struct packet_end *source = &flow->ends[from];
    const struct packet_end *destination = &flow->ends[!from];
    bool syn = (flags & PACKET_SYN) != 0;
    size_t header = syn ? TCP_HEADER + 8 : TCP_HEADER;

    if (flow->ipv6) {
        ipv6_header(source, destination, header + length, out);
    } else {
        ipv4_header(flow, source, destination, header + length, out);
    }
    size_t start = out->length;
    tcp_header(source, destination, flags, header, out);
    if (syn) {
        syn_options(flow, out);
    }
    buffer_append(out, data, length);
    if (!out->failed) {
        uint32_t sum = pseudo_sum(flow, header + length);
        store_checksum(out->data + start + 16, sum_words(sum, out->data + start, header + length));
    }
    source->next += (uint32_t)length + (syn || (flags & PACKET_FIN) != 0 ? 1 : 0);
}

/* ---- and back ------------------------------------------------------------------------------------ */

bool packet_payload(const uint8_t *packet, size_t length, struct pki_slice *payload)
{
    struct reader reader = reader_new(packet, length);
    uint8_t first = reader_u8(&reader);
    size_t ip = first >> 4 == 6 ? IPV6_HEADER : (size_t)(first & 0x0f) * 4;

    if (ip < IPV4_HEADER || reader_bytes(&reader, ip - 1) == NULL) {
        return false;
    }
    const uint8_t *tcp = reader_bytes(&reader, TCP_HEADER);
    if (tcp == NULL) {
        return false;
    }
    size_t header = (size_t)(tcp[12] >> 4) * 4;
    if (header < TCP_HEADER || reader_bytes(&reader, header - TCP_HEADER) == NULL) {
        return false;
    }
    payload->length = reader_left(&reader);
    payload->data = reader_bytes(&reader, payload->length);
    return true;
}
