/*
 * lab: TLS servers on loopback inside the process, good ones and deliberately broken ones, with
 * certificates made in memory when they start. Nothing is written to disk.
 *
 * A server is one thread with an event loop over non-blocking sessions; it never touches a trace,
 * and it serves a bounded number of connections whatever its clients do. lab_start() and lab_stop()
 * may be called from any thread; what is borrowed from a server lives until lab_stop().
 */
#ifndef TLSTEP_LAB_H
#define TLSTEP_LAB_H

#include "tlstep/engine.h"

/* ---- the lab's certification authority ------------------------------------------------------- */

/*
 * A root, and an intermediate below it, that sign for lab servers, for `listen` and for the proxy. Immutable, reference-counted, any thread.
 */
struct lab_ca;
/* In memory: a new one, gone with the process. */
struct lab_ca *lab_ca_new(struct err *err);
/* The one of the state folder ($XDG_STATE_HOME/tlstep/lab-ca.pem, mode 0600), made when it is not there: imported once, it is known in every later
 * run. ERR_FILE. */
struct lab_ca *lab_ca_open(struct err *err);
struct lab_ca *lab_ca_hold(struct lab_ca *ca);
void lab_ca_release(struct lab_ca *ca); /* the last one wipes the keys; NULL is fine */
struct pki_slice lab_ca_root(const struct lab_ca *ca); /* DER, borrowed */
/* --write-ca: the root as PEM, not secret; never replaces a file unless `force`. */
int lab_ca_write_root(const struct lab_ca *ca, const char *path, bool force, struct err *err);
/* The root of the state folder, which `--trust lab` means beyond the process that made it: appended to `out` as DER. -1 with code "no_lab_ca" when there is none yet. */
int lab_ca_saved_root(struct buffer *out, struct err *err);
/* A fresh server certificate, ECDSA P-256, for these names (DNS names, wildcards, IP addresses), with its intermediate. */
struct tls_identity *lab_ca_identity(const struct lab_ca *ca, const char *const *names,
                                     size_t count, struct err *err);
/* What an interceptor shows: subject, names and dates of `leaf` (DER), the kind of key that it has, everything else its own. */
struct tls_identity *lab_ca_imitate(const struct lab_ca *ca, struct pki_slice leaf,
                                    struct err *err);

/* ---- scenarios --------------------------------------------------------------------------------- */

struct lab_recipe; /* how a scenario's server differs from a good one: src/lab/scenario.h */

/* A row of the scenario table in src/lab/scenarios.c. Static. */
struct lab_scenario {
    const char *name;     /* "expired" */
    const char *title;    /* "The certificate expired yesterday" */
    const char *look_for; /* what a user should look at */
    const char
        *expected; /* what a client should get: a reason code ("expired"), an alert, "timeout",
                             "closed" (the connection ends in the handshake), or "" when all is well */
    const char *hostname; /* the SNI and name a client should use: "good.lab.tlstep.test" … */
    /* What other clients get where it is something else, in the words of `expected`, with "" for "all is well"; NULL: the same. */
    const char *openssl;
    const char *gnutls_cli;
    const char *curl;
    const char *starttls; /* the clear text that it begins with: a name of net_protocols(); NULL */
    const char *needs;    /* options that show what it is for: "--resume"; NULL */
    const struct lab_recipe *recipe;
};

const struct lab_scenario *lab_scenarios(size_t *count);
/* NULL when there is no such scenario. */
const struct lab_scenario *lab_scenario_find(const char *name);
/* The same, with class ERR_USAGE and code "no_such_scenario" then; the text names those there are, and where the list is. */
const struct lab_scenario *lab_scenario_require(const char *name, struct err *err);

struct lab_server;

/*
 * Makes the certificates and starts serving on 127.0.0.1, port 0 for any. NULL with `err`: class
 * ERR_USAGE and code "no_such_scenario", ERR_NETWORK from net_listen(), ERR_TLS
 * when GnuTLS refuses (a system-wide configuration may forbid what a scenario needs), ERR_MEMORY.
 */
struct lab_server *lab_start(const char *scenario, uint16_t port, struct err *err);

/* The same with everything else chosen; 0 and NULL mean the default. */
struct lab_config {
    const char *host;   /* where to listen: "127.0.0.1" */
    uint16_t port;      /* any */
    size_t connections; /* at the same time: 256; when there are more, the most useless one goes */
    int64_t idle_ms;    /* until a connection without traffic is dropped: two hours */
    struct lab_ca *ca;  /* who signs (held); NULL: a new one in memory */
};
struct lab_server *lab_start_configured(const char *scenario, const struct lab_config *config,
                                        struct err *err);

/* Where it listens; borrowed from the server. */
const struct net_address *lab_address(const struct lab_server *server);
const struct lab_scenario *lab_server_scenario(const struct lab_server *server);
/* The root certificate (DER) that a client of the lab trusts; borrowed from the server. For
 * scenario "untrusted-root" it is not the one that signed the server's certificate. */
const uint8_t *lab_root(const struct lab_server *server, size_t *length);
struct lab_ca *lab_server_ca(const struct lab_server *server); /* borrowed */
/* The root that the options may mean by `--trust lab`, appended as DER: the server's (NULL: none runs), else, when they say `--trust lab`, that of
 * the state folder, else nothing. */
int lab_options_root(const struct tls_options *options, const struct lab_server *server,
                     struct buffer *out, struct err *err);
/* tls_options_trust() with that root. */
struct pki_trust *lab_options_trust(const struct tls_options *options,
                                    const struct lab_server *server, struct err *err);
/* What has been served so far, by any thread. */
struct lab_tally {
    uint64_t connections;
    uint64_t handshakes; /* that were completed */
    uint64_t refused;    /* that failed */
    size_t open;
};
struct lab_tally lab_tally(const struct lab_server *server);
/* Stops listening, drops its connections, joins its thread, wipes its keys. NULL is fine. */
void lab_stop(struct lab_server *server);

/* ---- what a server says to HTTP ------------------------------------------------------------------- */

/* A page that tells a client about its connection: lines of text, or HTML for a browser. Values may be raw bytes from outside. */
struct lab_page {
    const char *room;  /* "lab", "listen" */
    const char *name;  /* of the scenario; where it listens */
    const char *title; /* a sentence, without its full stop */
    const struct lab_page_row {
        const char *label;
        const char *value;
    } * rows;
    size_t count;
    const char *look_for; /* NULL */
};

/* Answers the HTTP/1 request (RFC 9112) at the beginning of `in` with the page, and says that the connection is closed behind it: appended to
 * `out`. Returns the length of the request's head; 0: it is not whole, or no HTTP. */
size_t lab_http_answer(const struct lab_page *page, const uint8_t *in, size_t length,
                       struct buffer *out);

/* ---- the intercepting proxy --------------------------------------------------------------------- */

/*
 * Two sessions that belong together: one to a client, which it plays the server for, and one to the real server, which it plays the
 * client for. What one receives the other sends on. It steps both, message by message, in the order in which one causes the other: the client's
 * connection and its ClientHello; then all of the real server's side up to the end of its handshake; then the rest of the client's handshake, under a
 * certificate made on the spot and signed by the lab's CA; then data as it comes. A client that asks with HTTP CONNECT gets its answer when
 * the real server is connected.
 *
 * The real server is verified as always, and its verdict cannot be passed over: when it is refused the client gets no connection but an alert, never a
 * certificate that would hide it. The name that is sent to it (SNI) and verified is the options', else the client's, else the target's.
 *
 * Each direction ends by itself: a close_notify is passed on behind the data before it, and the other direction goes on. Where one side ends without it,
 * so does the other. What one side has received and the other not sent yet is bounded: then no more is read.
 *
 * One thread owns it, as with an engine.
 */
enum lab_proxy_side { LAB_PROXY_CLIENT, LAB_PROXY_SERVER, LAB_PROXY_SIDES };

/* --replace A=B: in what is forwarded, both ways, also across records; of any length: nothing else is adjusted, so that an HTTP message whose
 * length changes does not fit its Content-Length any more. A match that comes in two parts more than 50 ms apart is missed. */
struct lab_proxy_rule {
    const char *from;
    const char *to;
};
#define LAB_RULE_MAX 4096 /* bytes, each */

/* Identities made for leaves that have been seen, so that each is made once for many connections: a bounded number, the latest used. Reference-
 * counted, any thread. */
struct lab_imitations;
struct lab_imitations *lab_imitations_new(struct lab_ca *ca, struct err *err); /* holds the CA */
struct lab_imitations *lab_imitations_hold(struct lab_imitations *imitations);
void lab_imitations_release(struct lab_imitations *imitations); /* NULL is fine */
/* Beside them, the latest session with each real server, for proxies that resume it (`server`: what tells one from another). */
void lab_imitations_keep_session(struct lab_imitations *imitations, const char *server,
                                 const struct buffer *session);
/* Appended to `out`, secret. False: there is none. */
bool lab_imitations_session(struct lab_imitations *imitations, const char *server,
                            struct buffer *out);
/* A new reference. NULL with `err`. */
struct tls_identity *lab_imitations_get(struct lab_imitations *imitations, struct pki_slice leaf,
                                        struct err *err);

struct lab_proxy_config {
    const struct tls_options *
        options; /* of the session to the real server; copied. ALPN and time-out are the client's, too */
    struct lab_imitations *imitations; /* held */
    struct net_listener *listener;     /* held */
    uint32_t connection;               /* as engine_service */
    /* Fixed target, whatever a CONNECT asks for; NULL: what the client's CONNECT or its SNI asks for. */
    const char *host;
    uint16_t port;           /* of the target; of what SNI asks for: 443 when 0 */
    const uint8_t *lab_root; /* as engine_config, for the session to the real server */
    size_t lab_root_length;
    const struct lab_proxy_rule *rules; /* copied */
    size_t rule_count;
    /* Nobody looks at the sessions to real servers: they are resumed where they can be, which spares both their certificates and the verdict,
     * given when they began. */
    bool resume;
    bool quiet; /* as engine_config, of both sides */
    int64_t start_ns;
    struct net_capture *capture; /* as engine_config; of the client's side */
};

struct lab_proxy;
/* NULL with `err`: also "bad_rule". */
struct lab_proxy *lab_proxy_new(const struct lab_proxy_config *config, struct err *err);
void lab_proxy_free(struct lab_proxy *proxy); /* as engine_free(); NULL is fine */
int lab_proxy_wake_fd(const struct lab_proxy *proxy);
/* When data came last, from either side: clock_monotonic_ns(); 0: none has. */
int64_t lab_proxy_heard_ns(const struct lab_proxy *proxy);
/* Takes the next event of either side, stamped by one clock. */
bool lab_proxy_take(struct lab_proxy *proxy, enum lab_proxy_side *side, struct trace_event *event);
/* PAUSED also while the side whose turn it is not waits for its peer. */
enum engine_state lab_proxy_state(struct lab_proxy *proxy);
/* The side that the next step moves. */
enum lab_proxy_side lab_proxy_turn(const struct lab_proxy *proxy);
/* As engine_command(). STEP goes to the next stop of either side; FLIGHT and PHASE end also where the side changes. SEND, REKEY, CLOSE and ASK are
 * for the side that `side` names, the others ignore it. ACCEPT is refused: code "not_supported". */
int lab_proxy_command(struct lab_proxy *proxy, enum lab_proxy_side side,
                      const struct engine_command *command, struct err *err);
int lab_proxy_set_breakpoints(struct lab_proxy *proxy, const struct engine_match *matches,
                              size_t count, struct err *err);
/* Host and port of the real server as far as they are known; "" before. Borrowed. */
const char *lab_proxy_target(const struct lab_proxy *proxy, uint16_t *port);
/* Of the records with data that this side has sent, number `record` (from 1): the number, in the same way, of the record received on
 * the other side that it was made from (the last, when there were several). 0: not known. */
uint32_t lab_proxy_cause(struct lab_proxy *proxy, enum lab_proxy_side side, uint32_t record);

#endif
