/*
 * Verifications as JSON, as they stand in the session file:
 *
 *   { "performed", "ok", "hostname_checked", "hostname_ok", "anchored": booleans,
 *     "at": seconds since 1970, "trust": text, "anchors": number, "name": text or null,
 *     "sent": number, "certificates": [base64 DER], "path": [indices],
 *     "reasons": [ { "code", "certificate", "text", "mend" } ] }
 *
 * A session file may come from anyone: what is read is checked, and texts are made safe again.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>
#include <jansson.h>

#include "files/pem.h"
#include "verification.h"

/* ---- to JSON --------------------------------------------------------------------------- */

static json_t *encode_bytes(struct pki_slice bytes)
{
    gnutls_datum_t raw = {(unsigned char *)bytes.data, (unsigned)bytes.length};
    gnutls_datum_t text = {0};
    json_t *json;

    if (bytes.length == 0) {
        return json_string("");
    }
    if (bytes.length > INT_MAX || gnutls_base64_encode2(&raw, &text) != 0) {
        return NULL;
    }
    json = json_stringn((const char *)text.data, text.size);
    gnutls_free(text.data);
    return json;
}

/* json_array_append_new takes NULL for a failure, too. */
static json_t *encode_certificates(const struct pki_verification *verification)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < verification->certificate_count; i++) {
        if (json_array_append_new(array, encode_bytes(verification->certificates[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *encode_path(const struct pki_verification *verification)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < verification->path_length; i++) {
        if (json_array_append_new(array, json_integer((json_int_t)verification->path[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *encode_reasons(const struct pki_verification *verification)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < verification->reason_count; i++) {
        const struct pki_reason *reason = &verification->reasons[i];
        json_t *json =
            json_pack("{s:s, s:I, s:s, s:s}", "code", pki_reason_name(reason->code), "certificate",
                      (json_int_t)reason->certificate, "text", reason->text, "mend", reason->mend);
        if (json_array_append_new(array, json) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

json_t *pki_verification_encode(const struct pki_verification *verification)
{
    /* json_pack takes the arrays over, and frees them when one of them is NULL. */
    return json_pack(
        "{s:b, s:b, s:b, s:b, s:b, s:I, s:s, s:I, s:s?, s:I, s:o, s:o, s:o}", "performed",
        verification->performed, "ok", verification->ok, "hostname_checked",
        verification->hostname_checked, "hostname_ok", verification->hostname_ok, "anchored",
        verification->anchored, "at", (json_int_t)verification->at, "trust",
        verification->trust != NULL ? verification->trust : "none", "anchors",
        (json_int_t)verification->anchors, "name", verification->name, "sent",
        (json_int_t)verification->sent_count, "certificates", encode_certificates(verification),
        "path", encode_path(verification), "reasons", encode_reasons(verification));
}

/* ---- from JSON ------------------------------------------------------------------------- */

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

static bool decode_size(const json_t *json, size_t *out)
{
    if (!json_is_integer(json) || json_integer_value(json) < 0) {
        return false;
    }
    *out = (size_t)json_integer_value(json);
    return true;
}

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
    const json_t *at = json_object_get(json, "at");
    const json_t *name = json_object_get(json, "name");
    enum decoded result;

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        const json_t *flag = json_object_get(json, flags[i].key);
        if (!json_is_boolean(flag)) {
            return NOT_A_VERIFICATION;
        }
        *flags[i].value = json_is_true(flag);
    }
    if (!json_is_integer(at) || !decode_size(json_object_get(json, "anchors"), &out->anchors) ||
        !decode_size(json_object_get(json, "sent"), &out->sent_count)) {
        return NOT_A_VERIFICATION;
    }
    out->at = json_integer_value(at);
    result = json_is_null(name) ? DECODED : decode_text(name, &out->name);
    return result != DECODED ? result : decode_text(json_object_get(json, "trust"), &out->trust);
}

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

static enum decoded decode_reason(struct pki_reason *out, const json_t *json, size_t certificates)
{
    const json_t *code = json_object_get(json, "code");
    const json_t *certificate = json_object_get(json, "certificate");
    long number = json_is_string(code) ? pki_reason_from_name(json_string_value(code)) : -1;
    json_int_t index = json_integer_value(certificate);
    enum decoded result;

    if (number < 0 || !json_is_integer(certificate) || index < -1 ||
        (index >= 0 && (size_t)index >= certificates)) {
        return NOT_A_VERIFICATION;
    }
    out->code = (enum pki_reason_code)number;
    out->certificate = (long)index;
    result = decode_text(json_object_get(json, "text"), &out->text);
    return result != DECODED ? result : decode_text(json_object_get(json, "mend"), &out->mend);
}

static enum decoded decode_path(struct pki_verification *out, const json_t *path,
                                const json_t *reasons)
{
    enum decoded result = DECODED;

    if (!json_is_array(path) || !json_is_array(reasons)) {
        return NOT_A_VERIFICATION;
    }
    if (!verification_make_room(out, json_array_size(path), json_array_size(reasons))) {
        return OUT_OF_MEMORY;
    }
    for (size_t i = 0; i < out->path_length; i++) {
        if (!decode_size(json_array_get(path, i), &out->path[i]) ||
            out->path[i] >= out->certificate_count) {
            return NOT_A_VERIFICATION;
        }
    }
    for (size_t i = 0; i < out->reason_count && result == DECODED; i++) {
        result =
            decode_reason(&out->reasons[i], json_array_get(reasons, i), out->certificate_count);
    }
    return result;
}

struct pki_verification *pki_verification_decode(const json_t *json, struct err *err)
{
    struct pki_verification *out = verification_new();
    enum decoded result = out != NULL ? DECODED : OUT_OF_MEMORY;

    if (result == DECODED) {
        result = decode_frame(out, json);
    }
    if (result == DECODED) {
        result = decode_certificates(out, json_object_get(json, "certificates"));
    }
    if (result == DECODED) {
        result = decode_path(out, json_object_get(json, "path"), json_object_get(json, "reasons"));
    }
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
