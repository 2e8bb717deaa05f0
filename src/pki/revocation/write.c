/* What was found out about revocation, for the verification and in words. */
#include <string.h>

#include "../words.h"
#include "state.h"

const char *pki_revocation_status_name(enum pki_revocation_status status)
{
    static const char *const names[] = {
        [PKI_STATUS_NONE] = "none",
        [PKI_STATUS_GOOD] = "good",
        [PKI_STATUS_REVOKED] = "revoked",
        [PKI_STATUS_UNKNOWN] = "unknown",
    };
    return names[status];
}

/* ---- words ------------------------------------------------------------------------------- */

void said_write_source(struct buffer *out, const struct said *said)
{
    char name[120];

    if (said->by == SAID_BY_STAPLE) {
        buffer_text(out, "the stapled OCSP response");
    } else {
        buffer_text(out, text_safe(name, sizeof name, said->name, strlen(said->name)));
    }
}

static void write_reasons(struct buffer *out, unsigned reasons)
{
    static const char *const names[] = {
        "unused",      "keyCompromise",        "cACompromise",    "affiliationChanged",
        "superseded",  "cessationOfOperation", "certificateHold", "privilegeWithdrawn",
        "aACompromise"};
    const char *divider = "";

    for (size_t bit = 1; bit < sizeof names / sizeof names[0]; bit++) {
        if ((reasons & (1u << bit)) != 0) {
            buffer_printf(out, "%s%s", divider, names[bit]);
            divider = ", ";
        }
    }
}

static void write_revoked(struct buffer *out, const struct said *said, int64_t at)
{
    const char *reason = crl_reason_name(said->reason);

    buffer_text(out, " says that it was revoked on ");
    words_date(out, said->revoked_at);
    if (reason != NULL) {
        buffer_printf(out, " (%s)", reason);
    }
    buffer_text(out, ".");
    if (said->revoked_at > at) {
        /* RFC 5280 6.3.3 compares no dates, and neither does OpenSSL. */
        buffer_text(out, " That is later than the time it was judged for, but who is listed counts "
                         "as revoked.");
    }
}

static void write_good(struct buffer *out, const struct said *said)
{
    buffer_text(out, said->crl != NULL ? " does not list it" : " says that it is good");
    buffer_text(out, " (as of ");
    words_date(out, said->this_update);
    if (said->next_update != 0) {
        buffer_text(out, ", until ");
        words_date(out, said->next_update);
    }
    buffer_text(out, ")");
    if (said->crl != NULL && said->reasons != REASONS_ALL) {
        buffer_text(out, ", and speaks only of these reasons: ");
        write_reasons(out, said->reasons);
    }
    buffer_text(out, ".");
}

void said_write(struct buffer *out, const struct said *said, int64_t at)
{
    said_write_source(out, said);
    if (said->problem != NULL) {
        buffer_printf(out, " cannot be used: %s", said->problem);
        if (said->problem_time != 0) {
            buffer_text(out, " ");
            words_date(out, said->problem_time);
        }
        buffer_text(out, ".");
    } else if (said->status == PKI_STATUS_REVOKED) {
        write_revoked(out, said, at);
    } else {
        write_good(out, said);
    }
    if (said->remark != NULL) {
        buffer_printf(out, " %s", said->remark);
    }
    if (said->superseded) {
        buffer_text(out, " A newer one counts instead.");
    }
}

/* ---- the verification's entries ------------------------------------------------------------ */

static struct pki_revocation *add_entry(struct pki_verification *out, size_t *capacity,
                                        size_t certificate)
{
    struct pki_revocation *grown =
        array_grow(out->revocations, capacity, out->revocation_count + 1, sizeof *grown);

    if (grown == NULL) {
        return NULL;
    }
    out->revocations = grown;
    grown[out->revocation_count] = (struct pki_revocation){.certificate = certificate};
    return &grown[out->revocation_count++];
}

static bool write_said(struct pki_revocation *entry, const struct said *said, int64_t at)
{
    struct buffer source = {0}, text = {0};

    if (said->by == SAID_BY_STAPLE) {
        buffer_text(&source, "stapled OCSP response");
    } else {
        said_write_source(&source, said);
    }
    said_write(&text, said, at);
    entry->status = said->status;
    entry->this_update = said->this_update;
    entry->next_update = said->next_update;
    entry->revoked_at = said->status == PKI_STATUS_REVOKED ? said->revoked_at : 0;
    entry->source = buffer_take_string(&source);
    entry->text = buffer_take_string(&text);
    return entry->source != NULL && entry->text != NULL;
}

/* The user gave something, and nothing that was given speaks of this certificate. */
static bool write_nothing(struct pki_revocation *entry)
{
    static const char text[] = "Nothing that was given speaks of this certificate.";

    entry->status = PKI_STATUS_NONE;
    entry->source = text_duplicate("", 0);
    entry->text = text_duplicate(text, sizeof text - 1);
    return entry->source != NULL && entry->text != NULL;
}

static bool write_judgement(struct pki_verification *out, size_t *capacity,
                            const struct judgement *judgement, size_t certificate, bool asked)
{
    struct pki_revocation *entry;

    if (judgement->said == NULL && !asked) {
        return true;
    }
    if (judgement->said == NULL) {
        entry = add_entry(out, capacity, certificate);
        return entry != NULL && write_nothing(entry);
    }
    for (const struct said *said = judgement->said; said != NULL; said = said->next) {
        entry = add_entry(out, capacity, certificate);
        if (entry == NULL || !write_said(entry, said, out->at)) {
            return false;
        }
    }
    return true;
}

/* ---- SCTs of the leaf (RFC 6962 3.3) --------------------------------------------------------- */

static bool write_scts(struct pki_verification *out, const struct search *search)
{
    const struct trial *trial = &search->best;
    struct pki_slice embedded = search->nodes[trial->nodes[0]].x.extension[X509_SCT_LIST].value;
    struct reader wrapped = reader_new(embedded.data, embedded.length);
    const struct judgement *judgement =
        trial->length > 1 ? revocation_judged(search, trial, 0) : NULL;
    const struct said *said = judgement != NULL ? judgement->said : NULL;

    if (embedded.length > 0 &&
        !pki_sct_list_read(&out->scts, &out->sct_count,
                           der_value(&wrapped, DER_OCTET_STRING).content, PKI_SCT_EMBEDDED)) {
        return false;
    }
    if (search->request->scts.length > 0 &&
        !pki_sct_list_read(&out->scts, &out->sct_count, search->request->scts, PKI_SCT_TLS)) {
        return false;
    }
    for (; said != NULL; said = said->next) {
        if (said->by == SAID_BY_STAPLE && said->scts.length > 0 &&
            !pki_sct_list_read(&out->scts, &out->sct_count, said->scts, PKI_SCT_OCSP)) {
            return false;
        }
    }
    return true;
}

bool revocation_write(struct pki_verification *out, const struct search *search,
                      const long *of_node)
{
    const struct trial *trial = &search->best;
    size_t capacity = 0;

    if (search->count == 0 || trial->length == 0 || !search->nodes[trial->nodes[0]].readable) {
        return true;
    }
    for (size_t place = 0; place + 1 < trial->length; place++) {
        const struct judgement *judgement = revocation_judged(search, trial, place);
        long certificate = of_node[trial->nodes[place]];
        if (judgement != NULL && certificate >= 0 &&
            !write_judgement(out, &capacity, judgement, (size_t)certificate,
                             search->request->revocations != NULL)) {
            return false;
        }
    }
    return write_scts(out, search);
}
