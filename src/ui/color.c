/* Fitting a theme's colours to what the terminal has. */
#include "theme.h"

/* The sixteen colours as xterm mixes them; other terminals come near. */
static const uint8_t sixteen[16][3] = {
    {0, 0, 0},     {205, 0, 0},     {0, 205, 0},     {205, 205, 0},   {0, 0, 238}, {205, 0, 205},
    {0, 205, 205}, {229, 229, 229}, {127, 127, 127}, {255, 0, 0},     {0, 255, 0}, {255, 255, 0},
    {92, 92, 255}, {255, 0, 255},   {0, 255, 255},   {255, 255, 255},
};

/* Of colours 16 to 255: a cube of 6 x 6 x 6, then 24 greys. */
static void mix(int color, int rgb[3])
{
    static const int steps[6] = {0, 95, 135, 175, 215, 255};

    if (color >= 232) {
        rgb[0] = rgb[1] = rgb[2] = 8 + (color - 232) * 10;
        return;
    }
    color -= 16;
    rgb[0] = steps[color / 36];
    rgb[1] = steps[color / 6 % 6];
    rgb[2] = steps[color % 6];
}

static int nearest_of_sixteen(int color)
{
    int rgb[3];
    int best = 0;
    int best_distance = INT32_MAX;

    if (color < 16) {
        return color;
    }
    mix(color, rgb);
    for (int i = 0; i < 16; i++) {
        int distance = 0;
        for (int part = 0; part < 3; part++) {
            int difference = rgb[part] - sixteen[i][part];
            distance += difference * difference;
        }
        if (distance < best_distance) {
            best_distance = distance;
            best = i;
        }
    }
    return best;
}

static struct ui_look with_eight(struct ui_look look)
{
    if (look.foreground == 8) { /* grey: what eight colours have instead is dim */
        look.foreground = UI_COLOR_DEFAULT;
        look.attributes |= UI_LOOK_DIM;
    } else if (look.foreground > 8) {
        look.foreground = (int16_t)(look.foreground - 8);
        look.attributes |= UI_LOOK_BOLD;
    }
    if (look.background >= 8) {
        look.background = (int16_t)(look.background == 8 ? 0 : look.background - 8);
    }
    return look;
}

static struct ui_look with_sixteen(struct ui_look look)
{
    if (look.foreground != UI_COLOR_DEFAULT) {
        look.foreground = (int16_t)nearest_of_sixteen(look.foreground);
    }
    if (look.background != UI_COLOR_DEFAULT) {
        look.background = (int16_t)nearest_of_sixteen(look.background);
    }
    return look;
}

static struct ui_look with_fewer(struct ui_look look, enum ui_depth depth)
{
    look = with_sixteen(look);
    return depth == UI_DEPTH_8 ? with_eight(look) : look;
}

struct ui_look ui_theme_look(const struct ui_theme *theme, enum ui_role role, enum ui_depth depth)
{
    struct ui_look look = theme->looks[role];
    struct ui_look plain = theme->looks[UI_TEXT];
    bool marked = look.background != plain.background;

    if (depth == UI_DEPTH_256) {
        return look;
    }
    if (depth == UI_DEPTH_NONE) {
        look.foreground = look.background = plain.background = UI_COLOR_DEFAULT;
    } else {
        look = with_fewer(look, depth);
        plain = with_fewer(plain, depth);
    }
    /* A background that has become the one of plain text, or black on a terminal that most likely
     * is, would not be seen any more. */
    if (marked && (look.background == plain.background ||
                   (look.background == 0 && plain.background == UI_COLOR_DEFAULT))) {
        look.background = plain.background;
        look.attributes ^= UI_LOOK_REVERSE;
    }
    return look;
}
