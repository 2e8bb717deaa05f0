/*
 * Names: any text as a host against any bytes as a subjectAltName, and any names against any constraints. The input is cut in
 * three by its first two bytes: host, GeneralNames, nameConstraints. A second, slower judge says what a match of host and
 * name has to look like, and constraints must not contradict themselves.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/pki/constraint.h"
#include "../../src/pki/hostname.h"
#include "../../src/pki/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* Everything that people are shown must be safe; frees the text. */
static void expect_safe(struct buffer *text)
{
    struct buffer safe = {0};

    expect(!text->failed);
    text_safe_append(&safe, text->data, text->length);
    expect(safe.length == text->length &&
           (text->length == 0 || memcmp(safe.data, text->data, text->length) == 0));
    buffer_free(&safe);
    buffer_free(text);
}

/* ---- hosts ------------------------------------------------------------------------------ */

/* Only a whole name, or one with its first label replaced by an asterisk, may have matched. */
static void check_match(const struct host *host, const struct general_name *name)
{
    char text[300];
    const char *dot;

    if (host->address_length > 0) {
        expect(name->kind == NAME_IP && name->content.length == host->address_length);
        return;
    }
    expect(name->kind == NAME_DNS && name->content.length < sizeof text);
    memcpy(text, name->content.data, name->content.length);
    text[name->content.length] = '\0';
    expect(strlen(text) == name->content.length); /* no zero byte in it */
    dot = strchr(host->name, '.');
    expect(text_equal_nocase(text, host->name) ||
           (text[0] == '*' && dot != NULL && text_equal_nocase(text + 1, dot) &&
            strchr(dot + 1, '.') != NULL));
}

static void check_host(const char *text, struct pki_slice names)
{
    struct reader reader = reader_new(names.data, names.length);
    struct buffer shown = {0};
    struct general_name name;
    struct host host;

    expect(host_read(&host, text));
    if (host.name != NULL) {
        struct general_name itself = {NAME_DNS, {(const uint8_t *)host.name, strlen(host.name)}};
        expect(host.address_length == 0 && strlen(host.name) <= 253);
        expect(strncmp(host.name, "*.", 2) == 0 || host_matches_name(&host, &itself));
        expect(!host_ends_in_number(host.name, strlen(host.name)));
    }
    while (general_name_next(&reader, &name)) {
        if (host_matches_name(&host, &name)) {
            check_match(&host, &name);
        }
    }
    pki_host_text(&shown, text);
    expect_safe(&shown);
    host_clear(&host);
}

/* ---- constraints ------------------------------------------------------------------------ */

/* What is within a constraint is in whatever contains it: one label less is one name more. */
static void check_wider(const struct subject_name *name, const struct constraint *constraint)
{
    struct constraint wider = *constraint;
    const uint8_t *dot;
    bool failed = false;

    if (name->kind != NAME_DNS || constraint->base.content.length == 0) {
        return;
    }
    dot = memchr(constraint->base.content.data, '.', constraint->base.content.length);
    if (dot == NULL || dot == constraint->base.content.data) {
        return;
    }
    wider.base.content.length -= (size_t)(dot + 1 - constraint->base.content.data);
    wider.base.content.data = dot + 1;
    expect(constraint_compare(name, &wider, &failed) == CONSTRAINT_WITHIN);
}

static void check_constraints(const struct subject_names *names, struct pki_slice subtrees)
{
    struct reader reader = reader_new(subtrees.data, subtrees.length);
    struct constraint constraint;
    size_t budget = 20000;

    while (constraint_next(&reader, &constraint)) {
        struct buffer shown = {0};
        constraint_append(&shown, &constraint);
        expect_safe(&shown);
        for (size_t i = 0; i < names->count && budget > 0; i++, budget--) {
            const struct subject_name *name = &names->list[i];
            bool failed = false;
            enum constraint_answer answer;
            if (name->kind != constraint.base.kind) {
                continue;
            }
            answer = constraint_compare(name, &constraint, &failed);
            expect(!failed);
            expect(answer == constraint_compare(name, &constraint, &failed));
            expect(!constraint.bounded || answer == CONSTRAINT_BOUNDS);
            expect(answer != CONSTRAINT_OVERLAPS ||
                   (name->kind == NAME_DNS || name->kind == NAME_EMAIL));
            if (answer == CONSTRAINT_WITHIN) {
                check_wider(name, &constraint);
            }
        }
    }
}

/* A subject out of the names: the first directory name among them. */
static struct pki_slice find_subject(struct pki_slice names)
{
    struct reader reader = reader_new(names.data, names.length);
    struct general_name name;

    while (general_name_next(&reader, &name)) {
        struct reader inner = reader_new(name.content.data, name.content.length);
        if (name.kind == NAME_DIRECTORY && name_read(&inner).length > 0 && der_done(&inner)) {
            return name.content;
        }
    }
    return (struct pki_slice){(const uint8_t *)"\x30\x00", 2};
}

/* Only what x509_read() would have let through. */
static bool are_general_names(struct pki_slice list)
{
    struct reader reader = reader_new(list.data, list.length);

    while (reader_left(&reader) > 0) {
        struct der name = der_any(&reader);
        if ((name.tag & 0xc0) != 0x80 || (name.tag & 0x1f) > NAME_REGISTERED_ID) {
            return false;
        }
    }
    return !reader.failed;
}

static void check_names(struct pki_slice list, struct pki_slice subtrees)
{
    struct x509 x = {.subject_alt_name = list, .subject = find_subject(list)};
    struct subject_names names;

    for (int leaf = 0; leaf < 2; leaf++) {
        expect(subject_names_read(&names, &x, leaf != 0));
        for (size_t i = 0; i < names.count; i++) {
            struct buffer shown = {0};
            subject_name_append(&shown, names.list[i].kind, names.list[i].whole);
            expect_safe(&shown);
        }
        check_constraints(&names, subtrees);
        subject_names_free(&names);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pki_slice names, subtrees;
    size_t host_length, names_length;
    char *host;

    if (size < 2) {
        return 0;
    }
    host_length = data[0] < size - 2 ? data[0] : size - 2;
    names_length = size - 2 - host_length;
    names_length = data[1] < names_length ? data[1] : names_length;
    host = text_duplicate((const char *)data + 2, host_length);
    expect(host != NULL);
    names = (struct pki_slice){data + 2 + host_length, names_length};
    subtrees = (struct pki_slice){names.data + names_length, size - 2 - host_length - names_length};
    check_host(host, names);
    if (are_general_names(names)) {
        check_names(names, subtrees);
    }
    free(host);
    return 0;
}
