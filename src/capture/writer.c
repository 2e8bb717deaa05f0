/*
 * pcapng out. Key logs stand before the packets that need them although they come after: an empty
 * secrets block near the beginning holds a key-log comment at first, and what comes is written over it. So nothing
 * is held back, nothing is lost when the process is killed, and every reader decrypts in one pass.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blocks.h"

/* Link types that a file can have interfaces for. */
#define INTERFACES_MAX 64

struct capture_writer {
    int fd;
    char *what; /* "capture x.pcapng" */
    bool failed;
    struct buffer out;                   /* one block */
    uint16_t interfaces[INTERFACES_MAX]; /* link types */
    size_t interface_count;
    off_t reserved; /* where the reserved secrets stand; -1: nowhere */
    size_t reserve, reserve_used;
};

/* ---- output ------------------------------------------------------------------------------------------ */

static int write_out(struct capture_writer *writer, struct err *err)
{
    int result = writer->out.failed ? err_memory(err, "writing a capture")
                                    : file_write_all(writer->fd, writer->out.data,
                                                     writer->out.length, writer->what, err);

    writer->out.length = 0;
    writer->failed = result != 0;
    return result;
}

static int check(const struct capture_writer *writer, struct err *err)
{
    return writer->failed ? err_set(err, ERR_FILE, "file",
                                    "%s is incomplete: writing it has failed before", writer->what)
                          : 0;
}

/* ---- secrets ------------------------------------------------------------------------------------------- */

/* What the reserved block holds at first: a key-log comment. */
static int reserve_secrets(struct capture_writer *writer, size_t size, struct err *err)
{
    off_t start = lseek(writer->fd, 0, SEEK_CUR);

    if (start < 0 || size < 2) {
        return 0; /* a pipe: each key log gets a block of its own */
    }
    char *room = malloc(size);
    if (room == NULL) {
        return err_memory(err, "writing a capture");
    }
    memset(room, ' ', size);
    room[0] = '#';
    room[size - 1] = '\n';
    writer->reserved = start + (off_t)blocks_secrets(&writer->out, room, size);
    writer->reserve = size;
    free(room);
    return write_out(writer, err);
}

static bool ends_line(const char *lines, size_t length)
{
    return length > 0 && lines[length - 1] == '\n';
}

/* Behind the lines stay at least "#" and the line feed that ends the block. */
static bool has_room(const struct capture_writer *writer, size_t length)
{
    return writer->reserved >= 0 && length + 3 <= writer->reserve - writer->reserve_used;
}

static int write_reserved(struct capture_writer *writer, struct err *err)
{
    const struct buffer *text = &writer->out;

    if (text->failed) {
        return write_out(writer, err);
    }
    for (size_t done = 0; done < text->length;) {
        off_t place = writer->reserved + (off_t)(writer->reserve_used + done);
        ssize_t written = pwrite(writer->fd, text->data + done, text->length - done, place);
        if (written < 0 && errno != EINTR) {
            writer->failed = true;
            return err_set(err, ERR_FILE, "file", "cannot write %s: %s", writer->what,
                           strerror(errno));
        }
        done += written > 0 ? (size_t)written : 0;
    }
    writer->reserve_used += text->length - 1; /* the next lines replace the "#" */
    writer->out.length = 0;
    return 0;
}

int capture_writer_secrets(struct capture_writer *writer, const char *lines, size_t length,
                           struct err *err)
{
    struct buffer text = {.secret = true};

    if (check(writer, err) != 0) {
        return -1;
    }
    if (has_room(writer, length)) {
        buffer_append(&writer->out, lines, length);
        buffer_text(&writer->out, ends_line(lines, length) ? "#" : "\n#");
        return write_reserved(writer, err);
    }
    writer->reserved = -1; /* what comes later stands behind */
    buffer_append(&text, lines, length);
    buffer_text(&text, ends_line(lines, length) ? "" : "\n");
    (void)blocks_secrets(&writer->out, text.data, text.length); /* its place does not matter */
    writer->out.failed = writer->out.failed || text.failed;
    buffer_wipe_free(&text);
    return write_out(writer, err);
}

/* ---- blocks -------------------------------------------------------------------------------------------- */

/* The interface of a link type; the first time it is described. */
static int find_interface(struct capture_writer *writer, uint16_t link_type, const char *name,
                          const char *description, uint32_t *interface, struct err *err)
{
    for (size_t i = 0; i < writer->interface_count; i++) {
        if (writer->interfaces[i] == link_type) {
            *interface = (uint32_t)i;
            return 0;
        }
    }
    if (writer->interface_count == INTERFACES_MAX) {
        return err_set(err, ERR_FILE, "file", "cannot write %s: more than %d link types",
                       writer->what, INTERFACES_MAX);
    }
    *interface = (uint32_t)writer->interface_count;
    writer->interfaces[writer->interface_count++] = link_type;
    blocks_interface(&writer->out, link_type, name, description);
    return write_out(writer, err);
}

int capture_writer_block(struct capture_writer *writer, const struct capture_block *block,
                         struct err *err)
{
    uint32_t interface = 0;

    if (check(writer, err) != 0) {
        return -1;
    }
    if (block->data == NULL) {
        blocks_statistics(&writer->out, block);
        return write_out(writer, err);
    }
    if (find_interface(writer, block->link_type, NULL, NULL, &interface, err) != 0) {
        return -1;
    }
    blocks_packet(&writer->out, interface, block);
    return write_out(writer, err);
}

int capture_writer_packet(struct capture_writer *writer, int64_t time_ns, const uint8_t *data,
                          size_t length, size_t original_length, const char *comment,
                          struct err *err)
{
    const struct capture_text text = {comment, comment != NULL ? strlen(comment) : 0};
    const struct capture_block block = {.time_ns = time_ns,
                                        .link_type = writer->interfaces[0],
                                        .data = data,
                                        .length = length,
                                        .original_length = original_length,
                                        .comments = &text,
                                        .comment_count = comment != NULL};
    return capture_writer_block(writer, &block, err);
}

int capture_writer_comment(struct capture_writer *writer, int64_t time_ns, const char *comment,
                           struct err *err)
{
    const struct capture_text text = {comment, strlen(comment)};
    const struct capture_block block = {.time_ns = time_ns, .comments = &text, .comment_count = 1};

    return capture_writer_block(writer, &block, err);
}

/* ---- the writer ------------------------------------------------------------------------------------------ */

static void writer_free(struct capture_writer *writer)
{
    buffer_wipe_free(&writer->out);
    free(writer->what);
    free(writer);
}

static int write_head(struct capture_writer *writer, const struct capture_head *head,
                      struct err *err)
{
    uint32_t interface;

    blocks_section(&writer->out, head->comments, head->comment_count);
    return write_out(writer, err) != 0 ||
                   find_interface(writer, head->link_type, head->interface_name,
                                  head->interface_description, &interface, err) != 0
               ? -1
               : reserve_secrets(writer, head->reserve, err);
}

static struct capture_writer *writer_new(const char *noun, const char *name, struct err *err)
{
    struct capture_writer *writer = calloc(1, sizeof *writer);
    char shown[200];

    if (writer == NULL) {
        (void)err_memory(err, "creating a capture");
        return NULL;
    }
    writer->fd = -1;
    writer->out.secret = true;
    writer->reserved = -1;
    writer->what = text_format("%s %s", noun, text_safe(shown, sizeof shown, name, strlen(name)));
    if (writer->what == NULL) {
        (void)err_memory(err, "creating a capture");
        writer_free(writer);
        return NULL;
    }
    return writer;
}

/* Takes the descriptor. */
static struct capture_writer *begin(struct capture_writer *writer, int fd,
                                    const struct capture_head *head, struct err *err)
{
    writer->fd = fd;
    if (write_head(writer, head, err) != 0) {
        (void)close(fd); /* the first error is told */
        writer_free(writer);
        return NULL;
    }
    return writer;
}

static const char *noun_of(const struct capture_head *head)
{
    return head->what != NULL ? head->what : "capture";
}

struct capture_writer *capture_writer_begin(const char *path, bool force,
                                            const struct capture_head *head, struct err *err)
{
    struct capture_writer *writer = writer_new(noun_of(head), path, err);
    int fd = writer != NULL ? file_create_private(path, noun_of(head), force, err) : -1;

    if (fd < 0) {
        if (writer != NULL) {
            writer_free(writer);
        }
        return NULL;
    }
    return begin(writer, fd, head, err);
}

struct capture_writer *capture_writer_attach(int fd, const struct capture_head *head,
                                             struct err *err)
{
    struct capture_writer *writer = writer_new(noun_of(head), "(pipe)", err);

    if (writer == NULL) {
        (void)close(fd); /* nothing was written */
        return NULL;
    }
    return begin(writer, fd, head, err);
}

struct capture_writer *capture_writer_new(const char *path, bool force, uint16_t link_type,
                                          size_t reserve, const char *comment, struct err *err)
{
    const struct capture_text text = {comment, comment != NULL ? strlen(comment) : 0};
    const struct capture_head head = {.link_type = link_type,
                                      .reserve = reserve,
                                      .comments = &text,
                                      .comment_count = comment != NULL};
    return capture_writer_begin(path, force, &head, err);
}

int capture_writer_close(struct capture_writer *writer, struct err *err)
{
    if (writer == NULL) {
        return 0;
    }
    int result = check(writer, err);
    if (close(writer->fd) != 0 && result == 0) {
        result =
            err_set(err, ERR_FILE, "file", "cannot write %s: %s", writer->what, strerror(errno));
    }
    writer_free(writer);
    return result;
}
