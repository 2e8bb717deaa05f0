/*
 * Reading a stream as it comes: each segment goes through the assembler of its conversation at once. A
 * conversation that has ended stays in the table without its streams, so that its last packets are
 * not taken for a new one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "assembler.h"
#include "flows.h"
#include "intake.h"
#include "tracking.h"

#define CONVERSATIONS_MAX 65536
#define IDLE_NS           INT64_C(600000000000)
/* After its end, for what was on its way: of capture time, or of ours in which nothing comes. */
#define LINGER_NS INT64_C(1000000000)

struct capture_feed {
    struct intake intake;
    struct conversations conversations;
    struct flows flows;
    struct item_queue queue;
    int64_t before_ns; /* the time of the packet before */
    bool pending;      /* the segment in `intake` has not been taken yet */
    uint32_t active;   /* whose items are in the queue */
    bool closing;      /* that one is at its end */
    bool removing;     /* and leaves the table */
    uint32_t gone;     /* leaves it with the next call */
};

struct capture_feed *capture_feed_open(const char *path, struct err *err)
{
    struct capture_feed *feed = calloc(1, sizeof *feed);

    if (feed == NULL) {
        (void)err_memory(err, "opening a capture");
        return NULL;
    }
    conversations_begin(&feed->conversations);
    flows_begin(&feed->flows);
    feed->active = FLOW_NONE;
    feed->gone = FLOW_NONE;
    if (intake_open(&feed->intake, path, false, err) != 0) {
        free(feed);
        return NULL;
    }
    return feed;
}

void capture_feed_close(struct capture_feed *feed)
{
    if (feed == NULL) {
        return;
    }
    flows_free(&feed->flows);
    item_queue_free(&feed->queue);
    conversations_free(&feed->conversations);
    intake_close(&feed->intake);
    free(feed);
}

int capture_feed_fd(const struct capture_feed *feed)
{
    return source_pipe(&feed->intake.source);
}

const char *capture_feed_warning(const struct capture_feed *feed, size_t index)
{
    /* The text is made in a buffer of the feed, which no caller sees change. */
    return intake_warning(&((struct capture_feed *)(uintptr_t)feed)->intake, index);
}

/* ---- the end of a conversation ------------------------------------------------------------------------ */

static void remove_flow(struct capture_feed *feed, uint32_t index)
{
    flows_remove(&feed->flows, index);
    conversations_remove(&feed->conversations, index);
}

/* What is left of it goes into the queue; the caller is told when that is empty. */
static void end_flow(struct capture_feed *feed, uint32_t index, bool removing)
{
    struct flow *flow = &feed->flows.all[index];

    flows_leave(&feed->flows, FLOWS_ENDED, index);
    if (flow->closed) {
        if (removing) {
            remove_flow(feed, index);
        }
        return;
    }
    if (conversations_at(&feed->conversations, index)->public.transport == CAPTURE_TCP) {
        assembler_finish(&flow->assembler);
    }
    feed->active = index;
    feed->closing = true;
    feed->removing = removing;
}

/* Ends one that is due, as of capture time `now_ns`. False: none is. */
static bool end_due(struct capture_feed *feed, int64_t now_ns)
{
    uint32_t oldest = feed->flows.lists[FLOWS_RECENT].oldest;
    uint32_t ended = feed->flows.lists[FLOWS_ENDED].oldest;

    if (oldest != FLOW_NONE &&
        now_ns - conversations_at(&feed->conversations, oldest)->public.last_ns > IDLE_NS) {
        end_flow(feed, oldest, true);
        return true;
    }
    if (ended != FLOW_NONE && now_ns - feed->flows.all[ended].ended_ns > LINGER_NS) {
        end_flow(feed, ended, false);
        return true;
    }
    return false;
}

/* Nothing comes: the packets that would tell the time are missing. */
static bool end_waited_for(struct capture_feed *feed)
{
    uint32_t ended = feed->flows.lists[FLOWS_ENDED].oldest;

    if (ended == FLOW_NONE ||
        clock_monotonic_ns() - feed->flows.all[ended].ended_clock_ns <= LINGER_NS) {
        return false;
    }
    end_flow(feed, ended, false);
    return true;
}

/* FIN from both, or RST: what was on its way may still come. */
static void linger(struct capture_feed *feed, uint32_t index)
{
    struct flow *flow = &feed->flows.all[index];

    if (!flow->links[FLOWS_ENDED].in) {
        flow->ended_ns = feed->intake.time_ns;
        flow->ended_clock_ns = clock_monotonic_ns();
        flows_make_newest(&feed->flows, FLOWS_ENDED, index);
    }
}

/* ---- segments ------------------------------------------------------------------------------------------ */

static void play(struct capture_feed *feed, uint32_t index, enum capture_end from)
{
    struct flow *flow = &feed->flows.all[index];
    const struct segment *segment = &feed->intake.segment;
    const struct packet *packet = &feed->intake.record.packet;

    flows_make_newest(&feed->flows, FLOWS_RECENT, index);
    if (flow->closed) {
        return;
    }
    feed->active = index;
    if (segment->transport == CAPTURE_UDP) {
        assembler_datagram(&flow->assembler, from, segment, packet->frame, packet->time_ns);
        return;
    }
    assembler_take(&flow->assembler, from, segment, packet->frame, packet->time_ns);
    const struct direction *ends = flow->assembler.ends;
    if ((ends[0].fin && ends[1].fin) || conversations_at(&feed->conversations, index)->reset) {
        linger(feed, index);
    }
}

/* Its number, or that of a new one. FLOW_NONE: another one has to end first. */
static int find_flow(struct capture_feed *feed, enum capture_end *from, uint32_t *index,
                     struct err *err)
{
    const struct segment *segment = &feed->intake.segment;
    struct conversations *table = &feed->conversations;
    uint32_t found = conversations_find(table, segment, from);

    *index = FLOW_NONE;
    if (found != CONVERSATION_NONE) {
        if (tracking_is_new(conversations_at(table, found), *from, segment)) {
            end_flow(feed, found, true);
        } else {
            *index = found;
        }
        return 0;
    }
    if (feed->flows.live >= CONVERSATIONS_MAX) {
        end_flow(feed, feed->flows.lists[FLOWS_RECENT].oldest, true);
        return 0;
    }
    *from = CAPTURE_A;
    *index = conversations_add(table, segment);
    if (*index == CONVERSATION_NONE) {
        return err_memory(err, "reading a capture");
    }
    if (!flows_add(&feed->flows, *index, &feed->queue)) {
        conversations_remove(table, *index);
        return err_memory(err, "reading a capture");
    }
    return 0;
}

static int take_segment(struct capture_feed *feed, struct err *err)
{
    int64_t time_ns = feed->intake.record.packet.time_ns;
    enum capture_end from;
    uint32_t index;

    /* One packet with a wrong time does not end everything. */
    if (end_due(feed, time_ns < feed->before_ns ? time_ns : feed->before_ns)) {
        return 0;
    }
    if (find_flow(feed, &from, &index, err) != 0) {
        return -1;
    }
    if (index == FLOW_NONE) {
        return 0;
    }
    feed->pending = false;
    feed->before_ns = time_ns;
    tracking_update(conversations_at(&feed->conversations, index), from, &feed->intake.segment,
                    time_ns);
    play(feed, index, from);
    return feed->flows.all[index].assembler.failed ? err_memory(err, "reading a capture") : 0;
}

/* ---- events --------------------------------------------------------------------------------------------- */

static int fill_event(struct capture_feed *feed, struct capture_feed_event *event,
                      enum capture_feed_state state)
{
    event->state = state;
    event->slot = NULL;
    if (state == CAPTURE_FEED_ITEM || state == CAPTURE_FEED_CLOSED) {
        event->conversation = conversations_at(&feed->conversations, feed->active)->public;
        event->slot = &feed->flows.all[feed->active].slot;
    }
    return 0;
}

/* What is known already, without reading on. */
static bool take_known(struct capture_feed *feed, struct capture_feed_event *event)
{
    if (item_queue_next(&feed->queue, &event->item)) {
        (void)fill_event(feed, event, CAPTURE_FEED_ITEM); /* always 0 */
        return true;
    }
    if (!feed->closing) {
        return false;
    }
    struct flow *flow = &feed->flows.all[feed->active];
    (void)fill_event(feed, event, CAPTURE_FEED_CLOSED);
    assembler_free(&flow->assembler);
    flow->closed = true;
    feed->closing = false;
    feed->gone = feed->removing ? feed->active : FLOW_NONE;
    return true;
}

static int take_secrets(struct capture_feed *feed, struct capture_feed_event *event)
{
    const struct record *record = &feed->intake.record;

    event->item = (struct capture_item){.data = record->secrets, .length = record->secrets_length};
    return fill_event(feed, event, CAPTURE_FEED_SECRETS);
}

/* At the end of the input the conversations end in the order in which they began. As read_on(). */
static int end_next(struct capture_feed *feed, struct capture_feed_event *event, struct err *err)
{
    uint32_t index;

    if (!flows_first(&feed->flows, &feed->conversations, &index)) {
        return err_memory(err, "reading a capture");
    }
    if (index == FLOW_NONE) {
        return fill_event(feed, event, CAPTURE_FEED_DONE) == 0;
    }
    end_flow(feed, index, true);
    return 0;
}

/* 1: `event` is filled; 0: look again. */
static int read_on(struct capture_feed *feed, struct capture_feed_event *event, struct err *err)
{
    switch (intake_next(&feed->intake, err)) {
    case INTAKE_SEGMENT:
        feed->pending = true;
        return 0;
    case INTAKE_SECRETS:
        return take_secrets(feed, event) == 0;
    case INTAKE_OTHER:
        return 0;
    case INTAKE_WAIT:
        return end_waited_for(feed) ? 0 : fill_event(feed, event, CAPTURE_FEED_WAIT) == 0;
    case INTAKE_END:
        return end_next(feed, event, err);
    case INTAKE_ERROR:
        break;
    }
    return -1;
}

int capture_feed_next(struct capture_feed *feed, struct capture_feed_event *event, struct err *err)
{
    if (feed->gone != FLOW_NONE) {
        remove_flow(feed, feed->gone);
        feed->gone = FLOW_NONE;
    }
    while (!take_known(feed, event)) {
        int result = feed->pending ? take_segment(feed, err) : read_on(feed, event, err);
        if (result != 0) {
            return result < 0 ? -1 : 0;
        }
    }
    return 0;
}
