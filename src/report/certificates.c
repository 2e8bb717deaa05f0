/* Certificates and their verification as JSON. */
#include <stdlib.h>
#include <string.h>

#include "parts.h"

static bool in_path(const struct pki_verification *verification, size_t index, size_t *place)
{
    for (size_t i = 0; i < verification->path_length; i++) {
        if (verification->path[i] == index) {
            *place = i;
            return true;
        }
    }
    return false;
}

const char *part_role(const struct trace_facts *facts, size_t index,
                      const struct pki_certificate *certificate)
{
    const struct pki_verification *verification = facts->verification;
    size_t place = index;

    if (verification != NULL && verification->performed) {
        if (!in_path(verification, index, &place))
            return "unused";
        if (place > 0 && place + 1 == verification->path_length &&
            (index >= verification->sent_count || certificate->self_issued))
            return "root";
    } else if (place > 0 && certificate->self_issued) {
        return "root";
    }
    return place == 0 ? "leaf" : "intermediate";
}

const char *part_client_role(size_t index, const struct pki_certificate *certificate)
{
    if (index == 0) {
        return "leaf";
    }
    return certificate->self_issued ? "root" : "intermediate";
}

static void emit_key(struct emit *emit, const struct pki_certificate *certificate)
{
    emit_open(emit, "key", '{');
    emit_text(emit, "type", certificate->key_type);
    emit_number(emit, "bits", certificate->key_bits);
    if (certificate->key_curve != NULL) {
        emit_text(emit, "curve", certificate->key_curve);
    }
    emit_close(emit, '}');
}

static void emit_names(struct emit *emit, const struct pki_certificate *certificate)
{
    emit_open(emit, "san", '[');
    for (size_t i = 0; i < certificate->san_count; i++) {
        emit_text(emit, NULL, certificate->san[i]);
    }
    emit_close(emit, ']');
}

static void emit_contents(struct emit *emit, const struct pki_certificate *certificate)
{
    if (certificate->malformed) {
        emit_text(emit, "problem", certificate->problem);
        return;
    }
    emit_text_raw(emit, "subject", certificate->subject);
    emit_text_raw(emit, "issuer", certificate->issuer);
    emit_text(emit, "serial", certificate->serial);
    emit_time(emit, "not_before", certificate->not_before);
    emit_time(emit, "not_after", certificate->not_after);
    emit_names(emit, certificate);
    emit_key(emit, certificate);
    emit_text_raw(emit, "signature_algorithm", certificate->signature_algorithm);
    emit_hex(emit, "spki_sha256", certificate->spki_sha256, 32);
}

/* One certificate as CONTRACT.md has it. `sent`: by the peer. */
static void emit_certificate(struct emit *emit, const struct pki_certificate *certificate,
                             const char *role, enum wire_side from, bool sent)
{
    emit_open(emit, NULL, '{');
    emit_text(emit, "role", role);
    emit_text(emit, "from", wire_side_name(from));
    emit_flag(emit, "sent", sent);
    emit_contents(emit, certificate);
    emit_hex(emit, "sha256", certificate->sha256, 32);
    emit_close(emit, '}');
}

/* Certificates of the verification that came from the trust store. */
static int emit_stored(struct emit *emit, const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;
    if (verification == NULL) {
        return 0;
    }
    for (size_t i = verification->sent_count; i < verification->certificate_count; i++) {
        const struct pki_slice *der = &verification->certificates[i];
        struct pki_certificate *certificate = pki_certificate_new(der->data, der->length);
        if (certificate == NULL) {
            return -1;
        }
        emit_certificate(emit, certificate, part_role(facts, i, certificate), WIRE_SERVER, false);
        pki_certificate_free(certificate);
    }
    return 0;
}

/* Those of handshakes that were followed by another one. */
static void emit_earlier(struct emit *emit, const struct trace_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        const struct pki_certificate *certificate = chain->certificates[i];
        emit_certificate(emit, certificate, part_client_role(i, certificate), chain->from, true);
    }
}

int part_certificates(struct emit *emit, const char *key, const struct trace_facts *facts)
{
    emit_open(emit, key, '[');
    for (size_t i = 0; i < facts->certificate_count; i++) {
        const struct pki_certificate *certificate = facts->certificates[i];
        emit_certificate(emit, certificate, part_role(facts, i, certificate), WIRE_SERVER, true);
    }
    if (emit_stored(emit, facts) != 0) {
        return -1;
    }
    /* Last, since the verification's path counts through those before. */
    for (size_t i = 0; i < facts->client_certificate_count; i++) {
        const struct pki_certificate *certificate = facts->client_certificates[i];
        emit_certificate(emit, certificate, part_client_role(i, certificate), WIRE_CLIENT, true);
    }
    for (size_t i = 0; i < facts->earlier_count; i++) {
        emit_earlier(emit, &facts->earlier[i]);
    }
    emit_close(emit, ']');
    return emit->out->failed ? -1 : 0;
}

json_t *report_certificates_json(struct trace *trace, size_t cursor)
{
    const struct trace_facts *facts = trace_facts(trace, cursor);
    struct buffer out = {0};
    struct emit emit = {.out = &out};

    if (facts == NULL || part_certificates(&emit, NULL, facts) != 0) {
        buffer_free(&out);
        return NULL;
    }
    return emit_parse(&out);
}

/* ---- the verdict ---- */

static void emit_reasons(struct emit *emit, const struct pki_verification *verification)
{
    emit_open(emit, "reasons", '[');
    for (size_t i = 0; i < verification->reason_count; i++) {
        const struct pki_reason *reason = &verification->reasons[i];
        emit_open(emit, NULL, '{');
        emit_text(emit, "code", pki_reason_name(reason->code));
        if (reason->certificate < 0) {
            emit_null(emit, "certificate");
        } else {
            emit_number(emit, "certificate", (uint64_t)reason->certificate);
        }
        emit_text(emit, "text", reason->text);
        emit_text(emit, "mend", reason->mend);
        emit_close(emit, '}');
    }
    emit_close(emit, ']');
}

static void emit_verdict(struct emit *emit, const struct pki_verification *verification)
{
    emit_flag(emit, "performed", true);
    emit_flag(emit, "ok", verification->ok);
    if (verification->hostname_checked) {
        emit_flag(emit, "hostname_ok", verification->hostname_ok);
    } else {
        emit_null(emit, "hostname_ok");
    }
    emit_text(emit, "name", verification->name);
    emit_open(emit, "path", '[');
    for (size_t i = 0; i < verification->path_length; i++) {
        emit_number(emit, NULL, verification->path[i]);
    }
    emit_close(emit, ']');
    emit_time(emit, "at", verification->at);
    emit_reasons(emit, verification);
    emit_open(emit, "trust", '{');
    emit_text(emit, "name", verification->trust);
    emit_number(emit, "anchors", verification->anchors);
    emit_close(emit, '}');
}

static void emit_no_verdict(struct emit *emit)
{
    emit_flag(emit, "performed", false);
    emit_null(emit, "ok");
    emit_null(emit, "hostname_ok");
    emit_open(emit, "path", '[');
    emit_close(emit, ']');
    emit_null(emit, "at");
    emit_open(emit, "reasons", '[');
    emit_close(emit, ']');
}

void part_verification(struct emit *emit, const char *key, const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;

    emit_open(emit, key, '{');
    if (verification != NULL && verification->performed) {
        emit_verdict(emit, verification);
    } else {
        emit_no_verdict(emit);
    }
    emit_close(emit, '}');
}
