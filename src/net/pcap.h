/*
 * The part of libpcap's binary interface that is used here. The library is loaded when it is first asked for, so its headers are
 * not needed to build and the library not to run. What is written down here has been the same since libpcap 1.5 (2013), which its
 * soname (libpcap.so.1, on Debian libpcap.so.0.8) promises to keep: pcap_t is opaque, the structures are those of pcap/pcap.h and
 * pcap/bpf.h, numbers are `int` where pcap(3PCAP) says so.
 */
#ifndef NET_PCAP_H
#define NET_PCAP_H

#include <sys/time.h>

#include "tlstep/base.h"

#define PCAP_ERRBUF_SIZE           256
#define PCAP_ERROR_NO_SUCH_DEVICE  (-5)
#define PCAP_ERROR_PERM_DENIED     (-8)
#define PCAP_TSTAMP_PRECISION_NANO 1
#define PCAP_NETMASK_UNKNOWN       0xffffffffu
#define PCAP_LINKTYPE_LINUX_SLL    113
#define PCAP_LINKTYPE_LINUX_SLL2   276

struct pcap_packet_header {
    struct timeval time; /* tv_usec has nanoseconds where these were asked for and given */
    uint32_t captured;
    uint32_t length;
};

struct pcap_program {
    unsigned length;
    void *instructions;
};

struct pcap_statistics {
    unsigned received;
    unsigned dropped;           /* by the kernel, for want of room */
    unsigned dropped_interface; /* by the interface */
};

struct pcap_handle;

struct pcap_library {
    struct pcap_handle *(*create)(const char *interface, char *errbuf);
    int (*set_snaplen)(struct pcap_handle *, int);
    int (*set_timeout)(struct pcap_handle *, int milliseconds);
    int (*set_immediate_mode)(struct pcap_handle *, int);
    int (*set_buffer_size)(struct pcap_handle *, int);
    int (*set_tstamp_precision)(struct pcap_handle *, int);
    int (*get_tstamp_precision)(struct pcap_handle *);
    int (*activate)(struct pcap_handle *);
    int (*setnonblock)(struct pcap_handle *, int, char *errbuf);
    int (*get_selectable_fd)(struct pcap_handle *);
    int (*datalink)(struct pcap_handle *);
    int (*compile)(struct pcap_handle *, struct pcap_program *, const char *, int optimize,
                   uint32_t netmask);
    int (*setfilter)(struct pcap_handle *, struct pcap_program *);
    void (*freecode)(struct pcap_program *);
    int (*next_ex)(struct pcap_handle *, struct pcap_packet_header **, const uint8_t **);
    int (*stats)(struct pcap_handle *, struct pcap_statistics *);
    char *(*geterr)(struct pcap_handle *);
    const char *(*statustostr)(int);
    void (*close)(struct pcap_handle *);
};

/* Loads it once for all of the process. NULL with code "no_libpcap". */
const struct pcap_library *pcap_library_load(struct err *err);

#endif
