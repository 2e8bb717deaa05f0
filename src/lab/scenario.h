/*
 * How a scenario's server differs from a good one. A new scenario is a row in scenarios.c; a new way
 * to differ is a member here and the place that acts on it.
 */
#ifndef TLSTEP_LAB_SCENARIO_H
#define TLSTEP_LAB_SCENARIO_H

#include "tlstep/lab.h"

#define LAB_CHAIN_MAX 10
#define LAB_NAMES_MAX 4

enum lab_key { LAB_KEY_P256, LAB_KEY_RSA, LAB_KEY_RSA_1024 };

/* A certificate of the server: the CA's own, or the nth of those that the recipe has made for it. */
enum lab_ref { LAB_REF_NONE, LAB_ITSELF, LAB_ROOT, LAB_INTERMEDIATE, LAB_REF_MADE };
#define LAB_MADE(n) (LAB_REF_MADE + (n))

/* A certificate to be made. All zero: a good server certificate, for the scenario's host name and loopback's. */
struct lab_template {
    const char *common_name;          /* NULL: the first name */
    const char *names[LAB_NAMES_MAX]; /* subjectAltName; none: the usual ones, of a CA none */
    int issuer;   /* LAB_REF_NONE: the lab's intermediate; LAB_MADE: one that comes before */
    int same_key; /* LAB_MADE: has the key of that one */
    enum lab_key key;
    int from_days,
        until_days; /* validity in days from now; both 0: last week to three months from now */
    bool is_ca;
    bool may_sign;       /* its key usage says that it signs certificates, even when it is no CA */
    const char *purpose; /* extended key usage instead of serverAuth: object identifier */
    const char *permitted; /* name constraint: the only domain */
    size_t filler;         /* so many more names */
    bool must_staple;      /* TLS feature status_request (RFC 7633) */
    bool sha1;             /* signed with SHA-1 */
    bool spoiled;          /* one bit of its signature is wrong */
};

enum lab_staple { LAB_STAPLE_NONE, LAB_STAPLE_GOOD, LAB_STAPLE_REVOKED };

/* A chain that the server shows, leaf first. */
struct lab_chain {
    int refs[LAB_CHAIN_MAX];
    enum lab_staple staple; /* an OCSP response for the leaf, in the handshake */
};

/* What a server does of its own accord once the handshake is done. */
enum lab_trick {
    LAB_NO_TRICK,
    LAB_KEY_UPDATE,     /* changes its keys and asks for new ones (RFC 8446 4.6.3) */
    LAB_AUTHENTICATION, /* asks for a certificate (RFC 8446 4.6.2) */
    LAB_RENEGOTIATION,  /* asks for a new handshake (RFC 5246 7.4.1.1) */
};

struct lab_bytes {
    const void *data;
    size_t length;
};

/* All zero: a good server with TLS 1.3 and 1.2. */
struct lab_recipe {
    /* The session. */
    const char *priority; /* GnuTLS priority string; NULL: TLS 1.3 and 1.2 */

    /* The certificates (certificate.c): those that are made, LAB_MAKE(…), and the chains that are shown, LAB_SHOW(…); from
     * several the client's SNI chooses. None: a good one. None shown: the last that was made, with the intermediate. */
    const struct lab_template *made;
    size_t made_count;
    const struct lab_chain *shown;
    size_t shown_count;

    const char *
        alpn; /* comma-separated; NULL: http/1.1. A client that offers none of them gets an alert */
    bool no_tickets; /* TLS 1.2 resumes by session id only */
    bool early_data; /* is taken */
    bool ask;        /* demands a certificate that the lab's CA has signed */
    enum lab_trick trick;
    unsigned
        record_size; /* of handshake messages in clear text and of data, at most; 0: as TLS allows */

    /* The connection (connection.c, transport.c, clear.c). */
    bool proxied;           /* an intercepting proxy stands in front (front.c) */
    bool silent;            /* reads and never answers */
    bool clear;             /* HTTP without TLS */
    const char *greeting;   /* is all that it says, before anything was asked, in clear text */
    struct lab_bytes first; /* is all that it says, to the client's first bytes */
    const char *
        farewell; /* is sent after the handshake, and then the connection ends without close_notify */
    unsigned delay_ms; /* between the records that are sent */
    size_t cut_after;  /* ends the connection after so many bytes sent; 0: never */
};

#define LAB_COUNT(array) (sizeof(array) / sizeof *(array))
#define LAB_MAKE(...)                                   \
    .made = (const struct lab_template[]){__VA_ARGS__}, \
    .made_count = LAB_COUNT(((const struct lab_template[]){__VA_ARGS__}))
#define LAB_SHOW(...)                                 \
    .shown = (const struct lab_chain[]){__VA_ARGS__}, \
    .shown_count = LAB_COUNT(((const struct lab_chain[]){__VA_ARGS__}))

#endif
