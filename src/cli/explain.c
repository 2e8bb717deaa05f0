/* tlstep explain FIELD|TERM|VALUE, explain --search WORDS, explain --list. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Search results that a person would read. */
#define RESULTS_MAX 40
#define COLUMNS     90

/* Words into lines of at most COLUMNS, each after `indent` blanks. */
static void append_wrapped(struct buffer *out, size_t indent, const char *text)
{
    size_t column = 0;

    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        size_t width = text_width(text) - text_width(text + length);
        if (column > 0 && column + 1 + width > COLUMNS) {
            buffer_u8(out, '\n');
            column = 0;
        }
        if (column > 0) {
            buffer_u8(out, ' ');
            column++;
        }
        for (; column < indent; column++) {
            buffer_u8(out, ' ');
        }
        buffer_append(out, text, length);
        column += width;
        text += length;
        text += strspn(text, " ");
    }
    buffer_u8(out, '\n');
}

/* The first sentence is enough in a list. */
static void append_entry(struct buffer *out, const char *id, const char *text)
{
    const char *end = strstr(text, ". ");
    char *first = text_duplicate(text, end != NULL ? (size_t)(end - text) + 1 : strlen(text));

    buffer_printf(out, "%s\n", id);
    if (first != NULL) {
        append_wrapped(out, 4, first);
    } else {
        out->failed = true;
    }
    free(first);
}

static int print(struct buffer *out, unsigned style)
{
    struct buffer ascii = {0};
    struct buffer *shown = out;
    int status = 0;

    if (style & REPORT_ASCII) {
        text_ascii_append(&ascii, (const char *)out->data, out->length);
        shown = &ascii;
    }
    if (out->failed || shown->failed) {
        struct err err;
        err_memory(&err, "printing explanations");
        status = cli_fail(&err);
    } else {
        (void)fwrite(shown->data, 1, shown->length, stdout); /* main() judges standard output */
    }
    buffer_free(&ascii);
    buffer_free(out);
    return status;
}

static int list_all(unsigned style)
{
    struct buffer out = {0};

    for (size_t i = 0; i < explain_count(); i++) {
        append_entry(&out, explain_id(i), explain_text(i));
    }
    return print(&out, style);
}

static int none_found(const char *words)
{
    char safe[120];
    struct err err;

    err_set(&err, ERR_USAGE, "no_such_explanation",
            "nothing is explained under '%s'; `tlstep explain --search WORDS` looks in the texts",
            text_safe(safe, sizeof safe, words, strlen(words)));
    return cli_fail(&err);
}

static int search(const char *words, unsigned style)
{
    const char *ids[RESULTS_MAX];
    struct buffer out = {0};
    size_t count = explain_search(words, ids, RESULTS_MAX);

    if (count == 0) {
        return none_found(words);
    }
    for (size_t i = 0; i < count; i++) {
        struct buffer text = {0};
        if (explain_append(&text, ids[i]) && buffer_string(&text) != NULL) {
            append_entry(&out, ids[i], buffer_string(&text));
        }
        buffer_free(&text);
    }
    return print(&out, style);
}

/* Terms are written with blanks and kept with underscores: "forward secrecy". */
static bool append_explanation(struct buffer *out, const char *words)
{
    if (explain_append(out, words)) {
        return true;
    }
    char *id = text_duplicate(words, strlen(words));
    for (char *c = id; c != NULL && *c != '\0'; c++) {
        if (*c == ' ') {
            *c = '_';
        }
    }
    bool found = id != NULL && explain_append(out, id);
    free(id);
    return found;
}

static int explain_one(const char *words, unsigned style)
{
    struct buffer text = {0};
    struct buffer out = {0};

    if (!append_explanation(&text, words) || buffer_string(&text) == NULL) {
        buffer_free(&text);
        return none_found(words);
    }
    append_wrapped(&out, 0, buffer_string(&text));
    buffer_free(&text);
    return print(&out, style);
}

/* "forward secrecy" need not be quoted. */
static const char *join_operands(const struct cli_arguments *arguments, struct buffer *words)
{
    for (size_t i = 0; i < arguments->operand_count; i++) {
        buffer_printf(words, "%s%s", i > 0 ? " " : "", arguments->operands[i]);
    }
    return buffer_string(words);
}

int cli_explain(struct cli_arguments *arguments)
{
    unsigned style = cli_style(arguments);
    struct buffer joined = {0};
    struct err err;
    int status;

    if (arguments->list) {
        return list_all(style);
    }
    if (arguments->operand_count == 0) {
        err_set(&err, ERR_USAGE, "usage", "explain needs a field, a term or a value");
        return cli_fail(&err);
    }
    const char *words = join_operands(arguments, &joined);
    if (words == NULL) {
        err_memory(&err, "reading the arguments");
        status = cli_fail(&err);
    } else {
        status = arguments->search ? search(words, style) : explain_one(words, style);
    }
    buffer_free(&joined);
    return status;
}
