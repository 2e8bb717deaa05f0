/* Clear text before TLS, in words: no call of GnuTLS is behind it, and anyone on the way can read and change it. */
#include <string.h>

#include "narrate.h"

/* "text.EHLO", "text.stream_stream": what is no letter or digit is left out of a line's name, or is an underscore between two words. */
static const char *explanation(const char *verb)
{
    char id[60] = "text.";
    size_t length = strlen(id);

    for (; *verb != '\0' && length < sizeof id - 1; verb++) {
        bool plain = (*verb >= '0' && *verb <= '9') || (*verb >= 'a' && *verb <= 'z') ||
                     (*verb >= 'A' && *verb <= 'Z');
        if (plain)
            id[length++] = *verb;
        else if (*verb == ':' || *verb == ' ')
            id[length++] = '_';
    }
    id[length] = '\0';
    return explain_find(id);
}

void narrate_text_line(const struct trace_stop *stop, struct buffer *out)
{
    const char *text = explanation(stop->at);

    if (stop->queued)
        buffer_printf(out, "%s is about to be sent: in clear text, by send(), without GnuTLS.",
                      stop->at);
    else
        buffer_printf(out, "%s from the %s has arrived, in clear text.", stop->at,
                      wire_side_name(stop->from));
    if (text != NULL)
        buffer_printf(out, " %s", text);
}

static const struct net_protocol *protocol_of(const struct stepper *stepper)
{
    const char *name = run_starttls(stepper);

    return name != NULL ? net_protocol_find(name) : NULL;
}

void narrate_text_next(const struct stepper *stepper, const struct trace_stop *stop,
                       struct buffer *out)
{
    const struct net_protocol *protocol = protocol_of(stepper);

    if (stop->has_from && stop->queued) {
        buffer_printf(out, "send %s and hear the answer", stop->at);
    } else if (stop->has_from) {
        buffer_text(out, "act on it, and say or hear what comes next");
    } else if (stepper->options.tls.proxy != NULL) {
        buffer_text(out, "ask the proxy for the way to the server, in clear text");
    } else if (protocol != NULL) {
        buffer_printf(out, "speak in clear text first: %s", protocol->title);
    } else {
        buffer_text(out, "begin the TLS handshake: make the ClientHello");
    }
}

bool narrate_text_proxy(const struct stepper *stepper, struct buffer *out)
{
    struct net_proxy proxy;
    char safe[300];
    bool given = stepper->options.tls.proxy != NULL &&
                 net_proxy_parse(stepper->options.tls.proxy, &proxy, NULL) == 0;

    if (given) {
        buffer_printf(out, "look up the proxy %s; it looks up the server",
                      text_safe(safe, sizeof safe, proxy.host, strlen(proxy.host)));
        secret_wipe(&proxy, sizeof proxy);
    }
    return given;
}
