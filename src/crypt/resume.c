/* Going on after records were lost. */
#include <string.h>

#include "opener.h"

int crypt_open_within(struct crypt_opener *opener, const struct crypt_sealed *sealed, uint64_t most,
                      uint8_t *out, struct crypt_opened *opened, struct err *err)
{
    uint64_t first = opener->sequence;
    uint8_t chain[CRYPT_IV_MAX];

    memcpy(chain, opener->next_iv, sizeof chain);
    for (uint64_t ahead = 0; ahead <= most && first + ahead >= first; ahead++) {
        struct err why = {0};
        opener->sequence = first + ahead;
        if (opener->open(opener, sealed, out, opened, &why) == 0) {
            opener->sequence++;
            return 0;
        }
        memcpy(opener->next_iv, chain, sizeof chain);
        if (err != NULL) {
            *err = why;
        }
        if (strcmp(why.code, "bad_record_mac") != 0) {
            break; /* it will not fit under another number either */
        }
    }
    opener->sequence = first;
    return -1;
}

/* The keystream's place is lost with the bytes that were under it. */
static int refuse_stream(const struct crypt_opener *opener, struct err *err)
{
    char name[96];

    wire_registry_text(name, sizeof name, WIRE_REGISTRY_CIPHER_SUITE, opener->cipher_suite);
    return err_set(err, ERR_TLS, "state_lost",
                   "cannot go on after a gap with %s: what a stream cipher does next depends on "
                   "every byte before",
                   name);
}

/*
 * SSL 3.0 and TLS 1.0: the IV was in what was lost, so the first block is gone. With encrypt-then-MAC the MAC
 * still tells the sequence number. Else it cannot be checked, and the number comes out of the next record.
 */
static int restart_chain(struct crypt_opener *opener, const struct crypt_sealed *sealed,
                         uint64_t most, uint8_t *out, struct crypt_opened *opened, struct err *err)
{
    int status;

    if (opener->encrypt_then_mac) {
        opener->chain_lost = true;
        status = crypt_open_within(opener, sealed, most, out, opened, err);
        opener->chain_lost = false;
        return status;
    }
    status = crypt_cbc_restart(opener, sealed, out, opened, err);
    if (status == 0) {
        opener->sequence++;
        opener->slack = most;
    }
    return status;
}

static int resume(struct crypt_opener *opener, const struct crypt_sealed *sealed, uint64_t most,
                  uint8_t *out, struct crypt_opened *opened, struct err *err)
{
    if (opener->suite.mode == CRYPT_STREAM && opener->cipher != NULL) {
        return refuse_stream(opener, err);
    }
    if (!crypt_cbc_is_chained(opener)) {
        return crypt_open_within(opener, sealed, most, out, opened, err);
    }
    if (crypt_open_within(opener, sealed, 0, out, opened, err) == 0) {
        return 0; /* nothing was lost after all */
    }
    return restart_chain(opener, sealed, most, out, opened, err);
}

int crypt_opener_resume(struct crypt_opener *opener, const uint8_t *record, size_t record_length,
                        uint64_t most, uint8_t *out, struct crypt_opened *opened, struct err *err)
{
    struct crypt_sealed sealed;
    uint8_t chain[CRYPT_IV_MAX];

    memset(opened, 0, sizeof *opened);
    if (crypt_split_record(opener, record, record_length, &sealed, err) != 0) {
        return -1;
    }
    memcpy(chain, opener->next_iv, sizeof chain);
    if (resume(opener, &sealed, most, out, opened, err) != 0) {
        memcpy(opener->next_iv, chain, sizeof chain);
        secret_wipe(out, sealed.length);
        memset(opened, 0, sizeof *opened);
        return -1;
    }
    crypt_describe(opener, opened);
    return 0;
}
