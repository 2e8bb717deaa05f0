/*
 * Versions, groups and signature schemes folded into the priority string. GnuTLS has no separate setting for
 * them: an option becomes "…:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2". What GnuTLS really makes of a string is looked at
 * afterwards, because a system-wide configuration file may forbid what the string asks for.
 */
#include "priority.h"

#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "schemes.h"

#define DEFAULT_PRIORITY "NORMAL"

const struct tls_version tls_versions[TLS_VERSION_COUNT] = {
    {"1.0", GNUTLS_TLS1_0, "VERS-TLS1.0"},
    {"1.1", GNUTLS_TLS1_1, "VERS-TLS1.1"},
    {"1.2", GNUTLS_TLS1_2, "VERS-TLS1.2"},
    {"1.3", GNUTLS_TLS1_3, "VERS-TLS1.3"},
};

int tls_version_find(const char *name)
{
    for (int i = 0; i < TLS_VERSION_COUNT; i++) {
        if (strcmp(tls_versions[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

/* ---- what GnuTLS makes of a string ------------------------------------------------------- */

static void offered_versions(gnutls_priority_t priority, bool offered[TLS_VERSION_COUNT])
{
    const unsigned *list = NULL;
    int count = gnutls_priority_protocol_list(priority, &list);

    memset(offered, 0, TLS_VERSION_COUNT * sizeof *offered);
    for (int i = 0; i < count; i++) {
        for (int v = 0; v < TLS_VERSION_COUNT; v++) {
            offered[v] |= list[i] == (unsigned)tls_versions[v].id;
        }
    }
}

static size_t count_suites(gnutls_priority_t priority)
{
    size_t suites = 0;
    int status = 0;

    for (unsigned i = 0; status != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE; i++) {
        unsigned id;
        status = gnutls_priority_get_cipher_suite_index(priority, i, &id);
        /* Combinations that are no suite count as unknown. */
        suites += status == GNUTLS_E_SUCCESS;
    }
    return suites;
}

static bool any(const bool versions[TLS_VERSION_COUNT])
{
    return versions[0] || versions[1] || versions[2] || versions[3];
}

/* ---- refusals ---------------------------------------------------------------------------- */

/* `place` is where GnuTLS stopped reading: the word there is the one it does not know. */
static int refuse_string(const char *string, const char *place, int status, struct err *err)
{
    char shown[120], word[60];

    if (status == GNUTLS_E_MEMORY_ERROR) {
        return err_memory(err, "reading a priority string");
    }
    if (status == GNUTLS_E_NO_PRIORITIES_WERE_SET) {
        return tls_refuse(err, "--priority", string,
                          "it leaves nothing to offer: no version, cipher, group or signature");
    }
    if (place == NULL || place < string || place >= string + strlen(string)) {
        return tls_refuse(err, "--priority", string,
                          "GnuTLS does not understand it; give a string like NORMAL or "
                          "NORMAL:-GROUP-ALL:+GROUP-X25519");
    }
    return err_set(err, ERR_USAGE, "bad_option",
                   "--priority %s: GnuTLS does not understand \"%s\" at character %zu",
                   text_safe(shown, sizeof shown, string, strlen(string)),
                   text_safe(word, sizeof word, place, strcspn(place, ":")),
                   (size_t)(place - string) + 1);
}

static int refuse_versions(const struct tls_options *options, struct err *err)
{
    char shown[120];
    const char *priority = options->priority != NULL ? options->priority : DEFAULT_PRIORITY;

    return err_set(err, ERR_USAGE, "contradiction",
                   "--priority %s leaves no TLS version from %s to %s to offer",
                   text_safe(shown, sizeof shown, priority, strlen(priority)),
                   options->tls_min != NULL ? options->tls_min : "1.0",
                   options->tls_max != NULL ? options->tls_max : "1.3");
}

/* A version that was asked for by name and that GnuTLS leaves out all the same. */
static int refuse_vetoed(const char *option, const char *value, struct err *err)
{
    const char *file = gnutls_get_system_config_file();

    return err_set(err, ERR_USAGE, "forbidden_by_system",
                   "%s %s: GnuTLS does not offer TLS %s on this system; its configuration (%s) may "
                   "forbid it",
                   option, value, value, file != NULL ? file : "none was read");
}

/* ---- building ---------------------------------------------------------------------------- */

/* The versions to offer: with a string of the user's own those of it that lie in the range; else
 * every one that an option names, and between two that are named. */
static void choose_versions(const struct tls_options *options,
                            const bool offered[TLS_VERSION_COUNT], bool wanted[TLS_VERSION_COUNT])
{
    int min = options->tls_min != NULL ? tls_version_find(options->tls_min) : 0;
    int max = options->tls_max != NULL ? tls_version_find(options->tls_max) : TLS_VERSION_COUNT - 1;
    bool own = options->priority != NULL;

    for (int v = 0; v < TLS_VERSION_COUNT; v++) {
        bool named = options->tls_min != NULL || (options->tls_max != NULL && v == max);
        wanted[v] = v >= min && v <= max && (offered[v] || (named && !own));
    }
}

/* Newest first: with an older one in front GnuTLS drops TLS 1.3 (measured with 3.7.9). */
static void fold_versions(struct buffer *out, const bool wanted[TLS_VERSION_COUNT])
{
    buffer_text(out, ":-VERS-ALL");
    for (int v = TLS_VERSION_COUNT - 1; v >= 0; v--) {
        if (wanted[v]) {
            buffer_printf(out, ":+%s", tls_versions[v].keyword);
        }
    }
}

/* `wanted` NULL: the versions stay as they are. */
static char *fold(const char *string, const bool *wanted, const struct tls_options *options,
                  struct err *err)
{
    struct buffer text = {0};
    char *folded;

    buffer_text(&text, string);
    if (wanted != NULL) {
        fold_versions(&text, wanted);
    }
    if (tls_schemes_fold(&text, options, err) != 0) {
        buffer_free(&text);
        return NULL;
    }
    folded = buffer_take_string(&text);
    if (folded == NULL) {
        (void)err_memory(err, "building a priority string");
    }
    return folded;
}

/* Looks at what GnuTLS makes of `string`. 0 or -1. */
static int examine(const char *string, bool offered[TLS_VERSION_COUNT], size_t *suites,
                   struct err *err)
{
    gnutls_priority_t priority = NULL;
    const char *place = NULL;
    int status = gnutls_priority_init2(&priority, string, &place, 0);

    if (status != GNUTLS_E_SUCCESS) {
        return refuse_string(string, place, status, err);
    }
    offered_versions(priority, offered);
    *suites = count_suites(priority);
    gnutls_priority_deinit(priority);
    return 0;
}

static int check_named(const char *option, const char *value, const bool offered[TLS_VERSION_COUNT],
                       struct err *err)
{
    if (value == NULL || offered[tls_version_find(value)]) {
        return 0;
    }
    return refuse_vetoed(option, value, err);
}

/* The folded string must offer what was asked for. */
static int check_folded(const struct tls_options *options, const char *folded, struct err *err)
{
    bool offered[TLS_VERSION_COUNT] = {false};
    size_t suites = 0;
    bool own = options->priority != NULL;

    if (examine(folded, offered, &suites, err) != 0) {
        return -1;
    }
    if (suites == 0) {
        return refuse_versions(options, err);
    }
    if (own) {
        return 0;
    }
    if (check_named("--tls-min", options->tls_min, offered, err) != 0) {
        return -1;
    }
    return check_named("--tls-max", options->tls_max, offered, err);
}

char *tls_priority_build(const struct tls_options *options, struct err *err)
{
    const char *string = options->priority != NULL ? options->priority : DEFAULT_PRIORITY;
    bool offered[TLS_VERSION_COUNT] = {false}, wanted[TLS_VERSION_COUNT];
    size_t suites = 0;
    char *result;

    if (examine(string, offered, &suites, err) != 0) {
        return NULL;
    }
    if (!any(offered) || suites == 0) {
        (void)refuse_versions(options, err);
        return NULL;
    }
    if (options->tls_min == NULL && options->tls_max == NULL) {
        result = fold(string, NULL, options, err);
    } else {
        choose_versions(options, offered, wanted);
        if (!any(wanted)) {
            (void)refuse_versions(options, err);
            return NULL;
        }
        result = fold(string, wanted, options, err);
    }
    if (result != NULL && check_folded(options, result, err) != 0) {
        free(result);
        return NULL;
    }
    return result;
}

int tls_priority_versions(const char *string, bool offered[TLS_VERSION_COUNT], struct err *err)
{
    size_t suites;

    return examine(string, offered, &suites, err);
}

int tls_priority_summary(const struct tls_options *options, size_t *suites, size_t *groups,
                         struct err *err)
{
    gnutls_priority_t priority = NULL;
    const unsigned *list = NULL;
    char *string = tls_priority_build(options, err);
    int status;

    if (string == NULL) {
        return -1;
    }
    status = gnutls_priority_init2(&priority, string, NULL, 0);
    free(string);
    if (status != GNUTLS_E_SUCCESS) {
        return err_memory(err, "reading a priority string"); /* it was read just before */
    }
    *suites = count_suites(priority);
    *groups = (size_t)gnutls_priority_group_list(priority, &list);
    gnutls_priority_deinit(priority);
    return 0;
}
