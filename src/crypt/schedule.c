/* The key schedule as a tree: the builder, and what all versions have in common. */
#include "schedule.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "opener.h"

/* ---- building ------------------------------------------------------------------------------- */

static size_t add_field(struct schedule_builder *builder, enum schedule_field field, size_t length)
{
    struct wire_tree *tree = builder->tree;
    struct wire_field *fields;

    if (builder->failed || builder->bytes->failed) {
        builder->failed = true;
        return 0;
    }
    fields = array_grow(tree->fields, &tree->capacity, tree->count + 1, sizeof *fields);
    if (fields == NULL) {
        builder->failed = true;
        return 0;
    }
    tree->fields = fields;
    fields[tree->count] = (struct wire_field){
        .type = schedule_type(field),
        .offset = (uint32_t)(builder->bytes->length - length),
        .length = (uint32_t)length,
        .depth = builder->depth,
    };
    return tree->count++;
}

size_t schedule_begin(struct schedule_builder *builder, enum schedule_field group)
{
    size_t index = add_field(builder, group, 0);

    builder->depth++;
    return index;
}

void schedule_end(struct schedule_builder *builder, size_t group)
{
    builder->depth--;
    if (!builder->failed && !builder->bytes->failed) {
        struct wire_field *field = &builder->tree->fields[group];
        field->length = (uint32_t)(builder->bytes->length - field->offset);
    }
}

void schedule_bytes(struct schedule_builder *builder, enum schedule_field field, const void *data,
                    size_t length)
{
    if (length > 0) {
        buffer_append(builder->bytes, data, length);
        (void)add_field(builder, field, length);
    }
}

void schedule_number(struct schedule_builder *builder, enum schedule_field field, uint64_t value)
{
    buffer_u32(builder->bytes, (uint32_t)(value >> 32));
    buffer_u32(builder->bytes, (uint32_t)value);
    (void)add_field(builder, field, sizeof value);
}

void schedule_text(struct schedule_builder *builder, enum schedule_field field, const char *format,
                   ...)
{
    char text[400];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    schedule_bytes(builder, field, text, strlen(text));
}

struct schedule_secret schedule_value(struct schedule_builder *builder,
                                      const struct schedule_secret *computed,
                                      const struct crypt_secret *logged, const char *unknown)
{
    struct schedule_secret value = *computed;
    bool agree;

    if (logged == NULL && !computed->known) {
        schedule_text(builder, SCHEDULE_UNKNOWN, "%s", unknown);
        return value;
    }
    if (logged != NULL) {
        memcpy(value.data, logged->secret, logged->length);
        value.length = logged->length;
        value.known = true;
    }
    schedule_bytes(builder, SCHEDULE_VALUE, value.data, value.length);
    if (logged == NULL) {
        schedule_text(builder, SCHEDULE_SOURCE, "computed");
        return value;
    }
    agree = computed->known && computed->length == logged->length &&
            memcmp(computed->data, logged->secret, logged->length) == 0;
    schedule_text(builder, SCHEDULE_SOURCE, "%s",
                  !computed->known ? "the key log"
                  : agree          ? "the key log, and computed: they agree"
                                   : "the key log; what was computed is ANOTHER value, so one of "
                                     "what it is made from is not this connection's");
    return value;
}

/* ---- the selected record -------------------------------------------------------------------- */

static const char *nonce_words(const struct crypt_opener *opener, uint64_t sequence)
{
    switch (opener->suite.mode) {
    case CRYPT_AEAD_EXPLICIT:
        return "4 bytes of IV, then 8 bytes out of the record";
    case CRYPT_AEAD_XOR:
        return "IV XOR sequence number";
    case CRYPT_CBC:
        if (!crypt_cbc_is_chained(opener)) {
            return "the first block of the record";
        }
        return sequence == 0 ? "the IV, since it is the first record"
                             : "the last block of the record before";
    default:
        return "none: a stream cipher goes on where the record before ended";
    }
}

void schedule_record(struct schedule_builder *builder, const char *protected_by)
{
    const struct crypt_schedule *in = builder->in;
    const struct crypt_opener *opener = in->record_opener;
    uint8_t bytes[CRYPT_IV_MAX];
    size_t group;
    size_t length;

    if (!in->has_record) {
        return;
    }
    group = schedule_begin(builder, SCHEDULE_RECORD);
    schedule_text(builder, SCHEDULE_PROTECTED_BY, "%s",
                  opener != NULL                   ? protected_by
                  : in->record_from == WIRE_CLIENT ? "keys of the client"
                                                   : "keys of the server");
    schedule_number(builder, SCHEDULE_SEQUENCE_NUMBER, in->record_sequence);
    if (opener == NULL) {
        schedule_text(builder, SCHEDULE_UNKNOWN,
                      "it was not decrypted, so there is no key, and no nonce made from it");
    } else {
        const uint8_t *key = crypt_opener_key(opener, &length);
        schedule_bytes(builder, SCHEDULE_KEY, key, length);
        const uint8_t *iv = crypt_opener_iv(opener, &length);
        schedule_bytes(builder, SCHEDULE_IV, iv, length);
        schedule_text(builder, SCHEDULE_NONCE_FROM, "%s", nonce_words(opener, in->record_sequence));
        length =
            crypt_opener_nonce(opener, in->record_sequence, in->record, in->record_length, bytes);
        schedule_bytes(builder, SCHEDULE_NONCE, bytes, length);
        length = crypt_opener_additional(opener, in->record_sequence, in->record, in->record_length,
                                         bytes);
        schedule_bytes(builder, SCHEDULE_ADDITIONAL_DATA, bytes, length);
    }
    schedule_end(builder, group);
    secret_wipe(bytes, sizeof bytes);
}

/* ---- the whole ------------------------------------------------------------------------------ */

int crypt_schedule_tree(const struct crypt_schedule *schedule, struct wire_tree *tree,
                        struct buffer *bytes)
{
    struct schedule_builder builder = {.in = schedule, .tree = tree, .bytes = bytes};

    tree->count = 0;
    tree->failed = false;
    buffer_consume(bytes, bytes->length);
    if (schedule->version >= WIRE_SSL3 && schedule->version <= WIRE_TLS12) {
        schedule_tls12(&builder);
    } else {
        schedule_tls13(&builder);
    }
    tree->data = bytes->data;
    tree->length = bytes->length;
    tree->failed = builder.failed || bytes->failed;
    return tree->failed ? -1 : 0;
}
