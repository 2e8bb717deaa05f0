/* The scenarios: one row each. */
#include <string.h>

#include <gnutls/x509.h>

#include "scenario.h"

#define HOST(name) name ".lab.tlstep.test"

#define RECIPE(...) (&(const struct lab_recipe){__VA_ARGS__})

static const struct lab_scenario scenarios[] = {
    {
        .name = "good",
        .title = "All is as it should be",
        .look_for = "the order of the messages, and which of them only the session's keys can read",
        .expected = "",
        .hostname = HOST("good"),
        .recipe = RECIPE(.priority = NULL),
    },
    {
        .name = "good-rsa",
        .title = "All is as it should be, with an RSA key",
        .look_for = "the size of Certificate and CertificateVerify, and rsa_pss_rsae_sha256: RSA "
                    "with PSS padding",
        .expected = "",
        .hostname = HOST("good-rsa"),
        .recipe = RECIPE(LAB_MAKE({.key = LAB_KEY_RSA})),
    },
    {
        .name = "two-keys",
        .title = "All is as it should be, with an ECDSA key and an RSA key",
        .look_for = "signature_algorithms in the client's hello, which decides: try --sigalgs "
                    "rsa_pss_rsae_sha256, or \"tlstep certs --both\"",
        .expected = "",
        .hostname = HOST("two-keys"),
        .recipe = RECIPE(LAB_MAKE({.key = LAB_KEY_P256}, {.key = LAB_KEY_RSA}),
                         LAB_SHOW({.refs = {LAB_MADE(0), LAB_INTERMEDIATE}},
                                  {.refs = {LAB_MADE(1), LAB_INTERMEDIATE}})),
    },
    {
        .name = "tls12",
        .title = "The server speaks only TLS 1.2",
        .look_for = "the certificate in the clear, ServerKeyExchange, and ChangeCipherSpec before "
                    "Finished",
        .expected = "",
        .hostname = HOST("tls12"),
        .recipe = RECIPE(.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2"),
    },
    {
        .name = "hello-retry",
        .title = "The server wants a group that the client has not sent a key share for",
        .look_for = "HelloRetryRequest, and the one key share in the second ClientHello",
        .expected = "",
        .hostname = HOST("hello-retry"),
        .recipe = RECIPE(.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-GROUP-ALL:"
                                     "+GROUP-SECP384R1:+GROUP-SECP521R1"),
    },
    {
        .name = "expired",
        .title = "The certificate expired yesterday",
        .look_for = "notAfter in the leaf certificate; everything else about it is fine",
        .expected = "expired",
        .hostname = HOST("expired"),
        .recipe = RECIPE(LAB_MAKE({.from_days = -91, .until_days = -1})),
    },
    {
        .name = "not-yet-valid",
        .title = "The certificate is valid from tomorrow on",
        .look_for = "notBefore in the leaf certificate, and the clock of this machine: one of them "
                    "is wrong",
        .expected = "not_yet_valid",
        .hostname = HOST("not-yet-valid"),
        .recipe = RECIPE(LAB_MAKE({.from_days = 1, .until_days = 91})),
    },
    {
        .name = "wrong-host",
        .title = "The certificate is for another name",
        .look_for = "subjectAltName in the leaf certificate, and the name that was asked for",
        .expected = "hostname_mismatch",
        .hostname = HOST("wrong-host"),
        .recipe = RECIPE(LAB_MAKE({.names = {HOST("somewhere-else")}})),
    },
    {
        .name = "self-signed",
        .title = "The certificate has signed itself",
        .look_for = "issuer and subject: they are the same, and no trust store has it",
        .expected = "self_signed",
        .hostname = HOST("self-signed"),
        .recipe = RECIPE(LAB_MAKE({.issuer = LAB_ITSELF}), LAB_SHOW({.refs = {LAB_MADE(0)}})),
    },
    {
        .name = "untrusted-root",
        .title = "The certificate leads to a root that nobody trusts",
        .look_for = "the last certificate that was sent: a root that is in no trust store",
        .expected = "no_trust_anchor",
        .hostname = HOST("untrusted-root"),
        .recipe = RECIPE(
            LAB_MAKE(
                {.common_name = "root that nobody trusts", .issuer = LAB_ITSELF, .is_ca = true},
                {.common_name = "intermediate of a root that nobody trusts",
                 .issuer = LAB_MADE(0),
                 .is_ca = true},
                {.issuer = LAB_MADE(1)}),
            LAB_SHOW({.refs = {LAB_MADE(2), LAB_MADE(1), LAB_MADE(0)}})),
    },
    {
        .name = "missing-intermediate",
        .title = "The server forgets to send the intermediate certificate",
        .look_for = "Certificate with one certificate in it, whose issuer is nowhere; "
                    "browsers may know it from elsewhere",
        .expected = "missing_intermediate",
        .hostname = HOST("missing-intermediate"),
        .recipe = RECIPE(LAB_SHOW({.refs = {LAB_MADE(0)}})),
    },
    {
        .name = "bad-signature",
        .title = "One bit of the certificate's signature is wrong",
        .look_for =
            "the signature at the end of the leaf certificate: the issuer's key has not made it",
        .expected = "bad_signature",
        .hostname = HOST("bad-signature"),
        .recipe = RECIPE(LAB_MAKE({.spoiled = true})),
    },
    {
        .name = "sha1-signature",
        .title = "The certificate is signed with SHA-1",
        .look_for = "signatureAlgorithm in the leaf certificate: SHA-1 collisions can be bought",
        .expected = "weak_signature",
        .hostname = HOST("sha1-signature"),
        .recipe = RECIPE(LAB_MAKE({.sha1 = true})),
    },
    {
        .name = "weak-rsa",
        .title = "The certificate has an RSA key of 1024 bits",
        .look_for = "subjectPublicKeyInfo in the leaf certificate: fewer than 2048 bits",
        .expected = "weak_key",
        .hostname = HOST("weak-rsa"),
        .gnutls_cli = "", /* takes 1024 bits and more */
        .recipe = RECIPE(LAB_MAKE({.key = LAB_KEY_RSA_1024})),
    },
    {
        .name = "not-a-ca",
        .title = "The certificate is signed by one that is no CA",
        .look_for = "basicConstraints in the second certificate: it may not sign others, and did",
        .expected = "not_a_ca",
        .hostname = HOST("not-a-ca"),
        .recipe = RECIPE(
            LAB_MAKE({.common_name = "no-ca.lab.tlstep.test", .issuer = LAB_ROOT, .may_sign = true},
                     {.issuer = LAB_MADE(0)}),
            LAB_SHOW({.refs = {LAB_MADE(1), LAB_MADE(0)}})),
    },
    {
        .name = "path-length",
        .title = "A CA that may sign servers only has signed another CA",
        .look_for = "basicConstraints of the intermediate: path length 0, and a CA below it",
        .expected = "path_length",
        .hostname = HOST("path-length"),
        .recipe =
            RECIPE(LAB_MAKE({.common_name = "tlstep lab CA that should not be", .is_ca = true},
                            {.issuer = LAB_MADE(0)}),
                   LAB_SHOW({.refs = {LAB_MADE(1), LAB_MADE(0), LAB_INTERMEDIATE}})),
    },
    {
        .name = "name-constraint",
        .title = "The CA may sign for one domain only, and this is another",
        .look_for = "nameConstraints of the intermediate, and subjectAltName of the leaf",
        .expected = "name_constraint",
        .hostname = HOST("name-constraint"),
        .recipe = RECIPE(LAB_MAKE({.common_name = "tlstep lab CA for elsewhere only",
                                   .issuer = LAB_ROOT,
                                   .is_ca = true,
                                   .permitted = "elsewhere.lab.tlstep.test"},
                                  {.issuer = LAB_MADE(0), .names = {HOST("name-constraint")}}),
                         LAB_SHOW({.refs = {LAB_MADE(1), LAB_MADE(0)}})),
    },
    {
        .name = "wrong-eku",
        .title = "The certificate is for clients, not for servers",
        .look_for = "extended key usage in the leaf certificate: clientAuth only",
        .expected = "extended_key_usage",
        .hostname = HOST("wrong-eku"),
        .recipe = RECIPE(LAB_MAKE({.purpose = GNUTLS_KP_TLS_WWW_CLIENT})),
    },
    {
        .name = "stapled",
        .title = "The server sends along what its CA says: not revoked",
        .look_for = "status_request in the client's hello, and the OCSP response in the "
                    "certificate's entry (TLS 1.2: CertificateStatus)",
        .expected = "",
        .hostname = HOST("stapled"),
        .recipe =
            RECIPE(LAB_SHOW({.refs = {LAB_MADE(0), LAB_INTERMEDIATE}, .staple = LAB_STAPLE_GOOD})),
    },
    {
        .name = "revoked-staple",
        .title = "The server sends along what its CA says: revoked",
        .look_for = "the OCSP response: certStatus, since when, and why",
        .expected = "revoked",
        .hostname = HOST("revoked-staple"),
        .openssl = "", /* does not ask for it, */
        .curl = "",    /* nor does this one */
        .recipe = RECIPE(
            LAB_SHOW({.refs = {LAB_MADE(0), LAB_INTERMEDIATE}, .staple = LAB_STAPLE_REVOKED})),
    },
    {
        .name = "must-staple",
        .title = "The certificate demands an OCSP response, and the server sends none",
        .look_for = "TLS feature in the leaf certificate, and that nothing answers status_request",
        .expected = "revocation_unknown",
        .hostname = HOST("must-staple"),
        .openssl = "", /* does not know the extension */
        .curl = "",
        .recipe = RECIPE(LAB_MAKE({.must_staple = true})),
    },
    {
        .name = "long-chain",
        .title = "Six CAs stand between the certificate and the root",
        .look_for = "how much of the handshake is certificates, and the one root at their end",
        .expected = "",
        .hostname = HOST("long-chain"),
        .recipe = RECIPE(
            LAB_MAKE({.common_name = "tlstep lab CA 1", .issuer = LAB_ROOT, .is_ca = true},
                     {.common_name = "tlstep lab CA 2", .issuer = LAB_MADE(0), .is_ca = true},
                     {.common_name = "tlstep lab CA 3", .issuer = LAB_MADE(1), .is_ca = true},
                     {.common_name = "tlstep lab CA 4", .issuer = LAB_MADE(2), .is_ca = true},
                     {.common_name = "tlstep lab CA 5", .issuer = LAB_MADE(3), .is_ca = true},
                     {.common_name = "tlstep lab CA 6", .issuer = LAB_MADE(4), .is_ca = true},
                     {.issuer = LAB_MADE(5)}),
            LAB_SHOW({.refs = {LAB_MADE(6), LAB_MADE(5), LAB_MADE(4), LAB_MADE(3), LAB_MADE(2),
                               LAB_MADE(1), LAB_MADE(0)}})),
    },
    {
        .name = "misordered-chain",
        .title = "The server sends its chain in the wrong order",
        .look_for = "which certificate was signed by which: not by the next one, as RFC 5246 "
                    "7.4.2 wants it",
        .expected = "",
        .hostname = HOST("misordered-chain"),
        .recipe = RECIPE(
            LAB_MAKE({.common_name = "tlstep lab CA 1", .issuer = LAB_ROOT, .is_ca = true},
                     {.common_name = "tlstep lab CA 2", .issuer = LAB_MADE(0), .is_ca = true},
                     {.issuer = LAB_MADE(1)}),
            LAB_SHOW({.refs = {LAB_MADE(2), LAB_MADE(0), LAB_MADE(1)}})),
    },
    {
        .name = "cross-signed",
        .title = "A new root that nobody trusts yet, also signed by the old one",
        .look_for = "two certificates with one name and one key: one ends in itself, the other "
                    "leads to the lab's root",
        .expected = "",
        .hostname = HOST("cross-signed"),
        .recipe = RECIPE(
            LAB_MAKE({.common_name = "tlstep lab new root", .issuer = LAB_ITSELF, .is_ca = true},
                     {.common_name = "tlstep lab new root",
                      .issuer = LAB_ROOT,
                      .same_key = LAB_MADE(0),
                      .is_ca = true},
                     {.common_name = "tlstep lab new intermediate",
                      .issuer = LAB_MADE(0),
                      .is_ca = true},
                     {.issuer = LAB_MADE(2)}),
            LAB_SHOW({.refs = {LAB_MADE(3), LAB_MADE(2), LAB_MADE(1), LAB_MADE(0)}})),
    },
    {
        .name = "big-cert",
        .title = "The certificate is so large that it takes several records",
        .look_for = "Certificate: one message over three records, with some thousand names in it",
        .expected = "",
        .hostname = HOST("big-cert"),
        .recipe = RECIPE(LAB_MAKE({.filler = 1200})),
    },
    {
        .name = "sni",
        .title = "One address, several names: the client's SNI chooses the certificate",
        .look_for = "server_name in the client's hello, and the certificate that comes back: ask "
                    "with --sni for a.sni, b.sni, one.sni, two.sni (one certificate for both) or "
                    "any.wild.sni (a wildcard), all in lab.tlstep.test",
        .expected = "",
        .hostname = HOST("sni"),
        .recipe = RECIPE(LAB_MAKE({.names = {HOST("sni"), "localhost", "127.0.0.1"}},
                                  {.names = {HOST("a.sni")}}, {.names = {HOST("b.sni")}},
                                  {.names = {HOST("one.sni"), HOST("two.sni")}},
                                  {.names = {"*.wild.sni.lab.tlstep.test"}}),
                         LAB_SHOW({.refs = {LAB_MADE(0), LAB_INTERMEDIATE}},
                                  {.refs = {LAB_MADE(1), LAB_INTERMEDIATE}},
                                  {.refs = {LAB_MADE(2), LAB_INTERMEDIATE}},
                                  {.refs = {LAB_MADE(3), LAB_INTERMEDIATE}},
                                  {.refs = {LAB_MADE(4), LAB_INTERMEDIATE}})),
    },
    {
        .name = "proxy",
        .title = "An intercepting proxy stands in front of a good server",
        .look_for = "who has signed the leaf certificate: a CA that is not the lab's, and that "
                    "says what it is",
        .expected = "no_trust_anchor",
        .hostname = HOST("proxy"),
        /* The root of a CA that nobody knows is not sent along. */
        .openssl = "missing_intermediate",
        .curl = "missing_intermediate",
        .recipe = RECIPE(.proxied = true),
    },
    {
        .name = "silent",
        .title = "The server accepts the connection and never answers",
        .look_for = "TCP is there, ClientHello is sent and acknowledged, and nothing comes back",
        .expected = "timeout",
        .hostname = HOST("silent"),
        .recipe = RECIPE(.silent = true),
    },
    {
        .name = "cut",
        .title = "The server drops the connection in the middle of its first flight",
        .look_for = "a record that says how long it is, and a FIN before all of it has come",
        .expected = "closed",
        .hostname = HOST("cut"),
        /* ServerHello is whole, Certificate is not: in TLS 1.3 and 1.2. */
        .recipe = RECIPE(.cut_after = 600),
    },
};

const struct lab_scenario *lab_scenarios(size_t *count)
{
    *count = sizeof scenarios / sizeof *scenarios;
    return scenarios;
}

const struct lab_scenario *lab_scenario_find(const char *name)
{
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        if (strcmp(scenarios[i].name, name) == 0) {
            return &scenarios[i];
        }
    }
    return NULL;
}
