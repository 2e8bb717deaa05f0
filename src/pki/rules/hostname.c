/* Server identity (RFC 9525 6). */
#include <string.h>

#include "../name.h"
#include "sentences.h"

/* RFC 9525 6. */
void rule_hostname(struct search *search, size_t place)
{
    if (search->request->hostname != NULL &&
        !host_matches(&search->host, rule_certificate(search, place))) {
        rule_add(search, (struct finding){.code = PKI_HOSTNAME_MISMATCH,
                                          .node = search->current.nodes[place],
                                          .other = NO_NODE});
    }
}

/* "bücher.example (xn--bcher-kva.example)" */
static void say_host(const struct words *words)
{
    const char *asked = words->search->request->hostname;
    const char *name = words->search->host.name;
    char shown[300];

    say(words, text_safe(shown, sizeof shown, asked, strlen(asked)));
    if (name != NULL && strncmp(name, asked, strlen(name)) != 0) {
        say(words, " (");
        say(words, text_safe(shown, sizeof shown, name, strlen(name)));
        say(words, ")");
    }
}

static bool common_name_matches(const struct words *words)
{
    struct buffer common_name = {0};
    struct general_name name = {.kind = NAME_DNS};
    bool matches = false;

    if (name_append_common_name(&common_name, words->node->x.subject)) {
        name.content = (struct pki_slice){common_name.data, common_name.length};
        matches = host_matches_name(&words->search->host, &name);
    }
    words->out->failed |= common_name.failed;
    buffer_free(&common_name);
    return matches;
}

void text_hostname_mismatch(const struct words *words)
{
    struct buffer names = {0};
    size_t count = words_host_names(&names, &words->node->x);
    const char *text = buffer_string(&names);

    say_label(words, words->node);
    if (count > 0 && text != NULL) {
        say(words, ": valid for ");
        say(words, text);
    } else {
        say(words, ": names no host in its subjectAltName");
    }
    say(words, ", asked for ");
    say_host(words);
    say(words, ".");
    if (common_name_matches(words)) {
        say(words, " Its common name is that, but clients no longer look there.");
    }
    words->out->failed |= names.failed;
    buffer_free(&names);
}

void mend_hostname_mismatch(const struct words *words)
{
    const struct host *host = &words->search->host;
    char shown[300];

    if (words->node->x.is_ca && words->search->request->chain_length > 1) {
        say(words, "send the server's own certificate first, then ");
        say_label(words, words->node);
        say(words, ".");
        return;
    }
    if (host->address_length == 0 && host->name == NULL) {
        say(words, "ask for a name that can be a host's.");
        return;
    }
    say(words, "add ");
    say(words, host->address_length > 0 ? "IP:" : "DNS:");
    if (host->name != NULL) {
        say(words, text_safe(shown, sizeof shown, host->name, strlen(host->name)));
    } else {
        say_host(words);
    }
    say(words, " to the subjectAltName of the certificate, or ask for a name that it has.");
}

void found_hostname_mismatch(const struct words *words)
{
    (void)words;
}

void required_hostname_mismatch(const struct words *words)
{
    (void)words;
}
