/* Which certificate of a PKCS#12 comes first. */
#ifndef PKI_PKCS12_ORDER_H
#define PKI_PKCS12_ORDER_H

#include "pkcs12.h"

/* Puts `items[leaf]` first (`leaf` of `count` or more: the one that certifies no other), the chain of its issuers behind it, the
 * rest after that in the order it had. False when memory ran out. */
bool pkcs12_order(struct pkcs12 *contents, size_t leaf);

#endif
