/* --replace: what is changed in data that passes. A stream is changed, not records: a match may be cut anywhere. */
#ifndef TLSTEP_LAB_PROXY_RULES_H
#define TLSTEP_LAB_PROXY_RULES_H

#include "tlstep/lab.h"

struct lab_rule {
    char *from;
    char *to;
    size_t from_length;
    size_t to_length;
};

struct lab_rules {
    struct lab_rule *rules;
    size_t count;
};

/* 0, or -1: class ERR_USAGE, code "bad_rule" (nothing to look for, or longer than LAB_RULE_MAX). */
int lab_rules_copy(struct lab_rules *rules, const struct lab_proxy_rule *from, size_t count,
                   struct err *err);
void lab_rules_free(struct lab_rules *rules);

/*
 * Writes to `out`, at most `max` bytes, what becomes of `data`, and through `written` how many. Returns how many bytes of data that
 * used up: the rest did not fit, or may be the beginning of a match, unless it is the `last` there will be. Leftmost match first; of several
 * rules at one place, the first. What was put in is not looked at again. `max` is at least LAB_RULE_MAX.
 */
size_t lab_rules_apply(const struct lab_rules *rules, const uint8_t *data, size_t length, bool last,
                       uint8_t *out, size_t max, size_t *written);

#endif
