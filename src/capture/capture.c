/* Reading a capture into an index of conversations. */
#include "capture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"
#include "pcap.h"
#include "pcapng.h"
#include "tracking.h"

/* Key-log text in all; a session has a kilobyte. */
#define SECRETS_MAX ((size_t)256 * 1024 * 1024)

/* Conversations in the index, 200 bytes each. Nobody looks through more. */
#define CONVERSATIONS_MAX ((size_t)4 * 1024 * 1024)
/* The clock is asked every so many records. */
#define CLOCK_EVERY 256

char *capture_endpoint_text(char *out, size_t size, const struct capture_endpoint *endpoint)
{
    char address[INET6_ADDRSTRLEN] = "?";
    bool six = endpoint->family == 6;

    (void)inet_ntop(six ? AF_INET6 : AF_INET, endpoint->address, address, sizeof address);
    (void)snprintf(out, size, six ? "[%s]:%u" : "%s:%u", address, endpoint->port);
    return out;
}

bool capture_is_capture(const uint8_t *start, size_t length)
{
    bool gzip = length >= 2 && start[0] == 0x1f && start[1] == 0x8b;

    return gzip || (length >= 4 && (load32(start) == PCAPNG_SECTION || pcap_is_magic(start)));
}

/* ---- opening ---------------------------------------------------------------------------------------- */

/* Of a file the first bytes are there; a pipe may have none yet. */
static int check_beginning(struct capture *capture, struct err *err)
{
    const uint8_t *start;

    if (capture->intake.source.input != NULL) {
        return 0;
    }
    enum window_state state = window_get(&capture->intake.records.window, 0, 4, &start);
    if (state == WINDOW_ERROR && errno == ENOMEM) {
        return err_memory(err, "opening a capture");
    }
    if (state == WINDOW_ERROR) {
        return err_set(err, ERR_FILE, "file", "cannot read capture %s: %s",
                       capture->intake.source.name, strerror(errno));
    }
    if (state != WINDOW_OK || !capture_is_capture(start, 4)) {
        return err_set(err, ERR_FILE, "not_a_capture",
                       "cannot read capture %s: it is neither pcapng nor pcap",
                       capture->intake.source.name);
    }
    return 0;
}

struct capture *capture_open(const char *path, struct err *err)
{
    struct capture *capture = calloc(1, sizeof *capture);

    if (capture == NULL) {
        (void)err_memory(err, "opening a capture");
        return NULL;
    }
    conversations_begin(&capture->conversations);
    if (intake_open(&capture->intake, path, true, err) != 0) {
        free(capture);
        return NULL;
    }
    if (check_beginning(capture, err) != 0) {
        capture_close(capture);
        return NULL;
    }
    return capture;
}

void capture_close(struct capture *capture)
{
    if (capture == NULL) {
        return;
    }
    for (size_t i = 0; i < capture->secrets_count; i++) {
        secret_free(capture->secrets[i].text, capture->secrets[i].length);
    }
    free(capture->secrets);
    free(capture->commented);
    packet_list_free(&capture->packets);
    conversations_free(&capture->conversations);
    intake_close(&capture->intake);
    free(capture);
}

/* ---- reading ---------------------------------------------------------------------------------------- */

static int keep_secrets(struct capture *capture, struct err *err)
{
    const struct record *record = &capture->intake.record;
    size_t length = record->secrets_length;

    if (length > SECRETS_MAX - capture->secrets_bytes) {
        capture->intake.secrets_left_out = true;
        return 0;
    }
    struct secrets_block *secrets = array_grow(capture->secrets, &capture->secrets_capacity,
                                               capture->secrets_count + 1, sizeof *secrets);
    if (secrets == NULL) {
        return err_memory(err, "reading a capture");
    }
    capture->secrets = secrets;
    uint8_t *text = malloc(length + 1);
    if (text == NULL) {
        return err_memory(err, "reading a capture");
    }
    memcpy(text, record->secrets, length);
    text[length] = 0;
    secrets[capture->secrets_count++] = (struct secrets_block){.text = text, .length = length};
    capture->secrets_bytes += length;
    return 0;
}

static int keep_commented(struct capture *capture, struct err *err)
{
    const struct record *record = &capture->intake.record;
    uint64_t *commented = array_grow(capture->commented, &capture->commented_capacity,
                                     capture->commented_count + 1, sizeof *commented);

    if (commented == NULL) {
        return err_memory(err, "reading a capture");
    }
    capture->commented = commented;
    commented[capture->commented_count++] =
        record->place | (record->big_endian ? CAPTURE_COMMENTED_BIG_ENDIAN : 0);
    return 0;
}

/* The packet, and those that its fragments came in before. */
static bool keep_packet(struct capture *capture, struct conversation *conversation)
{
    const struct packet *packet = &capture->intake.record.packet;
    const struct fragments *fragments = &capture->intake.fragments;

    for (size_t i = 0; i < fragments->part_count; i++) {
        const struct fragment_part *part = &fragments->parts[i];
        if (!packet_list_add(&capture->packets, part->place, part->dialect, part->frame,
                             &conversation->first, &conversation->last)) {
            return false;
        }
    }
    return packet_list_add(&capture->packets, packet->place, packet->dialect, packet->frame,
                           &conversation->first, &conversation->last);
}

static int keep_segment(struct capture *capture, struct err *err)
{
    const struct segment *segment = &capture->intake.segment;
    const struct packet *packet = &capture->intake.record.packet;
    struct conversations *table = &capture->conversations;
    enum capture_end from = CAPTURE_A;
    uint32_t index = conversations_find(table, segment, &from);

    if (index == CONVERSATION_NONE ||
        tracking_is_new(conversations_at(table, index), from, segment)) {
        if (table->count >= CONVERSATIONS_MAX) {
            capture->intake.left_out++;
            return 0;
        }
        index = conversations_add(table, segment);
        from = CAPTURE_A;
        if (index == CONVERSATION_NONE) {
            return err_memory(err, "reading a capture");
        }
        conversations_at(table, index)->link_type = packet->link_type;
    }
    struct conversation *conversation = conversations_at(table, index);
    if (!keep_packet(capture, conversation)) {
        return err_memory(err, "reading a capture");
    }
    tracking_update(conversation, from, segment, packet->time_ns);
    return 0;
}

/* One record. `state` is CAPTURE_MORE when it was read. */
static int read_one(struct capture *capture, enum capture_state *state, struct err *err)
{
    int result = 0;

    *state = CAPTURE_MORE;
    switch (intake_next(&capture->intake, err)) {
    case INTAKE_SEGMENT:
        result = keep_segment(capture, err);
        break;
    case INTAKE_SECRETS:
        result = keep_secrets(capture, err);
        break;
    case INTAKE_OTHER:
        break;
    case INTAKE_WAIT:
        *state = CAPTURE_WAIT;
        return 0;
    case INTAKE_END:
        *state = CAPTURE_DONE;
        return 0;
    case INTAKE_ERROR:
        return -1;
    }
    if (result == 0 && capture->intake.record.commented) {
        result = keep_commented(capture, err);
    }
    return result;
}

int capture_read(struct capture *capture, int64_t until_ns, enum capture_state *state,
                 struct err *err)
{
    for (;;) {
        for (int i = 0; i < CLOCK_EVERY; i++) {
            if (read_one(capture, state, err) != 0) {
                return -1;
            }
            if (*state != CAPTURE_MORE) {
                return 0;
            }
        }
        if (clock_monotonic_ns() >= until_ns) {
            return 0;
        }
    }
}

void capture_stop(struct capture *capture)
{
    capture->intake.broken = true;
}

int capture_fd(const struct capture *capture)
{
    return source_pipe(&capture->intake.source);
}

void capture_progress(const struct capture *capture, uint64_t *done, uint64_t *total)
{
    const struct source *source = &capture->intake.source;

    *total = source->whole;
    *done = source->input != NULL ? source->input->taken : capture->intake.records.place;
    if (capture->intake.ended && source->whole != 0) {
        *done = source->whole;
    }
}

/* ---- what has been read --------------------------------------------------------------------------------- */

size_t capture_conversation_count(const struct capture *capture)
{
    return capture->conversations.count;
}

const struct capture_conversation *capture_conversation_at(const struct capture *capture,
                                                           size_t index)
{
    return index < capture->conversations.count
               ? &conversations_at(&capture->conversations, (uint32_t)index)->public
               : NULL;
}

uint64_t capture_packet_count(const struct capture *capture)
{
    return capture->intake.records.frames;
}

int64_t capture_first_ns(const struct capture *capture)
{
    return capture->intake.first_ns;
}

bool capture_truncated(const struct capture *capture)
{
    const struct input *input = capture->intake.source.input;

    return capture->intake.cut || (input != NULL && input->problem != NULL);
}

const char *capture_warning(const struct capture *capture, size_t index)
{
    /* The text is made in a buffer of the capture, which no caller sees change. */
    struct intake *intake = &((struct capture *)(uintptr_t)capture)->intake;

    return intake_warning(intake, index);
}

const char *capture_secrets(const struct capture *capture, size_t index, size_t *length)
{
    if (index >= capture->secrets_count) {
        *length = 0;
        return NULL;
    }
    *length = capture->secrets[index].length;
    return (const char *)capture->secrets[index].text;
}

uint16_t capture_link_type(const struct capture *capture, size_t conversation)
{
    return conversation < capture->conversations.count
               ? conversations_at(&capture->conversations, (uint32_t)conversation)->link_type
               : 0;
}
