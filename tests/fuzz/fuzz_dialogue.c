/*
 * Dialogues in clear text: anything that the other side can say, to both sides of every protocol and to those who ask proxies. The first
 * byte chooses the dialogue, the second into what pieces the rest is cut.
 */
#include <stdlib.h>
#include <string.h>

#include "tlstep/net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool condition)
{
    if (!condition) {
        abort();
    }
}

static struct net_dialogue *choose(uint8_t number)
{
    size_t count;
    const struct net_protocol *protocols = net_protocols(&count);
    struct net_proxy proxy = {.socks5 = number & 1};

    if (number / 2 < count) {
        return net_dialogue_new(&protocols[number / 2], number & 1 ? NET_SERVER : NET_CLIENT,
                                "host.example");
    }
    if (number & 4) {
        return net_dialogue_new_connect_server();
    }
    (void)snprintf(proxy.user, sizeof proxy.user, "%s", number & 2 ? "user" : "");
    return net_dialogue_new_proxy(&proxy, "host.example", 443);
}

static void speak(struct net_dialogue *dialogue)
{
    for (; net_dialogue_turn(dialogue) == NET_SAY; net_dialogue_said(dialogue)) {
        size_t length = 0;
        const uint8_t *said = net_dialogue_say(dialogue, &length);

        expect(said != NULL && length > 0);
        expect(said[0] == said[length - 1] || length > 1); /* readable to its end */
    }
}

static void check_failure(const struct err *err)
{
    char safe[sizeof err->text + 1];

    expect(err->class == ERR_NETWORK && err->code[0] != '\0' && err->text[0] != '\0');
    (void)text_safe(safe, sizeof safe, err->text, strlen(err->text));
    expect(strcmp(safe, err->text) == 0 || strlen(err->text) + 1 == sizeof err->text);
}

/* Feeds it in pieces of `step` bytes. Returns how much was understood; `*failed`. */
static size_t feed(uint8_t number, const uint8_t *data, size_t size, size_t step, bool *failed)
{
    struct net_dialogue *dialogue = choose(number);
    size_t understood = 0;
    size_t seen = 0;
    struct err err = {0};

    *failed = false;
    if (dialogue == NULL) {
        return 0;
    }
    speak(dialogue);
    while (!*failed && seen < size) {
        long used = 1;

        seen = size - seen < step ? size : seen + step;
        while (used > 0 && net_dialogue_turn(dialogue) == NET_HEAR) {
            uint8_t *exact = malloc(seen - understood + 1); /* its end is guarded */

            expect(exact != NULL);
            memcpy(exact, data + understood, seen - understood);
            used = net_dialogue_hear(dialogue, exact, seen - understood, &err);
            free(exact);
            expect(used <= (long)(seen - understood));
            *failed = used < 0;
            understood += used > 0 ? (size_t)used : 0;
            speak(dialogue);
        }
    }
    if (*failed) {
        check_failure(&err);
    }
    net_dialogue_free(dialogue);
    return understood;
}

static void recognise(const uint8_t *data, size_t size)
{
    const struct net_protocol *protocol;
    char verb[NET_VERB];

    for (int role = NET_CLIENT; role <= NET_SERVER; role++) {
        protocol = role == NET_CLIENT ? net_protocol_recognise(data, size, NULL, 0)
                                      : net_protocol_recognise(NULL, 0, data, size);
        expect(net_protocol_unit(protocol, (enum net_role)role, data, size, size) <= size);
        expect(net_protocol_first_unit(protocol, (enum net_role)role, data, size, size) <= size);
        (void)net_protocol_verb(verb, protocol, (enum net_role)role, data, size);
        expect(verb[0] != '\0' && strlen(verb) < NET_VERB);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct net_proxy proxy;
    bool failed;
    char *url;

    if (size < 2) {
        return 0;
    }
    recognise(data + 2, size - 2);
    (void)feed(data[0], data + 2, size - 2, SIZE_MAX / 2, &failed);
    (void)feed(data[0], data + 2, size - 2, (size_t)data[1] + 1, &failed);
    url = text_duplicate((const char *)data + 2, size - 2);
    if (url != NULL && net_proxy_parse(url, &proxy, NULL) == 0) {
        expect(proxy.host[0] != '\0' && proxy.port > 0);
    }
    free(url);
    return 0;
}
