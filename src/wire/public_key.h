/*
 * Public keys of Diffie-Hellman and of key encapsulation, as key shares and key exchange messages
 * carry them: points with their coordinates, hybrid ones in their parts.
 *
 * To add a group: its row in public_key.c.
 */
#ifndef TLSTEP_WIRE_PUBLIC_KEY_H
#define TLSTEP_WIRE_PUBLIC_KEY_H

#include "schema.h"

/* A length of `bytes` bytes, then a key: a group of its parts, or a leaf where it has none. `caller`
 * is one of the two functions below. */
#define PUBLIC_KEY(parent, field, bytes, caller)                                    \
    {                                                                               \
        .layout = LAYOUT_CALL, .size = (bytes), .least = 1, .call = (caller),       \
        SCHEMA_TYPE(parent, field, BYTES), SCHEMA_GROUP(parent, field),             \
        SCHEMA_LENGTH(parent, field, field "_length"), .content = public_key_parts, \
    }

/* Of the named group whose two bytes stand right before the length. */
schema_caller public_key_of_group;
/* Of a curve that is not named there. */
schema_caller public_key_of_curve;

/* The fields that a key can have. */
extern const struct schema public_key_parts[];

/* True for a group made here: its value is its bytes. */
bool public_key_is_group(const struct wire_tree *tree, size_t index);

#endif
