/* Which end of a captured conversation is the client. */
#include "client.h"

#include <string.h>

#include "sync.h"

/* Dialogues in clear text that lead to TLS are shorter. */
#define SEARCH_LIMIT ((size_t)64 * 1024)
/* RFC 8446 5.1, 4, 4.1.2: record header, handshake header, legacy_version; then the random. */
#define RANDOM_AT (WIRE_RECORD_HEADER + WIRE_HANDSHAKE_HEADER + 2)

/* RFC 5246 E.2: the challenge of an SSL 2.0 ClientHello stands for the random, right-aligned. */
static bool ssl2_random(const uint8_t *data, size_t length, uint8_t random[32])
{
    struct reader reader = reader_new(data, length);

    (void)reader_bytes(&reader, 5); /* length, type, version */
    size_t suites = reader_u16(&reader);
    size_t session_id = reader_u16(&reader);
    size_t challenge = reader_u16(&reader);
    (void)reader_bytes(&reader, suites + session_id);
    const uint8_t *bytes = reader_bytes(&reader, challenge);
    if (bytes == NULL || challenge > 32) {
        return false;
    }
    memset(random, 0, 32);
    memcpy(random + 32 - challenge, bytes, challenge);
    return true;
}

static bool find(struct client_search *search, enum capture_end end, uint8_t random[32])
{
    const struct buffer *bytes = &search->bytes[end];
    size_t *from = &search->searched[end];
    size_t record;

    if (*from == 0 && wire_ssl2_hello_parse(bytes->data, bytes->length, &record) == WIRE_COMPLETE &&
        ssl2_random(bytes->data, record, random)) {
        return true;
    }
    /* What follows a hello that turns out to be cut is looked at again with more bytes. */
    if (!sync_find_hello(bytes->data, bytes->length, WIRE_CLIENT, from) ||
        bytes->length < *from + RANDOM_AT + 32) {
        return false;
    }
    memcpy(random, bytes->data + *from + RANDOM_AT, 32);
    return true;
}

int client_search_take(struct client_search *search, enum capture_end end, const uint8_t *data,
                       size_t length, uint8_t random[32])
{
    struct buffer *bytes = &search->bytes[end];
    size_t room = SEARCH_LIMIT - bytes->length;

    buffer_append(bytes, data, length < room ? length : room);
    if (bytes->failed) {
        return -1;
    }
    if (!find(search, end, random)) {
        return 0;
    }
    enum capture_end other = end == CAPTURE_A ? CAPTURE_B : CAPTURE_A;
    search->text = search->searched[end] > 0 || search->bytes[other].length > 0;
    return 1;
}

void client_search_gap(struct client_search *search, enum capture_end end)
{
    search->bytes[end].length = 0;
    search->searched[end] = 0;
}

bool client_search_is_over(const struct client_search *search)
{
    return search->bytes[CAPTURE_A].length >= SEARCH_LIMIT ||
           search->bytes[CAPTURE_B].length >= SEARCH_LIMIT;
}

void client_search_free(struct client_search *search)
{
    buffer_free(&search->bytes[CAPTURE_A]);
    buffer_free(&search->bytes[CAPTURE_B]);
}

enum capture_end client_guess(const struct capture_conversation *conversation)
{
    if (conversation->opener >= 0) {
        return conversation->opener == CAPTURE_B ? CAPTURE_B : CAPTURE_A;
    }
    return conversation->ends[CAPTURE_B].port > conversation->ends[CAPTURE_A].port ? CAPTURE_B
                                                                                   : CAPTURE_A;
}
