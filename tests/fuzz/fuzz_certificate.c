/*
 * Certificates: any bytes. As facts, under all rules of lint, as a leaf and as an issuer in a chain, against a store made of
 * the same bytes, and as a PEM or DER bundle. What is shown must be safe for a terminal, and a
 * verdict must survive being written and read again.
 */
#include <jansson.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "expect.h"
#include "tlstep/pki.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_facts(const uint8_t *data, size_t size)
{
    struct pki_certificate *facts = pki_certificate_new(data, size);
    char label[60];

    fuzz_expect(facts != NULL);
    fuzz_expect(facts->der.length == size);
    fuzz_expect(facts->malformed == (facts->problem[0] != '\0'));
    fuzz_expect_safe(pki_certificate_label(label, sizeof label, facts));
    fuzz_expect_safe(facts->problem);
    if (!facts->malformed) {
        fuzz_expect(facts->subject != NULL && facts->issuer != NULL && facts->serial != NULL);
        fuzz_expect(facts->key_type != NULL && facts->signature_algorithm != NULL);
    }
    for (size_t i = 0; i < facts->san_count; i++) {
        fuzz_expect(facts->san[i] != NULL);
    }
    pki_certificate_free(facts);
}

static void check_lint(const uint8_t *data, size_t size)
{
    for (enum pki_place place = PKI_LEAF; place <= PKI_ROOT; place++) {
        struct pki_slice certificate = {data, size};
        struct pki_lint *notes;
        size_t count;
        fuzz_expect(pki_lint(&notes, &count, certificate, place, certificate, 1780308000) == 0);
        for (size_t i = 0; i < count; i++) {
            fuzz_expect_safe(notes[i].text);
            fuzz_expect(strlen(notes[i].text) < 600);
        }
        pki_lint_free(notes, count);
    }
}

static void check_verdict(const struct pki_verification *verdict)
{
    json_t *json = pki_verification_encode(verdict);
    struct pki_verification *again = pki_verification_decode(json, NULL);

    fuzz_expect(again != NULL);
    fuzz_expect(again->reason_count == verdict->reason_count);
    for (size_t i = 0; i < verdict->reason_count; i++) {
        fuzz_expect_safe(verdict->reasons[i].text);
        fuzz_expect_safe(verdict->reasons[i].mend);
        fuzz_expect_safe(verdict->reasons[i].found);
        fuzz_expect_safe(verdict->reasons[i].required);
        fuzz_expect(strcmp(verdict->reasons[i].text, again->reasons[i].text) == 0);
    }
    for (size_t i = 0; i < verdict->path_length; i++) {
        fuzz_expect(verdict->path[i] < verdict->certificate_count);
    }
    fuzz_expect(verdict->ok == (verdict->reason_count == 0));
    fuzz_expect(!verdict->ok || verdict->anchored);
    pki_verification_free(again);
    json_decref(json);
}

/* The input is cut in two at its first certificate's end: leaf and issuer. */
static void check_chain(const uint8_t *data, size_t size)
{
    size_t cut = size;
    struct pki_slice chain[3];
    struct pki_trust *trust = pki_trust_none(NULL);
    struct pki_request request = {.chain = chain,
                                  .chain_length = 2,
                                  .trust = trust,
                                  .hostname = "www.example.org",
                                  .at = 1780308000};
    struct pki_verification *verdict;

    if (size > 4 && data[0] == 0x30 && data[1] == 0x82) {
        size_t length = 4 + ((size_t)data[2] << 8 | data[3]);
        cut = length < size ? length : size;
    }
    chain[0] = (struct pki_slice){data, cut};
    chain[1] = (struct pki_slice){data + cut, size - cut};
    chain[2] = chain[0];
    fuzz_expect(trust != NULL);
    for (int known = 0; known < 3; known++) {
        verdict = pki_verify(&request, NULL);
        fuzz_expect(verdict != NULL);
        check_verdict(verdict);
        pki_verification_free(verdict);
        (void)pki_trust_add_der(trust, chain[1 - known % 2].data, chain[1 - known % 2].length,
                                NULL); /* refused when it is none */
        request.chain_length = known == 0 ? 3 : 1;
        request.strict = known == 0;
    }
    pki_trust_release(trust);
}

/* Through a file in memory, as a bundle that a user names. */
static void check_bundle(const uint8_t *data, size_t size)
{
    static int file = -1;
    static char path[40];
    struct pki_trust *trust = pki_trust_none(NULL);
    struct err err = {0};

    if (file < 0) {
        file = memfd_create("bundle", 0);
        fuzz_expect(file >= 0);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    fuzz_expect(ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (ssize_t)size);
    fuzz_expect(trust != NULL);
    if (pki_trust_add_file(trust, path, &err) != 0) {
        fuzz_expect(err.class == ERR_FILE && pki_trust_count(trust) == 0);
        fuzz_expect_safe(err.text);
    } else {
        fuzz_expect(pki_trust_count(trust) > 0);
    }
    pki_trust_release(trust);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_facts(data, size);
    check_lint(data, size);
    check_chain(data, size);
    check_bundle(data, size);
    (void)pki_hostname_matches(data, size, "www.example.org");
    (void)pki_hostname_matches(data, size, "192.0.2.1");
    return 0;
}
