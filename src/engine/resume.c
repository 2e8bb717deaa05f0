/*
 * Resuming. RFC 8446 2.2 and 2.3, RFC 5246 7.3, RFC 5077.
 *
 * Nothing here can fail a session: where there is nothing to resume, or the server does not want to, the handshake is a full
 * one, and a note says so.
 */
#include "resume.h"

#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "post.h"
#include "stop.h"

/* ---- before the handshake ---------------------------------------------------------------------- */

static int read_early_data(struct engine *engine)
{
    engine->early.data.secret = true;
    text_unescape(&engine->early.data, engine->options.early_data);
    return engine->early.data.failed ? engine_fail_memory(engine) : 0;
}

/* GnuTLS keeps it, and writes it behind ClientHello. */
static int give_early_data(struct engine *engine, size_t max)
{
    const struct buffer *data = &engine->early.data;
    ssize_t status;

    if (read_early_data(engine) != 0) {
        return -1;
    }
    if (max == 0 || data->length > max) {
        engine_post_note(engine, "early_data_not_sent",
                         max == 0
                             ? "the early data is not sent: the server takes none in the "
                               "session that is resumed"
                             : "the early data is not sent: it has %zu bytes, the server takes "
                               "%zu in the session that is resumed",
                         data->length, max);
        return 0;
    }
    status = gnutls_record_send_early_data(engine->tls.session, data->data, data->length);
    if (status < 0) {
        engine_post_note(engine, "early_data_not_sent", "the early data is not sent: %s",
                         gnutls_strerror((int)status));
        return 0;
    }
    engine->early.given = true;
    return 0;
}

/* What stays of --early-data when there is no session to resume. */
static void note_without_session(struct engine *engine, const char *code, const char *why)
{
    engine_post_note(engine, code, "%s%s", why,
                     engine->options.early_data != NULL
                         ? "; the early data is not sent: there are no keys for it"
                         : "");
}

int engine_resume_begin(struct engine *engine)
{
    size_t early_max = 0;
    struct err err;

    if (engine->role != ENGINE_CLIENT || !engine->options.resume) {
        return 0;
    }
    if (engine->resumption.length == 0) {
        note_without_session(
            engine, "nothing_to_resume",
            "there is no session to resume yet: a full handshake is made, and what it leaves "
            "behind is kept for the next run (of a lab server for as long as tlstep runs)");
        return 0;
    }
    if (tls_session_resume(&engine->tls, engine->resumption.data, engine->resumption.length,
                           &early_max, &err) != 0) {
        note_without_session(engine, err.code, err.text);
        return err.class == ERR_MEMORY ? engine_fail_with(engine, &err, ENGINE_NO_ALERT) : 0;
    }
    engine->resuming = true;
    return engine->options.early_data != NULL ? give_early_data(engine, early_max) : 0;
}

/* ---- early data on its way --------------------------------------------------------------------- */

/* Once the server has spoken, records of this type are GnuTLS's own encrypted messages. */
int engine_resume_announce(struct engine *engine, const uint8_t *record, size_t length)
{
    struct engine_early *early = &engine->early;
    size_t left = early->data.length - early->announced;
    size_t record_max, piece;

    if (!early->given || left == 0 || engine->record_known || length == 0 ||
        record[0] != WIRE_APPLICATION_DATA) {
        return 0;
    }
    record_max = gnutls_record_get_max_size(engine->tls.session);
    piece = left < record_max ? left : record_max;
    engine_post_queued(engine, WIRE_APPLICATION_DATA, 0, early->data.data + early->announced,
                       piece);
    early->announced += piece;
    return engine_stop_queued(engine, WIRE_APPLICATION_DATA, 0);
}

/* ---- after the handshake ----------------------------------------------------------------------- */

static void settle_early_data(struct engine *engine)
{
    if ((gnutls_session_get_flags(engine->tls.session) & GNUTLS_SFLAGS_EARLY_DATA) != 0) {
        engine->awaits_answer = true;
        return;
    }
    if (engine->early.announced == 0) {
        engine_post_note(engine, "early_data_not_sent",
                         "the early data is not sent: with these options the session could not be "
                         "offered");
        return;
    }
    /* Sending it again by itself would be wrong: whoever chose the data for early data knows that it may arrive twice (RFC
     * 8446 8), but only the user knows whether it still makes sense. */
    engine_post_note(engine, "early_data_refused",
                     "the server has thrown the early data away unread; it is not sent again by "
                     "itself: send it now, if it is still wanted");
}

int engine_resume_settle(struct engine *engine)
{
    if (engine->resuming && gnutls_session_is_resumed(engine->tls.session) == 0) {
        engine_post_note(engine, "not_resumed",
                         "the server did not resume the session that was offered: it made a full "
                         "handshake");
    }
    if (engine->early.given) {
        settle_early_data(engine);
    }
    return engine_is_ending(engine) ? -1 : 0;
}

/* ---- for the next session ---------------------------------------------------------------------- */

void engine_resume_keep(struct engine *engine)
{
    struct buffer left = {.secret = true};
    bool kept = engine->role == ENGINE_CLIENT && tls_session_resumption(&engine->tls, &left);

    if (!kept) {
        buffer_wipe_free(&left);
        return;
    }
    pthread_mutex_lock(&engine->lock);
    buffer_wipe_free(&engine->left_behind);
    engine->left_behind = left;
    pthread_mutex_unlock(&engine->lock);
}

bool engine_resumption(struct engine *engine, struct buffer *out)
{
    bool there;

    pthread_mutex_lock(&engine->lock);
    there = engine->left_behind.length > 0;
    buffer_append(out, engine->left_behind.data, engine->left_behind.length);
    pthread_mutex_unlock(&engine->lock);
    return there && !out->failed;
}
