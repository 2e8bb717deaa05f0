/* The key log of a trace, appended to a file. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tlstep/trace.h"

/* "key-log file PATH", for messages. Returns `out`. */
static const char *name_of(char *out, size_t size, const char *path)
{
    char shown[200];
    (void)snprintf(out, size, "key-log file %s",
                   text_safe(shown, sizeof shown, path, strlen(path))); /* cut to fit */
    return out;
}

static int fail(struct err *err, const char *path, const char *why)
{
    char name[240];
    return err_set(err, ERR_FILE, "file", "cannot write %s: %s", name_of(name, sizeof name, path),
                   why);
}

static int open_log(const char *path)
{
    int fd;

    do {
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static int write_lines(const char *path, const struct buffer *lines, struct err *err)
{
    int fd = open_log(path);

    if (fd < 0) {
        return fail(err, path, strerror(errno));
    }
    char name[240];
    int result =
        file_write_all(fd, lines->data, lines->length, name_of(name, sizeof name, path), err);
    if (close(fd) != 0 && result == 0) {
        result = fail(err, path, strerror(errno));
    }
    return result;
}

/* All new lines in one write: other programs may append to the same file. */
int trace_keylog_append(const struct trace *trace, const char *path, size_t *from_event,
                        struct err *err)
{
    size_t count = trace_event_count(trace);
    struct buffer lines = {.secret = true};
    int result = 0;

    for (size_t i = *from_event; i < count; i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        if (event->kind == TRACE_SECRET && event->text != NULL) {
            buffer_text(&lines, event->text);
            buffer_u8(&lines, '\n');
        }
    }
    if (lines.failed) {
        result = err_memory(err, "writing the key log");
    } else if (lines.length > 0) {
        result = write_lines(path, &lines, err);
    }
    if (result == 0) {
        *from_event = count;
    }
    buffer_wipe_free(&lines);
    return result;
}
