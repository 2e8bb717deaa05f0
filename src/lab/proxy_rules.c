/* --replace A=B over a stream that comes in pieces. */
#include "proxy_rules.h"

#include <stdlib.h>
#include <string.h>

static int copy_rule(struct lab_rule *rule, const struct lab_proxy_rule *from, struct err *err)
{
    rule->from_length = strlen(from->from);
    rule->to_length = strlen(from->to);
    if (rule->from_length == 0) {
        return err_set(err, ERR_USAGE, "bad_rule", "there is nothing before = to be replaced");
    }
    if (rule->from_length > LAB_RULE_MAX || rule->to_length > LAB_RULE_MAX) {
        return err_set(err, ERR_USAGE, "bad_rule",
                       "each side of a replacement has at most %d bytes", LAB_RULE_MAX);
    }
    rule->from = text_duplicate(from->from, rule->from_length);
    rule->to = text_duplicate(from->to, rule->to_length);
    return rule->from != NULL && rule->to != NULL ? 0 : err_memory(err, "copying a replacement");
}

int lab_rules_copy(struct lab_rules *rules, const struct lab_proxy_rule *from, size_t count,
                   struct err *err)
{
    *rules = (struct lab_rules){.rules = calloc(count + 1, sizeof *rules->rules)};
    if (rules->rules == NULL) {
        return err_memory(err, "copying replacements");
    }
    for (; rules->count < count; rules->count++) {
        if (copy_rule(&rules->rules[rules->count], &from[rules->count], err) != 0) {
            rules->count++; /* what it has is to be freed, too */
            lab_rules_free(rules);
            return -1;
        }
    }
    return 0;
}

void lab_rules_free(struct lab_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        free(rules->rules[i].from);
        free(rules->rules[i].to);
    }
    free(rules->rules);
    *rules = (struct lab_rules){0};
}

enum fit { FITS_NOT, FITS, FITS_SO_FAR };

static enum fit fit_at(const struct lab_rule *rule, const uint8_t *data, size_t left)
{
    size_t length = left < rule->from_length ? left : rule->from_length;

    if (memcmp(data, rule->from, length) != 0) {
        return FITS_NOT;
    }
    return length == rule->from_length ? FITS : FITS_SO_FAR;
}

/* The first rule that fits here. `unsure`: one before it might, with more data. */
static const struct lab_rule *find(const struct lab_rules *rules, const uint8_t *data, size_t left,
                                   bool *unsure)
{
    *unsure = false;
    for (size_t i = 0; i < rules->count; i++) {
        enum fit fit = fit_at(&rules->rules[i], data, left);

        if (fit == FITS) {
            return &rules->rules[i];
        }
        *unsure = *unsure || fit == FITS_SO_FAR;
    }
    return NULL;
}

size_t lab_rules_apply(const struct lab_rules *rules, const uint8_t *data, size_t length, bool last,
                       uint8_t *out, size_t max, size_t *written)
{
    size_t used = 0;

    *written = 0;
    while (used < length && *written < max) {
        bool unsure;
        const struct lab_rule *rule = find(rules, data + used, length - used, &unsure);

        if (unsure && !last) {
            return used;
        }
        if (rule == NULL) {
            out[(*written)++] = data[used++];
            continue;
        }
        if (rule->to_length > max - *written) {
            return used;
        }
        memcpy(out + *written, rule->to, rule->to_length);
        *written += rule->to_length;
        used += rule->from_length;
    }
    return used;
}
