/* Completion: one function for each kind of argument. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "certificate_copy.h"
#include "complete.h"
#include "copy.h"
#include "theme.h"

/* Adds a word when it begins with what was typed. */
static void offer(struct ui_candidates *out, const char *typed, const char *word)
{
    if (out->count < UI_CANDIDATES_MAX && strlen(word) < UI_CANDIDATE_SIZE &&
        strncasecmp(word, typed, strlen(typed)) == 0) {
        (void)snprintf(out->words[out->count++], UI_CANDIDATE_SIZE, "%s", word);
    }
}

static void offer_commands(struct ui_candidates *out, const char *typed)
{
    size_t count;
    const struct stepper_command *table = stepper_command_table(&count);

    for (size_t i = 0; i < count; i++) {
        offer(out, typed, table[i].name);
    }
}

/* ---- types ------------------------------------------------------------------------------------- */

static void offer_type(struct ui_candidates *out, const char *typed, const char *prefix,
                       const char *type)
{
    char word[UI_CANDIDATE_SIZE];

    (void)snprintf(word, sizeof word, "%s%s", prefix, type);
    offer(out, typed, word);
}

static void offer_types(struct ui_candidates *out, const char *typed)
{
    static const char *const stops[] = {"resolve", "connect", "verify", "data", "close"};
    static const uint8_t contents[] = {WIRE_CHANGE_CIPHER_SPEC, WIRE_ALERT, WIRE_APPLICATION_DATA};
    const char *colon = strchr(typed, ':');
    char prefix[16] = "";

    if (colon != NULL && (size_t)(colon - typed) + 2 < sizeof prefix) {
        (void)snprintf(prefix, sizeof prefix, "%.*s:", (int)(colon - typed), typed);
    }
    for (unsigned type = 0; type < 256; type++) {
        const char *name = wire_message_name(WIRE_HANDSHAKE, (uint8_t)type);
        if (strchr(name, '(') == NULL) { /* those that have a name */
            offer_type(out, typed, prefix, name);
        }
    }
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        offer_type(out, typed, prefix, wire_message_name(contents[i], 0));
    }
    for (size_t i = 0; prefix[0] == '\0' && i < sizeof stops / sizeof stops[0]; i++) {
        offer(out, typed, stops[i]);
    }
    offer(out, typed, "client:");
    offer(out, typed, "server:");
}

/* ---- options ----------------------------------------------------------------------------------- */

static void offer_options(struct ui_candidates *out, const char *typed)
{
    size_t count;
    const struct stepper_option *table = stepper_option_table(&count);

    for (size_t i = 0; i < count; i++) {
        if (!table[i].later) {
            offer(out, typed, table[i].name);
        }
    }
}

static void offer_files(struct ui_candidates *out, const char *typed);

static void offer_values(struct ui_candidates *out, const char *typed, const char *name)
{
    const struct stepper_option *option = stepper_option_find(name);

    if (option == NULL || option->later) {
        return;
    }
    if (option->kind == STEPPER_OPTION_FLAG) {
        offer(out, typed, "yes");
        offer(out, typed, "no");
    } else if (option->choices != NULL) {
        for (size_t i = 0; option->choices[i] != NULL; i++) {
            offer(out, typed, option->choices[i]);
        }
    } else if (option->argument != NULL &&
               (strcmp(option->argument, "FILE") == 0 || strcmp(option->argument, "DIR") == 0)) {
        offer_files(out, typed);
    }
}

/* ---- themes and files -------------------------------------------------------------------------- */

struct theme_offer {
    struct ui_candidates *out;
    const char *typed;
};

static bool offer_theme(void *context, const char *name)
{
    struct theme_offer *theme = context;

    offer(theme->out, theme->typed, name);
    return true;
}

static void offer_entry(struct ui_candidates *out, const char *typed, const char *folder,
                        const char *name)
{
    char word[UI_CANDIDATE_SIZE];
    struct stat status;
    int length = snprintf(word, sizeof word, "%s%s", folder, name);

    if (length < 0 || (size_t)length + 1 >= sizeof word) {
        return;
    }
    if (stat(word, &status) == 0 && S_ISDIR(status.st_mode)) {
        word[length] = '/';
        word[length + 1] = '\0';
    }
    offer(out, typed, word);
}

static void offer_files(struct ui_candidates *out, const char *typed)
{
    const char *slash = strrchr(typed, '/');
    char *folder =
        slash != NULL ? text_duplicate(typed, (size_t)(slash - typed) + 1) : text_duplicate("", 0);
    struct dirent **entries = NULL;
    int count =
        folder != NULL ? scandir(folder[0] != '\0' ? folder : ".", &entries, NULL, alphasort) : 0;

    for (int i = 0; i < count; i++) {
        bool hidden = entries[i]->d_name[0] == '.' && (slash == NULL || slash[1] != '.');
        if (!hidden) {
            offer_entry(out, typed, folder, entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
    free(folder);
}

/* ---- all ----------------------------------------------------------------------------------------- */

/* A format, then the name of a file. */
static void offer_copy(struct ui_candidates *out, const char *argument, const char *line)
{
    const char *blank = strchr(argument, ' ');

    if (blank != NULL) {
        blank += strspn(blank, " ");
        out->from = (size_t)(blank - line);
        offer_files(out, blank);
        return;
    }
    for (size_t i = 0; i < UI_COPY_FORMAT_COUNT; i++) {
        offer(out, argument, ui_copy_table[i].name);
    }
    for (size_t i = 0; i < UI_CERTIFICATE_FORMATS; i++) {
        offer(out, argument, ui_certificate_formats[i].name);
    }
}

/* A date: today's as one to start from, and what is written in short. */
static void offer_dates(struct ui_candidates *out, const char *typed)
{
    static const char *const words[] = {"now",  "+1d",   "+7d",  "+30d",
                                        "+90d", "+365d", "-30d", "off"};
    char today[40];

    (void)time_rfc3339(today, sizeof today, clock_wall_ns() / 1000000000);
    today[10] = '\0';
    offer(out, typed, today);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        offer(out, typed, words[i]);
    }
}

static void offer_argument(struct ui_candidates *out, const struct stepper_command *command,
                           const char *argument, const char *line)
{
    const char *blank = strchr(argument, ' ');
    char name[64];

    out->from = (size_t)(argument - line);
    if (strcmp(command->name, "copy") == 0) {
        offer_copy(out, argument, line);
        return;
    }
    if (strcmp(command->name, "judge") == 0) {
        offer_dates(out, argument);
        return;
    }
    if (strcmp(command->name, "explain") == 0) {
        for (size_t i = 0; i < explain_count(); i++) {
            offer(out, argument, explain_id(i));
        }
        return;
    }
    switch (command->argument) {
    case STEPPER_ARGUMENT_TYPE:
        offer_types(out, argument);
        break;
    case STEPPER_ARGUMENT_OPTION:
        if (blank == NULL) {
            offer_options(out, argument);
            break;
        }
        (void)snprintf(name, sizeof name, "%.*s", (int)(blank - argument), argument);
        blank += strspn(blank, " ");
        out->from = (size_t)(blank - line);
        offer_values(out, blank, name);
        break;
    case STEPPER_ARGUMENT_FILE:
        offer_files(out, argument);
        break;
    case STEPPER_ARGUMENT_THEME:
        ui_theme_names(offer_theme, &(struct theme_offer){.out = out, .typed = argument});
        break;
    default:
        break;
    }
}

void ui_complete(const char *line, struct ui_candidates *out)
{
    const char *word = line + strspn(line, " ");
    const char *blank = strchr(word, ' ');
    const struct stepper_command *command;
    const char *unused;

    out->count = 0;
    out->from = (size_t)(word - line);
    if (blank == NULL) {
        offer_commands(out, word);
        return;
    }
    if (stepper_command_parse(line, &command, &unused, NULL) == 0) {
        offer_argument(out, command, blank + strspn(blank, " "), line);
    }
}

char *ui_complete_common(char *out, size_t size, const struct ui_candidates *candidates)
{
    size_t length;

    if (candidates->count == 0) {
        out[0] = '\0';
        return out;
    }
    length = strlen(candidates->words[0]);
    for (size_t i = 1; i < candidates->count; i++) {
        size_t same = 0;
        while (same < length && candidates->words[i][same] == candidates->words[0][same]) {
            same++;
        }
        length = same;
    }
    (void)snprintf(out, size, "%.*s", (int)length, candidates->words[0]);
    return out;
}
