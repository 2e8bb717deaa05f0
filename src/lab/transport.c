/* The bytes between a lab server's sessions and their sockets, and how a recipe spoils them. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "connection.h"

#define PIECES_MAX 64

/* Copies `pieces` as far as `limit` bytes go. Returns how many are left. */
static int shorten(struct iovec *out, const giovec_t *pieces, int count, size_t limit)
{
    int used = 0;

    while (used < count && used < PIECES_MAX && limit > 0) {
        out[used].iov_base = pieces[used].iov_base;
        out[used].iov_len = pieces[used].iov_len < limit ? pieces[used].iov_len : limit;
        limit -= out[used].iov_len;
        used++;
    }
    return used;
}

/* ---- one record at a time ---------------------------------------------------------------- */

#define NS_PER_MS     INT64_C(1000000)
#define RECORD_HEADER 5 /* RFC 8446 5.1: the last two bytes are the length of what follows */

/* How long the record at the beginning of the pieces is; SIZE_MAX where its header is not whole. */
static size_t record_length(const giovec_t *pieces, int count)
{
    uint8_t header[RECORD_HEADER];
    size_t have = 0;

    for (int i = 0; i < count && have < sizeof header; i++) {
        const uint8_t *bytes = pieces[i].iov_base;
        for (size_t k = 0; k < pieces[i].iov_len && have < sizeof header; k++) {
            header[have++] = bytes[k];
        }
    }
    return have == sizeof header ? RECORD_HEADER + ((size_t)header[3] << 8 | header[4]) : SIZE_MAX;
}

/* How much may be sent now: the rest of a record. 0: not yet. */
static size_t allowed_now(struct lab_connection *connection, const giovec_t *pieces, int count)
{
    if (connection->service->scenario->recipe->delay_ms == 0) {
        return SIZE_MAX;
    }
    if (clock_monotonic_ns() < connection->pause_ns) {
        connection->paused = true;
        return 0;
    }
    if (connection->record_left == 0) {
        connection->record_left = record_length(pieces, count);
    }
    return connection->record_left;
}

static void count_sent(struct lab_connection *connection, size_t sent)
{
    unsigned delay_ms = connection->service->scenario->recipe->delay_ms;

    connection->sent += sent;
    if (delay_ms == 0) {
        return;
    }
    connection->record_left -= sent;
    if (connection->record_left == 0) {
        connection->pause_ns = clock_monotonic_ns() + delay_ms * NS_PER_MS;
    }
}

/* ---- small records ----------------------------------------------------------------------- */

#define HANDSHAKE 22
/* GnuTLS makes no records below 512 bytes: those in clear text are cut here, the others are as small as it makes them. */

static void put_record(struct buffer *out, const uint8_t *header, const uint8_t *body,
                       size_t length)
{
    buffer_append(out, header, RECORD_HEADER - 2);
    buffer_u16(out, (uint16_t)length);
    buffer_append(out, body, length);
}

/* RFC 8446 5.1: a handshake message may be spread over several records. Whatever is no whole handshake record in clear text stays as it is. */
static void cut_records(struct lab_connection *connection, const uint8_t *data, size_t length)
{
    size_t most = connection->service->scenario->recipe->record_size;
    struct buffer *out = &connection->pieces;

    while (length > 0) {
        size_t body = length >= RECORD_HEADER ? (size_t)data[3] << 8 | data[4] : length;
        if (length < RECORD_HEADER + body || data[0] != HANDSHAKE || connection->ciphered) {
            connection->ciphered = true; /* from here on */
            buffer_append(out, data, length);
            return;
        }
        for (size_t at = 0; at < body; at += most) {
            put_record(out, data, data + RECORD_HEADER + at, body - at < most ? body - at : most);
        }
        data += RECORD_HEADER + body;
        length -= RECORD_HEADER + body;
    }
}

bool lab_transport_flush(struct lab_connection *connection)
{
    struct buffer *pieces = &connection->pieces;

    while (pieces->length > 0) {
        ssize_t sent =
            send(connection->fd, pieces->data, pieces->length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        buffer_consume(pieces, (size_t)sent);
    }
    return !pieces->failed;
}

/* Takes all that there is, once what was taken before is out. */
static ssize_t push_small(gnutls_transport_ptr_t pointer, const giovec_t *pieces, int count)
{
    struct lab_connection *connection = pointer;
    struct buffer whole = {0};
    ssize_t taken;

    if (!lab_transport_flush(connection) || connection->pieces.length > 0) {
        gnutls_transport_set_errno(connection->session,
                                   connection->pieces.length > 0 ? EAGAIN : EPIPE);
        return -1;
    }
    for (int i = 0; i < count; i++) {
        buffer_append(&whole, pieces[i].iov_base, pieces[i].iov_len);
    }
    taken = whole.failed ? -1 : (ssize_t)whole.length;
    if (taken > 0) {
        cut_records(connection, whole.data, whole.length);
    }
    buffer_free(&whole);
    if (taken < 0 || !lab_transport_flush(connection)) {
        gnutls_transport_set_errno(connection->session, EPIPE);
        return -1;
    }
    return taken;
}

/* ---- what GnuTLS calls ------------------------------------------------------------------- */

/* GnuTLS goes on with what a short write has left. */
static ssize_t push(gnutls_transport_ptr_t pointer, const giovec_t *pieces, int count)
{
    struct lab_connection *connection = pointer;
    size_t cut_after = connection->service->scenario->recipe->cut_after;
    size_t limit = cut_after > 0 ? cut_after - connection->sent : SIZE_MAX;
    struct iovec shortened[PIECES_MAX];
    struct msghdr message = {.msg_iov = shortened};
    ssize_t sent;

    if (limit == 0) {
        connection->cut = true;
        gnutls_transport_set_errno(connection->session, EPIPE);
        return -1;
    }
    size_t allowed = allowed_now(connection, pieces, count);
    if (allowed == 0) {
        gnutls_transport_set_errno(connection->session, EAGAIN);
        return -1;
    }
    limit = allowed < limit ? allowed : limit;
    message.msg_iovlen = (size_t)shorten(shortened, pieces, count, limit);
    sent = sendmsg(connection->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
        gnutls_transport_set_errno(connection->session, errno);
        return -1;
    }
    count_sent(connection, (size_t)sent);
    return sent;
}

/*
 * GnuTLS 3.7.9 keeps all that has come of a handshake message until it is whole, up to the 16 MiB that a client may claim, whatever
 * gnutls_handshake_set_max_packet_length() says (measured): so it gets no more than an honest client's hellos, certificates and early
 * data take.
 */
#define UNHEARD_MAX ((size_t)48 * 1024)

static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct lab_connection *connection = pointer;
    ssize_t got;

    if (connection->unheard > UNHEARD_MAX) {
        gnutls_transport_set_errno(connection->session, EMSGSIZE);
        return -1;
    }
    got = recv(connection->fd, data, size, MSG_DONTWAIT);
    if (got < 0) {
        gnutls_transport_set_errno(connection->session, errno);
        return got;
    }
    connection->unheard += (size_t)got;
    return got;
}

/* The event loop waits, not GnuTLS: this only says whether something is there. */
static int pull_timeout(gnutls_transport_ptr_t pointer, unsigned milliseconds)
{
    struct lab_connection *connection = pointer;
    struct pollfd watched = {.fd = connection->fd, .events = POLLIN};

    (void)milliseconds;
    return poll(&watched, 1, 0);
}

void lab_transport_install(struct lab_connection *connection)
{
    gnutls_transport_set_ptr(connection->session, connection);
    gnutls_transport_set_vec_push_function(
        connection->session,
        connection->service->scenario->recipe->record_size > 0 ? push_small : push);
    gnutls_transport_set_pull_function(connection->session, pull);
    gnutls_transport_set_pull_timeout_function(connection->session, pull_timeout);
}
