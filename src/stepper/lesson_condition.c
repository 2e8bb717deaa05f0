/* Conditions of lessons: paths into the facts, and what must be found there. */
#include <stdlib.h>
#include <string.h>

#include "lesson.h"

/* What a path may begin with: lesson_state.c. */
static const char *const roots[] = {
    "target",       "phases",   "starttls", "negotiated",       "fingerprints", "certificates",
    "verification", "messages", "alerts",   "application_data", "checks",       "notes",
    "bytes",        "stop",     "run",      "options",          "before",       "screen",
};

int lesson_path_check(const char *path, struct err *err)
{
    size_t length = strcspn(path, ".");

    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        if (strlen(roots[i]) == length && memcmp(roots[i], path, length) == 0) {
            return path[length] == '\0' || path[length + 1] != '\0'
                       ? 0
                       : err_set(err, ERR_USAGE, "bad_lesson", "the path '%s' has no end", path);
        }
    }
    return err_set(err, ERR_USAGE, "bad_lesson", "no facts begin with '%.*s'", (int)length, path);
}

/* ---- finding ------------------------------------------------------------------------------------- */

/* One name of a path: "server:Finished#2". */
struct step {
    const char *side; /* not terminated; NULL */
    size_t side_length;
    const char *name;
    size_t length;
    unsigned long nth; /* from 1 */
};

static struct step read_step(const char *text, size_t length)
{
    struct step step = {.name = text, .length = length, .nth = 1};
    const char *colon = memchr(text, ':', length);
    const char *hash;

    if (colon != NULL) {
        step.side = text;
        step.side_length = (size_t)(colon - text);
        step.name = colon + 1;
        step.length = length - step.side_length - 1;
    }
    hash = memchr(step.name, '#', step.length);
    if (hash != NULL) {
        step.nth = strtoul(hash + 1, NULL, 10);
        step.length = (size_t)(hash - step.name);
    }
    return step;
}

static bool member_is(const json_t *element, const char *key, const char *text, size_t length)
{
    const char *value = json_string_value(json_object_get(element, key));

    return value != NULL && strlen(value) == length && memcmp(value, text, length) == 0;
}

/* Elements of the report's lists are called by one of these. */
static bool is_called(const json_t *element, const struct step *step)
{
    static const char *const keys[] = {"name", "type", "role", "code", "description", "what"};

    if (step->side != NULL && !member_is(element, "from", step->side, step->side_length)) {
        return false;
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (member_is(element, keys[i], step->name, step->length)) {
            return true;
        }
    }
    return false;
}

static const json_t *find_element(const json_t *list, const struct step *step)
{
    size_t count = json_array_size(list);
    unsigned long seen = 0;

    if (step->length == 4 && memcmp(step->name, "last", 4) == 0) {
        return count > 0 ? json_array_get(list, count - 1) : NULL;
    }
    if (step->name[0] >= '0' && step->name[0] <= '9') {
        return json_array_get(list, strtoul(step->name, NULL, 10));
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *element = json_array_get(list, i);
        if (is_called(element, step) && ++seen == step->nth) {
            return element;
        }
    }
    return NULL;
}

static const json_t *find_member(const json_t *object, const struct step *step)
{
    char name[80];

    if (step->length >= sizeof name) {
        return NULL;
    }
    memcpy(name, step->name, step->length);
    name[step->length] = '\0';
    return json_object_get(object, name);
}

static bool write_value(const json_t *value, char *out, size_t size)
{
    out[0] = '\0';
    if (value == NULL || json_is_null(value)) {
        return false;
    }
    if (json_is_string(value)) {
        (void)snprintf(out, size, "%s", json_string_value(value));
    } else if (json_is_integer(value)) {
        (void)snprintf(out, size, "%lld", (long long)json_integer_value(value));
    } else if (json_is_real(value)) {
        (void)snprintf(out, size, "%.6g", json_real_value(value));
    } else if (json_is_boolean(value)) {
        (void)snprintf(out, size, "%s", json_is_true(value) ? "yes" : "no");
    }
    return true;
}

bool lesson_path_text(const json_t *facts, const char *path, char *out, size_t size)
{
    const json_t *at = facts;

    out[0] = '\0';
    while (at != NULL && *path != '\0') {
        size_t length = strcspn(path, ".");
        struct step step = read_step(path, length);
        if (json_is_array(at) && length == 5 && memcmp(path, "count", 5) == 0) {
            (void)snprintf(out, size, "%zu", json_array_size(at));
            return path[length] == '\0';
        }
        at = json_is_array(at) ? find_element(at, &step) : find_member(at, &step);
        path += length;
        path += *path == '.';
    }
    return write_value(at, out, size);
}

/* ---- judging ------------------------------------------------------------------------------------- */

static bool is_true(bool there, const char *text)
{
    return there && strcmp(text, "no") != 0 && strcmp(text, "0") != 0;
}

bool lesson_condition_holds(const struct lesson_condition *condition, const json_t *facts)
{
    char text[400];
    bool there = lesson_path_text(facts, condition->path, text, sizeof text);

    switch (condition->operator) {
    case LESSON_IS_THERE:
        return is_true(there, text);
    case LESSON_IS_NOT_THERE:
        return !is_true(there, text);
    case LESSON_EQUAL:
        return there && strcmp(text, condition->value) == 0;
    case LESSON_NOT_EQUAL:
        return there && strcmp(text, condition->value) != 0;
    case LESSON_LESS:
        return there && strtod(text, NULL) < strtod(condition->value, NULL);
    case LESSON_MORE:
        return there && strtod(text, NULL) > strtod(condition->value, NULL);
    case LESSON_CONTAINS:
        return there && strstr(text, condition->value) != NULL;
    }
    return false;
}

/* ---- reading ------------------------------------------------------------------------------------- */

static const struct {
    const char *sign;
    enum lesson_operator operator;
    bool number;
} operators[] = {
    {"=", LESSON_EQUAL, false}, {"!=", LESSON_NOT_EQUAL, false}, {"<", LESSON_LESS, true},
    {">", LESSON_MORE, true},   {"~", LESSON_CONTAINS, false},
};

static int read_operator(const char *sign, struct lesson_condition *condition, struct err *err)
{
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        char *end = NULL;
        if (strcmp(sign, operators[i].sign) != 0) {
            continue;
        }
        condition->operator= operators[i].operator;
        if (!operators[i].number) {
            return 0;
        }
        (void)strtod(condition->value, &end); /* only where it ends is of interest */
        return *end == '\0' ? 0
                            : err_set(err, ERR_USAGE, "bad_lesson", "'%s' is not a number",
                                      condition->value);
    }
    return err_set(err, ERR_USAGE, "bad_lesson", "'%s' is none of = != < > ~", sign);
}

int lesson_condition_parse(char *text, struct lesson_condition *condition, struct err *err)
{
    char *save = NULL;
    char *first = strtok_r(text, " ", &save);
    char *second = strtok_r(NULL, " ", &save);
    char *rest = save != NULL ? save + strspn(save, " ") : NULL;

    *condition = (struct lesson_condition){.path = first};
    if (first == NULL) {
        return err_set(err, ERR_USAGE, "bad_lesson", "a condition is empty");
    }
    if (strcmp(first, "not") == 0) {
        condition->path = second;
        condition->operator= LESSON_IS_NOT_THERE;
        if (second == NULL || (rest != NULL && *rest != '\0')) {
            return err_set(err, ERR_USAGE, "bad_lesson", "after 'not' comes a path, and no more");
        }
        return lesson_path_check(second, err);
    }
    if (lesson_path_check(first, err) != 0) {
        return -1;
    }
    if (second == NULL) {
        return 0;
    }
    if (rest == NULL || *rest == '\0') {
        return err_set(err, ERR_USAGE, "bad_lesson", "nothing to compare %s with", first);
    }
    condition->value = rest;
    return read_operator(second, condition, err);
}
