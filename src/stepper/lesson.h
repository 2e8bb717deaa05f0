/*
 * A lesson, as it is read from docs/lessons/NAME.md: docs/contributing.md has an example. Lines are
 *
 *     # Title                      of the lesson, first of all
 *     ## Title                     begins a part
 *     word: value                  one of the words below; a line that begins with blanks goes on with its value
 *     - text, * text               under `ask`: a choice, and the right one
 *     anything else                the part's text, before its task; "- " begins an item of a list
 *
 *     of a lesson   order N · about TEXT · target TARGET · set OPTION VALUE
 *                   ("{folder}" as a value is an empty folder that is made for the lesson)
 *     of a part     target, set: it begins with a session of its own (of the lesson's target unless it names one)
 *                   do TEXT, with when CONDITION (all of them must hold), or
 *                   ask TEXT, with choices, or answer PATH, or both: the choice that is the value is right
 *                   hint TEXT · because TEXT (shown when it is done)
 *                   play KEYS, type COMMAND: what a student would press and type, for the test; of a question the answer
 *                   wrong TEXT: a wrong answer, for the test
 *
 * A condition is PATH, not PATH, or PATH OPERATOR VALUE; the operators are = != < > and ~ (contains). A path leads through
 * the facts at the cursor (lesson_state.c): members by name, elements of a list by what they are called ("messages.ServerHello",
 * "messages.server:Finished", "alerts.close_notify", "certificates.leaf"), the second such one as "ClientHello#2", by number from 0, "last";
 * "count" is how many there are.
 */
#ifndef STEPPER_LESSON_H
#define STEPPER_LESSON_H

#include "tlstep/stepper.h"

/* A file that is compiled in; lessons.awk makes the table. */
struct lesson_source {
    const char *name;
    const char *text;
};
extern const struct lesson_source lesson_sources[];
extern const size_t lesson_source_count;

/* As a value of `set`. */
#define LESSON_FOLDER "{folder}"

enum lesson_operator {
    LESSON_IS_THERE, /* and not null, false or 0 */
    LESSON_IS_NOT_THERE,
    LESSON_EQUAL,
    LESSON_NOT_EQUAL,
    LESSON_LESS,
    LESSON_MORE,
    LESSON_CONTAINS,
};

struct lesson_condition {
    const char *path;
    enum lesson_operator operator;
    const char *value;
};

#define LESSON_CONDITIONS_MAX 6
#define LESSON_CHOICES_MAX    6
#define LESSON_PARTS_MAX      24
#define LESSON_SETS_MAX       6

struct lesson_part {
    struct stepper_lesson_part seen; /* its strings are the lesson's */
    unsigned line;                   /* where it begins */
    const char *choices[LESSON_CHOICES_MAX];
    size_t right;       /* of the choices, from 1; 0: the one that is the answer's value */
    const char *answer; /* a path; NULL */
    struct lesson_condition conditions[LESSON_CONDITIONS_MAX];
    size_t condition_count;
    const char *target; /* NULL: the lesson's */
    const char *sets[LESSON_SETS_MAX];
    size_t set_count;
    bool played, mistaken; /* it has `play` or `type`, and `wrong` */
};

struct stepper_lesson {
    struct arena *arena;
    const char *name;
    const char *title;
    const char *about;
    long order;
    struct lesson_part opening; /* the lesson's own target and options */
    struct lesson_part parts[LESSON_PARTS_MAX];
    size_t count;
};

/* lesson_condition.c. The text of a condition; `condition` points into it, which is changed. -1 with class ERR_USAGE, without the place. */
int lesson_condition_parse(char *text, struct lesson_condition *condition, struct err *err);
/* A path must begin with something that the facts can have. */
int lesson_path_check(const char *path, struct err *err);
bool lesson_condition_holds(const struct lesson_condition *condition, const json_t *facts);
/* What a path leads to, as text ("yes" and "no" for booleans, "" for lists). False: it is not there, or null. */
bool lesson_path_text(const json_t *facts, const char *path, char *out, size_t size);

#endif
