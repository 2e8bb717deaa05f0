/* Real packets: what was sent is what is captured, with the kernel's stamps; filters; permission. */
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tlstep/capture.h"
#include "tlstep/net.h"

#define SYN 2
#define ACK 16

static struct net_capture *capture; /* opened once: privileges are gone after that */
static struct err why;

static void need_capture(void)
{
    if (capture == NULL) {
        print_message("packets cannot be captured here: %s\n", why.text);
        skip();
    }
}

/* Connects to a listener on loopback and back. Returns the port of the client's end. */
static uint16_t connect_once(const struct net_address *address)
{
    struct sockaddr_in end;
    socklen_t length = sizeof end;
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(client >= 0);
    assert_int_equal(connect(client, (const struct sockaddr *)&address->socket, address->length),
                     0);
    assert_int_equal(getsockname(client, (struct sockaddr *)&end, &length), 0);
    assert_int_equal(write(client, "hello", 5), 5);
    close(client);
    return ntohs(end.sin_port);
}

static bool next_segment(struct net_packet *packet, struct capture_segment *segment)
{
    struct pollfd fd = {.fd = net_capture_fd(capture), .events = POLLIN};

    for (int tries = 0; tries < 40; tries++) {
        if (net_capture_next(capture, packet)) {
            assert_true(capture_segment_read((uint16_t)net_capture_link_type(capture), packet->data,
                                             packet->length, packet->original, segment));
            return true;
        }
        (void)poll(&fd, 1, 50);
    }
    return false;
}

static void filter_port(uint16_t port)
{
    struct err err = {0};
    char filter[40];

    (void)snprintf(filter, sizeof filter, "tcp port %u", port);
    assert_int_equal(net_capture_filter(capture, filter, &err), 0);
}

static int listen_on(struct net_address *address)
{
    struct err err = {0};
    int fd = net_listen("127.0.0.1", 0, address, &err);

    assert_true(fd >= 0);
    return fd;
}

static uint16_t port_of(const struct net_address *address)
{
    return ntohs(((const struct sockaddr_in *)&address->socket)->sin_port);
}

static void packets_of_a_connection_come_in_order(void **state)
{
    struct net_address address;
    struct net_packet packet;
    struct capture_segment segment;
    (void)state;

    need_capture();
    int fd = listen_on(&address);
    filter_port(port_of(&address));
    int64_t before = clock_wall_ns();
    uint16_t port = connect_once(&address);
    int64_t after = clock_wall_ns();

    static const uint8_t flags[] = {SYN, SYN | ACK, ACK};
    for (size_t i = 0; i < sizeof flags; i++) {
        assert_true(next_segment(&packet, &segment));
        assert_int_equal(segment.flags, flags[i]);
        assert_int_equal(segment.from.port, i == 1 ? port_of(&address) : port);
        assert_true(packet.wall_ns >= before && packet.wall_ns <= after);
        assert_int_equal(segment.ip[0] >> 4, 4);
    }
    assert_true(next_segment(&packet, &segment));
    assert_int_equal(segment.length, 5);
    assert_int_equal(segment.captured, 5);
    assert_memory_equal(segment.ip + segment.headers, "hello", 5);
    assert_int_equal(net_capture_dropped(capture), 0);
    close(fd);
}

static void a_new_filter_drops_what_was_caught_before(void **state)
{
    struct net_address old, new;
    struct net_packet packet;
    struct capture_segment segment;
    (void)state;

    need_capture();
    int old_fd = listen_on(&old);
    int new_fd = listen_on(&new);
    filter_port(port_of(&old));
    (void)connect_once(&old);
    filter_port(port_of(&new));
    uint16_t port = connect_once(&new);
    assert_true(next_segment(&packet, &segment));
    assert_int_equal(segment.from.port, port);
    assert_int_equal(segment.flags, SYN);
    close(old_fd);
    close(new_fd);
}

static void a_filter_that_is_none_is_told(void **state)
{
    struct err err = {0};
    (void)state;

    need_capture();
    assert_int_equal(net_capture_filter(capture, "no such thing (", &err), -1);
    assert_string_equal(err.code, "bad_filter");
}

static void privileges_are_gone(void **state)
{
    (void)state;

    need_capture();
    assert_int_equal(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), -1);
    struct err err = {0};
    assert_null(net_capture_open(&err));
    assert_string_equal(err.code, "no_permission");
    assert_non_null(strstr(err.text, "sudo setcap cap_net_raw+ep /"));
}

/* One packet by itself, whatever it is: no root is needed for that. */
static void a_packet_that_is_cut_is_no_segment(void **state)
{
    static const uint8_t packet[] = {
        0,    0,    3, 4,    0, 6, 0,    0, 0,  0, 0, 0, 0,    0,    8, 0, /* cooked */
        0x45, 0,    0, 41,   0, 1, 0x40, 0, 64, 6, 0, 0, 127,  0,    0, 1, 127, 0, 0, 1, /* IPv4 */
        0x12, 0x34, 1, 0xbb, 0, 0, 0,    7, 0,  0, 0, 9, 0x50, 0x18, 1, 0, 0,   0, 0, 0, /* TCP */
        'x'};
    struct capture_segment segment;
    (void)state;

    assert_true(capture_segment_read(113, packet, sizeof packet, sizeof packet, &segment));
    assert_int_equal(segment.from.port, 0x1234);
    assert_int_equal(segment.to.port, 443);
    assert_int_equal(segment.seq, 7);
    assert_int_equal(segment.ack, 9);
    assert_int_equal(segment.headers, 40);
    assert_int_equal(segment.length, 1);
    assert_int_equal(segment.ip[segment.headers], 'x');
    for (size_t length = 0; length < 16 + 40; length++) {
        uint8_t *cut = malloc(length + 1);
        assert_non_null(cut);
        memcpy(cut, packet, length);
        assert_false(capture_segment_read(113, cut, length, length, &segment));
        free(cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_of_a_connection_come_in_order),
        cmocka_unit_test(a_new_filter_drops_what_was_caught_before),
        cmocka_unit_test(a_filter_that_is_none_is_told),
        cmocka_unit_test(a_packet_that_is_cut_is_no_segment),
        cmocka_unit_test(privileges_are_gone),
    };

    capture = net_capture_open(&why);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    net_capture_close(capture);
    return failed;
}
