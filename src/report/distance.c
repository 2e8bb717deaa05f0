/* How far away a date is, in words. */
#include <inttypes.h>

#include "tlstep/report.h"

char *report_distance(char *out, size_t size, int64_t date, int64_t at)
{
    static const struct {
        int64_t seconds;
        const char *one, *many;
    } units[] = {
        {86400, "day", "days"},
        {3600, "hour", "hours"},
        {60, "minute", "minutes"},
        {1, "second", "seconds"},
    };
    /* Dates out of certificates may be anything: no overflow. */
    uint64_t distance = date > at ? (uint64_t)date - (uint64_t)at : (uint64_t)at - (uint64_t)date;
    size_t unit = 0;

    while (unit < 3 && distance < 2 * (uint64_t)units[unit].seconds) {
        unit++;
    }
    uint64_t count = distance / (uint64_t)units[unit].seconds;
    (void)snprintf(out, size, "%s%" PRIu64 " %s%s", date > at ? "in " : "", count,
                   count == 1 ? units[unit].one : units[unit].many, date > at ? "" : " ago");
    return out;
}
