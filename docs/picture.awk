# Draws a terminal screen (text with SGR escape sequences, as `tmux capture-pane -e -p` prints it) as SVG.
# Lines of boxes are drawn as lines, so that they join whatever font the reader has.
#
#   LC_ALL=C awk -f docs/picture.awk -v columns=120 -v rows=36 screen >screen.svg

BEGIN {
    cell_width = 8.4; cell_height = 17; margin = 12
    background = "#16181d"; foreground = "#d6d9de"
    count = split("#2b2f38 #e5636b #7fbf6a #d9a13f #5c9de0 #b87fd9 #4fb3bf #c3c7cf " \
                  "#6b7280 #ff8087 #9bdc84 #f2c35e #82b8f5 #d3a0f0 #74d2dd #ffffff", palette, " ")
    for (i = 0; i < 256; i++) byte[sprintf("%c", i)] = i

    # Which of up, down, left, right a box character has a line to; "r" before them for a round corner.
    strokes("─ lr│ ud┌ dr┐ dl└ ur┘ ul├ udr┤ udl┬ dlr┴ ulr┼ udlr╭ rdr╮ rdl╯ rul╰ rur━ lr┃ ud═ lr║ ud")
    reset()
}

function strokes(list,    i, length_, character) {
    while (list != "") {
        length_ = sequence(substr(list, 1, 1))
        character = substr(list, 1, length_)
        list = substr(list, length_ + 2)
        for (i = 1; i <= length(list) && substr(list, i, 1) ~ /[a-z]/; i++);
        box[character] = substr(list, 1, i - 1)
        list = substr(list, i)
    }
}

# How many bytes the UTF-8 sequence has that begins with this one.
function sequence(first,    value) {
    value = byte[first]
    return value < 192 ? 1 : value < 224 ? 2 : value < 240 ? 3 : 4
}

function reset() { fg = bg = ""; bold = dim = italic = underline = reversed = 0 }

function colour(number,    level, i) {
    number += 0
    if (number < 16) return palette[number + 1]
    if (number >= 232) { level = 8 + (number - 232) * 10; return sprintf("#%02x%02x%02x", level, level, level) }
    number -= 16
    split("0 95 135 175 215 255", level_of, " ")
    return sprintf("#%02x%02x%02x", level_of[int(number / 36) + 1], level_of[int(number / 6) % 6 + 1], level_of[number % 6 + 1])
}

# One SGR sequence, without its ESC [ and m.
function select_graphics(parameters,    n, p, i) {
    gsub(/:/, ";", parameters)
    n = split(parameters, p, ";")
    if (n == 0) reset()
    for (i = 1; i <= n; i++) {
        if (p[i] == "" || p[i] == 0) reset()
        else if (p[i] == 1) bold = 1
        else if (p[i] == 2) dim = 1
        else if (p[i] == 3) italic = 1
        else if (p[i] == 4) underline = 1
        else if (p[i] == 7) reversed = 1
        else if (p[i] == 22) bold = dim = 0
        else if (p[i] == 23) italic = 0
        else if (p[i] == 24) underline = 0
        else if (p[i] == 27) reversed = 0
        else if (p[i] >= 30 && p[i] <= 37) fg = colour(p[i] - 30)
        else if (p[i] >= 90 && p[i] <= 97) fg = colour(p[i] - 82)
        else if (p[i] >= 40 && p[i] <= 47) bg = colour(p[i] - 40)
        else if (p[i] >= 100 && p[i] <= 107) bg = colour(p[i] - 92)
        else if (p[i] == 39) fg = ""
        else if (p[i] == 49) bg = ""
        else if ((p[i] == 38 || p[i] == 48) && p[i + 1] == 5) {
            if (p[i] == 38) fg = colour(p[i + 2]); else bg = colour(p[i + 2])
            i += 2
        } else if ((p[i] == 38 || p[i] == 48) && p[i + 1] == 2) {
            if (p[i] == 38) fg = sprintf("#%02x%02x%02x", p[i + 2], p[i + 3], p[i + 4])
            else bg = sprintf("#%02x%02x%02x", p[i + 2], p[i + 3], p[i + 4])
            i += 4
        }
    }
}

# Splits the line into cells: text[column], ink[column], paper[column], look[column].
{
    row = NR - 1
    column = 0
    rest = $0
    while (rest != "") {
        if (substr(rest, 1, 2) == "\033[" && match(rest, /^\033\[[0-9;:]*m/)) {
            select_graphics(substr(rest, 3, RLENGTH - 3))
            rest = substr(rest, RLENGTH + 1)
            continue
        }
        bytes = sequence(substr(rest, 1, 1))
        text[column] = substr(rest, 1, bytes)
        rest = substr(rest, bytes + 1)
        ink[column] = reversed ? (bg == "" ? background : bg) : (fg == "" ? foreground : fg)
        paper[column] = reversed ? (fg == "" ? foreground : fg) : bg
        look[column] = (bold ? " font-weight=\"bold\"" : "") (italic ? " font-style=\"italic\"" : "") \
                       (underline ? " text-decoration=\"underline\"" : "") (dim ? " opacity=\".6\"" : "")
        column++
    }
    draw_papers(column)
    draw_boxes(column)
    draw_texts(column)
}

function x_of(column) { return sprintf("%.1f", margin + column * cell_width) + 0 }
function y_of(row) { return margin + row * cell_height }

function draw_papers(end,    from, to) {
    for (from = 0; from < end; from = to) {
        for (to = from + 1; to < end && paper[to] == paper[from]; to++);
        if (paper[from] == "") continue
        body = body sprintf("<rect x=\"%s\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", \
                            x_of(from), y_of(row), (to - from) * cell_width, cell_height, paper[from])
    }
}

# Neighbours with the same strokes, ink and look become one path.
function draw_boxes(end,    from, to, path, i) {
    for (from = 0; from < end; from = to) {
        to = from + 1
        if (!(text[from] in box)) continue
        path = stroke(from, box[text[from]])
        if (text[from] == "─") {
            for (; to < end && text[to] == "─" && ink[to] == ink[from] && look[to] == look[from]; to++);
            path = "M" x_of(from) " " middle(row) "H" x_of(to)
        }
        body = body "<path stroke=\"" ink[from] "\"" look[from] " d=\"" path "\"/>\n"
    }
}

function middle(row) { return y_of(row) + cell_height / 2 }

function stroke(column, directions,    x, y, left, right, top, bottom, path) {
    left = x_of(column); right = x_of(column + 1); x = (left + right) / 2
    top = y_of(row); bottom = top + cell_height; y = middle(row)
    if (directions ~ /^r/ && length(directions) == 3)
        return "M" x " " (directions ~ /d/ ? bottom : top) "Q" x " " y " " (directions ~ /r$/ ? right : left) " " y
    if (directions ~ /u/) path = path "M" x " " y "V" top
    if (directions ~ /d/) path = path "M" x " " y "V" bottom
    if (directions ~ /l/) path = path "M" x " " y "H" left
    if (directions ~ /r/) path = path "M" x " " y "H" right
    return path
}

# Words of one look; two spaces end a run, so that each keeps its column whatever the font's width.
function draw_texts(end,    from, to, run) {
    for (from = 0; from < end; from = to) {
        to = from + 1
        if (text[from] == " " || text[from] in box) continue
        run = text[from]
        for (; to < end && ink[to] == ink[from] && look[to] == look[from] && !(text[to] in box); to++) {
            if (text[to] == " " && (to + 1 >= end || text[to + 1] == " ")) break
            run = run text[to]
        }
        body = body sprintf("<text x=\"%s\" y=\"%s\" textLength=\"%.1f\" fill=\"%s\"%s>%s</text>\n", x_of(from), \
                            y_of(row) + 13, (to - from) * cell_width, ink[from], look[from], escaped(run))
    }
}

function escaped(run) {
    gsub(/&/, "\\&amp;", run)
    gsub(/</, "\\&lt;", run)
    gsub(/>/, "\\&gt;", run)
    return run
}

END {
    width = columns * cell_width + 2 * margin
    height = rows * cell_height + 2 * margin
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n", width, height, width, height
    printf "<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"%s\"/>\n", background
    print "<g font-family=\"ui-monospace,'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace\" font-size=\"14\" " \
          "fill=\"none\" stroke-width=\"1\" xml:space=\"preserve\">"
    printf "%s", body
    print "</g>\n</svg>"
}
