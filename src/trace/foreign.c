/* Bytes that are not TLS. */
#include "foreign.h"

#include "limit.h"
#include "log.h"
#include "row.h"

/* So many bytes decide which protocol it looks like. */
#define FOREIGN_GUESS 64

void foreign_begin(struct direction *direction, const char *problem)
{
    direction->foreign.begun = true;
    direction->foreign.problem = direction->foreign.ssl2
                                     ? "an SSL 2.0 session, which is not taken apart (RFC 6176)"
                                     : problem;
}

void foreign_too_long(struct direction *direction, unsigned length)
{
    struct foreign *foreign = &direction->foreign;

    /* Always fits: two numbers of at most five digits. */
    (void)snprintf(foreign->problem_text, sizeof foreign->problem_text,
                   "the record claims %u bytes, TLS allows %d", length, WIRE_RECORD_MAX);
    foreign->problem = foreign->problem_text;
}

static size_t minimum(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* What a direction without any TLS seems to carry. Depends on the first bytes alone, so that the
 * answer is the same however they came. */
static const char *guess(const struct foreign *foreign)
{
    const char *protocol =
        wire_guess_protocol(foreign->kept.data, minimum(foreign->kept.length, FOREIGN_GUESS));
    return protocol != NULL ? protocol : "NotTLS";
}

static void update_row(const struct foreign *foreign)
{
    struct row *row = foreign->row;
    uint64_t length = foreign->total;

    row->content = foreign->kept.data;
    row->content_length = foreign->kept.length;
    row->public.length = length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
    row->public.dropped = length > foreign->kept.length;
    if (row->public.layer == TRACE_LAYER_TEXT) {
        row->public.type = guess(foreign);
    }
}

int foreign_append(struct direction *direction, const uint8_t *data, size_t length)
{
    struct foreign *foreign = &direction->foreign;
    size_t room = FOREIGN_KEPT - foreign->kept.length;

    buffer_append(&foreign->kept, data, minimum(length, room));
    if (foreign->kept.failed) {
        return -1;
    }
    foreign->total += length;
    if (foreign->kept.length > 0 && foreign->total == length) {
        /* The first byte stands where a record's type would. */
        foreign->content_type = foreign->kept.data[0];
    }
    if (foreign->row != NULL) {
        update_row(foreign);
    }
    return 0;
}

int foreign_take(struct trace *trace, struct direction *direction, size_t event,
                 const uint8_t *data, size_t length)
{
    if (foreign_append(direction, data, length) != 0) {
        return -1;
    }
    return limit_keep_event(trace, event, length);
}

int foreign_show(struct trace *trace, struct direction *direction, const struct record *record)
{
    struct foreign *foreign = &direction->foreign;
    bool text = foreign->problem == NULL;
    /* Both always fit. */
    if (foreign->ssl2) {
        (void)snprintf(foreign->type_text, sizeof foreign->type_text, "SSL2");
    } else {
        (void)snprintf(foreign->type_text, sizeof foreign->type_text, "Unknown(%u)",
                       foreign->content_type);
    }
    const struct trace_row shape = {
        .layer = text ? TRACE_LAYER_TEXT : TRACE_LAYER_TLS,
        .from = direction->side,
        .type = text ? guess(foreign) : foreign->type_text,
        .content_type = text ? 0 : foreign->content_type,
        .observed = true,
        .malformed = !text,
        .problem = foreign->problem,
        .time_ns = record->time_ns,
        .queued_event = SIZE_MAX,
        .wire_event = record->wire_event,
    };

    foreign->row = row_add(trace, &shape);
    if (foreign->row == NULL) {
        return -1;
    }
    foreign->row->foreign = true;
    update_row(foreign);
    return 0;
}
