/* Clocks, and RFC 3339 in both directions. Dates are computed, not asked of the C library, whose
 * answers depend on the time zone and on the size of time_t. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "tlstep/base.h"

#define NS_PER_SECOND   INT64_C(1000000000)
#define SECONDS_PER_DAY 86400

static int64_t now_ns(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) {
        return 0; /* cannot happen for these two clocks on any system we run on */
    }
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

int64_t clock_monotonic_ns(void)
{
    return now_ns(CLOCK_MONOTONIC);
}

int64_t clock_wall_ns(void)
{
    return now_ns(CLOCK_REALTIME);
}

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar. Years are counted from
 * March, so that the leap day is the last of its year; 146097 days make 400 years. */
static int64_t days_from_date(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted = (int)((5 * day_of_year + 2) / 153); /* 0 is March */
    *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

/* Division that rounds down, also before 1970. */
static int64_t floor_divide(int64_t value, int64_t by, int64_t *rest)
{
    int64_t quotient = value / by;
    *rest = value % by;
    if (*rest < 0) {
        *rest += by;
        quotient--;
    }
    return quotient;
}

/* A number with zeros in front up to `width`, then `after`. Returns where the text goes on. */
static char *put_number(char *to, int64_t number, int width, char after)
{
    char digits[20];
    int count = 0;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    do {
        digits[count++] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0 || count < width);
    if (number < 0) { /* a year: no one has written such a time */
        *to++ = '-';
    }
    while (count > 0) {
        *to++ = digits[--count];
    }
    *to++ = after;
    return to;
}

static char *format_time(char *out, size_t size, int64_t seconds, int milliseconds)
{
    int64_t second_of_day, year;
    int64_t days = floor_divide(seconds, SECONDS_PER_DAY, &second_of_day);
    int month, day;
    char text[48]; /* the longest year has 12 digits */
    char *to;

    date_from_days(days, &year, &month, &day);
    to = put_number(text, year, 4, '-');
    to = put_number(to, month, 2, '-');
    to = put_number(to, day, 2, 'T');
    to = put_number(to, second_of_day / 3600, 2, ':');
    to = put_number(to, second_of_day / 60 % 60, 2, ':');
    to = put_number(to, second_of_day % 60, 2, milliseconds >= 0 ? '.' : 'Z');
    if (milliseconds >= 0) {
        to = put_number(to, milliseconds % 1000, 3, 'Z');
    }
    if (size > 0) { /* cut where it does not fit */
        size_t length = (size_t)(to - text) < size ? (size_t)(to - text) : size - 1;
        memcpy(out, text, length);
        out[length] = '\0';
    }
    return out;
}

char *time_rfc3339(char *out, size_t size, int64_t seconds)
{
    return format_time(out, size, seconds, -1);
}

char *time_rfc3339_ms(char *out, size_t size, int64_t wall_ns)
{
    int64_t rest;
    int64_t seconds = floor_divide(wall_ns, NS_PER_SECOND, &rest);
    return format_time(out, size, seconds, (int)(rest / 1000000));
}

/* Reads exactly `digits` digits at `*text` and moves on. False when they are not there. */
static bool take_number(const char **text, int digits, int *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)(*text)[i])) {
            return false;
        }
        *value = *value * 10 + ((*text)[i] - '0');
    }
    *text += digits;
    return true;
}

static bool take_character(const char **text, const char *allowed)
{
    if (**text == '\0' || strchr(allowed, **text) == NULL) {
        return false;
    }
    (*text)++;
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool take_date(const char **text, int64_t *days)
{
    int year, month, day;

    if (!take_number(text, 4, &year) || !take_character(text, "-") ||
        !take_number(text, 2, &month) || !take_character(text, "-") ||
        !take_number(text, 2, &day)) {
        return false;
    }
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return false;
    }
    *days = days_from_date(year, month, day);
    return true;
}

/* "Z", "+02:00" or "-05:30": seconds east of UTC. */
static bool take_offset(const char **text, int *seconds)
{
    int hours, minutes;
    bool west = **text == '-';

    *seconds = 0;
    if (take_character(text, "Zz")) {
        return true;
    }
    if (!take_character(text, "+-") || !take_number(text, 2, &hours) ||
        !take_character(text, ":") || !take_number(text, 2, &minutes) || hours > 23 ||
        minutes > 59) {
        return false;
    }
    *seconds = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return true;
}

int time_parse_rfc3339(const char *text, int64_t *seconds)
{
    int64_t days;
    int hour, minute, second, offset;

    if (!take_date(&text, &days)) {
        return -1;
    }
    if (*text == '\0') {
        *seconds = days * SECONDS_PER_DAY;
        return 0;
    }
    if (!take_character(&text, "Tt ") || !take_number(&text, 2, &hour) ||
        !take_character(&text, ":") || !take_number(&text, 2, &minute) ||
        !take_character(&text, ":") || !take_number(&text, 2, &second)) {
        return -1;
    }
    if (hour > 23 || minute > 59 || second > 60) { /* 60: a leap second, RFC 3339 5.6 */
        return -1;
    }
    if (take_character(&text, ".")) {
        if (!isdigit((unsigned char)*text)) {
            return -1;
        }
        while (isdigit((unsigned char)*text)) {
            text++;
        }
    }
    if (!take_offset(&text, &offset) || *text != '\0') {
        return -1;
    }
    *seconds = (days * 24 + hour) * 3600 + (int64_t)minute * 60 + second - offset;
    return 0;
}
