/* Files and folders. */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CONTENT_MAX ((size_t)256 * 1024 * 1024)

int content_read(const char *path, const char *what, struct buffer *out, struct err *err)
{
    int status = file_read(path, what, CONTENT_MAX, out, err);

    if (status != 0) {
        buffer_free(out);
    }
    return status;
}

/* Files that were read, by what they are and not by what they are called. */
struct seen {
    struct {
        dev_t device;
        ino_t inode;
    } * files;
    size_t count;
};

static bool was_seen(struct seen *seen, const struct stat *status)
{
    for (size_t i = 0; i < seen->count; i++) {
        if (seen->files[i].inode == status->st_ino && seen->files[i].device == status->st_dev) {
            return true;
        }
    }
    seen->files[seen->count].device = status->st_dev;
    seen->files[seen->count].inode = status->st_ino;
    seen->count++;
    return false;
}

static int may_be_file(const struct dirent *entry)
{
    return entry->d_type == DT_REG || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;
}

static int visit_files(const char *path, struct dirent **entries, int count,
                       int (*visit)(void *context, const char *file, struct err *err),
                       void *context, struct err *err)
{
    struct seen seen = {.files = calloc((size_t)count + 1, sizeof *seen.files)};
    int result = 0;

    if (seen.files == NULL) {
        return err_memory(err, "reading a folder");
    }
    for (int i = 0; i < count && result == 0; i++) {
        char *file = text_format("%s/%s", path, entries[i]->d_name);
        struct stat status;

        if (file == NULL) {
            result = err_memory(err, "reading a folder");
        } else if (stat(file, &status) == 0 && S_ISREG(status.st_mode) &&
                   !was_seen(&seen, &status)) {
            result = visit(context, file, err);
        }
        free(file);
    }
    free(seen.files);
    return result;
}

int folder_visit(const char *path, const char *what,
                 int (*visit)(void *context, const char *file, struct err *err), void *context,
                 struct err *err)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, may_be_file, alphasort);
    char shown[200];
    int result;

    if (count < 0) {
        return err_set(err, ERR_FILE, "file", "cannot read %s %s: %s", what,
                       text_safe(shown, sizeof shown, path, strlen(path)),
                       errno == ENOTDIR ? "it is not a folder" : strerror(errno));
    }
    result = visit_files(path, entries, count, visit, context, err);
    for (int i = 0; i < count; i++) {
        free(entries[i]);
    }
    free(entries);
    return result;
}
