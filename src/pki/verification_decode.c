/*
 * Verifications from the session file, as verification_encode.c writes them. The file may come from anyone: what is read is checked,
 * and texts are made safe again. Files of older versions have less in them; what is missing there is not known.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "files/base64.h"
#include "sct.h"
#include "tlstep/wire.h"
#include "verification.h"
#include "verification_json.h"

const char *const verification_origins[VERIFICATION_ORIGINS] = {
    [PKI_SENT] = "sent",
    [PKI_GIVEN] = "given",
    [PKI_STORE] = "store",
};
const char *const verification_sct_sources[VERIFICATION_SCT_SOURCES] = {
    [PKI_SCT_EMBEDDED] = "embedded",
    [PKI_SCT_TLS] = "tls",
    [PKI_SCT_OCSP] = "ocsp",
};

enum decoded { DECODED, NOT_A_VERIFICATION, OUT_OF_MEMORY };

/* One text, made safe; `*out` NULL when memory ran out. */
static enum decoded decode_text(const json_t *json, char **out)
{
    if (!json_is_string(json) || strlen(json_string_value(json)) != json_string_length(json)) {
        return NOT_A_VERIFICATION;
    }
    *out = verification_text(json_string_value(json));
    return *out != NULL ? DECODED : OUT_OF_MEMORY;
}

/* A text that may be absent or null, which leaves NULL, or `otherwise` where that is given. */
static enum decoded decode_optional(const json_t *json, const char *otherwise, char **out)
{
    if (json != NULL && !json_is_null(json)) {
        return decode_text(json, out);
    }
    if (otherwise != NULL) {
        *out = verification_text(otherwise);
        return *out != NULL ? DECODED : OUT_OF_MEMORY;
    }
    return DECODED;
}

static bool decode_size(const json_t *json, size_t *out)
{
    if (!json_is_integer(json) || json_integer_value(json) < 0) {
        return false;
    }
    *out = (size_t)json_integer_value(json);
    return true;
}

/* An index below `count`, or -1. */
static bool decode_index(const json_t *json, size_t count, long *out)
{
    json_int_t value = json_integer_value(json);

    if (!json_is_integer(json) || value < -1 || (value >= 0 && (size_t)value >= count)) {
        return false;
    }
    *out = (long)value;
    return true;
}

static bool decode_flag(const json_t *json, bool *out)
{
    *out = json_is_true(json);
    return json_is_boolean(json);
}

static bool decode_time(const json_t *json, int64_t *out)
{
    *out = json_integer_value(json);
    return json_is_integer(json);
}

/* Which of `names` a text is, or -1. */
static long decode_word(const json_t *json, const char *const *names, size_t count)
{
    for (size_t i = 0; json_is_string(json) && i < count; i++) {
        if (strcmp(json_string_value(json), names[i]) == 0) {
            return (long)i;
        }
    }
    return -1;
}

/* ---- the frame ------------------------------------------------------------------------- */

static enum decoded decode_frame(struct pki_verification *out, const json_t *json)
{
    const struct {
        const char *key;
        bool *value;
    } flags[] = {
        {"performed", &out->performed},     {"ok", &out->ok},
        {"hostname_ok", &out->hostname_ok}, {"hostname_checked", &out->hostname_checked},
        {"anchored", &out->anchored},
    };
    enum decoded result;

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (!decode_flag(json_object_get(json, flags[i].key), flags[i].value)) {
            return NOT_A_VERIFICATION;
        }
    }
    if (!decode_time(json_object_get(json, "at"), &out->at) ||
        !decode_size(json_object_get(json, "anchors"), &out->anchors) ||
        !decode_size(json_object_get(json, "sent"), &out->sent_count)) {
        return NOT_A_VERIFICATION;
    }
    /* Not in older files. */
    (void)decode_flag(json_object_get(json, "strict"), &out->strict);
    (void)decode_flag(json_object_get(json, "misordered"), &out->misordered);
    (void)decode_size(json_object_get(json, "paths_tried"), &out->paths_tried);
    (void)decode_time(json_object_get(json, "expires"), &out->expires);
    result = json_object_get(json, "name") != NULL ? DECODED : NOT_A_VERIFICATION;
    if (result == DECODED) {
        result = decode_optional(json_object_get(json, "name"), NULL, &out->name);
    }
    if (result == DECODED) {
        result = decode_optional(json_object_get(json, "purpose"), "server", &out->purpose);
    }
    if (result == DECODED) {
        result = decode_optional(json_object_get(json, "gave_up"), NULL, &out->gave_up);
    }
    return result != DECODED ? result : decode_text(json_object_get(json, "trust"), &out->trust);
}

/* ---- certificates ---------------------------------------------------------------------- */

/* Decodes all certificates into one buffer, then copies them where they belong. */
static enum decoded decode_certificates(struct pki_verification *out, const json_t *array)
{
    size_t count = json_array_size(array);
    struct pki_slice *slices = calloc(count + 1, sizeof *slices);
    struct buffer bytes = {0};
    enum decoded result = slices != NULL ? DECODED : OUT_OF_MEMORY;

    if (!json_is_array(array) || out->sent_count > count) {
        result = NOT_A_VERIFICATION;
    }
    for (size_t i = 0; i < count && result == DECODED; i++) {
        const json_t *text = json_array_get(array, i);
        struct pki_slice body = {(const uint8_t *)json_string_value(text),
                                 json_string_length(text)};
        long length;
        if (!json_is_string(text)) {
            result = NOT_A_VERIFICATION;
        } else if (!buffer_reserve(&bytes, BASE64_BYTES_MAX(body.length))) {
            result = OUT_OF_MEMORY;
        } else if ((length = base64_decode(bytes.data + bytes.length, body)) < 0) {
            result = NOT_A_VERIFICATION;
        } else {
            slices[i].length = (size_t)length;
            bytes.length += (size_t)length;
        }
    }
    /* The buffer moves while it grows: where each one stands is known only now. */
    for (size_t i = 0, offset = 0; i < count && result == DECODED; i++) {
        slices[i].data = bytes.data + offset;
        offset += slices[i].length;
    }
    if (result == DECODED && !verification_set_certificates(out, slices, count)) {
        result = OUT_OF_MEMORY;
    }
    buffer_free(&bytes);
    free(slices);
    return result;
}

static enum decoded decode_members(struct pki_verification *out, const json_t *array)
{
    if (array == NULL) {
        return DECODED;
    }
    if (json_array_size(array) != out->certificate_count) {
        return NOT_A_VERIFICATION;
    }
    for (size_t i = 0; i < out->certificate_count; i++) {
        const json_t *json = json_array_get(array, i);
        struct pki_member *member = &out->members[i];
        long origin = decode_word(json_object_get(json, "origin"), verification_origins,
                                  VERIFICATION_ORIGINS);
        if (origin < 0 || !decode_flag(json_object_get(json, "anchor"), &member->anchor) ||
            !decode_flag(json_object_get(json, "distrusted"), &member->distrusted) ||
            !decode_index(json_object_get(json, "duplicate_of"), i, &member->duplicate_of) ||
            !decode_index(json_object_get(json, "issuer"), out->certificate_count,
                          &member->issuer)) {
            return NOT_A_VERIFICATION;
        }
        member->origin = (enum pki_origin)origin;
    }
    return DECODED;
}

/* ---- paths and reasons ----------------------------------------------------------------- */

static enum decoded decode_reason(struct pki_reason *out, const json_t *json, size_t certificates)
{
    const struct {
        const char *key;
        char **text;
        bool always; /* older files have only these */
    } texts[] = {
        {"text", &out->text, true},          {"mend", &out->mend, true},
        {"field", &out->field, false},       {"found", &out->found, false},
        {"required", &out->required, false}, {"reference", &out->reference, false},
        {"here", &out->here, false},
    };
    const json_t *code = json_object_get(json, "code");
    long number = json_is_string(code) ? pki_reason_from_name(json_string_value(code)) : -1;
    enum decoded result = DECODED;

    if (number < 0 ||
        !decode_index(json_object_get(json, "certificate"), certificates, &out->certificate)) {
        return NOT_A_VERIFICATION;
    }
    out->code = (enum pki_reason_code)number;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0] && result == DECODED; i++) {
        const json_t *text = json_object_get(json, texts[i].key);
        result = texts[i].always ? decode_text(text, texts[i].text)
                                 : decode_optional(text, "", texts[i].text);
    }
    return result;
}

static enum decoded decode_reasons(struct pki_reason **reasons, size_t *count, const json_t *array,
                                   size_t certificates)
{
    enum decoded result = DECODED;

    if (!json_is_array(array)) {
        return NOT_A_VERIFICATION;
    }
    if (!verification_make_reasons(reasons, count, json_array_size(array))) {
        return OUT_OF_MEMORY;
    }
    for (size_t i = 0; i < *count && result == DECODED; i++) {
        result = decode_reason(&(*reasons)[i], json_array_get(array, i), certificates);
    }
    return result;
}

static enum decoded decode_path(size_t **path, size_t *length, const json_t *array,
                                size_t certificates)
{
    if (!json_is_array(array)) {
        return NOT_A_VERIFICATION;
    }
    if (!verification_make_path(path, length, json_array_size(array))) {
        return OUT_OF_MEMORY;
    }
    for (size_t i = 0; i < *length; i++) {
        if (!decode_size(json_array_get(array, i), &(*path)[i]) || (*path)[i] >= certificates) {
            return NOT_A_VERIFICATION;
        }
    }
    return DECODED;
}

static enum decoded decode_alternatives(struct pki_verification *out, const json_t *array)
{
    enum decoded result = DECODED;

    if (array == NULL) {
        return DECODED;
    }
    if (!json_is_array(array) || json_array_size(array) > PKI_ALTERNATIVES_MAX) {
        return NOT_A_VERIFICATION;
    }
    if (!verification_make_alternatives(out, json_array_size(array))) {
        return OUT_OF_MEMORY;
    }
    for (size_t i = 0; i < out->alternative_count && result == DECODED; i++) {
        const json_t *json = json_array_get(array, i);
        struct pki_path *path = &out->alternatives[i];
        if (!decode_flag(json_object_get(json, "anchored"), &path->anchored) ||
            !decode_flag(json_object_get(json, "ok"), &path->ok)) {
            return NOT_A_VERIFICATION;
        }
        result = decode_path(&path->certificates, &path->length, json_object_get(json, "path"),
                             out->certificate_count);
        if (result == DECODED) {
            result = decode_reasons(&path->reasons, &path->reason_count,
                                    json_object_get(json, "reasons"), out->certificate_count);
        }
    }
    return result;
}

static enum decoded decode_paths(struct pki_verification *out, const json_t *json)
{
    enum decoded result = decode_path(&out->path, &out->path_length, json_object_get(json, "path"),
                                      out->certificate_count);

    if (result == DECODED) {
        result = decode_reasons(&out->reasons, &out->reason_count, json_object_get(json, "reasons"),
                                out->certificate_count);
    }
    if (result == DECODED) {
        result = decode_alternatives(out, json_object_get(json, "alternatives"));
    }
    if (result == DECODED) {
        (void)decode_index(json_object_get(json, "expires_first"), out->certificate_count,
                           &out->expires_first);
        verification_mark_paths(out);
    }
    return result;
}

/* ---- what else was known --------------------------------------------------------------- */

static long decode_status(const json_t *json)
{
    static const enum pki_revocation_status all[] = {PKI_STATUS_NONE, PKI_STATUS_GOOD,
                                                     PKI_STATUS_REVOKED, PKI_STATUS_UNKNOWN};
    const char *names[sizeof all / sizeof all[0]];

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        names[i] = pki_revocation_status_name(all[i]);
    }
    return decode_word(json, names, sizeof all / sizeof all[0]);
}

static enum decoded decode_revocation(struct pki_revocation *out, const json_t *json,
                                      size_t certificates)
{
    long status = decode_status(json_object_get(json, "status"));
    enum decoded result;

    if (status < 0 || !decode_size(json_object_get(json, "certificate"), &out->certificate) ||
        out->certificate >= certificates ||
        !decode_time(json_object_get(json, "this_update"), &out->this_update) ||
        !decode_time(json_object_get(json, "next_update"), &out->next_update) ||
        !decode_time(json_object_get(json, "revoked_at"), &out->revoked_at)) {
        return NOT_A_VERIFICATION;
    }
    out->status = (enum pki_revocation_status)status;
    result = decode_text(json_object_get(json, "source"), &out->source);
    return result != DECODED ? result : decode_text(json_object_get(json, "text"), &out->text);
}

static enum decoded decode_revocations(struct pki_verification *out, const json_t *array)
{
    enum decoded result = DECODED;

    if (array == NULL) {
        return DECODED;
    }
    if (!json_is_array(array)) {
        return NOT_A_VERIFICATION;
    }
    out->revocations = calloc(json_array_size(array) + 1, sizeof *out->revocations);
    if (out->revocations == NULL) {
        return OUT_OF_MEMORY;
    }
    out->revocation_count = json_array_size(array);
    for (size_t i = 0; i < out->revocation_count && result == DECODED; i++) {
        result = decode_revocation(&out->revocations[i], json_array_get(array, i),
                                   out->certificate_count);
    }
    return result;
}

/* A timestamp's names are those of our list and of the registry, not the file's. */
static void name_sct(struct pki_sct *out, const json_t *algorithm)
{
    long scheme = json_is_string(algorithm) ? wire_registry_value(WIRE_REGISTRY_SIGNATURE_SCHEME,
                                                                  json_string_value(algorithm))
                                            : -1;

    sct_name_log(out);
    if (scheme >= 0) {
        out->algorithm = wire_registry_name(WIRE_REGISTRY_SIGNATURE_SCHEME, (uint32_t)scheme);
    }
}

static enum decoded decode_sct(struct pki_sct *out, const json_t *json)
{
    const json_t *id = json_object_get(json, "log_id");
    long source = decode_word(json_object_get(json, "source"), verification_sct_sources,
                              VERIFICATION_SCT_SOURCES);
    size_t version;

    if (source < 0 || !decode_size(json_object_get(json, "version"), &version) || version > 255 ||
        !json_is_string(id) ||
        text_unhex(out->log_id, sizeof out->log_id, json_string_value(id),
                   json_string_length(id)) != (long)sizeof out->log_id ||
        !decode_time(json_object_get(json, "timestamp_ms"), &out->timestamp_ms)) {
        return NOT_A_VERIFICATION;
    }
    out->source = (enum pki_sct_source)source;
    out->version = (unsigned)version;
    name_sct(out, json_object_get(json, "algorithm"));
    return DECODED;
}

static enum decoded decode_scts(struct pki_verification *out, const json_t *array)
{
    enum decoded result = DECODED;

    if (array == NULL) {
        return DECODED;
    }
    if (!json_is_array(array)) {
        return NOT_A_VERIFICATION;
    }
    out->scts = calloc(json_array_size(array) + 1, sizeof *out->scts);
    if (out->scts == NULL) {
        return OUT_OF_MEMORY;
    }
    out->sct_count = json_array_size(array);
    for (size_t i = 0; i < out->sct_count && result == DECODED; i++) {
        result = decode_sct(&out->scts[i], json_array_get(array, i));
    }
    return result;
}

static enum decoded decode_gnutls(struct pki_verification *out, const json_t *json)
{
    enum decoded result;

    if (json == NULL || json_is_null(json)) {
        return DECODED;
    }
    if (!decode_flag(json_object_get(json, "ok"), &out->gnutls_ok)) {
        return NOT_A_VERIFICATION;
    }
    out->gnutls_performed = true;
    result = decode_text(json_object_get(json, "text"), &out->gnutls_text);
    return result != DECODED
               ? result
               : decode_optional(json_object_get(json, "difference"), NULL, &out->difference);
}

static enum decoded decode_all(struct pki_verification *out, const json_t *json)
{
    enum decoded result = decode_frame(out, json);

    if (result == DECODED) {
        result = decode_certificates(out, json_object_get(json, "certificates"));
    }
    if (result == DECODED) {
        result = decode_members(out, json_object_get(json, "members"));
    }
    if (result == DECODED) {
        result = decode_paths(out, json);
    }
    if (result == DECODED) {
        result = decode_revocations(out, json_object_get(json, "revocations"));
    }
    if (result == DECODED) {
        result = decode_scts(out, json_object_get(json, "scts"));
    }
    return result != DECODED ? result : decode_gnutls(out, json_object_get(json, "gnutls"));
}

struct pki_verification *pki_verification_decode(const json_t *json, struct err *err)
{
    struct pki_verification *out = verification_new();
    enum decoded result = out != NULL ? decode_all(out, json) : OUT_OF_MEMORY;

    if (result == DECODED) {
        return out;
    }
    pki_verification_free(out);
    if (result == OUT_OF_MEMORY) {
        (void)err_memory(err, "reading a verdict");
    } else {
        (void)err_set(err, ERR_FILE, "not_a_verification", "a verdict in the file is not one");
    }
    return NULL;
}
