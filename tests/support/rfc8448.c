/* Reads the traces of RFC 8448. */
#include "rfc8448.h"

#include <string.h>

#define RECORDS  "tests/data/rfc8448_records.txt"
#define SCHEDULE "tests/data/rfc8448_schedule.txt"

static int append_value(struct rfc8448 *out, const char *name, const char *hex)
{
    struct rfc8448_value *value = &out->values[out->value_count];
    long length;

    if (out->value_count == RFC8448_VALUES_MAX) {
        return -1;
    }
    length = text_unhex(value->data, sizeof value->data, hex, strlen(hex));
    (void)snprintf(value->name, sizeof value->name, "%.39s", name);
    value->length = length < 0 ? 0 : (size_t)length;
    out->value_count++;
    return length > 0 ? 0 : -1;
}

static int append_line(struct rfc8448 *out, const char *word, const char *rest)
{
    struct crypt_secret secret;
    uint8_t record[2048];
    long length;

    if (strcmp(word, "secret") == 0) {
        return crypt_secret_parse(rest, strlen(rest), &secret) == 1
                   ? crypt_keylog_add(out->keylog, &secret)
                   : -1;
    }
    if (strcmp(word, "client") != 0 && strcmp(word, "server") != 0) {
        return append_value(out, word, rest);
    }
    length = text_unhex(record, sizeof record, rest, strlen(rest));
    if (length < 0) {
        return -1;
    }
    buffer_append(&out->sent[strcmp(word, "client") == 0 ? WIRE_CLIENT : WIRE_SERVER], record,
                  (size_t)length);
    return 0;
}

static int read_part(struct rfc8448 *out, const char *path, size_t trace)
{
    FILE *file = fopen(path, "r");
    char line[6000];
    size_t seen = 0;
    int status = 0;

    if (file == NULL) {
        return -1;
    }
    while (status == 0 && fgets(line, sizeof line, file) != NULL) {
        char *rest = strchr(line, ' ');
        line[strcspn(line, "\n")] = '\0';
        if (rest == NULL || line[0] == '#') {
            continue;
        }
        *rest++ = '\0';
        if (strcmp(line, "trace") == 0) {
            seen++;
        } else if (seen == trace + 1) {
            status = append_line(out, line, rest);
        }
    }
    (void)fclose(file);
    return seen == RFC8448_TRACES ? status : -1;
}

int rfc8448_read(struct rfc8448 *out, size_t trace)
{
    memset(out, 0, sizeof *out);
    out->keylog = crypt_keylog_new();
    if (out->keylog == NULL || read_part(out, RECORDS, trace) != 0) {
        return -1;
    }
    return read_part(out, SCHEDULE, trace);
}

void rfc8448_free(struct rfc8448 *trace)
{
    crypt_keylog_free(trace->keylog);
    buffer_free(&trace->sent[WIRE_CLIENT]);
    buffer_free(&trace->sent[WIRE_SERVER]);
}

size_t rfc8448_value(const struct rfc8448 *trace, const char *name, uint8_t *out)
{
    for (size_t i = 0; i < trace->value_count; i++) {
        if (strcmp(trace->values[i].name, name) == 0) {
            if (out != NULL) {
                memcpy(out, trace->values[i].data, trace->values[i].length);
            }
            return trace->values[i].length;
        }
    }
    return 0;
}
