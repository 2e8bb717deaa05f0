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

static json_t *key_json(const struct pki_certificate *certificate)
{
    json_t *key =
        json_pack("{s:s?, s:i}", "type", certificate->key_type, "bits", (int)certificate->key_bits);
    if (key != NULL && certificate->key_curve != NULL &&
        part_add(key, "curve", json_string(certificate->key_curve)) != 0) {
        json_decref(key);
        return NULL;
    }
    return key;
}

static json_t *names_json(const struct pki_certificate *certificate)
{
    json_t *names = json_array();
    for (size_t i = 0; names != NULL && i < certificate->san_count; i++) {
        if (json_array_append_new(names, report_string_json(certificate->san[i])) != 0) {
            json_decref(names);
            return NULL;
        }
    }
    return names;
}

static json_t *time_json(int64_t seconds)
{
    char text[40];
    return json_string(time_rfc3339(text, sizeof text, seconds));
}

static int add_contents(json_t *json, const struct pki_certificate *certificate)
{
    if (certificate->malformed)
        return part_add(json, "problem", report_string_json(certificate->problem));
    if (part_add_text(json, "subject", certificate->subject) != 0 ||
        part_add_text(json, "issuer", certificate->issuer) != 0 ||
        part_add(json, "serial", json_string(certificate->serial)) != 0 ||
        part_add(json, "not_before", time_json(certificate->not_before)) != 0 ||
        part_add(json, "not_after", time_json(certificate->not_after)) != 0 ||
        part_add(json, "san", names_json(certificate)) != 0 ||
        part_add(json, "key", key_json(certificate)) != 0 ||
        part_add_text(json, "signature_algorithm", certificate->signature_algorithm) != 0)
        return -1;
    return part_add(json, "spki_sha256", part_hex(certificate->spki_sha256, 32));
}

json_t *part_certificate(const struct pki_certificate *certificate, const char *role,
                         const char *from, bool sent)
{
    json_t *json = json_pack("{s:s, s:s, s:b}", "role", role, "from", from, "sent", sent);
    if (json == NULL)
        return NULL;
    if (add_contents(json, certificate) != 0 ||
        part_add(json, "sha256", part_hex(certificate->sha256, 32)) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

/* Certificates of the verification that came from the trust store, after those that were sent. */
static int add_stored(json_t *list, const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;
    if (verification == NULL)
        return 0;
    for (size_t i = verification->sent_count; i < verification->certificate_count; i++) {
        const struct pki_slice *der = &verification->certificates[i];
        struct pki_certificate *certificate = pki_certificate_new(der->data, der->length);
        if (certificate == NULL)
            return -1;
        int status = json_array_append_new(
            list, part_certificate(certificate, part_role(facts, i, certificate), "server", false));
        pki_certificate_free(certificate);
        if (status != 0)
            return -1;
    }
    return 0;
}

json_t *report_certificates_json(struct trace *trace, size_t cursor)
{
    const struct trace_facts *facts = trace_facts(trace, cursor);
    json_t *list = facts != NULL ? json_array() : NULL;

    for (size_t i = 0; list != NULL && i < facts->certificate_count; i++) {
        const struct pki_certificate *certificate = facts->certificates[i];
        if (json_array_append_new(list,
                                  part_certificate(certificate, part_role(facts, i, certificate),
                                                   "server", true)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    if (list != NULL && add_stored(list, facts) != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *reasons_json(const struct pki_verification *verification)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < verification->reason_count; i++) {
        const struct pki_reason *reason = &verification->reasons[i];
        json_t *json =
            json_pack("{s:s, s:o, s:s, s:s?}", "code", pki_reason_name(reason->code), "certificate",
                      reason->certificate < 0 ? json_null() : json_integer(reason->certificate),
                      "text", reason->text, "mend", reason->mend);
        if (json_array_append_new(list, json) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

json_t *part_verification(const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;
    if (verification == NULL || !verification->performed)
        return json_pack("{s:b, s:n, s:n, s:[], s:n, s:[]}", "performed", false, "ok",
                         "hostname_ok", "path", "at", "reasons");

    json_t *path = json_array();
    for (size_t i = 0; path != NULL && i < verification->path_length; i++)
        if (json_array_append_new(path, json_integer((json_int_t)verification->path[i])) != 0)
            return json_decref(path), NULL;

    json_t *hostname_ok =
        verification->hostname_checked ? json_boolean(verification->hostname_ok) : json_null();
    return json_pack("{s:b, s:b, s:o, s:s?, s:o, s:o, s:o, s:{s:s?, s:I}}", "performed", true, "ok",
                     verification->ok, "hostname_ok", hostname_ok, "name", verification->name,
                     "path", path, "at", time_json(verification->at), "reasons",
                     reasons_json(verification), "trust", "name", verification->trust, "anchors",
                     (json_int_t)verification->anchors);
}
