/* IMAP (RFC 9051 6.2.1). */
#include <string.h>

#include "starttls.h"

/* RFC 9051 2.2: a tag, then the command or its result. */
static void name(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length)
{
    (void)role;
    net_verb_word(out, data, length, 1);
    if (out[0] == '\0') {
        net_verb_word(out, data, length, 0);
    }
}

const struct net_speech net_imap_speech = {
    {{NULL, NULL}, {"* OK|* PREAUTH", NULL}}, net_frame_line, name, NULL, NULL,
};

/* ---- client ------------------------------------------------------------------------------------ */

/* RFC 9051 7.1.4: behind PREAUTH there is nobody left to be asked for STARTTLS. */
static enum net_heard hear_greeting(struct net_dialogue *dialogue, const uint8_t *data,
                                    size_t length, struct err *err)
{
    if (net_begins_with(data, length, "* OK")) {
        return NET_NEXT;
    }
    if (net_begins_with(data, length, "* PREAUTH")) {
        return net_dialogue_refused(
            dialogue, "has logged this client in already, and then takes no STARTTLS", err);
    }
    if (net_begins_with(data, length, "* BYE")) {
        return net_dialogue_refused(dialogue, "says goodbye", err);
    }
    return net_dialogue_foreign(dialogue, err);
}

/* Lines without a tag belong to anything; the answer has the tag of `wanted`. */
static enum net_heard hear_result(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                                  struct err *err)
{
    const struct net_step *step = net_dialogue_step(dialogue);

    if (net_begins_with(data, length, "* BYE")) {
        return net_dialogue_refused(dialogue, "says goodbye", err);
    }
    if (net_begins_with(data, length, "* ")) {
        dialogue->offered |= net_begins_with(data, length, "* CAPABILITY ") &&
                             net_has_word(data, length, "STARTTLS");
        return NET_GOES_ON;
    }
    if (!net_begins_with(data, length, step->wanted)) {
        return net_dialogue_foreign(dialogue, err);
    }
    if (!net_begins_with(data + 3, length - 3, "OK")) { /* "a1 OK" */
        return net_dialogue_refused(dialogue, "says no", err);
    }
    if (!dialogue->offered) {
        return net_dialogue_refused(dialogue, "does not offer STARTTLS; its answer ends with", err);
    }
    return NET_NEXT;
}

const struct net_script net_imap_client = {
    .steps = {{.hear = hear_greeting},
              {.say = "a1 CAPABILITY\r\n"},
              {.hear = hear_result, .wanted = "a1 "},
              {.say = "a2 STARTTLS\r\n"},
              {.hear = hear_result, .wanted = "a2 "}},
};

/* ---- server ------------------------------------------------------------------------------------ */

static enum net_heard hear_tagged(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                                  struct err *err)
{
    const uint8_t *blank = memchr(data, ' ', length);
    size_t tag = blank != NULL ? (size_t)(blank - data) : 0;

    if (tag == 0 || tag >= sizeof dialogue->tag) {
        net_dialogue_append(dialogue, "* BAD a tag and a command are wanted\r\n", &dialogue->out);
        return NET_GOES_ON;
    }
    (void)text_safe(dialogue->tag, sizeof dialogue->tag, data, tag);
    return net_hear_command(dialogue, data + tag + 1, length - tag - 1, err);
}

#define ABILITIES "IMAP4rev1 STARTTLS LOGINDISABLED"

static const struct net_command commands[] = {
    {"STARTTLS", "$t OK Begin TLS negotiation now\r\n", true},
    {"CAPABILITY", "* CAPABILITY " ABILITIES "\r\n$t OK CAPABILITY completed\r\n", false},
    {"NOOP", "$t OK NOOP completed\r\n", false},
    {"LOGOUT", "* BYE\r\n$t OK LOGOUT completed\r\n", false},
    {NULL, "$t NO STARTTLS comes first\r\n", false},
};

const struct net_script net_imap_server = {
    .steps = {{.say = "* OK [CAPABILITY " ABILITIES "] $h ready\r\n"},
              {.hear = hear_tagged, .commands = commands}},
};
