/* ManageSieve (RFC 5804 2.2). */
#include "starttls.h"

const struct net_speech net_sieve_speech = {
    {{NULL, NULL}, {"\"IMPLEMENTATION\"|\"SIEVE\"|\"STARTTLS\"", NULL}},
    net_frame_line,
    net_name_first,
    NULL,
    NULL,
};

/* ---- client ------------------------------------------------------------------------------------ */

static enum net_heard hear_result(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                                  struct err *err)
{
    if (net_begins_with(data, length, "OK")) {
        return NET_NEXT;
    }
    if (net_begins_with(data, length, "NO|BYE")) {
        return net_dialogue_refused(dialogue, "says no", err);
    }
    return net_dialogue_foreign(dialogue, err);
}

/* RFC 5804 1.7: quoted names with their values, one a line, then OK. */
static enum net_heard hear_abilities(struct net_dialogue *dialogue, const uint8_t *data,
                                     size_t length, struct err *err)
{
    enum net_heard heard;

    if (length > 0 && data[0] == '"') {
        dialogue->code = 1;
        dialogue->offered |= net_begins_with(data, length, "\"STARTTLS\"");
        return NET_GOES_ON;
    }
    heard = hear_result(dialogue, data, length, err);
    if (heard == NET_NEXT && dialogue->code == 0) {
        return net_dialogue_foreign(dialogue, err);
    }
    if (heard == NET_NEXT && !dialogue->offered) {
        return net_dialogue_refused(dialogue, "does not offer STARTTLS; its list ends with", err);
    }
    return heard;
}

const struct net_script net_sieve_client = {
    .steps = {{.hear = hear_abilities}, {.say = "STARTTLS\r\n"}, {.hear = hear_result}},
};

/* ---- server ------------------------------------------------------------------------------------ */

#define ABILITIES                                                                 \
    "\"IMPLEMENTATION\" \"tlstep\"\r\n\"SIEVE\" \"fileinto\"\r\n\"STARTTLS\"\r\n" \
    "\"VERSION\" \"1.0\"\r\nOK \"ready\"\r\n"

static const struct net_command commands[] = {
    {"STARTTLS", "OK \"Begin TLS negotiation now\"\r\n", true},
    {"CAPABILITY", ABILITIES, false},
    {"NOOP", "OK\r\n", false},
    {"LOGOUT", "OK\r\n", false},
    {NULL, "NO (ENCRYPT-NEEDED) \"STARTTLS comes first\"\r\n", false},
};

const struct net_script net_sieve_server = {
    .steps = {{.say = ABILITIES}, {.hear = net_hear_command, .commands = commands}},
};
