/* Checks in words. */
#include <string.h>

#include "checks.h"

bool ui_check_mark(const struct trace_facts *facts, uint32_t n, enum ui_mark *mark)
{
    bool checked = false;

    for (size_t i = 0; i < facts->check_count; i++) {
        const struct trace_check *check = &facts->checks[i];
        if (check->n != n || n == 0 || check->ok == TRACE_UNKNOWN) {
            continue;
        }
        if (check->ok == TRACE_NO) {
            *mark = UI_MARK_BAD;
            return true;
        }
        *mark = UI_MARK_GOOD;
        checked = true;
    }
    return checked;
}

const char *ui_check_words(const char *what)
{
    static const struct {
        const char *what, *words;
    } words[] = {
        {"finished", "Finished"},
        {"certificate_verify", "CertificateVerify"},
        {"server_key_exchange", "ServerKeyExchange"},
        {"psk_binder", "PSK binder"},
        {"record", "records"},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].what, what) == 0) {
            return words[i].words;
        }
    }
    return what;
}

void ui_checks_add(struct ui_page *page, const struct trace_facts *facts, uint32_t n)
{
    static const struct {
        enum ui_mark mark;
        const char *words;
    } results[] = {
        [TRACE_UNKNOWN] = {UI_MARK_WAITING, "not checked"},
        [TRACE_NO] = {UI_MARK_BAD, "WRONG"},
        [TRACE_YES] = {UI_MARK_GOOD, "checked, right"},
    };

    for (size_t i = 0; i < facts->check_count && n > 0; i++) {
        const struct trace_check *check = &facts->checks[i];
        unsigned style = ui_mark_style(results[check->ok].mark);
        if (check->n != n) {
            continue;
        }
        ui_page_line(page);
        ui_mark_add(page, results[check->ok].mark);
        ui_page_add(page, style, "%s: %s", ui_check_words(check->what), results[check->ok].words);
        if (check->text != NULL && check->text[0] != '\0') {
            ui_page_add(page, UI_TEXT, "; ");
            ui_page_wrap(page, UI_TEXT, ui_mark_columns(page->ascii), check->text);
        }
    }
}
