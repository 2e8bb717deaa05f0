/*
 * PKCS#7: any bytes as SignedData in DER or BER. What is found in it lies in it, in order, without overlap; the walk ends.
 */
#include <stdlib.h>

#include "../../src/pki/files/pkcs7.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* Walks one of the sets; everything in it comes behind `from`. Returns its end. */
static const uint8_t *check_set(struct reader *list, const uint8_t *from, const uint8_t *end)
{
    struct pki_slice value;
    size_t others = 0;

    while (pkcs7_next(list, &value, &others)) {
        expect(value.data >= from && value.length >= 2 && value.data + value.length <= end);
        expect(value.data[0] == DER_SEQUENCE);
        from = value.data + value.length;
    }
    expect(list->failed || reader_left(list) == 0);
    return from;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pkcs7 contents;
    const char *why = NULL;

    if (!pkcs7_read((struct pki_slice){data, size}, &contents, &why)) {
        expect(why != NULL && why[0] != '\0');
        return 0;
    }
    const uint8_t *end = check_set(&contents.certificates, data, data + size);
    (void)check_set(&contents.crls, end, data + size);
    return 0;
}
