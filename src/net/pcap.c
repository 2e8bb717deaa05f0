/* libpcap, loaded when it is asked for. */
#include "pcap.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define ENTRY(member, symbol)                           \
    {                                                   \
        (symbol), offsetof(struct pcap_library, member) \
    }

static const struct {
    const char *symbol;
    size_t offset;
} entries[] = {
    ENTRY(create, "pcap_create"),
    ENTRY(set_snaplen, "pcap_set_snaplen"),
    ENTRY(set_timeout, "pcap_set_timeout"),
    ENTRY(set_immediate_mode, "pcap_set_immediate_mode"),
    ENTRY(set_buffer_size, "pcap_set_buffer_size"),
    ENTRY(set_tstamp_precision, "pcap_set_tstamp_precision"),
    ENTRY(get_tstamp_precision, "pcap_get_tstamp_precision"),
    ENTRY(activate, "pcap_activate"),
    ENTRY(setnonblock, "pcap_setnonblock"),
    ENTRY(get_selectable_fd, "pcap_get_selectable_fd"),
    ENTRY(datalink, "pcap_datalink"),
    ENTRY(compile, "pcap_compile"),
    ENTRY(setfilter, "pcap_setfilter"),
    ENTRY(freecode, "pcap_freecode"),
    ENTRY(next_ex, "pcap_next_ex"),
    ENTRY(stats, "pcap_stats"),
    ENTRY(geterr, "pcap_geterr"),
    ENTRY(statustostr, "pcap_statustostr"),
    ENTRY(close, "pcap_close"),
};

static void *open_library(void)
{
    static const char *const names[] = {"libpcap.so.1", "libpcap.so.0.8"};
    void *library = NULL;

    for (size_t i = 0; i < sizeof names / sizeof names[0] && library == NULL; i++) {
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    }
    return library;
}

static bool resolve(void *library, struct pcap_library *out)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        void *symbol = dlsym(library, entries[i].symbol);
        if (symbol == NULL) {
            return false;
        }
        /* POSIX says that this is how a function's address is had (dlsym, RATIONALE). */
        memcpy((char *)out + entries[i].offset, &symbol, sizeof symbol);
    }
    return true;
}

const struct pcap_library *pcap_library_load(struct err *err)
{
    static struct pcap_library library;
    static void *loaded; /* stays: its functions are in use until the process ends */

    if (loaded == NULL) {
        void *opened = open_library();
        if (opened == NULL || !resolve(opened, &library)) {
            if (opened != NULL) {
                (void)dlclose(opened);
            }
            (void)err_set(err, ERR_NETWORK, "no_libpcap",
                          "packets cannot be captured: libpcap is not there (on Debian the package "
                          "libpcap0.8)");
            return NULL;
        }
        loaded = opened;
    }
    return &library;
}
