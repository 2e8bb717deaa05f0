/* Reading lessons: strictly, so that a mistake in one is found by its file and line. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lesson.h"
#include "moves.h"

struct parser {
    struct stepper_lesson *lesson;
    struct lesson_part *part;  /* the one that is being read; before the first the lesson's own */
    const struct word *last;   /* the word whose value may go on */
    struct buffer value, text; /* of that word; of the part */
    unsigned line, value_line;
    bool paragraph; /* the text's last line goes on */
    struct err *err;
};

static int fail(const struct parser *parser, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int fail(const struct parser *parser, const char *format, ...)
{
    char why[300];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    return err_set(parser->err, ERR_USAGE, "bad_lesson", "%s.md:%u: %s", parser->lesson->name,
                   parser->line, why);
}

/* What another room says of a value, at its place. */
static int fail_with(const struct parser *parser, const struct err *why)
{
    return fail(parser, "%s", why->text);
}

static char *keep(const struct parser *parser, const char *text)
{
    char *copy = arena_string(parser->lesson->arena, text);

    if (copy == NULL) {
        (void)err_memory(parser->err, "reading a lesson"); /* NULL says it */
    }
    return copy;
}

static int keep_once(const struct parser *parser, const char **place, const char *name,
                     const char *text)
{
    if (*place != NULL) {
        return fail(parser, "'%s' stands here twice", name);
    }
    *place = keep(parser, text);
    return *place != NULL ? 0 : -1;
}

/* ---- words --------------------------------------------------------------------------------------- */

static int take_order(struct parser *parser, const char *value)
{
    char *end = NULL;

    parser->lesson->order = strtol(value, &end, 10);
    return *end == '\0' && parser->lesson->order > 0 ? 0 : fail(parser, "order is a number");
}

static int take_about(struct parser *parser, const char *value)
{
    return keep_once(parser, &parser->lesson->about, "about", value);
}

static int take_target(struct parser *parser, const char *value)
{
    struct stepper_target target = {0};
    struct err why = {0};
    int status = stepper_target_parse(value, &target, &why);

    stepper_target_free(&target);
    parser->part->seen.fresh = true;
    return status != 0 ? fail_with(parser, &why)
                       : keep_once(parser, &parser->part->target, "target", value);
}

/* What cannot be set is found here. */
static int take_set(struct parser *parser, const char *value)
{
    struct err why = {0};
    size_t length = strcspn(value, " ");
    const char *given = value + length + strspn(value + length, " ");
    char *name = text_duplicate(value, length);
    int status;

    if (parser->part->set_count == LESSON_SETS_MAX || name == NULL) {
        free(name);
        return fail(parser, "too many of 'set'");
    }
    status = act_check_option(name, strcmp(given, LESSON_FOLDER) == 0 ? "/" : given, &why);
    free(name);
    if (status != 0) {
        return fail_with(parser, &why);
    }
    parser->part->seen.fresh = true;
    return keep_once(parser, &parser->part->sets[parser->part->set_count++], "set", value);
}

static int take_task(struct parser *parser, enum stepper_task task, const char *name,
                     const char *value)
{
    if (parser->part->seen.task != STEPPER_TASK_NONE) {
        return fail(parser, "a part has one task: one 'do' or one 'ask'");
    }
    parser->part->seen.task = task;
    return keep_once(parser, &parser->part->seen.say, name, value);
}

static int take_do(struct parser *parser, const char *value)
{
    return take_task(parser, STEPPER_TASK_DO, "do", value);
}

static int take_ask(struct parser *parser, const char *value)
{
    return take_task(parser, STEPPER_TASK_TYPE, "ask", value);
}

static int take_when(struct parser *parser, const char *value)
{
    struct lesson_part *part = parser->part;
    struct err why = {0};
    char *text = keep(parser, value);

    if (text == NULL) {
        return -1;
    }
    if (part->seen.task != STEPPER_TASK_DO) {
        return fail(parser, "'when' belongs under a 'do'");
    }
    if (part->condition_count == LESSON_CONDITIONS_MAX) {
        return fail(parser, "at most %d of 'when'", LESSON_CONDITIONS_MAX);
    }
    return lesson_condition_parse(text, &part->conditions[part->condition_count++], &why) == 0
               ? 0
               : fail_with(parser, &why);
}

static bool is_question(const struct lesson_part *part)
{
    return part->seen.task == STEPPER_TASK_TYPE || part->seen.task == STEPPER_TASK_CHOOSE;
}

static int take_answer(struct parser *parser, const char *value)
{
    struct err why = {0};

    if (!is_question(parser->part)) {
        return fail(parser, "'answer' belongs under an 'ask'");
    }
    return lesson_path_check(value, &why) != 0
               ? fail_with(parser, &why)
               : keep_once(parser, &parser->part->answer, "answer", value);
}

static int take_hint(struct parser *parser, const char *value)
{
    return keep_once(parser, &parser->part->seen.hint, "hint", value);
}

static int take_because(struct parser *parser, const char *value)
{
    return keep_once(parser, &parser->part->seen.because, "because", value);
}

/* For the test that plays it: here it is enough that they are there. */
static int take_play(struct parser *parser, const char *value)
{
    parser->part->played = true;
    return value[0] != '\0' ? 0 : fail(parser, "nothing to play");
}

static int take_wrong(struct parser *parser, const char *value)
{
    parser->part->mistaken = true;
    return value[0] != '\0' ? 0 : fail(parser, "nothing that is wrong");
}

static const struct word {
    const char *name;
    bool head; /* of a lesson; a part has those that are not, and these two: target, set */
    bool part;
    int (*take)(struct parser *parser, const char *value);
} words[] = {
    {"order", true, false, take_order},  {"about", true, false, take_about},
    {"target", true, true, take_target}, {"set", true, true, take_set},
    {"do", false, true, take_do},        {"when", false, true, take_when},
    {"ask", false, true, take_ask},      {"answer", false, true, take_answer},
    {"hint", false, true, take_hint},    {"because", false, true, take_because},
    {"play", false, true, take_play},    {"type", false, true, take_play},
    {"wrong", false, true, take_wrong},
};

/* ---- parts --------------------------------------------------------------------------------------- */

/* The value of a word is known when the next line is another thing. Errors name the line it began in. */
static int end_value(struct parser *parser)
{
    unsigned line = parser->line;
    const char *value = buffer_string(&parser->value);
    int status = 0;

    if (parser->last != NULL) {
        parser->line = parser->value_line;
        status = value == NULL      ? err_memory(parser->err, "reading a lesson")
                 : value[0] == '\0' ? fail(parser, "'%s' says nothing", parser->last->name)
                                    : parser->last->take(parser, value);
        parser->line = line;
    }
    parser->last = NULL;
    parser->value.length = 0;
    return status;
}

static int check_question(const struct parser *parser, const struct lesson_part *part)
{
    if (part->seen.choice_count == 1) {
        return fail(parser, "one choice is none");
    }
    if ((part->right > 0) == (part->answer != NULL)) {
        return fail(parser, "a question has one right answer: '* ' at a choice, or 'answer'");
    }
    return part->mistaken ? 0 : fail(parser, "a question needs a 'wrong' answer for the test");
}

static int check_part(struct parser *parser)
{
    struct lesson_part *part = parser->part;

    if (part->seen.because == NULL) {
        part->seen.because = "";
    }
    if (part->seen.text[0] == '\0' && part->seen.task == STEPPER_TASK_NONE) {
        return fail(parser, "the part '%s' says nothing", part->seen.title);
    }
    if (part->seen.task == STEPPER_TASK_NONE) {
        return part->seen.hint == NULL && !part->played
                   ? 0
                   : fail(parser, "without a task there is nothing to hint at or to play");
    }
    if (part->seen.hint == NULL || !part->played) {
        return fail(parser, "the task of '%s' needs a 'hint', and 'play' or 'type' for the test",
                    part->seen.title);
    }
    if (part->seen.task == STEPPER_TASK_DO) {
        return part->condition_count > 0 ? 0 : fail(parser, "a 'do' needs a 'when'");
    }
    return check_question(parser, part);
}

static int end_part(struct parser *parser)
{
    struct lesson_part *part = parser->part;
    unsigned line = parser->line;

    if (end_value(parser) != 0) {
        return -1;
    }
    if (part == &parser->lesson->opening) {
        return part->target != NULL && parser->lesson->about != NULL && parser->lesson->order > 0
                   ? 0
                   : fail(parser, "before its parts a lesson has order, about and target");
    }
    buffer_text(&parser->text, "");
    if (buffer_string(&parser->text) == NULL) {
        return err_memory(parser->err, "reading a lesson");
    }
    part->seen.text = keep(parser, buffer_string(&parser->text));
    part->seen.choices = part->choices;
    parser->text.length = 0;
    if (part->seen.text == NULL) {
        return -1;
    }
    parser->line = part->line; /* what is missing has no line of its own */
    int status = check_part(parser);
    parser->line = line;
    return status;
}

static int begin_part(struct parser *parser, const char *title)
{
    struct stepper_lesson *lesson = parser->lesson;

    if (lesson->title == NULL) {
        return fail(parser, "a lesson begins with '# ' and its title");
    }
    if (end_part(parser) != 0) {
        return -1;
    }
    if (lesson->count == LESSON_PARTS_MAX) {
        return fail(parser, "at most %d parts", LESSON_PARTS_MAX);
    }
    parser->part = &lesson->parts[lesson->count++];
    parser->part->line = parser->line;
    parser->part->seen.fresh = lesson->count == 1;
    parser->paragraph = false;
    return keep_once(parser, &parser->part->seen.title, "##", title);
}

/* ---- lines --------------------------------------------------------------------------------------- */

static int take_choice(struct parser *parser, const char *line)
{
    struct lesson_part *part = parser->part;

    if (part->seen.choice_count == LESSON_CHOICES_MAX) {
        return fail(parser, "at most %d choices", LESSON_CHOICES_MAX);
    }
    if (line[0] == '*' && part->right > 0) {
        return fail(parser, "two choices are right");
    }
    part->seen.task = STEPPER_TASK_CHOOSE;
    if (line[0] == '*') {
        part->right = part->seen.choice_count + 1;
    }
    return keep_once(parser, &part->choices[part->seen.choice_count++], "a choice", line + 2);
}

/* Lines of a paragraph are one line of the text. */
static int take_text(struct parser *parser, const char *line)
{
    bool item = strncmp(line, "- ", 2) == 0;

    if (parser->part == &parser->lesson->opening || parser->part->seen.task != STEPPER_TASK_NONE) {
        return fail(parser, "text stands in a part, before its task");
    }
    if (parser->text.length > 0) {
        buffer_text(&parser->text, parser->paragraph && !item ? " " : "\n");
    }
    buffer_text(&parser->text, line);
    parser->paragraph = true;
    return 0;
}

static const struct word *find_word(const char *line, size_t length)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].name) == length && memcmp(words[i].name, line, length) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

/* "word: value". Length 0: it is something else. */
static size_t word_length(const char *line)
{
    size_t length = strspn(line, "abcdefghijklmnopqrstuvwxyz");

    return line[length] == ':' && (line[length + 1] == ' ' || line[length + 1] == '\0') ? length
                                                                                        : 0;
}

static int take_word(struct parser *parser, const char *line, size_t length)
{
    const struct word *word = find_word(line, length);
    bool head = parser->part == &parser->lesson->opening;

    if (word == NULL || !(head ? word->head : word->part)) {
        return fail(parser, "'%.*s' is no word %s", (int)length, line,
                    head ? "of a lesson" : "of a part");
    }
    parser->last = word;
    parser->value_line = parser->line;
    buffer_text(&parser->value, line + length + 1 + strspn(line + length + 1, " "));
    return 0;
}

static int take_line(struct parser *parser, const char *line)
{
    size_t length = word_length(line);

    if (line[0] == ' ' && parser->last != NULL) {
        buffer_printf(&parser->value, " %s", line + strspn(line, " "));
        return 0;
    }
    if (end_value(parser) != 0) {
        return -1;
    }
    if (line[0] == '\0') {
        parser->paragraph = false;
        return 0;
    }
    if (strncmp(line, "## ", 3) == 0) {
        return begin_part(parser, line + 3);
    }
    if (strncmp(line, "# ", 2) == 0) {
        return keep_once(parser, &parser->lesson->title, "#", line + 2);
    }
    if (length > 0) {
        return take_word(parser, line, length);
    }
    if ((strncmp(line, "- ", 2) == 0 || strncmp(line, "* ", 2) == 0) && is_question(parser->part)) {
        return take_choice(parser, line);
    }
    return take_text(parser, line);
}

static int parse(struct parser *parser, const char *text)
{
    char line[1000];

    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        parser->line++;
        if (length >= sizeof line) {
            return fail(parser, "the line is too long");
        }
        memcpy(line, text, length);
        line[length] = '\0';
        if (take_line(parser, line) != 0) {
            return -1;
        }
        text += length;
        text += *text == '\n';
    }
    if (end_part(parser) != 0) {
        return -1;
    }
    return parser->lesson->count > 0 ? 0 : fail(parser, "a lesson has parts");
}

struct stepper_lesson *stepper_lesson_parse(const char *name, const char *text, struct err *err)
{
    struct stepper_lesson *lesson = calloc(1, sizeof *lesson);
    struct parser parser = {.lesson = lesson, .err = err};
    int status = -1;

    if (lesson == NULL || (lesson->arena = arena_new()) == NULL) {
        (void)err_memory(err, "reading a lesson"); /* NULL says it */
        free(lesson);
        return NULL;
    }
    lesson->name = keep(&parser, name);
    parser.part = &lesson->opening;
    if (lesson->name != NULL) {
        status = parse(&parser, text);
    }
    if (status == 0 && (parser.text.failed || parser.value.failed)) {
        status = err_memory(err, "reading a lesson");
    }
    buffer_free(&parser.value);
    buffer_free(&parser.text);
    if (status == 0) {
        return lesson;
    }
    stepper_lesson_free(lesson);
    return NULL;
}

void stepper_lesson_free(struct stepper_lesson *lesson)
{
    if (lesson != NULL) {
        arena_free(lesson->arena);
        free(lesson);
    }
}

const char *stepper_lesson_name(const struct stepper_lesson *lesson)
{
    return lesson->name;
}

const char *stepper_lesson_title(const struct stepper_lesson *lesson)
{
    return lesson->title;
}

size_t stepper_lesson_count(const struct stepper_lesson *lesson)
{
    return lesson->count;
}

const struct stepper_lesson_part *stepper_lesson_at(const struct stepper_lesson *lesson,
                                                    size_t part)
{
    return &lesson->parts[part].seen;
}
