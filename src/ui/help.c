/* The help is made from the table of commands, so that it cannot lag behind. */
#include "help.h"
#include "marks.h"
#include "tlstep/stepper.h"

#define KEYS_COLUMNS 16
#define NAME_COLUMNS 32

static const struct {
    enum stepper_command_kind kind;
    const char *title;
} groups[] = {
    {STEPPER_MOVING, "Moving: one step at a time, forward and back"},
    {STEPPER_ACTING, "Acting: on the connection, the options, the session"},
    {STEPPER_SCREEN, "The screen"},
    {STEPPER_ASKING, "Asking: answers as JSON, typed after ':'"},
};

static void add_command(struct ui_page *page, const struct stepper_command *command)
{
    ui_page_line(page);
    ui_page_add(page, UI_KEY, "%s", command->keys);
    ui_page_column(page, KEYS_COLUMNS);
    ui_page_add(page, UI_TEXT, "%s", command->name);
    if (command->usage[0] != '\0') {
        ui_page_add(page, UI_DIM, " %s", command->usage);
    }
    ui_page_column(page, NAME_COLUMNS);
    ui_page_add(page, UI_TEXT, " ");
    ui_page_wrap(page, UI_TEXT, NAME_COLUMNS + 1, command->help);
}

static void add_group(struct ui_page *page, size_t group)
{
    size_t count;
    const struct stepper_command *table = stepper_command_table(&count);

    ui_page_section(page, groups[group].title);
    for (size_t i = 0; i < count; i++) {
        if (table[i].kind == groups[group].kind) {
            add_command(page, &table[i]);
        }
    }
}

/* ---- signs ------------------------------------------------------------------------------------------ */

static const struct {
    const char *sign;
    unsigned style;
    const char *meaning;
} signs[] = {
    {"▶", UI_STYLE_BOLD, "where the connection stands at the cursor"},
    {"▓", UI_DIM, "encrypted on the wire; what you read was decrypted with the session's own keys"},
    {"──▶", UI_CLIENT, "sent by the client"},
    {"◀──", UI_SERVER, "sent by the server"},
    {"•", UI_WARNING, "a breakpoint: runs stop there"},
    {"▾ ▸", UI_DIM, "has parts: unfolded, folded"},
    {"▲ ▼", UI_DIM, "there is more above, below"},
};

static const struct {
    enum ui_mark mark;
    const char *meaning;
} marks[] = {
    {UI_MARK_GOOD, "done, verified"},
    {UI_MARK_BAD, "failed, refused"},
    {UI_MARK_WAITING, "waiting, or not known yet"},
    {UI_MARK_WARNING, "worth a look"},
};

static void add_sign(struct ui_page *page, unsigned style, const char *sign, const char *meaning)
{
    ui_page_line(page);
    ui_page_add(page, style, "%s", sign);
    ui_page_column(page, 6);
    ui_page_wrap(page, UI_TEXT, 6, meaning);
}

static void add_signs(struct ui_page *page)
{
    ui_page_section(page, "Signs");
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        add_sign(page, ui_mark_style(marks[i].mark), ui_mark_text(marks[i].mark, page->ascii),
                 marks[i].meaning);
    }
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        add_sign(page, signs[i].style, signs[i].sign, signs[i].meaning);
    }
    add_sign(page, UI_STYLE_BOLD, "bold", "new since the last step");
}

static const char *introduction(const struct stepper *stepper)
{
    if (stepper == NULL || stepper_live(stepper)) {
        return "Each key press is one step of a real connection. Nothing is sent before you press "
               "Space, and what has happened can be looked at again with Left.";
    }
    if (stepper_capture(stepper) != NULL) {
        return "This is a capture: what others have sent. Enter opens a conversation, each key press "
               "shows its next step, Left goes back, and l returns to the list. Nothing is sent.";
    }
    return "This is a saved session: what a connection has been. Each key press shows its next step, "
           "and Left goes back. Nothing is sent.";
}

void ui_help_build(void *stepper, struct ui_page *page)
{
    ui_page_line(page);
    ui_page_wrap(page, UI_TEXT, 0, introduction(stepper));
    ui_page_line(page);
    ui_page_wrap(page, UI_TEXT, 0,
                 "Mouse: a click selects, the wheel scrolls, a click on a hint presses its key; "
                 "hold Shift to select text with the terminal.");
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        add_group(page, i);
    }
    add_signs(page);
}
