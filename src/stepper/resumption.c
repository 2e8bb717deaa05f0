/*
 * Sessions that can be resumed: in memory from one run to the next, and in the state folder from one process to the next, there
 * only with --resume: secrets are not written to a disk unasked. A lab server is gone with its process, and so are its sessions.
 *
 * A file is "tlstep resumption 1\n", the key and a line feed, and what GnuTLS made of the session. Its name is the key's
 * hash; its age is its time of change.
 */
#include "resumption.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC       "tlstep resumption 1\n"
#define NAME_DIGITS 32 /* of the SHA-256, in hex: enough to tell targets apart */
#define DAY_SECONDS INT64_C(86400)

/* ---- keys -------------------------------------------------------------------------------------- */

static const char *or_nothing(const char *text)
{
    return text != NULL ? text : "";
}

int resumption_key(const struct stepper *stepper, const struct tls_options *tls, char **key,
                   struct err *err)
{
    const struct stepper_target *target = &stepper->target;

    *key = text_format(
        "%s%s:%u at %s as %s, judged %s%s by %d %s %s for %s",
        target->kind == STEPPER_LAB ? "lab:" : "", or_nothing(target->host), target->port,
        or_nothing(tls->connect), or_nothing(tls->sni), tls->no_verify ? "never" : "always",
        tls->no_hostname_check ? " without name" : "", (int)tls->trust, or_nothing(tls->ca_file),
        or_nothing(tls->ca_dir), or_nothing(tls->verify_name));
    return *key != NULL ? 0 : err_memory(err, "looking for a session to resume");
}

/* ---- files ------------------------------------------------------------------------------------- */

static char *folder_path(struct err *err)
{
    char *folder = file_state_path("resumption", err);

    if (folder != NULL && mkdir(folder, S_IRWXU) != 0 && errno != EEXIST) {
        (void)err_set(err, ERR_FILE, "file", "cannot make %s: %s", folder, strerror(errno));
        free(folder);
        return NULL;
    }
    return folder;
}

static char *file_path(const char *folder, const char *key, struct err *err)
{
    uint8_t hash[CRYPT_SHA256_SIZE];
    char name[NAME_DIGITS + 1];
    char *path = NULL;

    if (crypt_sha256(key, strlen(key), hash) == 0) {
        text_hex(name, sizeof name, hash, NAME_DIGITS / 2);
        path = text_format("%s/%s", folder, name);
    }
    if (path == NULL) {
        (void)err_memory(err, "naming a session's file"); /* NULL says it */
    }
    return path;
}

/* A name that file_path() makes: nothing else in the folder is touched. */
static bool is_ours(const char *name)
{
    return strlen(name) == NAME_DIGITS && strspn(name, "0123456789abcdef") == NAME_DIGITS;
}

/* One pass over the folder: what is too old goes; how many are left, and the oldest of them in `oldest`. */
static size_t sweep(const char *folder, char oldest[NAME_DIGITS + 1])
{
    DIR *directory = opendir(folder);
    struct timespec first = {0};
    struct dirent *entry;
    size_t count = 0;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        struct stat status;

        if (!is_ours(entry->d_name) ||
            fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            continue;
        }
        if (status.st_mtim.tv_sec <
            clock_wall_ns() / 1000000000 - RESUMPTION_DAYS_MAX * DAY_SECONDS) {
            (void)unlinkat(dirfd(directory), entry->d_name, 0); /* the next one tries again */
            continue;
        }
        if (count == 0 || status.st_mtim.tv_sec < first.tv_sec ||
            (status.st_mtim.tv_sec == first.tv_sec && status.st_mtim.tv_nsec < first.tv_nsec)) {
            first = status.st_mtim;
            memcpy(oldest, entry->d_name, NAME_DIGITS + 1);
        }
        count++;
    }
    if (directory != NULL) {
        (void)closedir(directory); /* nothing was written through it */
    }
    return count;
}

/* Room for one more. */
static void make_room(const char *folder)
{
    char oldest[NAME_DIGITS + 1];

    while (sweep(folder, oldest) >= RESUMPTION_FILES_MAX) {
        char *path = text_format("%s/%s", folder, oldest);
        int status = path != NULL ? unlink(path) : -1;

        free(path);
        if (status != 0) {
            return; /* the folder stays larger: that is all */
        }
    }
}

static int write_file(const char *key, const struct buffer *data, struct err *err)
{
    char *folder = folder_path(err);
    char *path = folder != NULL ? file_path(folder, key, err) : NULL;
    struct buffer content = {.secret = true};
    int status = -1;

    if (path != NULL) {
        buffer_printf(&content, "%s%s\n", MAGIC, key);
        buffer_append(&content, data->data, data->length);
        make_room(folder);
        status = content.failed ? err_memory(err, "keeping a session")
                                : file_replace_private(path, "session to resume", content.data,
                                                       content.length, err);
    }
    buffer_wipe_free(&content);
    free(path);
    free(folder);
    return status;
}

/* What follows MAGIC and the key; anything else in the file counts as no session. */
static void take_content(const struct buffer *content, const char *key, struct buffer *out)
{
    size_t head = strlen(MAGIC) + strlen(key) + 1;
    char *expected = text_format("%s%s\n", MAGIC, key);

    if (expected == NULL) {
        out->failed = true;
    } else if (content->length > head && memcmp(content->data, expected, head) == 0) {
        buffer_append(out, content->data + head, content->length - head);
    }
    free(expected);
}

static int read_file(const char *key, struct buffer *out, struct err *err)
{
    char *folder = folder_path(err);
    char *path = folder != NULL ? file_path(folder, key, err) : NULL;
    struct buffer content = {.secret = true};
    char oldest[NAME_DIGITS + 1];
    int status = path != NULL ? 0 : -1;

    if (status == 0) {
        (void)sweep(folder, oldest); /* what is too old is not read any more */
    }
    if (status == 0 && access(path, F_OK) == 0) {
        status = file_read(path, "session to resume", RESUMPTION_BYTES_MAX, &content, err);
    }
    if (status == 0) {
        take_content(&content, key, out);
    }
    buffer_wipe_free(&content);
    free(path);
    free(folder);
    return status;
}

/* ---- from run to run --------------------------------------------------------------------------- */

void resumption_forget(struct stepper *stepper)
{
    buffer_wipe_free(&stepper->resumption);
    free(stepper->resumption_key);
    stepper->resumption_key = NULL;
}

int resumption_find(const struct stepper *stepper, const char *key, struct buffer *out,
                    struct err *err)
{
    int status = 0;

    if (stepper->resumption_key != NULL && strcmp(stepper->resumption_key, key) == 0) {
        buffer_append(out, stepper->resumption.data, stepper->resumption.length);
    } else if (stepper->target.kind == STEPPER_HOST) {
        status = read_file(key, out, err);
    }
    if (status == 0 && out->failed) {
        status = err_memory(err, "looking for a session to resume");
    }
    return status;
}

/* The user went on with a certificate that was refused: that counts for this connection, not for later ones. */
static bool may_be_kept(const struct run *run)
{
    const struct trace_facts *facts = trace_facts(run->trace, trace_event_count(run->trace));

    return facts != NULL && !facts->accepted;
}

int resumption_take(struct stepper *stepper, struct run *run, struct err *err)
{
    struct buffer left = {.secret = true};
    int status = 0;

    if (run->engine == NULL || run->resumption_key == NULL ||
        !engine_resumption(run->engine, &left) || !may_be_kept(run)) {
        buffer_wipe_free(&left);
        return 0;
    }
    resumption_forget(stepper);
    stepper->resumption = left;
    stepper->resumption_key = run->resumption_key;
    run->resumption_key = NULL;
    if (run->resumes && stepper->target.kind == STEPPER_HOST) {
        status = write_file(stepper->resumption_key, &left, err);
    }
    return status;
}
