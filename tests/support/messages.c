/* Reads tests/data/messages.txt. */
#include "messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "tests/data/messages.txt"

static char *copy(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

/* NUMBER SESSION SENDER VERSION CIPHER_SUITE HEX */
static bool read_message(struct message_sample *sample, char *rest)
{
    char *save = NULL;
    char *number = strtok_r(rest, " ", &save);
    char *session = strtok_r(NULL, " ", &save);
    char *sender = strtok_r(NULL, " ", &save);
    char *version = strtok_r(NULL, " ", &save);
    char *suite = strtok_r(NULL, " ", &save);
    char *hex = strtok_r(NULL, " ", &save);
    size_t length;

    if (hex == NULL) {
        return false;
    }
    length = strlen(hex) / 2;
    *sample = (struct message_sample){.length = length, .data = malloc(length)};
    sample->name = text_format("message %s, %s", number, session);
    sample->context.from = strcmp(sender, "client") == 0 ? WIRE_CLIENT : WIRE_SERVER;
    sample->context.version = (uint16_t)strtoul(version, NULL, 16);
    sample->context.cipher_suite = (uint16_t)strtoul(suite, NULL, 16);
    return sample->data != NULL && sample->name != NULL &&
           text_unhex(sample->data, length, hex, strlen(hex)) == (long)length;
}

/* What comes after a message line. */
static bool read_fact(struct message_sample *sample, const char *word, char *rest)
{
    char *space = strchr(rest, ' ');

    if (strcmp(word, "ja3") == 0) {
        return (sample->ja3 = copy(rest)) != NULL;
    }
    if (strcmp(word, "ja3s") == 0) {
        return (sample->ja3s = copy(rest)) != NULL;
    }
    if (strcmp(word, "ja4") == 0) {
        return (sample->ja4 = copy(rest)) != NULL;
    }
    if (strcmp(word, "field") != 0 || space == NULL || sample->field_count == MESSAGE_FIELDS_MAX) {
        return false;
    }
    *space = '\0';
    sample->fields[sample->field_count].path = copy(rest);
    sample->fields[sample->field_count].values = copy(space + 1);
    sample->field_count++;
    return true;
}

static bool read_line(struct message_sample **samples, size_t *count, size_t *capacity, char *line)
{
    char *space = strchr(line, ' ');

    if (line[0] == '#' || space == NULL) {
        return line[0] == '#' || line[0] == '\0';
    }
    *space = '\0';
    if (strcmp(line, "message") == 0) {
        void *grown = array_grow(*samples, capacity, *count + 1, sizeof **samples);
        if (grown == NULL) {
            return false;
        }
        *samples = grown;
        return read_message(&(*samples)[(*count)++], space + 1);
    }
    return *count > 0 && read_fact(&(*samples)[*count - 1], line, space + 1);
}

size_t messages_load(struct message_sample **samples)
{
    FILE *file = fopen(PATH, "r");
    size_t count = 0, capacity = 0, size = 0;
    char *line = NULL;
    bool good = file != NULL;

    *samples = NULL;
    while (good && getline(&line, &size, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        good = read_line(samples, &count, &capacity, line);
    }
    free(line);
    if (file != NULL) {
        (void)fclose(file); /* it was only read */
    }
    if (!good) {
        messages_free(*samples, count);
        return 0;
    }
    return count;
}

void messages_free(struct message_sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(samples[i].name);
        free(samples[i].data);
        free(samples[i].ja3);
        free(samples[i].ja3s);
        free(samples[i].ja4);
        for (size_t j = 0; j < samples[i].field_count; j++) {
            free(samples[i].fields[j].path);
            free(samples[i].fields[j].values);
        }
    }
    free(samples);
}
