/* What packets of both formats have in common: times, and being read again. */
#include "packet.h"

enum packet_state packet_state_of(enum window_state state)
{
    static const enum packet_state states[] = {
        [WINDOW_OK] = PACKET_OK,
        [WINDOW_WAIT] = PACKET_WAIT,
        [WINDOW_END] = PACKET_CUT,
        [WINDOW_ERROR] = PACKET_ERROR,
    };
    return states[state];
}

enum packet_state packet_read(const struct dialect *dialect, struct window *window,
                              struct packet *packet)
{
    return dialect->format == FORMAT_PCAP ? pcap_packet(dialect, window, packet)
                                          : pcapng_packet_block(dialect, window, packet);
}

#define NS 1000000000

/* Seconds and nanoseconds of a power of ten. */
static void split_decimal(uint64_t units, unsigned power, uint64_t *seconds, uint64_t *ns)
{
    uint64_t second = 1;

    if (power > 19) { /* finer than 64 bits can hold a second of */
        *seconds = 0;
        *ns = 0;
        return;
    }
    for (unsigned i = 0; i < power; i++) {
        second *= 10;
    }
    uint64_t part = units % second;
    *seconds = units / second;
    *ns = second <= NS ? part * (NS / second) : part / (second / NS);
}

/* The same of a power of two. */
static void split_binary(uint64_t units, unsigned power, uint64_t *seconds, uint64_t *ns)
{
    if (power > 63) {
        *seconds = 0;
        *ns = 0;
        return;
    }
    uint64_t part = units & ((UINT64_C(1) << power) - 1);
    *seconds = units >> power;
    if (power > 32) {
        part >>= power - 32;
        power = 32;
    }
    *ns = part * NS >> power;
}

int64_t packet_time(uint64_t units, uint8_t resolution, int64_t offset_s)
{
    const int64_t most = INT64_MAX / NS - 1;
    uint64_t seconds;
    uint64_t ns;

    if (resolution & 0x80) {
        split_binary(units, resolution & 0x7f, &seconds, &ns);
    } else {
        split_decimal(units, resolution, &seconds, &ns);
    }
    if (seconds > (uint64_t)most || offset_s > most || offset_s < -most) {
        return 0; /* centuries away: damage */
    }
    int64_t sum = (int64_t)seconds + offset_s;
    return sum > most || sum < -most ? 0 : sum * NS + (int64_t)ns;
}
