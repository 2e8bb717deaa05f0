/* Certificates without a connection: opened from files, judged as of other dates and with other options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "certs.h"
#include "scratch.h"
#include "tlstep/stepper.h"
#include "verdict.h"

static struct cert *root, *ca, *leaf;

static int make_chain(void **state)
{
    (void)state;
    root = cert_make(&(struct cert_options){.common_name = "Root", .ca = true});
    ca = cert_make(&(struct cert_options){.common_name = "CA", .ca = true, .issuer = root});
    leaf = cert_make(&(struct cert_options){
        .common_name = "example.org", .issuer = ca, .names = NAMES("DNS:example.org")});
    return root != NULL && ca != NULL && leaf != NULL ? 0 : -1;
}

static int free_chain(void **state)
{
    (void)state;
    cert_free(leaf);
    cert_free(ca);
    cert_free(root);
    return 0;
}

/* At CERT_NOW, by the root. */
static struct stepper *open_file(const char *path, struct err *err)
{
    char anchors[SCRATCH_PATH_MAX], at[40];
    struct stepper_options options;
    struct stepper_target target;

    stepper_options_init(&options);
    assert_int_equal(stepper_option_set(&options, "ca-file",
                                        cert_write_scratch(anchors, "root.pem", CHAIN(root)), err),
                     0);
    assert_int_equal(stepper_option_set(&options, "at", time_rfc3339(at, sizeof at, CERT_NOW), err),
                     0);
    assert_int_equal(stepper_target_file(path, &target, err), 0);
    struct stepper *stepper = stepper_new(&target, &options, err);
    stepper_target_free(&target);
    stepper_options_free(&options);
    return stepper;
}

static int run(struct stepper *stepper, const char *command, const char *argument, struct err *err)
{
    return stepper_run(stepper, stepper_command_find(command), argument, err);
}

static const char *codes_of(struct stepper *stepper)
{
    static char codes[200];
    const struct pki_verification *verdict = stepper_facts(stepper)->verification;

    return verdict == NULL ? "none" : verdict_codes(codes, sizeof codes, verdict);
}

static void a_chain_is_judged_when_it_is_opened(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};
    struct stepper *stepper =
        open_file(cert_write_scratch(path, "chain.pem", CHAIN(leaf, ca)), &err);

    (void)state;
    assert_non_null(stepper);
    assert_true(stepper_is_certificates(stepper));
    assert_false(stepper_live(stepper));
    assert_int_equal(stepper_facts(stepper)->certificate_count, 2);
    assert_string_equal(codes_of(stepper), "ok");
    assert_int_equal(stepper_facts(stepper)->verification->path_length, 3);
    assert_int_equal(pki_bundle_count(stepper_bundle(stepper, &err)), 2);
    stepper_free(stepper);
}

static void another_date_gives_another_verdict(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};
    struct stepper *stepper =
        open_file(cert_write_scratch(path, "dates.pem", CHAIN(leaf, ca)), &err);

    (void)state;
    assert_non_null(stepper);
    assert_int_equal(run(stepper, "judge", "2001-01-01", &err), 0);
    assert_non_null(strstr(codes_of(stepper), "not_yet_valid"));
    assert_int_equal(run(stepper, "judge", "2200-01-01T00:00:00Z", &err), 0);
    assert_non_null(strstr(codes_of(stepper), "expired"));
    assert_int_equal(run(stepper, "judge", "+36500d", &err), 0);
    assert_non_null(strstr(codes_of(stepper), "expired"));
    assert_int_equal(run(stepper, "judge", NULL, &err), 0);
    assert_string_equal(codes_of(stepper), "ok");
    assert_int_equal(run(stepper, "judge", "tomorrow", &err), -1);
    assert_string_equal(err.code, "bad_value");
    assert_string_equal(codes_of(stepper), "ok");
    assert_int_equal(run(stepper, "judge", "off", &err), 0);
    assert_string_equal(codes_of(stepper), "none");
    assert_false(stepper_judged_again(stepper));
    stepper_free(stepper);
}

static void options_of_judging_can_be_set_for_a_file(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};
    struct stepper *stepper = open_file(cert_write_scratch(path, "set.pem", CHAIN(leaf, ca)), &err);

    (void)state;
    assert_non_null(stepper);
    assert_int_equal(run(stepper, "set", "verify-name example.net", &err), 0);
    assert_int_equal(run(stepper, "judge", NULL, &err), 0);
    assert_string_equal(codes_of(stepper), "hostname_mismatch");
    assert_int_equal(run(stepper, "set", "verify-name", &err), 0);
    assert_int_equal(run(stepper, "set", "trust none", &err), 0);
    assert_int_equal(run(stepper, "set", "ca-file", &err), 0);
    assert_int_equal(run(stepper, "judge", NULL, &err), 0);
    assert_non_null(strstr(codes_of(stepper), "no_trust_anchor"));
    assert_int_equal(run(stepper, "set", "alpn h2", &err), -1);
    assert_string_equal(err.code, "over");
    stepper_free(stepper);
}

static void a_folder_is_browsed_and_not_judged(void **state)
{
    char path[SCRATCH_PATH_MAX], folder[SCRATCH_PATH_MAX];
    struct err err = {0};

    (void)state;
    (void)mkdir(scratch_path(folder, "store"), 0700);
    cert_write_scratch(path, "store/a.pem", CHAIN(root));
    cert_write_scratch(path, "store/b.pem", CHAIN(ca));
    struct stepper *stepper = open_file(folder, &err);
    assert_non_null(stepper);
    assert_true(stepper_is_certificates(stepper));
    assert_int_equal(pki_bundle_count(stepper_bundle(stepper, &err)), 2);
    assert_int_equal(stepper_facts(stepper)->certificate_count, 0);
    assert_null(stepper_facts(stepper)->verification);
    assert_int_equal(run(stepper, "judge", NULL, &err), -1);
    assert_string_equal(err.code, "no_certificates");
    stepper_free(stepper);
}

static void a_file_without_certificates_says_so(void **state)
{
    static const char key[] = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};

    (void)state;
    scratch_write(path, "key.pem", key, sizeof key - 1);
    assert_null(open_file(path, &err));
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, "key.pem"));
}

/* Captures go on being captures. */
static void what_is_no_certificate_is_left_to_others(void **state)
{
    static const uint8_t garbage[] = {1, 2, 3, 4, 5, 6, 7, 8};
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};

    (void)state;
    scratch_write(path, "garbage.pcap", garbage, sizeof garbage);
    struct stepper *stepper = open_file(path, &err);
    assert_true(stepper == NULL || !stepper_is_certificates(stepper));
    stepper_free(stepper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_is_judged_when_it_is_opened),
        cmocka_unit_test(another_date_gives_another_verdict),
        cmocka_unit_test(options_of_judging_can_be_set_for_a_file),
        cmocka_unit_test(a_folder_is_browsed_and_not_judged),
        cmocka_unit_test(a_file_without_certificates_says_so),
        cmocka_unit_test(what_is_no_certificate_is_left_to_others),
    };
    return cmocka_run_group_tests(tests, make_chain, free_chain);
}
