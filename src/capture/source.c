/* Files, pipes, and the temporary copies of what cannot be read twice. */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_CHUNK ((size_t)256 * 1024)

static int fail_open(const struct source *source, const char *why, struct err *err)
{
    return err_set(err, ERR_FILE, "file", "cannot read capture %s: %s", source->name, why);
}

/* A FIFO is opened without waiting for a writer; the flag has no effect on files. */
static int open_origin(const char *path)
{
    int fd;

    if (strcmp(path, "-") == 0) {
        return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    }
    do {
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

/* Mode 0600 and no name, from the start where the file system can do that. */
static int open_temporary(void)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];

    folder = folder != NULL && folder[0] == '/' ? folder : "/tmp";
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd >= 0) {
        return fd;
    }
    if (snprintf(path, sizeof path, "%s/tlstep-XXXXXX", folder) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0) {
        (void)unlink(path); /* it was made a moment ago; nothing better could be done */
    }
    return fd;
}

static bool is_gzip(int fd)
{
    uint8_t start[2];

    return pread(fd, start, sizeof start, 0) == (ssize_t)sizeof start && start[0] == 0x1f &&
           start[1] == 0x8b;
}

static int begin_copy(struct source *source, bool regular, bool keep, struct err *err)
{
    source->input = input_new(source->origin, regular);
    if (source->input == NULL) {
        return err_memory(err, "opening a capture");
    }
    if (!keep) {
        return 0;
    }
    source->fd = open_temporary();
    if (source->fd < 0) {
        return err_set(err, ERR_FILE, "file", "cannot make a temporary copy of capture %s: %s",
                       source->name, strerror(errno));
    }
    return 0;
}

static int open_named(struct source *source, const char *path, bool keep, struct err *err)
{
    struct stat status;

    source->origin = open_origin(path);
    if (source->origin < 0 || fstat(source->origin, &status) != 0) {
        return fail_open(source, strerror(errno), err);
    }
    if (S_ISDIR(status.st_mode)) {
        return fail_open(source, "it is a directory", err);
    }
    bool regular = S_ISREG(status.st_mode);
    /* Standard input may have been read from before: what is left is taken as from a pipe. */
    bool at_start = regular && lseek(source->origin, 0, SEEK_CUR) == 0;
    if (regular) {
        source->whole = (uint64_t)status.st_size;
    }
    if (!at_start || is_gzip(source->origin)) {
        return begin_copy(source, regular, keep, err);
    }
    source->fd = source->origin;
    source->origin = -1;
    source->size = source->whole;
    source->complete = true;
    return 0;
}

int source_open(struct source *source, const char *path, bool keep, struct err *err)
{
    char shown[200];

    *source = (struct source){.fd = -1, .origin = -1};
    source->name = text_format("%s", strcmp(path, "-") == 0
                                         ? "from standard input"
                                         : text_safe(shown, sizeof shown, path, strlen(path)));
    if (source->name == NULL) {
        return err_memory(err, "opening a capture");
    }
    if (open_named(source, path, keep, err) != 0) {
        source_close(source);
        return -1;
    }
    return 0;
}

void source_close(struct source *source)
{
    input_free(source->input);
    if (source->fd >= 0) {
        (void)close(source->fd); /* nothing that matters was written */
    }
    if (source->origin >= 0) {
        (void)close(source->origin);
    }
    free(source->name);
    *source = (struct source){.fd = -1, .origin = -1};
}

static bool keep(struct source *source, const uint8_t *data, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t written = pwrite(source->fd, data + done, length - done, (off_t)source->size);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        done += written > 0 ? (size_t)written : 0;
        source->size += written > 0 ? (uint64_t)written : 0;
    }
    return true;
}

enum source_state source_more(struct source *source)
{
    uint8_t chunk[COPY_CHUNK];
    size_t got = 0;

    if (source->complete) {
        return SOURCE_END;
    }
    if (source->size >= SOURCE_KEPT_MAX) {
        source->overfull = true;
        source->complete = true;
        return SOURCE_END;
    }
    switch (input_read(source->input, chunk, sizeof chunk, &got)) {
    case INPUT_BYTES:
        return keep(source, chunk, got) ? SOURCE_MORE : SOURCE_ERROR;
    case INPUT_WAIT:
        return SOURCE_WAIT;
    case INPUT_END:
        source->complete = true;
        return SOURCE_END;
    case INPUT_ERROR:
        break;
    }
    return SOURCE_ERROR;
}

int source_pipe(const struct source *source)
{
    return source->input != NULL && !source->input->regular ? source->origin : -1;
}
