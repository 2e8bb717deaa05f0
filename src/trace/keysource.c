/*
 * Secrets from beside a trace: key logs, server keys, PSKs, and what connections of the same capture have
 * taught. One lock guards what changes while connections are decoded; all of it is copied out.
 */
#include "keysource.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "list.h"
#include "tlstep/trace.h"

/* A line of a key log that is longer is none. */
#define LINE_MAX_LENGTH 2048
/* So much of a key-log file that grows is read at a time. */
#define APPENDED_MAX UINT64_C(16777216)
/* So many sessions are remembered before the older half of them is forgotten. */
#define SESSIONS_MAX 32768

struct psk {
    uint8_t *data;
    size_t length;
};

/* A key-log file that may grow: what has been read of it, in whole lines. */
struct keylog_file {
    char *path;
    dev_t device;
    ino_t inode;
    uint64_t read;
};

struct trace_keys {
    pthread_mutex_t lock;
    pthread_mutex_t reading; /* of what was appended to files; taken before `lock` */
    struct list files;       /* struct keylog_file */
    struct crypt_keylog *keylog;
    struct crypt_server_keys *server_keys;
    struct psk *psks;
    size_t psk_count;
    size_t psk_capacity;
    /* Master secrets by the hash of what resumes them. When the newer set is full, it becomes the older one. */
    struct crypt_keylog *sessions;
    struct crypt_keylog *older_sessions;
    uint64_t session_changes;
    uint64_t changes;
};

static void lock(const struct trace_keys *keys)
{
    /* Fails only for mutexes that are not as this one is: normal, and there. */
    (void)pthread_mutex_lock((pthread_mutex_t *)(uintptr_t)&keys->lock);
}

static void unlock(const struct trace_keys *keys)
{
    (void)pthread_mutex_unlock((pthread_mutex_t *)(uintptr_t)&keys->lock); /* as above */
}

struct trace_keys *trace_keys_new(void)
{
    struct trace_keys *keys = calloc(1, sizeof *keys);

    if (keys == NULL) {
        return NULL;
    }
    if (pthread_mutex_init(&keys->lock, NULL) != 0) {
        free(keys);
        return NULL;
    }
    if (pthread_mutex_init(&keys->reading, NULL) != 0) {
        (void)pthread_mutex_destroy(&keys->lock); /* nobody holds it */
        free(keys);
        return NULL;
    }
    keys->files = list_of(sizeof(struct keylog_file));
    keys->keylog = crypt_keylog_new();
    keys->sessions = crypt_keylog_new();
    keys->server_keys = crypt_server_keys_new();
    if (keys->keylog == NULL || keys->sessions == NULL || keys->server_keys == NULL) {
        trace_keys_free(keys);
        return NULL;
    }
    return keys;
}

void trace_keys_free(struct trace_keys *keys)
{
    if (keys == NULL) {
        return;
    }
    crypt_keylog_free(keys->keylog);
    crypt_keylog_free(keys->sessions);
    crypt_keylog_free(keys->older_sessions);
    crypt_server_keys_free(keys->server_keys);
    for (size_t i = 0; i < keys->psk_count; i++) {
        secret_free(keys->psks[i].data, keys->psks[i].length);
    }
    free(keys->psks);
    for (size_t i = 0; i < keys->files.count; i++) {
        const struct keylog_file *file = list_at(&keys->files, i);
        free(file->path);
    }
    list_free(&keys->files);
    (void)pthread_mutex_destroy(&keys->reading); /* nobody holds it any more */
    (void)pthread_mutex_destroy(&keys->lock);    /* nor this one */
    free(keys);
}

/* ---- key logs ------------------------------------------------------------------------------------ */

/* 1: taken, 0: passed over, -1: malformed, -2: out of memory. */
static int add_line(struct trace_keys *keys, const char *line, size_t length)
{
    struct crypt_secret secret;
    int result = crypt_secret_parse(line, length, &secret);

    if (result != 1) {
        return result;
    }
    lock(keys);
    if (crypt_keylog_add(keys->keylog, &secret) != 0) {
        result = -2;
    }
    keys->changes++;
    unlock(keys);
    secret_wipe(&secret, sizeof secret);
    return result;
}

int trace_keys_add_lines(struct trace_keys *keys, const char *lines, size_t length)
{
    const char *end = lines + length;

    while (lines < end) {
        const char *feed = memchr(lines, '\n', (size_t)(end - lines));
        const char *stop = feed != NULL ? feed : end;
        if (add_line(keys, lines, (size_t)(stop - lines)) == -2) {
            return -1;
        }
        lines = stop < end ? stop + 1 : end;
    }
    return 0;
}

struct line {
    char text[LINE_MAX_LENGTH];
    size_t length;  /* LINE_MAX_LENGTH + 1: longer than a line can be */
    uint64_t bytes; /* read for it */
    bool whole;     /* its end was there */
};

/* Reads a line; the rest of one that is too long is passed over. False at the end. */
static bool read_line(FILE *file, struct line *line)
{
    int c = getc_unlocked(file);

    line->length = 0;
    line->bytes = 0;
    for (; c != EOF && c != '\n'; c = getc_unlocked(file)) {
        if (line->length < LINE_MAX_LENGTH) {
            line->text[line->length] = (char)c;
        }
        line->length += line->length <= LINE_MAX_LENGTH;
        line->bytes++;
    }
    line->whole = c == '\n';
    line->bytes += line->whole;
    return line->bytes > 0;
}

/* As add_line(). */
static int add_read_line(struct trace_keys *keys, const struct line *line)
{
    return line->length <= LINE_MAX_LENGTH ? add_line(keys, line->text, line->length) : -1;
}

/* Adds the lines of an open file. Of a last one without an end, the rest may still come: it does not count as read. */
static int read_keylog(struct trace_keys *keys, FILE *file, const char *name, uint64_t *read,
                       struct err *err)
{
    struct line line;
    bool taken = false;
    bool malformed = false;
    int result = 0;

    while (result != -2 && read_line(file, &line)) {
        result = add_read_line(keys, &line);
        taken |= result == 1;
        malformed |= result == -1;
        *read += line.whole ? line.bytes : 0;
    }
    secret_wipe(&line, sizeof line);
    if (result == -2) {
        return err_memory(err, "reading a key log");
    }
    if (ferror(file)) {
        return err_set(err, ERR_FILE, "file", "cannot read key-log file %s: %s", name,
                       strerror(errno));
    }
    if (malformed && !taken) {
        return err_set(err, ERR_FILE, "not_a_keylog",
                       "%s is not a key log: no line of it is a label, a random and a secret",
                       name);
    }
    return 0;
}

/* Remembers a file, so that what is appended can be read. A pipe has no more than what was read. */
static int follow(struct trace_keys *keys, FILE *file, const char *path, uint64_t read,
                  struct err *err)
{
    struct stat status;

    if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) {
        return 0;
    }
    char *copy = text_duplicate(path, strlen(path));
    struct keylog_file *followed = copy != NULL ? list_add(&keys->files) : NULL;
    if (followed == NULL) {
        free(copy);
        return err_memory(err, "reading a key log");
    }
    *followed = (struct keylog_file){
        .path = copy, .device = status.st_dev, .inode = status.st_ino, .read = read};
    return 0;
}

int trace_keys_add_keylog(struct trace_keys *keys, const char *path, struct err *err)
{
    char name[200];
    FILE *file = fopen(path, "rbe");
    uint64_t read = 0;

    text_safe(name, sizeof name, path, strlen(path));
    if (file == NULL) {
        return err_set(err, ERR_FILE, "file", "cannot read key-log file %s: %s", name,
                       strerror(errno));
    }
    int result = read_keylog(keys, file, name, &read, err);
    if (result == 0) {
        result = follow(keys, file, path, read, err);
    }
    (void)fclose(file); /* nothing was written */
    return result;
}

/* ---- key logs that grow ---------------------------------------------------------------------------- */

/* Adds the whole lines from the file's place on. One that is longer than a line can be is passed over, also in parts.
 * 0, or -1: out of memory. */
static int read_appended(struct trace_keys *keys, FILE *file, struct keylog_file *followed)
{
    uint64_t most = followed->read + APPENDED_MAX;
    struct line line;
    int result = 0;

    while (result != -2 && followed->read < most && read_line(file, &line)) {
        bool over = line.length > LINE_MAX_LENGTH;
        if (!line.whole && !over) {
            break;
        }
        result = add_read_line(keys, &line);
        followed->read += line.bytes;
    }
    secret_wipe(&line, sizeof line);
    return result == -2 ? -1 : 0;
}

/* A file that is gone, or cannot be read any more, has nothing new. 0, or -1: out of memory. */
static int refresh_file(struct trace_keys *keys, struct keylog_file *followed)
{
    struct stat status;

    if (stat(followed->path, &status) != 0 || !S_ISREG(status.st_mode)) {
        return 0;
    }
    bool same = status.st_dev == followed->device && status.st_ino == followed->inode;
    if (!same || (uint64_t)status.st_size < followed->read) {
        followed->device = status.st_dev; /* another file in its place, or written anew */
        followed->inode = status.st_ino;
        followed->read = 0;
    }
    if ((uint64_t)status.st_size == followed->read) {
        return 0;
    }
    FILE *file = fopen(followed->path, "rbe");
    if (file == NULL) {
        return 0;
    }
    int result = 0;
    if (fseeko(file, (off_t)followed->read, SEEK_SET) == 0) {
        result = read_appended(keys, file, followed);
    }
    (void)fclose(file); /* nothing was written */
    return result;
}

int keysource_refresh(struct trace_keys *keys)
{
    int result = 0;

    (void)pthread_mutex_lock(&keys->reading); /* a normal mutex that is there: cannot fail */
    for (size_t i = 0; i < keys->files.count && result == 0; i++) {
        result = refresh_file(keys, list_at(&keys->files, i));
    }
    (void)pthread_mutex_unlock(&keys->reading); /* the same */
    return result;
}

bool keysource_find(const struct trace_keys *keys, enum crypt_label label, const uint8_t id[32],
                    struct crypt_secret *out)
{
    lock(keys);
    const struct crypt_secret *secret = crypt_keylog_find(keys->keylog, label, id);
    if (secret != NULL) {
        *out = *secret;
    }
    unlock(keys);
    return secret != NULL;
}

/* ---- server keys and PSKs --------------------------------------------------------------------------- */

int trace_keys_add_server_key(struct trace_keys *keys, const char *path, struct err *err)
{
    return crypt_server_keys_add_file(keys->server_keys, path, err);
}

int keysource_premaster(const struct trace_keys *keys, uint16_t client_version,
                        const uint8_t *encrypted, size_t length, uint8_t premaster[48])
{
    struct err err = {0};

    if (crypt_server_keys_count(keys->server_keys) == 0) {
        return 0;
    }
    if (crypt_server_keys_premaster(keys->server_keys, client_version, encrypted, length, premaster,
                                    &err) == 0) {
        return 1;
    }
    return err.class == ERR_MEMORY ? -1 : 0;
}

int trace_keys_add_psk(struct trace_keys *keys, const char *hex, struct err *err)
{
    size_t digits = strlen(hex);
    struct psk *psks =
        array_grow(keys->psks, &keys->psk_capacity, keys->psk_count + 1, sizeof *psks);

    if (psks == NULL) {
        return err_memory(err, "taking a PSK");
    }
    keys->psks = psks;
    uint8_t *data = malloc(digits / 2 + 1);
    if (data == NULL) {
        return err_memory(err, "taking a PSK");
    }
    if (digits == 0 || text_unhex(data, digits / 2, hex, digits) < 0) {
        secret_free(data, digits / 2);
        return err_set(err, ERR_USAGE, "bad_value",
                       "a PSK is given in hexadecimal digits, two for each byte");
    }
    psks[keys->psk_count++] = (struct psk){data, digits / 2};
    return 0;
}

const uint8_t *keysource_psk(const struct trace_keys *keys, size_t index, size_t *length)
{
    if (index >= keys->psk_count) {
        return NULL;
    }
    *length = keys->psks[index].length;
    return keys->psks[index].data;
}

size_t keysource_secrets(const struct trace_keys *keys)
{
    lock(keys);
    size_t count = crypt_keylog_count(keys->keylog);
    unlock(keys);
    return count;
}

size_t keysource_server_keys(const struct trace_keys *keys)
{
    lock(keys);
    size_t count = crypt_server_keys_count(keys->server_keys);
    unlock(keys);
    return count;
}

bool keysource_is_empty(const struct trace_keys *keys)
{
    lock(keys);
    bool empty = crypt_keylog_count(keys->keylog) == 0 && keys->psk_count == 0 &&
                 crypt_server_keys_count(keys->server_keys) == 0;
    unlock(keys);
    return empty;
}

uint64_t keysource_changes(const struct trace_keys *keys)
{
    lock(keys);
    uint64_t changes = keys->changes;
    unlock(keys);
    return changes;
}

/* ---- sessions ----------------------------------------------------------------------------------------- */

/* Tickets are long, and chosen by the other side: their hash stands for them. */
static bool session_secret(struct crypt_secret *secret, const uint8_t *id, size_t length)
{
    *secret = (struct crypt_secret){.label = CRYPT_CLIENT_RANDOM, .length = 48};
    return length > 0 && crypt_sha256(id, length, secret->client_random) == 0;
}

/* Makes room in the newer set. */
static bool turn_over(struct trace_keys *keys)
{
    struct crypt_keylog *fresh = crypt_keylog_new();

    if (fresh == NULL) {
        return false;
    }
    crypt_keylog_free(keys->older_sessions);
    keys->older_sessions = keys->sessions;
    keys->sessions = fresh;
    return true;
}

int keysource_session_add(struct trace_keys *keys, const uint8_t *id, size_t length,
                          const uint8_t master[48])
{
    struct crypt_secret secret;
    int result = 0;

    if (length == 0) {
        return 0;
    }
    if (!session_secret(&secret, id, length)) {
        return -1;
    }
    memcpy(secret.secret, master, 48);
    lock(keys);
    if ((crypt_keylog_count(keys->sessions) >= SESSIONS_MAX / 2 && !turn_over(keys)) ||
        crypt_keylog_add(keys->sessions, &secret) != 0) {
        result = -1;
    }
    keys->session_changes++;
    unlock(keys);
    secret_wipe(&secret, sizeof secret);
    return result;
}

bool keysource_session_find(const struct trace_keys *keys, const uint8_t *id, size_t length,
                            uint8_t master[48])
{
    struct crypt_secret wanted;

    if (!session_secret(&wanted, id, length)) {
        return false;
    }
    lock(keys);
    const struct crypt_secret *found =
        crypt_keylog_find(keys->sessions, CRYPT_CLIENT_RANDOM, wanted.client_random);
    if (found == NULL && keys->older_sessions != NULL) {
        found = crypt_keylog_find(keys->older_sessions, CRYPT_CLIENT_RANDOM, wanted.client_random);
    }
    if (found != NULL) {
        memcpy(master, found->secret, 48);
    }
    unlock(keys);
    return found != NULL;
}

uint64_t keysource_session_changes(const struct trace_keys *keys)
{
    lock(keys);
    uint64_t changes = keys->session_changes;
    unlock(keys);
    return changes;
}
