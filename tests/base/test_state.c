/* The state folder, and files that are replaced in one go. */
#include "tlstep/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

static void it_is_made_with_all_that_leads_to_it(void **state)
{
    char scratch[SCRATCH_PATH_MAX];
    struct err err = {0};
    struct stat status;

    (void)state;
    char *home = text_format("%s/not/there/yet", scratch_path(scratch, "home"));
    assert_int_equal(setenv("XDG_STATE_HOME", home, 1), 0);
    char *path = file_state_path("thing", &err);
    assert_non_null(path);
    assert_non_null(strstr(path, "/not/there/yet/tlstep/thing"));
    *strrchr(path, '/') = '\0';
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    free(path);
    free(home);
}

static void a_relative_state_home_is_ignored(void **state)
{
    char scratch[SCRATCH_PATH_MAX];
    struct err err = {0};

    (void)state;
    assert_int_equal(setenv("XDG_STATE_HOME", "relative", 1), 0);
    assert_int_equal(setenv("HOME", scratch_path(scratch, "home2"), 1), 0);
    char *path = file_state_path("thing", &err);
    assert_non_null(path);
    char *wanted = text_format("%s/.local/state/tlstep/thing", scratch);
    assert_string_equal(path, wanted);
    free(wanted);
    free(path);
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(setenv("XDG_STATE_HOME", "/proc/none", 1), 0);
    assert_null(file_state_path("thing", &err));
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, "/proc/none"));
}

static void a_file_is_replaced_whole_and_private(void **state)
{
    char scratch[SCRATCH_PATH_MAX];
    struct buffer got = {0};
    struct err err = {0};
    struct stat status;

    (void)state;
    const char *path = scratch_path(scratch, "file");
    assert_int_equal(file_replace_private(path, "file", "long before", 11, &err), 0);
    assert_int_equal(file_replace_private(path, "file", "after", 5, &err), 0);
    assert_int_equal(file_read(path, "file", 100, &got, &err), 0);
    assert_int_equal(got.length, 5);
    assert_memory_equal(got.data, "after", 5);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    buffer_free(&got);
    assert_int_equal(file_replace_private("/proc/none/file", "file", "x", 1, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_made_with_all_that_leads_to_it),
        cmocka_unit_test(a_relative_state_home_is_ignored),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_named),
        cmocka_unit_test(a_file_is_replaced_whole_and_private),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
