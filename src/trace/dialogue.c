/* Dialogues in clear text before TLS. */
#include "dialogue.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
/* So many bytes decide what it is. */
#define LOOK 512

/* ---- where a line or message ends ---------------------------------------------------------------- */

typedef size_t framing(enum wire_side side, const uint8_t *data, size_t length);

static size_t frame_line(enum wire_side side, const uint8_t *data, size_t length)
{
    const uint8_t *end = memchr(data, '\n', length);
    (void)side; /* both speak in lines */
    return end != NULL ? (size_t)(end - data) + 1 : 0;
}

/* RFC 9112: through the empty line. */
static size_t frame_http(enum wire_side side, const uint8_t *data, size_t length)
{
    const uint8_t *end = memmem(data, length, "\r\n\r\n", 4);
    (void)side; /* requests and responses end alike */
    return end != NULL ? (size_t)(end - data) + 4 : 0;
}

/* X.690 8.1.3, definite lengths of at most 3 bytes. */
static size_t frame_ber(enum wire_side side, const uint8_t *data, size_t length)
{
    size_t whole = 2;

    (void)side;
    if (length < 2) {
        return 0;
    }
    if (data[1] < 0x80) {
        return length >= whole + data[1] ? whole + data[1] : 0;
    }
    size_t count = data[1] & 0x7f;
    size_t value = 0;
    if (count == 0 || count > 3 || length < whole + count) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        value = value << 8 | data[2 + i];
    }
    whole += count + value;
    return length >= whole ? whole : 0;
}

/* Protocol::MySQLPacket: three bytes of length, little-endian, and a sequence number. */
static size_t frame_mysql(enum wire_side side, const uint8_t *data, size_t length)
{
    (void)side;
    if (length < 4) {
        return 0;
    }
    size_t whole = 4 + ((size_t)data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16);
    return length >= whole ? whole : 0;
}

/* SSLRequest has its length in front, the answer is one byte. */
static size_t frame_postgresql(enum wire_side side, const uint8_t *data, size_t length)
{
    if (side == WIRE_SERVER) {
        return length > 0 ? 1 : 0;
    }
    if (length < 4) {
        return 0;
    }
    size_t whole = (size_t)data[0] << 24 | (size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3];
    return whole >= 4 && length >= whole ? whole : 0;
}

/* TPKT, RFC 1006 6. */
static size_t frame_tpkt(enum wire_side side, const uint8_t *data, size_t length)
{
    (void)side;
    if (length < 4) {
        return 0;
    }
    size_t whole = (size_t)data[2] << 8 | data[3];
    return whole >= 4 && length >= whole ? whole : 0;
}

/* ---- what it is called ------------------------------------------------------------------------------ */

typedef void naming(char out[DIALOGUE_VERB], enum wire_side side, const uint8_t *data,
                    size_t length);

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* The word with this number, from 0, in capitals; empty when there is none. */
static void word(char out[DIALOGUE_VERB], const uint8_t *data, size_t length, size_t number)
{
    size_t start = 0;
    size_t end;

    for (;; number--) {
        while (start < length && is_blank(data[start])) {
            start++;
        }
        for (end = start; end < length && !is_blank(data[end]);) {
            end++;
        }
        if (number == 0 || start == length) {
            break;
        }
        start = end;
    }
    text_safe(out, DIALOGUE_VERB, data + start, end - start);
    for (char *c = out; *c != '\0'; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
}

static void name_first(char out[DIALOGUE_VERB], enum wire_side side, const uint8_t *data,
                       size_t length)
{
    (void)side;
    word(out, data, length, 0);
}

/* RFC 5321 4.2: three digits, of a line that may go on with a hyphen. */
static void name_reply(char out[DIALOGUE_VERB], enum wire_side side, const uint8_t *data,
                       size_t length)
{
    word(out, data, side == WIRE_SERVER && length > 3 ? 3 : length, 0);
}

/* RFC 3501 2.2: a tag, then the command or its result. */
static void name_imap(char out[DIALOGUE_VERB], enum wire_side side, const uint8_t *data,
                      size_t length)
{
    (void)side;
    word(out, data, length, 1);
    if (out[0] == '\0') {
        word(out, data, length, 0);
    }
}

/* RFC 2812 2.3: a prefix may come first. */
static void name_irc(char out[DIALOGUE_VERB], enum wire_side side, const uint8_t *data,
                     size_t length)
{
    (void)side;
    word(out, data, length, length > 0 && data[0] == ':' ? 1 : 0);
}

static void name_http(char out[DIALOGUE_VERB], enum wire_side side, const uint8_t *data,
                      size_t length)
{
    word(out, data, length, side == WIRE_SERVER ? 1 : 0);
}

static void set_name(char out[DIALOGUE_VERB], const char *name)
{
    (void)snprintf(out, DIALOGUE_VERB, "%s", name); /* all names are shorter */
}

/* The first element that is no declaration. */
static void name_xmpp(char out[DIALOGUE_VERB], enum wire_side side, const uint8_t *data,
                      size_t length)
{
    const uint8_t *end = data + length;
    const uint8_t *tag = memchr(data, '<', length);

    (void)side;
    while (tag != NULL && end - tag > 1 && tag[1] == '?') {
        tag = memchr(tag + 1, '<', (size_t)(end - tag - 1));
    }
    if (tag == NULL) {
        set_name(out, "text");
        return;
    }
    size_t start = (size_t)(tag - data) + 1;
    size_t stop = start;
    while (stop < length && !is_blank(data[stop]) && data[stop] != '>' &&
           (stop == start || data[stop] != '/')) {
        stop++;
    }
    text_safe(out, DIALOGUE_VERB, data + start, stop - start);
}

/* RFC 4511 4.2, 4.12: the operation is an application tag behind the message id. */
static void name_ldap(char out[DIALOGUE_VERB], enum wire_side side, const uint8_t *data,
                      size_t length)
{
    static const struct {
        uint8_t tag;
        const char *name;
    } operations[] = {
        {0x60, "BindRequest"},      {0x61, "BindResponse"},  {0x63, "SearchRequest"},
        {0x64, "SearchEntry"},      {0x65, "SearchDone"},    {0x77, "ExtendedRequest"},
        {0x78, "ExtendedResponse"}, {0x42, "UnbindRequest"},
    };
    size_t header = length > 1 && data[1] >= 0x80 ? 2 + (size_t)(data[1] & 0x7f) : 2;

    (void)side;
    set_name(out, "LDAPMessage");
    if (length < header + 3 || data[header] != 0x02 ||
        length <= header + 2 + (size_t)data[header + 1]) {
        return;
    }
    uint8_t tag = data[header + 2 + data[header + 1]];
    for (size_t i = 0; i < COUNT(operations); i++) {
        if (operations[i].tag == tag) {
            set_name(out, operations[i].name);
        }
    }
}

static void name_mysql(char out[DIALOGUE_VERB], enum wire_side side, const uint8_t *data,
                       size_t length)
{
    (void)data;
    (void)length;
    set_name(out, side == WIRE_SERVER ? "Handshake" : "SSLRequest");
}

static void name_postgresql(char out[DIALOGUE_VERB], enum wire_side side, const uint8_t *data,
                            size_t length)
{
    if (side == WIRE_CLIENT) {
        set_name(out, "SSLRequest");
    } else {
        text_safe(out, DIALOGUE_VERB, data, length < 1 ? length : 1);
    }
}

/* X.224 13.1: the kind of unit stands behind TPKT and a length. */
static void name_x224(char out[DIALOGUE_VERB], enum wire_side side, const uint8_t *data,
                      size_t length)
{
    uint8_t code = length > 5 ? data[5] & 0xf0 : 0;

    (void)side;
    set_name(out, code == 0xe0   ? "ConnectionRequest"
                  : code == 0xd0 ? "ConnectionConfirm"
                                 : "X.224");
}

static void name_socks(char out[DIALOGUE_VERB], enum wire_side side, const uint8_t *data,
                       size_t length)
{
    (void)data;
    (void)length;
    set_name(out, side == WIRE_CLIENT ? "SOCKS request" : "SOCKS reply");
}

static void name_proxy(char out[DIALOGUE_VERB], enum wire_side side, const uint8_t *data,
                       size_t length)
{
    (void)side;
    (void)data;
    (void)length;
    set_name(out, "PROXY");
}

/* ---- which protocol it is ---------------------------------------------------------------------------- */

typedef bool test(const uint8_t *data, size_t length);

static bool is_ldap(const uint8_t *data, size_t length)
{
    return length > 6 && data[0] == 0x30 && data[data[1] < 0x80 ? 2 : 2 + (data[1] & 3)] == 0x02;
}

static bool is_mysql(const uint8_t *data, size_t length)
{
    return length > 4 && data[2] == 0 && data[3] == 0 && (data[4] == 10 || data[4] == 9);
}

static bool is_ssl_request(const uint8_t *data, size_t length)
{
    static const uint8_t request[] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f};
    return length >= sizeof request && memcmp(data, request, sizeof request) == 0;
}

static bool is_postgresql_answer(const uint8_t *data, size_t length)
{
    return length == 1 && (data[0] == 'S' || data[0] == 'N');
}

static bool is_tpkt(const uint8_t *data, size_t length)
{
    return length >= 7 && data[0] == 3 && data[1] == 0 && data[2] == 0;
}

static bool is_socks5(const uint8_t *data, size_t length)
{
    return length >= 2 && data[0] == 5;
}

static bool is_socks4(const uint8_t *data, size_t length)
{
    return length >= 8 && data[0] == 4 && data[1] == 1;
}

static bool is_proxy2(const uint8_t *data, size_t length)
{
    static const char signature[] = "\r\n\r\n\0\r\nQUIT\n";
    return length >= 12 && memcmp(data, signature, 12) == 0;
}

/* How one side begins: by one of several words, divided by '|', or by a test. Neither: it is not looked at. */
struct clue {
    const char *words;
    test *passes;
};

struct dialogue {
    const char *name;
    struct clue begins[2]; /* by side */
    framing *frame;        /* NULL: a segment at a time */
    naming *verb;
};

static const struct dialogue dialogues[] = {
    /* RFC 3207 */
    {"smtp", {{"EHLO|HELO|LHLO", NULL}, {"220", NULL}}, frame_line, name_reply},
    /* RFC 4217 */
    {"ftp", {{"AUTH|USER|FEAT|OPTS|SYST", NULL}, {"220", NULL}}, frame_line, name_reply},
    /* RFC 3501 6.2.1 */
    {"imap", {{NULL, NULL}, {"* OK|* PREAUTH", NULL}}, frame_line, name_imap},
    /* RFC 2595 4 */
    {"pop3", {{NULL, NULL}, {"+OK", NULL}}, frame_line, name_first},
    /* RFC 4642 */
    {"nntp", {{NULL, NULL}, {"200 |201 ", NULL}}, frame_line, name_reply},
    /* RFC 5804 2.2 */
    {"managesieve",
     {{NULL, NULL}, {"\"IMPLEMENTATION\"|\"SIEVE\"|\"STARTTLS\"", NULL}},
     frame_line,
     name_first},
    /* https://ircv3.net/specs/extensions/tls */
    {"irc",
     {{"STARTTLS|CAP |NICK |USER |PASS ", NULL}, {":|NOTICE|ERROR", NULL}},
     frame_line,
     name_irc},
    /* RFC 6120 5 */
    {"xmpp", {{"<?xml|<stream:stream", NULL}, {"<?xml|<stream:stream", NULL}}, NULL, name_xmpp},
    /* RFC 4511 4.14 */
    {"ldap", {{NULL, is_ldap}, {NULL, is_ldap}}, frame_ber, name_ldap},
    /* PostgreSQL manual, Message Flow, SSL Session Encryption */
    {"postgresql",
     {{NULL, is_ssl_request}, {NULL, is_postgresql_answer}},
     frame_postgresql,
     name_postgresql},
    /* MySQL Internals, Connection Phase */
    {"mysql", {{NULL, NULL}, {NULL, is_mysql}}, frame_mysql, name_mysql},
    /* RFC 9110 9.3.6 */
    {"http-connect", {{"CONNECT ", NULL}, {"HTTP/1.", NULL}}, frame_http, name_http},
    /* RFC 1928, and the older form */
    {"socks5", {{NULL, is_socks5}, {NULL, is_socks5}}, NULL, name_socks},
    {"socks4", {{NULL, is_socks4}, {NULL, NULL}}, NULL, name_socks},
    /* [MS-RDPBCGR] 1.3.1.1 */
    {"rdp", {{NULL, is_tpkt}, {NULL, is_tpkt}}, frame_tpkt, name_x224},
    /* https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt */
    {"proxy", {{"PROXY ", NULL}, {NULL, NULL}}, frame_line, name_proxy},
    {"proxy", {{NULL, is_proxy2}, {NULL, NULL}}, NULL, name_proxy},
};

static bool has_word(const char *words, const uint8_t *data, size_t length)
{
    while (*words != '\0') {
        size_t size = strcspn(words, "|");
        if (length >= size && strncasecmp(words, (const char *)data, size) == 0) {
            return true;
        }
        words += size + (words[size] == '|');
    }
    return false;
}

/* 1: it begins so; 0: nothing can be said; -1: it does not. */
static int holds(const struct clue *clue, const uint8_t *data, size_t length)
{
    if (length == 0 || (clue->words == NULL && clue->passes == NULL)) {
        return 0;
    }
    bool yes =
        clue->words != NULL ? has_word(clue->words, data, length) : clue->passes(data, length);
    return yes ? 1 : -1;
}

const struct dialogue *dialogue_recognise(const uint8_t *client, size_t client_length,
                                          const uint8_t *server, size_t server_length)
{
    for (size_t i = 0; i < COUNT(dialogues); i++) {
        const struct dialogue *dialogue = &dialogues[i];
        int by_client = holds(&dialogue->begins[WIRE_CLIENT], client, client_length);
        int by_server = holds(&dialogue->begins[WIRE_SERVER], server, server_length);
        if (by_client >= 0 && by_server >= 0 && by_client + by_server > 0) {
            return dialogue;
        }
    }
    return NULL;
}

const char *dialogue_name(const struct dialogue *dialogue)
{
    return dialogue != NULL ? dialogue->name : "";
}

size_t dialogue_unit(const struct dialogue *dialogue, enum wire_side side, const uint8_t *data,
                     size_t length, size_t segment)
{
    return dialogue != NULL && dialogue->frame != NULL ? dialogue->frame(side, data, length)
                                                       : segment;
}

char *dialogue_verb(char out[DIALOGUE_VERB], const struct dialogue *dialogue, enum wire_side side,
                    const uint8_t *data, size_t length)
{
    out[0] = '\0';
    if (dialogue != NULL) {
        dialogue->verb(out, side, data, length < LOOK ? length : LOOK);
    }
    if (out[0] == '\0') {
        set_name(out, "text");
    }
    return out;
}
