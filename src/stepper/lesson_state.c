/* What the conditions of lessons look at, and the session that a part begins with. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lesson.h"
#include "moves.h"

/* ---- facts --------------------------------------------------------------------------------------- */

static json_t *stop_json(struct stepper *stepper)
{
    struct trace_stop stop = run_stop(run_in_view(stepper));
    json_t *json = report_stop_json(&stop);

    if (json == NULL) {
        return NULL;
    }
    if (!json_is_object(json)) { /* before the first one */
        json_decref(json);
        json = json_object();
    }
    if (json_object_set_new(json, "over", json_boolean(stepper_over(stepper))) != 0 ||
        json_object_set_new(json, "waiting", json_boolean(stepper_busy(stepper))) != 0 ||
        json_object_set_new(json, "back", json_boolean(!stepper_at_end(stepper))) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static json_t *options_json(const struct stepper *stepper)
{
    size_t count;
    const struct stepper_option *rows = stepper_option_table(&count);
    json_t *json = json_object();
    char value[400];

    for (size_t i = 0; i < count; i++) {
        const char *text = stepper_option_get(value, sizeof value, &stepper->options, &rows[i]);
        if (text[0] != '\0' &&
            json_object_set_new(json, rows[i].name, report_string_json(text)) != 0) {
            json_decref(json);
            return NULL;
        }
    }
    return json;
}

/* The run before the one in view, at its end. */
static json_t *before_json(const struct stepper *stepper)
{
    if (stepper->view == 0) {
        return json_null();
    }
    struct trace *trace = stepper->runs[stepper->view - 1].trace;
    return report_json(trace, trace_event_count(trace));
}

static json_t *screen_json(const struct stepper_lesson_screen *screen)
{
    return json_pack("{s:s, s:s?, s:i, s:s?}", "pane", screen->pane, "field", screen->field, "row",
                     (int)screen->row, "type", screen->type);
}

static json_t *run_json(struct stepper *stepper)
{
    return json_pack("{s:i, s:i, s:b}", "current", (int)stepper_run_current(stepper), "count",
                     (int)stepper_run_count(stepper), "compared",
                     stepper_comparison(stepper) != NULL);
}

json_t *stepper_lesson_facts(struct stepper *stepper, const struct stepper_lesson_screen *screen)
{
    const struct trace_facts *facts = stepper_facts(stepper);
    json_t *json = facts != NULL
                       ? report_facts_json(stepper_trace(stepper), stepper_cursor(stepper), facts)
                       : NULL;

    if (json == NULL) {
        return NULL;
    }
    /* Setting NULL, for which there was no memory, fails. */
    if (json_object_set_new(json, "stop", stop_json(stepper)) != 0 ||
        json_object_set_new(json, "run", run_json(stepper)) != 0 ||
        json_object_set_new(json, "options", options_json(stepper)) != 0 ||
        json_object_set_new(json, "before", before_json(stepper)) != 0 ||
        json_object_set_new(json, "screen", screen_json(screen)) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

/* ---- judging ------------------------------------------------------------------------------------- */

bool stepper_lesson_is_done(const struct stepper_lesson *lesson, size_t part, const json_t *facts)
{
    const struct lesson_part *here = &lesson->parts[part];

    for (size_t i = 0; i < here->condition_count; i++) {
        if (!lesson_condition_holds(&here->conditions[i], facts)) {
            return false;
        }
    }
    return here->condition_count > 0;
}

/* "client hello " is "ClientHello" to nobody but a machine; case and blanks at the ends are another matter. */
static bool is_same(const char *answer, const char *right)
{
    size_t length;
    char *trimmed;
    bool same;

    answer += strspn(answer, " ");
    length = strlen(answer);
    while (length > 0 && answer[length - 1] == ' ') {
        length--;
    }
    trimmed = text_duplicate(answer, length);
    same = trimmed != NULL && text_equal_nocase(trimmed, right);
    free(trimmed);
    return same;
}

static size_t right_choice(const struct lesson_part *part, const char *value)
{
    for (size_t i = 0; i < part->seen.choice_count; i++) {
        if (text_equal_nocase(part->choices[i], value)) {
            return i + 1;
        }
    }
    return 0;
}

enum stepper_answer_is stepper_lesson_judge(const struct stepper_lesson *lesson, size_t part,
                                            const json_t *facts, const char *answer)
{
    const struct lesson_part *here = &lesson->parts[part];
    size_t right = here->right;
    char value[400], number[24];

    if (here->answer != NULL && !lesson_path_text(facts, here->answer, value, sizeof value)) {
        return STEPPER_TOO_EARLY;
    }
    if (here->seen.task == STEPPER_TASK_TYPE) {
        return is_same(answer, value) ? STEPPER_RIGHT : STEPPER_WRONG;
    }
    if (here->answer != NULL) {
        right = right_choice(here, value);
    }
    (void)snprintf(number, sizeof number, "%zu", right);
    return right > 0 && is_same(answer, number) ? STEPPER_RIGHT : STEPPER_WRONG;
}

/* ---- a folder of CAs ----------------------------------------------------------------------------- */

/* The value of `set`, where it is a folder for the lesson: of the state folder, without what an earlier lesson has put there. From malloc. */
static char *make_folder(struct err *err)
{
    char *path = file_state_path("lesson-ca", err);
    char *file = path != NULL ? text_format("%s/" WRITE_CA_FILE, path) : NULL;

    if (path != NULL && file == NULL) {
        (void)err_memory(err, "making a folder"); /* NULL says it */
    } else if (path != NULL && ((mkdir(path, S_IRWXU) != 0 && errno != EEXIST) ||
                                (unlink(file) != 0 && errno != ENOENT))) {
        (void)err_set(err, ERR_FILE, "file", "cannot make an empty folder %s: %s", path,
                      strerror(errno)); /* NULL says it */
        free(file);
        file = NULL;
    }
    if (file == NULL) {
        free(path);
        path = NULL;
    }
    free(file);
    return path;
}

/* ---- the session --------------------------------------------------------------------------------- */

static int set_option(struct stepper_options *options, const char *set, struct err *err)
{
    size_t length = strcspn(set, " ");
    const char *value = set + length + strspn(set + length, " ");
    char *name = text_duplicate(set, length);
    char *folder = strcmp(value, LESSON_FOLDER) == 0 ? make_folder(err) : NULL;
    int status = -1;

    if (name == NULL) {
        status = err_memory(err, "beginning a lesson");
    } else if (folder != NULL || strcmp(value, LESSON_FOLDER) != 0) {
        status = stepper_option_set(options, name, folder != NULL ? folder : value, err);
    }
    free(folder);
    free(name);
    return status;
}

static int set_options(struct stepper_options *options, const struct lesson_part *part,
                       struct err *err)
{
    for (size_t i = 0; i < part->set_count; i++) {
        if (set_option(options, part->sets[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

int stepper_lesson_begin(const struct stepper_lesson *lesson, size_t part, struct stepper *stepper,
                         struct err *err)
{
    const struct lesson_part *here = &lesson->parts[part];
    const char *input = here->target != NULL ? here->target : lesson->opening.target;
    struct stepper_options options;
    struct stepper_target target = {0};
    int status;

    stepper_options_init(&options);
    status = set_options(&options, &lesson->opening, err);
    if (status == 0) {
        status = set_options(&options, here, err);
    }
    if (status == 0) {
        status = stepper_target_parse(input, &target, err);
    }
    if (status == 0) {
        status = stepper_reopen(stepper, &target, &options, err);
    }
    stepper_target_free(&target);
    stepper_options_free(&options);
    return status;
}
