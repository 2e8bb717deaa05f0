/*
 * Makes captures to measure with: real GnuTLS conversations in TCP packets, and their key log.
 *
 *     make_capture download BYTES OUT.pcap OUT.keys        one TLS 1.3 HTTP download of so many bytes
 *     make_capture conversations COUNT OUT.pcap OUT.keys   many short ones, TLS 1.3 and 1.2 by turns
 *
 * Client and server run in this process, joined in memory; what each pushes becomes segments of 1448 bytes,
 * Ethernet and IPv4. The short conversations are repetitions of 64 different ones, each with ports of its own.
 * Knows nothing of tlstep.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#define SEGMENT   1448
#define DIFFERENT 64
/* Of HTTP's chunked coding, as servers use that do not know the length beforehand: one chunk a record. */
#define CHUNK_HEAD 7
#define CHUNK      16300

enum side { CLIENT, SERVER };
enum flags { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

static void need(bool good, const char *doing)
{
    if (!good) {
        (void)fprintf(stderr, "make_capture: %s failed\n", doing);
        exit(1);
    }
}

/* ---- growable bytes ------------------------------------------------------------------------------ */

struct bytes {
    uint8_t *data;
    size_t length;
    size_t capacity;
    size_t taken;
};

static void bytes_add(struct bytes *bytes, const void *data, size_t length)
{
    if (bytes->length + length > bytes->capacity) {
        bytes->capacity = 2 * (bytes->length + length);
        bytes->data = realloc(bytes->data, bytes->capacity);
        need(bytes->data != NULL, "allocating");
    }
    memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
}

/* ---- packets ------------------------------------------------------------------------------------- */

struct flow {
    uint32_t address[2];
    uint16_t port[2];
    uint32_t next[2];
};

struct capture {
    FILE *file;
    uint64_t time_us;
};

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

static uint32_t sum16(uint32_t sum, const uint8_t *data, size_t length)
{
    for (size_t i = 0; i + 1 < length; i += 2) {
        sum += (uint32_t)data[i] << 8 | data[i + 1];
    }
    return length % 2 != 0 ? sum + ((uint32_t)data[length - 1] << 8) : sum;
}

static unsigned fold(uint32_t sum)
{
    while (sum >> 16 != 0) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return ~sum & 0xffff;
}

static void packet(struct capture *capture, struct flow *flow, enum side from, unsigned flags,
                   const uint8_t *data, size_t length)
{
    enum side to = from == CLIENT ? SERVER : CLIENT;
    uint8_t frame[54 + SEGMENT] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
    uint8_t *ip = frame + 14;
    uint8_t *tcp = ip + 20;
    uint32_t head[4];

    ip[0] = 0x45;
    put16(ip + 2, (unsigned)(40 + length));
    ip[8] = 64;
    ip[9] = 6;
    put32(ip + 12, flow->address[from]);
    put32(ip + 16, flow->address[to]);
    put16(ip + 10, fold(sum16(0, ip, 20)));
    put16(tcp, flow->port[from]);
    put16(tcp + 2, flow->port[to]);
    put32(tcp + 4, flow->next[from]);
    put32(tcp + 8, (flags & ACK) != 0 ? flow->next[to] : 0);
    tcp[12] = 0x50;
    tcp[13] = (uint8_t)flags;
    put16(tcp + 14, 65535);
    if (length > 0) {
        memcpy(tcp + 20, data, length);
    }
    put16(tcp + 16, fold(sum16(sum16(6 + 20 + (uint32_t)length, ip + 12, 8), tcp, 20 + length)));

    capture->time_us += 10;
    head[0] = (uint32_t)(1780308000 + capture->time_us / 1000000);
    head[1] = (uint32_t)(capture->time_us % 1000000);
    head[2] = head[3] = (uint32_t)(54 + length);
    need(fwrite(head, sizeof head, 1, capture->file) == 1 &&
             fwrite(frame, 54 + length, 1, capture->file) == 1,
         "writing");
    flow->next[from] += (uint32_t)length + ((flags & (SYN | FIN)) != 0);
}

static void open_flow(struct capture *capture, struct flow *flow)
{
    packet(capture, flow, CLIENT, SYN, NULL, 0);
    packet(capture, flow, SERVER, SYN | ACK, NULL, 0);
    packet(capture, flow, CLIENT, ACK, NULL, 0);
}

static void close_flow(struct capture *capture, struct flow *flow)
{
    packet(capture, flow, CLIENT, FIN | ACK, NULL, 0);
    packet(capture, flow, SERVER, FIN | ACK, NULL, 0);
    packet(capture, flow, CLIENT, ACK, NULL, 0);
}

/* The other side acknowledges every second segment. */
static void send_bytes(struct capture *capture, struct flow *flow, enum side from,
                       const uint8_t *data, size_t length)
{
    unsigned count = 0;

    while (length > 0) {
        size_t take = length < SEGMENT ? length : SEGMENT;
        packet(capture, flow, from, ACK | (take == length ? PSH : 0), data, take);
        data += take;
        length -= take;
        if (++count % 2 == 0 || length == 0) {
            packet(capture, flow, from == CLIENT ? SERVER : CLIENT, ACK, NULL, 0);
        }
    }
}

static void capture_open(struct capture *capture, const char *path)
{
    static const uint32_t header[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1};

    capture->file = fopen(path, "wb");
    need(capture->file != NULL && fwrite(header, sizeof header, 1, capture->file) == 1, path);
}

/* ---- two GnuTLS sessions, joined in memory -------------------------------------------------------- */

struct push {
    enum side from;
    size_t offset; /* into `all` */
    size_t length;
};

struct tap {
    gnutls_session_t session[2];
    struct bytes sent[2];    /* not yet pulled by the other */
    struct capture *capture; /* write at once, or NULL: keep */
    struct flow *flow;
    struct bytes all;
    struct push pushes[64];
    size_t push_count;
    FILE *keys;
};

static ssize_t push(struct tap *tap, enum side from, const void *data, size_t length)
{
    bytes_add(&tap->sent[from], data, length);
    if (tap->capture != NULL) {
        send_bytes(tap->capture, tap->flow, from, data, length);
    } else {
        need(tap->push_count < 64, "keeping a conversation");
        tap->pushes[tap->push_count++] = (struct push){from, tap->all.length, length};
        bytes_add(&tap->all, data, length);
    }
    return (ssize_t)length;
}

static ssize_t pull(struct tap *tap, enum side to, void *data, size_t length)
{
    struct bytes *from = &tap->sent[to == CLIENT ? SERVER : CLIENT];
    size_t left = from->length - from->taken;

    if (left == 0) {
        gnutls_transport_set_errno(tap->session[to], EAGAIN);
        return -1;
    }
    length = length < left ? length : left;
    memcpy(data, from->data + from->taken, length);
    from->taken += length;
    if (from->taken == from->length) {
        from->taken = from->length = 0;
    }
    return (ssize_t)length;
}

static ssize_t push_client(gnutls_transport_ptr_t tap, const void *data, size_t length)
{
    return push(tap, CLIENT, data, length);
}

static ssize_t push_server(gnutls_transport_ptr_t tap, const void *data, size_t length)
{
    return push(tap, SERVER, data, length);
}

static ssize_t pull_client(gnutls_transport_ptr_t tap, void *data, size_t length)
{
    return pull(tap, CLIENT, data, length);
}

static ssize_t pull_server(gnutls_transport_ptr_t tap, void *data, size_t length)
{
    return pull(tap, SERVER, data, length);
}

static int keylog(gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
    struct tap *tap = gnutls_session_get_ptr(session);
    gnutls_datum_t client;
    gnutls_datum_t server;

    gnutls_session_get_random(session, &client, &server);
    (void)fprintf(tap->keys, "%s ", label);
    for (unsigned i = 0; i < client.size; i++) {
        (void)fprintf(tap->keys, "%02x", client.data[i]);
    }
    (void)fputc(' ', tap->keys);
    for (unsigned i = 0; i < secret->size; i++) {
        (void)fprintf(tap->keys, "%02x", secret->data[i]);
    }
    (void)fputc('\n', tap->keys);
    return 0;
}

static gnutls_certificate_credentials_t server_credentials(void)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t crt;
    static const uint8_t serial[] = {1, 2, 3, 4};

    need(gnutls_x509_privkey_init(&key) == 0 && gnutls_x509_crt_init(&crt) == 0 &&
             gnutls_x509_privkey_generate(
                 key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) == 0 &&
             gnutls_x509_crt_set_version(crt, 3) == 0 &&
             gnutls_x509_crt_set_serial(crt, serial, sizeof serial) == 0 &&
             gnutls_x509_crt_set_dn(crt, "CN=bench.example", NULL) == 0 &&
             gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, "bench.example", 13,
                                                  GNUTLS_FSAN_SET) == 0 &&
             gnutls_x509_crt_set_activation_time(crt, 1700000000) == 0 &&
             gnutls_x509_crt_set_expiration_time(crt, 1900000000) == 0 &&
             gnutls_x509_crt_set_key(crt, key) == 0 &&
             gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0) == 0 &&
             gnutls_certificate_allocate_credentials(&credentials) == 0 &&
             gnutls_certificate_set_x509_key(credentials, &crt, 1, key) == 0,
         "making a certificate");
    return credentials;
}

static void tap_start(struct tap *tap, const char *priority,
                      gnutls_certificate_credentials_t server)
{
    static gnutls_certificate_credentials_t client;

    if (client == NULL) {
        need(gnutls_certificate_allocate_credentials(&client) == 0, "allocating");
    }
    for (int side = CLIENT; side <= SERVER; side++) {
        gnutls_session_t *session = &tap->session[side];
        need(gnutls_init(session,
                         (side == CLIENT ? GNUTLS_CLIENT : GNUTLS_SERVER) | GNUTLS_NONBLOCK) == 0 &&
                 gnutls_priority_set_direct(*session, priority, NULL) == 0,
             "making a session");
        gnutls_credentials_set(*session, GNUTLS_CRD_CERTIFICATE, side == CLIENT ? client : server);
        gnutls_transport_set_ptr(*session, tap);
        gnutls_session_set_ptr(*session, tap);
        gnutls_transport_set_push_function(*session, side == CLIENT ? push_client : push_server);
        gnutls_transport_set_pull_function(*session, side == CLIENT ? pull_client : pull_server);
    }
    gnutls_session_set_keylog_function(tap->session[CLIENT], keylog);
    gnutls_server_name_set(tap->session[CLIENT], GNUTLS_NAME_DNS, "bench.example", 13);

    int status[2] = {GNUTLS_E_AGAIN, GNUTLS_E_AGAIN};
    for (int round = 0; round < 20 && (status[0] != 0 || status[1] != 0); round++) {
        for (int side = CLIENT; side <= SERVER; side++) {
            if (status[side] != 0) {
                status[side] = gnutls_handshake(tap->session[side]);
            }
        }
    }
    need(status[0] == 0 && status[1] == 0, "a handshake");
}

static void tap_receive(struct tap *tap, enum side to)
{
    static uint8_t buffer[16384];

    while (gnutls_record_recv(tap->session[to], buffer, sizeof buffer) > 0) {
    }
}

static void tap_send(struct tap *tap, enum side from, const void *data, size_t length)
{
    need(gnutls_record_send(tap->session[from], data, length) == (ssize_t)length, "sending");
    tap_receive(tap, from == CLIENT ? SERVER : CLIENT);
}

static void tap_end(struct tap *tap)
{
    (void)gnutls_bye(tap->session[CLIENT], GNUTLS_SHUT_WR);
    tap_receive(tap, SERVER);
    (void)gnutls_bye(tap->session[SERVER], GNUTLS_SHUT_WR);
    tap_receive(tap, CLIENT);
    gnutls_deinit(tap->session[CLIENT]);
    gnutls_deinit(tap->session[SERVER]);
    free(tap->sent[CLIENT].data);
    free(tap->sent[SERVER].data);
}

/* ---- the two captures ----------------------------------------------------------------------------- */

static const char request[] = "GET /file HTTP/1.1\r\nHost: bench.example\r\n\r\n";

static void download(struct capture *capture, FILE *keys, size_t length)
{
    struct flow flow = {{0x0a000001, 0x0a000002}, {40000, 443}, {1000, 2000}};
    struct tap tap = {.capture = capture, .flow = &flow, .keys = keys};
    uint8_t chunk[CHUNK_HEAD + CHUNK + 2];
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";
    static const char last[] = "0\r\n\r\n";

    open_flow(capture, &flow);
    tap_start(&tap, "NORMAL:-VERS-ALL:+VERS-TLS1.3", server_credentials());
    tap_send(&tap, CLIENT, request, sizeof request - 1);
    tap_send(&tap, SERVER, head, sizeof head - 1);
    need(gnutls_rnd(GNUTLS_RND_NONCE, chunk, sizeof chunk) == 0, "making data");
    while (length > 0) {
        size_t take = length < CHUNK ? length : CHUNK;
        int size = snprintf((char *)chunk, CHUNK_HEAD, "%05zx\r", take);
        need(size == CHUNK_HEAD - 1, "making a chunk");
        chunk[CHUNK_HEAD - 1] = '\n';
        memcpy(chunk + CHUNK_HEAD + take, "\r\n", 2);
        tap_send(&tap, SERVER, chunk, CHUNK_HEAD + take + 2);
        length -= take;
    }
    tap_send(&tap, SERVER, last, sizeof last - 1);
    tap_end(&tap);
    close_flow(capture, &flow);
}

/* One conversation, kept. */
static void hold(struct tap *tap, bool tls13, gnutls_certificate_credentials_t server)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    tap_start(tap,
              tls13 ? "NORMAL:-VERS-ALL:+VERS-TLS1.3:%NO_TICKETS"
                    : "NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_TICKETS",
              server);
    tap_send(tap, CLIENT, request, sizeof request - 1);
    tap_send(tap, SERVER, answer, sizeof answer - 1);
    tap_end(tap);
}

static void replay(struct capture *capture, const struct tap *tap, size_t index)
{
    struct flow flow = {{0x0a000000 + (uint32_t)(index / 50000), 0x0a800001},
                        {(uint16_t)(10000 + index % 50000), 443},
                        {(uint32_t)index * 7919, (uint32_t)index * 104729}};

    open_flow(capture, &flow);
    for (size_t i = 0; i < tap->push_count; i++) {
        const struct push *one = &tap->pushes[i];
        send_bytes(capture, &flow, one->from, tap->all.data + one->offset, one->length);
    }
    close_flow(capture, &flow);
}

static void conversations(struct capture *capture, FILE *keys, size_t count)
{
    static struct tap taps[DIFFERENT];
    gnutls_certificate_credentials_t server = server_credentials();

    for (size_t i = 0; i < DIFFERENT; i++) {
        taps[i].keys = keys;
        hold(&taps[i], i % 2 == 0, server);
    }
    for (size_t i = 0; i < count; i++) {
        replay(capture, &taps[i % DIFFERENT], i);
    }
}

int main(int argc, char **argv)
{
    struct capture capture = {0};

    if (argc != 5) {
        (void)fprintf(stderr, "usage: make_capture download|conversations NUMBER PCAP KEYS\n");
        return 2;
    }
    FILE *keys = fopen(argv[4], "w");
    need(keys != NULL, argv[4]);
    capture_open(&capture, argv[3]);
    size_t number = (size_t)strtoull(argv[2], NULL, 10);
    if (strcmp(argv[1], "download") == 0) {
        download(&capture, keys, number);
    } else {
        conversations(&capture, keys, number);
    }
    need(fclose(capture.file) == 0 && fclose(keys) == 0, "writing");
    return 0;
}
