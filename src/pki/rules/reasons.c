/* Reasons in words: binds each code to its sentences. */
#include <string.h>

#include "sentences.h"

static const struct reason_row {
    const char *name;
    const char *reference;
    uint8_t alert;
    void (*text)(const struct words *words);
    void (*mend)(const struct words *words);
    void (*found)(const struct words *words);
    void (*required)(const struct words *words);
} reasons[PKI_REASON_COUNT] = {
#define REASON_ROW(id, name, alert, reference) \
    [PKI_##id] = {#name, reference, alert, text_##name, mend_##name, found_##name, required_##name},
    PKI_REASONS(REASON_ROW)
#undef REASON_ROW
};

const char *pki_reason_name(enum pki_reason_code code)
{
    return reasons[code].name;
}

const char *pki_reason_reference(enum pki_reason_code code)
{
    return reasons[code].reference;
}

const char *pki_reason_rule(const struct pki_reason *reason)
{
    return reason->reference != NULL && reason->reference[0] != '\0'
               ? reason->reference
               : pki_reason_reference(reason->code);
}

uint8_t pki_reason_alert(enum pki_reason_code code)
{
    return reasons[code].alert;
}

long pki_reason_from_name(const char *name)
{
    for (size_t i = 0; i < PKI_REASON_COUNT; i++) {
        if (strcmp(reasons[i].name, name) == 0) {
            return (long)i;
        }
    }
    return -1;
}

void say(const struct words *words, const char *text)
{
    buffer_text(words->out, text);
}

void say_bytes(const struct words *words, struct pki_slice bytes)
{
    text_safe_append(words->out, bytes.data, bytes.length);
}

void say_label(const struct words *words, const struct node *node)
{
    words_label(words->out, node->x.der);
}

static char *sentence(struct words words, void (*write)(const struct words *words))
{
    struct buffer out = {0};

    words.out = &out;
    write(&words);
    return buffer_take_string(&out);
}

static const struct node *find_node(const struct search *search, size_t node)
{
    return node < search->count ? &search->nodes[node] : NULL;
}

static char *copy(const char *text)
{
    return text_duplicate(text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

bool reason_write(struct pki_reason *out, const struct search *search,
                  const struct finding *finding, const long *certificates)
{
    struct words words = {
        .search = search,
        .finding = finding,
        .node = find_node(search, finding->node),
        .other = find_node(search, finding->other),
    };

    out->code = finding->code;
    out->certificate = words.node != NULL ? certificates[finding->node] : -1;
    out->text = sentence(words, reasons[finding->code].text);
    out->mend = sentence(words, reasons[finding->code].mend);
    out->found = sentence(words, reasons[finding->code].found);
    out->required = sentence(words, reasons[finding->code].required);
    out->here = sentence(words, here_of);
    out->field = copy(finding->field);
    out->reference =
        copy(finding->reference != NULL ? finding->reference : reasons[finding->code].reference);
    return out->text != NULL && out->mend != NULL && out->found != NULL && out->required != NULL &&
           out->here != NULL && out->field != NULL && out->reference != NULL;
}
