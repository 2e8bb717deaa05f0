/* Lessons on the screen: choosing one, going on, answering. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"

static const struct stepper_lesson_part *current(const struct ui *ui)
{
    return stepper_lesson_at(ui->lesson.lesson, ui->lesson.part);
}

/* ---- progress ------------------------------------------------------------------------------------ */

/* Somebody without a state folder can learn all the same. */
static void note_progress(struct ui *ui, bool whole)
{
    const struct stepper_lesson_progress progress = {.reached = ui->lesson.reached, .done = whole};
    struct err err = {0};

    if (stepper_lesson_progress_note(stepper_lesson_name(ui->lesson.lesson), &progress, &err) !=
        0) {
        ui_tell(ui, UI_MARK_WARNING, "%s", err.text);
    }
}

static void note_done(struct ui *ui)
{
    bool last = ui->lesson.part + 1 == stepper_lesson_count(ui->lesson.lesson);

    ui->lesson.done = true;
    ui->lesson.wrong = ui->lesson.warned = false;
    if (ui->lesson.part >= ui->lesson.reached) {
        ui->lesson.reached = ui->lesson.part + 1;
    }
    note_progress(ui, last);
}

/* ---- watching ------------------------------------------------------------------------------------ */

static struct json_t *make_facts(struct ui *ui)
{
    const struct trace_row *row = ui->selection.row;
    struct stepper_lesson_screen screen = {.pane = ui->panes[ui->focus].operations->name};
    const struct wire_tree *tree;
    struct ui_view view;
    size_t index = 0;

    if (row != NULL) {
        screen.row = row->n;
        screen.type = row->type;
    }
    if (ui_make_view(ui, &view)) {
        tree = ui_selected_field(ui, &view, &index);
        screen.field = tree != NULL ? tree->fields[index].type->path : NULL;
    }
    return stepper_lesson_facts(ui->stepper, &screen);
}

void ui_lesson_watch(struct ui *ui)
{
    struct json_t *facts;

    if (!ui_lesson_is_on(&ui->lesson) || ui->lesson.done || current(ui)->task != STEPPER_TASK_DO) {
        return;
    }
    facts = make_facts(ui);
    if (facts != NULL && stepper_lesson_is_done(ui->lesson.lesson, ui->lesson.part, facts)) {
        note_done(ui);
    }
    json_decref(facts);
}

/* ---- parts --------------------------------------------------------------------------------------- */

static void show_part(struct ui *ui, size_t part)
{
    ui->lesson.part = part;
    ui->lesson.done = part < ui->lesson.reached && current(ui)->task != STEPPER_TASK_DO;
    ui->lesson.wrong = ui->lesson.hinted = ui->lesson.warned = false;
    ui->lesson.top = 0;
}

static int begin_session(struct ui *ui, size_t part, struct err *err)
{
    if (stepper_lesson_begin(ui->lesson.lesson, part, ui->stepper, err) != 0) {
        return -1;
    }
    ui_forget_session(ui);
    ui_notice_change(ui);
    ui->zoomed = ui->viewer.open = ui->explainer.open = false;
    ui_focus(ui, UI_PANE_LADDER);
    return 0;
}

/* Sessions begin at some parts only: where somebody left off, the last of these. */
static size_t find_beginning(const struct stepper_lesson *lesson, size_t reached)
{
    size_t part = reached < stepper_lesson_count(lesson) ? reached : 0;

    while (part > 0 && !stepper_lesson_at(lesson, part)->fresh) {
        part--;
    }
    return part;
}

static int start(struct ui *ui, const char *name, struct err *err)
{
    struct stepper_lesson *lesson = stepper_lesson_open(name, err);
    struct stepper_lesson_progress progress = {0};

    if (lesson == NULL) {
        return -1;
    }
    /* What cannot be read has not been done. */
    (void)stepper_lesson_progress_get(name, &progress, NULL);
    ui_lesson_free(&ui->lesson);
    ui->lesson.lesson = lesson;
    ui->lesson.reached = progress.reached;
    show_part(ui, find_beginning(lesson, progress.reached));
    if (begin_session(ui, ui->lesson.part, err) == 0) {
        return 0;
    }
    ui_lesson_free(&ui->lesson);
    return -1;
}

/* ---- choosing one -------------------------------------------------------------------------------- */

static void add_entry(struct ui_menu *menu, size_t index, const struct stepper_lesson_entry *entry)
{
    static const char keys[] = "123456789abcdefgh";
    struct stepper_lesson_progress progress = {0};
    char text[240], line[80], state[48] = "";

    /* What cannot be read has not been done. */
    (void)stepper_lesson_progress_get(entry->name, &progress, NULL);
    if (progress.done) {
        (void)snprintf(state, sizeof state, "✔");
    } else if (progress.reached > 0) {
        (void)snprintf(state, sizeof state, "%zu of %zu", progress.reached, entry->parts);
    }
    (void)snprintf(text, sizeof text, "%-40.60s %s", entry->title, state);
    (void)snprintf(line, sizeof line, "lesson %s", entry->name);
    ui_menu_add(menu, index < sizeof keys - 1 ? keys[index] : ' ', text, line);
}

static int offer(struct ui *ui, const char *title, struct err *err)
{
    size_t count;
    struct stepper_lesson_entry *entries = stepper_lesson_list(&count, err);

    if (entries == NULL) {
        return -1;
    }
    ui_menu_open(&ui->menu, title);
    for (size_t i = 0; i < count; i++) {
        add_entry(&ui->menu, i, &entries[i]);
    }
    if (ui_lesson_is_on(&ui->lesson)) {
        ui_menu_add(&ui->menu, '0', "no more lessons now", "lesson off");
    }
    free(entries);
    return 0;
}

/* A lesson takes the place of what is looked at: who looks at something of his own should know that. */
static const char *offer_title(const struct ui *ui)
{
    bool own = stepper_target(ui->stepper)->kind != STEPPER_LAB;

    return own ? "Lessons: one ends this session" : "Lessons";
}

int ui_lesson_start(struct ui *ui, const char *name, struct err *err)
{
    return name[0] != '\0' ? start(ui, name, err) : offer(ui, offer_title(ui), err);
}

int ui_run_lesson(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)key;
    if (argument != NULL && strcmp(argument, "off") == 0) {
        ui_lesson_free(&ui->lesson);
        return 0;
    }
    return ui_lesson_start(ui, argument != NULL ? argument : "", err);
}

/* ---- going on ------------------------------------------------------------------------------------ */

static int check_on(const struct ui *ui, struct err *err)
{
    return ui_lesson_is_on(&ui->lesson) ? 0 : ui_cannot(err, "no lesson goes on: L shows them");
}

static int finish(struct ui *ui, struct err *err)
{
    char title[120];

    (void)snprintf(title, sizeof title, "Done: %s", stepper_lesson_title(ui->lesson.lesson));
    ui_lesson_free(&ui->lesson);
    return offer(ui, title, err);
}

static int go_on(struct ui *ui, struct err *err)
{
    size_t next = ui->lesson.part + 1;

    if (next == stepper_lesson_count(ui->lesson.lesson)) {
        return finish(ui, err);
    }
    show_part(ui, next);
    return current(ui)->fresh ? begin_session(ui, next, err) : 0;
}

static void ask_question(struct ui *ui)
{
    const struct stepper_lesson_part *part = current(ui);

    if (part->task == STEPPER_TASK_TYPE) {
        ui_prompt_open(&ui->prompt, UI_PROMPT_COMMAND, "answer ");
        return;
    }
    ui_menu_open(&ui->menu, part->say);
    for (size_t i = 0; i < part->choice_count; i++) {
        char line[40];
        (void)snprintf(line, sizeof line, "answer %zu", i + 1);
        ui_menu_add(&ui->menu, (char)('1' + i), part->choices[i], line);
    }
}

int ui_run_next_part(struct ui *ui, const char *argument, long key, struct err *err)
{
    struct ui_lesson *lesson = &ui->lesson;
    const struct stepper_lesson_part *part;

    (void)argument, (void)key;
    if (check_on(ui, err) != 0) {
        return -1;
    }
    part = current(ui);
    if (lesson->more) {
        lesson->top += (size_t)lesson->text_rows;
        return 0;
    }
    if (part->task == STEPPER_TASK_NONE) {
        note_done(ui);
    }
    if (lesson->done || lesson->part < lesson->reached || lesson->warned) {
        return go_on(ui, err);
    }
    if (part->task != STEPPER_TASK_DO && !lesson->wrong) {
        ask_question(ui);
        return 0;
    }
    if (lesson->wrong) { /* once more */
        lesson->wrong = false;
        ask_question(ui);
        return 0;
    }
    lesson->warned = lesson->hinted = true;
    return 0;
}

int ui_run_previous_part(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    if (check_on(ui, err) != 0) {
        return -1;
    }
    if (ui->lesson.part == 0) {
        return ui_cannot(err, "this is the lesson's first part");
    }
    show_part(ui, ui->lesson.part - 1);
    return 0;
}

int ui_run_hint(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    if (check_on(ui, err) != 0) {
        return -1;
    }
    if (current(ui)->hint == NULL || ui->lesson.done) {
        return ui_cannot(err, "there is nothing to do here: . goes on");
    }
    ui->lesson.hinted = true;
    return 0;
}

int ui_run_answer(struct ui *ui, const char *argument, long key, struct err *err)
{
    struct json_t *facts;
    enum stepper_answer_is is;

    (void)key;
    if (check_on(ui, err) != 0) {
        return -1;
    }
    if (current(ui)->task != STEPPER_TASK_CHOOSE && current(ui)->task != STEPPER_TASK_TYPE) {
        return ui_cannot(err, "this part asks no question");
    }
    facts = make_facts(ui);
    if (facts == NULL) {
        return err_memory(err, "judging an answer");
    }
    is = stepper_lesson_judge(ui->lesson.lesson, ui->lesson.part, facts,
                              argument != NULL ? argument : "");
    json_decref(facts);
    switch (is) {
    case STEPPER_RIGHT:
        note_done(ui);
        ui_tell(ui, UI_MARK_GOOD, "Right.");
        break;
    case STEPPER_WRONG:
        ui->lesson.wrong = ui->lesson.hinted = true;
        ui_tell(ui, UI_MARK_WARNING, "Not that: look at the hint.");
        break;
    case STEPPER_TOO_EARLY:
        ui->lesson.hinted = true;
        ui_tell(ui, UI_MARK_WARNING, "The session has not come so far: do first what was asked.");
        break;
    }
    return 0;
}
