/* Scripts of hostile servers. */
#include "hostile.h"

#include <string.h>

#define STEPS(...) ((const struct hostile_step[]){__VA_ARGS__})

/* Bytes that no protocol starts with, among them an escape sequence and a bidi override. */
#define NOISE \
    0x80, 0xc3, 0x28, 0x00, 0xff, 0x1b, 0x5b, 0x32, 0x4a, 0x07, 0xe2, 0x80, 0xae, 0xfe, 0x7f, 0x0a

/* The start of a Certificate message that claims 16 MiB less one byte, and a record of what it is
 * filled with: 1024 of them are enough. */
#define HUGE_CERTIFICATE 22, 3, 3, 0, 7, 11, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc
static const uint8_t filler[5 + 16384] = {22, 3, 3, 0x40, 0x00};

/* clang-format off */
const struct hostile_script hostile_scripts[] = {
    {"ssh", STEPS(
        HOSTILE_SEND_TEXT("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7\r\n"),
        HOSTILE_READ_RECORDS(1),
        HOSTILE_SEND_TEXT("Invalid SSH identification string.\r\n"),
        HOSTILE_CLOSES)},
    {"http", STEPS(
        HOSTILE_READ_RECORDS(1),
        HOSTILE_SEND_TEXT("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n"
                          "Content-Type: text/html\r\nConnection: close\r\n\r\n"
                          "<html><body>400 Bad Request</body></html>\r\n"),
        HOSTILE_CLOSES)},
    {"smtp", STEPS(
        HOSTILE_SEND_TEXT("220 mail.example.org ESMTP Postfix\r\n"),
        HOSTILE_READ_RECORDS(1),
        HOSTILE_SEND_TEXT("500 5.5.2 Error: bad syntax\r\n"),
        HOSTILE_HOLDS)},
    {"garbage", STEPS(
        HOSTILE_READ_RECORDS(1), HOSTILE_SEND_TIMES(64, NOISE), HOSTILE_HOLDS)},
    /* A record header that claims 65535 bytes, more than any version allows. */
    {"long record", STEPS(
        HOSTILE_READ_RECORDS(1),
        HOSTILE_SEND_BYTES(22, 3, 3, 0xff, 0xff), HOSTILE_SEND_TIMES(4096, NOISE),
        HOSTILE_HOLDS)},
    {"unknown message", STEPS(
        HOSTILE_READ_RECORDS(1),
        HOSTILE_SEND_BYTES(22, 3, 3, 0, 6, 0x63, 0, 0, 2, 1, 2),
        HOSTILE_HOLDS)},
    {"silence", STEPS(HOSTILE_HOLDS)},
    {"close", STEPS(HOSTILE_CLOSES)},
    {"reset", STEPS(HOSTILE_RESETS)},
    {"close after ClientHello", STEPS(HOSTILE_READ_RECORDS(1), HOSTILE_CLOSES)},
    {"reset after ClientHello", STEPS(HOSTILE_READ_RECORDS(1), HOSTILE_RESETS)},
    {"close in a record", STEPS(
        HOSTILE_READ_RECORDS(1), HOSTILE_SEND_BYTES(22, 3, 3, 0, 49, 2, 0), HOSTILE_CLOSES)},
    {"alert before ClientHello", STEPS(
        HOSTILE_SEND_ALERT(2, 80), HOSTILE_READ_RECORDS(1), HOSTILE_CLOSES)},
    {"alert after ClientHello", STEPS(
        HOSTILE_READ_RECORDS(1), HOSTILE_SEND_ALERT(2, 40), HOSTILE_CLOSES)},
    {"alert after ServerHello", STEPS(
        HOSTILE_READ_RECORDS(1),
        HOSTILE_SEND_BYTES(HOSTILE_SERVER_HELLO), HOSTILE_SEND_ALERT(2, 80),
        HOSTILE_CLOSES)},
    {"unknown alert", STEPS(
        HOSTILE_READ_RECORDS(1), HOSTILE_SEND_ALERT(3, 199), HOSTILE_CLOSES)},
    {"silence after ServerHello", STEPS(
        HOSTILE_READ_RECORDS(1), HOSTILE_SEND_BYTES(HOSTILE_SERVER_HELLO), HOSTILE_HOLDS)},
    {"close after ServerHello", STEPS(
        HOSTILE_READ_RECORDS(1), HOSTILE_SEND_BYTES(HOSTILE_SERVER_HELLO), HOSTILE_CLOSES)},
    {"certificate claimed", STEPS(
        HOSTILE_READ_RECORDS(1),
        HOSTILE_SEND_BYTES(HOSTILE_SERVER_HELLO), HOSTILE_SEND_BYTES(HUGE_CERTIFICATE),
        HOSTILE_HOLDS)},
    {"certificate sent", STEPS(
        HOSTILE_READ_RECORDS(1),
        HOSTILE_SEND_BYTES(HOSTILE_SERVER_HELLO), HOSTILE_SEND_BYTES(HUGE_CERTIFICATE),
        {.action = HOSTILE_SEND, .data = filler, .length = sizeof filler, .count = 1024},
        HOSTILE_HOLDS)},
    {NULL, NULL},
};
/* clang-format on */

const struct hostile_step *hostile_find(const char *name)
{
    const struct hostile_script *script = hostile_scripts;

    while (script->name != NULL && strcmp(script->name, name) != 0) {
        script++;
    }
    return script->steps;
}
