/* The JSON of a session in comments. */
#include "session_comment.h"

#include <stdlib.h>
#include <string.h>

#define MARK_LENGTH (sizeof SESSION_MARK - 1)
/* Of JSON, in one comment; it is ASCII, so it may be cut anywhere. */
#define PART_MAX ((size_t)65000)

_Static_assert(MARK_LENGTH + PART_MAX <= CAPTURE_COMMENT_MAX, "a part fits a comment");
_Static_assert(sizeof SESSION_MARK == sizeof SESSION_MARK_MORE, "the marks are as long");

int session_comments_make(struct session_comments *comments, const char *about, const char *json)
{
    size_t length = json != NULL ? strlen(json) : 0;
    size_t parts = (length + PART_MAX - 1) / PART_MAX;
    size_t size = length + parts * MARK_LENGTH;

    *comments = (struct session_comments){
        .text = malloc(size + 1),
        .list = calloc(parts + 1, sizeof *comments->list),
    };
    if (comments->text == NULL || comments->list == NULL) {
        return -1;
    }
    if (about != NULL) {
        comments->list[comments->count++] = (struct capture_text){about, strlen(about)};
    }
    char *at = comments->text;
    for (size_t done = 0; done < length; done += PART_MAX) {
        size_t take = length - done < PART_MAX ? length - done : PART_MAX;
        comments->list[comments->count++] = (struct capture_text){at, MARK_LENGTH + take};
        memcpy(at, done == 0 ? SESSION_MARK : SESSION_MARK_MORE, MARK_LENGTH);
        memcpy(at + MARK_LENGTH, json + done, take);
        at += MARK_LENGTH + take;
    }
    return 0;
}

void session_comments_free(struct session_comments *comments)
{
    free(comments->text);
    free(comments->list);
    *comments = (struct session_comments){0};
}
