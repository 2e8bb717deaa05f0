/* A row in a few words: a table of what to say about each message. */
#include <string.h>

#include "certificates.h"
#include "facts.h"
#include "log.h"
#include "row.h"

/* So many values of a list are named; "…" stands for the others. */
#define NAMED_MAX 3
/* So much of application data is looked at. */
#define PREVIEW 60

/* ---- text that grows in a fixed array --------------------------------------------------------- */

struct words {
    char *out;
    size_t size;
    size_t length;
};

/* Makes it safe, and cuts it where the room ends. */
static void add_bytes(struct words *words, const void *bytes, size_t length)
{
    text_safe(words->out + words->length, words->size - words->length, bytes, length);
    words->length += strlen(words->out + words->length);
}

static void add_text(struct words *words, const char *text)
{
    add_bytes(words, text, strlen(text));
}

static void begin_part(struct words *words)
{
    if (words->length > 0) {
        add_text(words, " · ");
    }
}

/* ---- what to say --------------------------------------------------------------------------------- */

enum part_kind {
    PART_END,
    PART_NAME,  /* the value at the path, by its name */
    PART_NAMES, /* all values at the path */
    PART_COUNT, /* how many values there are */
    PART_CHAIN, /* of's certificates: the first one's name, and how many more */
};

struct part {
    enum part_kind kind;
    const char *path;
    const char *otherwise; /* where the path does not exist; NULL */
    const char *before;    /* words around the value; NULL. For a count: the noun */
    const char *after;     /* For a count: its plural */
};

#define HELLO "handshake.client_hello"

static const struct part client_hello[] = {
    {PART_NAMES, "extension.supported_versions.version", HELLO ".legacy_version", NULL, NULL},
    {PART_COUNT, HELLO ".cipher_suites.cipher_suite", NULL, "suite", "suites"},
    {PART_NAMES, "extension.key_share.entry.group", NULL, NULL, NULL},
    {PART_NAMES, "extension.alpn.protocol", NULL, NULL, NULL},
    {0},
};
static const struct part server_hello[] = {
    {PART_NAME, "extension.supported_versions.selected_version",
     "handshake.server_hello.legacy_version", NULL, NULL},
    {PART_NAME, "handshake.server_hello.cipher_suite", NULL, NULL, NULL},
    {PART_NAME, "extension.key_share.entry.group", NULL, NULL, NULL},
    {0},
};
static const struct part hello_retry_request[] = {
    {PART_NAME, "extension.key_share.selected_group", NULL, "asks for ", NULL},
    {0},
};
static const struct part encrypted_extensions[] = {
    {PART_COUNT, "extension.type", NULL, "extension", "extensions"},
    {PART_NAMES, "extension.alpn.protocol", NULL, NULL, NULL},
    {0},
};
static const struct part certificate[] = {
    {PART_CHAIN, NULL, NULL, NULL, NULL},
    {0},
};
static const struct part certificate_request[] = {
    {PART_COUNT, "handshake.certificate_request.certificate_authorities.distinguished_name",
     "extension.certificate_authorities.authorities.distinguished_name", "authority",
     "authorities"},
    {0},
};
static const struct part certificate_verify[] = {
    {PART_NAME, "handshake.certificate_verify.algorithm", NULL, NULL, NULL},
    {0},
};
static const struct part certificate_status[] = {
    {PART_NAME, "handshake.certificate_status.status_type", NULL, NULL, NULL},
    {0},
};
static const struct part compressed_certificate[] = {
    {PART_NAME, "handshake.compressed_certificate.algorithm", NULL, NULL, NULL},
    {0},
};
static const struct part server_key_exchange[] = {
    {PART_NAME, "handshake.server_key_exchange.named_group", NULL, NULL, NULL},
    {PART_NAME, "handshake.server_key_exchange.signature_algorithm", NULL, NULL, NULL},
    {0},
};
static const struct part new_session_ticket[] = {
    {PART_NAME, "handshake.new_session_ticket.ticket_lifetime",
     "handshake.new_session_ticket.ticket_lifetime_hint", "for ", " s"},
    {0},
};
static const struct part key_update[] = {
    {PART_NAME, "handshake.key_update.request_update", NULL, NULL, NULL},
    {0},
};
static const struct part next_protocol[] = {
    {PART_NAME, "handshake.next_protocol.selected_protocol", NULL, NULL, NULL},
    {0},
};

static const struct part *const handshake_parts[256] = {
    [WIRE_CLIENT_HELLO] = client_hello,
    [WIRE_SERVER_HELLO] = server_hello,
    [WIRE_HELLO_RETRY_REQUEST] = hello_retry_request,
    [WIRE_ENCRYPTED_EXTENSIONS] = encrypted_extensions,
    [WIRE_CERTIFICATE] = certificate,
    [WIRE_CERTIFICATE_REQUEST] = certificate_request,
    [WIRE_CERTIFICATE_VERIFY] = certificate_verify,
    [WIRE_CERTIFICATE_STATUS] = certificate_status,
    [WIRE_COMPRESSED_CERTIFICATE] = compressed_certificate,
    [WIRE_SERVER_KEY_EXCHANGE] = server_key_exchange,
    [WIRE_NEW_SESSION_TICKET] = new_session_ticket,
    [WIRE_KEY_UPDATE] = key_update,
    [WIRE_NEXT_PROTOCOL] = next_protocol,
};

/* ---- saying it ----------------------------------------------------------------------------------- */

/* The name of a value where its registry has one, without the number; else the value. */
static const char *value_of(char *out, size_t size, const struct wire_tree *tree, size_t index)
{
    const struct wire_field *field = &tree->fields[index];
    uint64_t number;

    if (field->type->kind == WIRE_FIELD_TEXT) {
        return text_safe(out, size, tree->data + field->offset, field->length);
    }
    if (field->type->kind == WIRE_FIELD_NAMED && wire_field_number(tree, index, &number)) {
        const char *name = wire_registry_name(field->type->registry, (uint32_t)number);
        if (name != NULL) {
            return name;
        }
    }
    return wire_field_value(out, size, tree, index);
}

static bool is_grease(const struct wire_tree *tree, size_t index)
{
    uint64_t number;
    return tree->fields[index].length == 2 && wire_field_number(tree, index, &number) &&
           wire_is_grease((uint32_t)number);
}

static void say_name(struct words *words, const struct part *part, const struct wire_tree *tree,
                     size_t index)
{
    char value[120];

    begin_part(words);
    add_text(words, part->before != NULL ? part->before : "");
    add_text(words, value_of(value, sizeof value, tree, index));
    add_text(words, part->after != NULL ? part->after : "");
}

/* "TLS 1.3, 1.2": the word that all versions begin with is said once. */
static const char *without_repetition(const char *name, size_t said)
{
    return said > 0 && strncmp(name, "TLS ", 4) == 0 ? name + 4 : name;
}

static void say_names(struct words *words, const char *path, const struct wire_tree *tree)
{
    size_t said = 0;

    for (long i = wire_tree_find(tree, path, 0); i >= 0;
         i = wire_tree_find(tree, path, (size_t)i + 1)) {
        char value[80];
        if (is_grease(tree, (size_t)i)) {
            continue;
        }
        if (said == NAMED_MAX) {
            add_text(words, ", …");
            return;
        }
        if (said == 0) {
            begin_part(words);
        } else {
            add_text(words, ", ");
        }
        add_text(words, without_repetition(value_of(value, sizeof value, tree, (size_t)i), said));
        said++;
    }
}

static void say_count(struct words *words, const struct part *part, const char *path,
                      const struct wire_tree *tree)
{
    char text[80];
    size_t count = 0;

    for (long i = wire_tree_find(tree, path, 0); i >= 0;
         i = wire_tree_find(tree, path, (size_t)i + 1)) {
        count++;
    }
    if (count > 0) {
        (void)snprintf(text, sizeof text, "%zu %s", count,
                       count == 1 ? part->before : part->after); /* nouns are short */
        begin_part(words);
        add_text(words, text);
    }
}

static void say_certificates(struct words *words, struct row *row)
{
    const struct certificate_list *list = certificate_list_of(row);
    char text[200];

    if (list == NULL) {
        return;
    }
    if (list->count == 0) {
        add_text(words, list->raw_key ? "a raw public key" : "none");
        return;
    }
    add_text(words, pki_certificate_label(text, sizeof text, list->certificates[0]));
    if (list->count > 1) {
        (void)snprintf(text, sizeof text, " +%zu", list->count - 1); /* fits */
        add_text(words, text);
    }
}

static void say_part(struct words *words, const struct part *part, const struct wire_tree *tree,
                     struct row *row)
{
    const char *path = part->path;
    long index = -1;

    if (path != NULL) {
        index = wire_tree_find(tree, path, 0);
        if (index < 0 && part->otherwise != NULL) {
            path = part->otherwise;
            index = wire_tree_find(tree, path, 0);
        }
        if (index < 0) {
            return;
        }
    }
    switch (part->kind) {
    case PART_NAME:
        say_name(words, part, tree, (size_t)index);
        break;
    case PART_NAMES:
        say_names(words, path, tree);
        break;
    case PART_COUNT:
        say_count(words, part, path, tree);
        break;
    case PART_CHAIN:
        say_certificates(words, row);
        break;
    case PART_END:
        break;
    }
}

static void say_handshake(struct words *words, struct row *row)
{
    const struct part *part = handshake_parts[row->public.handshake_type];
    struct wire_tree tree = {0};

    if (part != NULL && facts_dissect(&tree, row) == 0) {
        for (; part->kind != PART_END; part++) {
            say_part(words, part, &tree, row);
        }
    }
    wire_tree_free(&tree);
}

/* The length of the first line, or 0 when it is not text. */
static size_t text_line(const uint8_t *data, size_t length)
{
    size_t end = 0;

    while (end < length && data[end] != '\r' && data[end] != '\n') {
        uint32_t character;
        size_t bytes = text_utf8_decode(data + end, length - end, &character);
        if (bytes == 0) {
            /* Perhaps a character that goes on behind what is looked at. */
            return length == PREVIEW && length - end < 4 ? end : 0;
        }
        if (character < 0x20 || character == 0x7f) {
            return 0;
        }
        end += bytes;
    }
    return end;
}

/* The first line of what looks like text. */
static void say_preview(struct words *words, const struct row *row)
{
    size_t length = row->content_length < PREVIEW ? row->content_length : PREVIEW;
    add_bytes(words, row->content, text_line(row->content, length));
}

char *trace_row_summary(char *out, size_t size, const struct trace *trace,
                        const struct trace_row *row)
{
    struct row *own = row_of(row);
    struct words words = {.out = out, .size = size};
    char text[160];

    (void)trace; /* a row has all that is needed */
    out[0] = '\0';
    if (own->packet != 0) {
        annotation_summary(out, size, own);
    } else if (row->malformed && row->problem != NULL) {
        add_text(&words, row->problem);
    } else if (own->content == NULL) {
        add_text(&words, row->problem != NULL ? row->problem : "");
    } else if (row->layer == TRACE_LAYER_TEXT || row->content_type == WIRE_APPLICATION_DATA) {
        say_preview(&words, own);
    } else if (row->content_type == WIRE_HANDSHAKE) {
        say_handshake(&words, own);
    } else if (row->content_type == WIRE_ALERT && own->content_length == 2) {
        add_text(&words, wire_alert_text(text, sizeof text, own->content[0], own->content[1]));
    }
    return out;
}
