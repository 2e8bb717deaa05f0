/*
 * What a configured session puts into its ClientHello. The message is read here by hand, and
 * compared with the one that gnutls-cli sends.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "command.h"
#include "tlstep/tls.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
enum {
    EXT_SERVER_NAME = 0,
    EXT_STATUS_REQUEST = 5,
    EXT_ALPN = 16,
    EXT_TICKET = 35,
    EXT_VERSIONS = 43
};

/* ---- a ClientHello, RFC 8446 4.1.2 ------------------------------------------------------- */

struct hello {
    size_t suites_length;
    uint8_t suites[512];
    size_t extension_count;
    uint16_t extensions[64];
    uint8_t bodies[64][512];
    size_t body_lengths[64];
};

static void hello_parse(struct hello *hello, const uint8_t *record, size_t length)
{
    struct reader reader = reader_new(record, length);
    const uint8_t *bytes;

    memset(hello, 0, sizeof *hello);
    assert_int_equal(reader_u8(&reader), 22); /* handshake */
    (void)reader_u16(&reader);
    assert_int_equal(reader_u16(&reader), length - 5); /* one record */
    assert_int_equal(reader_u8(&reader), 1);           /* ClientHello */
    (void)reader_u24(&reader);
    (void)reader_bytes(&reader, 2 + 32); /* legacy_version, random */
    (void)reader_bytes(&reader, reader_u8(&reader));
    hello->suites_length = reader_u16(&reader);
    assert_true(hello->suites_length <= sizeof hello->suites);
    bytes = reader_bytes(&reader, hello->suites_length);
    assert_non_null(bytes);
    memcpy(hello->suites, bytes, hello->suites_length);
    (void)reader_bytes(&reader, reader_u8(&reader));
    length = reader_u16(&reader);
    assert_int_equal(length, reader_left(&reader));
    while (reader_left(&reader) > 0 && hello->extension_count < 64) {
        size_t i = hello->extension_count++;
        hello->extensions[i] = reader_u16(&reader);
        hello->body_lengths[i] = reader_u16(&reader);
        assert_true(hello->body_lengths[i] <= sizeof hello->bodies[i]);
        bytes = reader_bytes(&reader, hello->body_lengths[i]);
        assert_non_null(bytes);
        memcpy(hello->bodies[i], bytes, hello->body_lengths[i]);
    }
    assert_false(reader.failed);
}

static long find(const struct hello *hello, uint16_t extension)
{
    for (size_t i = 0; i < hello->extension_count; i++) {
        if (hello->extensions[i] == extension) {
            return (long)i;
        }
    }
    return -1;
}

static void assert_extension(const struct hello *hello, uint16_t extension, const void *body,
                             size_t length)
{
    long i = find(hello, extension);
    if (i < 0) {
        fail_msg("extension %u is missing", extension);
    }
    assert_int_equal(hello->body_lengths[i], length);
    assert_memory_equal(hello->bodies[i], body, length);
}

/* ---- a session's ClientHello, without a network ------------------------------------------ */

static ssize_t collect(gnutls_transport_ptr_t pointer, const void *data, size_t length)
{
    struct buffer *out = pointer;
    buffer_append(out, data, length);
    return (ssize_t)length;
}

static ssize_t no_answer(gnutls_transport_ptr_t pointer, void *data, size_t length)
{
    (void)pointer, (void)data, (void)length;
    return 0; /* the end */
}

static int no_wait(gnutls_transport_ptr_t pointer, unsigned milliseconds)
{
    (void)pointer;
    /* The handshake has no time-out of GnuTLS's own. */
    assert_int_equal(milliseconds, GNUTLS_INDEFINITE_TIMEOUT);
    return 1;
}

static void hello_of(struct hello *hello, const struct tls_options *options, const char *host)
{
    struct tls_session session;
    struct buffer out = {0};
    struct err err = {0};

    if (tls_session_init(&session, options, host, &err) != 0) {
        fail_msg("%s", err.text);
    }
    gnutls_transport_set_ptr(session.session, &out);
    gnutls_transport_set_push_function(session.session, collect);
    gnutls_transport_set_pull_function(session.session, no_answer);
    gnutls_transport_set_pull_timeout_function(session.session, no_wait);
    assert_int_equal(gnutls_handshake(session.session), GNUTLS_E_PREMATURE_TERMINATION);
    tls_session_free(&session);
    assert_null(session.session);
    assert_false(out.failed);
    hello_parse(hello, out.data, out.length);
    buffer_free(&out);
}

static struct tls_options options_with(const char *sni, const char *alpn, const char *min,
                                       const char *max)
{
    struct tls_options options;
    tls_options_init(&options);
    options.sni = (char *)(uintptr_t)sni;
    options.alpn = (char *)(uintptr_t)alpn;
    options.tls_min = (char *)(uintptr_t)min;
    options.tls_max = (char *)(uintptr_t)max;
    return options;
}

/* ---- tests ------------------------------------------------------------------------------- */

static void the_server_name_is_sent_as_rfc_6066_says(void **state)
{
    static const struct {
        const char *host, *sni;
        const char *body; /* NULL: no extension */
        size_t length;
    } cases[] = {
        {"a.example", NULL,
         "\0\x0c\0\0\x09"
         "a.example",
         14},
        {"a.example.", NULL,
         "\0\x0c\0\0\x09"
         "a.example",
         14},
        {"a.example", "b.example",
         "\0\x0c\0\0\x09"
         "b.example",
         14},
        {"b\xc3\xbc"
         "cher.example",
         NULL,
         "\0\x18\0\0\x15"
         "xn--bcher-kva.example",
         26},
        {"a.example", "none", NULL, 0},
        {"192.0.2.1", NULL, NULL, 0},
        {"2001:db8::1", NULL, NULL, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tls_options options = options_with(cases[i].sni, NULL, NULL, NULL);
        struct hello hello;
        hello_of(&hello, &options, cases[i].host);
        if (cases[i].body == NULL) {
            assert_int_equal(find(&hello, EXT_SERVER_NAME), -1);
        } else {
            assert_extension(&hello, EXT_SERVER_NAME, cases[i].body, cases[i].length);
        }
    }
}

static void versions_and_alpn_are_what_was_asked_for(void **state)
{
    struct tls_options options = options_with(NULL, "h2,http/1.1", "1.2", "1.3");
    struct hello hello;
    (void)state;

    hello_of(&hello, &options, "a.example");
    assert_extension(&hello, EXT_VERSIONS, "\x04\x03\x04\x03\x03", 5);
    assert_extension(&hello, EXT_ALPN, "\0\x0c\x02h2\x08http/1.1", 14);

    options = options_with(NULL, NULL, NULL, "1.2");
    hello_of(&hello, &options, "a.example");
    assert_int_equal(find(&hello, EXT_VERSIONS), -1);
    assert_int_equal(find(&hello, EXT_ALPN), -1);
}

/* Starts gnutls-cli towards a listener of ours and reads what it sends first. */
static size_t gnutls_cli_says(uint8_t *out, size_t size)
{
    struct net_address address;
    struct command command;
    struct buffer output = {0};
    size_t length = 0;
    int listener = net_listen("127.0.0.1", 0, &address, NULL);
    struct pollfd watched = {.fd = listener, .events = POLLIN};
    int fd;

    assert_true(listener >= 0);
    assert_int_equal(command_start(&command,
                                   "timeout 10 gnutls-cli --no-ca-verification --priority NORMAL "
                                   "--sni-hostname=a.example --port=%s 127.0.0.1",
                                   strchr(address.text, ':') + 1),
                     0);
    fd = poll(&watched, 1, 5000) == 1 ? accept(listener, NULL, NULL) : -1;
    watched.fd = fd;
    /* The whole record comes in one piece on loopback; a pause says that it is over. */
    while (fd >= 0 && length < size && poll(&watched, 1, length == 0 ? 5000 : 200) == 1) {
        ssize_t got = read(fd, out + length, size - length);
        if (got <= 0) {
            break;
        }
        length += (size_t)got;
    }
    (void)close(fd);
    (void)close(listener);
    assert_int_not_equal(command_finish(&command, &output), 124);
    buffer_free(&output);
    return length;
}

static void by_default_it_says_what_gnutls_cli_says(void **state)
{
    struct tls_options options;
    struct hello ours, theirs;
    uint8_t record[4096];
    size_t length;
    (void)state;

    if (!command_exists("gnutls-cli")) {
        print_message("skipped: gnutls-cli is not installed\n");
        skip();
    }
    length = gnutls_cli_says(record, sizeof record);
    assert_true(length > 5);
    hello_parse(&theirs, record, length);
    tls_options_init(&options);
    hello_of(&ours, &options, "a.example");

    assert_int_equal(ours.suites_length, theirs.suites_length);
    assert_memory_equal(ours.suites, theirs.suites, ours.suites_length);
    for (size_t i = 0; i < theirs.extension_count; i++) {
        if (find(&ours, theirs.extensions[i]) < 0) {
            fail_msg("gnutls-cli also sends extension %u", theirs.extensions[i]);
        }
    }
    for (size_t i = 0; i < ours.extension_count; i++) {
        if (find(&theirs, ours.extensions[i]) < 0) {
            fail_msg("gnutls-cli does not send extension %u", ours.extensions[i]);
        }
    }
    assert_true(find(&ours, EXT_STATUS_REQUEST) >= 0);
    assert_true(find(&ours, EXT_TICKET) >= 0);
}

static void a_refused_priority_string_leaves_nothing_behind(void **state)
{
    struct tls_options options;
    struct tls_session session;
    struct err err = {0};
    char priority[] = "NORMAL:+NO-SUCH";
    (void)state;

    tls_options_init(&options);
    options.priority = priority;
    assert_int_equal(tls_session_init(&session, &options, "a.example", &err), -1);
    assert_int_equal(err.class, ERR_USAGE);
    assert_null(session.session);
    assert_null(session.credentials);
    tls_session_free(&session);
    tls_session_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_name_is_sent_as_rfc_6066_says),
        cmocka_unit_test(versions_and_alpn_are_what_was_asked_for),
        cmocka_unit_test(by_default_it_says_what_gnutls_cli_says),
        cmocka_unit_test(a_refused_priority_string_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
