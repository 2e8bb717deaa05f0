/* Comments of blocks: which blocks have any is known from the index, so the file is not read again. */
#include <errno.h>
#include <string.h>

#include "capture.h"
#include "pcapng.h"

struct visit {
    const char *prefix;
    size_t prefix_length;
    capture_comment_visit function;
    void *user;
};

/* Nonzero: what the visitor said. */
static int visit_block(const uint8_t *block, size_t length, bool big_endian,
                       const struct visit *visit)
{
    struct pcapng_option_value option;
    size_t at = pcapng_options(block, length, big_endian);

    while (pcapng_next_option(block, length, big_endian, &at, &option)) {
        if (option.code != OPTION_COMMENT || option.length < visit->prefix_length ||
            memcmp(option.value, visit->prefix, visit->prefix_length) != 0) {
            continue;
        }
        int result = visit->function((const char *)option.value, option.length, visit->user);
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

static int fail(const struct capture *capture, struct err *err)
{
    return errno == ENOMEM ? err_memory(err, "reading comments")
                           : err_set(err, ERR_FILE, "file", "cannot read capture %s again: %s",
                                     capture->intake.source.name,
                                     errno != 0 ? strerror(errno) : "it is shorter");
}

/* Reads a block whose place is known. -1 with `err`. */
static int visit_place(struct capture *capture, struct window *window, uint64_t commented,
                       const struct visit *visit, struct err *err)
{
    uint64_t place = commented & ~CAPTURE_COMMENTED_BIG_ENDIAN;
    bool big_endian = commented & CAPTURE_COMMENTED_BIG_ENDIAN;
    struct pcapng_header header = {0};
    const uint8_t *block;

    errno = 0;
    if (pcapng_header(window, place, &big_endian, &header) != PACKET_OK ||
        header.total > PCAPNG_BLOCK_MAX ||
        window_get(window, place, (size_t)header.total, &block) != WINDOW_OK) {
        return fail(capture, err);
    }
    return visit_block(block, (size_t)header.total, big_endian, visit);
}

int capture_comments(struct capture *capture, const char *prefix, capture_comment_visit visit,
                     void *user, struct err *err)
{
    const struct visit what = {prefix, strlen(prefix), visit, user};
    struct window window;
    int result = 0;

    window_begin_beside(&window, &capture->intake.source);
    for (size_t i = 0; i < capture->commented_count && result == 0; i++) {
        result = visit_place(capture, &window, capture->commented[i], &what, err);
    }
    window_free(&window);
    return result;
}
