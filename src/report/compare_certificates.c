/* What certificates say, side by side. */
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "parts.h"

/* More extensions than this are nobody's: a bound for looking each up in the other certificate. */
#define EXTENSIONS_MAX 100

static const char *key_text(struct buffer *out, const struct pki_certificate *certificate)
{
    buffer_printf(out, "%s %u bits %s", certificate->key_type, certificate->key_bits,
                  certificate->key_curve != NULL ? certificate->key_curve : "");
    return buffer_string(out);
}

static const char *subject_text(struct buffer *out, const struct pki_certificate *certificate)
{
    buffer_text(out, certificate->subject);
    return buffer_string(out);
}

static const char *issuer_text(struct buffer *out, const struct pki_certificate *certificate)
{
    buffer_text(out, certificate->issuer);
    return buffer_string(out);
}

static const char *serial_text(struct buffer *out, const struct pki_certificate *certificate)
{
    buffer_text(out, certificate->serial);
    return buffer_string(out);
}

static const char *validity_text(struct buffer *out, const struct pki_certificate *certificate)
{
    char from[40];
    char until[40];

    buffer_printf(out, "%s to %s", time_rfc3339(from, sizeof from, certificate->not_before),
                  time_rfc3339(until, sizeof until, certificate->not_after));
    return buffer_string(out);
}

static const char *algorithm_text(struct buffer *out, const struct pki_certificate *certificate)
{
    buffer_text(out, certificate->signature_algorithm);
    return buffer_string(out);
}

static const char *hash_text(struct buffer *out, const struct pki_certificate *certificate)
{
    char hash[65];
    buffer_text(out, text_hex(hash, sizeof hash, certificate->sha256, 32));
    return buffer_string(out);
}

static const char *key_hash_text(struct buffer *out, const struct pki_certificate *certificate)
{
    char hash[65];
    buffer_text(out, text_hex(hash, sizeof hash, certificate->spki_sha256, 32));
    return buffer_string(out);
}

static const struct content {
    const char *name;
    const char *(*text)(struct buffer *out, const struct pki_certificate *certificate);
    bool always; /* also of one that cannot be read */
} contents[] = {
    {"subject", subject_text, false},
    {"issuer", issuer_text, false},
    {"serial number", serial_text, false},
    {"valid", validity_text, false},
    {"key", key_text, false},
    {"signature algorithm", algorithm_text, false},
    {"key SHA-256", key_hash_text, false},
    {"SHA-256", hash_text, true},
};

/* What a certificate says is text from outside. */
static const char *content_text(struct buffer *safe, const struct content *content,
                                const struct pki_certificate *certificate)
{
    struct buffer text = {0};

    if (content->always || !certificate->malformed) {
        (void)content->text(&text, certificate);
        text_safe_append(safe, text.data, text.length);
    }
    safe->failed |= text.failed;
    buffer_free(&text);
    return buffer_string(safe);
}

static void compare_contents(struct report_comparison *comparison, const struct pki_certificate *a,
                             const struct pki_certificate *b)
{
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        struct buffer left = {0};
        struct buffer right = {0};
        compare_values(comparison, 2, contents[i].name, content_text(&left, &contents[i], a),
                       content_text(&right, &contents[i], b));
        comparison->failed |= left.failed || right.failed;
        buffer_free(&left);
        buffer_free(&right);
    }
}

/* ---- names ------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char **sorted_names(const struct pki_certificate *certificate)
{
    char **names = calloc(certificate->san_count + 1, sizeof *names);

    if (names != NULL && certificate->san_count > 0) {
        memcpy(names, certificate->san, certificate->san_count * sizeof *names);
        qsort(names, certificate->san_count, sizeof *names, by_text);
    }
    return names;
}

static void add_name(struct report_comparison *comparison, enum report_difference kind,
                     const char *name)
{
    struct buffer safe = {0};

    text_safe_append(&safe, name, strlen(name));
    const char *text = buffer_string(&safe);
    (void)compare_add(comparison, kind, 3, "name", kind == REPORT_ONLY_A ? text : NULL,
                      kind == REPORT_ONLY_B ? text : NULL);
    comparison->failed |= safe.failed;
    buffer_free(&safe);
}

/* Names that one has and the other has not, whatever their order. */
static void compare_names(struct report_comparison *comparison, const struct pki_certificate *a,
                          const struct pki_certificate *b)
{
    char counts[2][40];
    char **left = sorted_names(a);
    char **right = sorted_names(b);

    (void)snprintf(counts[0], sizeof counts[0], "%zu", a->san_count);
    (void)snprintf(counts[1], sizeof counts[1], "%zu", b->san_count);
    size_t line = compare_add(comparison, REPORT_SAME, 2, "names", counts[0], counts[1]);
    if (left == NULL || right == NULL) {
        comparison->failed = true;
    } else {
        for (size_t i = 0, j = 0; i < a->san_count || j < b->san_count;) {
            int order = i == a->san_count ? 1 : j == b->san_count ? -1 : strcmp(left[i], right[j]);
            if (order < 0) {
                add_name(comparison, REPORT_ONLY_A, left[i]);
            } else if (order > 0) {
                add_name(comparison, REPORT_ONLY_B, right[j]);
            }
            i += order <= 0;
            j += order >= 0;
        }
    }
    compare_close(comparison, line);
    free(left);
    free(right);
}

/* ---- extensions -------------------------------------------------------------------------------- */

static const struct pki_extension *find_extension(const struct pki_details *details,
                                                  const char *oid)
{
    for (size_t i = 0; i < details->extension_count && i < EXTENSIONS_MAX; i++) {
        if (strcmp(details->extensions[i].oid, oid) == 0) {
            return &details->extensions[i];
        }
    }
    return NULL;
}

/* "critical, CA: yes (300406…)": the words, and the beginning of the bytes where they alone differ. */
static const char *extension_text(struct buffer *out, const struct pki_extension *extension)
{
    char hex[40];

    if (extension == NULL) {
        return NULL;
    }
    buffer_text(out, extension->critical ? "critical, " : "");
    buffer_text(out,
                extension->text != NULL && extension->text[0] != '\0'
                    ? extension->text
                    : text_hex(hex, sizeof hex, extension->value.data, extension->value.length));
    return buffer_string(out);
}

static bool is_same(const struct pki_extension *a, const struct pki_extension *b)
{
    return a->critical == b->critical && a->value.length == b->value.length &&
           (a->value.length == 0 || memcmp(a->value.data, b->value.data, a->value.length) == 0);
}

static void compare_extension(struct report_comparison *comparison, const struct pki_extension *a,
                              const struct pki_extension *b)
{
    struct buffer left = {0};
    struct buffer right = {0};
    const char *name = a != NULL ? a->name : b->name;
    const char *text_a = extension_text(&left, a);
    const char *text_b = extension_text(&right, b);
    enum report_difference kind = a == NULL       ? REPORT_ONLY_B
                                  : b == NULL     ? REPORT_ONLY_A
                                  : is_same(a, b) ? REPORT_SAME
                                                  : REPORT_CHANGED;

    (void)compare_add(comparison, kind, 3, name, text_a, text_b);
    comparison->failed |= left.failed || right.failed;
    buffer_free(&left);
    buffer_free(&right);
}

/* subjectAltName has its own line. */
static bool is_told(const struct pki_extension *extension)
{
    return strcmp(extension->oid, "2.5.29.17") == 0;
}

static void compare_extension_lists(struct report_comparison *comparison,
                                    const struct pki_details *a, const struct pki_details *b)
{
    size_t line = compare_add(comparison, REPORT_SAME, 2, "extensions", NULL, NULL);

    for (size_t i = 0; i < a->extension_count && i < EXTENSIONS_MAX; i++) {
        if (!is_told(&a->extensions[i])) {
            compare_extension(comparison, &a->extensions[i],
                              find_extension(b, a->extensions[i].oid));
        }
    }
    for (size_t i = 0; i < b->extension_count && i < EXTENSIONS_MAX; i++) {
        if (!is_told(&b->extensions[i]) && find_extension(a, b->extensions[i].oid) == NULL) {
            compare_extension(comparison, NULL, &b->extensions[i]);
        }
    }
    compare_close(comparison, line);
}

static void compare_extensions(struct report_comparison *comparison,
                               const struct pki_certificate *a, const struct pki_certificate *b)
{
    struct pki_details *left = pki_details_new(a);
    struct pki_details *right = pki_details_new(b);

    if (left == NULL || right == NULL) {
        comparison->failed = true;
    } else {
        compare_extension_lists(comparison, left, right);
    }
    pki_details_free(left);
    pki_details_free(right);
}

static void compare_pair(struct report_comparison *comparison, const struct pki_certificate *a,
                         const struct pki_certificate *b)
{
    compare_contents(comparison, a, b);
    if (!a->malformed && !b->malformed) {
        compare_names(comparison, a, b);
        compare_extensions(comparison, a, b);
    }
}

/* ---- chains ------------------------------------------------------------------------------------- */

static void compare_lists(struct report_comparison *comparison, enum wire_side from,
                          const struct pki_certificate *const *a, size_t count_a,
                          const struct pki_certificate *const *b, size_t count_b)
{
    for (size_t i = 0; i < count_a || i < count_b; i++) {
        char name[40];
        char left[200];
        char right[200];
        const char *text_a = i < count_a ? pki_certificate_label(left, sizeof left, a[i]) : NULL;
        const char *text_b = i < count_b ? pki_certificate_label(right, sizeof right, b[i]) : NULL;
        (void)snprintf(name, sizeof name, "%s:certificate %zu", wire_side_name(from), i);
        if (text_a == NULL || text_b == NULL) {
            compare_values(comparison, 1, name, text_a, text_b);
            continue;
        }
        size_t line = compare_add(comparison, REPORT_SAME, 1, name, text_a, text_b);
        if (memcmp(a[i]->sha256, b[i]->sha256, sizeof a[i]->sha256) != 0) {
            compare_pair(comparison, a[i], b[i]);
        }
        compare_close(comparison, line);
    }
}

void compare_certificates(struct report_comparison *comparison, const struct trace_facts *a,
                          const struct trace_facts *b)
{
    size_t section = compare_add(comparison, REPORT_SAME, 0, "certificates", NULL, NULL);

    compare_lists(comparison, WIRE_SERVER, a->certificates, a->certificate_count, b->certificates,
                  b->certificate_count);
    compare_lists(comparison, WIRE_CLIENT, a->client_certificates, a->client_certificate_count,
                  b->client_certificates, b->client_certificate_count);
    compare_close(comparison, section);
}

/* "www.example.org <- R11 <- ISRG Root X1", "" without a path. */
static const char *path_text(struct buffer *out, const struct report_chain *chain)
{
    const struct pki_verification *verification = chain->verification;
    char label[200];

    for (size_t i = 0; verification != NULL && i < verification->path_length; i++) {
        struct pki_certificate *read;
        const struct pki_certificate *certificate =
            part_certificate_at(chain, verification->path[i], &read);
        out->failed |= certificate == NULL;
        if (certificate != NULL) {
            buffer_printf(out, "%s%s", i > 0 ? " ← " : "",
                          pki_certificate_label(label, sizeof label, certificate));
        }
        pki_certificate_free(read);
    }
    return buffer_string(out);
}

const char *compare_verdict_text(struct buffer *out, const struct pki_verification *verification)
{
    if (verification != NULL && verification->performed) {
        part_outcome(out, verification->ok, verification->reasons, verification->reason_count);
    }
    return buffer_string(out);
}

void compare_chains(struct report_comparison *comparison, const struct report_chain *a,
                    const struct report_chain *b)
{
    struct buffer texts[4] = {{0}};

    size_t section = compare_add(comparison, REPORT_SAME, 0, "outcome", NULL, NULL);
    compare_values(comparison, 1, "verification", compare_verdict_text(&texts[0], a->verification),
                   compare_verdict_text(&texts[1], b->verification));
    compare_values(comparison, 1, "path", path_text(&texts[2], a), path_text(&texts[3], b));
    compare_close(comparison, section);
    section = compare_add(comparison, REPORT_SAME, 0, "certificates", NULL, NULL);
    compare_lists(comparison, WIRE_SERVER, a->certificates, a->count, b->certificates, b->count);
    compare_close(comparison, section);
    for (size_t i = 0; i < 4; i++) {
        comparison->failed |= texts[i].failed;
        buffer_free(&texts[i]);
    }
}
