/* Commands that concern certificates: judging again, browsing, their fields, the chain as a file. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "fields.h"
#include "pane_certificates.h"
#include "pane_store.h"

static struct ui_certificates_pane *tree_of(struct ui *ui)
{
    return ui->panes[UI_PANE_CERTIFICATES].state;
}

static struct ui_store_pane *store_of(struct ui *ui)
{
    return ui->panes[UI_PANE_STORE].state;
}

static struct ui_fields *fields_of(struct ui *ui)
{
    return ui->panes[UI_PANE_FIELDS].state;
}

/* ---- which certificate ------------------------------------------------------------------------------ */

static struct pki_slice certificate_of_tree(struct ui *ui, const struct ui_view *view)
{
    const struct report_tree_node *node = ui_certificates_selected(tree_of(ui), view);

    return node != NULL ? node->certificate->der : (struct pki_slice){0};
}

struct pki_slice ui_selected_certificate(struct ui *ui, const struct ui_view *view)
{
    const struct ui_fields *fields = fields_of(ui);

    switch (ui->focus) {
    case UI_PANE_CERTIFICATES:
    case UI_PANE_REASONS:
        return certificate_of_tree(ui, view);
    case UI_PANE_STORE:
        return ui_store_selected(store_of(ui));
    case UI_PANE_FIELDS:
        return fields->certificate != NULL ? fields->certificate->der : (struct pki_slice){0};
    default:
        return (struct pki_slice){0};
    }
}

/* ---- fields --------------------------------------------------------------------------------------------- */

int ui_open_certificate(struct ui *ui, struct err *err)
{
    struct ui_view view;
    struct pki_slice der;

    if (!ui_make_view(ui, &view)) {
        return err_memory(err, "opening a certificate");
    }
    der = ui_selected_certificate(ui, &view);
    if (der.length == 0 && ui->focus == UI_PANE_CERTIFICATES &&
        ui_certificates_toggle(tree_of(ui))) {
        return 0;
    }
    if (der.length == 0) {
        return ui_cannot(err, ui->focus == UI_PANE_CERTIFICATES && tree_of(ui)->count > 0
                                  ? "this certificate is not here: only its name is known"
                                  : "there is no certificate to open");
    }
    if (ui_fields_show(fields_of(ui), der) != 0) {
        return err_memory(err, "opening a certificate");
    }
    fields_of(ui)->from = ui->focus;
    ui_focus(ui, UI_PANE_FIELDS);
    return 0;
}

/* Fields that are on the screen belong to the line of the tree that is selected; in a file of certificates they
 * always are there. */
void ui_follow_certificate(struct ui *ui)
{
    struct ui_view view;
    struct pki_slice der;
    bool wanted = stepper_is_certificates(ui->stepper) || fields_of(ui)->certificate != NULL;

    if (ui->focus != UI_PANE_CERTIFICATES || !wanted || !ui_make_view(ui, &view)) {
        return;
    }
    der = certificate_of_tree(ui, &view);
    if (der.length > 0 && ui_fields_show(fields_of(ui), der) == 0) {
        fields_of(ui)->from = UI_PANE_CERTIFICATES;
    }
}

/* ---- judging again -------------------------------------------------------------------------------------- */

int ui_run_judge(struct ui *ui, const char *argument, long key, struct err *err)
{
    const struct trace_facts *facts = stepper_facts(ui->stepper);

    if (facts == NULL) {
        return err_memory(err, "judging");
    }
    if (key != 0 && facts->certificate_count == 0) {
        return ui_cannot(err, "no certificate has been seen yet that could be judged");
    }
    if (key != 0) {
        ui_prompt_open(&ui->prompt, UI_PROMPT_COMMAND, "judge ");
        return 0;
    }
    if (ui_run_stepper(ui, "judge", argument, err) != 0) {
        return -1;
    }
    facts = stepper_facts(ui->stepper);
    if (stepper_judged_again(ui->stepper) && facts != NULL && facts->verification != NULL) {
        char date[60];
        bool ok = facts->verification->ok;
        ui_tell(ui, ok ? UI_MARK_GOOD : UI_MARK_BAD, "%s as of %s%s", ok ? "Accepted" : "Refused",
                ui_date(date, sizeof date, facts->verification->at),
                stepper_is_certificates(ui->stepper) ? "."
                                                     : "; judge off: the session's own verdict.");
    }
    return 0;
}

/* ---- browsing --------------------------------------------------------------------------------------------- */

void ui_notice_options(struct ui *ui)
{
    ui_pane_forget(&ui->panes[UI_PANE_STORE]);
    ui_notice_change(ui);
}

/* The trust store, or the certificates of the file; the same key goes back. */
int ui_run_store(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    if (ui->focus == UI_PANE_STORE) {
        return ui_run_leave(ui, NULL, 0, err);
    }
    if (!ui_is_present(ui, UI_PANE_STORE)) {
        return ui_cannot(err, "no session is in view: Enter opens a conversation");
    }
    if (stepper_bundle(ui->stepper, err) == NULL) {
        return -1;
    }
    ui->zoomed = false;
    ui_focus(ui, UI_PANE_STORE);
    return 0;
}

/* ---- the chain as a file ----------------------------------------------------------------------------------- */

/* The path in its order, as a server's configuration wants it: without the anchor, which clients have, unless it
 * was sent or is all there is. Before a verdict: what was sent. */
static size_t write_chain(struct buffer *out, const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;
    size_t written = 0;

    if (verification == NULL || verification->path_length == 0) {
        for (size_t i = 0; i < facts->certificate_count; i++, written++) {
            pki_pem_append(out, facts->certificates[i]->der, "CERTIFICATE");
        }
        return written;
    }
    for (size_t i = 0; i < verification->path_length; i++) {
        size_t index = verification->path[i];
        bool anchor = i > 0 && i + 1 == verification->path_length && verification->anchored;
        if (index < verification->certificate_count &&
            !(anchor && index >= verification->sent_count)) {
            pki_pem_append(out, verification->certificates[index], "CERTIFICATE");
            written++;
        }
    }
    return written;
}

/* What is in there is public: anyone may read it. */
static int write_public(const char *path, const struct buffer *text, bool replace, struct err *err)
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | (replace ? O_TRUNC : O_EXCL);
    int fd = open(path, flags, 0644);

    if (fd < 0) {
        return err_set(err, ERR_FILE, errno == EEXIST ? "exists" : "cannot_write",
                       "cannot write %s: %s", path, strerror(errno));
    }
    if (file_write_all(fd, text->data, text->length, "certificates", err) != 0) {
        (void)close(fd);
        return -1;
    }
    return close(fd) == 0 ? 0
                          : err_set(err, ERR_FILE, "cannot_write", "cannot write %s: %s", path,
                                    strerror(errno));
}

static void ask_to_replace(struct ui *ui, const char *path)
{
    char title[sizeof ui->menu.title], line[UI_MENU_LINE_MAX], safe[80];

    (void)snprintf(title, sizeof title, "There is a file already: %s",
                   text_safe(safe, sizeof safe, path, strlen(path)));
    ui_menu_open(&ui->menu, title);
    (void)snprintf(line, sizeof line, "save-chain -f %s", path);
    ui_menu_add(&ui->menu, 'r', "replace it", line);
    ui_menu_add(&ui->menu, 'o', "save under another name", "save-chain ");
}

static const char *certificates_text(size_t count)
{
    return count == 1 ? "certificate" : "certificates";
}

int ui_run_save_chain(struct ui *ui, const char *argument, long key, struct err *err)
{
    const struct trace_facts *facts = stepper_facts(ui->stepper);
    bool replace = argument != NULL && strncmp(argument, "-f ", 3) == 0;
    const char *path = replace ? argument + 3 : argument;
    struct buffer text = {0};
    char safe[300];
    size_t count;
    int result;

    if (facts == NULL || facts->certificate_count == 0) {
        return ui_cannot(err, "there is no chain to save yet");
    }
    if (key != 0 || path == NULL || path[0] == '\0') {
        ui_prompt_open(&ui->prompt, UI_PROMPT_COMMAND, "save-chain ");
        return 0;
    }
    count = write_chain(&text, facts);
    result = text.failed ? err_memory(err, "saving") : write_public(path, &text, replace, err);
    buffer_free(&text);
    if (result != 0 && !replace && access(path, F_OK) == 0 &&
        strlen(path) + 16 < UI_MENU_LINE_MAX) {
        ask_to_replace(ui, path);
        return 0;
    }
    if (result == 0) {
        ui_tell(ui, UI_MARK_GOOD, "Saved %zu %s to %s, the server's first.", count,
                certificates_text(count), text_safe(safe, sizeof safe, path, strlen(path)));
    }
    return result;
}
