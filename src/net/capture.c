/* Real packets from all interfaces, through libpcap. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pcap.h"
#include "privileges.h"
#include "tlstep/net.h"

/* The kernel hands up to 64 KiB of a segment in one piece, and headers before it. In immediate mode each packet takes so much room in the
 * ring, however short it is: the buffer holds a thousand of them. */
#define SNAPLEN     (66 << 10)
#define BUFFER_SIZE (64 << 20)
/* After a new filter, so many packets of the old one are thrown away at most. */
#define STALE_MAX 100000
#define NS_PER_S  INT64_C(1000000000)

struct net_capture {
    const struct pcap_library *pcap;
    struct pcap_handle *handle;
    bool nanoseconds;
    uint64_t dropped; /* the kernel's counter has 32 bits */
    unsigned dropped_last;
};

/* ---- opening ------------------------------------------------------------------------------------- */

static int no_permission(struct err *err)
{
    char path[300];
    char safe[600];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);

    if (length <= 0 || (size_t)length == sizeof path) {
        length = snprintf(path, sizeof path, "/path/to/tlstep"); /* it fits */
    }
    text_safe(safe, sizeof safe, path, (size_t)length);
    return err_set(err, ERR_NETWORK, "no_permission",
                   "packets cannot be captured: that needs root or CAP_NET_RAW, once: sudo setcap "
                   "cap_net_raw+ep %s",
                   safe);
}

static int fail_activate(struct net_capture *capture, int status, struct err *err)
{
    if (status == PCAP_ERROR_PERM_DENIED) {
        return no_permission(err);
    }
    const char *reason = capture->pcap->geterr(capture->handle);
    return err_set(err, ERR_NETWORK, "no_capture", "packets cannot be captured: %s",
                   reason[0] != '\0' ? reason : capture->pcap->statustostr(status));
}

/* What fails here is only missed: packets then come later, or are stamped in microseconds. */
static void set_up(struct net_capture *capture)
{
    const struct pcap_library *pcap = capture->pcap;

    (void)pcap->set_snaplen(capture->handle, SNAPLEN);
    (void)pcap->set_timeout(capture->handle, 1);
    (void)pcap->set_immediate_mode(capture->handle, 1);
    (void)pcap->set_buffer_size(capture->handle, BUFFER_SIZE);
    (void)pcap->set_tstamp_precision(capture->handle, PCAP_TSTAMP_PRECISION_NANO);
}

static int activate(struct net_capture *capture, struct err *err)
{
    const struct pcap_library *pcap = capture->pcap;
    char errbuf[PCAP_ERRBUF_SIZE] = "";

    capture->handle = pcap->create("any", errbuf);
    if (capture->handle == NULL) {
        return err_set(err, ERR_NETWORK, "no_capture", "packets cannot be captured: %s", errbuf);
    }
    set_up(capture);
    int status = pcap->activate(capture->handle);
    if (status < 0) {
        return fail_activate(capture, status, err);
    }
    if (pcap->setnonblock(capture->handle, 1, errbuf) != 0) {
        return err_set(err, ERR_NETWORK, "no_capture", "packets cannot be captured: %s", errbuf);
    }
    capture->nanoseconds =
        pcap->get_tstamp_precision(capture->handle) == PCAP_TSTAMP_PRECISION_NANO;
    /* Nothing before there is a filter: the kernel would fill the buffer with what nobody wants. */
    return net_capture_filter(capture, "less 1", err);
}

struct net_capture *net_capture_open(struct err *err)
{
    const struct pcap_library *pcap = pcap_library_load(err);
    struct net_capture *capture = pcap != NULL ? calloc(1, sizeof *capture) : NULL;

    if (capture == NULL) {
        if (pcap != NULL) {
            (void)err_memory(err, "opening a capture");
        }
        return NULL;
    }
    capture->pcap = pcap;
    if (activate(capture, err) != 0 || privileges_drop(err) != 0) {
        net_capture_close(capture);
        return NULL;
    }
    return capture;
}

void net_capture_close(struct net_capture *capture)
{
    if (capture == NULL) {
        return;
    }
    if (capture->handle != NULL) {
        capture->pcap->close(capture->handle);
    }
    free(capture);
}

/* ---- reading --------------------------------------------------------------------------------------- */

int net_capture_filter(struct net_capture *capture, const char *expression, struct err *err)
{
    const struct pcap_library *pcap = capture->pcap;
    struct pcap_program program = {0};
    struct net_packet stale;

    if (pcap->compile(capture->handle, &program, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        return err_set(err, ERR_NETWORK, "bad_filter",
                       "packets cannot be captured: filter '%s': %s", expression,
                       pcap->geterr(capture->handle));
    }
    int status = pcap->setfilter(capture->handle, &program);
    pcap->freecode(&program);
    if (status != 0) {
        return err_set(err, ERR_NETWORK, "bad_filter",
                       "packets cannot be captured: filter '%s': %s", expression,
                       pcap->geterr(capture->handle));
    }
    for (int i = 0; i < STALE_MAX && net_capture_next(capture, &stale); i++) {
    }
    return 0;
}

int net_capture_fd(const struct net_capture *capture)
{
    return capture->pcap->get_selectable_fd(capture->handle);
}

/* DLT_ and LINKTYPE_ numbers are the same for what "any" has. */
int net_capture_link_type(const struct net_capture *capture)
{
    return capture->pcap->datalink(capture->handle);
}

bool net_capture_next(struct net_capture *capture, struct net_packet *packet)
{
    struct pcap_packet_header *header;
    const uint8_t *data;

    if (capture->pcap->next_ex(capture->handle, &header, &data) != 1) {
        return false;
    }
    int64_t fraction = header->time.tv_usec;
    *packet = (struct net_packet){
        .wall_ns =
            header->time.tv_sec * NS_PER_S + (capture->nanoseconds ? fraction : fraction * 1000),
        .data = data,
        .length = header->captured,
        .original = header->length,
    };
    return true;
}

uint64_t net_capture_dropped(struct net_capture *capture)
{
    struct pcap_statistics statistics;

    if (capture->pcap->stats(capture->handle, &statistics) == 0) {
        capture->dropped += (unsigned)(statistics.dropped - capture->dropped_last);
        capture->dropped_last = statistics.dropped;
    }
    return capture->dropped;
}
