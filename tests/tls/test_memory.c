/* Memory that runs out at any point is an error with a name and no leak, never a crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "scarcity.h"
#include "tlstep/tls.h"

/* Far more than any of them allocates: a loop that never ends is a failure too. */
#define ALLOCATIONS_MAX 20000

static struct tls_options options_with_all(void)
{
    static char values[][20] = {"a.example",     "NORMAL",           "1.2",    "h2,http/1.1",
                                "192.0.2.1:443", "x25519,secp256r1", "ed25519"};
    struct tls_options options;

    tls_options_init(&options);
    options.sni = values[0];
    options.priority = values[1];
    options.tls_min = values[2];
    options.alpn = values[3];
    options.connect = values[4];
    options.groups = values[5];
    options.sigalgs = values[6];
    return options;
}

static int copy(struct err *err)
{
    struct tls_options options = options_with_all(), to;
    int result = tls_options_copy(&to, &options, err);

    if (result == 0) {
        tls_options_free(&to);
    }
    return result;
}

static int check(struct err *err)
{
    struct tls_options options = options_with_all();

    return tls_options_check(&options, err);
}

static int session(struct err *err)
{
    struct tls_options options = options_with_all();
    struct tls_session made;
    int result = tls_session_init(&made, &options, "a.example", err);

    tls_session_free(&made);
    return result;
}

static int server(struct err *err)
{
    struct tls_options options = options_with_all();
    struct tls_memory *memory = tls_memory_new(err);
    struct tls_session made;
    int result;

    if (memory == NULL) {
        return -1;
    }
    result = tls_session_init_server(&made, &options, NULL, memory, err);
    tls_session_free(&made);
    tls_memory_release(memory);
    return result;
}

static void memory_may_run_out_anywhere(void **state)
{
    static const struct {
        const char *name;
        int (*run)(struct err *err);
        bool gnutls; /* which takes a lack of memory for a bad priority string (3.7.9) */
    } cases[] = {{"copy", copy, false},
                 {"check", check, true},
                 {"session", session, true},
                 {"server", server, true}};
    (void)state;

    if (!scarcity_works()) {
        print_message("skipped: the sanitizer has an allocator of its own\n");
        skip();
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned long count = 0;
        bool refused = true;
        while (refused && count < ALLOCATIONS_MAX) {
            struct err err = {0};
            int result;
            scarcity_begin(count);
            result = cases[i].run(&err);
            refused = scarcity_end();
            if (result != 0 && (!refused || err.text[0] == '\0' ||
                                (err.class != ERR_MEMORY && !cases[i].gnutls))) {
                fail_msg("%s, allocation %lu: class %d, %s", cases[i].name, count, (int)err.class,
                         err.text);
            }
            count++;
        }
        assert_true(count > 1 && count < ALLOCATIONS_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
