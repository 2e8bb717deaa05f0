/* Names to addresses, in the order in which they should be tried. */
#include <errno.h>
#include <idn2.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

#define HOST_MAX 253 /* RFC 1035 3.1 as text, without the last dot */

/* What the resolver says, and what to look at. */
static const struct resolver_error {
    int status;
    const char *text;
} resolver_errors[] = {
    {EAI_NONAME, "no such name is known; check its spelling"},
    {EAI_NODATA, "the name exists but has no address"},
    {EAI_ADDRFAMILY, "it has no address of the wanted family"},
    {EAI_AGAIN, "no name server answers; check the network connection"},
    {EAI_FAIL, "the name server refuses to answer"},
};

static const char *resolver_error_text(int status, int system_error)
{
    if (status == EAI_SYSTEM) {
        return strerror(system_error);
    }
    for (size_t i = 0; i < sizeof resolver_errors / sizeof *resolver_errors; i++) {
        if (resolver_errors[i].status == status) {
            return resolver_errors[i].text;
        }
    }
    return gai_strerror(status);
}

static int fail(struct err *err, const char *host, enum net_family family, const char *why)
{
    static const char *const wanted[] = {
        [NET_ANY] = "", [NET_IPV4] = "IPv4 address of ", [NET_IPV6] = "IPv6 address of "};
    char shown[280];

    return err_set(err, ERR_NETWORK, "resolve_failed", "cannot look up %shost \"%s\": %s",
                   wanted[family], text_safe(shown, sizeof shown, host, strlen(host)), why);
}

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text > 0x7f) {
            return false;
        }
    }
    return true;
}

/*
 * The name as the DNS knows it: U-labels become A-labels (RFC 5891 4, with the mapping of UTS 46).
 * Not left to AI_IDN, which takes the name in the locale's encoding instead of UTF-8. Returns a
 * string from malloc, or NULL.
 */
static char *to_ascii(const char *host, enum net_family family, struct err *err)
{
    char *ascii = NULL;
    char *copy;
    int status;

    if (is_ascii(host)) {
        copy = text_duplicate(host, strlen(host));
    } else {
        status = idn2_to_ascii_8z(host, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
        if (status == IDN2_MALLOC) {
            (void)err_memory(err, "converting a host name");
            return NULL;
        }
        if (status != IDN2_OK) {
            (void)fail(err, host, family, idn2_strerror(status));
            return NULL;
        }
        copy = text_duplicate(ascii, strlen(ascii));
        idn2_free(ascii);
    }
    if (copy == NULL) {
        (void)err_memory(err, "copying a host name");
    }
    return copy;
}

static bool contains(const struct net_address *addresses, size_t count,
                     const struct net_address *address)
{
    for (size_t i = 0; i < count; i++) {
        if (net_address_equal(&addresses[i], address)) {
            return true;
        }
    }
    return false;
}

/* The next entry from `at` on that is, or is not, of `family`. */
static const struct addrinfo *next_entry(const struct addrinfo *at, int family, bool same)
{
    while (at != NULL && (at->ai_family == family) != same) {
        at = at->ai_next;
    }
    return at;
}

/*
 * RFC 8305 4: keep the system's order within a family, begin with the family that comes first, then
 * take the families in turns, so that a broken one costs one delay and not many.
 */
static size_t interleave(const struct addrinfo *found, struct net_address *addresses, size_t max)
{
    int first = found->ai_family;
    const struct addrinfo *at[2] = {next_entry(found, first, true),
                                    next_entry(found, first, false)};
    size_t count = 0;

    for (int turn = 0; count < max && (at[0] != NULL || at[1] != NULL); turn ^= 1) {
        struct net_address *address = &addresses[count];
        if (at[turn] == NULL) {
            continue;
        }
        net_address_set(address, at[turn]->ai_addr, at[turn]->ai_addrlen);
        /* /etc/hosts may name the same address twice. */
        if (address->length > 0 && !contains(addresses, count, address)) {
            count++;
        }
        at[turn] = next_entry(at[turn]->ai_next, first, turn == 0);
    }
    return count;
}

long net_resolve(const char *host, uint16_t port, enum net_family family,
                 struct net_address *addresses, size_t max, struct err *err)
{
    static const int families[] = {
        [NET_ANY] = AF_UNSPEC, [NET_IPV4] = AF_INET, [NET_IPV6] = AF_INET6};
    /* Without AI_ADDRCONFIG: an address that this machine cannot reach is tried and says so. */
    struct addrinfo hints = {
        .ai_flags = AI_NUMERICSERV,
        .ai_family = families[family],
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *found = NULL;
    char service[8];
    char *ascii;
    size_t count;
    int status, system_error;

    if (*host == '\0') {
        return fail(err, host, family, "the name is empty");
    }
    ascii = to_ascii(host, family, err);
    if (ascii == NULL) {
        return -1;
    }
    if (strlen(ascii) > HOST_MAX + 1) {
        free(ascii);
        return fail(err, host, family, "a host name has at most 253 bytes");
    }
    (void)snprintf(service, sizeof service, "%u", port); /* a uint16_t fits */
    status = getaddrinfo(ascii, service, &hints, &found);
    system_error = errno;
    free(ascii);
    if (status == EAI_MEMORY) {
        return err_memory(err, "looking up a host name");
    }
    if (status != 0) {
        return fail(err, host, family, resolver_error_text(status, system_error));
    }
    count = interleave(found, addresses, max);
    freeaddrinfo(found);
    return count > 0 ? (long)count : fail(err, host, family, "it has no address that can be used");
}
