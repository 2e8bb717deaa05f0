/* How far somebody has come in the lessons: a line "NAME REACHED" or "NAME REACHED done" for each that was begun. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tlstep/stepper.h"

#define FILE_NAME "lessons"
/* Many times what all lessons need: more is not ours. */
#define FILE_MAX 65536

/* As text: what is behind a zero, which we do not write, is left away. */
static int read_file(const char *path, struct buffer *text, struct err *err)
{
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        return 0; /* nothing was begun yet */
    }
    if (file_read(path, "progress of the lessons", FILE_MAX, text, err) != 0) {
        return -1;
    }
    if (buffer_string(text) == NULL) {
        return err_memory(err, "reading progress");
    }
    text->length = strlen(buffer_string(text));
    return 0;
}

/* The line of a lesson, from its beginning to behind its line feed. False: it has none. */
static bool find_line(const char *text, const char *name, size_t *offset, size_t *length)
{
    size_t name_length = strlen(name);

    for (const char *at = text; *at != '\0';) {
        size_t here = strcspn(at, "\n");
        here += at[here] == '\n';
        if (strncmp(at, name, name_length) == 0 && at[name_length] == ' ') {
            *offset = (size_t)(at - text);
            *length = here;
            return true;
        }
        at += here;
    }
    return false;
}

/* What is no number is nothing: the file may have been edited. */
static struct stepper_lesson_progress read_line(const char *line, size_t length)
{
    struct stepper_lesson_progress progress = {0};
    char *copy = text_duplicate(line, length);
    char *word, *save = NULL;

    if (copy == NULL) {
        return progress;
    }
    (void)strtok_r(copy, " \n", &save); /* the name */
    word = strtok_r(NULL, " \n", &save);
    if (word != NULL && word[0] >= '0' && word[0] <= '9') {
        progress.reached = strtoul(word, NULL, 10);
    }
    word = strtok_r(NULL, " \n", &save);
    progress.done = word != NULL && strcmp(word, "done") == 0;
    free(copy);
    return progress;
}

int stepper_lesson_progress_get(const char *name, struct stepper_lesson_progress *progress,
                                struct err *err)
{
    char *path = file_state_path(FILE_NAME, err);
    struct buffer text = {0};
    size_t offset, length;
    int status = path != NULL ? read_file(path, &text, err) : -1;

    *progress = (struct stepper_lesson_progress){0};
    if (status == 0 && buffer_string(&text) != NULL &&
        find_line(buffer_string(&text), name, &offset, &length)) {
        *progress = read_line(buffer_string(&text) + offset, length);
    }
    buffer_free(&text);
    free(path);
    return status;
}

/* All lines but that of one lesson, and a new one for it (NULL: none). */
static int write_without(const char *path, struct buffer *text, const char *name,
                         const struct stepper_lesson_progress *progress, struct err *err)
{
    const char *old = buffer_string(text);
    struct buffer out = {0};
    size_t offset = text->length, length = 0;
    int status;

    if (old == NULL) {
        return err_memory(err, "noting progress");
    }
    if (!find_line(old, name, &offset, &length)) {
        offset = text->length;
    }
    buffer_append(&out, old, offset);
    buffer_text(&out, old + offset + length);
    if (out.length > 0 && out.data[out.length - 1] != '\n') {
        buffer_text(&out, "\n");
    }
    if (progress != NULL) {
        buffer_printf(&out, "%s %zu%s\n", name, progress->reached, progress->done ? " done" : "");
    }
    status = out.failed
                 ? err_memory(err, "noting progress")
                 : file_replace_private(path, "progress of the lessons", out.data, out.length, err);
    buffer_free(&out);
    return status;
}

int stepper_lesson_progress_note(const char *name, const struct stepper_lesson_progress *progress,
                                 struct err *err)
{
    struct stepper_lesson_progress noted;
    struct buffer text = {0};
    char *path;
    int status;

    if (stepper_lesson_progress_get(name, &noted, err) != 0) {
        return -1;
    }
    if (progress->reached <= noted.reached && (noted.done || !progress->done)) {
        return 0;
    }
    noted.done |= progress->done;
    noted.reached = progress->reached > noted.reached ? progress->reached : noted.reached;
    path = file_state_path(FILE_NAME, err);
    status = path != NULL ? read_file(path, &text, err) : -1;
    if (status == 0) {
        status = write_without(path, &text, name, &noted, err);
    }
    buffer_free(&text);
    free(path);
    return status;
}

int stepper_lesson_progress_reset(const char *name, struct err *err)
{
    char *path = file_state_path(FILE_NAME, err);
    struct buffer text = {0};
    int status = path != NULL ? 0 : -1;

    if (status == 0 && name == NULL) {
        status =
            unlink(path) == 0 || errno == ENOENT
                ? 0
                : err_set(err, ERR_FILE, "file", "cannot remove %s: %s", path, strerror(errno));
    } else if (status == 0) {
        status = read_file(path, &text, err);
        status = status == 0 ? write_without(path, &text, name, NULL, err) : status;
    }
    buffer_free(&text);
    free(path);
    return status;
}
