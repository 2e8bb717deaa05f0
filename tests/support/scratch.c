/* A folder for a test's files. */
#include "scratch.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tlstep/base.h"

static char folder[SCRATCH_PATH_MAX / 2];
static pid_t owner;

static void give_up(const char *doing, const char *what)
{
    (void)fprintf(stderr, "cannot %s %s: %s\n", doing, what, strerror(errno));
    abort();
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status, (void)type, (void)place;
    return remove(path);
}

static void remove_folder(void)
{
    if (getpid() == owner) {
        (void)nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    }
}

static void make_folder(void)
{
    const char *root = getenv("TMPDIR");

    if (root == NULL || strlen(root) > sizeof folder - 40) {
        root = "/tmp";
    }
    owner = getpid();
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(folder, sizeof folder, "%s/tlstep-test.%ld.%d", root, (long)owner, i);
        if (mkdir(folder, S_IRWXU) == 0) {
            (void)atexit(remove_folder);
            return;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    give_up("make folder", folder);
}

char *scratch_path(char out[SCRATCH_PATH_MAX], const char *name)
{
    if (folder[0] == '\0') {
        make_folder();
    }
    if (snprintf(out, SCRATCH_PATH_MAX, "%s/%s", folder, name) >= SCRATCH_PATH_MAX) {
        errno = ENAMETOOLONG;
        give_up("name", name);
    }
    return out;
}

char *scratch_write(char out[SCRATCH_PATH_MAX], const char *name, const void *data, size_t length)
{
    struct err err = {0};
    int fd = file_create_private(scratch_path(out, name), "test file", true, &err);

    if (fd < 0 || file_write_all(fd, data, length, "test file", &err) != 0 || close(fd) != 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return out;
}
