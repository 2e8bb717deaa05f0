/*
 * PKCS#7: any bytes. What GnuTLS finds in DER is found here, too, byte for byte and in the same order. (Of what is no DER it also
 * reads values that are longer than what they stand in.)
 */
#include <gnutls/pkcs7.h>

#include "../../src/pki/files/pkcs7.h"
#include "bundles.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Walks the sets directly: everything found lies in the input. */
static size_t walk(const uint8_t *data, size_t size)
{
    struct pkcs7 contents;
    struct pki_slice der;
    size_t others = 0, count = 0;
    const char *why = NULL;

    if (!pkcs7_read((struct pki_slice){data, size}, &contents, &why)) {
        fuzz_expect_safe(why);
        return 0;
    }
    while (pkcs7_next(&contents.certificates, &der, &others)) {
        fuzz_expect(der.data > data && der.data + der.length <= data + size);
        count++;
    }
    while (pkcs7_next(&contents.crls, &der, &others)) {
        fuzz_expect(der.data > data && der.data + der.length <= data + size);
    }
    fuzz_expect(count + others < size);
    return count;
}

/* True when every value ends where what it stands in ends, and all lengths are DER's. */
static bool is_der(struct pki_slice bytes, int depth)
{
    struct reader reader = reader_new(bytes.data, bytes.length);

    while (reader_left(&reader) > 0) {
        struct der value = der_any(&reader);
        if (reader.failed || depth > 40 ||
            ((value.tag & 0x20) != 0 && !is_der(value.content, depth + 1))) {
            return false;
        }
    }
    return true;
}

static bool same(struct pki_slice ours, const gnutls_datum_t *theirs)
{
    return ours.length == theirs->size && memcmp(ours.data, theirs->data, ours.length) == 0;
}

static void compare(const uint8_t *data, size_t size)
{
    gnutls_datum_t datum = {(uint8_t *)data, (unsigned)size}; /* only read */
    struct pkcs7 contents;
    gnutls_pkcs7_t pkcs7;
    const char *why;

    fuzz_expect(gnutls_pkcs7_init(&pkcs7) == 0);
    if (gnutls_pkcs7_import(pkcs7, &datum, GNUTLS_X509_FMT_DER) == 0 &&
        gnutls_pkcs7_get_crt_count(pkcs7) > 0) {
        struct pki_slice ours;
        size_t others = 0;
        gnutls_datum_t theirs;
        fuzz_expect(pkcs7_read((struct pki_slice){data, size}, &contents, &why));
        for (int i = 0; gnutls_pkcs7_get_crt_raw2(pkcs7, (unsigned)i, &theirs) == 0; i++) {
            if (theirs.size > 0 && theirs.data[0] == DER_SEQUENCE) { /* others are no X.509 */
                fuzz_expect(pkcs7_next(&contents.certificates, &ours, &others));
                fuzz_expect(same(ours, &theirs));
            }
            gnutls_free(theirs.data);
        }
    }
    gnutls_pkcs7_deinit(pkcs7);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)walk(data, size);
    if (is_der((struct pki_slice){data, size}, 0)) {
        compare(data, size);
    }
    pki_bundle_free(fuzz_read(data, size));
    return 0;
}
