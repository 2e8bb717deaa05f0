/* Playing one conversation: its packets, read again, through an assembler. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "assembler.h"
#include "capture.h"

/* So many packets are looked through for what is missing. */
#define LOOK_AHEAD 64

struct capture_player {
    struct capture *capture;
    struct conversation conversation; /* as it was found; only its ends and start are looked at */
    size_t index;
    uint32_t packet; /* the last one that has been read; PACKET_NONE: none */
    struct window window;
    struct fragments fragments;
    struct window ahead_window; /* for looking ahead, so that data of items stay */
    struct assembler assembler;
    struct item_queue queue;
    int64_t time_ns; /* of the last packet that had one */
    bool finished;
};

static const struct conversation *conversation_of(const struct capture_player *player)
{
    return conversations_at(&player->capture->conversations, (uint32_t)player->index);
}

static uint32_t packet_after(const struct capture_player *player, uint32_t packet)
{
    return packet == PACKET_NONE ? conversation_of(player)->first
                                 : packet_list_at(&player->capture->packets, packet)->next;
}

static enum packet_state read_packet(const struct capture_player *player, struct window *window,
                                     uint32_t index, struct packet *packet)
{
    const struct packet_ref *ref = packet_list_at(&player->capture->packets, index);
    const struct dialects *dialects = &player->capture->intake.records.dialects;

    *packet = (struct packet){
        .place = packet_ref_place(ref), .frame = ref->frame, .time_ns = player->time_ns};
    return packet_read(&dialects->all[packet_ref_dialect(ref)], window, packet);
}

/* A segment of the conversation, and who sent it. False: a packet without one, or of another. */
static bool find_segment(const struct capture_player *player, const struct packet *packet,
                         struct fragments *fragments, struct segment *segment,
                         enum capture_end *from)
{
    const struct capture_endpoint *ends = player->conversation.public.ends;

    if (decode_packet(packet, fragments, segment) != DECODE_SEGMENT) {
        return false;
    }
    /* Comparing one end tells the direction, unless both are the same. */
    for (int end = 0; end < 2; end++) {
        if (segment->from.port == ends[end].port && segment->to.port == ends[1 - end].port &&
            memcmp(segment->from.address, ends[end].address, 16) == 0 &&
            memcmp(segment->to.address, ends[1 - end].address, 16) == 0) {
            *from = (enum capture_end)end;
            return true;
        }
    }
    return false;
}

/* ---- looking ahead ------------------------------------------------------------------------------------ */

static bool has_byte(const struct segment *segment, uint32_t seq)
{
    uint32_t start = segment->seq + (segment->flags & TCP_SYN ? 1 : 0);

    return seq - start < segment->length;
}

/* An acknowledgement may have been captured before what it acknowledges. */
static bool may_come(void *user, enum capture_end from, uint32_t seq)
{
    struct capture_player *player = user;
    struct fragments fragments = {0};
    uint32_t index = player->packet;
    bool found = false;

    for (int i = 0; i < LOOK_AHEAD && !found; i++) {
        struct packet packet;
        struct segment segment;
        enum capture_end sender;
        index = packet_after(player, index);
        if (index == PACKET_NONE) {
            break;
        }
        enum packet_state state = read_packet(player, &player->ahead_window, index, &packet);
        if (state != PACKET_OK) {
            player->assembler.failed = state == PACKET_ERROR && errno == ENOMEM;
            break; /* other errors are told when the packet's turn comes */
        }
        found = find_segment(player, &packet, &fragments, &segment, &sender) && sender == from &&
                has_byte(&segment, seq);
    }
    fragments_free(&fragments);
    return found;
}

/* ---- the player ------------------------------------------------------------------------------------------- */

struct capture_player *capture_player_new(struct capture *capture, size_t conversation,
                                          struct err *err)
{
    if (conversation >= capture_conversation_count(capture)) {
        (void)err_set(err, ERR_FILE, "no_such_stream", "capture %s has no conversation %zu",
                      capture->intake.source.name, conversation);
        return NULL;
    }
    struct capture_player *player = calloc(1, sizeof *player);
    if (player == NULL) {
        (void)err_memory(err, "reading a conversation");
        return NULL;
    }
    player->capture = capture;
    player->index = conversation;
    player->conversation = *conversations_at(&capture->conversations, (uint32_t)conversation);
    player->packet = PACKET_NONE;
    player->time_ns = player->conversation.public.first_ns;
    window_begin_beside(&player->window, &capture->intake.source);
    window_begin_beside(&player->ahead_window, &capture->intake.source);
    player->assembler.queue = &player->queue;
    player->assembler.may_come = may_come;
    player->assembler.user = player;
    for (int end = 0; end < 2; end++) {
        if (player->conversation.start_known[end]) {
            assembler_start(&player->assembler, (enum capture_end)end,
                            player->conversation.start[end]);
        }
    }
    return player;
}

void capture_player_free(struct capture_player *player)
{
    if (player == NULL) {
        return;
    }
    item_queue_free(&player->queue);
    assembler_free(&player->assembler);
    fragments_free(&player->fragments);
    window_free(&player->window);
    window_free(&player->ahead_window);
    free(player);
}

static int fail_reading(const struct capture_player *player, enum packet_state state,
                        struct err *err)
{
    if (state == PACKET_ERROR && errno == ENOMEM) {
        return err_memory(err, "reading a conversation");
    }
    return err_set(err, ERR_FILE, "file", "cannot read capture %s again: %s",
                   player->capture->intake.source.name,
                   state == PACKET_ERROR ? strerror(errno) : "it has changed");
}

/* 1: a packet has been taken; 0: there is none. */
static int take_packet(struct capture_player *player, struct err *err)
{
    uint32_t index = packet_after(player, player->packet);
    struct packet packet;
    struct segment segment;
    enum capture_end from;

    if (index == PACKET_NONE) {
        return 0;
    }
    enum packet_state state = read_packet(player, &player->window, index, &packet);
    if (state != PACKET_OK) {
        return fail_reading(player, state, err);
    }
    player->packet = index;
    player->time_ns = packet.time_ns;
    if (!find_segment(player, &packet, &player->fragments, &segment, &from)) {
        return 1;
    }
    if (player->conversation.public.transport == CAPTURE_UDP) {
        assembler_datagram(&player->assembler, from, &segment, packet.frame, packet.time_ns);
    } else {
        assembler_take(&player->assembler, from, &segment, packet.frame, packet.time_ns);
    }
    return 1;
}

int capture_player_next(struct capture_player *player, struct capture_item *item, struct err *err)
{
    for (;;) {
        if (item_queue_next(&player->queue, item)) {
            return 1;
        }
        if (player->assembler.failed || player->fragments.failed) {
            return err_memory(err, "reading a conversation");
        }
        int result = take_packet(player, err);
        if (result < 0) {
            return -1;
        }
        if (result == 0) {
            const struct intake *intake = &player->capture->intake;
            if (player->finished || (!intake->ended && !intake->broken)) {
                return 0;
            }
            player->finished = true;
            assembler_finish(&player->assembler);
        }
    }
}
