/* From a scenario's recipe to what its server shows: templates become plans, plans certificates, certificates chains. */
#include "certificate.h"

#include <stdlib.h>

#include "ca.h"
#include "identity.h"
#include "ocsp.h"

/* Validity of those that say nothing about it. */
#define FROM_DAYS     (-7)
#define UNTIL_DAYS    83
#define CA_FROM_DAYS  (-200)
#define CA_UNTIL_DAYS 1825

/* What is being made for one server. */
struct workshop {
    const struct lab_scenario *scenario;
    const struct lab_ca *ca;
    struct lab_issued *made; /* as many as the recipe has templates; one when it has none */
    size_t made_count;
    int64_t now;
};

/* ---- templates and chains that are not written down --------------------------------------------- */

static const struct lab_template good = {0};

static const struct lab_template *template_at(const struct workshop *shop, size_t index)
{
    const struct lab_recipe *recipe = shop->scenario->recipe;

    return recipe->made_count > 0 ? &recipe->made[index] : &good;
}

static size_t chain_count(const struct workshop *shop)
{
    size_t count = shop->scenario->recipe->shown_count;

    return count > 0 ? count : 1;
}

static struct lab_chain chain_at(const struct workshop *shop, size_t index)
{
    const struct lab_recipe *recipe = shop->scenario->recipe;

    if (recipe->shown_count > 0) {
        return recipe->shown[index];
    }
    return (struct lab_chain){
        .refs = {LAB_MADE((int)shop->made_count - 1), LAB_INTERMEDIATE},
    };
}

static const struct lab_issued *resolve(const struct workshop *shop, int ref)
{
    switch (ref) {
    case LAB_ITSELF:
        return NULL;
    case LAB_ROOT:
        return &shop->ca->root;
    case LAB_REF_NONE:
    case LAB_INTERMEDIATE:
        return &shop->ca->intermediate;
    default:
        return &shop->made[ref - LAB_REF_MADE];
    }
}

/* ---- making them -------------------------------------------------------------------------------- */

/* A server's that says nothing is for the scenario's host name, and for who connects by hand. */
static void choose_names(const struct lab_template *template, const char *hostname,
                         const char *names[LAB_NAMES_MAX], struct lab_plan *plan)
{
    size_t count = 0;

    if (template->names[0] == NULL && !template->is_ca) {
        names[count++] = hostname;
        names[count++] = "localhost";
        names[count++] = "127.0.0.1";
    }
    for (size_t i = 0; i < LAB_NAMES_MAX && template->names[i] != NULL; i++) {
        names[count++] = template->names[i];
    }
    plan->names = names;
    plan->name_count = count;
    plan->common_name = template->common_name != NULL ? template->common_name : names[0];
}

static void choose_dates(const struct lab_template *template, int64_t now, struct lab_plan *plan)
{
    int from = template->from_days, until = template->until_days;

    if (from == 0 && until == 0) {
        from = template->is_ca ? CA_FROM_DAYS : FROM_DAYS;
        until = template->is_ca ? CA_UNTIL_DAYS : UNTIL_DAYS;
    }
    plan->from = now + (int64_t)from * LAB_DAY;
    plan->until = now + (int64_t)until * LAB_DAY;
}

static int make_one(struct workshop *shop, size_t index)
{
    const struct lab_template *template = template_at(shop, index);
    const char *names[LAB_NAMES_MAX] = {0};
    struct lab_plan plan = {
        .issuer = resolve(shop, template->issuer),
        .key = template->key,
        .key_of = template->same_key != 0 ? resolve(shop, template->same_key)->key : NULL,
        .filler = template->filler,
        .is_ca = template->is_ca,
        .key_usage = template->may_sign ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN : 0,
        .purpose = template->purpose,
        .permitted = template->permitted,
        .must_staple = template->must_staple,
        .sha1 = template->sha1,
        .spoiled = template->spoiled,
    };

    choose_names(template, shop->scenario->hostname, names, &plan);
    choose_dates(template, shop->now, &plan);
    return lab_issue(&plan, &shop->made[index]);
}

/* ---- showing them ------------------------------------------------------------------------------- */

/* The staple is in `response` as long as it is shown. */
static int show(const struct workshop *shop, const struct lab_chain *chain, struct lab_shown *shown,
                struct buffer *response)
{
    int status = 0;

    while (shown->length < LAB_CHAIN_MAX && chain->refs[shown->length] != LAB_REF_NONE) {
        shown->chain[shown->length] = resolve(shop, chain->refs[shown->length]);
        shown->length++;
    }
    if (chain->staple != LAB_STAPLE_NONE) {
        status = lab_ocsp_respond(response, shown->chain[0], shown->chain[1],
                                  chain->staple == LAB_STAPLE_REVOKED, shop->now);
    }
    shown->staple = (struct pki_slice){response->data, response->length};
    return status;
}

static struct tls_identity *show_all(const struct workshop *shop, struct err *err)
{
    size_t count = chain_count(shop);
    struct lab_shown *shown = calloc(count, sizeof *shown);
    struct buffer *responses = calloc(count, sizeof *responses);
    struct tls_identity *identity = NULL;
    int status = shown != NULL && responses != NULL ? 0 : GNUTLS_E_MEMORY_ERROR;

    for (size_t i = 0; i < count && status >= 0; i++) {
        const struct lab_chain chain = chain_at(shop, i);
        status = show(shop, &chain, &shown[i], &responses[i]);
    }
    if (status < 0) {
        (void)lab_issue_fail(status, err); /* NULL says it */
    } else {
        identity = lab_identity_new(shown, count, err);
    }
    for (size_t i = 0; responses != NULL && i < count; i++) {
        buffer_free(&responses[i]);
    }
    free(responses);
    free(shown);
    return identity;
}

struct tls_identity *lab_certificates_make(const struct lab_scenario *scenario,
                                           const struct lab_ca *ca, struct err *err)
{
    size_t count = scenario->recipe->made_count > 0 ? scenario->recipe->made_count : 1;
    struct workshop shop = {
        .scenario = scenario,
        .ca = ca,
        .made = calloc(count, sizeof *shop.made),
        .made_count = count,
        .now = clock_wall_ns() / 1000000000,
    };
    struct tls_identity *identity = NULL;
    int status = shop.made != NULL ? 0 : GNUTLS_E_MEMORY_ERROR;

    for (size_t i = 0; i < count && status >= 0; i++) {
        status = make_one(&shop, i);
    }
    if (status < 0) {
        (void)lab_issue_fail(status, err); /* NULL says it */
    } else {
        identity = show_all(&shop, err);
    }
    for (size_t i = 0; shop.made != NULL && i < count; i++) {
        lab_issued_free(&shop.made[i]);
    }
    free(shop.made);
    return identity;
}
