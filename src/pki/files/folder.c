/* Folders. */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

/* One file: what is no certificate is counted and passed over. -1 only without memory. */
static int add_one(struct pki_bundle *bundle, const char *path, const struct pki_password *password,
                   struct err *err)
{
    struct err why = {0};

    if (bundle_add_file(bundle, path, password, &why) == 0) {
        return 0;
    }
    if (why.class == ERR_MEMORY) {
        return err_memory(err, "reading a folder of certificates");
    }
    if (why.class == ERR_USAGE) {
        bundle->tally.locked++;
    } else {
        bundle->tally.files++;
    }
    return 0;
}

static int add_files(struct pki_bundle *bundle, const char *path, struct dirent **entries,
                     int count, const struct pki_password *password, struct err *err)
{
    struct seen seen = {.files = calloc((size_t)count + 1, sizeof *seen.files)};
    int result = 0;

    if (seen.files == NULL) {
        return err_memory(err, "reading a folder of certificates");
    }
    for (int i = 0; i < count && result == 0; i++) {
        char *file = text_format("%s/%s", path, entries[i]->d_name);
        struct stat status;

        if (file == NULL) {
            result = err_memory(err, "reading a folder of certificates");
        } else if (stat(file, &status) == 0 && S_ISREG(status.st_mode) &&
                   !was_seen(&seen, &status)) {
            result = add_one(bundle, file, password, err);
        }
        free(file);
    }
    free(seen.files);
    return result;
}

int bundle_add_folder(struct pki_bundle *bundle, const char *path,
                      const struct pki_password *password, struct err *err)
{
    size_t before = bundle->certificates.count + bundle->crls.count;
    size_t locked = bundle->tally.locked;
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, may_be_file, alphasort);
    char shown[200];
    int result;

    text_safe(shown, sizeof shown, path, strlen(path));
    if (count < 0) {
        return err_set(err, ERR_FILE, "file", "cannot read folder %s: %s", shown, strerror(errno));
    }
    result = add_files(bundle, path, entries, count, password, err);
    for (int i = 0; i < count; i++) {
        free(entries[i]);
    }
    free(entries);
    if (result == 0 && bundle->certificates.count + bundle->crls.count == before) {
        return err_set(err, ERR_FILE, "file", "cannot read folder %s: it holds no certificate%s",
                       shown,
                       bundle->tally.locked > locked ? " that opens without a password" : "");
    }
    return result;
}
