/* Memory that runs out at every point of every dialogue: it says so, and never does anything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "clear_text.h"
#include "scarcity.h"

/* What one says, heard by the other. Returns 1 when it said something, 0, or -1: a failure, which is one of memory. */
static int pass_on(struct net_dialogue *from, struct net_dialogue *to)
{
    uint8_t said[8192];
    size_t total = 0;
    size_t heard = 0;
    struct err err = {0};
    long used = 1;

    while (net_dialogue_turn(from) == NET_SAY) {
        size_t length;
        const uint8_t *data = net_dialogue_say(from, &length);

        assert_true(total + length <= sizeof said);
        memcpy(said + total, data, length);
        total += length;
        net_dialogue_said(from);
    }
    while (used > 0) {
        used = net_dialogue_hear(to, said + heard, total - heard, &err);
        heard += used > 0 ? (size_t)used : 0;
    }
    if (used < 0) {
        assert_int_equal(err.class, ERR_MEMORY);
    }
    return used < 0 ? -1 : total > 0;
}

/* 1: both are done, -1: memory ran out. */
static int play(const struct net_protocol *protocol)
{
    struct net_dialogue *client = net_dialogue_new(protocol, NET_CLIENT, "host");
    struct net_dialogue *server = net_dialogue_new(protocol, NET_SERVER, "host");
    int status = client != NULL && server != NULL ? 0 : -1;

    for (int round = 0; round < 20 && status == 0; round++) {
        if (pass_on(server, client) < 0 || pass_on(client, server) < 0) {
            status = -1;
        } else if (net_dialogue_turn(client) == NET_DONE && net_dialogue_turn(server) == NET_DONE) {
            status = 1;
        }
    }
    net_dialogue_free(client);
    net_dialogue_free(server);
    return status;
}

static void every_dialogue_without_memory(void **state)
{
    size_t count;
    const struct net_protocol *protocols = net_protocols(&count);

    (void)state;
    if (!scarcity_works()) {
        print_message("skipped: a sanitizer owns the allocator\n");
        skip();
    }
    for (size_t i = 0; i < count; i++) {
        bool refused = true;

        for (unsigned long point = 0; refused; point++) {
            int status;

            assert_true(point < 1000);
            scarcity_begin(point);
            status = play(&protocols[i]);
            refused = scarcity_end();
            if (status == 0 || (!refused && status != 1)) {
                fail_msg("%s, allocation %lu: stands still", protocols[i].name, point);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_dialogue_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
