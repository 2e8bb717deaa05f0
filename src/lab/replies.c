/*
 * What the fronts of mail, file transfer and databases say inside TLS: enough for a client to be content, and a plain no to
 * everything that a lab does not have.
 */
#include <string.h>
#include <strings.h>

#include "dialogue.h"

/* A line, without its end. 0: there is no whole one. */
static size_t take_line(const uint8_t *in, size_t length, size_t *line)
{
    const uint8_t *end = memchr(in, '\n', length);

    if (end == NULL) {
        *line = length;
        return length >= LAB_HEAD_MAX ? length
                                      : 0; /* no command is that long: it is answered in pieces */
    }
    *line = (size_t)(end - in);
    if (*line > 0 && end[-1] == '\r') {
        --*line;
    }
    return (size_t)(end - in) + 1;
}

static bool is_word(const char *word, const uint8_t *text, size_t length)
{
    size_t wanted = strlen(word);

    return length >= wanted && strncasecmp((const char *)text, word, wanted) == 0 &&
           (length == wanted || text[wanted] == ' ');
}

/* ---- SMTP, POP3, FTP --------------------------------------------------------------------- */

struct reply {
    const char *protocol;
    const char *word; /* NULL: whatever else */
    const char *text;
    bool close;
};

/* RFC 5321 4.1.1, RFC 1939 3, RFC 2449 5, RFC 959 4.1, RFC 4217. */
static const struct reply replies[] = {
    {"smtp", "EHLO", "250-lab, inside TLS now\r\n250 8BITMIME\r\n", false},
    {"smtp", "HELO", "250 lab, inside TLS now\r\n", false},
    {"smtp", "NOOP", "250 fine\r\n", false},
    {"smtp", "RSET", "250 fine\r\n", false},
    {"smtp", "HELP", "214 this is a lab: it takes no mail\r\n", false},
    {"smtp", "QUIT", "221 goodbye\r\n", true},
    {"smtp", NULL, "502 this is a lab: it takes no mail\r\n", false},
    {"pop3", "CAPA", "+OK\r\nUSER\r\n.\r\n", false},
    {"pop3", "NOOP", "+OK\r\n", false},
    {"pop3", "STAT", "+OK 0 0\r\n", false},
    {"pop3", "LIST", "+OK\r\n.\r\n", false},
    {"pop3", "QUIT", "+OK goodbye\r\n", true},
    {"pop3", NULL, "-ERR this is a lab: it has no mail\r\n", false},
    {"ftp", "FEAT", "211-Features\r\n PBSZ\r\n PROT\r\n211 End\r\n", false},
    {"ftp", "PBSZ", "200 PBSZ=0\r\n", false},
    {"ftp", "PROT", "200 as you like\r\n", false},
    {"ftp", "SYST", "215 UNIX Type: L8\r\n", false},
    {"ftp", "NOOP", "200 fine\r\n", false},
    {"ftp", "QUIT", "221 goodbye\r\n", true},
    {"ftp", "USER", "530 this is a lab: it has no files\r\n", false},
    {"ftp", NULL, "502 this is a lab: it has no files\r\n", false},
};

static void answer_mail_line(struct lab_dialogue *dialogue, const uint8_t *line, size_t length)
{
    const char *protocol = dialogue->facts->scenario->starttls;

    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        const struct reply *reply = &replies[i];
        if (strcmp(reply->protocol, protocol) == 0 &&
            (reply->word == NULL || is_word(reply->word, line, length))) {
            buffer_text(&dialogue->out, reply->text);
            dialogue->close = reply->close;
            return;
        }
    }
}

static size_t answer_mail(struct lab_dialogue *dialogue, const uint8_t *in, size_t length)
{
    size_t line;
    size_t used = take_line(in, length, &line);

    if (used > 0) {
        answer_mail_line(dialogue, in, line);
    }
    return used;
}

/* ---- IMAP, RFC 9051 2.2 ------------------------------------------------------------------ */

/* "a1 LOGOUT": a tag, which the answer repeats, and a command. */
static size_t answer_imap(struct lab_dialogue *dialogue, const uint8_t *in, size_t length)
{
    struct buffer *out = &dialogue->out;
    size_t line;
    size_t used = take_line(in, length, &line);
    const uint8_t *blank = used > 0 ? memchr(in, ' ', line) : NULL;

    if (used == 0) {
        return 0;
    }
    if (blank == NULL) {
        buffer_text(out, "* BAD a tag and a command are wanted\r\n");
        return used;
    }
    const uint8_t *command = blank + 1;
    size_t tag = (size_t)(blank - in);
    size_t rest = line - tag - 1;
    const char *answer = "NO this is a lab: it has no mail";

    if (is_word("CAPABILITY", command, rest)) {
        buffer_text(out, "* CAPABILITY IMAP4rev1\r\n");
        answer = "OK that is all";
    } else if (is_word("LIST", command, rest)) {
        answer = "OK there are none";
    } else if (is_word("NOOP", command, rest)) {
        answer = "OK fine";
    } else if (is_word("LOGOUT", command, rest)) {
        buffer_text(out, "* BYE\r\n");
        answer = "OK goodbye";
        dialogue->close = true;
    }
    text_safe_append(out, in, tag);
    buffer_printf(out, " %s\r\n", answer);
    return used;
}

/* ---- PostgreSQL: frontend/backend protocol, ErrorResponse --------------------------------- */

static size_t answer_postgres(struct lab_dialogue *dialogue, const uint8_t *in, size_t length)
{
    static const char fields[] = "SFATAL\0C57P03\0Mthis is a lab: it has no database\0";

    (void)in; /* whatever it is, there is one answer */
    buffer_u8(&dialogue->out, 'E');
    buffer_u32(&dialogue->out, (uint32_t)(4 + sizeof fields));
    buffer_append(&dialogue->out, fields, sizeof fields);
    dialogue->close = true;
    return length;
}

/* ---- others ------------------------------------------------------------------------------ */

/* Understands nothing and says nothing. */
static size_t hear_out(struct lab_dialogue *dialogue, const uint8_t *in, size_t length)
{
    (void)dialogue;
    (void)in;
    return length;
}

const struct lab_speaker lab_speaker_mail = {.answer = answer_mail};
const struct lab_speaker lab_speaker_imap = {.answer = answer_imap};
const struct lab_speaker lab_speaker_postgres = {.answer = answer_postgres};
const struct lab_speaker lab_speaker_mute = {.answer = hear_out};

const struct lab_speaker *lab_speaker_for(const char *starttls, const char *alpn)
{
    static const struct {
        const char *starttls;
        const struct lab_speaker *speaker;
    } fronts[] = {
        {"smtp", &lab_speaker_mail},         {"pop3", &lab_speaker_mail},
        {"ftp", &lab_speaker_mail},          {"imap", &lab_speaker_imap},
        {"postgres", &lab_speaker_postgres},
    };

    if (starttls == NULL) {
        return strcmp(alpn, "h2") == 0 ? &lab_speaker_http2 : &lab_speaker_http1;
    }
    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++) {
        if (strcmp(fronts[i].starttls, starttls) == 0) {
            return fronts[i].speaker;
        }
    }
    return &lab_speaker_mute;
}
