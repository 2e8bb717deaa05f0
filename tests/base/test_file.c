/* Files are read whole and bounded, written privately, and every failure names file and reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tlstep/base.h"

static char folder[] = "/tmp/tlstep-file-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[200];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *content)
{
    FILE *file = fopen(path_of(name), "w");

    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void expect_failure(const char *path, size_t limit, const char *text)
{
    struct buffer buffer = {0};
    struct err err = {0};

    buffer_text(&buffer, "before");
    assert_int_equal(file_read(path, "CA file", limit, &buffer, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    if (strstr(err.text, text) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.text, text);
    }
    assert_int_equal(buffer.length, 6);
    buffer_free(&buffer);
}

static void a_file_is_appended_whole(void **state)
{
    struct buffer buffer = {0};

    (void)state;
    write_file("plain", "content");
    buffer_text(&buffer, "before ");
    assert_int_equal(file_read(path_of("plain"), "CA file", 7, &buffer, NULL), 0);
    assert_string_equal(buffer_string(&buffer), "before content");
    buffer_free(&buffer);
}

static void a_file_larger_than_allowed_is_refused(void **state)
{
    (void)state;
    write_file("large", "12345678");
    expect_failure(path_of("large"), 7, "larger than the 7 bytes allowed");
    expect_failure("/dev/zero", 7, "it is not a file");
}

static void failures_name_file_and_reason(void **state)
{
    (void)state;
    expect_failure("/no/such/file", 10,
                   "cannot read CA file /no/such/file: No such file or directory");
    expect_failure(folder, 10, "it is a directory");
    expect_failure("/no/\x1b[2J", 10, "/no/\\x1b[2J");
}

static void *feed(void *path)
{
    int fd = open(path, O_WRONLY);

    if (fd >= 0) {
        for (int i = 0; i < 3; i++) {
            (void)usleep(2000); /* so that the reader sees short reads */
            if (file_write_all(fd, "abc", 3, "test data", NULL) != 0) {
                break;
            }
        }
        (void)close(fd);
    }
    return NULL;
}

static void a_fifo_is_read_to_its_end(void **state)
{
    struct buffer buffer = {0};
    char path[200];
    pthread_t writer;

    (void)state;
    (void)snprintf(path, sizeof path, "%s", path_of("fifo"));
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(pthread_create(&writer, NULL, feed, path), 0);
    assert_int_equal(file_read(path, "capture", 100, &buffer, NULL), 0);
    assert_int_equal(pthread_join(writer, NULL), 0);
    assert_string_equal(buffer_string(&buffer), "abcabcabc");
    buffer_free(&buffer);
}

static void a_dash_is_standard_input(void **state)
{
    struct buffer buffer = {0};
    int saved = dup(STDIN_FILENO);
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(file_write_all(fds[1], "piped", 5, "test data", NULL), 0);
    assert_int_equal(close(fds[1]), 0);
    assert_true(dup2(fds[0], STDIN_FILENO) >= 0);
    assert_int_equal(file_read("-", "capture", 100, &buffer, NULL), 0);
    assert_string_equal(buffer_string(&buffer), "piped");
    assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0); /* still open for whoever comes next */
    (void)close(fds[0]);
    if (saved >= 0) {
        (void)dup2(saved, STDIN_FILENO);
        (void)close(saved);
    }
    buffer_free(&buffer);
}

static void a_new_file_is_private_and_an_old_one_is_kept(void **state)
{
    struct stat status;
    struct err err;
    int fd = file_create_private(path_of("secret"), "session", false, &err);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(file_write_all(fd, "old", 3, "session", &err), 0);
    assert_int_equal(close(fd), 0);

    assert_int_equal(file_create_private(path_of("secret"), "session", false, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, "--force"));
    assert_int_equal(stat(path_of("secret"), &status), 0);
    assert_int_equal(status.st_size, 3);
}

static void force_replaces_and_makes_private(void **state)
{
    struct stat status;
    struct err err;
    int fd;

    (void)state;
    write_file("open", "for everyone");
    assert_int_equal(chmod(path_of("open"), 0644), 0);
    fd = file_create_private(path_of("open"), "session", true, &err);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_size, 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(close(fd), 0);
}

static void a_write_that_fails_says_why(void **state)
{
    struct err err;
    int fd = open("/dev/full", O_WRONLY);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(file_write_all(fd, "x", 1, "session file", &err), -1);
    assert_string_equal(err.text, "cannot write session file: No space left on device");
    (void)close(fd);
    assert_int_equal(file_create_private("/no/such/file", "session", true, &err), -1);
    assert_non_null(strstr(err.text, "cannot write session /no/such/file: No such file"));
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"plain", "large", "fifo", "secret", "open"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)unlink(path_of(names[i])); /* some may not have been made */
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_appended_whole),
        cmocka_unit_test(a_file_larger_than_allowed_is_refused),
        cmocka_unit_test(failures_name_file_and_reason),
        cmocka_unit_test(a_fifo_is_read_to_its_end),
        cmocka_unit_test(a_dash_is_standard_input),
        cmocka_unit_test(a_new_file_is_private_and_an_old_one_is_kept),
        cmocka_unit_test(force_replaces_and_makes_private),
        cmocka_unit_test(a_write_that_fails_says_why),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
