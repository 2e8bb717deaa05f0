/* Which names lines of dialogues have: those that are said here, heard by playing both sides against each other. */
#include <string.h>

#include "dialogue.h"

struct seeker {
    const char *text;
    char *out; /* NET_VERB bytes */
    bool found;
};

static void look_at(struct seeker *seeker, const struct net_protocol *protocol, enum net_role role,
                    const uint8_t *data, size_t length)
{
    char verb[NET_VERB];

    (void)net_protocol_verb(verb, protocol, role, data, length);
    if (!seeker->found && text_equal_nocase(verb, seeker->text)) {
        seeker->found = true;
        memcpy(seeker->out, verb, sizeof verb);
    }
}

/* All that one has to say now, heard by the other. False: it had nothing to say. */
static bool pass_on(struct seeker *seeker, struct net_dialogue *from, struct net_dialogue *to)
{
    struct buffer said = {0};
    bool spoken = false;
    long used = 1;

    while (net_dialogue_turn(from) == NET_SAY) {
        size_t length;
        const uint8_t *data = net_dialogue_say(from, &length);

        look_at(seeker, from->protocol, from->role, data, length);
        buffer_append(&said, data, length);
        net_dialogue_said(from);
        spoken = true;
    }
    while (used > 0) {
        used = net_dialogue_hear(to, said.data, said.length, NULL);
        buffer_consume(&said, used > 0 ? (size_t)used : 0);
    }
    buffer_free(&said);
    return spoken;
}

static void play(struct seeker *seeker, struct net_dialogue *client, struct net_dialogue *server)
{
    bool spoken = client != NULL && server != NULL;

    while (spoken && !seeker->found) {
        bool greeted = pass_on(seeker, server, client);

        spoken = pass_on(seeker, client, server) || greeted;
        net_dialogue_answer(server, true); /* a CONNECT's */
    }
    net_dialogue_free(client);
    net_dialogue_free(server);
}

static bool is_code(const char *text)
{
    return strlen(text) == 3 && strspn(text, "0123456789") == 3;
}

bool net_verb_find(char out[NET_VERB], const char *text)
{
    struct seeker seeker = {.text = text, .out = out};
    const struct net_proxy proxy = {.host = "proxy"};
    size_t count;
    const struct net_protocol *protocols = net_protocols(&count);

    if (is_code(text)) {
        net_verb_set(out, text);
        return true;
    }
    play(&seeker, net_dialogue_new_proxy(&proxy, "host", 1), net_dialogue_new_connect_server());
    for (size_t i = 0; i < count && !seeker.found; i++) {
        play(&seeker, net_dialogue_new(&protocols[i], NET_CLIENT, "host"),
             net_dialogue_new(&protocols[i], NET_SERVER, "host"));
    }
    return seeker.found;
}
