/* Lines, messages and their names. */
#include "speech.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- where a line or message ends ---------------------------------------------------------- */

size_t net_frame_line(enum net_role role, const uint8_t *data, size_t length)
{
    const uint8_t *end = length > 0 ? memchr(data, '\n', length) : NULL;

    (void)role; /* both speak in lines */
    return end != NULL ? (size_t)(end - data) + 1 : 0;
}

size_t net_frame_ber(enum net_role role, const uint8_t *data, size_t length)
{
    size_t count, value = 0;

    (void)role;
    if (length < 2) {
        return 0;
    }
    if (data[1] < 0x80) {
        return length >= (size_t)2 + data[1] ? (size_t)2 + data[1] : 0;
    }
    count = data[1] & 0x7f;
    if (count == 0 || count > 4) {
        return NET_NO_UNIT; /* RFC 4511 5.1: only the definite form */
    }
    if (length < 2 + count) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        value = value << 8 | data[2 + i];
    }
    if (value > NET_DIALOGUE_MAX) {
        return NET_NO_UNIT;
    }
    return length - 2 - count >= value ? 2 + count + value : 0;
}

static size_t unit_by(net_framing *frame, enum net_role role, const uint8_t *data, size_t length,
                      size_t segment)
{
    size_t unit = frame != NULL ? frame(role, data, length) : NET_NO_UNIT;

    return unit == NET_NO_UNIT ? segment : unit;
}

size_t net_protocol_unit(const struct net_protocol *protocol, enum net_role role,
                         const uint8_t *data, size_t length, size_t segment)
{
    return unit_by(protocol != NULL ? protocol->speech->frame : NULL, role, data, length, segment);
}

size_t net_protocol_first_unit(const struct net_protocol *protocol, enum net_role role,
                               const uint8_t *data, size_t length, size_t segment)
{
    if (protocol == NULL || protocol->speech->first_frame == NULL) {
        return net_protocol_unit(protocol, role, data, length, segment);
    }
    return unit_by(protocol->speech->first_frame, role, data, length, segment);
}

/* ---- what it is called ---------------------------------------------------------------------- */

/* A name stands near the beginning. */
#define LOOK ((size_t)512)

bool net_is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

void net_verb_word(char out[NET_VERB], const uint8_t *data, size_t length, size_t number)
{
    size_t start = 0;
    size_t end;

    for (;; number--) {
        while (start < length && net_is_blank(data[start])) {
            start++;
        }
        for (end = start; end < length && !net_is_blank(data[end]);) {
            end++;
        }
        if (number == 0 || start == length) {
            break;
        }
        start = end;
    }
    text_safe(out, NET_VERB, data + start, end - start);
    for (char *c = out; *c != '\0'; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
}

void net_verb_set(char out[NET_VERB], const char *name)
{
    (void)snprintf(out, NET_VERB, "%s", name); /* all names are shorter */
}

void net_name_first(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length)
{
    (void)role;
    net_verb_word(out, data, length, 0);
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

void net_name_reply(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length)
{
    bool code = role == NET_SERVER && length > 3 && is_digit(data[0]) && is_digit(data[1]) &&
                is_digit(data[2]);

    net_verb_word(out, data, code ? 3 : length, 0); /* within an answer a line need not have one */
}

char *net_protocol_verb(char out[NET_VERB], const struct net_protocol *protocol, enum net_role role,
                        const uint8_t *data, size_t length)
{
    out[0] = '\0';
    if (protocol != NULL) {
        protocol->speech->verb(out, role, data, length < LOOK ? length : LOOK);
    }
    if (out[0] == '\0') {
        net_verb_set(out, "text");
    }
    return out;
}

bool net_begins_with(const uint8_t *data, size_t length, const char *words)
{
    while (*words != '\0') {
        size_t size = strcspn(words, "|");
        if (length >= size && strncasecmp(words, (const char *)data, size) == 0) {
            return true;
        }
        words += size + (words[size] == '|');
    }
    return false;
}
