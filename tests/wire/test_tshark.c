/*
 * Hellos, key exchanges and what comes with them have the fields that tshark reads in the same captures.
 *
 * Needs tshark and the captures that stand beside the tree (../shared/data, or the folder that
 * TLSTEP_DATA names); skipped without them. TLSTEP_TSHARK=all reads every capture there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <glob.h>
#include <jansson.h>

#include "command.h"
#include "partition.h"
#include "tlstep/crypt.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- the same field by both names -------------------------------------------------------------- */

struct pair {
    const char *theirs;
    const char *ours[8]; /* one or several paths, in the order of their bytes */
};

static const struct pair pairs[] = {
    {"tls.handshake.type", {"handshake.type"}},
    {"tls.handshake.length", {"handshake.length"}},
    {"tls.handshake.version",
     {"handshake.client_hello.legacy_version", "handshake.server_hello.legacy_version",
      "handshake.hello_retry_request.legacy_version"}},
    {"tls.handshake.random",
     {"handshake.client_hello.random", "handshake.server_hello.random",
      "handshake.hello_retry_request.random"}},
    {"tls.handshake.session_id",
     {"handshake.client_hello.session_id", "handshake.server_hello.session_id",
      "handshake.hello_retry_request.session_id"}},
    {"tls.handshake.ciphersuite",
     {"handshake.client_hello.cipher_suites.cipher_suite", "handshake.server_hello.cipher_suite",
      "handshake.hello_retry_request.cipher_suite"}},
    {"tls.handshake.comp_method",
     {"handshake.client_hello.compression_methods.compression_method",
      "handshake.server_hello.compression_method",
      "handshake.hello_retry_request.compression_method"}},
    {"tls.handshake.extension.type", {"extension.type"}},
    {"tls.handshake.extension.len", {"extension.length"}},
    {"tls.handshake.extensions_server_name", {"extension.server_name.host_name"}},
    {"tls.handshake.extensions_server_name_type", {"extension.server_name.name_type"}},
    {"tls.handshake.extensions_alpn_str", {"extension.alpn.protocol"}},
    {"tls.handshake.extensions_alps_alpn_str",
     {"extension.application_settings.protocol", "extension.application_settings_old.protocol"}},
    {"tls.handshake.extensions_npn", {"extension.next_protocol_negotiation.protocol"}},
    {"tls.handshake.extensions_supported_group", {"extension.supported_groups.named_group"}},
    {"tls.handshake.extensions_ec_point_format", {"extension.ec_point_formats.ec_point_format"}},
    {"tls.handshake.sig_hash_alg",
     {"extension.signature_algorithms.signature_scheme",
      "extension.signature_algorithms_cert.signature_scheme",
      "extension.delegated_credential.signature_scheme",
      "handshake.certificate_request.signature_scheme", "handshake.certificate_verify.algorithm",
      "handshake.server_key_exchange.signature_algorithm", "sct.algorithm"}},
    {"tls.handshake.extensions.supported_version",
     {"extension.supported_versions.version", "extension.supported_versions.selected_version"}},
    {"tls.handshake.extensions_key_share_group", {"extension.key_share.entry.group"}},
    {"tls.handshake.extensions_key_share_key_exchange", {"extension.key_share.entry.key_exchange"}},
    {"tls.handshake.extensions_key_share_selected_group", {"extension.key_share.selected_group"}},
    {"tls.extension.psk_ke_mode", {"extension.psk_key_exchange_modes.ke_mode"}},
    {"tls.handshake.extensions.psk.identity.identity", {"extension.pre_shared_key.identity"}},
    {"tls.handshake.extensions.psk.identity.obfuscated_ticket_age",
     {"extension.pre_shared_key.obfuscated_ticket_age"}},
    {"tls.handshake.extensions.psk.identity.selected",
     {"extension.pre_shared_key.selected_identity"}},
    {"tls.handshake.extensions.cookie", {"extension.cookie.cookie"}},
    {"tls.handshake.extension.heartbeat.mode", {"extension.heartbeat.mode"}},
    {"tls.handshake.extensions_reneg_info",
     {"extension.renegotiation_info.renegotiated_connection"}},
    {"tls.handshake.extensions_padding_data", {"extension.padding.padding"}},
    {"tls.handshake.max_fragment_length", {"extension.max_fragment_length.max_fragment_length"}},
    {"tls.record_size_limit", {"extension.record_size_limit.record_size_limit"}},
    {"tls.compress_certificate.algorithm", {"extension.compress_certificate.algorithm"}},
    {"tls.early_data.max_early_data_size", {"extension.early_data.max_early_data_size"}},
    {"tls.sct.sct_version", {"sct.version"}},
    {"tls.sct.sct_logid", {"sct.log_id"}},
    {"tls.sct.sct_timestamp", {"sct.timestamp"}},
    {"tls.sct.sct_signature", {"sct.signature"}},
    {"tls.handshake.certificate", {"handshake.certificate.certificate"}},
    {"tls.handshake.cert_type", {"handshake.certificate_request.certificate_type"}},
    {"tls.handshake.client_cert_vrfy.sig", {"handshake.certificate_verify.signature"}},
    {"tls.handshake.server_curve_type", {"handshake.server_key_exchange.curve_type"}},
    {"tls.handshake.server_named_curve", {"handshake.server_key_exchange.named_group"}},
    {"tls.handshake.server_point", {"handshake.server_key_exchange.public_key"}},
    {"tls.handshake.p", {"handshake.server_key_exchange.dh_p"}},
    {"tls.handshake.g", {"handshake.server_key_exchange.dh_g"}},
    {"tls.handshake.ys", {"handshake.server_key_exchange.dh_ys"}},
    {"tls.handshake.hint", {"handshake.server_key_exchange.psk_identity_hint"}},
    {"tls.handshake.sig", {"handshake.server_key_exchange.signature"}},
    {"tls.handshake.client_point", {"handshake.client_key_exchange.public_key"}},
    {"tls.handshake.yc", {"handshake.client_key_exchange.dh_yc"}},
    {"tls.handshake.epms", {"handshake.client_key_exchange.encrypted_pre_master_secret"}},
    {"tls.handshake.identity", {"handshake.client_key_exchange.psk_identity"}},
    {"tls.handshake.session_ticket_lifetime_hint",
     {"handshake.new_session_ticket.ticket_lifetime",
      "handshake.new_session_ticket.ticket_lifetime_hint"}},
    {"tls.handshake.session_ticket_age_add", {"handshake.new_session_ticket.ticket_age_add"}},
    {"tls.handshake.session_ticket_nonce", {"handshake.new_session_ticket.ticket_nonce"}},
    {"tls.handshake.session_ticket", {"handshake.new_session_ticket.ticket"}},
    {"tls.handshake.verify_data", {"handshake.finished.verify_data"}},
    {"tls.handshake.key_update.request_update", {"handshake.key_update.request_update"}},
};

static bool is_ours(const struct pair *pair, const char *path)
{
    for (size_t i = 0; i < COUNT(pair->ours) && pair->ours[i] != NULL; i++) {
        if (strcmp(pair->ours[i], path) == 0) {
            return true;
        }
    }
    return false;
}

/* Bytes of our fields as hexadecimal; empty ones are left out, as tshark has no field for them. */
static void collect_ours(struct buffer *out, const struct wire_tree *tree, const struct pair *pair)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct wire_field *field = &tree->fields[i];
        if (field->length == 0 || !is_ours(pair, field->type->path)) {
            continue;
        }
        buffer_text(out, out->length > 0 ? " " : "");
        for (size_t j = 0; j < field->length; j++) {
            buffer_printf(out, "%02x", tree->data[field->offset + j]);
        }
    }
}

/* ---- tshark's JSON: "NAME_raw" is [hex, offset, length, …], or an array of such ------------------ */

static void append_raw(struct buffer *out, json_t *raw)
{
    size_t i;
    json_t *one;

    if (json_is_array(json_array_get(raw, 0))) {
        json_array_foreach(raw, i, one)
        {
            append_raw(out, one);
        }
    } else if (json_string_length(json_array_get(raw, 0)) > 0) {
        buffer_printf(out, "%s%s", out->length > 0 ? " " : "",
                      json_string_value(json_array_get(raw, 0)));
    }
}

static void collect_theirs(struct buffer *out, json_t *node, const char *raw_name)
{
    const char *key;
    json_t *value;
    size_t i;

    if (json_is_object(node)) {
        json_object_foreach(node, key, value)
        {
            if (strcmp(key, raw_name) == 0) {
                append_raw(out, value);
            } else {
                collect_theirs(out, value, raw_name);
            }
        }
    } else if (json_is_array(node)) {
        json_array_foreach(node, i, value)
        {
            collect_theirs(out, value, raw_name);
        }
    }
}

/* ---- conversations -------------------------------------------------------------------------------- */

#define STREAMS 600

/* What the messages so far have settled. */
struct stream {
    int client_port;
    uint16_t version;
    uint16_t suite;
};

struct reading {
    const char *file;
    struct stream streams[STREAMS];
    size_t messages;
    size_t fields;
    size_t differences;
    size_t hellos;  /* ClientHellos */
    bool malformed; /* one of the messages is */
    json_t *ja4;    /* of all ClientHellos */
};

static void learn(struct stream *stream, const struct wire_tree *tree)
{
    uint64_t value;

    if (wire_tree_find(tree, "handshake.server_hello.random", 0) < 0) {
        return;
    }
    if (wire_tree_number(tree, "handshake.server_hello.legacy_version", &value)) {
        stream->version = (uint16_t)value;
    }
    if (wire_tree_number(tree, "extension.supported_versions.selected_version", &value)) {
        stream->version = (uint16_t)value;
    }
    if (wire_tree_number(tree, "handshake.server_hello.cipher_suite", &value)) {
        stream->suite = (uint16_t)value;
    }
}

/* Where tshark 4.0 reads less, or something else, by its own doing. */
static bool is_theirs_alone(const struct pair *pair, const struct wire_tree *tree,
                            const struct stream *stream)
{
    bool draft = stream->version >> 8 == 0x7f || stream->version >> 8 == 0x7e;

    /* It opens no key_share of a draft's number 40 in a HelloRetryRequest, and no point before it. */
    if (draft && strncmp(pair->theirs, "tls.handshake.extensions_key_share", 34) == 0) {
        return true;
    }
    /* It shows the DER of a delegated credential's schemes under another name. */
    return strcmp(pair->theirs, "tls.handshake.sig_hash_alg") == 0 &&
           wire_tree_find(tree, "extension.delegated_credential", 0) >= 0;
}

static bool has_error(const struct wire_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (tree->fields[i].type->kind == WIRE_FIELD_ERROR) {
            return true;
        }
    }
    return false;
}

static void compare(struct reading *reading, const struct stream *stream,
                    const struct wire_tree *tree, json_t *theirs)
{
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct buffer ours = {0};
        struct buffer other = {0};
        char raw_name[100];
        (void)snprintf(raw_name, sizeof raw_name, "%s_raw", pairs[i].theirs);
        collect_theirs(&other, theirs, raw_name);
        collect_ours(&ours, tree, &pairs[i]);
        if (other.length > 0 && !is_theirs_alone(&pairs[i], tree, stream)) {
            reading->fields++;
            if (ours.length != other.length && has_error(tree) && ours.length > other.length) {
                ours.length = other.length; /* it stops at what is malformed; we go on */
            }
            if (ours.length != other.length || memcmp(ours.data, other.data, ours.length) != 0) {
                reading->differences++;
                print_message("%s, message %zu (%s): %s is \"%.200s\", tshark reads \"%.200s\"\n",
                              reading->file, reading->messages, tree->fields[0].type->name,
                              pairs[i].theirs, buffer_string(&ours), buffer_string(&other));
            }
        }
        buffer_free(&ours);
        buffer_free(&other);
    }
}

/* Twelve digits of its SHA-256; of nothing, zeros. */
static void append_cut_hash(struct buffer *out, const struct buffer *text)
{
    uint8_t hash[32];
    char hex[13];

    if (text->length == 0) {
        buffer_text(out, "000000000000");
        return;
    }
    crypt_sha256(text->data, text->length, hash);
    buffer_text(out, text_hex(hex, sizeof hex, hash, 6));
}

static void note_ja4(struct reading *reading, const uint8_t *data, size_t length)
{
    struct buffer ja4 = {0};
    struct buffer suites = {0};
    struct buffer extensions = {0};

    if (data[0] == WIRE_CLIENT_HELLO && wire_ja4(data, length, &ja4, &suites, &extensions) == 0) {
        buffer_text(&ja4, "_");
        append_cut_hash(&ja4, &suites);
        buffer_text(&ja4, "_");
        append_cut_hash(&ja4, &extensions);
        assert_int_equal(json_array_append_new(reading->ja4, json_string(buffer_string(&ja4))), 0);
    }
    buffer_free(&ja4);
    buffer_free(&suites);
    buffer_free(&extensions);
}

/* One message: its bytes, and what tshark makes of them. */
static void read_message(struct reading *reading, struct stream *stream, enum wire_side from,
                         const char *hex, json_t *theirs)
{
    const struct wire_context context = {
        .from = from, .version = stream->version, .cipher_suite = stream->suite};
    size_t length = strlen(hex) / 2;
    uint8_t *data = malloc(length + 1);
    struct wire_tree tree = {0};

    assert_non_null(data);
    assert_int_equal(text_unhex(data, length, hex, strlen(hex)), length);
    assert_int_equal(wire_message_dissect(&tree, &context, WIRE_HANDSHAKE, data, length), 0);
    assert_true(partition_holds(&tree));
    reading->messages++;
    learn(stream, &tree);
    compare(reading, stream, &tree, theirs);
    reading->hellos += data[0] == WIRE_CLIENT_HELLO;
    reading->malformed |= has_error(&tree);
    note_ja4(reading, data, length);
    wire_tree_free(&tree);
    free(data);
}

/* Encrypted messages have bytes, but no type: tshark could not read them either. */
static bool is_read(json_t *message)
{
    return json_object_get(message, "tls.handshake.type_raw") != NULL;
}

static void read_messages(struct reading *reading, struct stream *stream, enum wire_side from,
                          json_t *raw, json_t *messages)
{
    size_t i;
    json_t *one;

    if (!json_is_array(messages)) {
        if (is_read(messages)) {
            read_message(reading, stream, from, json_string_value(json_array_get(raw, 0)),
                         messages);
        }
        return;
    }
    json_array_foreach(messages, i, one)
    {
        json_t *its = json_array_get(raw, i);
        if (is_read(one)) {
            read_message(reading, stream, from, json_string_value(json_array_get(its, 0)), one);
        }
    }
}

static void find_messages(struct reading *reading, struct stream *stream, enum wire_side from,
                          json_t *node)
{
    const char *key;
    json_t *value;
    size_t i;

    if (json_is_object(node)) {
        json_t *messages = json_object_get(node, "tls.handshake");
        json_t *raw = json_object_get(node, "tls.handshake_raw");
        if (messages != NULL && raw != NULL) {
            read_messages(reading, stream, from, raw, messages);
            return;
        }
        json_object_foreach(node, key, value)
        {
            find_messages(reading, stream, from, value);
        }
    } else if (json_is_array(node)) {
        json_array_foreach(node, i, value)
        {
            find_messages(reading, stream, from, value);
        }
    }
}

static long number_of(json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? -1 : strtol(text, NULL, 10);
}

static bool has_client_hello(json_t *tls)
{
    struct buffer types = {0};
    bool found;

    collect_theirs(&types, tls, "tls.handshake.type_raw");
    found = types.length >= 2 && memcmp(types.data, "01", 2) == 0;
    buffer_free(&types);
    return found;
}

static void read_packet(struct reading *reading, json_t *packet)
{
    json_t *layers = json_object_get(json_object_get(packet, "_source"), "layers");
    json_t *tcp = json_object_get(layers, "tcp");
    json_t *tls = json_object_get(layers, "tls");
    long number = number_of(tcp, "tcp.stream");
    long port = number_of(tcp, "tcp.srcport");
    struct stream *stream;

    if (number < 0 || number >= STREAMS || tls == NULL) {
        return;
    }
    stream = &reading->streams[number];
    if (stream->client_port == 0 && has_client_hello(tls)) {
        stream->client_port = (int)port;
    }
    find_messages(reading, stream, port == stream->client_port ? WIRE_CLIENT : WIRE_SERVER, tls);
}

/* ---- running tshark --------------------------------------------------------------------------------- */

static const char *data_folder(void)
{
    const char *folder = getenv("TLSTEP_DATA");
    return folder != NULL ? folder : "../shared/data";
}

/* The messages of a capture as JSON, decrypted where there is a key log beside it; NULL without any. */
static json_t *ask_tshark(const char *capture)
{
    const char *name = strrchr(capture, '/') + 1;
    struct buffer output = {0};
    json_t *packets;

    assert_int_not_equal(
        command_run(&output,
                    "k='%s/keylogs/%.*s.keys.txt'; test -f \"$k\" || k=/dev/null; "
                    "tshark -r '%s' -o tls.keylog_file:\"$k\" -T json -x "
                    "--no-duplicate-keys -J 'tcp tls' -Y tls.handshake 2>/dev/null",
                    data_folder(), (int)(strrchr(name, '.') - name), name, capture),
        -1);
    packets = json_loadb((const char *)output.data, output.length, 0, NULL);
    buffer_free(&output);
    return packets;
}

static bool has_text(json_t *array, const char *text)
{
    size_t i;
    json_t *one;

    json_array_foreach(array, i, one)
    {
        if (strcmp(json_string_value(one), text) == 0) {
            return true;
        }
    }
    return false;
}

/* Each JA4 in the file of figures beside the capture is that of a ClientHello here. */
static void compare_ja4(struct reading *reading)
{
    char path[700];
    json_t *figures, *stream, *one;
    size_t i, j;

    if (reading->hellos == 0 || reading->malformed) {
        return; /* tshark shows none here, or gives up in the middle: so did the figures */
    }
    assert_int_equal(json_array_size(reading->ja4), reading->hellos);
    (void)snprintf(path, sizeof path, "%s/expected/%s.json", data_folder(), reading->file);
    figures = json_load_file(path, 0, NULL);
    json_array_foreach(json_object_get(figures, "streams"), i, stream)
    {
        json_array_foreach(json_object_get(stream, "ja4"), j, one)
        {
            const char *ja4 = json_string_value(one);
            if (strstr(ja4, "_000000000000_000000000000") != NULL) {
                continue; /* of a hello in SSL 2.0's form, which is no handshake message */
            }
            if (!has_text(reading->ja4, ja4)) {
                reading->differences++;
                print_message("%s: no ClientHello has JA4 %s\n", reading->file, ja4);
            }
            reading->fields++;
        }
    }
    json_decref(figures);
}

static void compare_capture(const char *capture, struct reading *total)
{
    struct reading *reading = calloc(1, sizeof *reading);
    json_t *packets = ask_tshark(capture);
    json_t *packet;
    size_t i;

    assert_non_null(reading);
    reading->file = strrchr(capture, '/') + 1;
    reading->ja4 = json_array();
    json_array_foreach(packets, i, packet)
    {
        read_packet(reading, packet);
    }
    compare_ja4(reading);
    total->messages += reading->messages;
    total->fields += reading->fields;
    total->differences += reading->differences;
    json_decref(packets);
    json_decref(reading->ja4);
    free(reading);
}

/* A few with everything that is rare; each costs tshark half a second. */
static const char *const chosen[] = {
    "own-openssl-tls12-dhe-psk",
    "own-openssl-tls12-rsa-psk",
    "own-tls12-client-cert",
    "own-tls13-post-handshake-auth",
    "own-tls13-early-data",
    "own-openssl-tls13-hrr",
    "zeek-tls13-ech",
    "zeek-openjdk-25",
    "zeek-signed_certificate_timestamp-2",
    "zeek-tls-conn-with-extensions",
    "zeek-client-certificate",
    "ws-rsasnakeoil2",
    "rfc8448-5",
};

static bool is_chosen(const char *capture)
{
    const char *name = strrchr(capture, '/') + 1;
    const char *wanted = getenv("TLSTEP_TSHARK");

    if (wanted != NULL) {
        return strstr(name, "dtls") == NULL && strncmp(name, "fmt-", 4) != 0 &&
               (strcmp(wanted, "all") == 0 || strncmp(name, wanted, strlen(wanted)) == 0);
    }
    for (size_t i = 0; i < COUNT(chosen); i++) {
        if (strncmp(name, chosen[i], strlen(chosen[i])) == 0) {
            return true;
        }
    }
    return false;
}

static void fields_are_those_that_tshark_reads(void **state)
{
    struct reading total = {0};
    char pattern[600];
    glob_t captures = {0};

    (void)state;
    (void)snprintf(pattern, sizeof pattern, "%s/captures/*.pcap*", data_folder());
    if (glob(pattern, 0, NULL, &captures) != 0 || !command_exists("tshark")) {
        print_message("skipped: needs tshark and the captures of %s\n", data_folder());
        globfree(&captures);
        skip();
    }
    for (size_t i = 0; i < captures.gl_pathc; i++) {
        if (is_chosen(captures.gl_pathv[i])) {
            compare_capture(captures.gl_pathv[i], &total);
        }
    }
    globfree(&captures);
    print_message("%zu messages, %zu fields compared\n", total.messages, total.fields);
    assert_int_equal(total.differences, 0);
    assert_true(total.fields > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_those_that_tshark_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
