/* Conversations of every kind. */
#include "conversation_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *brief;
    const char *type;
} names[] = {
    {"CH", "ClientHello"},        {"SH", "ServerHello"},
    {"HRR", "HelloRetryRequest"}, {"EE", "EncryptedExtensions"},
    {"CR", "CertificateRequest"}, {"C", "Certificate"},
    {"CV", "CertificateVerify"},  {"F", "Finished"},
    {"NST", "NewSessionTicket"},  {"KU", "KeyUpdate"},
    {"EOED", "EndOfEarlyData"},   {"SKE", "ServerKeyExchange"},
    {"SHD", "ServerHelloDone"},   {"CKE", "ClientKeyExchange"},
    {"CCS", "ChangeCipherSpec"},  {"A", "Alert"},
    {"D", "ApplicationData"},
};

#define TLS12(suite)  "NONE:+VERS-TLS1.2:+SIGN-ALL:+GROUP-ALL:+COMP-NULL:" suite
#define TLS13(cipher) "NONE:+VERS-TLS1.3:+SIGN-ALL:+GROUP-ALL:+AEAD:+" cipher
#define OLD(version) \
    "NONE:+VERS-TLS" version ":+SIGN-ALL:+GROUP-ALL:+COMP-NULL:+ECDHE-RSA:+AES-128-CBC:+SHA1"

const struct conversation_case conversation_cases[] = {
    {"tls13",
     {.server = TLS13("AES-256-GCM"), .alpn = "h2"},
     WIRE_TLS13,
     "ECDHE",
     "CH CCS F D A",
     "SH CCS EE C CV F NST NST D A"},
    {"tls13-chacha",
     {.server = TLS13("CHACHA20-POLY1305"), .no_tickets = true},
     WIRE_TLS13,
     "ECDHE",
     "CH CCS F D A",
     "SH CCS EE C CV F D A"},
    {"tls13-ccm",
     {.server = TLS13("AES-128-CCM")},
     WIRE_TLS13,
     "ECDHE",
     "CH CCS F D A",
     "SH CCS EE C CV F NST NST D A"},
    {"tls13-ffdhe",
     {.server = "NONE:+VERS-TLS1.3:+SIGN-ALL:+GROUP-FFDHE2048:+AEAD:+AES-128-GCM"},
     WIRE_TLS13,
     "DHE",
     "CH CCS F D A",
     "SH CCS EE C CV F NST NST D A"},
    {"tls13-hrr",
     {.client = "NORMAL:-GROUP-ALL:+GROUP-SECP384R1:+GROUP-SECP256R1",
      .server = "NORMAL:-GROUP-ALL:+GROUP-SECP256R1"},
     WIRE_TLS13,
     "ECDHE",
     "CH CH CCS F D A",
     "HRR CCS SH EE C CV F NST NST D A"},
    {"tls13-client-certificate",
     {.server = TLS13("AES-128-GCM"), .request_certificate = true},
     WIRE_TLS13,
     "ECDHE",
     "CH CCS C F D A",
     "SH CCS EE CR C CV F NST NST D A"},
    {"tls13-key-update",
     {.server = TLS13("AES-128-GCM"), .rekey = true},
     WIRE_TLS13,
     "ECDHE",
     "CH CCS F D KU D A",
     "SH CCS EE C CV F NST NST D KU D A"},
    {"tls13-resumed",
     {.server = TLS13("AES-256-GCM"), .resume = true},
     WIRE_TLS13,
     "ECDHE",
     "CH CCS F D A",
     "SH CCS EE F NST NST D A"},
    {"tls13-early-data",
     {.server = TLS13("AES-256-GCM"), .resume = true, .early_data = true},
     WIRE_TLS13,
     "ECDHE",
     "CH D EOED F D A",
     "SH CCS EE F NST NST D A"},
    {"tls12-gcm",
     {.server = TLS12("+ECDHE-ECDSA:+AES-128-GCM:+AEAD"), .alpn = "http/1.1"},
     WIRE_TLS12,
     "ECDHE",
     "CH CKE CCS F D A",
     "SH C SKE SHD NST CCS F D A"},
    {"tls12-chacha",
     {.server = TLS12("+ECDHE-RSA:+CHACHA20-POLY1305:+AEAD"), .no_tickets = true},
     WIRE_TLS12,
     "ECDHE",
     "CH CKE CCS F D A",
     "SH C SKE SHD CCS F D A"},
    {"tls12-cbc",
     {.server = TLS12("+DHE-RSA:+AES-256-CBC:+SHA256")},
     WIRE_TLS12,
     "DHE",
     "CH CKE CCS F D A",
     "SH C SKE SHD NST CCS F D A"},
    {"tls12-cbc-mac-first",
     {.server = TLS12("+RSA:+AES-128-CBC:+SHA1:%NO_ETM")},
     WIRE_TLS12,
     "RSA",
     "CH CKE CCS F D A",
     "SH C SHD NST CCS F D A"},
    {"tls12-client-certificate",
     {.server = TLS12("+ECDHE-RSA:+AES-128-GCM:+AEAD"), .request_certificate = true},
     WIRE_TLS12,
     "ECDHE",
     "CH C CKE CCS F D A",
     "SH C SKE CR SHD NST CCS F D A"},
    {"tls12-resumed",
     {.server = TLS12("+ECDHE-RSA:+AES-256-GCM:+AEAD"), .resume = true},
     WIRE_TLS12,
     "ECDHE",
     "CH CCS F D A",
     "SH CCS F D A"},
    {"tls12-renegotiation",
     {.server = TLS12("+ECDHE-RSA:+AES-256-CBC:+SHA1"), .renegotiate = true, .no_tickets = true},
     WIRE_TLS12,
     "ECDHE",
     "CH CKE CCS F D CH CKE CCS F D A",
     "SH C SKE SHD CCS F D SH C SKE SHD CCS F D A"},
    {"tls11",
     {.server = OLD("1.1")},
     WIRE_TLS11,
     "ECDHE",
     "CH CKE CCS F D A",
     "SH C SKE SHD NST CCS F D A"},
    {"tls10",
     {.server = OLD("1.0")},
     WIRE_TLS10,
     "ECDHE",
     "CH CKE CCS F D A",
     "SH C SKE SHD NST CCS F D A"},
};
const size_t conversation_case_count = sizeof conversation_cases / sizeof *conversation_cases;

struct conversation *conversations;

int conversation_cases_hold(void **state)
{
    struct wiretap_credentials credentials;

    (void)state;
    conversations = calloc(conversation_case_count, sizeof *conversations);
    assert_non_null(conversations);
    assert_int_equal(wiretap_credentials_make(&credentials), 0);
    for (size_t i = 0; i < conversation_case_count; i++) {
        if (conversation_hold(&conversations[i], &credentials, &conversation_cases[i].options) !=
            0) {
            fail_msg("GnuTLS does not hold the conversation %s", conversation_cases[i].name);
        }
    }
    wiretap_credentials_free(&credentials);
    return 0;
}

int conversation_cases_free(void **state)
{
    (void)state;
    for (size_t i = 0; conversations != NULL && i < conversation_case_count; i++) {
        conversation_free(&conversations[i]);
    }
    free(conversations);
    conversations = NULL;
    return 0;
}

const struct conversation *conversation_case_held(const char *name)
{
    return &conversations[conversation_case_index(name)];
}

size_t conversation_case_index(const char *name)
{
    size_t index = 0;

    while (strcmp(conversation_cases[index].name, name) != 0) {
        index++;
        assert_true(index < conversation_case_count);
    }
    return index;
}

const struct conversation_case *conversation_case_find(const char *name)
{
    return &conversation_cases[conversation_case_index(name)];
}

static const char *brief(const char *type)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i].type, type) == 0) {
            return names[i].brief;
        }
    }
    return type;
}

char *conversation_rows_text(char *out, size_t size, const struct trace *trace, enum wire_side from)
{
    size_t length = 0;

    out[0] = '\0';
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        if (row->layer == TRACE_LAYER_TLS && row->from == from) {
            length += (size_t)snprintf(out + length, size - length, "%s%s", length > 0 ? " " : "",
                                       brief(row->type));
            assert_true(length < size);
        }
    }
    return out;
}
