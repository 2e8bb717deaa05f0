/* lab:proxy, where nobody looks at the events: who still talks is told from who has fallen silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "lab_client.h"

enum { IDLE_MS = 1500, TURNS = 30, TURN_MS = 100, PATIENCE_MS = 20000 };

/* Twice the time after which it would be hung up on. */
static void who_talks_is_kept_and_who_falls_silent_is_not(void **state)
{
    const struct timespec turn = {.tv_nsec = TURN_MS * 1000000L};
    struct lab_server *proxy = lab_client_serve("proxy", 0, IDLE_MS);
    struct lab_client client;
    (void)state;

    assert_int_equal(lab_client_open(&client, proxy), GNUTLS_E_SUCCESS);
    for (int i = 0; i < TURNS; i++) {
        (void)nanosleep(&turn, NULL); /* woken up early it is a shorter turn */
        assert_int_equal(gnutls_record_send(client.session, "hello\n", 6), 6);
        assert_true(lab_client_hears(&client, "\n"));
    }
    assert_true(lab_client_is_ended(client.fd, PATIENCE_MS));
    lab_client_close(&client);
    lab_stop(proxy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_talks_is_kept_and_who_falls_silent_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
