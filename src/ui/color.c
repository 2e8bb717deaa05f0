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

struct ui_look ui_theme_look(const struct ui_theme *theme, enum ui_role role, enum ui_depth depth)
{
    struct ui_look look = theme->looks[role];
    int16_t plain = theme->looks[UI_TEXT].background;
    bool marked = look.background != plain;

    if (depth == UI_DEPTH_256) {
        return look;
    }
    if (depth == UI_DEPTH_NONE) {
        if (marked) {
            look.attributes ^= UI_LOOK_REVERSE;
        }
        look.foreground = look.background = UI_COLOR_DEFAULT;
        return look;
    }
    if (look.foreground != UI_COLOR_DEFAULT) {
        look.foreground = (int16_t)nearest_of_sixteen(look.foreground);
    }
    if (look.background != UI_COLOR_DEFAULT) {
        look.background = (int16_t)nearest_of_sixteen(look.background);
    }
    if (depth == UI_DEPTH_8) {
        look = with_eight(look);
    }
    /* A background that comes out as black on a dark terminal would not be seen. */
    if (marked && look.background == 0) {
        look.background = plain < 0 ? (int16_t)UI_COLOR_DEFAULT : (int16_t)0;
        look.attributes ^= UI_LOOK_REVERSE;
    }
    return look;
}
