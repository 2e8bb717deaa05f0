/* What the fuzz targets of certificates and of what is said of them hold the library to. */
#ifndef FUZZ_EXPECT_H
#define FUZZ_EXPECT_H

#include <stdlib.h>
#include <string.h>

#include "tlstep/base.h"

static inline void fuzz_expect(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* Text that a terminal may be given as it is. */
static inline void fuzz_expect_safe(const char *text)
{
    struct buffer safe = {0};

    fuzz_expect(text != NULL);
    text_safe_append(&safe, text, strlen(text));
    fuzz_expect(buffer_string(&safe) != NULL && strcmp(buffer_string(&safe), text) == 0);
    buffer_free(&safe);
}

#endif
