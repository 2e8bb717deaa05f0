/*
 * Verdicts on signatures that have been checked before. A capture holds the same bytes again and again
 * (sections that repeat, servers that are measured), and a signature takes longer than all else in a short
 * conversation. A verdict depends on its inputs alone, so it is found by their hash.
 */
#ifndef CRYPT_REMEMBERED_H
#define CRYPT_REMEMBERED_H

#include "tlstep/crypt.h"

/* What a signature's verdict depends on, as one hash. False: it could not be computed. */
bool crypt_remembered_key(const struct crypt_signature *signature, uint8_t key[CRYPT_SHA256_SIZE]);

/* True when the verdict was there and `check` has been filled. Any thread. */
bool crypt_remembered_find(const uint8_t key[CRYPT_SHA256_SIZE], struct crypt_check *check);
void crypt_remembered_keep(const uint8_t key[CRYPT_SHA256_SIZE], const struct crypt_check *check);

#endif
