/* The scenarios: one row each. */
#include <string.h>

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
        .name = "wrong-host",
        .title = "The certificate is for another name",
        .look_for = "subjectAltName in the leaf certificate, and the name that was asked for",
        .expected = "hostname_mismatch",
        .hostname = HOST("wrong-host"),
        .recipe = RECIPE(LAB_MAKE({.names = {HOST("somewhere-else")}})),
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
