/*
 * Captures of GnuTLS and OpenSSL talking, with their key logs: the plaintext is what tshark found.
 * They lie outside the tree, in ../shared/data; without them this test is skipped.
 */
#include <dirent.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "handshake.h"

#define DATA "../shared/data"

/* ---- a capture of loopback, as simple as they are --------------------------------------- */

#define PCAPNG_ENHANCED_PACKET 6
#define ETHERNET_IPV4          0x0800
#define ETHERNET_IPV6          0x86dd
#define TCP                    6

static struct buffer read_file(const char *folder, const char *name)
{
    struct buffer content = {0};
    struct err err;
    char path[512];

    (void)snprintf(path, sizeof path, DATA "/%s/%s", folder, name);
    if (file_read(path, "test file", 1 << 24, &content, &err) != 0) {
        fail_msg("%s", err.text);
    }
    return content;
}

/* Where a packet's TCP header starts and its data ends; false for anything else. */
static bool find_tcp(struct reader *packet)
{
    size_t end;

    (void)reader_bytes(packet, 12);
    switch (reader_u16(packet)) {
    case ETHERNET_IPV4: {
        size_t header = 4 * (reader_u8(packet) & 15u);
        (void)reader_u8(packet);
        end = 14 + (size_t)reader_u16(packet);
        (void)reader_bytes(packet, 5);
        if (reader_u8(packet) != TCP) {
            return false;
        }
        (void)reader_bytes(packet, header - 10);
        break;
    }
    case ETHERNET_IPV6:
        (void)reader_u32(packet);
        end = 14 + 40 + (size_t)reader_u16(packet);
        if (reader_u8(packet) != TCP) {
            return false;
        }
        (void)reader_bytes(packet, 33);
        break;
    default:
        return false;
    }
    assert_false(packet->failed);
    packet->length = end;
    return true;
}

/* Appends a packet's data when it belongs to the connection from this port. On loopback all
 * segments come once and in order; their sequence numbers are checked all the same. */
static void add_packet(struct reader packet, uint16_t client_port, struct buffer directions[2],
                       uint32_t next[2])
{
    uint16_t source;
    uint16_t destination;
    uint32_t sequence;
    size_t header;
    unsigned flags;
    int side;

    if (!find_tcp(&packet)) {
        return;
    }
    source = reader_u16(&packet);
    destination = reader_u16(&packet);
    if (source != client_port && destination != client_port) {
        return;
    }
    side = source == client_port ? WIRE_CLIENT : WIRE_SERVER;
    sequence = reader_u32(&packet);
    (void)reader_u32(&packet);
    header = 4 * (size_t)(reader_u8(&packet) >> 4);
    flags = reader_u8(&packet);
    (void)reader_bytes(&packet, header - 14);
    assert_false(packet.failed);
    if ((flags & 2) != 0) { /* SYN */
        next[side] = sequence + 1;
        return;
    }
    if (reader_left(&packet) > 0) {
        assert_int_equal(sequence, next[side]);
        next[side] += (uint32_t)reader_left(&packet);
        buffer_append(&directions[side], packet.data + packet.offset, reader_left(&packet));
    }
}

static void read_capture(const char *name, uint16_t client_port, struct buffer directions[2])
{
    struct buffer content = read_file("captures", name);
    struct reader reader = reader_new(content.data, content.length);
    uint32_t next[2] = {0, 0};

    while (reader_left(&reader) > 0) {
        uint32_t type = reader_u32le(&reader);
        uint32_t length = reader_u32le(&reader);
        assert_true(length >= 12);
        struct reader block = reader_new(reader_bytes(&reader, length - 8), length - 8);
        assert_false(reader.failed);
        if (type == PCAPNG_ENHANCED_PACKET) {
            (void)reader_bytes(&block, 12);
            uint32_t captured = reader_u32le(&block);
            (void)reader_u32le(&block);
            const uint8_t *packet = reader_bytes(&block, captured);
            assert_non_null(packet);
            add_packet(reader_new(packet, captured), client_port, directions, next);
        }
    }
    buffer_free(&content);
}

static struct crypt_keylog *read_keylog(const char *name)
{
    struct buffer content = read_file("keylogs", name);
    struct crypt_keylog *keylog = crypt_keylog_new();
    const char *line = buffer_string(&content);
    struct crypt_secret secret;

    assert_non_null(keylog);
    assert_non_null(line);
    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        int status = crypt_secret_parse(line, length, &secret);
        assert_true(status >= 0);
        if (status == 1) {
            assert_int_equal(crypt_keylog_add(keylog, &secret), 0);
        }
        line += length + (line[length] == '\n');
    }
    buffer_free(&content);
    return keylog;
}

/* ---- comparing -------------------------------------------------------------------------- */

/* What is known not to open, and why; and where tshark does not tell the client's data. */
static const struct exception {
    const char *name;
    long stream;
    const char *text; /* part of the error; NULL: it opens */
    const char *client_data;
} exceptions[] = {
    {"own-openssl-tls12-aria.pcapng", 0, "GnuTLS has no such cipher", NULL},
    /* The client gave up before it had the secret that the server's tickets are under. */
    {"own-tls13-certificate-refused.pcapng", 0, "a traffic secret is not in the key log", NULL},
    /* GnuTLS logs no secret of a resumed session; whoever reads the hellos can find the first's. */
    {"own-tls12-resume-id.pcapng", 1, "the master secret is not in the key log", NULL},
    {"own-tls12-resume-ticket.pcapng", 1, "the master secret is not in the key log", NULL},
    /* tshark stops at the client's second Finished; the server's echo says that "after" came. */
    {"own-tls13-post-handshake-auth.pcapng", 0, NULL, "hello\n**REAUTH**\nafter\n"},
};

static const struct exception *find_exception(const char *name, long stream)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
        if (strcmp(exceptions[i].name, name) == 0 && exceptions[i].stream == stream) {
            return &exceptions[i];
        }
    }
    return NULL;
}

static void expect_data(const json_t *expected, const struct buffer *data)
{
    const char *hex = json_string_value(json_object_get(expected, "sha256"));
    uint8_t digest[CRYPT_SHA256_SIZE];
    char text[2 * CRYPT_SHA256_SIZE + 1];

    assert_int_equal(data->length, json_integer_value(json_object_get(expected, "bytes")));
    if (data->length > 0) {
        assert_int_equal(crypt_sha256(data->data, data->length, digest), 0);
        assert_string_equal(text_hex(text, sizeof text, digest, sizeof digest), hex);
    }
}

/* ---- what both ends checked too ---------------------------------------------------------- */

static size_t checks[2]; /* Finished, CertificateVerify: how many there were */

static void expect_right(const char *name, const char *what, const struct crypt_check *check)
{
    if (!check->known || !check->ok) {
        fail_msg("%s: %s: %s", name, what, check->text);
    }
}

static void check_finished(const char *name, const struct handshake *handshake,
                           const struct unsealed *unsealed, const struct crypt_keylog *keylog,
                           enum wire_side from)
{
    bool tls13 = unsealed->version == WIRE_TLS13;
    const struct handshake_message *message = handshake_find(handshake, from, WIRE_FINISHED);
    const struct crypt_secret *secret =
        crypt_keylog_find(keylog,
                          !tls13                ? CRYPT_CLIENT_RANDOM
                          : from == WIRE_CLIENT ? CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET
                                                : CRYPT_SERVER_HANDSHAKE_TRAFFIC_SECRET,
                          unsealed->messages[WIRE_CLIENT].data + WIRE_HANDSHAKE_HEADER + 2);
    uint8_t hash[CRYPT_HASH_MAX];
    const struct crypt_finished finished = {
        .version = unsealed->version,
        .cipher_suite = unsealed->cipher_suite,
        .from = from,
        .key = {secret->secret, secret->length},
        .hash = {hash, handshake_hash(handshake, message->start, hash)},
        .verify_data = {handshake->bytes.data + message->start + WIRE_HANDSHAKE_HEADER,
                        message->end - message->start - WIRE_HANDSHAKE_HEADER},
    };
    struct crypt_check check;

    crypt_finished_check(&finished, &check);
    expect_right(name, "Finished", &check);
    checks[0]++;
}

/* RFC 8446 4.4.3, and RFC 5246 7.4.8 where it covers the messages themselves. */
static void check_certificate_verify(const char *name, const struct handshake *handshake,
                                     const struct unsealed *unsealed, enum wire_side from)
{
    bool tls13 = unsealed->version == WIRE_TLS13;
    const struct handshake_message *message =
        handshake_find(handshake, from, WIRE_CERTIFICATE_VERIFY);
    struct crypt_signature signature = {.version = unsealed->version};
    struct buffer content = {0};
    uint8_t hash[CRYPT_HASH_MAX];
    struct crypt_check check;
    struct reader reader;

    if (message == NULL) {
        return;
    }
    reader = reader_new(handshake->bytes.data + message->start, message->end - message->start);
    (void)reader_bytes(&reader, WIRE_HANDSHAKE_HEADER);
    signature.scheme = unsealed->version >= WIRE_TLS12 ? reader_u16(&reader) : 0;
    signature.value.length = reader_u16(&reader);
    signature.value.data = reader_bytes(&reader, signature.value.length);
    if (tls13) {
        crypt_certificate_verify_content(&content, from, hash,
                                         handshake_hash(handshake, message->start, hash));
    } else {
        buffer_append(&content, handshake->bytes.data, message->start);
    }
    signature.content = (struct crypt_known){content.data, content.length};
    signature.certificate.data =
        handshake_certificate(handshake, from, tls13, &signature.certificate.length);
    crypt_signature_check(&signature, &check);
    expect_right(name, "CertificateVerify", &check);
    checks[1]++;
    buffer_free(&content);
}

static void check_handshake(const char *name, const struct unsealed *unsealed,
                            const struct crypt_keylog *keylog)
{
    struct handshake handshake;

    if (handshake_merge(&handshake, unsealed) == 0) { /* those that failed have no Finished */
        for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
            check_finished(name, &handshake, unsealed, keylog, (enum wire_side)side);
            check_certificate_verify(name, &handshake, unsealed, (enum wire_side)side);
        }
    }
    handshake_free(&handshake);
}

/* ---- streams ------------------------------------------------------------------------------ */

static void check_stream(const char *name, const json_t *stream, const struct crypt_keylog *keylog)
{
    const char *address = json_string_value(json_object_get(stream, "client"));
    const json_t *data = json_object_get(stream, "app_data");
    const struct exception *exception =
        find_exception(name, (long)json_integer_value(json_object_get(stream, "stream")));
    struct buffer directions[2] = {{0}, {0}};
    struct unsealed unsealed;
    int status;

    read_capture(name, (uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10), directions);
    status = unseal(&unsealed, directions, keylog);
    if (exception != NULL && exception->text != NULL) {
        assert_int_equal(status, -1);
        assert_non_null(strstr(unsealed.err.text, exception->text));
    } else if (status != 0) {
        fail_msg("%s: %s", name, unsealed.err.text);
    } else {
        expect_data(json_object_get(data, "server"), &unsealed.application[WIRE_SERVER]);
        if (exception == NULL) {
            expect_data(json_object_get(data, "client"), &unsealed.application[WIRE_CLIENT]);
        } else {
            assert_string_equal(buffer_string(&unsealed.application[WIRE_CLIENT]),
                                exception->client_data);
        }
        assert_true(unsealed.opened[WIRE_CLIENT] > 0);
        assert_true(unsealed.opened[WIRE_SERVER] > 0);
        check_handshake(name, &unsealed, keylog);
    }
    unseal_free(&unsealed);
    buffer_free(&directions[WIRE_CLIENT]);
    buffer_free(&directions[WIRE_SERVER]);
}

/* Returns how many streams there were to compare. */
static size_t check_capture(const char *expected_name)
{
    struct buffer content = read_file("expected", expected_name);
    json_t *expected = json_loadb((const char *)content.data, content.length, 0, NULL);
    const json_t *file = json_object_get(expected, "file");
    const json_t *streams = json_object_get(expected, "streams");
    const char *name = json_string_value(json_object_get(file, "name"));
    const char *keylog_name = json_string_value(json_object_get(file, "keylog"));
    size_t count = 0;

    assert_non_null(name);
    if (keylog_name != NULL && strstr(name, "dtls") == NULL) {
        struct crypt_keylog *keylog = read_keylog(keylog_name);
        for (; count < json_array_size(streams); count++) {
            check_stream(name, json_array_get(streams, count), keylog);
        }
        crypt_keylog_free(keylog);
    }
    json_decref(expected);
    buffer_free(&content);
    return count;
}

static void what_tshark_reads_is_read_here(void **state)
{
    DIR *folder = opendir(DATA "/expected");
    const struct dirent *entry;
    size_t streams = 0;

    (void)state;
    if (folder == NULL) {
        print_message("skipped: no " DATA " with captures\n");
        skip();
    }
    while ((entry = readdir(folder)) != NULL) {
        if (strncmp(entry->d_name, "own-", 4) == 0) {
            streams += check_capture(entry->d_name);
        }
    }
    (void)closedir(folder);
    assert_true(streams >= 50);
    print_message("%zu Finished and %zu CertificateVerify are right\n", checks[0], checks[1]);
    assert_true(checks[0] >= 90 && checks[1] >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_tshark_reads_is_read_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
