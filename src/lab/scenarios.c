/* The scenarios: one row each. */
#include <string.h>

#include <gnutls/x509.h>

#include "scenario.h"

#define HOST(name) name ".lab.tlstep.test"

#define RECIPE(...) (&(const struct lab_recipe){__VA_ARGS__})

/* Priority strings to begin with. */
#define BOTH  "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

#define BYTES(text)              \
    {                            \
        (text), sizeof(text) - 1 \
    }

/* A good server behind a dialogue in clear text. */
#define FRONT(protocol, words)                                                               \
    {                                                                                        \
        .name = (protocol), .title = (words),                                                \
        .look_for = "what was said before TLS: anybody on the way could read and change it", \
        .expected = "", .hostname = HOST(protocol), .starttls = (protocol),                  \
        .recipe = RECIPE(.priority = NULL)                                                   \
    }

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
        .recipe = RECIPE(.priority = TLS12),
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
        .name = "rsa-kx",
        .title = "The client encrypts the secret with the server's RSA key: no forward secrecy",
        .look_for = "ClientKeyExchange: whoever gets the server's key one day can read all of this",
        .expected = "",
        .hostname = HOST("rsa-kx"),
        .recipe = RECIPE(.priority = TLS12 ":-KX-ALL:+RSA", LAB_MAKE({.key = LAB_KEY_RSA})),
    },
    {
        .name = "dhe",
        .title = "Ephemeral Diffie-Hellman over integers instead of a curve",
        .look_for = "prime and generator in ServerKeyExchange: some hundred bytes where a curve "
                    "takes thirty-two",
        .expected = "",
        .hostname = HOST("dhe"),
        .recipe = RECIPE(.priority = TLS12 ":-KX-ALL:+DHE-RSA", LAB_MAKE({.key = LAB_KEY_RSA})),
    },
    {
        .name = "chacha",
        .title = "The only cipher is ChaCha20-Poly1305",
        .look_for = "the cipher suite that is agreed on, and that no table of AES is needed for it",
        .expected = "",
        .hostname = HOST("chacha"),
        .recipe = RECIPE(.priority = BOTH ":-CIPHER-ALL:+CHACHA20-POLY1305"),
    },
    {
        .name = "ccm",
        .title = "The only cipher is AES-128-CCM",
        .look_for = "the cipher suite, and who does not offer it: curl and openssl, by default",
        .expected = "",
        .hostname = HOST("ccm"),
        .openssl = "handshake_failure",
        .curl = "handshake_failure",
        .recipe = RECIPE(.priority = BOTH ":-CIPHER-ALL:+AES-128-CCM"),
    },
    {
        .name = "tls10",
        .title = "The server speaks only TLS 1.0",
        .look_for =
            "the version in ServerHello, CBC without an explicit IV, and SHA-1 in the signature",
        .expected = "",
        .hostname = HOST("tls10"),
        .openssl = "too_old",
        .curl = "too_old",
        .recipe = RECIPE(.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.0:+SHA1:%COMPAT",
                         LAB_MAKE({.key = LAB_KEY_RSA})),
    },
    {
        .name = "tls11",
        .title = "The server speaks only TLS 1.1",
        .look_for = "the version in ServerHello, and an IV in front of each encrypted record",
        .expected = "",
        .hostname = HOST("tls11"),
        .openssl = "too_old",
        .curl = "too_old",
        .recipe = RECIPE(.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.1:+SHA1:%COMPAT",
                         LAB_MAKE({.key = LAB_KEY_RSA})),
    },
    {
        .name = "no-alpn",
        .title = "The server speaks none of the application protocols that are offered",
        .look_for =
            "ALPN in the client's hello, and the alert that ends it; without ALPN all is well",
        .expected = "no_application_protocol",
        .hostname = HOST("no-alpn"),
        .openssl = "", /* offers none */
        .gnutls_cli = "",
        .needs = "--alpn http/1.1",
        .recipe = RECIPE(.alpn = "tlstep-lab"),
    },
    {
        .name = "h2",
        .title = "The server speaks HTTP/2",
        .look_for = "ALPN in both hellos, and that both sides begin with SETTINGS",
        .expected = "",
        .hostname = HOST("h2"),
        .needs = "--alpn h2",
        .recipe = RECIPE(.alpn = "h2,http/1.1"),
    },
    {
        .name = "resume",
        .title = "A second connection goes on where the first one ended",
        .look_for =
            "NewSessionTicket in the first run; pre_shared_key and no Certificate in the second "
            "(TLS 1.2: the session id or the ticket)",
        .expected = "",
        .hostname = HOST("resume"),
        .needs = "--resume",
        .recipe = RECIPE(.priority = NULL),
    },
    {
        .name = "resume-id",
        .title = "TLS 1.2 resumes by session id: the server has to remember",
        .look_for = "session_id in both hellos of the second run: the same one, and no ticket",
        .expected = "",
        .hostname = HOST("resume-id"),
        .needs = "--resume",
        .recipe = RECIPE(.priority = TLS12, .no_tickets = true),
    },
    {
        .name = "early-data",
        .title = "The client's first data travels with its ClientHello",
        .look_for =
            "early_data in ClientHello and EncryptedExtensions, EndOfEarlyData, and that whoever "
            "records it can send it again",
        .expected = "",
        .hostname = HOST("early-data"),
        .needs = "--resume --early-data hello",
        .recipe = RECIPE(.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3", .early_data = true),
    },
    {
        .name = "key-update",
        .title = "The server changes its keys, and wants the client to do the same",
        .look_for =
            "KeyUpdate after the handshake, update_requested in it, and the client's answer",
        .expected = "",
        .hostname = HOST("key-update"),
        .recipe = RECIPE(.priority = TLS13, .trick = LAB_KEY_UPDATE),
    },
    {
        .name = "post-handshake-auth",
        .title = "The server asks for a certificate after the handshake",
        .look_for =
            "post_handshake_auth in ClientHello, and CertificateRequest behind the Finished messages",
        .expected = "",
        .hostname = HOST("post-handshake-auth"),
        .recipe = RECIPE(.priority = TLS13, .trick = LAB_AUTHENTICATION),
    },
    {
        .name = "renegotiate",
        .title = "The server wants a second handshake inside the first one",
        .look_for =
            "HelloRequest, and a ClientHello that is encrypted; TLS 1.3 knows no such thing",
        .expected = "",
        .hostname = HOST("renegotiate"),
        .recipe = RECIPE(.priority = TLS12, .trick = LAB_RENEGOTIATION),
    },
    {
        .name = "client-cert",
        .title = "The server demands a certificate that the lab's CA has signed",
        .look_for =
            "CertificateRequest, the client's empty Certificate, and the alert that follows; with --cert and --key all is "
            "well when the lab's CA has signed it",
        .expected = "certificate_required",
        .hostname = HOST("client-cert"),
        .recipe = RECIPE(.ask = true),
    },
    {
        .name = "tiny-records",
        .title = "Every message comes in small pieces",
        .look_for = "one ServerHello over eight records of 16 bytes, and data in records as small",
        .expected = "",
        .hostname = HOST("tiny-records"),
        .recipe = RECIPE(.record_size = 16),
    },
    {
        .name = "slow",
        .title = "The server takes its time before each record",
        .look_for = "the times in the ladder, and what a client does while it waits",
        .expected = "",
        .hostname = HOST("slow"),
        .recipe = RECIPE(.delay_ms = 300),
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
    {
        .name = "truncated",
        .title = "The server hangs up without close_notify",
        .look_for = "FIN with no alert before it: nobody can tell whether something is missing",
        .expected = "truncated",
        .hostname = HOST("truncated"),
        .gnutls_cli = "",
        .recipe = RECIPE(.farewell = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                     "Content-Length: 1000\r\n\r\nthis is where somebody cut"),
    },
    {
        .name = "alert",
        .title = "The server answers ClientHello with an alert",
        .look_for = "seven bytes: an alert record, level fatal, handshake_failure",
        .expected = "handshake_failure",
        .hostname = HOST("alert"),
        .recipe = RECIPE(.first = BYTES("\x15\x03\x03\x00\x02\x02\x28")),
    },
    {
        .name = "garbage",
        .title = "The server answers with bytes that are no TLS",
        .look_for = "the first byte: no content type has this number",
        .expected = "not_tls",
        .hostname = HOST("garbage"),
        .recipe =
            RECIPE(.first = BYTES("\xde\xad\xbe\xef\x00\x01\x02\x03 this is no TLS at all\r\n")),
    },
    {
        .name = "http",
        .title = "The port speaks HTTP without TLS",
        .look_for = "an answer that can be read: 400 Bad Request, to a ClientHello",
        .expected = "not_tls",
        .hostname = HOST("http"),
        .recipe = RECIPE(.clear = true),
    },
    {
        .name = "ssh-banner",
        .title = "The port belongs to another service, which speaks first",
        .look_for = "the banner, which came before anything was asked",
        .expected = "not_tls",
        .hostname = HOST("ssh-banner"),
        .recipe = RECIPE(.greeting = "SSH-2.0-tlstep_lab\r\n"),
    },
    FRONT("smtp", "Mail: EHLO, STARTTLS, and then TLS (RFC 3207)"),
    FRONT("imap", "Mailboxes: STARTTLS, and then TLS (RFC 9051)"),
    FRONT("pop3", "Mailboxes: STLS, and then TLS (RFC 2595)"),
    FRONT("ftp", "Files: AUTH TLS, and then TLS (RFC 4217)"),
    FRONT("ldap", "Directory: an extended request, and then TLS (RFC 4511)"),
    FRONT("postgres", "PostgreSQL: eight bytes, one byte, and then TLS"),
    FRONT("xmpp", "Chat: a stream, starttls, proceed, and then TLS (RFC 6120)"),
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

const struct lab_scenario *lab_scenario_require(const char *name, struct err *err)
{
    const struct lab_scenario *found = lab_scenario_find(name);
    struct buffer names = {0};
    char shown[80];

    if (found != NULL) {
        return found;
    }
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        buffer_printf(&names, "%s%s", i > 0 ? ", " : "", scenarios[i].name);
    }
    if (buffer_string(&names) == NULL) {
        (void)err_memory(err, "listing the lab's scenarios"); /* NULL says it */
    } else {
        /* There are more of them than fit. */
        (void)err_set(err, ERR_USAGE, "no_such_scenario",
                      "the lab has no scenario '%s' (tlstep lab --list); there are %s",
                      text_safe(shown, sizeof shown, name, strlen(name)), buffer_string(&names));
    }
    buffer_free(&names);
    return NULL;
}
