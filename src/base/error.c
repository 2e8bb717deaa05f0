/* The error value. */
#include <stdarg.h>
#include <string.h>

#include "tlstep/base.h"

/* Cuts a UTF-8 string that vsnprintf shortened so that it does not end inside a character. */
static void trim_partial_character(char *text)
{
    size_t end = strlen(text);
    size_t start = end;
    uint32_t code_point;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80) {
        start--;
    }
    if (start == 0) {
        return;
    }
    start--;
    if (text_utf8_decode(text + start, end - start, &code_point) != end - start) {
        text[start] = '\0';
    }
}

static void format_text(char *out, size_t size, const char *format, va_list arguments)
{
    int wanted = vsnprintf(out, size, format, arguments);
    if (wanted < 0) {
        out[0] = '\0';
    } else if ((size_t)wanted >= size) {
        trim_partial_character(out);
    }
}

int err_set(struct err *err, enum err_class class, const char *code, const char *format, ...)
{
    /* The caller may pass err->text itself as an argument: build the text aside. */
    char text[sizeof err->text];
    va_list arguments;

    if (err == NULL) {
        return -1;
    }
    va_start(arguments, format);
    format_text(text, sizeof text, format, arguments);
    va_end(arguments);
    err->class = class;
    if (code != err->code) {
        (void)snprintf(err->code, sizeof err->code, "%s", code); /* cutting is the contract */
    }
    memcpy(err->text, text, sizeof text);
    return -1;
}

int err_memory(struct err *err, const char *doing)
{
    return err_set(err, ERR_MEMORY, "out_of_memory", "out of memory while %s", doing);
}

int err_prefix(struct err *err, const char *format, ...)
{
    char text[sizeof err->text];
    size_t used;
    va_list arguments;

    if (err == NULL) {
        return -1;
    }
    va_start(arguments, format);
    format_text(text, sizeof text, format, arguments);
    va_end(arguments);
    used = strlen(text);
    if ((size_t)snprintf(text + used, sizeof text - used, ": %s", err->text) >=
        sizeof text - used) {
        trim_partial_character(text);
    }
    memcpy(err->text, text, sizeof text);
    return -1;
}

int err_exit_status(enum err_class class)
{
    return class == ERR_MEMORY ? 1 : (int)class;
}
