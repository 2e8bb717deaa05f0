/*
 * Verifications as JSON, as they stand in the session file:
 *
 *   { "performed", "ok", "hostname_checked", "hostname_ok", "anchored", "strict", "misordered": booleans,
 *     "at", "expires": seconds since 1970, "trust", "purpose": texts, "anchors": number, "name", "gave_up": text or null,
 *     "sent", "paths_tried", "expires_first": numbers, "certificates": [base64 DER],
 *     "members": [ { "origin": "sent|given|store", "anchor", "distrusted", "duplicate_of", "issuer" } ], "path": [indices],
 *     "reasons": [ { "code", "certificate", "text", "mend", "field", "found", "required", "reference", "here" } ],
 *     "alternatives": [ { "path", "anchored", "ok", "reasons" } ],
 *     "revocations": [ { "certificate", "status", "source", "this_update", "next_update", "revoked_at", "text" } ],
 *     "scts": [ { "source", "version", "log_id", "timestamp_ms", "algorithm" } ],
 *     "gnutls": null or { "ok", "text", "difference" } }
 *
 * What follows from the rest is not written. verification_decode.c reads it.
 */
#include <jansson.h>

#include "files/base64.h"
#include "verification.h"
#include "verification_json.h"

static json_t *encode_bytes(struct pki_slice bytes)
{
    struct buffer text = {0};
    json_t *json;

    base64_append(&text, bytes);
    json = json_string(buffer_string(&text)); /* NULL for NULL */
    buffer_free(&text);
    return json;
}

/* Appends to an array, which is NULL after a failure and then stays so. json_array_append_new takes NULL for a failure, too. */
static void append(json_t **array, json_t *value)
{
    if (*array == NULL) {
        json_decref(value);
    } else if (json_array_append_new(*array, value) != 0) {
        json_decref(*array);
        *array = NULL;
    }
}

static json_t *encode_certificates(const struct pki_verification *verification)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < verification->certificate_count; i++) {
        append(&array, encode_bytes(verification->certificates[i]));
    }
    return array;
}

static json_t *encode_members(const struct pki_verification *verification)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < verification->certificate_count; i++) {
        const struct pki_member *member = &verification->members[i];
        append(&array,
               json_pack("{s:s, s:b, s:b, s:I, s:I}", "origin",
                         verification_origins[member->origin], "anchor", member->anchor,
                         "distrusted", member->distrusted, "duplicate_of",
                         (json_int_t)member->duplicate_of, "issuer", (json_int_t)member->issuer));
    }
    return array;
}

static json_t *encode_path(const size_t *path, size_t length)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < length; i++) {
        append(&array, json_integer((json_int_t)path[i]));
    }
    return array;
}

static json_t *encode_reasons(const struct pki_reason *reasons, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < count; i++) {
        const struct pki_reason *reason = &reasons[i];
        append(&array,
               json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "code",
                         pki_reason_name(reason->code), "certificate",
                         (json_int_t)reason->certificate, "text", reason->text, "mend",
                         reason->mend, "field", reason->field, "found", reason->found, "required",
                         reason->required, "reference", reason->reference, "here", reason->here));
    }
    return array;
}

static json_t *encode_alternatives(const struct pki_verification *verification)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < verification->alternative_count; i++) {
        const struct pki_path *path = &verification->alternatives[i];
        append(&array, json_pack("{s:o, s:b, s:b, s:o}", "path",
                                 encode_path(path->certificates, path->length), "anchored",
                                 path->anchored, "ok", path->ok, "reasons",
                                 encode_reasons(path->reasons, path->reason_count)));
    }
    return array;
}

static json_t *encode_revocations(const struct pki_verification *verification)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < verification->revocation_count; i++) {
        const struct pki_revocation *revocation = &verification->revocations[i];
        append(&array,
               json_pack("{s:I, s:s, s:s, s:I, s:I, s:I, s:s}", "certificate",
                         (json_int_t)revocation->certificate, "status",
                         pki_revocation_status_name(revocation->status), "source",
                         revocation->source, "this_update", (json_int_t)revocation->this_update,
                         "next_update", (json_int_t)revocation->next_update, "revoked_at",
                         (json_int_t)revocation->revoked_at, "text", revocation->text));
    }
    return array;
}

static json_t *encode_scts(const struct pki_verification *verification)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < verification->sct_count; i++) {
        const struct pki_sct *sct = &verification->scts[i];
        char id[2 * sizeof sct->log_id + 1];
        append(&array,
               json_pack("{s:s, s:I, s:s, s:I, s:s?}", "source",
                         verification_sct_sources[sct->source], "version", (json_int_t)sct->version,
                         "log_id", text_hex(id, sizeof id, sct->log_id, sizeof sct->log_id),
                         "timestamp_ms", (json_int_t)sct->timestamp_ms, "algorithm",
                         sct->algorithm));
    }
    return array;
}

static json_t *encode_gnutls(const struct pki_verification *verification)
{
    if (!verification->gnutls_performed) {
        return json_null();
    }
    return json_pack("{s:b, s:s, s:s?}", "ok", verification->gnutls_ok, "text",
                     verification->gnutls_text != NULL ? verification->gnutls_text : "",
                     "difference", verification->difference);
}

/* The frame, into which the parts are put. */
static json_t *encode_frame(const struct pki_verification *verification)
{
    return json_pack("{s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:I, s:I, s:s, s:s?, s:I, s:s?, s:s?, "
                     "s:I, s:I, s:I}",
                     "performed", verification->performed, "ok", verification->ok,
                     "hostname_checked", verification->hostname_checked, "hostname_ok",
                     verification->hostname_ok, "anchored", verification->anchored, "strict",
                     verification->strict, "misordered", verification->misordered, "at",
                     (json_int_t)verification->at, "expires", (json_int_t)verification->expires,
                     "trust", verification->trust != NULL ? verification->trust : "none", "purpose",
                     verification->purpose, "anchors", (json_int_t)verification->anchors, "name",
                     verification->name, "gave_up", verification->gave_up, "sent",
                     (json_int_t)verification->sent_count, "paths_tried",
                     (json_int_t)verification->paths_tried, "expires_first",
                     (json_int_t)verification->expires_first);
}

json_t *pki_verification_encode(const struct pki_verification *verification)
{
    json_t *json = encode_frame(verification);
    struct {
        const char *key;
        json_t *value;
    } parts[] = {
        {"certificates", encode_certificates(verification)},
        {"members", encode_members(verification)},
        {"path", encode_path(verification->path, verification->path_length)},
        {"reasons", encode_reasons(verification->reasons, verification->reason_count)},
        {"alternatives", encode_alternatives(verification)},
        {"revocations", encode_revocations(verification)},
        {"scts", encode_scts(verification)},
        {"gnutls", encode_gnutls(verification)},
    };

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (json == NULL) {
            json_decref(parts[i].value);
        } else if (json_object_set_new(json, parts[i].key, parts[i].value) != 0) {
            json_decref(json);
            json = NULL;
        }
    }
    return json;
}
