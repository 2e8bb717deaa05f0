/*
 * Certificate policies, on chains in the manner of NIST's PKITS 4.8 to 4.12 (each case is called by the number of the test that it
 * follows), and OpenSSL's opinion of the same chains.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <inttypes.h>

#include "command.h"
#include "scratch.h"
#include "verdict.h"

/*
 * A chain: the CA below the root first, the leaf last, with "|" between. Each is a list of words:
 *     1 2 any    its policies (NIST test policy N); none: no certificatePolicies
 *     1>2        maps policy 1 to 2
 *     e0         policyConstraints, requireExplicitPolicy 0
 *     m0         policyConstraints, inhibitPolicyMapping 0
 *     a0         inhibitAnyPolicy 0
 *     self       issued by a CA of the same name
 */
struct policy_case {
    const char *name;
    const char *chain;
    const char *wanted; /* the user's policies, "1 2"; NULL: any */
    const char *flags;  /* E: explicit policy, M: inhibit mapping, A: inhibit any-policy;
                         * O: OpenSSL says otherwise, for its -policy_check asks always */
    bool ok;
};

/* clang-format off */
static const struct policy_case cases[] = {
    {"4.8.1 all the same, .1", "1 e0|1", NULL, "E", true},
    {"4.8.1 all the same, .2", "1|1", "1", "E", true},
    {"4.8.1 all the same, .3", "1|1", "2", "E", false},
    {"4.8.1 all the same, .4", "1|1", "1 2", "E", true},
    {"4.8.2 none, .1", "|", NULL, "", true},
    {"4.8.2 none, .2", "|", NULL, "E", false},
    {"4.8.3 different, .1", "1|2|2", NULL, "", true},
    {"4.8.3 different, .2", "1|2|2", NULL, "E", false},
    {"4.8.3 different, .3", "1|2|2", "1 2", "E", false},
    {"4.8.4 different at the end", "1 e0|1|2", NULL, "", false},
    {"4.8.5 different in the middle", "1 e0|2|1", NULL, "", false},
    {"4.8.6 overlapping, .1", "1 2 3 4 e0|1 2 3|1 2|1", NULL, "", true},
    {"4.8.6 overlapping, .2", "1 2 3 4 e0|1 2 3|1 2|1", "1", "", true},
    {"4.8.6 overlapping, .3", "1 2 3 4 e0|1 2 3|1 2|1", "2", "", false},
    {"4.8.7 different", "1 2 3 e0|1 2|1|3", NULL, "", false},
    {"4.8.8 different", "1 2 e0|1|2|1", NULL, "", false},
    {"4.8.9 different", "1 2 3 e0|1 2|2|1|1", NULL, "", false},
    {"4.8.10 two each, .1", "1 2 e0|1 2", NULL, "", true},
    {"4.8.10 two each, .2", "1 2 e0|1 2", "1", "", true},
    {"4.8.10 two each, .3", "1 2 e0|1 2", "2", "", true},
    {"4.8.11 any-policy everywhere, .1", "any e0|any", NULL, "", true},
    {"4.8.11 any-policy everywhere, .2", "any e0|any", "1", "", true},
    {"4.8.12 different", "3 e0|4", NULL, "", false},
    {"4.8.13 three each, .1", "1 2 3 e0|1 2 3", "1", "", true},
    {"4.8.13 three each, .2", "1 2 3 e0|1 2 3", "2", "", true},
    {"4.8.13 three each, .3", "1 2 3 e0|1 2 3", "3", "", true},
    {"4.8.14 any-policy, then one, .1", "any e0|1", "1", "", true},
    {"4.8.14 any-policy, then one, .2", "any e0|1", "2", "", false},
    {"4.8.15 the leaf alone", "1", NULL, "E", true},
    {"4.8.17 the leaf alone, for another", "1", "2", "E", false},

    {"4.9.1 explicit after ten", "1 e10||||", NULL, "", true},
    {"4.9.2 explicit after five", "1 e5||||", NULL, "", true},
    {"4.9.3 explicit after four", "1 e4||||", NULL, "", false},
    {"4.9.4 explicit at once", "1 e0|1|1|1|1", NULL, "", true},
    {"4.9.5 explicit after seven, then two, then four", "1 e7|1 e2|1 e4|1|", NULL, "", false},
    {"4.9.6 self-issued does not count", "1 e2|self|", NULL, "", true},
    {"4.9.7 self-issued, and one that counts", "1 e2|self||", NULL, "", false},
    {"4.9.8 two self-issued, and one that counts", "1 e2|self||self|", NULL, "", false},
    {"explicit in the leaf itself", "1|e0", NULL, "", false},
    {"explicit in the leaf itself, with one", "1|1 e0", NULL, "", true},
    {"explicit later in the leaf", "1|e1", NULL, "", true},

    {"4.10.1 mapping, .1", "1 e0 1>2|2", "1", "", true},
    {"4.10.1 mapping, .2", "1 e0 1>2|2", "2", "", false},
    {"4.10.1 mapping, .3", "1 e0 1>2|2", NULL, "M", false},
    {"4.10.2 what was mapped is gone, .1", "1 e0 1>2|1", NULL, "", false},
    {"4.10.2 what was mapped is gone, .2", "1 e0 1>2|1", NULL, "M", false},
    {"4.10.3 one mapped, one not, .1", "1 2 e0 1>3|2 3|2", "1", "", false},
    {"4.10.3 one mapped, one not, .2", "1 2 e0 1>3|2 3|2", "2", "", true},
    {"4.10.4 one mapped, one not, neither", "1 2 e0 1>3|2 3|4", NULL, "", false},
    {"4.10.5 one to three, .1", "1 e0 1>2 1>3 1>4|2 3 4|2", "1", "", true},
    {"4.10.5 one to three, .2", "1 e0 1>2 1>3 1>4|2 3 4|2", "6", "", false},
    {"4.10.6 one to three, .1", "1 e0 1>2 1>3 1>4|2 3 4|3", "1", "", true},
    {"4.10.6 one to three, .2", "1 e0 1>2 1>3 1>4|2 3 4|3", "6", "", false},
    {"4.10.7 from any-policy", "1 any e0 any>1|1", NULL, "", false},
    {"4.10.8 to any-policy", "1 e0 1>any|1", NULL, "", false},
    {"4.10.9 any-policy and a mapping", "any e0 1>2|1", NULL, "", true},
    {"4.10.10 any-policy below one, mapped away", "1 e0|any 1>2|1", NULL, "", false},
    {"4.10.11 any-policy below one, mapped", "1 e0|any 1>2|2", NULL, "", true},
    {"4.10.12 one mapped, one not, .1", "1 2 e0 1>3|3", "1", "", true},
    {"4.10.12 one mapped, one not, .2", "1 2 e0 1>3|3", "2", "", false},
    {"4.10.13 one and any-policy, mapped", "1 any e0 1>2|2", "1", "", true},
    {"4.10.14 one and any-policy, mapped", "1 any e0 1>2|1", "1", "", true},
    {"any-policy stands for what is mapped", "any e0 1>2|2", "1", "", true},
    {"any-policy stands for what is mapped, not for it", "any e0 1>2|2", "3", "", false},
    {"two mapped to one, .1", "1 2 e0 1>3 2>3|3", "1", "", true},
    {"two mapped to one, .2", "1 2 e0 1>3 2>3|3", "2", "", true},
    {"two exchanged", "1 2 e0 1>2 2>1|1", "2", "", true},
    {"two exchanged, not the other", "1 2 e0 1>2 2>1|1", "1", "", false},

    {"4.11.1 no mapping", "1 e0 m0|1 1>2|2", NULL, "", false},
    {"4.11.2 one mapping", "1 2 e0 m1|1 2 1>3 2>4|3", NULL, "", true},
    {"4.11.3 one mapping, not two", "1 2 e0 m1|1 2 1>3 2>4|3 4 3>5|5", NULL, "", false},
    {"4.11.4 one mapping, and what was not mapped again", "1 2 e0 m1|1 2 1>3 2>4|3 4 3>5|4", NULL,
     "", true},
    {"4.11.5 five, then one", "1 e0 m5|1 m1|1 1>2|2", NULL, "", true},
    {"4.11.6 one, then five", "1 e0 m1|1 m5|1 1>2|2", NULL, "", false},
    {"4.11.7 self-issued does not count", "1 e0 m1|1 self|1 1>2|2", NULL, "", true},
    {"4.11.8 self-issued, then one too many", "1 e0 m1|1 self|1 1>2|2 2>3|3", NULL, "", false},
    {"4.11.9 self-issued, then two too many", "1 e0 m1|1 self|1 1>2|2|2 2>3|3", NULL, "", false},
    {"4.11.10 self-issued below", "1 e0 m1|1 self|1 1>2|2 self 2>3|3", NULL, "", false},
    {"4.11.11 self-issued below, .2", "1 e0 m1|1 self|1 1>2|2 self 2>3|2", NULL, "", false},

    {"4.12.1 any-policy does not count", "1 e0 a0|any", NULL, "", false},
    {"4.12.2 beside one it does no harm", "1 e0 a0|any 1", NULL, "", true},
    {"4.12.3 it counts once, .1", "1 e0 a1|any|1", NULL, "", true},
    {"4.12.3 it counts once, .2", "1 e0 a1|any|1", NULL, "A", false},
    {"4.12.4 it counts once, not twice", "1 e0 a1|any|any", NULL, "", false},
    {"4.12.5 five, then one", "1 e0 a5|1 a1|any|any", NULL, "", false},
    {"4.12.6 one, then five", "1 e0 a1|1 a5|any", NULL, "", false},
    {"4.12.7 self-issued does not count", "1 e0 a1|1 self|any|1", NULL, "", true},
    {"4.12.8 self-issued, then one too many", "1 e0 a1|1 self|any|any|1", NULL, "", false},
    {"4.12.9 self-issued below may", "1 e0 a1|1 self|any|any self|1", NULL, "", true},
    {"4.12.10 but not the leaf", "1 e0 a1|1 self|any|any", NULL, "", false},

    {"one policy twice, nobody asks", "1 1|1", NULL, "O", true},
    {"one policy twice", "1 1|1", NULL, "E", false},
};
/* clang-format on */

/* ---- chains ------------------------------------------------------------------------------ */

enum { PATH_MAX_LENGTH = 12 };

#define NIST_POLICY "2.16.840.1.101.3.2.1.48." /* and a number */

/* "1", "any" as an OBJECT IDENTIFIER in notation.h's form. */
static void append_policy(struct buffer *out, const char *word, size_t length)
{
    if (length == 3 && strncmp(word, "any", 3) == 0) {
        buffer_text(out, "06(551d2000)");
    } else {
        buffer_printf(out, "06(60864801650302 0130 %02lx)", strtoul(word, NULL, 10));
    }
}

/* The extensions of one certificate, as they are put together. */
struct policy_extensions {
    struct buffer policies, mappings, constraints, inhibit;
};

static void read_word(struct policy_extensions *out, const char *word)
{
    const char *arrow = strchr(word, '>');

    if (strcmp(word, "self") == 0) {
        return; /* its name says so */
    }
    if (arrow != NULL) {
        buffer_text(&out->mappings, "30(");
        append_policy(&out->mappings, word, (size_t)(arrow - word));
        append_policy(&out->mappings, arrow + 1, strlen(arrow + 1));
        buffer_text(&out->mappings, ")");
    } else if (word[0] == 'e' || word[0] == 'm') {
        buffer_printf(&out->constraints, "%s(%02lx)", word[0] == 'e' ? "80" : "81",
                      strtoul(word + 1, NULL, 10));
    } else if (word[0] == 'a' && word[1] != 'n') {
        buffer_printf(&out->inhibit, "02(%02lx)", strtoul(word + 1, NULL, 10));
    } else {
        buffer_text(&out->policies, "30(");
        append_policy(&out->policies, word, strlen(word));
        buffer_text(&out->policies, ")");
    }
}

/* Puts what there is into a SEQUENCE and adds the extension. */
static size_t add_extension(struct cert_extension *list, size_t count, const char *oid,
                            struct buffer *content, bool sequence)
{
    struct buffer whole = {0};

    if (content->length == 0) {
        return count;
    }
    buffer_printf(&whole, sequence ? "30(%s)" : "%s", buffer_string(content));
    buffer_free(content);
    *content = whole;
    list[count] = (struct cert_extension){oid, buffer_string(content), true};
    return count + 1;
}

static struct cert *make_certificate(char *words, const struct cert *issuer, const char *name,
                                     bool leaf)
{
    struct policy_extensions parts = {0};
    struct cert_extension list[5] = {0};
    struct cert *cert;
    char *word;
    size_t count = 0;

    while ((word = strsep(&words, " ")) != NULL) {
        if (word[0] != '\0') {
            read_word(&parts, word);
        }
    }
    count = add_extension(list, count, "2.5.29.32", &parts.policies, true);
    count = add_extension(list, count, "2.5.29.33", &parts.mappings, true);
    count = add_extension(list, count, "2.5.29.36", &parts.constraints, true);
    (void)add_extension(list, count, "2.5.29.54", &parts.inhibit, false);
    cert = cert_make(&(struct cert_options){
        .common_name = name, .ca = !leaf, .issuer = issuer, .extensions = list});
    assert_non_null(cert);
    buffer_free(&parts.policies);
    buffer_free(&parts.mappings);
    buffer_free(&parts.constraints);
    buffer_free(&parts.inhibit);
    return cert;
}

/* Leaf first, as it is sent; NULL ends it. */
struct policy_chain {
    const struct cert *sent[PATH_MAX_LENGTH + 1];
    size_t count;
};

static struct policy_chain make_chain(const char *text, const struct cert *root)
{
    struct policy_chain chain = {0};
    struct cert *made[PATH_MAX_LENGTH];
    size_t numbers[PATH_MAX_LENGTH]; /* of names; a self-issued one has that of its issuer */
    char copy[200];
    char *rest = copy, *part;

    (void)snprintf(copy, sizeof copy, "%s", text);
    while ((part = strsep(&rest, "|")) != NULL) {
        size_t i = chain.count++;
        char name[16];
        assert_true(chain.count <= PATH_MAX_LENGTH);
        numbers[i] = i > 0 && strstr(part, "self") != NULL ? numbers[i - 1] : i;
        (void)snprintf(name, sizeof name, "CA %zu", numbers[i]);
        made[i] = make_certificate(part, i > 0 ? made[i - 1] : root, name, rest == NULL);
    }
    for (size_t i = 0; i < chain.count; i++) {
        chain.sent[i] = made[chain.count - 1 - i];
    }
    return chain;
}

static void free_chain(struct policy_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        cert_free((struct cert *)(uintptr_t)chain->sent[i]);
    }
}

/* ---- the verdict ------------------------------------------------------------------------- */

static bool judge(const struct policy_case *row, const struct policy_chain *chain,
                  const struct cert *root)
{
    char texts[4][60];
    const char *policies[5] = {NULL};
    struct pki_request request = {
        .at = CERT_NOW,
        .trust = verdict_trust(CHAIN(root)),
        .require_explicit_policy = strchr(row->flags, 'E') != NULL,
        .inhibit_policy_mapping = strchr(row->flags, 'M') != NULL,
        .inhibit_any_policy = strchr(row->flags, 'A') != NULL,
    };
    struct pki_verification *verdict;
    char codes[300];
    size_t count = 0;
    bool ok;

    for (const char *at = row->wanted; at != NULL && *at != '\0' && count < 4; count++) {
        char *end;
        (void)snprintf(texts[count], sizeof texts[count], NIST_POLICY "%lu", strtoul(at, &end, 10));
        policies[count] = texts[count];
        at = end;
    }
    request.policies = count > 0 ? policies : NULL;
    verdict = verdict_ask(request, chain->sent);
    assert_non_null(verdict);
    verdict_codes(codes, sizeof codes, verdict);
    if (strcmp(codes, row->ok ? "ok" : "policy") != 0) {
        print_error("%s (%s, %s): tlstep says %s\n", row->name,
                    row->wanted != NULL ? row->wanted : "any", row->flags, codes);
    }
    ok = strcmp(codes, row->ok ? "ok" : "policy") == 0;
    for (size_t i = 0; i < verdict->reason_count; i++) {
        assert_true(verdict->reasons[i].text[0] != '\0' && verdict->reasons[i].found[0] != '\0');
        assert_true(verdict->reasons[i].required[0] != '\0' && verdict->reasons[i].mend[0] != '\0');
    }
    pki_verification_free(verdict);
    pki_trust_release(request.trust);
    return ok;
}

static struct cert *make_root(void)
{
    struct cert *root = cert_make(&(struct cert_options){.common_name = "Root", .ca = true});

    assert_non_null(root);
    return root;
}

static void chains_of_pkits_are_judged(void **state)
{
    struct cert *root = make_root();
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct policy_chain chain = make_chain(cases[i].chain, root);
        wrong += !judge(&cases[i], &chain, root);
        free_chain(&chain);
    }
    cert_free(root);
    assert_int_equal(wrong, 0);
}

static bool openssl_accepts(const struct policy_case *row, const struct policy_chain *chain,
                            const struct cert *root)
{
    char leaf[SCRATCH_PATH_MAX], sent[SCRATCH_PATH_MAX], anchor[SCRATCH_PATH_MAX];
    struct buffer options = {0}, output = {0};
    int status;

    buffer_text(&options, row->wanted == NULL ? " -policy 2.5.29.32.0" : "");
    for (const char *at = row->wanted; at != NULL && *at != '\0';) {
        char *end;
        buffer_printf(&options, " -policy " NIST_POLICY "%lu", strtoul(at, &end, 10));
        at = end;
    }
    buffer_text(&options, strchr(row->flags, 'E') != NULL ? " -explicit_policy" : "");
    buffer_text(&options, strchr(row->flags, 'M') != NULL ? " -inhibit_map" : "");
    buffer_text(&options, strchr(row->flags, 'A') != NULL ? " -inhibit_any" : "");
    cert_write_scratch(leaf, "leaf.pem", CHAIN(chain->sent[0]));
    cert_write_scratch(sent, "sent.pem", chain->sent + 1);
    cert_write_scratch(anchor, "root.pem", CHAIN(root));
    status = command_run(&output,
                         "openssl verify -attime %" PRId64 " -policy_check%s -no-CApath "
                         "-CAfile %s %s%s %s 2>&1",
                         CERT_NOW, options.length > 0 ? buffer_string(&options) : "", anchor,
                         chain->count > 1 ? "-untrusted " : "", chain->count > 1 ? sent : "", leaf);
    buffer_free(&options);
    buffer_free(&output);
    return status == 0;
}

static void openssl_agrees(void **state)
{
    struct cert *root = make_root();
    size_t disagreements = 0;

    (void)state;
    if (!command_exists("openssl")) {
        cert_free(root);
        print_message("skipped: no openssl\n");
        skip();
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct policy_chain chain = make_chain(cases[i].chain, root);
        bool otherwise = strchr(cases[i].flags, 'O') != NULL;
        if ((openssl_accepts(&cases[i], &chain, root) == cases[i].ok) == otherwise) {
            print_error("%s: OpenSSL says %s\n", cases[i].name, cases[i].ok ? "no" : "ok");
            disagreements++;
        }
        free_chain(&chain);
    }
    cert_free(root);
    assert_int_equal(disagreements, 0);
}

/* ---- chains by chance -------------------------------------------------------------------- */

enum { CHANCES = 60 };

static unsigned chance(uint64_t *seed, unsigned below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*seed >> 33) % below;
}

/*
 * Words of one certificate: no policy twice, for that is refused at once, and nothing that OpenSSL 3.0 takes otherwise
 * than RFC 5280: mappings in the leaf (6.1.4 is for all but the last), and mappings of what only any-policy stands for, which
 * it follows where any-policy does not count, too (6.1.4 (b)(1) asks for a node of it).
 */
static void append_chance(struct buffer *out, uint64_t *seed, bool first, bool leaf)
{
    unsigned named = chance(seed, 8);
    bool any = chance(seed, 3) == 0;

    for (unsigned policy = 1; policy <= 3; policy++) {
        bool has = (named & 1u << (policy - 1)) != 0;
        unsigned to = 1 + chance(seed, 3);
        bool maps = chance(seed, 3) == 0 && !leaf && (has || !any);
        if (has) {
            buffer_printf(out, " %u", policy);
        }
        if (maps) {
            buffer_printf(out, " %u>%u", policy, to);
        }
    }
    buffer_text(out, any ? " any" : "");
    if (chance(seed, 5) == 0) {
        buffer_printf(out, " m%u", chance(seed, 3));
    }
    if (chance(seed, 5) == 0) {
        buffer_printf(out, " a%u", chance(seed, 3));
    }
    buffer_text(out, !first && !leaf && chance(seed, 5) == 0 ? " self" : "");
}

static void openssl_agrees_on_chance(void **state)
{
    static const char *const wanted[] = {NULL, "1", "2", "1 3"};
    static const char *const flags[] = {"E", "E", "EM", "EA"};
    struct cert *root = make_root();
    uint64_t seed = 9618;
    size_t disagreements = 0, accepted = 0;

    (void)state;
    if (!command_exists("openssl")) {
        cert_free(root);
        print_message("skipped: no openssl\n");
        skip();
    }
    for (size_t i = 0; i < CHANCES; i++) {
        struct buffer text = {0};
        unsigned length = 2 + chance(&seed, 3);
        struct policy_case row = {.wanted = wanted[chance(&seed, 4)],
                                  .flags = flags[chance(&seed, 4)]};
        struct policy_chain chain;
        for (unsigned place = 0; place < length; place++) {
            buffer_text(&text, place > 0 ? "|" : "");
            append_chance(&text, &seed, place == 0, place + 1 == length);
        }
        row.name = row.chain = buffer_string(&text);
        chain = make_chain(row.chain, root);
        row.ok = openssl_accepts(&row, &chain, root);
        accepted += row.ok;
        disagreements += !judge(&row, &chain, root);
        free_chain(&chain);
        buffer_free(&text);
    }
    cert_free(root);
    assert_int_equal(disagreements, 0);
    assert_true(accepted > CHANCES / 10 && accepted < CHANCES - CHANCES / 10);
}

/* ---- hostile ones ------------------------------------------------------------------------ */

/* CVE-2023-0464: a tree doubles at each of these, 2^10 nodes at the tenth; the graph has two. */
static void trees_do_not_grow(void **state)
{
    static const char chain_text[] =
        "1 2 e0 1>1 1>2 2>1 2>2|1 2 1>1 1>2 2>1 2>2|1 2 1>1 1>2 2>1 2>2|1 2 1>1 1>2 2>1 2>2|"
        "1 2 1>1 1>2 2>1 2>2|1 2 1>1 1>2 2>1 2>2|1 2";
    struct policy_case row = {"doubling", chain_text, "1", "", true};
    struct cert *root = make_root();
    struct policy_chain chain = make_chain(row.chain, root);

    (void)state;
    assert_true(judge(&row, &chain, root));
    row.wanted = "3";
    row.ok = false;
    assert_true(judge(&row, &chain, root));
    free_chain(&chain);
    cert_free(root);
}

/* More policies than anybody follows are given up, and only where it matters; visibly. */
static void a_flood_of_policies_is_given_up(void **state)
{
    struct buffer list = {0};
    struct cert *root = make_root(), *ca, *leaf;
    struct pki_request request = {.at = CERT_NOW};
    struct pki_verification *verdict;

    (void)state;
    buffer_text(&list, "30(");
    for (unsigned i = 0; i < 21000; i++) {
        buffer_printf(&list, "30(06(60 %02x %02x %02x))", 1 + i / 10000, i / 100 % 100, i % 100);
    }
    buffer_text(&list, ")");
    ca = cert_make(&(struct cert_options){
        .common_name = "CA",
        .ca = true,
        .issuer = root,
        .extensions = EXTENSIONS({"2.5.29.32", buffer_string(&list), false})});
    leaf = cert_make(&(struct cert_options){.common_name = "leaf", .issuer = ca});
    assert_non_null(leaf);
    request.trust = verdict_trust(CHAIN(root));
    verdict = verdict_ask(request, CHAIN(leaf, ca));
    assert_non_null(verdict);
    assert_true(verdict->ok);
    pki_verification_free(verdict);
    request.require_explicit_policy = true;
    verdict = verdict_ask(request, CHAIN(leaf, ca));
    assert_non_null(verdict);
    assert_int_equal(verdict->reason_count, 1);
    assert_non_null(strstr(verdict->reasons[0].text, "given up"));
    assert_string_equal(verdict->reasons[0].reference, "RFC 9618 3");
    pki_verification_free(verdict);
    pki_trust_release(request.trust);
    buffer_free(&list);
    cert_free(leaf);
    cert_free(ca);
    cert_free(root);
}

/* The reason names who lost the last policy, who wants one, and which were there. */
static void reasons_name_certificates_and_policies(void **state)
{
    struct cert *root = make_root();
    struct policy_chain chain = make_chain("1 e0|1|2", root);
    struct pki_trust *trust = verdict_trust(CHAIN(root));
    struct pki_verification *verdict = verdict_of(chain.sent, trust, NULL);

    (void)state;
    assert_non_null(verdict);
    assert_int_equal(verdict->reason_count, 1);
    assert_int_equal(verdict->reasons[0].certificate, 0);
    assert_string_equal(verdict->reasons[0].field, "certificatePolicies");
    assert_non_null(strstr(verdict->reasons[0].found, NIST_POLICY "2"));
    assert_non_null(strstr(verdict->reasons[0].text, "CA 0 demands one (requireExplicitPolicy)"));
    pki_verification_free(verdict);
    pki_trust_release(trust);
    free_chain(&chain);
    cert_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_of_pkits_are_judged),
        cmocka_unit_test(openssl_agrees),
        cmocka_unit_test(openssl_agrees_on_chance),
        cmocka_unit_test(trees_do_not_grow),
        cmocka_unit_test(a_flood_of_policies_is_given_up),
        cmocka_unit_test(reasons_name_certificates_and_policies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
