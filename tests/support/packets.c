/* Packets and capture files, made by hand. */
#include "packets.h"

#include <string.h>

static const uint8_t client4[] = {192, 0, 2, 1};
static const uint8_t server4[] = {198, 51, 100, 2};
static const uint8_t client6[] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
static const uint8_t server6[] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};

void packets_put(struct buffer *out, const void *bytes, size_t length)
{
    struct buffer whole = {0};

    buffer_append(&whole, bytes, length);
    buffer_append(&whole, out->data, out->length);
    buffer_free(out);
    *out = whole;
}

void packets_put_hex(struct buffer *out, const char *hex)
{
    uint8_t bytes[256];
    long length = text_unhex(bytes, sizeof bytes, hex, strlen(hex));

    packets_put(out, bytes, length > 0 ? (size_t)length : 0);
}

static void put_ipv4(struct buffer *out, uint8_t protocol, const uint8_t *from, const uint8_t *to)
{
    struct buffer header = {0};

    buffer_u16(&header, 0x4500);
    buffer_u16(&header, (uint16_t)(out->length + 20));
    buffer_u32(&header, 0x12344000);
    buffer_u8(&header, 64);
    buffer_u8(&header, protocol);
    buffer_u16(&header, 0);
    buffer_append(&header, from, 4);
    buffer_append(&header, to, 4);
    packets_put(out, header.data, header.length);
    buffer_free(&header);
}

static void put_ipv6(struct buffer *out, uint8_t protocol, const uint8_t *from, const uint8_t *to)
{
    struct buffer header = {0};

    buffer_u32(&header, 0x60000000);
    buffer_u16(&header, (uint16_t)out->length);
    buffer_u8(&header, protocol);
    buffer_u8(&header, 64);
    buffer_append(&header, from, 16);
    buffer_append(&header, to, 16);
    packets_put(out, header.data, header.length);
    buffer_free(&header);
}

void packets_put_ipv4(struct buffer *out, uint8_t protocol)
{
    static const uint8_t here[] = {10, 0, 0, 1};
    static const uint8_t there[] = {10, 0, 0, 2};

    put_ipv4(out, protocol, here, there);
}

void packets_put_ipv6(struct buffer *out, uint8_t protocol)
{
    put_ipv6(out, protocol, client6, server6);
}

void packets_tcp(struct buffer *out, const struct packets_tcp *tcp)
{
    struct buffer packet = {0};
    uint16_t port = tcp->port != 0 ? tcp->port : 40000;

    buffer_u16(&packet, tcp->from_server ? 443 : port);
    buffer_u16(&packet, tcp->from_server ? port : 443);
    buffer_u32(&packet, tcp->seq);
    buffer_u32(&packet, tcp->ack);
    buffer_u8(&packet, 0x50);
    buffer_u8(&packet, tcp->flags);
    buffer_u16(&packet, 0xffff);
    buffer_u32(&packet, 0);
    buffer_append(&packet, tcp->data, tcp->length);
    if (tcp->ipv6) {
        put_ipv6(&packet, 6, tcp->from_server ? server6 : client6,
                 tcp->from_server ? client6 : server6);
    } else {
        put_ipv4(&packet, 6, tcp->from_server ? server4 : client4,
                 tcp->from_server ? client4 : server4);
    }
    buffer_append(out, packet.data, packet.length);
    buffer_free(&packet);
}

void packets_udp(struct buffer *out, uint16_t port, uint16_t server_port, const void *data,
                 size_t length)
{
    struct buffer packet = {0};

    buffer_u16(&packet, port);
    buffer_u16(&packet, server_port);
    buffer_u16(&packet, (uint16_t)(length + 8));
    buffer_u16(&packet, 0);
    buffer_append(&packet, data, length);
    put_ipv4(&packet, 17, client4, server4);
    buffer_append(out, packet.data, packet.length);
    buffer_free(&packet);
}

/* ---- files ------------------------------------------------------------------------------------------- */

void packets_put16(const struct packets_file *file, struct buffer *out, uint16_t value)
{
    buffer_u16(out, file->big_endian ? value : (uint16_t)(value << 8 | value >> 8));
}

void packets_put32(const struct packets_file *file, struct buffer *out, uint32_t value)
{
    packets_put16(file, out, (uint16_t)(file->big_endian ? value >> 16 : value));
    packets_put16(file, out, (uint16_t)(file->big_endian ? value : value >> 16));
}

void packets_pcap(struct packets_file *file, uint32_t magic, uint16_t link_type)
{
    file->wide = magic == PACKETS_KUZNETZOV;
    packets_put32(file, &file->bytes, magic);
    packets_put16(file, &file->bytes, 2);
    packets_put16(file, &file->bytes, 4);
    packets_put32(file, &file->bytes, 0);
    packets_put32(file, &file->bytes, 0);
    packets_put32(file, &file->bytes, 65535);
    packets_put32(file, &file->bytes, link_type);
}

void packets_pcap_add(struct packets_file *file, uint32_t seconds, uint32_t fraction,
                      const struct buffer *packet, size_t length)
{
    packets_put32(file, &file->bytes, seconds);
    packets_put32(file, &file->bytes, fraction);
    packets_put32(file, &file->bytes, (uint32_t)packet->length);
    packets_put32(file, &file->bytes, (uint32_t)length);
    if (file->wide) {
        packets_put32(file, &file->bytes, 1);
        packets_put32(file, &file->bytes, 0);
    }
    buffer_append(&file->bytes, packet->data, packet->length);
}

static void pad(struct buffer *out, size_t length)
{
    for (; length % 4 != 0; length++) {
        buffer_u8(out, 0);
    }
}

void packets_block(struct packets_file *file, uint32_t type, const struct buffer *body)
{
    uint32_t total = (uint32_t)(body->length + 3) / 4 * 4 + 12;

    packets_put32(file, &file->bytes, type);
    packets_put32(file, &file->bytes, total);
    buffer_append(&file->bytes, body->data, body->length);
    pad(&file->bytes, body->length);
    packets_put32(file, &file->bytes, total);
}

void packets_section(struct packets_file *file)
{
    struct buffer body = {0};

    packets_put32(file, &body, 0x1a2b3c4d);
    packets_put16(file, &body, 1);
    packets_put16(file, &body, 0);
    packets_put32(file, &body, UINT32_MAX);
    packets_put32(file, &body, UINT32_MAX);
    packets_block(file, 0x0a0d0d0a, &body);
    buffer_free(&body);
}

void packets_option(const struct packets_file *file, struct buffer *out, uint16_t code,
                    const void *value, size_t length)
{
    packets_put16(file, out, code);
    packets_put16(file, out, (uint16_t)length);
    buffer_append(out, value, length);
    pad(out, length);
}

void packets_interface(struct packets_file *file, uint16_t link_type, const struct buffer *options)
{
    struct buffer body = {0};

    packets_put16(file, &body, link_type);
    packets_put16(file, &body, 0);
    packets_put32(file, &body, 0);
    if (options != NULL) {
        buffer_append(&body, options->data, options->length);
        packets_put32(file, &body, 0);
    }
    packets_block(file, 1, &body);
    buffer_free(&body);
}

void packets_enhanced(struct packets_file *file, uint32_t interface, uint64_t time,
                      const struct buffer *packet, size_t length, const struct buffer *options)
{
    struct buffer body = {0};

    packets_put32(file, &body, interface);
    packets_put32(file, &body, (uint32_t)(time >> 32));
    packets_put32(file, &body, (uint32_t)time);
    packets_put32(file, &body, (uint32_t)packet->length);
    packets_put32(file, &body, (uint32_t)length);
    buffer_append(&body, packet->data, packet->length);
    pad(&body, packet->length);
    if (options != NULL) {
        buffer_append(&body, options->data, options->length);
        packets_put32(file, &body, 0);
    }
    packets_block(file, 6, &body);
    buffer_free(&body);
}
