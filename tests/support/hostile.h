/*
 * Scripted TCP servers on 127.0.0.1 that do what no honest TLS server does. Each runs in a thread
 * of this process and plays its script to one connection after the other. Knows nothing of tlstep.
 *
 *     static const struct hostile_step steps[] = {
 *         HOSTILE_READ_RECORDS(1),
 *         HOSTILE_SEND_TEXT("HTTP/1.1 400 Bad Request\r\n\r\n"),
 *         HOSTILE_CLOSES,
 *     };
 *     struct hostile *server = hostile_start(steps);
 *     … connect to 127.0.0.1, hostile_port(server) …
 *     hostile_stop(server, NULL);
 *
 * A step waits for what it needs without end; when the client hangs up, or hostile_stop is called,
 * the rest of the script is left out. After the last step the connection is held, silently.
 */
#ifndef SUPPORT_HOSTILE_H
#define SUPPORT_HOSTILE_H

#include <stddef.h>
#include <stdint.h>

enum hostile_action {
    HOSTILE_HOLD,   /* says nothing more; the end of every script */
    HOSTILE_READ,   /* until `count` more bytes have come */
    HOSTILE_RECORD, /* until `count` more TLS records have come whole */
    HOSTILE_SEND,   /* `length` bytes of `data`, `count` times */
    HOSTILE_PAUSE,  /* `count` milliseconds */
    HOSTILE_RELAY,  /* hands everything to and from the server at `port` of 127.0.0.1 until `count`
                       of its records have been passed on; of bytes when `length` is not 0 */
    HOSTILE_CLOSE,  /* with FIN, after all that was sent */
    HOSTILE_RESET,  /* with RST */
};

struct hostile_step {
    enum hostile_action action;
    const void *data;
    size_t length;
    size_t count;
    uint16_t port;
};

/* clang-format off */
#define HOSTILE_READ_BYTES(bytes)     {.action = HOSTILE_READ, .count = (bytes)}
#define HOSTILE_READ_RECORDS(records) {.action = HOSTILE_RECORD, .count = (records)}
#define HOSTILE_WAIT(milliseconds)    {.action = HOSTILE_PAUSE, .count = (milliseconds)}
#define HOSTILE_CLOSES                {.action = HOSTILE_CLOSE}
#define HOSTILE_RESETS                {.action = HOSTILE_RESET}
#define HOSTILE_HOLDS                 {.action = HOSTILE_HOLD}
#define HOSTILE_SEND_TEXT(text) \
    {.action = HOSTILE_SEND, .data = (text), .length = sizeof(text) - 1, .count = 1}
#define HOSTILE_SEND_TIMES(times, ...) \
    {.action = HOSTILE_SEND, .data = (const uint8_t[]){__VA_ARGS__}, \
     .length = sizeof((const uint8_t[]){__VA_ARGS__}), .count = (times)}
#define HOSTILE_SEND_BYTES(...) HOSTILE_SEND_TIMES(1, __VA_ARGS__)
/* A plaintext alert of any description, at any moment. */
#define HOSTILE_SEND_ALERT(level, description) \
    HOSTILE_SEND_BYTES(21, 3, 3, 0, 2, level, description)
/* A real server behind it (peer.h), up to its n-th record or byte. */
#define HOSTILE_RELAY_RECORDS(server_port, records) \
    {.action = HOSTILE_RELAY, .port = (server_port), .count = (records)}
#define HOSTILE_RELAY_BYTES(server_port, bytes) \
    {.action = HOSTILE_RELAY, .port = (server_port), .count = (bytes), .length = 1}

/* A whole TLS 1.2 ServerHello as a record (TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, renegotiation
 * info), for HOSTILE_SEND_BYTES. */
#define HOSTILE_SERVER_HELLO \
    22, 3, 3, 0, 49, 2, 0, 0, 45, 3, 3, \
    0x54, 0x4c, 0x53, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, \
    17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, \
    0, 0xc0, 0x2f, 0, 0, 5, 0xff, 1, 0, 1, 0
/* clang-format on */

/* Scripts that many tests want, by name; the last one's name is NULL. */
struct hostile_script {
    const char *name;
    const struct hostile_step *steps;
};
extern const struct hostile_script hostile_scripts[];
/* The steps of a script; NULL when there is none of this name. */
const struct hostile_step *hostile_find(const char *name);

/* What a server has seen. */
struct hostile_report {
    size_t connections;
    size_t received; /* bytes of the last connection; the first ones are in `data` */
    uint8_t data[65536];
};

/* Starts a server; `steps`, which end with HOSTILE_CLOSES, HOSTILE_RESETS or HOSTILE_HOLDS, are
 * borrowed until it is stopped. NULL with a line on stderr when that fails. */
struct hostile;
struct hostile *hostile_start(const struct hostile_step *steps);
uint16_t hostile_port(const struct hostile *server);

/* Ends it and its connection at once. `report` may be NULL, and so may `server`. */
void hostile_stop(struct hostile *server, struct hostile_report *report);

#endif
