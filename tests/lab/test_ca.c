/*
 * The lab's certification authority: what it signs openssl accepts, the one of the state folder stays
 * the same whoever asks for it and how many at once, and a file that is not as it was written is
 * refused and left alone.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/x509.h>

#include "certs.h"
#include "command.h"
#include "program.h"
#include "scratch.h"
#include "shown.h"
#include "tlstep/lab.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- a state folder of its own for each test ------------------------------------------------- */

static char state_folder[SCRATCH_PATH_MAX];
static char ca_file[SCRATCH_PATH_MAX + 30];

static int new_state(void **state)
{
    static unsigned number;
    char name[20];
    (void)state;

    (void)snprintf(name, sizeof name, "state-%u", number++);
    (void)scratch_path(state_folder, name);
    (void)snprintf(ca_file, sizeof ca_file, "%s/tlstep/lab-ca.pem", state_folder);
    return mkdir(state_folder, 0700) != 0 || setenv("XDG_STATE_HOME", state_folder, 1) != 0;
}

static void assert_same_root(const struct lab_ca *one, const struct lab_ca *other, bool same)
{
    struct pki_slice a = lab_ca_root(one), b = lab_ca_root(other);

    assert_int_equal(a.length == b.length && memcmp(a.data, b.data, a.length) == 0, same);
}

static struct lab_ca *open_ca(void)
{
    struct err err = {0};
    struct lab_ca *ca = lab_ca_open(&err);

    if (ca == NULL) {
        fail_msg("%s", err.text);
    }
    return ca;
}

/* ---- in memory ------------------------------------------------------------------------------- */

static void each_in_memory_is_new_and_leaves_no_file(void **state)
{
    struct lab_ca *one = lab_ca_new(NULL), *other = lab_ca_new(NULL);
    (void)state;

    assert_true(one != NULL && other != NULL);
    assert_same_root(one, other, false);
    assert_ptr_equal(lab_ca_hold(one), one);
    lab_ca_release(one);
    assert_true(lab_ca_root(one).length > 0);
    lab_ca_release(one);
    lab_ca_release(other);
    lab_ca_release(NULL);
    assert_int_not_equal(access(ca_file, F_OK), 0);
}

/* Writes what the identity shows to a client as NAME.pem, and the CA's root; gives what openssl says of the chain. */
static void verify(const struct lab_ca *ca, const struct tls_identity *identity, const char *more,
                   struct buffer *out)
{
    char chain[SCRATCH_PATH_MAX], root[SCRATCH_PATH_MAX];
    struct err err = {0};
    struct shown shown;

    assert_int_equal(shown_get(&shown, tls_identity_credentials(identity), NULL, NULL, NULL), 0);
    assert_int_equal(shown.count, 2);
    (void)scratch_write(chain, "chain.pem", shown.chain.data, shown.chain.length);
    shown_free(&shown);
    if (lab_ca_write_root(ca, scratch_path(root, "root.pem"), true, &err) != 0) {
        fail_msg("%s", err.text);
    }
    (void)command_run(out,
                      "openssl verify -x509_strict -purpose sslserver -CAfile %s -untrusted %s %s "
                      "%s; openssl x509 -in %s -noout -subject -dates -text",
                      root, chain, more, chain, chain); /* what it says counts */
}

static void assert_says(struct buffer *out, const char *text)
{
    if (command_count(out, text) == 0) {
        fail_msg("\"%s\" is not in:\n%s", text, buffer_string(out));
    }
}

static void an_identity_is_good_for_each_of_its_names(void **state)
{
    static const char *const names[] = {"a.example", "*.b.example", "192.0.2.1", "2001:db8::1"};
    static const char *const checks[] = {"-verify_hostname a.example",
                                         "-verify_hostname x.b.example", "-verify_ip 192.0.2.1",
                                         "-verify_ip 2001:db8::1"};
    struct lab_ca *ca = lab_ca_new(NULL);
    struct tls_identity *identity = lab_ca_identity(ca, names, COUNT(names), NULL);
    (void)state;

    command_need("openssl");
    assert_non_null(identity);
    for (size_t i = 0; i < COUNT(checks); i++) {
        struct buffer out = {0};
        verify(ca, identity, checks[i], &out);
        assert_says(&out, "chain.pem: OK");
        assert_says(&out, "CN = a.example");
        buffer_free(&out);
    }
    tls_identity_release(identity);
    identity = lab_ca_identity(ca, NULL, 0, NULL);
    struct buffer out = {0};
    verify(ca, identity, "-verify_hostname localhost", &out);
    assert_says(&out, "chain.pem: OK");
    buffer_free(&out);
    tls_identity_release(identity);
    lab_ca_release(ca);
}

static void what_is_no_name_is_refused(void **state)
{
    char long_name[300];
    const char *const cases[] = {"", "a b", "\x1b[2J",
                                 "b\xc3\xbc"
                                 "cher.example",
                                 long_name};
    struct lab_ca *ca = lab_ca_new(NULL);
    (void)state;

    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = {0};
        assert_null(lab_ca_identity(ca, &cases[i], 1, &err));
        assert_int_equal(err.class, ERR_USAGE);
        assert_string_equal(err.code, "bad_name");
        assert_null(strchr(err.text, 0x1b));
    }
    lab_ca_release(ca);
}

/* ---- imitations ------------------------------------------------------------------------------ */

static void an_imitation_has_the_names_the_dates_and_the_kind_of_key(void **state)
{
    static const struct {
        enum cert_key key;
        const char *says;
    } cases[] = {{CERT_P256, "NIST CURVE: P-256"},
                 {CERT_P384, "NIST CURVE: P-256"},
                 {CERT_ED25519, "NIST CURVE: P-256"},
                 {CERT_RSA, "Public-Key: (2048 bit)"}};
    struct lab_ca *ca = lab_ca_new(NULL);
    (void)state;

    command_need("openssl");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cert *real =
            cert_must((struct cert_options){.common_name = "the real one",
                                            .organization = "Example, Inc.",
                                            .names = NAMES("DNS:real.example", "IP:192.0.2.7"),
                                            .not_before = 1700000000,
                                            .not_after = 4000000000,
                                            .key = cases[i].key});
        struct tls_identity *identity =
            lab_ca_imitate(ca, (struct pki_slice){real->der, real->length}, NULL);
        struct buffer out = {0};
        assert_non_null(identity);
        verify(ca, identity, "-verify_hostname real.example -verify_ip 192.0.2.7", &out);
        assert_says(&out, "chain.pem: OK");
        assert_says(&out, "CN = the real one");
        assert_says(&out, "Example, Inc.");
        assert_says(&out, "notBefore=Nov 14 22:13:20 2023 GMT");
        assert_says(&out, "notAfter=Oct  2 07:06:40 2096 GMT");
        assert_says(&out, cases[i].says);
        buffer_free(&out);
        tls_identity_release(identity);
        cert_free(real);
    }
    lab_ca_release(ca);
}

/* Names in subjectAltName only, as web servers have them; an attribute that is no string; none at all. */
static void any_certificate_can_be_imitated(void **state)
{
    static const struct cert_attribute odd[] = {
        {.oid = "2.5.4.3", .der = "\x30\x03\x02\x01\x05", .length = 5}, {0}};
    const struct cert_options cases[] = {
        {.names = NAMES("DNS:real.example")},
        {.common_name = "no names"},
        {.attributes = odd, .names = NAMES("DNS:real.example")},
        {.common_name = "twice",
         .organization = "one",
         .attributes = (const struct cert_attribute[]){{.oid = "2.5.4.10", .text = "two"}, {0}}},
    };
    struct lab_ca *ca = lab_ca_new(NULL);
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cert *real = cert_must(cases[i]);
        struct err err = {0};
        struct tls_identity *identity =
            lab_ca_imitate(ca, (struct pki_slice){real->der, real->length}, &err);
        if (identity == NULL) {
            fail_msg("case %zu: %s", i, err.text);
        }
        tls_identity_release(identity);
        cert_free(real);
    }
    lab_ca_release(ca);
}

/* Names that cannot be read, or are many, cost no time and no more than the imitation. */
static void hostile_names_are_imitated_or_refused_at_once(void **state)
{
    enum { MANY = 5000 };
    static const char *const values[] = {"\x30\x84\xff\xff\xff\xff", "\x30\x03\x82\x7f", "\x04",
                                         "\x30\x05\x82\x03\x61\x00\x62"};
    static const size_t lengths[] = {6, 4, 1, 7};
    static const char *names[MANY + 1];
    struct lab_ca *ca = lab_ca_new(NULL);
    (void)state;

    for (size_t i = 0; i <= COUNT(values); i++) {
        struct cert_options options = {.common_name = "hostile"};
        if (i < COUNT(values)) {
            options.extension = "2.5.29.17";
            options.extension_value = values[i];
            options.extension_length = lengths[i];
        } else {
            for (size_t n = 0; n < MANY; n++) {
                names[n] = "DNS:a.very.long.name.that.is.there.again.and.again.example.org";
            }
            options.names = names;
        }
        struct cert *real = cert_must(options);
        struct err err = {0};
        int64_t before_ns = clock_monotonic_ns();
        struct tls_identity *identity =
            lab_ca_imitate(ca, (struct pki_slice){real->der, real->length}, &err);
        assert_true(identity != NULL || (i < COUNT(values) && err.class == ERR_TLS &&
                                         strstr(err.text, "imitate") != NULL));
        assert_true(clock_monotonic_ns() - before_ns < INT64_C(10000000000)); /* busy machines */
        tls_identity_release(identity);
        cert_free(real);
    }
    lab_ca_release(ca);
}

static void what_is_no_certificate_is_not_imitated(void **state)
{
    struct lab_ca *ca = lab_ca_new(NULL);
    struct pki_slice root = lab_ca_root(ca);
    struct err err = {0};
    (void)state;

    for (size_t length = 0; length < root.length; length += 7) {
        assert_null(lab_ca_imitate(ca, (struct pki_slice){root.data, length}, &err));
        assert_int_equal(err.class, ERR_TLS);
    }
    lab_ca_release(ca);
}

/* The key that imitations share is made once, whoever comes first. */
static void *imitate_in_thread(void *argument)
{
    const struct lab_ca *ca = ((void **)argument)[0];
    const struct cert *real = ((void **)argument)[1];

    return lab_ca_imitate(ca, (struct pki_slice){real->der, real->length}, NULL);
}

static void several_threads_may_imitate_at_once(void **state)
{
    struct lab_ca *ca = lab_ca_new(NULL);
    struct cert *real = cert_must((struct cert_options){.common_name = "real", .key = CERT_RSA});
    void *argument[] = {ca, real};
    pthread_t threads[4];
    (void)state;

    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, imitate_in_thread, argument), 0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *identity;
        assert_int_equal(pthread_join(threads[i], &identity), 0);
        assert_non_null(identity);
        tls_identity_release(identity);
    }
    cert_free(real);
    lab_ca_release(ca);
}

/* ---- in the state folder --------------------------------------------------------------------- */

static void it_is_made_once_and_found_again(void **state)
{
    struct lab_ca *first = open_ca(), *again = open_ca();
    struct pki_slice root = lab_ca_root(first);
    struct tls_identity *identity;
    struct buffer out = {0}, saved = {0};
    struct stat status;
    (void)state;

    assert_same_root(first, again, true);
    assert_int_equal(stat(ca_file, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(status.st_nlink, 1);
    assert_int_equal(lab_ca_saved_root(&saved, NULL), 0);
    assert_int_equal(saved.length, root.length);
    assert_memory_equal(saved.data, root.data, root.length);
    buffer_free(&saved);
    /* One that was read signs as one that was made. */
    identity = lab_ca_identity(again, NULL, 0, NULL);
    verify(first, identity, "-verify_hostname localhost", &out);
    if (command_exists("openssl")) {
        assert_says(&out, "chain.pem: OK");
    }
    buffer_free(&out);
    tls_identity_release(identity);
    lab_ca_release(first);
    lab_ca_release(again);
}

static void two_that_are_kept_have_different_names(void **state)
{
    gnutls_x509_crt_t crts[2];
    gnutls_datum_t names[2];

    for (size_t i = 0; i < 2; i++) {
        struct lab_ca *ca = open_ca();
        struct pki_slice root = lab_ca_root(ca);
        const gnutls_datum_t der = {(unsigned char *)(uintptr_t)root.data, (unsigned)root.length};
        assert_int_equal(gnutls_x509_crt_init(&crts[i]), 0);
        assert_int_equal(gnutls_x509_crt_import(crts[i], &der, GNUTLS_X509_FMT_DER), 0);
        assert_int_equal(gnutls_x509_crt_get_dn3(crts[i], &names[i], 0), 0);
        lab_ca_release(ca);
        assert_int_equal(new_state(state), 0);
    }
    assert_string_not_equal(names[0].data, names[1].data);
    for (size_t i = 0; i < 2; i++) {
        gnutls_free(names[i].data);
        gnutls_x509_crt_deinit(crts[i]);
    }
}

/* In the child: the root that it gets, to the pipe. */
static void open_and_tell(int fd)
{
    struct lab_ca *ca = lab_ca_open(NULL);
    struct pki_slice root;

    if (ca == NULL) {
        _exit(1);
    }
    root = lab_ca_root(ca);
    _exit(write(fd, root.data + root.length - 32, 32) == 32 ? 0 : 1);
}

static void processes_that_start_at_once_end_with_the_same(void **state)
{
    enum { PROCESSES = 16 };
    uint8_t got[PROCESSES][32];
    struct buffer out = {0};
    pid_t children[PROCESSES];
    int ends[2];
    (void)state;

    assert_int_equal(pipe(ends), 0);
    for (size_t i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            open_and_tell(ends[1]);
        }
    }
    for (size_t i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
        assert_int_equal(read(ends[0], got[i], sizeof got[i]), sizeof got[i]);
        assert_memory_equal(got[i], got[0], sizeof got[0]);
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
    /* And nothing else is left there. */
    assert_int_equal(command_run(&out, "ls -A %s/tlstep", state_folder), 0);
    assert_string_equal(buffer_string(&out), "lab-ca.pem\n");
    buffer_free(&out);
}

static void without_one_that_is_said(void **state)
{
    struct buffer out = {0};
    struct err err = {0};
    (void)state;

    assert_int_equal(lab_ca_saved_root(&out, &err), -1);
    assert_string_equal(err.code, "no_lab_ca");
    assert_non_null(strstr(err.text, "tlstep lab --write-ca"));
    assert_int_equal(out.length, 0);
    assert_int_not_equal(access(ca_file, F_OK), 0);
}

static void assert_refused(const char *why)
{
    struct buffer out = {0};
    struct err err = {0};

    assert_null(lab_ca_open(&err));
    if (err.class != ERR_FILE || strstr(err.text, why) == NULL ||
        strstr(err.text, "lab-ca.pem") == NULL) {
        fail_msg("class %d, \"%s\" lacks \"%s\"", (int)err.class, err.text, why);
    }
    assert_int_equal(lab_ca_saved_root(&out, &err), -1);
    assert_int_equal(out.length, 0);
}

/* What stands in the file is to be like this afterwards, too. */
static void assert_refused_and_left(const char *content, size_t length, const char *why)
{
    char path[sizeof ca_file];
    struct buffer after = {0};

    (void)snprintf(path, sizeof path, "%s", ca_file);
    assert_int_equal(file_replace_private(path, "the test's file", content, length, NULL), 0);
    assert_refused(why);
    assert_int_equal(file_read(path, "the test's file", 1 << 20, &after, NULL), 0);
    assert_int_equal(after.length, length);
    assert_memory_equal(after.data, content, length);
    buffer_free(&after);
}

static void a_file_that_is_none_of_ours_is_refused_and_left_alone(void **state)
{
    struct buffer good = {0}, other = {0}, mixed = {0};
    const char *key;
    (void)state;

    lab_ca_release(open_ca());
    assert_int_equal(file_read(ca_file, "it", 1 << 20, &good, NULL), 0);
    assert_int_equal(unlink(ca_file), 0);
    lab_ca_release(open_ca());
    assert_int_equal(file_read(ca_file, "it", 1 << 20, &other, NULL), 0);

    assert_refused_and_left("", 0, "No certificate");
    assert_refused_and_left("garbage\n", 8, "No certificate");
    assert_refused_and_left("\0\xff\x30\x82", 4, "No certificate");
    /* Cut anywhere, it is not half a CA. */
    for (size_t length = good.length / 8; length < good.length - 30; length += good.length / 8) {
        assert_refused_and_left((const char *)good.data, length, "cannot use the lab's CA");
    }
    /* The keys of one with the certificates of the other. */
    key = strstr(buffer_string(&good), "-----BEGIN PRIVATE KEY-----");
    buffer_append(&mixed, good.data, (size_t)(key - (const char *)good.data));
    buffer_text(&mixed, strstr(buffer_string(&other), "-----BEGIN PRIVATE KEY-----"));
    assert_refused_and_left((const char *)mixed.data, mixed.length, "not that of its certificate");
    /* One CA's root with the other's intermediate. */
    mixed.length = 0;
    key = strstr(strstr(buffer_string(&good), "-----BEGIN CERTIFICATE-----") + 1,
                 "-----BEGIN CERTIFICATE-----");
    buffer_append(&mixed, good.data, (size_t)(key - (const char *)good.data));
    buffer_text(&mixed, strstr(strstr(buffer_string(&other), "-----BEGIN CERTIFICATE-----") + 1,
                               "-----BEGIN CERTIFICATE-----"));
    assert_refused_and_left((const char *)mixed.data, mixed.length, "not valid");
    buffer_wipe_free(&good);
    buffer_wipe_free(&other);
    buffer_wipe_free(&mixed);
}

static void a_file_that_others_can_get_at_is_refused(void **state)
{
    (void)state;

    lab_ca_release(open_ca());
    assert_int_equal(chmod(ca_file, 0640), 0);
    assert_refused("0600");
    assert_int_equal(chmod(ca_file, 0602), 0);
    assert_refused("0600");
    assert_int_equal(chmod(ca_file, 0600), 0);
    lab_ca_release(open_ca());
    if (geteuid() == 0) {
        assert_int_equal(chown(ca_file, 12345, 12345), 0);
        assert_refused("belongs to another user");
    } else {
        assert_int_equal(chmod(ca_file, 0), 0);
        assert_refused("Permission denied");
    }
}

static void what_is_no_file_is_refused(void **state)
{
    char folder[sizeof state_folder + 10];
    (void)state;

    (void)snprintf(folder, sizeof folder, "%s/tlstep", state_folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(mkdir(ca_file, 0700), 0);
    assert_refused("it is not a file");
    assert_int_equal(rmdir(ca_file), 0);
    assert_int_equal(mkfifo(ca_file, 0600), 0); /* does not wait for anybody */
    assert_refused("it is not a file");
    assert_int_equal(unlink(ca_file), 0);
    assert_int_equal(symlink("lab-ca.pem", ca_file), 0);
    assert_refused("Too many levels of symbolic links");
}

/* ---- --trust lab ----------------------------------------------------------------------------- */

/* The exit status of a report of this server, with `--trust lab`, by the program in a process of its own. */
static int report(const struct lab_server *server, const char *hostname, struct buffer *out)
{
    return command_run(out, "%s report --trust lab --connect %s %s", program_path(),
                       lab_address(server)->text, hostname);
}

static void trust_lab_means_the_kept_one_in_every_process(void **state)
{
    struct lab_config config = {0};
    struct lab_server *ours, *another;
    struct buffer out = {0};
    (void)state;

    another = lab_start("good", 0, NULL);
    assert_non_null(another);
    assert_int_equal(report(another, "good.lab.tlstep.test", &out), 4);
    assert_says(&out, "tlstep lab --write-ca");
    buffer_free(&out);

    config.ca = open_ca();
    ours = lab_start_configured("good", &config, NULL);
    assert_non_null(ours);
    assert_ptr_equal(lab_server_ca(ours), config.ca);
    lab_ca_release(config.ca);
    assert_int_equal(report(ours, "good.lab.tlstep.test", &out), 0);
    assert_int_equal(report(ours, "example.org", &out), 1);
    buffer_free(&out);
    assert_int_equal(report(another, "good.lab.tlstep.test", &out), 1);
    assert_says(&out, "in the trust store");
    buffer_free(&out);
    lab_stop(ours);
    lab_stop(another);
}

/* ---- --write-ca ------------------------------------------------------------------------------ */

static void the_root_is_written_for_others_and_replaces_nothing_unasked(void **state)
{
    struct lab_ca *ca = lab_ca_new(NULL), *other = lab_ca_new(NULL);
    char path[SCRATCH_PATH_MAX];
    struct buffer pem = {0};
    struct err err = {0};
    struct stat status;
    (void)state;

    (void)scratch_path(path, "written.pem");
    assert_int_equal(lab_ca_write_root(ca, path, false, &err), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
    assert_int_equal(file_read(path, "it", 1 << 20, &pem, NULL), 0);
    assert_int_equal(command_count(&pem, "-----BEGIN CERTIFICATE-----"), 1);
    assert_int_equal(command_count(&pem, "KEY"), 0);
    assert_int_equal(lab_ca_write_root(other, path, false, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, "--force"));
    assert_int_equal(lab_ca_write_root(other, path, true, &err), 0);
    assert_int_equal(lab_ca_write_root(other, "/no/such/folder/root.pem", true, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    buffer_free(&pem);
    lab_ca_release(ca);
    lab_ca_release(other);
}

#define TEST(function) cmocka_unit_test_setup(function, new_state)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_in_memory_is_new_and_leaves_no_file),
        TEST(an_identity_is_good_for_each_of_its_names),
        TEST(what_is_no_name_is_refused),
        TEST(an_imitation_has_the_names_the_dates_and_the_kind_of_key),
        TEST(any_certificate_can_be_imitated),
        TEST(hostile_names_are_imitated_or_refused_at_once),
        TEST(what_is_no_certificate_is_not_imitated),
        TEST(several_threads_may_imitate_at_once),
        TEST(it_is_made_once_and_found_again),
        TEST(two_that_are_kept_have_different_names),
        TEST(processes_that_start_at_once_end_with_the_same),
        TEST(without_one_that_is_said),
        TEST(a_file_that_is_none_of_ours_is_refused_and_left_alone),
        TEST(a_file_that_others_can_get_at_is_refused),
        TEST(what_is_no_file_is_refused),
        TEST(trust_lab_means_the_kept_one_in_every_process),
        TEST(the_root_is_written_for_others_and_replaces_nothing_unasked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
