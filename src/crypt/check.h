/* What all checks say in the same words. */
#ifndef CRYPT_CHECK_H
#define CRYPT_CHECK_H

#include "tlstep/crypt.h"

/* The check could not be made; `why` in words. */
void crypt_check_unknown(struct crypt_check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Compares what was received with the expected value in `check`, and says the result. */
void crypt_check_compare(struct crypt_check *check, const struct crypt_known *received);

#endif
