/*
 * What reading a capture to keep it and reading it as it comes have in common: from the source to the next
 * thing that matters, and what was odd on the way.
 */
#ifndef CAPTURE_INTAKE_H
#define CAPTURE_INTAKE_H

#include "conversations.h"
#include "decode.h"
#include "records.h"

enum intake_state {
    INTAKE_SEGMENT,
    INTAKE_SECRETS,
    INTAKE_OTHER, /* a packet or block without either */
    INTAKE_WAIT,
    INTAKE_END,
    INTAKE_ERROR, /* cannot be read on; `err` says why */
};

#define INTAKE_LINKS 8

struct intake {
    struct source source;
    struct records records;
    struct fragments fragments;
    struct record record; /* the last one */
    struct segment segment;
    int64_t time_ns; /* of the last packet that had one */
    int64_t first_ns;
    bool timed; /* there was one */
    bool cut;
    bool damaged;
    bool ended;
    bool broken;       /* cannot be read on */
    uint64_t left_out; /* packets of conversations beyond those that are kept */
    bool secrets_left_out;
    uint64_t damaged_at;
    uint64_t skipped; /* packets of interfaces that were not described */
    struct intake_link {
        uint16_t type;
        uint64_t packets;
    } unknown[INTAKE_LINKS];
    char text[200]; /* the warning asked for last */
};

int intake_open(struct intake *intake, const char *path, bool keep, struct err *err);
void intake_close(struct intake *intake);
enum intake_state intake_next(struct intake *intake, struct err *err);

/* The `index`-th odd thing, in words; NULL past the last one. */
const char *intake_warning(struct intake *intake, size_t index);

#endif
