/* Server identity (RFC 9525 6). */
#include <arpa/inet.h>
#include <string.h>

#include "../name.h"
#include "../subject_names.h"
#include "sentences.h"

/* RFC 9525 6. */
void rule_hostname(struct search *search, size_t place)
{
    if (search->request->hostname != NULL &&
        !host_matches(&search->host, rule_certificate(search, place))) {
        rule_add(search, (struct finding){.code = PKI_HOSTNAME_MISMATCH,
                                          .node = search->current.nodes[place],
                                          .other = NO_NODE,
                                          .field = "subjectAltName"});
    }
}

/* ---- the name that comes nearest -------------------------------------------------------- */

/* What keeps a name of the certificate from being the one that was asked for; the nearest last. */
enum nearness {
    FAR,
    NEAR_ONE_LABEL, /* as many labels, one of them another */
    NEAR_REGISTRY,  /* the wildcard would stand for a whole top-level domain, or for everything */
    NEAR_DEPTH,     /* the wildcard would have to stand for more than one label */
    NEAR_APEX,      /* the wildcard stands for what is below the name, not for itself */
    NEAR_WITH_WWW,  /* only "www." is before it */
    NEAR_WITHOUT_WWW,
    NEAR_DOT,     /* a dot stands at its end */
    NEAR_ADDRESS, /* the address is there, as a name */
};

struct near_name {
    enum nearness nearness;
    struct pki_slice name;
};

static bool ends_with(struct pki_slice text, struct pki_slice end)
{
    return text.length > end.length &&
           slice_equal_nocase(slice_after(text, text.length - end.length), end);
}

static bool begins_with(struct pki_slice text, const char *start)
{
    size_t length = strlen(start);
    return text.length > length &&
           slice_equal_nocase((struct pki_slice){text.data, length}, slice_of_text(start));
}

static struct pki_slice take_label(struct pki_slice *name)
{
    const uint8_t *dot = name->length > 0 ? memchr(name->data, '.', name->length) : NULL;
    struct pki_slice label = {name->data, dot != NULL ? (size_t)(dot - name->data) : name->length};

    *name = slice_after(*name, dot != NULL ? label.length + 1 : label.length);
    return label;
}

static bool differs_in_one_label(struct pki_slice a, struct pki_slice b)
{
    size_t different = 0, same = 0;

    while (a.length > 0 && b.length > 0) {
        bool equal = slice_equal_nocase(take_label(&a), take_label(&b));
        same += equal;
        different += !equal;
    }
    return a.length == 0 && b.length == 0 && different == 1 && same >= 2;
}

static enum nearness wildcard_nearness(struct pki_slice host, struct pki_slice pattern)
{
    if (pattern.length == 2 || memchr(pattern.data + 2, '.', pattern.length - 2) == NULL) {
        return ends_with(host, slice_after(pattern, 1)) ? NEAR_REGISTRY : FAR;
    }
    if (slice_equal_nocase(host, slice_after(pattern, 2))) {
        return NEAR_APEX;
    }
    return ends_with(host, slice_after(pattern, 1)) ? NEAR_DEPTH : FAR;
}

static enum nearness name_nearness(struct pki_slice host, struct pki_slice name)
{
    if (begins_with(name, "*.")) {
        return wildcard_nearness(host, name);
    }
    if (begins_with(name, "www.") && slice_equal_nocase(host, slice_after(name, 4))) {
        return NEAR_WITH_WWW;
    }
    if (begins_with(host, "www.") && slice_equal_nocase(slice_after(host, 4), name)) {
        return NEAR_WITHOUT_WWW;
    }
    if (name.length == host.length + 1 && name.data[host.length] == '.' &&
        slice_equal_nocase((struct pki_slice){name.data, host.length}, host)) {
        return NEAR_DOT;
    }
    return differs_in_one_label(host, name) ? NEAR_ONE_LABEL : FAR;
}

/* Is this DNS name the address that was asked for, in letters? */
static bool is_address_text(const struct host *host, struct pki_slice name)
{
    char text[INET6_ADDRSTRLEN];
    uint8_t address[16];

    if (name.length >= sizeof text) {
        return false;
    }
    memcpy(text, name.data, name.length);
    text[name.length] = '\0';
    return inet_pton(host->address_length == 4 ? AF_INET : AF_INET6, text, address) == 1 &&
           memcmp(address, host->address, host->address_length) == 0;
}

static struct near_name find_near_name(const struct words *words)
{
    const struct host *host = &words->search->host;
    const struct pki_slice list = words->node->x.subject_alt_name;
    struct reader names = reader_new(list.data, list.length);
    struct near_name nearest = {0};
    struct general_name name;

    while (general_name_next(&names, &name)) {
        enum nearness nearness = FAR;
        if (name.kind != NAME_DNS || name.content.length == 0) {
            continue;
        }
        if (host->address_length > 0) {
            nearness = is_address_text(host, name.content) ? NEAR_ADDRESS : FAR;
        } else if (host->name != NULL) {
            nearness = name_nearness(slice_of_text(host->name), name.content);
        }
        if (nearness > nearest.nearness) {
            nearest = (struct near_name){nearness, name.content};
        }
    }
    return nearest;
}

static void say_name(const struct words *words, struct pki_slice name)
{
    char shown[200];
    say(words, text_safe(shown, sizeof shown, name.data, name.length));
}

/* The nearest name stands between the two halves. */
static void say_near_name(const struct words *words)
{
    static const struct {
        const char *before;
        const char *behind;
    } sentences[] = {
        [FAR] = {"", ""},
        [NEAR_ONE_LABEL] = {" The nearest is ", ", which differs in one label."},
        [NEAR_REGISTRY] = {" Clients refuse ",
                           ": behind a wildcard at least two labels must follow."},
        [NEAR_DEPTH] = {" The wildcard in ", " stands for exactly one label."},
        [NEAR_APEX] = {" The wildcard in ", " stands for one label, not for none."},
        [NEAR_WITH_WWW] = {" The nearest, ", ", has www. before it."},
        [NEAR_WITHOUT_WWW] = {" The nearest, ", ", has no www. before it."},
        [NEAR_DOT] = {" The nearest, ", ", ends with a dot, as no name in a certificate does."},
        [NEAR_ADDRESS] = {" The address is there as a DNS name, ",
                          ", where clients look for no address."},
    };
    struct near_name nearest = find_near_name(words);

    if (nearest.nearness != FAR) {
        say(words, sentences[nearest.nearness].before);
        say_name(words, nearest.name);
        say(words, sentences[nearest.nearness].behind);
    }
}

/* ---- sentences -------------------------------------------------------------------------- */

static bool common_name_matches(const struct words *words)
{
    struct buffer common_name = {0};
    struct general_name name = {.kind = NAME_DNS};
    bool matches = false;

    if (name_append_common_name(&common_name, words->node->x.subject)) {
        name.content = (struct pki_slice){common_name.data, common_name.length};
        matches = host_matches_name(&words->search->host, &name) ||
                  (words->search->host.address_length > 0 &&
                   is_address_text(&words->search->host, name.content));
    }
    words->out->failed |= common_name.failed;
    buffer_free(&common_name);
    return matches;
}

static void say_names(const struct words *words, const char *before, const char *none)
{
    struct buffer names = {0};
    size_t count = words_host_names(&names, &words->node->x);
    const char *text = buffer_string(&names);

    if (count > 0 && text != NULL) {
        say(words, before);
        say(words, text);
    } else {
        say(words, none);
    }
    words->out->failed |= names.failed;
    buffer_free(&names);
}

void text_hostname_mismatch(const struct words *words)
{
    const struct host *host = &words->search->host;

    say_label(words, words->node);
    say_names(words, ": valid for ", ": names no host in its subjectAltName");
    say(words, ", asked for ");
    pki_host_text(words->out, words->search->request->hostname);
    say(words, ".");
    if (host->address_length == 0 && host->name == NULL) {
        say(words, " No host can have that name.");
    }
    say_near_name(words);
    if (common_name_matches(words)) {
        say(words, " Its common name is that, but clients no longer look there.");
    } else if (host->address_length > 0 &&
               words->node->x.extension[X509_SUBJECT_ALT_NAME].present &&
               !x509_has_name(&words->node->x, NAME_IP)) {
        say(words, " It is valid for no address.");
    }
}

/* What would have had to be in the subjectAltName. */
static void say_required(const struct words *words)
{
    const struct host *host = &words->search->host;

    if (host->address_length > 0) {
        general_name_append(words->out, NAME_IP,
                            (struct pki_slice){host->address, host->address_length});
    } else if (host->name != NULL) {
        general_name_append(words->out, NAME_DNS, slice_of_text(host->name));
    }
}

void mend_hostname_mismatch(const struct words *words)
{
    const struct host *host = &words->search->host;
    struct near_name nearest;

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
    nearest = find_near_name(words);
    say(words, "add ");
    say_required(words);
    say(words, " to the subjectAltName of the certificate, or ask for ");
    if (nearest.nearness == NEAR_WITH_WWW || nearest.nearness == NEAR_WITHOUT_WWW ||
        nearest.nearness == NEAR_ONE_LABEL) {
        say_name(words, nearest.name);
        say(words, ".");
    } else {
        say(words, "a name that it has.");
    }
}

void found_hostname_mismatch(const struct words *words)
{
    say_names(words, "", "");
}

void required_hostname_mismatch(const struct words *words)
{
    say_required(words);
}
