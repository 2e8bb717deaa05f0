/* The machine behind the dialogues in clear text. */
#include "dialogue.h"

#include <stdlib.h>
#include <string.h>

/* Everything that the other side may say before TLS. */
#define HEARD_MAX (4 * NET_DIALOGUE_MAX)

/* ---- steps ------------------------------------------------------------------------------------ */

const struct net_step *net_dialogue_step(const struct net_dialogue *dialogue)
{
    return &dialogue->script->steps[dialogue->step];
}

static bool is_end(const struct net_step *step)
{
    return step->say == NULL && step->build == NULL && step->hear == NULL;
}

static bool applies(const struct net_dialogue *dialogue, const struct net_step *step)
{
    return step->applies == NULL || step->applies(dialogue);
}

/* Is there anything left to be heard behind this step? */
static bool hears_later(const struct net_dialogue *dialogue)
{
    for (const struct net_step *step = net_dialogue_step(dialogue) + 1; !is_end(step); step++) {
        if (step->hear != NULL && applies(dialogue, step)) {
            return true;
        }
    }
    return false;
}

void net_dialogue_append(const struct net_dialogue *dialogue, const char *text, struct buffer *out)
{
    while (*text != '\0') {
        size_t plain = strcspn(text, "$");

        buffer_append(out, text, plain);
        text += plain;
        if (*text == '$') {
            buffer_text(out, text[1] == 'h' ? dialogue->host : dialogue->tag);
            text += 2; /* only $h and $t are written in scripts */
        }
    }
}

/* What is to be said next is one line or message of `out`. */
static void find_unit(struct net_dialogue *dialogue)
{
    const struct buffer *out = &dialogue->out;

    dialogue->out_unit = out->length == 0 ? 0
                                          : net_protocol_unit(dialogue->protocol, dialogue->role,
                                                              out->data, out->length, out->length);
    if (dialogue->out_unit == 0) {
        dialogue->out_unit = out->length;
    }
}

static void fail_memory(struct net_dialogue *dialogue)
{
    (void)err_memory(&dialogue->failure, "preparing what is said before TLS"); /* kept */
}

/* Goes through the steps to the next that hears, with what those before it say in `out`. */
static void advance(struct net_dialogue *dialogue)
{
    const struct net_step *step = net_dialogue_step(dialogue);

    for (; !is_end(step) && dialogue->out.length == 0; step = net_dialogue_step(dialogue)) {
        if (applies(dialogue, step)) {
            if (step->hear != NULL) {
                break;
            }
            if (step->build != NULL) {
                step->build(dialogue, &dialogue->out);
            } else {
                net_dialogue_append(dialogue, step->say, &dialogue->out);
            }
        }
        dialogue->step++;
    }
    if (dialogue->out.failed) {
        fail_memory(dialogue);
    }
    find_unit(dialogue);
}

enum net_turn net_dialogue_turn(const struct net_dialogue *dialogue)
{
    if (dialogue->failure.class != ERR_NONE) {
        return NET_HEAR; /* where the failure is told */
    }
    if (dialogue->out_unit > 0) {
        return NET_SAY;
    }
    return is_end(net_dialogue_step(dialogue)) ? NET_DONE : NET_HEAR;
}

const uint8_t *net_dialogue_say(const struct net_dialogue *dialogue, size_t *length)
{
    *length = dialogue->out_unit;
    return dialogue->out.data;
}

void net_dialogue_said(struct net_dialogue *dialogue)
{
    secret_wipe(dialogue->out.data, dialogue->out_unit);
    buffer_consume(&dialogue->out, dialogue->out_unit);
    find_unit(dialogue);
    advance(dialogue);
}

/* ---- failures ------------------------------------------------------------------------------------ */

static const char *other_side(const struct net_dialogue *dialogue)
{
    if (dialogue->role == NET_SERVER) {
        return "the client";
    }
    return net_protocol_is_proxy(dialogue->protocol) ? "the proxy" : "the server";
}

/* The first line of what was said last, safe and not long. */
static const char *quote(const struct net_dialogue *dialogue, char *out, size_t size)
{
    size_t length = 0;

    while (length < dialogue->pending_length && dialogue->pending[length] != '\n' &&
           dialogue->pending[length] != '\r') {
        length++;
    }
    return text_safe(out, size, dialogue->pending, length);
}

enum net_heard net_dialogue_refused(struct net_dialogue *dialogue, const char *what,
                                    struct err *err)
{
    bool proxy = net_protocol_is_proxy(dialogue->protocol);
    char said[300];

    (void)err_set(err, ERR_NETWORK, proxy ? "proxy_refused" : "starttls_refused",
                  "%s: %s %s: \"%s\"", dialogue->protocol->title, other_side(dialogue), what,
                  quote(dialogue, said, sizeof said));
    return NET_FAILED;
}

enum net_heard net_dialogue_foreign(struct net_dialogue *dialogue, struct err *err)
{
    const uint8_t *data = dialogue->pending;
    bool tls = dialogue->pending_length >= 3 && (data[0] == 0x16 || data[0] == 0x15) &&
               data[1] == 3 && data[2] <= 4;
    char said[300];

    if (tls) {
        (void)err_set(err, ERR_NETWORK, "not_the_protocol",
                      "%s: %s speaks TLS from the first byte on; leave out --starttls, or use the "
                      "scheme that means TLS",
                      dialogue->protocol->title, other_side(dialogue));
    } else {
        (void)err_set(err, ERR_NETWORK, "not_the_protocol",
                      "%s: what %s says is not this protocol: \"%s\"", dialogue->protocol->title,
                      other_side(dialogue), quote(dialogue, said, sizeof said));
    }
    return NET_FAILED;
}

/* CVE-2011-0411 and its relatives: who stands between the two can put clear text in front of TLS. */
static enum net_heard injected(struct net_dialogue *dialogue, size_t used, bool final,
                               struct err *err)
{
    char said[200];

    dialogue->pending += used;
    dialogue->pending_length -= used;
    (void)err_set(err, ERR_NETWORK, "starttls_injection",
                  "%s: bytes in clear text came %s, \"%s\": somebody on the way may have put them "
                  "there; they are neither TLS nor an answer, so the connection ends here",
                  dialogue->protocol->title,
                  final ? "together with the word that TLS may begin"
                        : "before anything was asked that they could answer",
                  quote(dialogue, said, sizeof said));
    return NET_FAILED;
}

/* ---- hearing ---------------------------------------------------------------------------------------- */

static size_t frame(const struct net_dialogue *dialogue, const struct net_step *step,
                    const uint8_t *data, size_t length)
{
    enum net_role role = dialogue->role == NET_CLIENT ? NET_SERVER : NET_CLIENT;

    return (step->frame != NULL ? step->frame : dialogue->protocol->speech->frame)(role, data,
                                                                                   length);
}

/* Protocols of lines have no such characters, and who sends them may never send a line's end. */
static bool is_binary(const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (data[i] < 7) {
            return true;
        }
    }
    return false;
}

static size_t without_line_end(const uint8_t *data, size_t length)
{
    if (length > 0 && data[length - 1] == '\n') {
        length--;
        length -= length > 0 && data[length - 1] == '\r';
    }
    return length;
}

/* After NET_NEXT: what has come beyond the line, when nothing more was to come. */
static bool is_injected(const struct net_dialogue *dialogue, bool more, bool *final)
{
    bool asks_first =
        !is_end(net_dialogue_step(dialogue) + 1) && net_dialogue_step(dialogue)[1].hear == NULL;

    *final = !hears_later(dialogue);
    if (!more || net_protocol_is_proxy(dialogue->protocol)) {
        return false; /* behind a proxy a server may speak at once */
    }
    return *final || (dialogue->role == NET_CLIENT && asks_first && !dialogue->script->chatty);
}

static long hear_unit(struct net_dialogue *dialogue, const struct net_step *step,
                      const uint8_t *data, size_t unit, size_t length, struct err *err)
{
    bool lines = dialogue->protocol->speech->frame == net_frame_line;
    enum net_heard heard;
    bool final;

    dialogue->heard += unit;
    if (dialogue->heard > HEARD_MAX) {
        return net_dialogue_refused(dialogue, "goes on and on without an answer", err);
    }
    heard = step->hear(dialogue, data, lines ? without_line_end(data, unit) : unit, err);
    if (heard == NET_NEXT) {
        if (is_injected(dialogue, length > unit, &final)) {
            return injected(dialogue, unit, final, err);
        }
        dialogue->step++;
        dialogue->code = 0;
    }
    if (heard != NET_FAILED) {
        find_unit(dialogue); /* hear() may have put an answer there */
        advance(dialogue);
    }
    return heard == NET_FAILED ? -1 : (long)unit;
}

static long hear(struct net_dialogue *dialogue, const uint8_t *data, size_t length, struct err *err)
{
    const struct net_step *step = net_dialogue_step(dialogue);
    bool lines = dialogue->protocol->speech->frame == net_frame_line;
    size_t looked = length < NET_DIALOGUE_MAX ? length : NET_DIALOGUE_MAX;
    size_t unit;

    if (length == 0 || dialogue->asked) {
        return 0; /* a CONNECT server's client has said all that it may before the answer */
    }
    unit = frame(dialogue, step, data, looked);
    if (unit == NET_NO_UNIT || (lines && is_binary(data, unit > 0 ? unit : looked)) ||
        (unit == 0 && looked == NET_DIALOGUE_MAX)) {
        return net_dialogue_foreign(dialogue, err);
    }
    return unit > 0 ? hear_unit(dialogue, step, data, unit, length, err) : 0;
}

long net_dialogue_hear(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                       struct err *err)
{
    struct err failure = {0};
    long used = -1;

    if (dialogue->failure.class == ERR_NONE && net_dialogue_turn(dialogue) != NET_HEAR) {
        return 0;
    }
    if (dialogue->failure.class == ERR_NONE) {
        dialogue->pending = data;
        dialogue->pending_length = length;
        used = hear(dialogue, data, length, &failure);
        dialogue->pending = NULL;
        dialogue->pending_length = 0;
        if (used < 0) {
            dialogue->failure = failure;
        }
    }
    if (used < 0 && err != NULL) {
        *err = dialogue->failure;
    }
    return used;
}

/* ---- making and freeing ------------------------------------------------------------------------------- */

static struct net_dialogue *begin(const struct net_protocol *protocol, enum net_role role,
                                  const char *host)
{
    struct net_dialogue *dialogue = calloc(1, sizeof *dialogue);

    if (dialogue == NULL) {
        return NULL;
    }
    dialogue->protocol = protocol;
    dialogue->role = role;
    dialogue->script = role == NET_CLIENT ? protocol->client : protocol->server;
    dialogue->out.secret = true;
    (void)snprintf(dialogue->host, sizeof dialogue->host, "%s", host); /* names are shorter */
    return dialogue;
}

struct net_dialogue *net_dialogue_new(const struct net_protocol *protocol, enum net_role role,
                                      const char *host)
{
    struct net_dialogue *dialogue = begin(protocol, role, host);

    if (dialogue != NULL) {
        advance(dialogue);
    }
    return dialogue;
}

struct net_dialogue *net_dialogue_new_proxy(const struct net_proxy *proxy, const char *host,
                                            uint16_t port)
{
    const struct net_protocol *protocol =
        net_protocol_named(proxy->socks5 ? "socks5" : "http-connect");
    struct net_dialogue *dialogue = begin(protocol, NET_CLIENT, host);

    if (dialogue != NULL) {
        dialogue->proxy = *proxy;
        dialogue->port = port;
        advance(dialogue);
    }
    return dialogue;
}

struct net_dialogue *net_dialogue_new_connect_server(void)
{
    return net_dialogue_new(net_protocol_named("http-connect"), NET_SERVER, "");
}

void net_dialogue_free(struct net_dialogue *dialogue)
{
    if (dialogue != NULL) {
        buffer_wipe_free(&dialogue->out);
        secret_free(dialogue, sizeof *dialogue);
    }
}

const struct net_protocol *net_dialogue_protocol(const struct net_dialogue *dialogue)
{
    return dialogue->protocol;
}

enum net_role net_dialogue_role(const struct net_dialogue *dialogue)
{
    return dialogue->role;
}

const char *net_dialogue_name(const struct net_dialogue *dialogue)
{
    return dialogue->protocol->name;
}

bool net_dialogue_asked(const struct net_dialogue *dialogue, const char **host, uint16_t *port)
{
    *host = dialogue->asked ? dialogue->host : "";
    *port = dialogue->asked ? dialogue->port : 0;
    return dialogue->asked;
}

void net_dialogue_answer(struct net_dialogue *dialogue, bool granted)
{
    if (dialogue->asked && !dialogue->answered) {
        dialogue->answered = true;
        dialogue->granted = granted;
        dialogue->step++;
        advance(dialogue);
    }
}
