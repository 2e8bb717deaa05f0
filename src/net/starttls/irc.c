/* IRC: STARTTLS as https://ircv3.net/specs/deprecated/tls tells; RFC 7194 for TLS from the first byte on. */
#include <string.h>

#include "starttls.h"

/* RFC 2812 2.3: a prefix may come first. */
static void name(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length)
{
    (void)role;
    net_verb_word(out, data, length, length > 0 && data[0] == ':' ? 1 : 0);
}

const struct net_speech net_irc_speech = {
    {{"STARTTLS|CAP |NICK |USER |PASS ", NULL}, {":|NOTICE|ERROR", NULL}},
    net_frame_line,
    name,
    NULL,
    NULL,
};

/* ---- client ------------------------------------------------------------------------------------ */

/* RPL_STARTTLS, or a numeric error; NOTICEs about host names may come in between. */
static enum net_heard hear_go(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                              struct err *err)
{
    char word[NET_VERB];

    name(word, NET_SERVER, data, length);
    if (strcmp(word, "670") == 0) {
        return NET_NEXT;
    }
    if (strcmp(word, "ERROR") == 0 || word[0] == '4' || word[0] == '5' || word[0] == '6') {
        return net_dialogue_refused(dialogue, "says no", err);
    }
    if (length == 0 || data[0] == ':' || strcmp(word, "NOTICE") == 0 || strcmp(word, "PING") == 0) {
        return NET_GOES_ON;
    }
    return net_dialogue_foreign(dialogue, err);
}

const struct net_script net_irc_client = {
    .steps = {{.say = "STARTTLS\r\n"}, {.hear = hear_go}},
    .chatty = true,
};

/* ---- server ------------------------------------------------------------------------------------ */

static const struct net_command commands[] = {
    {"STARTTLS", ":$h 670 * :STARTTLS successful, go ahead with TLS handshake\r\n", true},
    {"CAP LS", ":$h CAP * LS :tls\r\n", false},
    {"CAP", NULL, false},
    {"NICK", NULL, false},
    {"USER", NULL, false},
    {"PASS", NULL, false},
    {"QUIT", "ERROR :Bye\r\n", false},
    {NULL, ":$h 451 * :STARTTLS comes first\r\n", false},
};

const struct net_script net_irc_server = {
    .steps = {{.hear = net_hear_command, .commands = commands}},
};
