/* One certificate at least for each rule of lint that breaks it. */
#ifndef SUPPORT_LINT_CASES_H
#define SUPPORT_LINT_CASES_H

#include "forged.h"

struct lint_case {
    const char *id; /* of the rule */
    enum pki_place place;
    struct forged_change changes[4];
    int64_t at;       /* 0: CERT_NOW */
    bool path_breaks; /* the change also keeps the chain from being one, or from being read */
};

extern const struct lint_case lint_cases[];
extern const size_t lint_case_count;

#endif
