/* What a lab server answers: HTTP/1.x requests (RFC 9112) with a page, other lines with a line. */
#include "dialogue.h"

#include <string.h>
#include <strings.h>

/* Bytes of the client, not terminated. */
struct span {
    const char *text;
    size_t length;
};

/* ---- reading ----------------------------------------------------------------------------- */

/* The first line of `bytes`, without its end. False when there is no whole one; `used` counts the
 * line's end too. */
static bool first_line(struct span bytes, struct span *line, size_t *used)
{
    const char *end = bytes.length > 0 ? memchr(bytes.text, '\n', bytes.length) : NULL;

    if (end == NULL) {
        return false;
    }
    line->text = bytes.text;
    line->length = (size_t)(end - bytes.text);
    *used = line->length + 1;
    if (line->length > 0 && end[-1] == '\r') {
        line->length--;
    }
    return true;
}

static bool starts_with(struct span span, const char *prefix)
{
    size_t length = strlen(prefix);
    return span.length >= length && strncasecmp(span.text, prefix, length) == 0;
}

static bool contains(struct span span, const char *word)
{
    for (; span.length > 0; span.text++, span.length--) {
        if (starts_with(span, word)) {
            return true;
        }
    }
    return false;
}

/* "GET / HTTP/1.1" (RFC 9112 3): a method in capitals, a target, a version. */
static bool is_request_line(struct span line)
{
    size_t method = 0;
    const char *version;

    while (method < line.length && line.text[method] >= 'A' && line.text[method] <= 'Z') {
        method++;
    }
    if (method == 0 || method == line.length || line.text[method] != ' ') {
        return false;
    }
    version = memrchr(line.text, ' ', line.length);
    return version > line.text + method + 1 &&
           starts_with((struct span){version + 1, line.length - (size_t)(version + 1 - line.text)},
                       "HTTP/");
}

/* What of a request's head decides about the answer. */
struct request {
    bool get, head;
    bool version_1; /* HTTP/1.0 or 1.1 */
    bool close;     /* the client, or its version, wants an end after the answer */
    bool body;      /* something follows the head, which nobody here reads */
    bool html;      /* a browser */
};

static void read_request_line(struct request *request, struct span line)
{
    request->get = starts_with(line, "GET ");
    request->head = starts_with(line, "HEAD ");
    request->version_1 = contains(line, " HTTP/1.");
    request->close = !contains(line, " HTTP/1.1");
}

static bool has_nonzero_digit(struct span span)
{
    for (; span.length > 0; span.text++, span.length--) {
        if (*span.text >= '1' && *span.text <= '9') {
            return true;
        }
    }
    return false;
}

static void read_header(struct request *request, struct span line)
{
    request->close |= starts_with(line, "connection:") && contains(line, "close");
    request->html |= starts_with(line, "accept:") && contains(line, "text/html");
    request->body |= starts_with(line, "transfer-encoding:");
    request->body |= starts_with(line, "content-length:") && has_nonzero_digit(line);
}

/* Reads a head to its empty line. Returns its length, 0 when it is not complete. */
static size_t read_head(struct span bytes, struct request *request)
{
    size_t offset = 0, used;
    struct span line;

    *request = (struct request){0};
    while (first_line((struct span){bytes.text + offset, bytes.length - offset}, &line, &used)) {
        if (line.length == 0) {
            return offset + used;
        }
        if (offset == 0) {
            read_request_line(request, line);
        } else {
            read_header(request, line);
        }
        offset += used;
    }
    return 0;
}

/* ---- answering --------------------------------------------------------------------------- */

static void respond(struct lab_dialogue *dialogue, const char *status, const char *extra,
                    const struct request *request, struct buffer *body)
{
    struct buffer *out = &dialogue->out;

    buffer_printf(out,
                  "HTTP/1.1 %s\r\nServer: tlstep-lab/%s\r\nContent-Type: text/%s; charset=utf-8\r\n"
                  "Content-Length: %zu\r\nCache-Control: no-store\r\n%s%s\r\n",
                  status, TLSTEP_VERSION, request->html ? "html" : "plain", body->length, extra,
                  dialogue->close ? "Connection: close\r\n" : "");
    if (!request->head) {
        buffer_append(out, body->data, body->length);
    }
    out->failed |= body->failed;
    buffer_free(body);
}

static void refuse(struct lab_dialogue *dialogue, const char *status, const char *extra)
{
    const struct request plain = {0};
    struct buffer body = {0};

    dialogue->close = true;
    buffer_printf(&body, "%s\n", status);
    respond(dialogue, status, extra, &plain, &body);
}

static void write_page(const struct lab_dialogue *dialogue, bool html, struct buffer *body)
{
    if (dialogue->page != NULL) {
        lab_page_write(body, dialogue->page, html);
    } else {
        lab_facts_write(body, dialogue->facts, html);
    }
}

static void answer_request(struct lab_dialogue *dialogue, const struct request *request)
{
    struct buffer body = {0};

    if (!request->version_1) {
        refuse(dialogue, "505 HTTP Version Not Supported", "");
        return;
    }
    if (!request->get && !request->head) {
        refuse(dialogue, "405 Method Not Allowed", "Allow: GET, HEAD\r\n");
        return;
    }
    dialogue->close = request->close || request->body || dialogue->page != NULL;
    write_page(dialogue, request->html, &body);
    respond(dialogue, "200 OK", "", request, &body);
}

static void answer_line(struct lab_dialogue *dialogue, struct span line)
{
    if (line.length == 0) {
        return; /* RFC 9112 2.2: an empty line before a request is nothing */
    }
    buffer_printf(&dialogue->out, "the lab got %zu byte%s: ", line.length,
                  line.length == 1 ? "" : "s");
    text_safe_append(&dialogue->out, line.text, line.length);
    buffer_text(&dialogue->out, "\n");
}

/* RFC 8446 5.1: a handshake record where a request should be. */
static bool is_tls(struct span bytes)
{
    return bytes.length >= 3 && bytes.text[0] == 22 && bytes.text[1] == 3;
}

static size_t answer_next(struct lab_dialogue *dialogue, const uint8_t *in, size_t length)
{
    const struct span bytes = {(const char *)in, length};
    struct request request;
    struct span line;
    size_t used;

    if (is_tls(bytes)) {
        refuse(dialogue, "400 Bad Request", "");
        return length;
    }

    if (!first_line(bytes, &line, &used)) {
        if (bytes.length < LAB_HEAD_MAX) {
            return 0;
        }
        answer_line(dialogue, bytes); /* longer than any line has to be: in pieces */
        return bytes.length;
    }
    if (!is_request_line(line)) {
        answer_line(dialogue, line);
        return used;
    }
    used = read_head(bytes, &request);
    if (used > 0) {
        answer_request(dialogue, &request);
    } else if (bytes.length >= LAB_HEAD_MAX) {
        refuse(dialogue, "431 Request Header Fields Too Large", "");
    }
    return used;
}

const struct lab_speaker lab_speaker_http1 = {.answer = answer_next, .pauses = true};

static const struct lab_speaker *speaker_of(const struct lab_dialogue *dialogue)
{
    return dialogue->speaker != NULL ? dialogue->speaker : &lab_speaker_http1;
}

void lab_dialogue_feed(struct lab_dialogue *dialogue, const void *data, size_t length)
{
    struct buffer *in = &dialogue->in;
    size_t answered = 0, used;

    if (dialogue->close || length == 0) {
        return;
    }
    buffer_append(in, data, length);
    if (in->failed) {
        dialogue->close = true;
        return;
    }
    do {
        used = speaker_of(dialogue)->answer(dialogue, in->data + answered, in->length - answered);
        answered += used;
        dialogue->close |= dialogue->out.length > LAB_OUT_MAX;
    } while (used > 0 && !dialogue->close);
    buffer_consume(in, answered);
    dialogue->close |= dialogue->out.failed;
}

/* ---- one request --------------------------------------------------------------------------- */

size_t lab_http_answer(const struct lab_page *page, const uint8_t *in, size_t length,
                       struct buffer *out)
{
    struct lab_dialogue dialogue = {.page = page};
    struct span line;
    size_t used;

    if (!first_line((struct span){(const char *)in, length}, &line, &used) ||
        !is_request_line(line)) {
        return 0;
    }
    used = answer_next(&dialogue, in, length);
    if (used == 0 && dialogue.close) {
        used = length; /* a head that never ends is refused */
    }
    buffer_append(out, dialogue.out.data, dialogue.out.length);
    out->failed |= dialogue.out.failed;
    lab_dialogue_free(&dialogue);
    return used;
}

/* ---- pauses ------------------------------------------------------------------------------ */

bool lab_dialogue_waits(const struct lab_dialogue *dialogue)
{
    struct span line;
    size_t used;

    return speaker_of(dialogue)->pauses && !dialogue->close && dialogue->in.length > 0 &&
           !first_line((struct span){(const char *)dialogue->in.data, dialogue->in.length}, &line,
                       &used);
}

void lab_dialogue_pause(struct lab_dialogue *dialogue)
{
    if (!lab_dialogue_waits(dialogue)) {
        return;
    }
    answer_line(dialogue, (struct span){(const char *)dialogue->in.data, dialogue->in.length});
    buffer_consume(&dialogue->in, dialogue->in.length);
    dialogue->close |= dialogue->out.failed;
}

void lab_dialogue_free(struct lab_dialogue *dialogue)
{
    buffer_wipe_free(&dialogue->in);
    buffer_wipe_free(&dialogue->out);
}
