/* Our own typographic characters in ASCII, for terminals and pipes that have nothing else. */
#include "tlstep/base.h"

/* How signs that tlstep writes are spelled where only ASCII can be shown. */
static const struct {
    uint32_t code_point;
    const char *text;
} spellings[] = {
    {0x00a0, " "},   /* no-break space */
    {0x00b5, "u"},   /* µ */
    {0x00b7, "-"},   /* · */
    {0x00d7, "x"},   /* × */
    {0x2009, " "},   /* thin space */
    {0x2013, "-"},   /* – */
    {0x2014, "-"},   /* — */
    {0x2018, "'"},   /* ‘ */
    {0x2019, "'"},   /* ’ */
    {0x201c, "\""},  /* “ */
    {0x201d, "\""},  /* ” */
    {0x2022, "*"},   /* • */
    {0x2026, "..."}, /* … */
    {0x2190, "<-"},  /* ← */
    {0x2191, "^"},   /* ↑ */
    {0x2192, "->"},  /* → */
    {0x2193, "v"},   /* ↓ */
    {0x202f, " "},   /* narrow no-break space */
    {0x2212, "-"},   /* − */
    {0x2264, "<="},  /* ≤ */
    {0x2265, ">="},  /* ≥ */
    {0x2500, "-"},   /* ─ */
    {0x2502, "|"},   /* │ */
    {0x2514, "`"},   /* └ */
    {0x251c, "+"},   /* ├ */
    {0x2524, "+"},   /* ┤ */
    {0x256d, "+"},   /* ╭ */
    {0x256e, "+"},   /* ╮ */
    {0x256f, "+"},   /* ╯ */
    {0x2570, "+"},   /* ╰ */
    {0x2593, "#"},   /* ▓ */
    {0x25b2, "^"},   /* ▲ */
    {0x25b4, "^"},   /* ▴ */
    {0x25b6, ">"},   /* ▶ */
    {0x25b8, "+"},   /* ▸ */
    {0x25bc, "v"},   /* ▼ */
    {0x25be, "-"},   /* ▾ */
    {0x25c0, "<"},   /* ◀ */
    {0x2714, "ok"},  /* ✔ */
    {0x2718, "!!"},  /* ✘ */
};

const char *text_ascii_spelling(uint32_t code_point)
{
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
        if (spellings[i].code_point == code_point)
            return spellings[i].text;
    return "?";
}

void text_ascii_append(struct buffer *out, const char *text, size_t length)
{
    while (length > 0) {
        uint32_t code_point;
        size_t bytes = text_utf8_decode(text, length, &code_point);
        if (bytes == 1)
            buffer_u8(out, (uint8_t)*text);
        else
            buffer_text(out, bytes > 0 ? text_ascii_spelling(code_point) : "?");
        bytes = bytes > 0 ? bytes : 1;
        text += bytes;
        length -= bytes;
    }
}
