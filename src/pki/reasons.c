/*
 * Reasons in words. One row for each reason code: its name, where the rule stands, the alert that
 * a client sends for it, the sentence that says what is wrong and the one that says how to mend it.
 */
#include <stdlib.h>
#include <string.h>

#include "sentences.h"
#include "words.h"

/* Alert descriptions (RFC 8446 6.2). */
#define ALERT_BAD_CERTIFICATE     42
#define ALERT_CERTIFICATE_EXPIRED 45
#define ALERT_UNKNOWN_CA          48

static const struct reason_row {
    const char *name;
    const char *reference;
    uint8_t alert;
    void (*text)(const struct words *words);
    void (*mend)(const struct words *words);
} reasons[PKI_REASON_COUNT] = {
    [PKI_EXPIRED] = {"expired", "RFC 5280 6.1.3 (a)(2)", ALERT_CERTIFICATE_EXPIRED, text_expired,
                     mend_expired},
    [PKI_NOT_YET_VALID] = {"not_yet_valid", "RFC 5280 6.1.3 (a)(2)", ALERT_CERTIFICATE_EXPIRED,
                           text_not_yet_valid, mend_not_yet_valid},
    [PKI_HOSTNAME_MISMATCH] = {"hostname_mismatch", "RFC 9525 6", ALERT_BAD_CERTIFICATE,
                               text_hostname_mismatch, mend_hostname_mismatch},
    [PKI_NO_TRUST_ANCHOR] = {"no_trust_anchor", "RFC 5280 6.1.1 (d)", ALERT_UNKNOWN_CA,
                             text_no_trust_anchor, mend_no_trust_anchor},
    [PKI_SELF_SIGNED] = {"self_signed", "RFC 5280 6.1.1 (d)", ALERT_UNKNOWN_CA, text_self_signed,
                         mend_self_signed},
    [PKI_MISSING_INTERMEDIATE] = {"missing_intermediate", "RFC 8446 4.4.2", ALERT_UNKNOWN_CA,
                                  text_missing_intermediate, mend_missing_intermediate},
    [PKI_BAD_SIGNATURE] = {"bad_signature", "RFC 5280 6.1.3 (a)(1)", ALERT_BAD_CERTIFICATE,
                           text_bad_signature, mend_bad_signature},
    [PKI_WEAK_SIGNATURE] = {"weak_signature", "RFC 8446 4.4.2.4", ALERT_BAD_CERTIFICATE,
                            text_weak_signature, mend_weak_signature},
    [PKI_WEAK_KEY] = {"weak_key", "RFC 9325 4.5", ALERT_BAD_CERTIFICATE, text_weak_key,
                      mend_weak_key},
    [PKI_NOT_A_CA] = {"not_a_ca", "RFC 5280 6.1.4 (k)", ALERT_UNKNOWN_CA, text_not_a_ca,
                      mend_not_a_ca},
    [PKI_MALFORMED] = {"malformed", "RFC 5280 4.1", ALERT_BAD_CERTIFICATE, text_malformed,
                       mend_malformed},
};

const char *pki_reason_name(enum pki_reason_code code)
{
    return reasons[code].name;
}

const char *pki_reason_reference(enum pki_reason_code code)
{
    return reasons[code].reference;
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

void say_label(const struct words *words, const struct node *node)
{
    words_label(words->out, node->x.der);
}

static char *sentence(struct words words, void (*write)(const struct words *words))
{
    struct buffer out = {0};

    words.out = &out;
    write(&words);
    if (buffer_string(&out) == NULL || out.failed) {
        buffer_free(&out);
        return NULL;
    }
    return (char *)out.data;
}

static const struct node *find_node(const struct search *search, size_t node)
{
    return node < search->count ? &search->nodes[node] : NULL;
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
    return out->text != NULL && out->mend != NULL;
}
