/* Until crypt and wire have these: no search behind lost records, no SSL 2. Goes when they come. */
#include "tlstep/crypt.h"

__attribute__((weak)) int crypt_opener_resume(struct crypt_opener *opener, const uint8_t *record,
                                              size_t record_length, uint64_t most, uint8_t *out,
                                              struct crypt_opened *opened, struct err *err)
{
    (void)most;
    return crypt_opener_open(opener, record, record_length, out, opened, err);
}

__attribute__((weak)) enum wire_parse wire_ssl2_hello_parse(const uint8_t *data, size_t length,
                                                            size_t *record_length)
{
    (void)data;
    *record_length = length;
    return WIRE_NOT_TLS;
}
