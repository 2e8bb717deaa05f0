/* The JSON of a session in comments of a capture (docs/session-format.md). */
#ifndef TRACE_SESSION_COMMENT_H
#define TRACE_SESSION_COMMENT_H

#include "tlstep/capture.h"

/* A comment that carries JSON begins with the first; one that is too long for one option goes on in
 * options that begin with the second. */
#define SESSION_MARK      "tlstep:1 "
#define SESSION_MARK_MORE "tlstep:+ "

struct session_comments {
    char *text; /* all of them */
    struct capture_text *list;
    size_t count;
};

/* `about` is for people, `json` ASCII; both may be NULL. 0, or -1: out of memory. To be freed either way. */
int session_comments_make(struct session_comments *comments, const char *about, const char *json);
void session_comments_free(struct session_comments *comments);

#endif
