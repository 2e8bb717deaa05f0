/*
 * One packet from its IP header on: IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293) and its options (RFC 7323, RFC 2018).
 * Parts of bytes (versions, header lengths, flags) stand together in the leaf of their bytes.
 */
#include <arpa/inet.h>
#include <stdio.h>

#include "message.h"

#define PROTOCOL_TCP 6
#define IPV4_HEADER  20
#define IPV6_HEADER  40
#define TCP_HEADER   20
/* Headers between IPv6 and TCP; more is an attack. */
#define EXTENSIONS_MAX 16

/* ---- fields ------------------------------------------------------------------------------------------ */

#define TYPE(id, path, shown, kind) \
    static const struct wire_field_type id = SCHEMA_PATH(path, shown, kind)

TYPE(packet, "packet", "packet", GROUP);
TYPE(payload, "packet.payload", "payload", BYTES);
TYPE(not_read, "packet.rest", "not IP, or not TCP", BYTES);
TYPE(ipv4, "ip", "IPv4", GROUP);
TYPE(ipv4_options, "ip.options", "options", BYTES);
TYPE(ipv6, "ip6", "IPv6", GROUP);
TYPE(ipv6_extension, "ip6.extension_header", "extension header", BYTES);
TYPE(tcp, "tcp", "TCP", GROUP);
TYPE(options, "tcp.options", "options", GROUP);
TYPE(end_of_options, "tcp.option.end", "end of options", BYTES);
TYPE(no_operation, "tcp.option.no_operation", "no operation", BYTES);
TYPE(option_kind, "tcp.option.kind", "kind", NUMBER);
TYPE(option_length, "tcp.option.length", "length", NUMBER);
TYPE(option_data, "tcp.option.data", "data", BYTES);

/* A row of fixed size in a header. */
struct part {
    struct wire_field_type type;
    size_t size;
};
#define PART(path, shown, kind, bytes)                          \
    {                                                           \
        .type = SCHEMA_PATH(path, shown, kind), .size = (bytes) \
    }

static const struct part ipv4_parts[] = {
    PART("ip.version", "version, header length", BYTES, 1),
    PART("ip.dscp", "DSCP, ECN", BYTES, 1),
    PART("ip.total_length", "total length", NUMBER, 2),
    PART("ip.identification", "identification", BYTES, 2),
    PART("ip.fragment", "flags, fragment offset", BYTES, 2),
    PART("ip.ttl", "time to live", NUMBER, 1),
    PART("ip.protocol", "protocol", NUMBER, 1),
    PART("ip.checksum", "header checksum", BYTES, 2),
    PART("ip.source", "source", BYTES, 4),
    PART("ip.destination", "destination", BYTES, 4),
};
static const struct part ipv6_parts[] = {
    PART("ip6.version", "version, class, flow label", BYTES, 4),
    PART("ip6.payload_length", "payload length", NUMBER, 2),
    PART("ip6.next_header", "next header", NUMBER, 1),
    PART("ip6.hop_limit", "hop limit", NUMBER, 1),
    PART("ip6.source", "source", BYTES, 16),
    PART("ip6.destination", "destination", BYTES, 16),
};
static const struct part tcp_parts[] = {
    PART("tcp.source_port", "source port", NUMBER, 2),
    PART("tcp.destination_port", "destination port", NUMBER, 2),
    PART("tcp.sequence_number", "sequence number", NUMBER, 4),
    PART("tcp.acknowledgment_number", "acknowledgment number", NUMBER, 4),
    PART("tcp.data_offset", "data offset", BYTES, 1),
    PART("tcp.flags", "flags", BYTES, 1),
    PART("tcp.window", "window", NUMBER, 2),
    PART("tcp.checksum", "checksum", BYTES, 2),
    PART("tcp.urgent_pointer", "urgent pointer", NUMBER, 2),
};

/* An option by its kind: what is in it, again and again; none for those that are only there. */
struct option {
    uint8_t kind;
    struct wire_field_type type;
    const struct part *parts;
    size_t count;
};
static const struct part mss_parts[] = {
    PART("tcp.option.maximum_segment_size.value", "bytes", NUMBER, 2),
};
static const struct part scale_parts[] = {
    PART("tcp.option.window_scale.shift", "shift", NUMBER, 1),
};
static const struct part sack_parts[] = {
    PART("tcp.option.sack.left_edge", "left edge", NUMBER, 4),
    PART("tcp.option.sack.right_edge", "right edge", NUMBER, 4),
};
static const struct part timestamp_parts[] = {
    PART("tcp.option.timestamps.value", "value", NUMBER, 4),
    PART("tcp.option.timestamps.echo", "echo reply", NUMBER, 4),
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
static const struct option known_options[] = {
    {2, SCHEMA_PATH("tcp.option.maximum_segment_size", "maximum segment size", GROUP), mss_parts,
     COUNT(mss_parts)},
    {3, SCHEMA_PATH("tcp.option.window_scale", "window scale", GROUP), scale_parts,
     COUNT(scale_parts)},
    {4, SCHEMA_PATH("tcp.option.sack_permitted", "SACK permitted", GROUP), NULL, 0},
    {5, SCHEMA_PATH("tcp.option.sack", "SACK", GROUP), sack_parts, COUNT(sack_parts)},
    {8, SCHEMA_PATH("tcp.option.timestamps", "timestamps", GROUP), timestamp_parts,
     COUNT(timestamp_parts)},
};
static const struct option unknown_option = {
    0, SCHEMA_PATH("tcp.option.unknown", "unknown option", GROUP), NULL, 0};

/* ---- reading ------------------------------------------------------------------------------------------ */

/* A leaf of `size` bytes, which are there. */
static void add_leaf(struct dissection *dissection, const struct wire_field_type *type, size_t size,
                     struct reader *reader, uint16_t depth)
{
    schema_add(dissection, type, reader->offset, size, depth);
    (void)reader_bytes(reader, size);
}

/* False when the bytes ended: what was left is an error then. */
static bool add_parts(struct dissection *dissection, const struct part *parts, size_t count,
                      struct reader *reader, uint16_t depth)
{
    for (size_t i = 0; i < count; i++) {
        if (reader_left(reader) < parts[i].size) {
            if (reader_left(reader) > 0) {
                schema_add_rest(dissection, &error_truncated, reader, depth);
            }
            return false;
        }
        add_leaf(dissection, &parts[i].type, parts[i].size, reader, depth);
    }
    return true;
}

static const struct option *find_option(uint8_t kind)
{
    for (size_t i = 0; i < COUNT(known_options); i++) {
        if (known_options[i].kind == kind) {
            return &known_options[i];
        }
    }
    return &unknown_option;
}

/* One with a length, which includes kind and length. */
static void add_long_option(struct dissection *dissection, struct reader *reader, uint16_t depth)
{
    const uint8_t *at = reader->data + reader->offset;
    size_t left = reader_left(reader);
    const struct option *option = find_option(at[0]);

    if (left < 2 || at[1] < 2 || at[1] > left) {
        schema_add_rest(dissection, &error_length, reader, depth);
        return;
    }
    size_t group = schema_add(dissection, &option->type, reader->offset, 0, depth);
    struct reader inside = reader_new(reader->data, reader->offset + at[1]);
    inside.offset = reader->offset;
    add_leaf(dissection, &option_kind, 1, &inside, depth + 1);
    add_leaf(dissection, &option_length, 1, &inside, depth + 1);
    while (option->count > 0 && reader_left(&inside) > 0 &&
           add_parts(dissection, option->parts, option->count, &inside, depth + 1)) {
    }
    if (reader_left(&inside) > 0) {
        schema_add_rest(dissection, option->count > 0 ? &error_trailing : &option_data, &inside,
                        depth + 1);
    }
    (void)reader_bytes(reader, at[1]);
    schema_close(dissection, group, reader->offset);
}

/* At most 40 bytes; behind the end of options stands padding. */
static void add_options(struct dissection *dissection, struct reader *reader, uint16_t depth)
{
    size_t group = schema_add(dissection, &options, reader->offset, 0, depth);

    while (reader_left(reader) > 0) {
        uint8_t kind = reader->data[reader->offset];
        if (kind == 0) {
            schema_add_rest(dissection, &end_of_options, reader, depth + 1);
        } else if (kind == 1) {
            add_leaf(dissection, &no_operation, 1, reader, depth + 1);
        } else {
            add_long_option(dissection, reader, depth + 1);
        }
    }
    schema_close(dissection, group, reader->offset);
}

/* False: the header is not whole, and nothing is left. */
static bool add_tcp(struct dissection *dissection, struct reader *reader)
{
    size_t start = reader->offset;
    size_t group = schema_add(dissection, &tcp, start, 0, 1);
    bool whole = add_parts(dissection, tcp_parts, COUNT(tcp_parts), reader, 2);
    size_t header = whole ? (size_t)(reader->data[start + 12] >> 4) * 4 : 0;

    if (whole && (header < TCP_HEADER || header - TCP_HEADER > reader_left(reader))) {
        if (reader_left(reader) > 0) {
            schema_add_rest(dissection, &error_truncated, reader, 2);
        }
        whole = false;
    } else if (header > TCP_HEADER) {
        struct reader inside = reader_new(reader->data, start + header);
        inside.offset = reader->offset;
        add_options(dissection, &inside, 2);
        reader->offset = start + header;
    }
    schema_close(dissection, group, reader->offset);
    return whole;
}

/* True: TCP comes next. */
static bool add_ipv4(struct dissection *dissection, struct reader *reader)
{
    size_t start = reader->offset;
    size_t group = schema_add(dissection, &ipv4, start, 0, 1);
    bool whole = add_parts(dissection, ipv4_parts, COUNT(ipv4_parts), reader, 2);
    size_t header = (size_t)(reader->data[start] & 0x0f) * 4;

    if (whole && header > IPV4_HEADER) {
        size_t more = header - IPV4_HEADER;
        whole = more <= reader_left(reader);
        if (whole) {
            add_leaf(dissection, &ipv4_options, more, reader, 2);
        } else if (reader_left(reader) > 0) {
            schema_add_rest(dissection, &error_truncated, reader, 2);
        }
    }
    schema_close(dissection, group, reader->offset);
    return whole && header >= IPV4_HEADER && reader->data[start + 9] == PROTOCOL_TCP;
}

/* RFC 8200 4.1: hop-by-hop, routing and destination options have their length; a fragment header has none. */
static bool is_extension(uint8_t protocol)
{
    return protocol == 0 || protocol == 43 || protocol == 44 || protocol == 60;
}

static bool add_ipv6(struct dissection *dissection, struct reader *reader)
{
    size_t start = reader->offset;
    size_t group = schema_add(dissection, &ipv6, start, 0, 1);
    bool whole = add_parts(dissection, ipv6_parts, COUNT(ipv6_parts), reader, 2);
    uint8_t next = whole ? reader->data[start + 6] : 0;

    for (int i = 0; whole && is_extension(next) && i < EXTENSIONS_MAX; i++) {
        const uint8_t *at = reader->data + reader->offset;
        size_t left = reader_left(reader);
        size_t length = left < 2 ? SIZE_MAX : next == 44 ? 8 : ((size_t)at[1] + 1) * 8;
        whole = length <= left;
        if (whole) {
            next = at[0];
            add_leaf(dissection, &ipv6_extension, length, reader, 2);
        } else if (left > 0) {
            schema_add_rest(dissection, &error_truncated, reader, 2);
        }
    }
    schema_close(dissection, group, reader->offset);
    return whole && next == PROTOCOL_TCP;
}

int wire_packet_dissect(struct wire_tree *tree, const uint8_t *data, size_t length)
{
    struct dissection dissection = {.tree = tree};
    struct reader reader = reader_new(data, length);
    uint8_t version = length > 0 ? data[0] >> 4 : 0;
    bool read = false;

    schema_start(tree, data, length);
    size_t group = schema_add(&dissection, &packet, 0, 0, 0);
    if (version == 4) {
        read = add_ipv4(&dissection, &reader) && add_tcp(&dissection, &reader);
    } else if (version == 6) {
        read = add_ipv6(&dissection, &reader) && add_tcp(&dissection, &reader);
    }
    if (reader_left(&reader) > 0) {
        schema_add_rest(&dissection, read ? &payload : &not_read, &reader, 1);
    }
    schema_close(&dissection, group, length);
    return tree->failed ? -1 : 0;
}

/* ---- values --------------------------------------------------------------------------------------------- */

static void write_flags(char *out, size_t size, uint8_t flags)
{
    static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
    size_t used = 0;

    (void)snprintf(out, size, "none");
    for (unsigned i = 0; i < COUNT(names); i++) {
        if ((flags >> i & 1) != 0 && used < size) {
            int written = snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", names[i]);
            used += written > 0 ? (size_t)written : 0;
        }
    }
}

static bool is_part(const struct wire_field_type *type, const struct part *parts, size_t index)
{
    return type == &parts[index].type;
}

bool packet_field_value(char *out, size_t size, const struct wire_field_type *type,
                        const uint8_t *bytes)
{
    char address[INET6_ADDRSTRLEN];
    bool four = is_part(type, ipv4_parts, 8) || is_part(type, ipv4_parts, 9);
    bool six = is_part(type, ipv6_parts, 4) || is_part(type, ipv6_parts, 5);

    if (four || six) {
        (void)snprintf(out, size, "%s",
                       inet_ntop(four ? AF_INET : AF_INET6, bytes, address, sizeof address) != NULL
                           ? address
                           : "");
    } else if (is_part(type, tcp_parts, 5)) {
        write_flags(out, size, bytes[0]);
    } else if (is_part(type, tcp_parts, 4)) {
        (void)snprintf(out, size, "%d bytes", (bytes[0] >> 4) * 4);
    } else if (is_part(type, ipv4_parts, 0)) {
        (void)snprintf(out, size, "%d, %d bytes", bytes[0] >> 4, (bytes[0] & 15) * 4);
    } else {
        return false;
    }
    return true;
}

/* ---- all types ------------------------------------------------------------------------------------------- */

static void visit_parts(const struct part *parts, size_t count,
                        void (*visit)(const struct wire_field_type *type, void *user), void *user)
{
    for (size_t i = 0; i < count; i++) {
        visit(&parts[i].type, user);
    }
}

void packet_visit(void (*visit)(const struct wire_field_type *type, void *user), void *user)
{
    static const struct wire_field_type *const types[] = {
        &packet,       &payload,        &not_read,      &ipv4,       &ipv4_options,
        &ipv6,         &ipv6_extension, &tcp,           &options,    &end_of_options,
        &no_operation, &option_kind,    &option_length, &option_data};

    for (size_t i = 0; i < COUNT(types); i++) {
        visit(types[i], user);
    }
    visit_parts(ipv4_parts, COUNT(ipv4_parts), visit, user);
    visit_parts(ipv6_parts, COUNT(ipv6_parts), visit, user);
    visit_parts(tcp_parts, COUNT(tcp_parts), visit, user);
    for (size_t i = 0; i < COUNT(known_options); i++) {
        visit(&known_options[i].type, user);
        visit_parts(known_options[i].parts, known_options[i].count, visit, user);
    }
    visit(&unknown_option.type, user);
}
