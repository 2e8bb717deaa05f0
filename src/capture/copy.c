/* The packets of one conversation, as they are, into another file. */
#include <errno.h>
#include <string.h>

#include "capture.h"

static int fail(const struct capture *capture, enum packet_state state, struct err *err)
{
    if (state == PACKET_ERROR && errno == ENOMEM) {
        return err_memory(err, "copying a conversation");
    }
    return err_set(err, ERR_FILE, "file", "cannot read capture %s again: %s",
                   capture->intake.source.name,
                   state == PACKET_ERROR ? strerror(errno) : "it has changed");
}

int capture_copy_conversation(struct capture *capture, size_t conversation,
                              struct capture_writer *writer, struct err *err)
{
    const struct dialects *dialects = &capture->intake.records.dialects;

    if (conversation >= capture_conversation_count(capture)) {
        return err_set(err, ERR_FILE, "no_such_stream", "capture %s has no conversation %zu",
                       capture->intake.source.name, conversation);
    }
    const struct conversation *found =
        conversations_at(&capture->conversations, (uint32_t)conversation);
    int64_t time_ns = found->public.first_ns;
    struct window window;
    int result = 0;

    window_begin_beside(&window, &capture->intake.source);
    for (uint32_t i = found->first; i != PACKET_NONE && result == 0;) {
        const struct packet_ref *ref = packet_list_at(&capture->packets, i);
        struct packet packet = {.place = packet_ref_place(ref), .time_ns = time_ns};
        enum packet_state state =
            packet_read(&dialects->all[packet_ref_dialect(ref)], &window, &packet);
        if (state != PACKET_OK) {
            result = fail(capture, state, err);
            break;
        }
        time_ns = packet.time_ns;
        const struct capture_block block = {.time_ns = time_ns,
                                            .link_type = packet.link_type,
                                            .data = packet.data,
                                            .length = packet.captured,
                                            .original_length = packet.length};
        result = capture_writer_block(writer, &block, err);
        i = ref->next;
    }
    window_free(&window);
    return result;
}
