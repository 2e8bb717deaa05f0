/*
 * PKCS#12: any bytes, as a file, as the contents that a decryption gives, and as the parameters of one. Work is bounded by the rounds
 * that are allowed; what is found lies in the bytes that were kept.
 */
#include "../../src/pki/files/pkcs12.h"
#include "../../src/pki/files/pkcs12_bags.h"
#include "bundles.h"

/* Far fewer than PBE_ROUNDS_MAX, so that the fuzzer gets on. */
#define ROUNDS ((uint64_t)3000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_items(const struct pkcs12 *contents)
{
    for (size_t i = 0; i < contents->count; i++) {
        const struct pkcs12_item *item = &contents->items[i];
        fuzz_expect(item->offset <= contents->bytes.length &&
                    item->length <= contents->bytes.length - item->offset);
        if (!item->is_crl && item->length > 0) {
            fuzz_write_and_read(slice_at(&contents->bytes, item->offset, item->length));
        }
    }
}

static void as_file(const uint8_t *data, size_t size)
{
    struct pki_password password = {fuzz_password, NULL};
    uint64_t rounds = ROUNDS;
    struct pkcs12 contents;
    struct err err = {0};
    int result =
        pkcs12_read(&contents, (struct pki_slice){data, size}, "fuzz", &password, &rounds, &err);

    fuzz_expect(rounds <= ROUNDS);
    if (result != 0) {
        fuzz_expect(err.class == ERR_FILE || err.class == ERR_USAGE);
        fuzz_expect_safe(err.text);
        fuzz_expect(contents.count == 0);
    }
    check_items(&contents);
    pkcs12_clear(&contents);
}

static void as_bags(const uint8_t *data, size_t size)
{
    uint64_t rounds = ROUNDS;
    struct pkcs12 contents = {0};
    struct pkcs12_bags bags = {.out = &contents, .pbe = {"secret", &rounds}};
    enum pbe_result result = pkcs12_bags_read(&bags, (struct pki_slice){data, size});

    fuzz_expect(result == PBE_OK || result == PBE_UNSUPPORTED);
    fuzz_expect(pkcs12_bags_leaf(&bags) <= contents.count);
    check_items(&contents);
    free(bags.ids);
    pkcs12_clear(&contents);
}

/* An AlgorithmIdentifier, and behind it what it encrypts or authenticates. */
static void as_parameters(const uint8_t *data, size_t size)
{
    uint64_t rounds = ROUNDS;
    struct pbe pbe = {"secret", &rounds};
    struct reader reader = reader_new(data, size);
    struct reader algorithm = ber_enter(&reader, DER_SEQUENCE);
    struct pki_slice rest = {data + reader.offset, size - reader.offset};
    struct buffer plain = {.secret = true};

    if (!reader.failed) {
        if (pbe_decrypt(&pbe, algorithm, rest, &plain) == PBE_OK) {
            fuzz_expect(plain.length <= rest.length);
        }
        (void)pbe_check_mac(&pbe, algorithm, rest); /* right only by chance */
    }
    buffer_wipe_free(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_file(data, size);
    as_bags(data, size);
    as_parameters(data, size);
    return 0;
}
