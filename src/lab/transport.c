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
    message.msg_iovlen = (size_t)shorten(shortened, pieces, count, limit);
    sent = sendmsg(connection->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
        gnutls_transport_set_errno(connection->session, errno);
        return -1;
    }
    connection->sent += (size_t)sent;
    return sent;
}

static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct lab_connection *connection = pointer;
    ssize_t got = recv(connection->fd, data, size, MSG_DONTWAIT);

    if (got < 0) {
        gnutls_transport_set_errno(connection->session, errno);
    }
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
    gnutls_transport_set_vec_push_function(connection->session, push);
    gnutls_transport_set_pull_function(connection->session, pull);
    gnutls_transport_set_pull_timeout_function(connection->session, pull_timeout);
}
