/* A capture is opened, stepped and compared while memory runs out: said, and never a crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "packets.h"
#include "scarcity.h"
#include "scratch.h"
#include "tlstep/stepper.h"

/* Two conversations in clear text: enough for a list, and GnuTLS is not asked for anything. */
static void make_capture(char path[SCRATCH_PATH_MAX])
{
    static const uint8_t hello[] = {22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3, 0, 1, 2,  3, 4, 5,
                                    6,  7, 8, 9, 0,  1, 2, 3, 4,  5, 6, 7, 8, 9,  0, 1, 2,
                                    3,  4, 5, 6, 7,  8, 9, 0, 1,  0, 0, 2, 0, 47, 1, 0};
    struct packets_file file = {0};
    struct buffer packet = {0};

    packets_section(&file);
    packets_interface(&file, 101, NULL);
    for (uint16_t port = 1; port <= 2; port++) {
        const struct packets_tcp segments[] = {
            {.port = port, .seq = 1, .flags = PACKETS_SYN},
            {.port = port, .seq = 2, .flags = PACKETS_ACK, .data = hello, .length = sizeof hello},
            {.port = port, .seq = 2 + sizeof hello, .flags = PACKETS_ACK | PACKETS_FIN},
        };
        for (size_t i = 0; i < 3; i++) {
            packet.length = 0;
            packets_tcp(&packet, &segments[i]);
            packets_enhanced(&file, 0, i, &packet, packet.length, NULL);
        }
    }
    scratch_write(path, "two.pcapng", file.bytes.data, file.bytes.length);
    buffer_free(&file.bytes);
    buffer_free(&packet);
}

static int run(struct stepper *stepper, const char *name, const char *argument, struct err *err)
{
    if (stepper_run(stepper, stepper_command_find(name), argument, err) != 0) {
        return -1;
    }
    while (stepper_busy(stepper)) {
        (void)stepper_pump(stepper);
    }
    return 0;
}

static int step_through(const struct stepper_target *target, struct err *err)
{
    static const char *const commands[][2] = {
        {"conversation", "0"}, {"step", NULL},     {"compare", "1"},
        {"conversation", "1"}, {"compare", "1"},   {"goto", "2"},
        {"back", NULL},        {"continue", NULL}, {"conversations", NULL},
    };
    struct stepper_options options;

    stepper_options_init(&options);
    struct stepper *stepper = stepper_new(target, &options, err);
    int result = stepper != NULL ? 0 : -1;
    while (result == 0 && stepper_reading(stepper)) {
        (void)stepper_pump(stepper);
    }
    for (size_t i = 0; result == 0 && i < sizeof commands / sizeof *commands; i++) {
        result = run(stepper, commands[i][0], commands[i][1], err);
    }
    stepper_free(stepper);
    stepper_options_free(&options);
    return result;
}

static void a_capture_is_stepped_or_the_lack_is_said(void **state)
{
    struct stepper_target target = {0};
    struct err err = {0};
    char path[SCRATCH_PATH_MAX];
    unsigned long count = 0;
    unsigned failed = 0;
    bool refused = true;

    (void)state;
    if (!scarcity_works()) {
        print_message("skipped: the sanitizer has an allocator of its own\n");
        skip();
    }
    make_capture(path);
    assert_int_equal(stepper_target_file(path, &target, &err), 0);
    if (step_through(&target, &err) != 0) {
        fail_msg("%s", err.text);
    }
    for (; refused; count++) {
        err = (struct err){0};
        scarcity_begin(count);
        int result = step_through(&target, &err);
        refused = scarcity_end();
        assert_true(result == 0 || refused);
        failed += result != 0;
    }
    print_message("# %lu allocations, %u failures\n", count, failed);
    assert_true(failed > 10);
    stepper_target_free(&target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_capture_is_stepped_or_the_lack_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
