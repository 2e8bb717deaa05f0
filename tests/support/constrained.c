/* CAs with name constraints and certificates under them. */
#include "constrained.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct cert *root, *ca_key, *leaf_key;
struct pki_trust *trust;

struct cert *constrained_ca(const char *constraints, const struct cert *issuer)
{
    char value[1000];

    (void)snprintf(value, sizeof value, "30(%s)", constraints);
    return cert_must((struct cert_options){.common_name = "Limited CA",
                                           .ca = true,
                                           .issuer = issuer,
                                           .same_key_as = ca_key,
                                           .extensions = EXTENSIONS({"2.5.29.30", value, false})});
}

int constrained_set_up(void **state)
{
    (void)state;
    root = cert_make(&(struct cert_options){.common_name = "Test Root", .ca = true});
    ca_key =
        cert_make(&(struct cert_options){.common_name = "Limited CA", .ca = true, .issuer = root});
    leaf_key = cert_make(&(struct cert_options){.common_name = "key"});
    trust = verdict_trust(CHAIN(root));
    return trust != NULL && ca_key != NULL && leaf_key != NULL ? 0 : -1;
}

int constrained_tear_down(void **state)
{
    (void)state;
    pki_trust_release(trust);
    cert_free(leaf_key);
    cert_free(ca_key);
    cert_free(root);
    return 0;
}

struct cert *constrained_leaf(const struct constrained_row *row)
{
    const struct cert_attribute email[] = {{.oid = "1.2.840.113549.1.9.1", .text = row->email},
                                           {0}};
    const struct cert_extension raw[] = {{"2.5.29.17", row->raw, false}, {0}};
    struct cert_options options = {.issuer = ca_key, .same_key_as = leaf_key};

    options.common_name = row->common_name != NULL ? row->common_name : "Joe Bloggs";
    if (options.common_name[0] == '\0') {
        options.common_name = NULL;
    }
    options.organization = row->organization;
    options.attributes = row->email != NULL ? email : NULL;
    options.names = row->names[0] != NULL ? row->names : NULL;
    options.extensions = row->raw != NULL ? raw : NULL;
    return cert_must(options);
}

/* "ok", "name_constraint", … of a chain under the root. */
void constrained_expect(const struct cert *const *chain, struct pki_trust *anchors,
                        const char *text, const char *what, size_t number)
{
    struct pki_verification *verdict = verdict_of(chain, anchors, NULL);
    char codes[300];

    assert_non_null(verdict);
    verdict_codes(codes, sizeof codes, verdict);
    if (strncmp(codes, text != NULL ? "name_constraint" : "ok", strlen(codes) < 15 ? 2 : 15) != 0 ||
        (text != NULL && strstr(verdict->reasons[0].text, text) == NULL)) {
        fail_msg("%s %zu: %s: %s", what, number, codes,
                 verdict->reason_count > 0 ? verdict->reasons[0].text : "");
    }
    for (size_t i = 0; i < verdict->reason_count; i++) {
        assert_true(verdict->reasons[i].mend[0] != '\0' && verdict->reasons[i].field[0] != '\0');
        assert_true(strncmp(verdict->reasons[i].reference, "RFC 5280 ", 9) == 0);
    }
    pki_verification_free(verdict);
}

void constrained_write(char path[SCRATCH_PATH_MAX], const char *what, size_t number,
                       const struct cert *cert)
{
    char name[40];

    (void)snprintf(name, sizeof name, "%s-%zu.pem", what, number);
    cert_write_scratch(path, name, CHAIN(cert));
}
