/* Passwords in clear text before TLS: what follows the commands, elements and header fields that carry them. */
#include "redact_text.h"

#include <string.h>
#include <strings.h>

static const struct secret_word {
    const char *word;
    enum wire_side side;
    bool goes_on; /* the lines after it carry the rest: SASL */
} words[] = {
    {"AUTH", WIRE_CLIENT, true},                  /* SMTP, POP3: RFC 4954, 5034 */
    {"AUTHENTICATE", WIRE_CLIENT, true},          /* IMAP, Sieve, IRC */
    {"LOGIN", WIRE_CLIENT, false},                /* IMAP: RFC 9051 6.2.3 */
    {"PASS", WIRE_CLIENT, false},                 /* POP3, FTP, IRC */
    {"AUTHINFO", WIRE_CLIENT, true},              /* NNTP: RFC 4643 */
    {"<auth", WIRE_CLIENT, true},                 /* XMPP: RFC 6120 6.4.2 */
    {"<response", WIRE_CLIENT, true},             /* the same, 6.4.3 */
    {"Proxy-Authorization:", WIRE_CLIENT, false}, /* HTTP: RFC 9110 11.7.2 */
    {"Authorization:", WIRE_CLIENT, false},
    {"Cookie:", WIRE_CLIENT, false},
    {"Set-Cookie:", WIRE_SERVER, false},
};

/* Commands that end what another one began; they carry nothing. */
static const char *const harmless[] = {"STARTTLS",  "STLS",   "EHLO",       "HELO",
                                       "LHLO",      "QUIT",   "RSET",       "NOOP",
                                       "<starttls", "LOGOUT", "CAPABILITY", "CAPA"};

/* Where a word stands in the text, alone; its end, or 0. */
static size_t find_word(const uint8_t *text, size_t length, const char *word)
{
    size_t size = strlen(word);

    for (size_t at = 0; at + size <= length; at++) {
        bool begins = at == 0 || text[at - 1] == ' ' || text[at - 1] == '\n' ||
                      text[at - 1] == '>' || word[0] == '<';
        bool ends = at + size == length || strchr(" \t\r\n>", text[at + size]) != NULL ||
                    word[size - 1] == ':';
        if (begins && ends && strncasecmp((const char *)text + at, word, size) == 0) {
            return at + size;
        }
    }
    return 0;
}

static bool is_harmless(const uint8_t *text, size_t length)
{
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        if (find_word(text, length, harmless[i]) != 0) {
            return true;
        }
    }
    return false;
}

/* LDAP's BindRequest (RFC 4511 4.2), PostgreSQL's PasswordMessage and SOCKS5's user name and password (RFC 1929): bytes of the start
 * that may stay; 0: it is none of them. */
static size_t binary_start(const uint8_t *text, size_t length)
{
    if (length > 8 && text[0] == 0x30 && (text[5] == 0x60 || text[7] == 0x60)) {
        return 8;
    }
    if (length > 5 && text[0] == 'p' && text[1] == 0) {
        return 5;
    }
    return length > 4 && text[0] == 1 && text[1] > 0 && (size_t)text[1] + 3 <= length ? 1 : 0;
}

/* Without the line's end. */
static size_t cut_line_end(const uint8_t *text, size_t from, size_t to)
{
    while (to > from && (text[to - 1] == '\n' || text[to - 1] == '\r')) {
        to--;
    }
    return to;
}

bool redact_text(enum wire_side side, const uint8_t *text, size_t *from, size_t *to,
                 bool *after_command)
{
    size_t length = *to;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t end = words[i].side == side ? find_word(text, length, words[i].word) : 0;
        if (end != 0) {
            *from = end < length && text[end] == ' ' ? end + 1 : end;
            *to = cut_line_end(text, *from, length);
            *after_command |= words[i].goes_on;
            return *from < *to;
        }
    }
    if (side == WIRE_SERVER) {
        return false;
    }
    *from = binary_start(text, length);
    if (*from != 0) {
        return true;
    }
    if (!*after_command || is_harmless(text, length)) {
        return false;
    }
    *to = cut_line_end(text, 0, length);
    return *to > 0;
}
