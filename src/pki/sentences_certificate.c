/* Sentences about one certificate: its dates, names, strength, form. */
#include <inttypes.h>
#include <string.h>

#include "algorithms.h"
#include "name.h"
#include "sentences.h"
#include "words.h"

static bool is_leaf(const struct words *words)
{
    return words->finding->node == 0;
}

/* ---- validity -------------------------------------------------------------------------- */

/* Within a day of this machine's clock, "now" is what was asked for. */
static void say_time_of_judgement(const struct words *words)
{
    int64_t at = words->finding->found;
    int64_t now = clock_wall_ns() / 1000000000;
    bool is_now = at > now - 86400 && at < now + 86400;

    say(words, is_now ? "now is " : "judged for ");
    words_date(words->out, at);
}

void text_expired(const struct words *words)
{
    const struct finding *finding = words->finding;

    say_label(words, words->node);
    say(words, ": valid until ");
    words_date(words->out, finding->required);
    say(words, ", ");
    say_time_of_judgement(words);
    say(words, " (");
    words_span(words->out, finding->found - finding->required);
    say(words, ").");
}

void mend_expired(const struct words *words)
{
    if (is_leaf(words)) {
        say(words, "renew the certificate of ");
        say_label(words, words->node);
        say(words, ".");
    } else if (words->node->anchor) {
        say(words, "use a chain to another trust anchor: the clients' one, ");
        say_label(words, words->node);
        say(words, ", has expired.");
    } else {
        say(words, "send the certificate of ");
        say_label(words, words->node);
        say(words, " that is valid now, or renew the whole chain.");
    }
}

void text_not_yet_valid(const struct words *words)
{
    const struct finding *finding = words->finding;

    say_label(words, words->node);
    say(words, ": valid from ");
    words_date(words->out, finding->required);
    say(words, ", ");
    say_time_of_judgement(words);
    say(words, " (");
    words_span(words->out, finding->required - finding->found);
    say(words, " too early).");
}

void mend_not_yet_valid(const struct words *words)
{
    say(words, "use the former certificate of ");
    say_label(words, words->node);
    say(words, " until then; check the clocks of this machine and of the issuer's.");
}

/* ---- host name ------------------------------------------------------------------------- */

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

/* ---- strength ------------------------------------------------------------------------------ */

void text_weak_signature(const struct words *words)
{
    const char *hash = signature_weak_hash(&words->node->x);

    say_label(words, words->node);
    buffer_printf(words->out,
                  ": signed with %s, of which forgeries can be made; "
                  "SHA-256 or better is required.",
                  hash != NULL ? hash : "a weak hash");
}

void mend_weak_signature(const struct words *words)
{
    say(words, "have ");
    say_label(words, words->node);
    say(words, " issued again, signed with SHA-256.");
}

void text_weak_key(const struct words *words)
{
    struct key_facts key;

    key_facts_read(&words->node->x, &key);
    say_label(words, words->node);
    buffer_printf(words->out,
                  ": its %s key has %" PRId64 " bits, at least %" PRId64 " are required.", key.type,
                  words->finding->found, words->finding->required);
}

void mend_weak_key(const struct words *words)
{
    say(words, "make a new key (RSA with 2048 bits, or ECDSA with secp256r1) and have ");
    say_label(words, words->node);
    say(words, " issued for it.");
}

/* ---- malformed ------------------------------------------------------------------------- */

static void say_position(const struct words *words)
{
    say(words, "the certificate sent ");
    words_ordinal(words->out, words->finding->node + 1);
}

void text_malformed(const struct words *words)
{
    struct x509 again;
    char problem[160] = "";

    switch (words->finding->variant) {
    case MALFORMED_NOTHING_SENT:
        say(words, "no certificate was sent.");
        break;
    case MALFORMED_EXPLICIT_CURVE:
        say_label(words, words->node);
        say(words, ": its key gives the curve by its parameters, not by its name.");
        break;
    case MALFORMED_KEY:
        say_label(words, words->node);
        say(words, ": its public key cannot be read.");
        break;
    default:
        (void)x509_read(&again, words->node->x.der.data, words->node->x.der.length, problem,
                        sizeof problem);
        say_position(words);
        buffer_printf(words->out, " cannot be read: %s.", problem);
        break;
    }
}

void mend_malformed(const struct words *words)
{
    switch (words->finding->variant) {
    case MALFORMED_NOTHING_SENT:
        say(words, "give the server a certificate.");
        break;
    case MALFORMED_CERTIFICATE:
        say(words, "replace ");
        say_position(words);
        say(words, ".");
        break;
    default:
        say(words, "have ");
        say_label(words, words->node);
        say(words, " issued again for a key in the usual form (a named curve, or RSA).");
        break;
    }
}
