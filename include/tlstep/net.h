/*
 * net: names to addresses, connections, listening sockets, the dialogues in clear text that lead to TLS (STARTTLS,
 * proxies), packets. Blocking functions that a thread of their caller runs, each of which ends when a descriptor
 * becomes readable ("cancel"); the dialogues do no input or output at all.
 */
#ifndef TLSTEP_NET_H
#define TLSTEP_NET_H

#include <sys/socket.h>

#include "tlstep/base.h"

#define NET_ADDRESS_MAX  32
#define NET_ADDRESS_TEXT 72

struct net_address {
    struct sockaddr_storage socket;
    socklen_t length;
    char text[NET_ADDRESS_TEXT]; /* "192.0.2.1:443", "[2001:db8::1]:443" */
};

enum net_family { NET_ANY, NET_IPV4, NET_IPV6 };

/*
 * Looks up `host` (a name, an IPv4 or an IPv6 address; IDN in UTF-8 is converted) and gives the
 * addresses in the order in which they should be tried: the system's order (RFC 6724) with the
 * families interleaved (RFC 8305 4). At most `max`. Returns the number, or -1 with class
 * ERR_NETWORK and code "resolve_failed". Blocks in getaddrinfo, which cannot be interrupted.
 */
long net_resolve(const char *host, uint16_t port, enum net_family family,
                 struct net_address *addresses, size_t max, struct err *err);

/* Reads "ADDR:PORT" or "[V6]:PORT" of numbers, port 1 to 65535. 0, or -1 with class ERR_USAGE and
 * code "bad_address". */
int net_address_parse(const char *text, struct net_address *address, struct err *err);

/* One attempt to connect, as it went. */
struct net_attempt {
    struct net_address address;
    int64_t start_ns; /* clock_monotonic_ns() */
    int64_t end_ns;
    bool connected;
    bool abandoned; /* another one was faster, or it was cancelled; error is 0 then */
    int error;      /* errno (ETIMEDOUT also when our own time was up), 0 */
};

/*
 * Connects to the first address that answers: attempts start 250 ms apart, or as soon as the one
 * before has failed (RFC 8305 5); every address is tried. `attempts` has room for `count` entries and
 * gets one for each that was started, in every case. Returns a connected, non-blocking, close-on-exec
 * socket with TCP_NODELAY, or -1: code "connect_failed" (the text names each address and its reason),
 * "timeout" (both class ERR_NETWORK), or "aborted" (class ERR_INTERRUPTED) when `cancel_fd` became
 * readable; -1 there: it cannot be cancelled. `timeout_ms` is for all of it. At most NET_ADDRESS_MAX
 * addresses are tried.
 */
int net_connect(const struct net_address *addresses, size_t count, int64_t timeout_ms,
                int cancel_fd, struct net_attempt *attempts, size_t *attempt_count,
                struct err *err);

/* What the kernel knows of a connection. Fields are -1 where it does not tell. */
struct net_tcp_info {
    struct net_address local;
    struct net_address peer;
    int64_t rtt_us; /* smoothed round-trip time */
    int mss;        /* of what is sent */
    int retransmits;
};
void net_tcp_info(int fd, struct net_tcp_info *info);

/* Listens on a numeric address ("127.0.0.1", "::1"), port 0: any. Returns a non-blocking,
 * close-on-exec socket and, through `address`, where it listens. */
int net_listen(const char *host, uint16_t port, struct net_address *address, struct err *err);

/*
 * Takes connections as they come and keeps them, unread, in the order of their coming, until somebody wants one: what
 * `listen` and `proxy` take theirs from. May be used by several threads at once.
 */
struct net_listener;
struct net_waiting {
    uint32_t number; /* from 1, in the order of coming; never used again */
    struct net_address peer;
    struct net_address local;
    int64_t since_ns; /* clock_monotonic_ns() when it was taken in */
    bool ended;       /* the peer has hung up meanwhile */
};
#define NET_WAITING_MAX \
    64 /* of those that wait; when one more comes, the oldest that has hung up goes, else the oldest that has said nothing, else the newest is refused */
/* Listens as net_listen(). NULL with `err`. */
struct net_listener *net_listener_new(const char *host, uint16_t port, struct err *err);
struct net_listener *net_listener_hold(struct net_listener *listener);
void net_listener_release(
    struct net_listener *listener); /* the last one closes all; NULL is fine */
const struct net_address *net_listener_address(const struct net_listener *listener); /* borrowed */
/* Readable (poll) when net_listener_collect() would take something in. */
int net_listener_fd(const struct net_listener *listener);
/* Takes in what has come, without waiting. True when the set of those waiting has changed. */
bool net_listener_collect(struct net_listener *listener);
/* Those that wait, oldest first: fills up to `max`, returns how many there are. */
size_t net_listener_waiting(struct net_listener *listener, struct net_waiting *out, size_t max);
/* Takes one out: by its number, 0: the oldest that has spoken, else the oldest that has not hung up; waits for one to come. Returns a connected, non-blocking,
 * close-on-exec socket with TCP_NODELAY, or -1: code "aborted" when `cancel_fd` became readable, "no_such_connection". */
int net_listener_take(struct net_listener *listener, uint32_t number, int cancel_fd,
                      struct net_waiting *out, struct err *err);

/* ---- protocols that begin in clear text ----------------------------------------------------- */

struct net_scheme {
    const char *name; /* "smtp" of smtp://; NULL ends the list */
    uint16_t port;
};
/* A row of the table in src/net/protocols.c: all that the program knows of a protocol. Static. */
struct net_protocol {
    const char *name;  /* --starttls NAME */
    const char *title; /* "SMTP (RFC 3207)" */
    const struct net_scheme *schemes;
    const struct net_speech
        *speech; /* src/net/speech.h: where its lines end, what they are called */
    const struct net_script *client; /* src/net/dialogue.h; NULL: that side is not played */
    const struct net_script *server;
};
/* Those that --starttls knows. */
const struct net_protocol *net_protocols(size_t *count);
/* By name, or by the name of a scheme; NULL: there is none. */
const struct net_protocol *net_protocol_find(const char *name);
/* Among all, by name alone: also proxies and what is only recognised. NULL: there is none. */
const struct net_protocol *net_protocol_named(const char *name);

enum net_role { NET_CLIENT, NET_SERVER };

/* Which protocol begins with these bytes, those of STARTTLS and those of proxies; one side may have said nothing yet. NULL: none that is known. */
const struct net_protocol *net_protocol_recognise(const uint8_t *client, size_t client_length,
                                                  const uint8_t *server, size_t server_length);
/* Is that a proxy's protocol, behind which something else begins? */
bool net_protocol_is_proxy(const struct net_protocol *protocol);
/* Do these bytes of `role` still belong to the proxy's dialogue, as far as there are any? */
bool net_protocol_goes_on(const struct net_protocol *proxy, enum net_role role, const uint8_t *data,
                          size_t length);
/* The length of the line or message of `role` at the start of `data`; 0: it is not whole. `segment`: how much of it came in one go, which
 * counts where the protocol (or NULL) has no bounds that can be seen without what went before. */
size_t net_protocol_unit(const struct net_protocol *protocol, enum net_role role,
                         const uint8_t *data, size_t length, size_t segment);
/* The same of the first one of `role`, whose bounds may be others. */
size_t net_protocol_first_unit(const struct net_protocol *protocol, enum net_role role,
                               const uint8_t *data, size_t length, size_t segment);
/* What a line or message is called: "EHLO", "220", "ExtendedRequest"; safe text, "text" for NULL. Returns `out`. */
#define NET_VERB 20
char *net_protocol_verb(char out[NET_VERB], const struct net_protocol *protocol, enum net_role role,
                        const uint8_t *data, size_t length);
/* Is that, without regard to case, what a line of some dialogue is called: a code of three digits, or a word that is said here on one side or
 * the other? Then `out` has it as it is spelt. */
bool net_verb_find(char out[NET_VERB], const char *text);

/* --proxy: "http://[USER:PASSWORD@]HOST:PORT" (CONNECT, RFC 9110 9.3.6), "socks5://…" (the proxy looks the name up, as with socks5h; RFC 1928,
 * RFC 1929). Default ports 8080 and 1080. */
struct net_proxy {
    bool socks5;
    char host[256];
    uint16_t port;
    char user[256]; /* "": none */
    char password[256];
};
/* Class ERR_USAGE, code "bad_proxy". The text never has the password in it. */
int net_proxy_parse(const char *url, struct net_proxy *proxy, struct err *err);
/* For a screen that others may see: the password in any text that has such a URL at its end, also in one that would not be parsed, becomes "*". */
void net_proxy_hide_password(char *text);

/*
 * A dialogue in clear text, of one side: what is to be said, and what the other side's words mean. No input and no output: the
 * caller carries the bytes, and so can stop at each line.
 */
enum net_turn {
    NET_SAY, /* net_dialogue_say() has a line or message that is to be sent */
    NET_HEAR, /* the other side is to speak: net_dialogue_hear(). A CONNECT server also waits for its own
                net_dialogue_answer() here, once net_dialogue_asked() */
    NET_DONE, /* TLS begins (or, behind a proxy, what follows; or a refusal has been said) */
};
struct net_dialogue;
/* `host`: who is talked to (client), or who this is (server). NULL: out of memory. */
struct net_dialogue *net_dialogue_new(const struct net_protocol *protocol, enum net_role role,
                                      const char *host);
/* To ask a proxy for host and port. */
struct net_dialogue *net_dialogue_new_proxy(const struct net_proxy *proxy, const char *host,
                                            uint16_t port);
/* To be such a proxy, HTTP CONNECT: what was asked for is net_dialogue_asked() when it is done. The answer to the client is held back
 * until net_dialogue_answer() says whether it can be had. */
struct net_dialogue *net_dialogue_new_connect_server(void);
bool net_dialogue_asked(const struct net_dialogue *dialogue, const char **host, uint16_t *port);
void net_dialogue_answer(struct net_dialogue *dialogue, bool granted);
void net_dialogue_free(struct net_dialogue *dialogue); /* wipes it; NULL is fine */
const char *net_dialogue_name(
    const struct net_dialogue *dialogue); /* "smtp", "http-connect", "socks5" */
const struct net_protocol *net_dialogue_protocol(const struct net_dialogue *dialogue);
enum net_role net_dialogue_role(const struct net_dialogue *dialogue);
enum net_turn net_dialogue_turn(const struct net_dialogue *dialogue);
/* What is to be said now: one line or message. Borrowed until net_dialogue_said(). */
const uint8_t *net_dialogue_say(const struct net_dialogue *dialogue, size_t *length);
void net_dialogue_said(struct net_dialogue *dialogue);
/* The other side's bytes, from where the last call left off. Returns the length of the one line or message that stands at their beginning and
 * was understood; 0: it is not whole yet; -1: it says no, or is not this protocol: class ERR_NETWORK, code "starttls_refused",
 * "proxy_refused" or "not_the_protocol", and the text quotes what was said. Bytes in clear text that come together with the word that lets TLS begin, or
 * before they were asked for, could be anybody's: code "starttls_injection". At most NET_DIALOGUE_MAX bytes are looked at. After -1 the
 * dialogue is over: every later call says the same. */
long net_dialogue_hear(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                       struct err *err);
#define NET_DIALOGUE_MAX ((size_t)16 * 1024)

/* ---- packets ----------------------------------------------------------------------------------- */

/*
 * Real packets, through libpcap, which is loaded when it is first asked for and need not be there. A handle is opened once, before any
 * thread is started, because it needs root or CAP_NET_RAW; those are given up right after (net_capture_open() does it), and from then on only the
 * filter changes. One thread uses a handle.
 */
struct net_capture;
struct net_packet {
    int64_t wall_ns;     /* as the kernel stamped it */
    const uint8_t *data; /* borrowed until the next call */
    size_t length;
    size_t original; /* on the wire, when it was cut */
};
/* All interfaces. NULL: code "no_libpcap" or "no_permission", and the text says how to get it (setcap cap_net_raw+ep FILE). */
struct net_capture *net_capture_open(struct err *err);
void net_capture_close(struct net_capture *capture); /* NULL is fine */
/* A filter in pcap-filter(7)'s language; what was caught before it is dropped. */
int net_capture_filter(struct net_capture *capture, const char *expression, struct err *err);
int net_capture_fd(const struct net_capture *capture);        /* to poll for reading */
int net_capture_link_type(const struct net_capture *capture); /* LINKTYPE_… of the pcap formats */
bool net_capture_next(struct net_capture *capture, struct net_packet *packet);
uint64_t net_capture_dropped(struct net_capture *capture); /* by the kernel, for want of room */

#endif
