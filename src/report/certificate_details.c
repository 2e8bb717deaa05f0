/* What certs --json says of a certificate beyond the report: extensions, addresses, timestamps, lint. */
#include "parts.h"

static void emit_strings(struct emit *emit, const char *key, char *const *strings, size_t count)
{
    emit_open(emit, key, '[');
    for (size_t i = 0; i < count; i++) {
        emit_text(emit, NULL, strings[i]);
    }
    emit_close(emit, ']');
}

static void emit_extensions(struct emit *emit, const struct pki_details *details)
{
    emit_open(emit, "extensions", '[');
    for (size_t i = 0; i < details->extension_count; i++) {
        const struct pki_extension *extension = &details->extensions[i];
        emit_open(emit, NULL, '{');
        emit_text(emit, "oid", extension->oid);
        emit_text(emit, "name", extension->name);
        emit_flag(emit, "critical", extension->critical);
        emit_text(emit, "text", extension->text);
        emit_hex(emit, "value", extension->value.data, extension->value.length);
        emit_close(emit, '}');
    }
    emit_close(emit, ']');
}

void part_scts(struct emit *emit, const char *key, const struct pki_sct *scts, size_t count)
{
    static const char *const sources[] = {
        [PKI_SCT_EMBEDDED] = "embedded", [PKI_SCT_TLS] = "tls", [PKI_SCT_OCSP] = "ocsp"};
    char time[48];

    emit_open(emit, key, '[');
    for (size_t i = 0; i < count; i++) {
        const struct pki_sct *sct = &scts[i];
        emit_open(emit, NULL, '{');
        emit_text(emit, "source", sources[sct->source]);
        emit_number(emit, "version", sct->version + 1);
        emit_hex(emit, "log_id", sct->log_id, sizeof sct->log_id);
        emit_text(emit, "log", sct->log);
        emit_text(emit, "operator", sct->operator);
        /* Whoever made it may have written any number: no overflow. */
        emit_text(emit, "time",
                  sct->timestamp_ms > INT64_MAX / 1000000 || sct->timestamp_ms < 0
                      ? NULL
                      : time_rfc3339_ms(time, sizeof time, sct->timestamp_ms * 1000000));
        emit_text(emit, "signature_algorithm", sct->algorithm);
        emit_close(emit, '}');
    }
    emit_close(emit, ']');
}

static void emit_details(struct emit *emit, const struct pki_details *details)
{
    emit_number(emit, "version", details->version);
    emit_text(emit, "pin", details->pin);
    if (details->exponent != NULL) {
        emit_text(emit, "exponent", details->exponent);
    }
    emit_text(emit, "validation", details->validation);
    emit_flag(emit, "must_staple", details->must_staple);
    emit_strings(emit, "policies", details->policies, details->policy_count);
    emit_strings(emit, "ocsp", details->ocsp, details->ocsp_count);
    emit_strings(emit, "ca_issuers", details->issuers, details->issuer_count);
    emit_strings(emit, "crls", details->crls, details->crl_count);
    part_scts(emit, "scts", details->scts, details->sct_count);
    emit_extensions(emit, details);
}

/* ---- lint ----------------------------------------------------------------------------------- */

/* Who stands above a certificate in the path; else its best known issuer. */
static struct pki_slice issuer_of(const struct pki_verification *verification, size_t index,
                                  long place)
{
    long issuer = -1;

    if (place >= 0 && (size_t)place + 1 < verification->path_length) {
        issuer = (long)verification->path[place + 1];
    } else if (verification->members != NULL) {
        issuer = verification->members[index].issuer;
    }
    return issuer >= 0 ? verification->certificates[issuer] : (struct pki_slice){0};
}

/* By what it says itself. */
static enum pki_place place_by_itself(const struct pki_certificate *certificate)
{
    if (certificate->malformed || !certificate->is_ca) {
        return PKI_LEAF;
    }
    return certificate->self_issued ? PKI_ROOT : PKI_INTERMEDIATE;
}

struct report_standing report_standing(const struct pki_verification *verification, size_t index,
                                       const struct pki_certificate *certificate)
{
    struct report_standing standing = {.place = place_by_itself(certificate)};

    if (verification == NULL || !verification->performed ||
        index >= verification->certificate_count) {
        return standing;
    }
    long place = part_place_in_path(verification, index);
    bool top = verification->anchored && place + 1 == (long)verification->path_length;

    standing.issuer = issuer_of(verification, index, place);
    if (index == 0 || place == 0) {
        standing.place = PKI_LEAF;
    } else if (place > 0 && top) {
        standing.place = PKI_ROOT;
    } else if (place > 0 && standing.place == PKI_LEAF) {
        standing.place = PKI_INTERMEDIATE; /* it was used as one */
    } else if (standing.place == PKI_ROOT && standing.issuer.length > 0) {
        standing.place = PKI_INTERMEDIATE; /* its name's other key has signed it */
    }
    return standing;
}

int part_lint(struct pki_lint **list, size_t *count, const struct pki_verification *verification,
              size_t index, const struct pki_certificate *certificate)
{
    *list = NULL;
    *count = 0;
    if (verification == NULL || !verification->performed) {
        return 0;
    }
    const struct report_standing standing = report_standing(verification, index, certificate);
    return pki_lint(list, count, certificate->der, standing.place, standing.issuer,
                    verification->at);
}

static int emit_lint(struct emit *emit, const struct pki_verification *verification, size_t index,
                     const struct pki_certificate *certificate)
{
    struct pki_lint *list;
    size_t count;

    if (part_lint(&list, &count, verification, index, certificate) != 0) {
        return -1;
    }
    emit_open(emit, "lint", '[');
    for (size_t i = 0; i < count; i++) {
        emit_open(emit, NULL, '{');
        emit_text(emit, "id", list[i].id);
        emit_text(emit, "level", pki_lint_level_name(list[i].level));
        emit_text(emit, "source", list[i].source);
        emit_text(emit, "text", list[i].text);
        emit_close(emit, '}');
    }
    emit_close(emit, ']');
    pki_lint_free(list, count);
    return 0;
}

/* ---- where it comes from ---------------------------------------------------------------------- */

static void emit_member(struct emit *emit, const struct pki_verification *verification,
                        size_t index)
{
    static const char *const origins[] = {
        [PKI_SENT] = "sent", [PKI_GIVEN] = "given", [PKI_STORE] = "store"};

    if (verification == NULL || verification->members == NULL) {
        return;
    }
    const struct pki_member *member = &verification->members[index];
    emit_text(emit, "origin", origins[member->origin]);
    emit_flag(emit, "anchor", member->anchor);
    emit_flag(emit, "distrusted", member->distrusted);
    emit_flag(emit, "in_path", member->in_path);
    emit_flag(emit, "in_other_path", member->in_any && !member->in_path);
    if (member->duplicate_of >= 0) {
        emit_number(emit, "duplicate_of", (uint64_t)member->duplicate_of);
    }
}

int part_details(struct emit *emit, const struct report_chain *chain, size_t index,
                 const struct pki_certificate *certificate)
{
    emit_member(emit, chain->verification, index);
    if (!certificate->malformed) {
        struct pki_details *details = pki_details_new(certificate);
        if (details == NULL) {
            return -1;
        }
        emit_details(emit, details);
        pki_details_free(details);
    }
    return emit_lint(emit, chain->verification, index, certificate);
}
