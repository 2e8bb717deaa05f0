/* SMTP and submission (RFC 3207), and LMTP, which differs in its greeting (RFC 2033). */
#include "starttls.h"

const struct net_speech net_smtp_speech = {
    {{"EHLO|HELO|LHLO", NULL}, {"220", NULL}}, net_frame_line, net_name_reply, NULL, NULL,
};

#define STARTTLS_STEPS                                                                       \
    {.hear = net_hear_reply, .wanted = "250", .noted = "STARTTLS"}, {.say = "STARTTLS\r\n"}, \
    {                                                                                        \
        .hear = net_hear_reply, .wanted = "220"                                              \
    }

/* RFC 5321 4.1.1.1: who has no name that others know says an address literal or, as most do, localhost. */
const struct net_script net_smtp_client = {
    .steps = {{.hear = net_hear_reply, .wanted = "220"},
              {.say = "EHLO localhost\r\n"},
              STARTTLS_STEPS},
};

const struct net_script net_lmtp_client = {
    .steps = {{.hear = net_hear_reply, .wanted = "220"},
              {.say = "LHLO localhost\r\n"},
              STARTTLS_STEPS},
};

#define ABILITIES "250-$h\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 STARTTLS\r\n"

static const struct net_command commands[] = {
    {"EHLO", ABILITIES, false},
    {"LHLO", ABILITIES, false},
    {"HELO", "250 $h\r\n", false},
    {"STARTTLS", "220 2.0.0 Ready to start TLS\r\n", true},
    {"NOOP", "250 2.0.0 OK\r\n", false},
    {"RSET", "250 2.0.0 OK\r\n", false},
    {"QUIT", "221 2.0.0 Bye\r\n", false},
    {NULL, "530 5.7.0 Must issue a STARTTLS command first\r\n", false}, /* RFC 3207 4 */
};

const struct net_script net_smtp_server = {
    .steps = {{.say = "220 $h ESMTP\r\n"}, {.hear = net_hear_command, .commands = commands}},
};

const struct net_script net_lmtp_server = {
    .steps = {{.say = "220 $h LMTP\r\n"}, {.hear = net_hear_command, .commands = commands}},
};
