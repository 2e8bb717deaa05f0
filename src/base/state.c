/* The program's own state: where it is kept, and how a file is replaced in one go. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tlstep/base.h"

static int fail_path(struct err *err, const char *doing, const char *path, const char *why)
{
    char shown[300];

    return err_set(err, ERR_FILE, "file", "cannot %s %s: %s", doing,
                   text_safe(shown, sizeof shown, path, strlen(path)), why);
}

/* The XDG base directory specification: a relative path is to be ignored. */
static char *state_folder(void)
{
    const char *base = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (base != NULL && base[0] == '/') {
        return text_format("%s/tlstep", base);
    }
    return text_format("%s/.local/state/tlstep", home != NULL && home[0] == '/' ? home : "");
}

/* Each folder of the path that is missing, as `mkdir -p`. The path is put back as it was. */
static int make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int made = mkdir(path, S_IRWXU);
        *slash = '/';
        if (made != 0 && errno != EEXIST) {
            return -1;
        }
    }
    return mkdir(path, S_IRWXU) == 0 || errno == EEXIST ? 0 : -1;
}

char *file_state_path(const char *name, struct err *err)
{
    char *folder = state_folder();
    char *path = NULL;

    if (folder == NULL) {
        (void)err_memory(err, "naming a file of the state folder"); /* NULL says it */
        return NULL;
    }
    if (make_folders(folder) != 0) {
        (void)fail_path(err, "make the state folder", folder, strerror(errno)); /* NULL says it */
    } else {
        path = text_format("%s/%s", folder, name);
        if (path == NULL) {
            (void)err_memory(err, "naming a file of the state folder"); /* NULL says it */
        }
    }
    free(folder);
    return path;
}

/* Writes, syncs and closes. */
static int fill(int fd, const char *path, const char *what, const void *data, size_t length,
                struct err *err)
{
    int status = file_write_all(fd, data, length, what, err);

    if (status == 0 && fsync(fd) != 0) {
        status = fail_path(err, "write", path, strerror(errno));
    }
    if (close(fd) != 0 && status == 0) {
        status = fail_path(err, "write", path, strerror(errno));
    }
    return status;
}

int file_replace_private(const char *path, const char *what, const void *data, size_t length,
                         struct err *err)
{
    char *beside = text_format("%s.XXXXXX", path);
    int status = -1;

    if (beside == NULL) {
        return err_memory(err, "writing a file");
    }
    int fd = mkostemp(beside, O_CLOEXEC); /* mode 0600 */
    if (fd < 0) {
        (void)fail_path(err, "write", path, strerror(errno)); /* status says it */
        free(beside);
        return -1;
    }
    status = fill(fd, path, what, data, length, err);
    if (status == 0 && rename(beside, path) != 0) {
        status = fail_path(err, "write", path, strerror(errno));
    }
    if (status != 0) {
        (void)unlink(beside); /* what could not be written is of no use */
    }
    free(beside);
    return status;
}
