/* POP3 (RFC 2595 4; RFC 2449 for CAPA). */
#include "starttls.h"

const struct net_speech net_pop3_speech = {
    {{NULL, NULL}, {"+OK", NULL}}, net_frame_line, net_name_first, NULL, NULL,
};

/* ---- client ------------------------------------------------------------------------------------ */

static enum net_heard hear_ok(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                              struct err *err)
{
    if (net_begins_with(data, length, "+OK")) {
        return NET_NEXT;
    }
    if (net_begins_with(data, length, "-ERR")) {
        return net_dialogue_refused(dialogue, "says no", err);
    }
    return net_dialogue_foreign(dialogue, err);
}

/* "+OK", lines, ".". A server that knows no CAPA may know STLS all the same. */
static enum net_heard hear_abilities(struct net_dialogue *dialogue, const uint8_t *data,
                                     size_t length, struct err *err)
{
    if (dialogue->code == 0) {
        dialogue->code = 1;
        if (net_begins_with(data, length, "-ERR")) {
            return NET_NEXT;
        }
        return hear_ok(dialogue, data, length, err) == NET_NEXT ? NET_GOES_ON : NET_FAILED;
    }
    dialogue->offered |= net_has_word(data, length, "STLS");
    if (length != 1 || data[0] != '.') {
        return NET_GOES_ON;
    }
    if (!dialogue->offered) {
        return net_dialogue_refused(dialogue, "does not offer STLS; its list ends with", err);
    }
    return NET_NEXT;
}

const struct net_script net_pop3_client = {
    .steps = {{.hear = hear_ok},
              {.say = "CAPA\r\n"},
              {.hear = hear_abilities},
              {.say = "STLS\r\n"},
              {.hear = hear_ok}},
};

/* ---- server ------------------------------------------------------------------------------------ */

static const struct net_command commands[] = {
    {"STLS", "+OK Begin TLS negotiation\r\n", true},
    {"CAPA", "+OK Capability list follows\r\nTOP\r\nUIDL\r\nSTLS\r\n.\r\n", false},
    {"NOOP", "+OK\r\n", false},
    {"QUIT", "+OK Bye\r\n", false},
    {NULL, "-ERR STLS comes first\r\n", false},
};

const struct net_script net_pop3_server = {
    .steps = {{.say = "+OK $h ready\r\n"}, {.hear = net_hear_command, .commands = commands}},
};
