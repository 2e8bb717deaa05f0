/* Conversations in words. */
#include "played.h"

#include <string.h>

struct capture *played_open(const char *path, struct err *err)
{
    struct capture *capture = capture_open(path, err);
    enum capture_state state = CAPTURE_MORE;

    while (capture != NULL && state == CAPTURE_MORE) {
        if (capture_read(capture, INT64_MAX, &state, err) != 0) {
            capture_close(capture);
            return NULL;
        }
    }
    return capture;
}

static void add_bytes(struct buffer *text, const struct capture_item *item)
{
    char mark[8];

    /* A piece that goes on: its quotation mark is still open at the end. */
    (void)snprintf(mark, sizeof mark, "%c \"", 'A' + (char)item->from); /* it fits */
    size_t end = text->length;
    bool goes_on = end > 0 && text->data[end - 1] == '"';
    for (size_t i = end - (goes_on ? 1 : 0); goes_on && i-- > 0;) {
        if (text->data[i] == '"') {
            goes_on = i >= 2 && memcmp(text->data + i - 2, mark, 3) == 0;
            break;
        }
    }
    if (goes_on) {
        text->length--;
    } else {
        buffer_printf(text, "%s%s", end > 0 ? ", " : "", mark);
    }
    for (size_t i = 0; i < item->length; i++) {
        uint8_t byte = item->data[i];
        buffer_u8(text, byte >= 0x20 && byte < 0x7f && byte != '"' ? byte : '.');
    }
    buffer_u8(text, '"');
}

void played_item(struct buffer *text, const struct capture_item *item)
{
    static const char *const names[] = {
        [CAPTURE_SYN] = "SYN", [CAPTURE_ACK] = "ACK", [CAPTURE_FIN] = "FIN", [CAPTURE_RST] = "RST"};

    if (item->kind == CAPTURE_BYTES) {
        add_bytes(text, item);
        return;
    }
    buffer_printf(text, "%s%c ", text->length > 0 ? ", " : "", 'A' + (char)item->from);
    if (item->kind == CAPTURE_GAP) {
        buffer_printf(text, "gap %llu", (unsigned long long)item->lost);
    } else if (item->kind == CAPTURE_NOTE) {
        buffer_printf(text, "(%s)", item->note);
    } else {
        buffer_printf(text, "%s%s", names[item->kind], item->ack ? "+ACK" : "");
    }
}

const char *played_text(struct capture *capture, size_t conversation, bool notes)
{
    static struct buffer text;
    struct capture_item item;
    struct err err = {0};
    struct capture_player *player = capture_player_new(capture, conversation, &err);
    int result = player != NULL ? 1 : -1;

    text.length = 0;
    while (result > 0) {
        result = capture_player_next(player, &item, &err);
        if (result > 0 && (notes || item.kind != CAPTURE_NOTE)) {
            played_item(&text, &item);
        }
    }
    if (result < 0) {
        buffer_printf(&text, "failed: %s", err.text);
    }
    capture_player_free(player);
    return text.length > 0 ? buffer_string(&text) : "";
}

bool played_bytes(struct capture *capture, size_t conversation, struct buffer bytes[2])
{
    struct capture_item item;
    struct capture_player *player = capture_player_new(capture, conversation, NULL);
    int result = player != NULL ? 1 : -1;

    while (result > 0) {
        result = capture_player_next(player, &item, NULL);
        if (result > 0 && item.kind == CAPTURE_BYTES) {
            buffer_append(&bytes[item.from], item.data, item.length);
        } else if (result > 0 && item.kind == CAPTURE_GAP) {
            buffer_printf(&bytes[item.from], "[%llu bytes missing]", (unsigned long long)item.lost);
        }
    }
    capture_player_free(player);
    return result == 0;
}
