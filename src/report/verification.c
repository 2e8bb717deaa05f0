/* The verdict on certificates as JSON, and in a few words. */
#include "parts.h"

static void emit_index(struct emit *emit, const char *key, long index)
{
    if (index < 0) {
        emit_null(emit, key);
    } else {
        emit_number(emit, key, (uint64_t)index);
    }
}

static void emit_path(struct emit *emit, const size_t *path, size_t length)
{
    emit_open(emit, "path", '[');
    for (size_t i = 0; i < length; i++) {
        emit_number(emit, NULL, path[i]);
    }
    emit_close(emit, ']');
}

static void emit_reasons(struct emit *emit, const struct pki_reason *reasons, size_t count)
{
    emit_open(emit, "reasons", '[');
    for (size_t i = 0; i < count; i++) {
        const struct pki_reason *reason = &reasons[i];
        emit_open(emit, NULL, '{');
        emit_text(emit, "code", pki_reason_name(reason->code));
        emit_index(emit, "certificate", reason->certificate);
        emit_text(emit, "text", reason->text);
        emit_text(emit, "mend", reason->mend);
        emit_text_given(emit, "field", reason->field);
        emit_text_given(emit, "found", reason->found);
        emit_text_given(emit, "required", reason->required);
        emit_text(emit, "reference", pki_reason_rule(reason));
        emit_text_given(emit, "here", reason->here);
        emit_close(emit, '}');
    }
    emit_close(emit, ']');
}

static void emit_alternatives(struct emit *emit, const struct pki_verification *verification)
{
    emit_open(emit, "alternatives", '[');
    for (size_t i = 0; i < verification->alternative_count; i++) {
        const struct pki_path *path = &verification->alternatives[i];
        emit_open(emit, NULL, '{');
        emit_path(emit, path->certificates, path->length);
        emit_flag(emit, "anchored", path->anchored);
        emit_flag(emit, "ok", path->ok);
        emit_reasons(emit, path->reasons, path->reason_count);
        emit_close(emit, '}');
    }
    emit_close(emit, ']');
}

static void emit_time_or_null(struct emit *emit, const char *key, int64_t seconds)
{
    if (seconds == 0) {
        emit_null(emit, key);
    } else {
        emit_time(emit, key, seconds);
    }
}

static void emit_revocation(struct emit *emit, const struct pki_verification *verification)
{
    emit_open(emit, "revocation", '[');
    for (size_t i = 0; i < verification->revocation_count; i++) {
        const struct pki_revocation *entry = &verification->revocations[i];
        emit_open(emit, NULL, '{');
        emit_number(emit, "certificate", entry->certificate);
        emit_text(emit, "status", pki_revocation_status_name(entry->status));
        emit_text(emit, "source", entry->source);
        emit_time_or_null(emit, "this_update", entry->this_update);
        emit_time_or_null(emit, "next_update", entry->next_update);
        emit_time_or_null(emit, "revoked_at", entry->revoked_at);
        emit_text(emit, "text", entry->text);
        emit_close(emit, '}');
    }
    emit_close(emit, ']');
}

static void emit_gnutls(struct emit *emit, const struct pki_verification *verification)
{
    if (!verification->gnutls_performed) {
        return;
    }
    emit_open(emit, "gnutls", '{');
    emit_flag(emit, "ok", verification->gnutls_ok);
    emit_text(emit, "text", verification->gnutls_text);
    emit_text(emit, "difference", verification->difference);
    emit_close(emit, '}');
}

static void emit_expires(struct emit *emit, const struct pki_verification *verification)
{
    if (verification->expires == 0) {
        return;
    }
    emit_open(emit, "expires", '{');
    emit_time(emit, "at", verification->expires);
    emit_index(emit, "certificate", verification->expires_first);
    emit_close(emit, '}');
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
    emit_path(emit, verification->path, verification->path_length);
    emit_flag(emit, "anchored", verification->anchored);
    emit_time(emit, "at", verification->at);
    emit_reasons(emit, verification->reasons, verification->reason_count);
    emit_open(emit, "trust", '{');
    emit_text(emit, "name", verification->trust);
    emit_number(emit, "anchors", verification->anchors);
    emit_close(emit, '}');
    emit_text_given(emit, "purpose", verification->purpose);
    emit_flag(emit, "strict", verification->strict);
    emit_flag(emit, "misordered", verification->misordered);
    emit_alternatives(emit, verification);
    emit_text_given(emit, "gave_up", verification->gave_up);
    emit_expires(emit, verification);
    emit_revocation(emit, verification);
    part_scts(emit, "scts", verification->scts, verification->sct_count);
    emit_gnutls(emit, verification);
}

static void emit_no_verdict(struct emit *emit)
{
    emit_flag(emit, "performed", false);
    emit_null(emit, "ok");
    emit_null(emit, "hostname_ok");
    emit_path(emit, NULL, 0);
    emit_null(emit, "at");
    emit_reasons(emit, NULL, 0);
}

void part_verification(struct emit *emit, const char *key,
                       const struct pki_verification *verification)
{
    emit_open(emit, key, '{');
    if (verification != NULL && verification->performed) {
        emit_verdict(emit, verification);
    } else {
        emit_no_verdict(emit);
    }
    emit_close(emit, '}');
}

void part_outcome(struct buffer *out, bool ok, const struct pki_reason *reasons, size_t count)
{
    buffer_text(out, ok ? "accepted" : "refused");
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "%s%s", i > 0 ? ", " : ": ", pki_reason_name(reasons[i].code));
    }
}
