/* Certificates as JSON. */
#include <string.h>

#include "parts.h"

struct report_chain part_chain_of(const struct trace_facts *facts)
{
    const struct trace_chain judged = trace_judged(facts);

    return (struct report_chain){
        .certificates = judged.certificates,
        .count = judged.count,
        .verification = facts->verification,
    };
}

const struct pki_certificate *part_certificate_at(const struct report_chain *chain, size_t index,
                                                  struct pki_certificate **read)
{
    const struct pki_verification *verification = chain->verification;

    *read = NULL;
    if (index < chain->count && (verification == NULL || index < verification->sent_count)) {
        return chain->certificates[index];
    }
    *read = pki_certificate_new(verification->certificates[index].data,
                                verification->certificates[index].length);
    return *read;
}

size_t part_certificate_count(const struct report_chain *chain)
{
    const struct pki_verification *verification = chain->verification;

    return verification != NULL ? verification->certificate_count : chain->count;
}

/* ---- roles ---------------------------------------------------------------------------------- */

long part_place_in_path(const struct pki_verification *verification, size_t index)
{
    for (size_t i = 0; i < verification->path_length; i++) {
        if (verification->path[i] == index) {
            return (long)i;
        }
    }
    return -1;
}

const char *part_role(const struct report_chain *chain, size_t index,
                      const struct pki_certificate *certificate)
{
    const struct pki_verification *verification = chain->verification;
    long place = (long)index;

    if (verification != NULL && verification->performed) {
        place = part_place_in_path(verification, index);
        if (place < 0) {
            return "unused";
        }
        if (place > 0 && (size_t)place + 1 == verification->path_length &&
            (index >= verification->sent_count || certificate->self_issued)) {
            return "root";
        }
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

/* ---- one certificate ------------------------------------------------------------------------ */

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

/* Beside the names where one is not UTF-8: the bytes of those that are not, null for the others. */
static void emit_raw_names(struct emit *emit, const struct pki_certificate *certificate)
{
    emit_open(emit, "san_raw", '[');
    for (size_t i = 0; i < certificate->san_count; i++) {
        const char *name = certificate->san[i];
        if (text_is_utf8(name, strlen(name))) {
            emit_null(emit, NULL);
        } else {
            emit_hex(emit, NULL, name, strlen(name));
        }
    }
    emit_close(emit, ']');
}

static void emit_names(struct emit *emit, const struct pki_certificate *certificate)
{
    bool raw = false;

    emit_open(emit, "san", '[');
    for (size_t i = 0; i < certificate->san_count; i++) {
        const char *name = certificate->san[i];
        emit_text(emit, NULL, name);
        raw |= !text_is_utf8(name, strlen(name));
    }
    emit_close(emit, ']');
    if (raw) {
        emit_raw_names(emit, certificate);
    }
}

void part_contents(struct emit *emit, const struct pki_certificate *certificate)
{
    if (certificate->malformed) {
        emit_text(emit, "problem", certificate->problem);
    } else {
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
    emit_hex(emit, "sha256", certificate->sha256, 32);
}

/* One certificate as CONTRACT.md has it. `sent`: by the peer. */
static void emit_certificate(struct emit *emit, const struct pki_certificate *certificate,
                             const char *role, const char *from, bool sent)
{
    emit_open(emit, NULL, '{');
    emit_text(emit, "role", role);
    if (from != NULL) {
        emit_text(emit, "from", from);
    }
    emit_flag(emit, "sent", sent);
    part_contents(emit, certificate);
}

static int emit_member(struct emit *emit, const struct report_chain *chain, size_t index,
                       const char *from, bool full)
{
    const struct pki_verification *verification = chain->verification;
    bool sent = verification == NULL || index < verification->sent_count;
    struct pki_certificate *read;
    const struct pki_certificate *certificate = part_certificate_at(chain, index, &read);
    int status = 0;

    if (certificate == NULL) {
        return -1;
    }
    emit_certificate(emit, certificate, part_role(chain, index, certificate), from, sent);
    if (full) {
        emit_number(emit, "index", index);
        status = part_details(emit, chain, index, certificate);
    }
    emit_close(emit, '}');
    pki_certificate_free(read);
    return status;
}

/* ---- chains --------------------------------------------------------------------------------- */

int part_chain(struct emit *emit, const struct report_chain *chain, const char *from, bool full)
{
    size_t count = part_certificate_count(chain);

    for (size_t i = 0; i < count; i++) {
        if (emit_member(emit, chain, i, from, full) != 0) {
            return -1;
        }
    }
    return emit->out->failed ? -1 : 0;
}

static void emit_unverified(struct emit *emit, const struct pki_certificate *const *certificates,
                            size_t count, enum wire_side from)
{
    for (size_t i = 0; i < count; i++) {
        emit_certificate(emit, certificates[i], part_client_role(i, certificates[i]),
                         wire_side_name(from), true);
        emit_close(emit, '}');
    }
}

int part_certificates(struct emit *emit, const char *key, const struct trace_facts *facts)
{
    const struct report_chain chain = part_chain_of(facts);

    emit_open(emit, key, '[');
    if (part_chain(emit, &chain, wire_side_name(facts->judged), false) != 0) {
        return -1;
    }
    /* Last, since the verification's path counts through those before. */
    if (facts->judged == WIRE_CLIENT) {
        emit_unverified(emit, facts->certificates, facts->certificate_count, WIRE_SERVER);
    } else {
        emit_unverified(emit, facts->client_certificates, facts->client_certificate_count,
                        WIRE_CLIENT);
    }
    for (size_t i = 0; i < facts->earlier_count; i++) {
        const struct trace_chain *earlier = &facts->earlier[i];
        emit_unverified(emit, earlier->certificates, earlier->count, earlier->from);
    }
    emit_close(emit, ']');
    return emit->out->failed ? -1 : 0;
}

json_t *report_certificates_json(const struct trace_facts *facts)
{
    struct buffer out = {0};
    struct emit emit = {.out = &out};

    if (part_certificates(&emit, NULL, facts) != 0) {
        buffer_free(&out);
        return NULL;
    }
    return emit_parse(&out);
}
