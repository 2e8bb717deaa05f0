# Holds the code to the table of rooms in docs/architecture.md: a room includes only public headers of
# rooms it may use (directly or through them) and private headers of its own; no room uses itself by a
# circle; curses and GnuTLS stay in their rooms.
#
#   awk -f tests/lint/rooms.awk docs/architecture.md include/tlstep/*.h src/*/*.[ch]

function complain(text) {
    print FILENAME ":" FNR ": " text
    bad = 1
}

# May `room` include the public header of `other`? Follows the table; `seen` ends circles.
function may_use(room, other, seen,    list, count, i) {
    if (seen[room]++) return 0
    count = split(uses[room], list, " ")
    for (i = 1; i <= count; i++)
        if (list[i] == other || may_use(list[i], other, seen)) return 1
    return 0
}

function allowed(room, other,    seen) {
    split("", seen)
    return uses[room] == "all" || may_use(room, other, seen)
}

function permitted(list, room) { return index(" " list " ", " " room " ") }

# A row of the table: | `room` | what lives there | who it may use |
FILENAME ~ /\.md$/ {
    if (/^\| `[a-z]+` \|/) {
        split($0, cell, "|")
        name = cell[2]; gsub(/[ `]/, "", name)
        rooms[name] = 1
        used = cell[4]; gsub(/[`,]/, " ", used)
        uses[name] = used ~ /libc/ ? "" : used ~ /all/ ? "all" : used
    }
    # The two lists below the table.
    if (/^Only .* include curses/)  { curses_rooms = words($0) }
    if (/^Only .* include GnuTLS/)  { gnutls_rooms = words($0) }
    next
}

# The `quoted` words of a line.
function words(line,    out) {
    while (match(line, /`[a-z]+`/)) {
        out = out " " substr(line, RSTART + 1, RLENGTH - 2)
        line = substr(line, RSTART + RLENGTH)
    }
    return out
}

FNR == 1 {
    if (!checked++) {
        if (curses_rooms == "" || gnutls_rooms == "") { complain("docs/architecture.md lacks the lines on curses and GnuTLS"); exit }
        for (name in rooms) if (uses[name] != "all" && allowed(name, name)) complain("room " name " uses itself by a circle")
    }
    count = split(FILENAME, part, "/")
    public = part[1] == "include"
    room = public ? part[3] : part[2]
    sub(/\.h$/, "", room)
    if (!(room in rooms)) complain("room `" room "` is not in the table of docs/architecture.md")
}

/^[ \t]*#[ \t]*include/ {
    header = $0
    sub(/^[^<"]*[<"]/, "", header)
    sub(/[>"].*$/, "", header)

    if (header ~ /^tlstep\//) {
        other = header
        sub(/^tlstep\//, "", other); sub(/\.h$/, "", other)
        if (other != room && !allowed(room, other)) complain("`" room "` may not use `" other "`")
    } else if (/"/) {
        if (public) complain("a public header includes the private \"" header "\"")
        else if (header ~ /\.\.\/\.\.|src\//) complain("\"" header "\" is outside of the room")
        else if (!own(header)) complain("\"" header "\" is not a header of `" room "`")
    } else if (header ~ /^(ncursesw\/)?(n?curses|panel|form|menu|term|termcap)\.h$/) {
        if (!permitted(curses_rooms, room)) complain("curses in `" room "`")
    } else if (header ~ /^gnutls\//) {
        if (!permitted(gnutls_rooms, room)) complain("GnuTLS in `" room "`")
    }
}

# A private header lies beside the file, or in the room's own folder.
function own(header,    folder, line, found) {
    folder = FILENAME
    sub(/[^\/]*$/, "", folder)
    found = (getline line < (folder header)) >= 0
    close(folder header)
    if (!found) {
        found = (getline line < ("src/" room "/" header)) >= 0
        close("src/" room "/" header)
    }
    return found
}

END { exit bad }
