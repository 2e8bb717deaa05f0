/* A client of a lab server in the same process. */
#include "lab_client.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define NS_PER_MS INT64_C(1000000)

static size_t count_entries(const char *folder)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        count += entry->d_name[0] != '.';
    }
    (void)closedir(directory);
    return count;
}

size_t process_descriptors(void)
{
    return count_entries("/proc/self/fd");
}

size_t process_threads(void)
{
    return count_entries("/proc/self/task");
}

int64_t lab_client_since_ms(int64_t start_ns)
{
    return (clock_monotonic_ns() - start_ns) / NS_PER_MS;
}

struct lab_server *lab_client_serve(const char *scenario, size_t connections, int64_t idle_ms)
{
    const struct lab_config config = {.connections = connections, .idle_ms = idle_ms};
    struct err err = {0};
    struct lab_server *server = lab_start_configured(scenario, &config, &err);

    if (server == NULL) {
        fail_msg("%s", err.text);
    }
    return server;
}

int lab_client_connect(const struct lab_server *server)
{
    struct net_attempt attempt;
    struct err err;
    size_t count;
    int fd = net_connect(lab_address(server), 1, 5000, -1, &attempt, &count, &err);

    if (fd < 0) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
    return fd;
}

bool lab_client_is_ended(int fd, int patience_ms)
{
    int64_t start_ns = clock_monotonic_ns();
    char data[4096];

    while (lab_client_since_ms(start_ns) < patience_ms) {
        struct pollfd watched = {.fd = fd, .events = POLLIN};
        if (poll(&watched, 1, patience_ms) == 1 && read(fd, data, sizeof data) <= 0) {
            return true;
        }
    }
    return false;
}

int lab_client_open(struct lab_client *client, const struct lab_server *server)
{
    int status;

    client->fd = lab_client_connect(server);
    assert_int_equal(gnutls_init(&client->session, GNUTLS_CLIENT), 0);
    assert_int_equal(gnutls_certificate_allocate_credentials(&client->credentials), 0);
    assert_int_equal(gnutls_set_default_priority(client->session), 0);
    assert_int_equal(
        gnutls_credentials_set(client->session, GNUTLS_CRD_CERTIFICATE, client->credentials), 0);
    gnutls_transport_set_int(client->session, client->fd);
    gnutls_handshake_set_timeout(client->session, 5000);
    gnutls_record_set_timeout(client->session, 5000);
    do {
        status = gnutls_handshake(client->session);
    } while (status < 0 && gnutls_error_is_fatal(status) == 0);
    return status;
}

void lab_client_close(struct lab_client *client)
{
    gnutls_deinit(client->session);
    gnutls_certificate_free_credentials(client->credentials);
    (void)close(client->fd);
}

bool lab_client_hears(struct lab_client *client, const char *end)
{
    char heard[8192] = {0};
    size_t length = 0;

    while (strstr(heard, end) == NULL && length < sizeof heard - 1) {
        ssize_t got =
            gnutls_record_recv(client->session, heard + length, sizeof heard - 1 - length);
        if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED) {
            continue; /* a ticket was read */
        }
        if (got <= 0) {
            return false;
        }
        length += (size_t)got;
    }
    return strstr(heard, end) != NULL;
}

bool lab_client_is_served(const struct lab_server *server)
{
    static const char request[] = "GET / HTTP/1.1\r\n\r\n";
    struct lab_client client;
    bool fine = lab_client_open(&client, server) == 0 &&
                gnutls_record_send(client.session, request, sizeof request - 1) > 0 &&
                lab_client_hears(&client, "\nLook for ");

    lab_client_close(&client);
    return fine;
}

void process_allow_descriptors(size_t count)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur >= count) {
        return;
    }
    if (limit.rlim_max < count) {
        print_message("skipped: only %lu descriptors are allowed\n", (unsigned long)limit.rlim_max);
        skip();
    }
    limit.rlim_cur = count;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}
