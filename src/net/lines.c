/* What dialogues of lines have in common: replies of three digits, commands, words. */
#include <string.h>
#include <strings.h>

#include "dialogue.h"

/* ---- a client's side ------------------------------------------------------------------------- */

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_word_part(uint8_t byte)
{
    return byte == '-' || byte == '_' || is_digit(byte) || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z');
}

bool net_has_word(const uint8_t *data, size_t length, const char *word)
{
    size_t size = strlen(word);

    for (size_t i = 0; i + size <= length; i++) {
        if (strncasecmp((const char *)data + i, word, size) == 0 &&
            (i == 0 || !is_word_part(data[i - 1])) &&
            (i + size == length || !is_word_part(data[i + size]))) {
            return true;
        }
    }
    return false;
}

/* The code of a line "250", "250 text" or "250-text"; 0: it is none. */
static unsigned reply_code(const uint8_t *data, size_t length, bool *last)
{
    if (length < 3 || data[0] < '1' || data[0] > '5' || !is_digit(data[1]) || !is_digit(data[2]) ||
        (length > 3 && data[3] != ' ' && data[3] != '-')) {
        return 0;
    }
    *last = length == 3 || data[3] == ' ';
    return (unsigned)(data[0] - '0') * 100 + (unsigned)(data[1] - '0') * 10 +
           (unsigned)(data[2] - '0');
}

/* Does it have one of the wanted codes, "220|334"? */
static bool is_wanted(const struct net_step *step, const uint8_t *data, size_t length)
{
    return net_begins_with(data, length, step->wanted);
}

enum net_heard net_hear_reply(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                              struct err *err)
{
    const struct net_step *step = net_dialogue_step(dialogue);
    bool last = false;
    unsigned code = reply_code(data, length, &last);

    if (dialogue->code == 0 && code == 0) {
        return net_dialogue_foreign(dialogue, err);
    }
    if (step->noted != NULL && code != 0 && length > 4 &&
        net_has_word(data + 4, length - 4, step->noted)) {
        dialogue->offered = true;
    }
    if (dialogue->code == 0) {
        dialogue->code = code;
        if (!is_wanted(step, data, length)) {
            return net_dialogue_refused(dialogue, "says no", err);
        }
    }
    /* RFC 959 4.2: within a long reply only its own code and a blank end it. */
    if (!last || code != dialogue->code) {
        return NET_GOES_ON;
    }
    if (step->noted != NULL && !dialogue->offered) {
        return net_dialogue_refused(dialogue, "does not offer STARTTLS; its list ends with", err);
    }
    return NET_NEXT;
}

/* ---- a server's side -------------------------------------------------------------------------- */

/* "AUTH TLS" is in "auth tls" and in "AUTH TLS x", not in "AUTH TLSX". */
static bool is_command(const struct net_command *command, const uint8_t *data, size_t length)
{
    size_t size = strlen(command->word);

    return length >= size && strncasecmp((const char *)data, command->word, size) == 0 &&
           (length == size || data[size] == ' ');
}

enum net_heard net_hear_command(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                                struct err *err)
{
    const struct net_command *command = net_dialogue_step(dialogue)->commands;

    (void)err; /* there is an answer to everything */
    while (command->word != NULL && !is_command(command, data, length)) {
        command++;
    }
    if (command->answer != NULL) {
        net_dialogue_append(dialogue, command->answer, &dialogue->out);
    }
    return command->go ? NET_NEXT : NET_GOES_ON;
}
