/* Taking a filter apart. */
#include <string.h>

#include "page.h"
#include "words.h"

void ui_words_split(struct ui_words *words, const char *filter)
{
    char *rest = words->text, *word;

    words->count = 0;
    (void)snprintf(words->text, sizeof words->text, "%s", filter);
    for (char *at = words->text; *at != '\0'; at++) {
        *at = ui_text_lower(*at);
    }
    while (words->count < UI_FILTER_WORDS && (word = strtok_r(rest, " ", &rest)) != NULL) {
        words->words[words->count++] = word;
    }
}
