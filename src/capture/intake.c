/* From a source to segments. */
#include "intake.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

int intake_open(struct intake *intake, const char *path, bool keep, struct err *err)
{
    if (source_open(&intake->source, path, keep, err) != 0) {
        return -1;
    }
    records_begin(&intake->records, &intake->source);
    return 0;
}

void intake_close(struct intake *intake)
{
    records_free(&intake->records);
    fragments_free(&intake->fragments);
    source_close(&intake->source);
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static void count_unknown(struct intake *intake, uint16_t type)
{
    for (size_t i = 0; i < INTAKE_LINKS; i++) {
        struct intake_link *link = &intake->unknown[i];
        if (link->packets == 0 || link->type == type || i == INTAKE_LINKS - 1) {
            link->type = type;
            link->packets++;
            return;
        }
    }
}

static enum intake_state take_packet(struct intake *intake)
{
    struct packet *packet = &intake->record.packet;

    if (packet->timeless) {
        packet->time_ns = intake->time_ns;
    } else {
        intake->time_ns = packet->time_ns;
    }
    if (!intake->timed && !packet->timeless) {
        intake->timed = true;
        intake->first_ns = packet->time_ns;
    }
    if (packet->dialect == DIALECTS_NONE) {
        intake->skipped++;
        return INTAKE_OTHER;
    }
    intake->fragments.part = (struct fragment_part){
        .place = packet->place, .frame = (uint32_t)packet->frame, .dialect = packet->dialect};
    switch (decode_packet(packet, &intake->fragments, &intake->segment)) {
    case DECODE_SEGMENT:
        return INTAKE_SEGMENT;
    case DECODE_LINK:
        count_unknown(intake, packet->link_type);
        return INTAKE_OTHER;
    default:
        return INTAKE_OTHER;
    }
}

static enum intake_state fail(struct intake *intake, struct err *err)
{
    intake->broken = true;
    if (errno == ENOMEM) {
        (void)err_memory(err, "reading a capture");
    } else {
        (void)err_set(err, ERR_FILE, "file", "cannot read capture %s: %s", intake->source.name,
                      strerror(errno));
    }
    return INTAKE_ERROR;
}

/* Damage after the beginning ends the capture; what has been read stays. */
static enum intake_state end_damaged(struct intake *intake, struct err *err)
{
    if (!intake->records.begun) {
        (void)err_set(err, ERR_FILE, "not_a_capture",
                      "cannot read capture %s: it is neither pcapng nor pcap", intake->source.name);
        return INTAKE_ERROR;
    }
    intake->damaged = true;
    intake->damaged_at = intake->records.place;
    intake->ended = true;
    return INTAKE_END;
}

enum intake_state intake_next(struct intake *intake, struct err *err)
{
    if (intake->ended) {
        return INTAKE_END;
    }
    if (intake->fragments.failed) {
        errno = ENOMEM;
        return fail(intake, err);
    }
    switch (records_next(&intake->records, &intake->record)) {
    case PACKET_OK:
        break;
    case PACKET_WAIT:
        return INTAKE_WAIT;
    case PACKET_CUT:
        intake->cut = true;
        intake->ended = true;
        return INTAKE_END;
    case PACKET_END:
        intake->ended = true;
        return INTAKE_END;
    case PACKET_DAMAGED:
        return end_damaged(intake, err);
    case PACKET_ERROR:
        return fail(intake, err);
    }
    switch (intake->record.kind) {
    case RECORD_PACKET:
        return take_packet(intake);
    case RECORD_SECRETS:
        return INTAKE_SECRETS;
    default:
        return INTAKE_OTHER;
    }
}

/* ---- warnings ------------------------------------------------------------------------------------------- */

struct warning {
    char *text;
    size_t size;
    size_t index; /* of the one that is wanted */
    size_t count;
};

/* Counts one more; writes it if it is the one. */
__attribute__((format(printf, 3, 4))) static void warn(struct warning *warning, bool odd,
                                                       const char *format, ...)
{
    if (odd && warning->count++ == warning->index) {
        va_list arguments;
        va_start(arguments, format);
        (void)vsnprintf(warning->text, warning->size, format, arguments); /* cut is fine */
        va_end(arguments);
    }
}

const char *intake_warning(struct intake *intake, size_t index)
{
    struct warning warning = {.text = intake->text, .size = sizeof intake->text, .index = index};
    const struct input *input = intake->source.input;
    const char *problem = input != NULL ? input->problem : NULL;
    uint64_t incomplete = intake->ended ? fragments_incomplete(&intake->fragments) : 0;

    warn(&warning, problem != NULL, "%s", problem != NULL ? problem : "");
    warn(&warning, intake->cut, "the file ends in the middle of a packet or block");
    warn(&warning, intake->damaged, "the file is damaged at byte %llu and was read as far as there",
         (unsigned long long)intake->damaged_at);
    warn(&warning, intake->source.overfull, "only the first %llu GiB were read",
         (unsigned long long)(SOURCE_KEPT_MAX >> 30));
    for (size_t i = 0; i < INTAKE_LINKS && intake->unknown[i].packets > 0; i++) {
        uint64_t packets = intake->unknown[i].packets;
        warn(&warning, true, "%llu packet%s of link type %u, which is not known",
             (unsigned long long)packets, packets == 1 ? "" : "s", intake->unknown[i].type);
    }
    warn(&warning, intake->skipped > 0, "%llu packets are of interfaces that are not described",
         (unsigned long long)intake->skipped);
    warn(&warning, intake->left_out > 0,
         "there are too many conversations: %llu packets are of later ones",
         (unsigned long long)intake->left_out);
    warn(&warning, intake->secrets_left_out, "there are too many secrets: some were left out");
    warn(&warning, incomplete > 0, "%llu fragmented IP packets were never complete",
         (unsigned long long)incomplete);
    return warning.count > index ? intake->text : NULL;
}
