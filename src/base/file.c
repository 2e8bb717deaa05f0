/* Whole files in, private files out. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tlstep/base.h"

#define READ_CHUNK ((size_t)64 * 1024)
/* What a file says of its size is believed up to here. */
#define FILE_EXPECTED_MAX ((off_t)1 << 30)

static int fail_file(struct err *err, const char *doing, const char *what, const char *path,
                     const char *why)
{
    char shown[200];
    text_safe(shown, sizeof shown, path, strlen(path));
    return err_set(err, ERR_FILE, "file", "cannot %s %s %s: %s", doing, what, shown, why);
}

/* O_NONBLOCK is not used: a FIFO is worth waiting for. */
static int open_for_reading(const char *path)
{
    int fd;

    if (strcmp(path, "-") == 0) {
        return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    }
    do {
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

/* How much to ask for at first: all of a regular file and one byte more, so that its end is seen without growing again. */
static size_t first_chunk(const struct stat *status)
{
    return S_ISREG(status->st_mode) && status->st_size > 0 && status->st_size < FILE_EXPECTED_MAX
               ? (size_t)status->st_size + 1
               : READ_CHUNK;
}

/* Reads to the end, `chunk` bytes at first. Returns 0, -1 with errno, or 1 when there is more than `limit`. */
static int read_to_end(int fd, size_t chunk, size_t limit, struct buffer *out)
{
    size_t start = out->length;

    for (;;) {
        size_t room = limit - (out->length - start);
        ssize_t got;
        /* One byte more than allowed is asked for, so that the limit itself still passes. */
        size_t wanted = room < chunk ? room + 1 : chunk;
        if (!buffer_reserve(out, wanted)) {
            errno = ENOMEM;
            return -1;
        }
        got = read(fd, out->data + out->length, wanted);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return (int)got;
        }
        if ((size_t)got > room) {
            return 1;
        }
        out->length += (size_t)got;
        chunk = chunk > (size_t)got ? chunk - (size_t)got : READ_CHUNK;
    }
}

int file_read(const char *path, const char *what, size_t limit, struct buffer *out, struct err *err)
{
    const char *name = strcmp(path, "-") == 0 ? "from standard input" : path;
    size_t start = out->length;
    struct stat status = {0};
    int result, why;
    int fd = open_for_reading(path);

    if (fd < 0) {
        return fail_file(err, "read", what, name, strerror(errno));
    }
    if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode) &&
        strcmp(path, "-") != 0) {
        (void)close(fd); /* nothing was written */
        return fail_file(err, "read", what, name,
                         S_ISDIR(status.st_mode) ? "it is a directory" : "it is not a file");
    }
    result = read_to_end(fd, first_chunk(&status), limit, out);
    why = errno;
    (void)close(fd); /* nothing was written */
    if (result == 0) {
        return 0;
    }
    out->length = start;
    if (result > 0) {
        char grouped[32];
        char reason[80];
        (void)snprintf(reason, sizeof reason, "it is larger than the %s bytes allowed",
                       text_grouped(grouped, sizeof grouped, limit));
        return fail_file(err, "read", what, name, reason);
    }
    if (out->failed) {
        return err_memory(err, "reading a file");
    }
    return fail_file(err, "read", what, name, strerror(why));
}

/* A file that was there before keeps its mode: makes it private while nothing is in it. Devices
 * and FIFOs (/dev/stdout) are left as they are. */
static bool make_private(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 &&
           (!S_ISREG(status.st_mode) || fchmod(fd, S_IRUSR | S_IWUSR) == 0);
}

int file_create_private(const char *path, const char *what, bool force, struct err *err)
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | (force ? O_TRUNC : O_EXCL);
    int fd;

    do {
        fd = open(path, flags, S_IRUSR | S_IWUSR);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        return fail_file(err, "write", what, path,
                         errno == EEXIST ? "it exists (--force replaces it)" : strerror(errno));
    }
    if (!make_private(fd)) {
        int why = errno;
        (void)close(fd); /* nothing was written */
        return fail_file(err, "write", what, path, strerror(why));
    }
    return fd;
}

int file_write_all(int fd, const void *data, size_t length, const char *what, struct err *err)
{
    const uint8_t *at = data;

    while (length > 0) {
        ssize_t written = write(fd, at, length);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return err_set(err, ERR_FILE, "file", "cannot write %s: %s", what,
                           written < 0 ? strerror(errno) : "nothing was taken");
        }
        at += written;
        length -= (size_t)written;
    }
    return 0;
}
