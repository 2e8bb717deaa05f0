/* The lessons that are compiled in. */
#include <stdlib.h>
#include <string.h>

#include "lesson.h"

/* The first lines say what a list needs, and are all that is kept of a lesson. */
struct listed {
    struct stepper_lesson_entry entry;
    long order;
};

static int compare(const void *a, const void *b)
{
    const struct listed *first = a, *second = b;

    return first->order != second->order
               ? (first->order > second->order) - (first->order < second->order)
               : strcmp(first->entry.name, second->entry.name);
}

/* Strings of the list live in one block with it. */
static char *place(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    char *here = *at;

    memcpy(here, text, size);
    *at += size;
    return here;
}

static struct stepper_lesson_entry *pack(const struct listed *listed, size_t count)
{
    size_t size = count * sizeof(struct stepper_lesson_entry);
    struct stepper_lesson_entry *entries;
    char *strings;

    for (size_t i = 0; i < count; i++) {
        size += strlen(listed[i].entry.title) + strlen(listed[i].entry.about) + 2;
    }
    entries = malloc(size > 0 ? size : 1);
    if (entries == NULL) {
        return NULL;
    }
    strings = (char *)(entries + count);
    for (size_t i = 0; i < count; i++) {
        entries[i] = listed[i].entry;
        entries[i].title = place(&strings, listed[i].entry.title);
        entries[i].about = place(&strings, listed[i].entry.about);
    }
    return entries;
}

static int read_all(struct stepper_lesson **lessons, struct listed *listed, struct err *err)
{
    for (size_t i = 0; i < lesson_source_count; i++) {
        lessons[i] = stepper_lesson_parse(lesson_sources[i].name, lesson_sources[i].text, err);
        if (lessons[i] == NULL) {
            return -1;
        }
        listed[i] = (struct listed){
            .entry = {.name = lesson_sources[i].name,
                      .title = lessons[i]->title,
                      .about = lessons[i]->about,
                      .parts = lessons[i]->count},
            .order = lessons[i]->order,
        };
    }
    return 0;
}

struct stepper_lesson_entry *stepper_lesson_list(size_t *count, struct err *err)
{
    struct stepper_lesson **lessons =
        calloc(lesson_source_count + 1, sizeof(struct stepper_lesson *));
    struct listed *listed = calloc(lesson_source_count + 1, sizeof *listed);
    struct stepper_lesson_entry *entries = NULL;

    *count = lesson_source_count;
    if (lessons == NULL || listed == NULL) {
        (void)err_memory(err, "listing the lessons"); /* NULL says it */
    } else if (read_all(lessons, listed, err) == 0) {
        qsort(listed, lesson_source_count, sizeof *listed, compare);
        entries = pack(listed, lesson_source_count);
        if (entries == NULL) {
            (void)err_memory(err, "listing the lessons"); /* NULL says it */
        }
    }
    for (size_t i = 0; lessons != NULL && i < lesson_source_count; i++) {
        stepper_lesson_free(lessons[i]);
    }
    free(lessons);
    free(listed);
    return entries;
}

static void fail_unknown(const char *name, struct err *err)
{
    struct buffer names = {0};
    char safe[60];
    size_t count;
    struct stepper_lesson_entry *entries = stepper_lesson_list(&count, err);

    for (size_t i = 0; entries != NULL && i < count; i++) {
        buffer_printf(&names, "%s%s", i > 0 ? ", " : "", entries[i].name);
    }
    free(entries);
    (void)err_set(err, ERR_USAGE, "no_such_lesson", "there is no lesson '%s'; there are %s",
                  text_safe(safe, sizeof safe, name, strlen(name)),
                  buffer_string(&names) != NULL ? buffer_string(&names) : "others");
    buffer_free(&names);
}

struct stepper_lesson *stepper_lesson_open(const char *name, struct err *err)
{
    for (size_t i = 0; i < lesson_source_count; i++) {
        if (strcmp(lesson_sources[i].name, name) == 0) {
            return stepper_lesson_parse(name, lesson_sources[i].text, err);
        }
    }
    fail_unknown(name, err);
    return NULL;
}
