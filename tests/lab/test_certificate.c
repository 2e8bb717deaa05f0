/*
 * The lab's certificates are what an independent reader (openssl) takes for a proper path, except
 * for what each scenario spoils.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "certificate.h"
#include "command.h"
#include "scratch.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* leaf.pem, intermediate.pem, root.pem (the one that is trusted) and, where it is sent, sent-root.pem
 * in a folder of their own. */
struct made {
    char folder[SCRATCH_PATH_MAX];
    size_t sent;
};

static void write_pem(const char *folder, const char *name, const gnutls_datum_t *der)
{
    gnutls_datum_t pem;
    char file[60], path[SCRATCH_PATH_MAX];

    (void)snprintf(file, sizeof file, "%s/%s.pem", folder, name);
    assert_int_equal(gnutls_pem_base64_encode2("CERTIFICATE", der, &pem), 0);
    (void)scratch_write(path, file, pem.data, pem.size);
    gnutls_free(pem.data);
}

static void make(struct made *made, const char *scenario)
{
    static const char *const names[] = {"leaf", "intermediate", "sent-root"};
    static unsigned number;
    struct lab_ca *ca = lab_ca_new(NULL);
    struct tls_identity *identity;
    struct pki_slice root;
    gnutls_datum_t der;
    char folder[20];

    (void)snprintf(folder, sizeof folder, "lab-%u", number++);
    assert_int_equal(mkdir(scratch_path(made->folder, folder), 0700), 0);
    assert_non_null(ca);
    identity = lab_certificates_make(lab_scenario_find(scenario), ca, NULL);
    assert_non_null(identity);
    root = lab_ca_root(ca);
    for (made->sent = 0; made->sent < COUNT(names) &&
                         gnutls_certificate_get_crt_raw(tls_identity_credentials(identity), 0,
                                                        (unsigned)made->sent, &der) == 0;
         made->sent++) {
        write_pem(folder, names[made->sent], &der);
    }
    der = (gnutls_datum_t){(unsigned char *)(uintptr_t)root.data, (unsigned)root.length};
    write_pem(folder, "root", &der);
    tls_identity_release(identity);
    lab_ca_release(ca);
}

/* -x509_strict: RFC 5280 to the letter (key identifiers, basic constraints, key usage). */
static int verify(const struct made *made, const char *root, const char *more, struct buffer *out)
{
    return command_run(out,
                       "openssl verify -x509_strict -purpose sslserver -CAfile %s/%s.pem "
                       "-untrusted %s/intermediate.pem %s %s/leaf.pem",
                       made->folder, root, made->folder, more, made->folder);
}

static void need_openssl(void)
{
    if (!command_exists("openssl")) {
        print_message("skipped: openssl is not installed\n");
        skip();
    }
}

static void assert_verify(const struct made *made, const char *root, const char *more,
                          const char *says)
{
    struct buffer out = {0};

    (void)verify(made, root, more, &out); /* what it says tells more than its status */
    if (command_count(&out, says) == 0) {
        fail_msg("openssl did not say \"%s\" but:\n%s", says, buffer_string(&out));
    }
    buffer_free(&out);
}

static void a_good_path_is_good_to_the_letter(void **state)
{
    static const char *const names[] = {"-verify_hostname good.lab.tlstep.test",
                                        "-verify_hostname localhost", "-verify_ip 127.0.0.1"};
    struct made made;
    (void)state;

    need_openssl();
    make(&made, "good");
    assert_int_equal(made.sent, 2);
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_verify(&made, "root", names[i], "leaf.pem: OK");
    }
    assert_verify(&made, "root", "-verify_hostname example.org", "hostname mismatch");
}

static void each_scenario_spoils_one_thing(void **state)
{
    static const struct {
        const char *scenario, *root, *more, *says;
    } cases[] = {
        {"expired", "root", "-verify_hostname expired.lab.tlstep.test", "certificate has expired"},
        {"expired", "root", "-no_check_time -verify_hostname expired.lab.tlstep.test",
         "leaf.pem: OK"},
        {"wrong-host", "root", "-verify_hostname wrong-host.lab.tlstep.test", "hostname mismatch"},
        {"wrong-host", "root", "-verify_hostname localhost", "hostname mismatch"},
        {"wrong-host", "root", "-verify_hostname somewhere-else.lab.tlstep.test", "leaf.pem: OK"},
        {"untrusted-root", "root", "", "unable to get local issuer certificate"},
        {"untrusted-root", "sent-root", "-verify_hostname untrusted-root.lab.tlstep.test",
         "leaf.pem: OK"},
    };
    (void)state;

    need_openssl();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct made made;
        make(&made, cases[i].scenario);
        assert_verify(&made, cases[i].root, cases[i].more, cases[i].says);
    }
}

static void every_server_has_keys_and_serials_of_its_own(void **state)
{
    struct made one, other;
    struct buffer out = {0};
    (void)state;

    need_openssl();
    make(&one, "good");
    make(&other, "good");
    assert_int_equal(command_run(&out,
                                 "for f in %s/*.pem %s/*.pem; do "
                                 "openssl x509 -in $f -noout -pubkey | sha256sum; "
                                 "openssl x509 -in $f -noout -serial; done | sort | uniq -d",
                                 one.folder, other.folder),
                     0);
    assert_string_equal(buffer_string(&out), "");
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_path_is_good_to_the_letter),
        cmocka_unit_test(each_scenario_spoils_one_thing),
        cmocka_unit_test(every_server_has_keys_and_serials_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
