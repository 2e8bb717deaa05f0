#!/bin/sh
# Screens of saved sessions, compared with tests/ui/golden/*.txt as text.
#
#   tests/ui/golden.sh              compares
#   tests/ui/golden.sh --update     writes what the screen shows now; read the difference before committing it
#   tests/ui/golden.sh --record     saves the sessions in tests/data anew (other bytes: update afterwards)
#
# They are stable by themselves: all times and dates come from the sessions. TLSTEP: which program.
set -uf
cd "$(dirname "$0")/../.." || exit 1
. tests/support/lib.sh
need tmux

# Name, size, session, keys as tmux knows them (after what the screen needs to begin).
screens() {
    cat <<'LIST'
wide-begin           120 36 good
wide-client-hello    120 36 good        Space Space Space Space
wide-certificate     120 36 good        Space Space Space Space Space Space Space Space 5 Down Down
wide-end             120 36 good        >
wide-tls12           120 36 tls12       Space Space Space Space Space Space Space Space
wide-hello-retry     120 36 hello-retry Space Space Space Space Space
wide-refused         120 36 expired     Space Space Space Space Space Space Space Space Space Space
wide-zoomed-message  120 36 good        > 2 Home Down Down Down Enter * z
wide-help            120 36 good        ?
huge-end             200 60 good        >
columns-handshake    100 30 good        Space Space Space Space Space Space 3
tall-handshake        80 50 good        Space Space Space Space Space Space 5
small-connection      80 24 good        > 1
small-ladder          80 24 good        > 2
small-cipher          80 24 good        > 3
small-certificates    80 24 good        > 4
small-message         80 24 good        > 2 Home Down Down Down 5
small-bytes           80 24 good        > 2 Home Down Down Down 5 Down Down Down Down 6
small-refused         80 24 expired     > 4
small-ascii           80 24 good        > 2
least                 60 15 good        >
too-small             59 15 good        >
LIST
}

record() {
    for session in good tls12 hello-retry expired; do
        rm -f tests/data/$session.pcapng
        case $session in good) commands='until data\nhttp\ncontinue\n' ;; *) commands='continue\n' ;; esac
        # A refused certificate ends drive with status 1.
        # shellcheck disable=SC2059
        printf "$commands" | "$TLSTEP" drive --save tests/data/$session.pcapng lab:$session >/dev/null 2>&1
        [ -s tests/data/$session.pcapng ] || { echo "lab:$session was not saved" >&2; exit 1; }
        chmod 644 tests/data/$session.pcapng
    done
}

# The screen once it has not changed for a while.
settled() {
    before= same=0
    while [ $same -lt 5 ]; do
        now=$(screen_text)
        if [ "$now" = "$before" ]; then same=$((same + 1)); else same=0; fi
        before=$now
        sleep 0.05
    done
    printf '%s\n' "$now"
}

# The screen once it is what it should be ($1), or after 15 seconds.
expected() {
    tries=0
    while [ $tries -lt 300 ]; do
        printf "%s\n" "$(screen_text)" >"$work/seen"
        cmp -s "$work/seen" "$1" && break
        tries=$((tries + 1))
        sleep 0.05
    done
    cat "$work/seen"
}

# show NAME COLUMNS ROWS SESSION KEYS...
show() {
    case $1 in *ascii*) option=--ascii ;; *) option= ;; esac
    file=tests/ui/golden/$1.txt columns=$2 rows=$3 session=$4
    shift 4
    # shellcheck disable=SC2086
    screen_start "$columns" "$rows" "$TLSTEP" open $option "tests/data/$session.pcapng" || return 1
    [ "$rows" -lt 15 ] || [ "$columns" -lt 60 ] || screen_wait 'saved session' || return 1
    # All at once: each key has to mean what it means on the screen that the one before has led to.
    [ $# -eq 0 ] || screen_keys "$@"
    if [ "$mode" = --update ]; then settled; else expected "$file"; fi
}

mode=${1:-compare}
export LC_ALL=C.UTF-8 TERM=xterm-256color
unset NO_COLOR XDG_CONFIG_HOME
[ "$mode" != --record ] || { record && exit 0; exit 1; }

screens >"$work/screens"
while read -r name columns rows session keys; do
    golden=tests/ui/golden/$name.txt
    # shellcheck disable=SC2086
    show "$name" "$columns" "$rows" "$session" $keys >"$work/now"
    if [ "$mode" = --update ]; then
        cmp -s "$work/now" "$golden" || { cp "$work/now" "$golden" && echo "$golden"; }
    elif cmp -s "$work/now" "$golden"; then
        ok "screen $name"
    else
        not_ok "screen $name" "$(diff -u "$golden" "$work/now")"
    fi
done <"$work/screens"
finish
