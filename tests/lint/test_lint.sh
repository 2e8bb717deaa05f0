# The checks of `make lint` that are our own find what they are there to find, and accept what is right.
. tests/support/lib.sh

# finds CHECK NAME WANTED FILE CONTENT: the check reports it in a tree that has only this file.
finds() {
    checker=$1 name=$2 wanted=$3 file=$4 content=$5
    mkdir -p "$work/tree/$(dirname "$file")"
    printf '%s\n' "$content" >"$work/tree/$file"
    output=$(cd "$work/tree" && $checker "$file")
    status=$?
    rm -r "$work/tree"
    if [ -z "$wanted" ]; then
        expect_equal "$name" "0 " "$status $output"
    else
        expect_text "$name" "$wanted" "$status $output"
    fi
}

rooms() { awk -f "$OLDPWD/tests/lint/rooms.awk" "$OLDPWD/docs/architecture.md" "$1"; }
style() { awk -f "$OLDPWD/tests/lint/style.awk" "$1"; }

finds rooms 'a room may use what it builds on, through others too' '' \
    src/engine/a.c '#include "tlstep/base.h"'
finds rooms 'a room may not look upward' '1 src/wire/a.c:1: `wire` may not use `trace`' \
    src/wire/a.c '#include "tlstep/trace.h"'
finds rooms 'nor may its public header' '`report` may not use `ui`' \
    include/tlstep/report.h '#include "tlstep/ui.h"'
finds rooms 'a public header includes no private one' 'includes the private "x.h"' \
    include/tlstep/wire.h '#include "x.h"'
finds rooms "another room's private header is out of bounds" 'is not a header of `wire`' \
    src/wire/a.c '#include "../crypt/x.h"'
finds rooms 'a room that the table does not know' 'room `magic` is not in the table' \
    src/magic/a.c '#include <stdio.h>'
finds rooms 'curses only in ui' 'curses in `stepper`' src/stepper/a.c '#include <ncursesw/curses.h>'
finds rooms 'curses in ui' '' src/ui/a.c '#include <curses.h>'
finds rooms 'GnuTLS only where it belongs' 'GnuTLS in `trace`' src/trace/a.c '#include <gnutls/crypto.h>'
finds rooms 'GnuTLS where it belongs' '' src/lab/a.c '#include <gnutls/gnutls.h>'

sed '/^| `base` /s/libc/`stepper`/' docs/architecture.md >"$work/circle.md"
expect_text 'a circle in the table' 'uses itself by a circle' \
    "$(awk -f tests/lint/rooms.awk "$work/circle.md" include/tlstep/base.h)"

finds style 'a function without bounds' 'hides errors or bounds' src/a.c '    strcpy(a, b);'
finds style 'its name in a string or comment is none' '' src/a.c '    f("strcpy(a)"); /* not strcpy(a, b) */'
finds style 'a comment of the other kind' 'comments are' src/a.c '    f(); // why'
finds style 'an address in a string is none' '' src/a.c '    f("https://example.org");'
finds style 'a hidden struct' 'typedef of a struct' src/a.c 'typedef struct a a;'
finds style 'a leftover' 'leftover' src/a.c "/* TO""DO: later */"
finds style 'a long file' 'more than 700 lines' src/a.c "$(yes a | head -n 701)"

finish
