/* tlstep certs --sni A --sni B: a server may have a certificate for each name that it is asked for. Each is asked in turn. */
#include <string.h>

#include "certs.h"

static bool is_same(const struct certs_connection *a, const struct certs_connection *b)
{
    return memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

/* Did an earlier name get this certificate? */
static bool is_repeated(const struct certs_connection *connections, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (connections[i].found && is_same(&connections[i], &connections[index])) {
            return true;
        }
    }
    return false;
}

/* "a and b: CN, sha256 0123…". */
static void print_group(const struct certs_connection *connections, size_t count, size_t first)
{
    char name[300];
    char digest[2 * 8 + 1];
    const struct certs_connection *of = &connections[first];

    for (size_t i = first; i < count; i++) {
        if (connections[i].found && is_same(&connections[i], of)) {
            (void)printf(
                "%s%s", i == first ? "  " : ", ",
                text_safe(name, sizeof name, connections[i].note, strlen(connections[i].note)));
        }
    }
    (void)printf(": %s, sha256 %s...\n", of->label, text_hex(digest, sizeof digest, of->sha256, 8));
}

/* The lines at the end: which names got which certificate. Only where people read; main() judges standard output. */
static void print_summary(const struct certs_connection *connections, size_t count)
{
    size_t different = 0;
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        found += connections[i].found;
        different += connections[i].found && !is_repeated(connections, i);
    }
    if (found == 0) {
        return;
    }
    if (different == 1) {
        (void)printf("\nThe same certificate for each of %zu names:\n", found);
    } else {
        (void)printf("\n%zu different certificates for %zu names:\n", different, found);
    }
    for (size_t i = 0; i < count; i++) {
        if (connections[i].found && !is_repeated(connections, i)) {
            print_group(connections, count, i);
        }
    }
}

static int ask_all(struct cli_arguments *arguments, struct stepper *stepper)
{
    const struct cli_list *names = &arguments->certs.names;
    struct certs_connection connections[CLI_LIST_MAX] = {{0}};
    bool people = !arguments->json && !arguments->certs.pem && !arguments->certs.text;
    int status = 0;

    for (size_t i = 0; i < names->count; i++) {
        connections[i].note = names->items[i];
        int answer = certs_ask_with(arguments, stepper, "sni", names->items[i], &connections[i]);
        if (answer > 1) {
            return answer; /* it would not go better with another name */
        }
        status = answer != 0 ? answer : status;
        if (people && connections[i].found && i + 1 < names->count) {
            (void)fputs("\n", stdout); /* main() judges standard output */
        }
    }
    if (people) {
        print_summary(connections, names->count);
    }
    return status;
}

int certs_names(struct cli_arguments *arguments)
{
    return certs_with_stepper(arguments, ask_all);
}
