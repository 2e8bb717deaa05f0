/* What was negotiated: version, suite and its parts, key exchange, ALPN, resumption. */
#include <string.h>

#include "checks.h"
#include "page_pane.h"

#define VALUE_COLUMN 14

static void add_pair(struct ui_page *page, const char *name, unsigned style, const char *value)
{
    ui_page_pair(page, name, VALUE_COLUMN, style, value);
}

static const char *known_text(enum trace_known known)
{
    static const char *const texts[] = {
        [TRACE_UNKNOWN] = NULL, [TRACE_NO] = "no", [TRACE_YES] = "yes"};
    return texts[known];
}

static void add_known(struct ui_page *page, const char *name, enum trace_known known)
{
    add_pair(page, name, UI_TEXT, known_text(known));
}

static void add_registry(struct ui_page *page, const char *name, enum wire_registry registry,
                         uint16_t value)
{
    char text[100];

    add_pair(page, name, UI_TEXT,
             value != 0 ? wire_registry_text(text, sizeof text, registry, value) : NULL);
}

/* ---- version and suite ---------------------------------------------------------------------------- */

static void add_version(const struct trace_facts *facts, struct ui_page *page)
{
    char text[60];

    ui_page_line(page);
    if (facts->version == 0) {
        ui_page_add(page, UI_DIM, "· nothing agreed yet");
        return;
    }
    ui_page_add(page, facts->version < WIRE_TLS12 ? UI_WARNING : UI_TEXT, "%s",
                wire_registry_text(text, sizeof text, WIRE_REGISTRY_VERSION, facts->version));
    if (facts->version < WIRE_TLS12) {
        ui_page_add(page, UI_WARNING, " (deprecated)"); /* RFC 8996 */
    }
}

static void add_suite(const struct trace_facts *facts, struct ui_page *page)
{
    char text[100];

    if (!facts->cipher_suite_known) {
        return;
    }
    ui_page_line(page);
    ui_page_wrap(
        page, UI_TEXT, 2,
        wire_registry_text(text, sizeof text, WIRE_REGISTRY_CIPHER_SUITE, facts->cipher_suite));
    ui_page_add(page, UI_TEXT, " ");
    (void)snprintf(text, sizeof text, "0x%04x", facts->cipher_suite);
    ui_page_wrap(page, UI_DIM, 2, text);
}

static void add_suite_parts(const struct trace_facts *facts, struct ui_page *page)
{
    struct wire_cipher_suite suite = {0};
    bool known =
        facts->cipher_suite_known && wire_cipher_suite_parts(facts->cipher_suite, &suite) == 0;
    char cipher[80] = "";

    if (known && suite.cipher != NULL) {
        char bits[16];
        (void)snprintf(bits, sizeof bits, "%u", suite.key_bits);
        /* "AES-256-GCM" says it already. */
        (void)snprintf(cipher, sizeof cipher, "%s%s%s", suite.cipher,
                       strstr(suite.cipher, bits) == NULL ? " " : "",
                       strstr(suite.cipher, bits) == NULL ? bits : "");
    }
    add_pair(page, known && !suite.aead ? "cipher" : "AEAD", UI_TEXT, cipher);
    add_pair(page, "hash", UI_TEXT, known ? suite.hash : NULL);
    add_pair(page, "fwd secrecy", known && !suite.forward_secrecy ? UI_WARNING : UI_TEXT,
             known ? (suite.forward_secrecy ? "yes" : "NO") : NULL);
}

static void add_keys(const struct trace_facts *facts, struct ui_page *page)
{
    add_pair(page, "key exchange", UI_TEXT, facts->key_exchange);
    add_registry(page, "group", WIRE_REGISTRY_GROUP, facts->group);
    add_registry(page, "signature", WIRE_REGISTRY_SIGNATURE_SCHEME, facts->signature_scheme);
}

/* ---- the rest ----------------------------------------------------------------------------------------- */

static void add_features(const struct trace_facts *facts, struct ui_page *page)
{
    add_pair(page, "ALPN", UI_TEXT, facts->alpn_chosen == TRACE_NO ? "none" : facts->alpn);
    add_known(page, "resumed", facts->resumed);
    if (facts->version == 0 || facts->version >= WIRE_TLS13) {
        add_known(page, "0-RTT", facts->early_data);
        if (facts->hello_retry == TRACE_YES) {
            add_known(page, "hello retry", facts->hello_retry);
        }
    } else {
        add_known(page, "ext. master", facts->extended_master_secret);
        add_known(page, "enc-then-mac", facts->encrypt_then_mac);
        add_known(page, "renegotiat.", facts->secure_renegotiation);
    }
    add_known(page, "OCSP stapled", facts->ocsp_stapled);
}

static void add_checks(const struct trace_facts *facts, struct ui_page *page)
{
    for (size_t i = 0; i < facts->check_count; i++) {
        const struct trace_check *check = &facts->checks[i];
        if (i == 0) {
            ui_page_section(page, "Checked here too");
        }
        ui_page_line(page);
        ui_mark_add(page, check->ok == TRACE_YES  ? UI_MARK_GOOD
                          : check->ok == TRACE_NO ? UI_MARK_BAD
                                                  : UI_MARK_WAITING);
        ui_page_add(page, ui_side_style(check->from), "%s", wire_side_name(check->from));
        ui_page_add(page, UI_TEXT, " %s", ui_check_words(check->what));
    }
}

static void add_fingerprints(const struct trace_facts *facts, struct ui_page *page)
{
    if (facts->ja3[0] == '\0' && facts->ja4[0] == '\0') {
        return;
    }
    ui_page_section(page, "Fingerprints");
    ui_page_pair(page, "JA4", 6, UI_TEXT, facts->ja4);
    ui_page_pair(page, "JA3", 6, UI_TEXT, facts->ja3);
    ui_page_pair(page, "JA3S", 6, UI_TEXT, facts->ja3s);
}

static void build(void *state, const struct ui_view *view, struct ui_page *page)
{
    (void)state;
    add_version(view->facts, page);
    add_suite(view->facts, page);
    add_keys(view->facts, page);
    add_suite_parts(view->facts, page);
    add_features(view->facts, page);
    add_checks(view->facts, page);
    add_fingerprints(view->facts, page);
}

const struct ui_pane_operations ui_pane_cipher = {
    .name = "cipher",
    .title = "Cipher",
    .tab = "Cipher",
    .state_size = sizeof(struct ui_page_pane),
    .free = ui_page_pane_free,
    .build = build,
};
