/* How many CAs may stand below a CA (RFC 5280 4.2.1.9, 6.1.4 (l), (m)). */
#include "sentences.h"

/*
 * RFC 5280 counts a number down from the anchor; counting the CAs below each constraint comes to
 * the same and tells which constraint was broken. The leaf does not count, be it a CA or not, nor
 * do self-issued CAs. The anchor's own constraint counts, too, as with OpenSSL, Go and NSS.
 */
void rule_path_length(struct search *search, size_t place)
{
    int64_t below = 0;

    (void)place;
    for (size_t i = 1; i < search->current.length; i++) {
        const struct x509 *x = rule_certificate(search, i);
        if (x->is_ca && x->path_length != X509_NO_LIMIT && below > x->path_length) {
            rule_add(search, (struct finding){.code = PKI_PATH_LENGTH,
                                              .node = search->current.nodes[i],
                                              .other = search->current.nodes[1],
                                              .found = below,
                                              .required = x->path_length,
                                              .field = "basicConstraints.pathLenConstraint"});
        }
        below += !x509_is_self_issued(x);
    }
}

static void say_count(const struct words *words, int64_t count)
{
    buffer_printf(words->out, "%lld CA%s", (long long)count, count == 1 ? "" : "s");
}

void text_path_length(const struct words *words)
{
    say_label(words, words->node);
    say(words, ": allows ");
    if (words->finding->required == 0) {
        say(words, "no CA");
    } else {
        say(words, "at most ");
        say_count(words, words->finding->required);
    }
    buffer_printf(words->out, " below it (pathLenConstraint %lld), but the path has ",
                  (long long)words->finding->required);
    say_count(words, words->finding->found);
    say(words, " there.");
}

void mend_path_length(const struct words *words)
{
    say(words, "use a shorter chain: have the leaf issued by a CA that ");
    say_label(words, words->node);
    say(words, " allows, not by ");
    say_label(words, words->other);
    say(words, ".");
}

void found_path_length(const struct words *words)
{
    say_count(words, words->finding->found);
    say(words, " below it");
}

void required_path_length(const struct words *words)
{
    say(words, "at most ");
    say_count(words, words->finding->required);
}
