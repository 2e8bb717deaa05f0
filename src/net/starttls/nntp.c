/* NNTP (RFC 4642). */
#include "starttls.h"

const struct net_speech net_nntp_speech = {
    {{NULL, NULL}, {"200 |201 ", NULL}}, net_frame_line, net_name_reply, NULL, NULL,
};

/* ---- client ------------------------------------------------------------------------------------ */

/* RFC 3977 5.2: 101, lines, ".". Servers that do not know the question may know STARTTLS all the same. */
static enum net_heard hear_abilities(struct net_dialogue *dialogue, const uint8_t *data,
                                     size_t length, struct err *err)
{
    if (dialogue->code == 0) {
        if (net_begins_with(data, length, "500|501")) {
            return NET_NEXT;
        }
        if (net_hear_reply(dialogue, data, length, err) == NET_FAILED) {
            return NET_FAILED;
        }
        return NET_GOES_ON;
    }
    dialogue->offered |= net_begins_with(data, length, "STARTTLS");
    if (length != 1 || data[0] != '.') {
        return NET_GOES_ON;
    }
    if (!dialogue->offered) {
        return net_dialogue_refused(dialogue, "does not offer STARTTLS; its list ends with", err);
    }
    return NET_NEXT;
}

const struct net_script net_nntp_client = {
    .steps = {{.hear = net_hear_reply, .wanted = "200|201"},
              {.say = "CAPABILITIES\r\n"},
              {.hear = hear_abilities, .wanted = "101"},
              {.say = "STARTTLS\r\n"},
              {.hear = net_hear_reply, .wanted = "382"}},
};

/* ---- server ------------------------------------------------------------------------------------ */

static const struct net_command commands[] = {
    {"STARTTLS", "382 Continue with TLS negotiation\r\n", true},
    {"CAPABILITIES", "101 Capability list:\r\nVERSION 2\r\nREADER\r\nSTARTTLS\r\n.\r\n", false},
    {"MODE", "200 $h ready\r\n", false},
    {"QUIT", "205 Bye\r\n", false},
    {NULL, "483 STARTTLS comes first\r\n", false},
};

const struct net_script net_nntp_server = {
    .steps = {{.say = "200 $h ready\r\n"}, {.hear = net_hear_command, .commands = commands}},
};
