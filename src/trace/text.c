/* Clear text before TLS. */
#include "text.h"

#include <string.h>

/* net and wire count the sides alike. */
_Static_assert((int)NET_CLIENT == (int)WIRE_CLIENT && (int)NET_SERVER == (int)WIRE_SERVER,
               "roles are sides");

static enum net_role role_of(const struct direction *direction)
{
    return (enum net_role)direction->side;
}

/* ---- which dialogues --------------------------------------------------------------------------- */

static void take_name(struct transcript *transcript, const char *name)
{
    const struct net_protocol *protocol = net_protocol_named(name);

    if (protocol == NULL) {
        return; /* of a session that a later version has saved */
    }
    /* What has been recognised already may only then be told: a client that asks a proxy speaks first. */
    if (net_protocol_is_proxy(protocol) &&
        (transcript->proxy == NULL || transcript->proxy == protocol)) {
        transcript->proxy = protocol;
    } else {
        transcript->dialogue = protocol;
    }
    transcript->dialogue_known = true;
}

void text_told(struct transcript *transcript, const char *names)
{
    char name[32];

    while (names != NULL && *names != '\0') {
        size_t length = strcspn(names, " ");

        (void)snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : 0), names);
        take_name(transcript, name);
        names += length + (names[length] == ' ');
    }
}

static size_t proxy_unit(const struct net_protocol *proxy, const struct direction *direction,
                         size_t start, const uint8_t *data, size_t length, size_t segment)
{
    return (start == 0 ? net_protocol_first_unit : net_protocol_unit)(proxy, role_of(direction),
                                                                      data, length, segment);
}

/* Goes through what is held up to where the dialogue with the proxy ends. */
static void follow_proxy(const struct net_protocol *proxy, struct direction *direction)
{
    struct hold *hold = &direction->hold;

    while (!hold->left_proxy && hold->proxied < hold->bytes.length) {
        const uint8_t *data = hold->bytes.data + hold->proxied;
        size_t left = hold->bytes.length - hold->proxied;
        size_t unit;

        if (!net_protocol_goes_on(proxy, role_of(direction), data, left)) {
            hold->left_proxy = true;
            return;
        }
        unit = proxy_unit(proxy, direction, hold->proxied, data, left, left);
        if (unit == 0 || unit > left) {
            return;
        }
        hold->proxied += unit;
    }
}

/* What a side says behind the proxy. */
static const uint8_t *behind_proxy(const struct direction *direction, size_t *length)
{
    const struct hold *hold = &direction->hold;

    *length = hold->left_proxy ? hold->bytes.length - hold->proxied : 0;
    return *length > 0 ? hold->bytes.data + hold->proxied : NULL;
}

static void recognise_behind_proxy(struct transcript *transcript)
{
    size_t client_length, server_length;
    const uint8_t *client = behind_proxy(&transcript->directions[WIRE_CLIENT], &client_length);
    const uint8_t *server = behind_proxy(&transcript->directions[WIRE_SERVER], &server_length);
    const struct net_protocol *protocol =
        net_protocol_recognise(client, client_length, server, server_length);

    if (protocol != NULL && !net_protocol_is_proxy(protocol)) {
        transcript->dialogue = protocol;
    }
}

void text_recognise(struct transcript *transcript)
{
    struct direction *client = &transcript->directions[WIRE_CLIENT];
    struct direction *server = &transcript->directions[WIRE_SERVER];

    if (transcript->proxy == NULL && !transcript->dialogue_known) {
        const struct net_protocol *protocol =
            net_protocol_recognise(client->hold.bytes.data, client->hold.bytes.length,
                                   server->hold.bytes.data, server->hold.bytes.length);
        if (protocol != NULL && net_protocol_is_proxy(protocol)) {
            transcript->proxy = protocol;
            transcript->dialogue = NULL;
        } else if (protocol != NULL) {
            transcript->dialogue = protocol;
        }
    }
    if (transcript->proxy != NULL) {
        follow_proxy(transcript->proxy, client);
        follow_proxy(transcript->proxy, server);
        if (!transcript->dialogue_known) {
            recognise_behind_proxy(transcript);
        }
    }
}

/* ---- lines and messages ------------------------------------------------------------------------ */

size_t text_unit(const struct transcript *transcript, const struct direction *direction,
                 const struct hold *hold, size_t start, size_t end, size_t segment, bool *of_proxy)
{
    const struct net_protocol *protocol = transcript->dialogue;

    *of_proxy = transcript->proxy != NULL && (start < hold->proxied || !hold->left_proxy);
    if (*of_proxy) {
        protocol = transcript->proxy;
        if (start >= hold->proxied) {
            return 0;
        }
        end = hold->proxied;
        segment = segment < end - start ? segment : end - start;
        return proxy_unit(protocol, direction, start, hold->bytes.data + start, end - start,
                          segment);
    }
    return net_protocol_unit(protocol, role_of(direction), hold->bytes.data + start, end - start,
                             segment);
}

const struct net_protocol *text_protocol(const struct transcript *transcript,
                                         const struct record *record)
{
    return record->of_proxy ? transcript->proxy : transcript->dialogue;
}
