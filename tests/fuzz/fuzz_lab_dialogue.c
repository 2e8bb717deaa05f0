/*
 * What clients say to lab servers once TLS is there: HTTP/1, HTTP/2 and the mail and database protocols. The first byte chooses the
 * speaker, the second into what pieces the rest is cut. Answers are bounded whatever is asked, and the same in any pieces.
 */
#include <stdlib.h>
#include <string.h>

#include "../../src/lab/dialogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const starttls[] = {NULL,  "smtp", "imap",     "pop3",
                                       "ftp", "ldap", "postgres", "xmpp"};

static void expect(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void choose(uint8_t number, struct lab_scenario *scenario, struct lab_facts *facts,
                   struct lab_dialogue *dialogue)
{
    bool http2 = number % 9 == 8;

    *scenario = (struct lab_scenario){
        .name = "good",
        .title = "Good",
        .look_for = "this",
        .starttls = http2 ? NULL : starttls[number % 9],
    };
    *facts = (struct lab_facts){.scenario = scenario};
    for (size_t i = 0; i < LAB_FACT_COUNT; i++) {
        facts->rows[i].label = "label";
    }
    dialogue->facts = facts;
    dialogue->speaker = lab_speaker_for(scenario->starttls, http2 ? "h2" : "none");
}

/* Gives the answers. `*closed`: nothing more would be said. */
static struct buffer talk(uint8_t number, const uint8_t *data, size_t size, size_t step,
                          bool *closed)
{
    struct lab_dialogue dialogue = {0};
    struct lab_scenario scenario;
    struct lab_facts facts;
    struct buffer said = {0};

    choose(number, &scenario, &facts, &dialogue);

    for (size_t at = 0; at < size; at += step) {
        size_t length = size - at < step ? size - at : step;
        uint8_t *exact = malloc(length); /* its end is guarded */

        expect(exact != NULL);
        memcpy(exact, data + at, length);
        lab_dialogue_feed(&dialogue, exact, length);
        free(exact);
        expect(dialogue.in.length <= LAB_HEAD_MAX + step);
        expect(dialogue.out.length <= 2 * LAB_OUT_MAX);
        buffer_append(&said, dialogue.out.data, dialogue.out.length);
        buffer_consume(&dialogue.out, dialogue.out.length); /* a client that reads */
    }
    if (lab_dialogue_waits(&dialogue)) {
        lab_dialogue_pause(&dialogue);
        expect(!lab_dialogue_waits(&dialogue));
        buffer_append(&said, dialogue.out.data, dialogue.out.length);
    }
    *closed = dialogue.close;
    lab_dialogue_free(&dialogue);
    expect(!said.failed);
    return said;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer whole, pieces;
    bool whole_closed, pieces_closed;

    if (size < 3 || size > LAB_HEAD_MAX) {
        return 0; /* a record is no larger; longer lines may be cut anywhere */
    }
    whole = talk(data[0], data + 2, size - 2, size - 2, &whole_closed);
    pieces = talk(data[0], data + 2, size - 2, (size_t)data[1] + 1, &pieces_closed);
    if (whole.length <= LAB_OUT_MAX) {
        expect(whole_closed == pieces_closed && whole.length == pieces.length);
        expect(whole.length == 0 || memcmp(whole.data, pieces.data, whole.length) == 0);
    }
    buffer_free(&whole);
    buffer_free(&pieces);
    return 0;
}
