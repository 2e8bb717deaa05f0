/*
 * The machine behind the dialogues: a script of steps, each of which says something or hears something. A protocol's file
 * (src/net/starttls, src/net/proxies) is its scripts and what its answers mean; the machine does the rest: bounds, framing,
 * multi-line answers, injected bytes, texts of refusals.
 */
#ifndef TLSTEP_NET_DIALOGUE_H
#define TLSTEP_NET_DIALOGUE_H

#include "speech.h"

/* What a line has led to. Negative: the dialogue fails, `err` says why. */
enum net_heard {
    NET_FAILED = -1,
    NET_GOES_ON, /* the step hears on: a longer answer, or something that does not matter */
    NET_NEXT,    /* the next step */
};

struct net_step {
    /* Says this, with $h for the host and $t for the tag of the client's command. */
    const char *say;
    /* Or this; a step that says nothing is passed over. */
    void (*build)(const struct net_dialogue *dialogue, struct buffer *out);
    /* Or hears one line (without its end) or message. */
    enum net_heard (*hear)(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                           struct err *err);
    net_framing *frame;                 /* where it differs from the protocol's */
    const char *wanted;                 /* what hear() looks for, in its own way */
    const char *noted;                  /* a line that contains it sets `offered` */
    const struct net_command *commands; /* a server: what net_hear_command() knows */
    bool (*applies)(const struct net_dialogue *dialogue); /* NULL: always */
};

/* Ends with a step that neither says nor hears. */
struct net_script {
    struct net_step steps[10];
    bool chatty; /* the other side may say things that nobody has asked for */
};

struct net_dialogue {
    const struct net_protocol *protocol;
    const struct net_script *script;
    enum net_role role;
    char host[256];
    uint16_t port;          /* a proxy is asked for it */
    struct net_proxy proxy; /* a proxy's user and password */
    size_t step;
    struct buffer out;      /* what is to be said: one or several lines */
    size_t out_unit;        /* the first of them */
    size_t heard;           /* bytes so far */
    const uint8_t *pending; /* what hear() was given, for quoting; NULL outside */
    size_t pending_length;
    struct err failure; /* class ERR_NONE: none */

    /* What the protocols remember. */
    bool offered;     /* the server has said that it can do STARTTLS */
    unsigned code;    /* of the answer that goes on over several lines */
    unsigned message; /* the number of the client's message (LDAP) */
    unsigned method;  /* to log in, as the proxy has chosen (SOCKS) */
    char tag[64];     /* of the client's command (IMAP) */
    bool asked;       /* a CONNECT has come */
    bool answered;
    bool granted;
};

/* A command that a server knows; a table of them ends with one whose `word` is NULL, which is for all others. */
struct net_command {
    const char *word;   /* "STARTTLS", "AUTH TLS" */
    const char *answer; /* as net_step.say; NULL: nothing */
    bool go;            /* TLS begins behind the answer */
};

const struct net_step *net_dialogue_step(const struct net_dialogue *dialogue);

/* Appends `text` with $h and $t in it. */
void net_dialogue_append(const struct net_dialogue *dialogue, const char *text, struct buffer *out);

/* ---- failures: always NET_FAILED ------------------------------------------------------------ */

/* The other side says no: code "starttls_refused" or "proxy_refused". `what`: "it does not offer STARTTLS"; quotes what it said. */
enum net_heard net_dialogue_refused(struct net_dialogue *dialogue, const char *what,
                                    struct err *err);
/* What it said is not this protocol. */
enum net_heard net_dialogue_foreign(struct net_dialogue *dialogue, struct err *err);

/* ---- hearing, shared by several protocols ---------------------------------------------------- */

/* "250-text", "250 text": replies of three digits; NET_NEXT at the last line of one with a code of `wanted` ("220|250"). Lines without
 * digits may stand in the middle (RFC 959 4.2). With `noted` one line has to contain that. */
enum net_heard net_hear_reply(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                              struct err *err);
/* A client's command. */
enum net_heard net_hear_command(struct net_dialogue *dialogue, const uint8_t *data, size_t length,
                                struct err *err);
/* Does the line contain the word, without regard to case, and not inside another word? */
bool net_has_word(const uint8_t *data, size_t length, const char *word);

#endif
