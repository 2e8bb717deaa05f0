/* FTP (RFC 4217): the control connection becomes TLS behind AUTH TLS. */
#include "starttls.h"

const struct net_speech net_ftp_speech = {
    {{"AUTH|USER|FEAT|OPTS|SYST", NULL}, {"220", NULL}}, net_frame_line, net_name_reply, NULL, NULL,
};

const struct net_script net_ftp_client = {
    .steps = {{.hear = net_hear_reply, .wanted = "220"},
              {.say = "AUTH TLS\r\n"},
              {.hear = net_hear_reply, .wanted = "234"}},
};

#define GO "234 Proceed with negotiation.\r\n"

static const struct net_command commands[] = {
    {"AUTH TLS", GO, true},
    {"AUTH TLS-C", GO, true},
    {"AUTH SSL", GO, true}, /* of before the RFC; curl says it first */
    {"AUTH", "504 Only AUTH TLS is known here.\r\n", false},
    {"FEAT", "211-Features:\r\n AUTH TLS\r\n PBSZ\r\n PROT\r\n UTF8\r\n211 End\r\n", false},
    {"SYST", "215 UNIX Type: L8\r\n", false},
    {"OPTS", "200 OK\r\n", false},
    {"NOOP", "200 OK\r\n", false},
    {"QUIT", "221 Goodbye.\r\n", false},
    {NULL, "530 Please use AUTH TLS first.\r\n", false},
};

const struct net_script net_ftp_server = {
    .steps = {{.say = "220 $h FTP server ready\r\n"},
              {.hear = net_hear_command, .commands = commands}},
};
