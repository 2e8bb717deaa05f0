/*
 * Any bytes as a capture file: read to its end, every conversation played, comments visited, and the same again as
 * from a pipe. Offsets of a direction go on without a hole.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tlstep/capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static int visit(const char *comment, size_t length, void *user)
{
    size_t *sum = user;

    for (size_t i = 0; i < length; i++) {
        *sum += (unsigned char)comment[i];
    }
    return 0;
}

/* Touches every byte, and holds the offsets to what came before. */
static void check_item(const struct capture_item *item, uint64_t next[2])
{
    static volatile uint8_t sum;

    for (size_t i = 0; i < item->length; i++) {
        sum = (uint8_t)(sum + item->data[i]);
    }
    if (item->kind == CAPTURE_BYTES || item->kind == CAPTURE_GAP) {
        require(item->offset == next[item->from]);
        next[item->from] += item->length + item->lost;
    }
}

static void play(struct capture *capture, size_t index)
{
    struct capture_player *player = capture_player_new(capture, index, NULL);
    struct capture_item item;
    uint64_t next[2] = {0, 0};
    int result;

    require(player != NULL);
    while ((result = capture_player_next(player, &item, NULL)) > 0) {
        check_item(&item, next);
    }
    require(result == 0);
    capture_player_free(player);
}

static void read_as_file(const char *path)
{
    struct err err = {0};
    struct capture *capture = capture_open(path, &err);
    enum capture_state state = CAPTURE_MORE;
    size_t sum = 0;

    if (capture == NULL) {
        require(err.class == ERR_FILE);
        return;
    }
    while (state == CAPTURE_MORE && capture_read(capture, INT64_MAX, &state, &err) == 0) {
    }
    for (size_t i = 0; i < capture_conversation_count(capture) && state == CAPTURE_DONE; i++) {
        play(capture, i);
    }
    require(capture_comments(capture, "", visit, &sum, &err) == 0);
    for (size_t i = 0; capture_warning(capture, i) != NULL; i++) {
        require(capture_warning(capture, i)[0] != '\0');
    }
    capture_close(capture);
}

static void read_as_stream(const char *path)
{
    struct err err = {0};
    struct capture_feed *feed = capture_feed_open(path, &err);
    struct capture_feed_event event = {0};
    size_t open = 0;

    require(feed != NULL);
    while (capture_feed_next(feed, &event, &err) == 0 && event.state != CAPTURE_FEED_DONE) {
        require(event.state != CAPTURE_FEED_WAIT);
        if (event.state == CAPTURE_FEED_ITEM && *event.slot == NULL) {
            *event.slot = calloc(2, sizeof(uint64_t));
            open++;
        }
        if (event.state == CAPTURE_FEED_ITEM) {
            check_item(&event.item, *event.slot);
        } else if (event.state == CAPTURE_FEED_CLOSED) {
            open -= *event.slot != NULL;
            free(*event.slot);
            *event.slot = NULL;
        }
    }
    require(open == 0 || err.class != ERR_NONE);
    capture_feed_close(feed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[40];
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd); /* it fits */
    read_as_file(path);
    read_as_stream(path);
    require(close(fd) == 0);
    return 0;
}
