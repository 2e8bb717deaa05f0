#!/bin/sh
# The terminal is as it was after every exit, and refused when it cannot show a screen.
set -u
. tests/support/lib.sh
need tmux stty script

# A shell on the screen, so that there is a terminal before and after.
screen_start 100 30 env PS1='$ ' sh
screen_wait '$' >/dev/null
screen_type "stty -a >$work/before"
screen_keys Enter

# run TARGET: starts it from that shell; leaves its process in $pid.
run() {
    screen_type "clear; '$TLSTEP' $1; echo status=\$?; stty -a >$work/after; echo it is 'done'"
    screen_keys Enter
    screen_wait "${2:-not started}" >/dev/null || return 1
    pid=$(pgrep -P "$(screen_pid)" tlstep)
}

# restored NAME STATUS: it has ended so, and the terminal is as before: modes, cursor, screen, mouse.
restored() {
    check "$1: it ends" screen_wait 'it is done'
    expect_text "$1: status $2" "status=$2" "$(screen_text)"
    check "$1: the terminal's modes are as before" cmp "$work/before" "$work/after"
    expect_equal "$1: cursor shown, own screen left, mouse off" '1 0 0' \
        "$(screen_tmux display-message -p '#{cursor_flag} #{alternate_on} #{mouse_any_flag}')"
}

run lab:good
screen_keys q
restored 'q' 0
run lab:good
screen_keys C-c
restored 'Ctrl-C' 130
for signal in TERM HUP INT; do
    run lab:good
    kill -$signal "$pid"
    restored "SIG$signal" 130
done
# A crash, while a step runs. A sanitizer's own handler ends with another status.
if [ -z "${SANITIZE:-}" ]; then
    run lab:silent
    screen_keys c
    screen_wait 'Now: waiting' >/dev/null
    kill -SEGV "$pid"
    restored 'SIGSEGV' 139
    run lab:good
    kill -ABRT "$pid"
    restored 'SIGABRT' 134
fi

# --- suspend and resume ---------------------------------------------------------------------------

screen_stop
screen_start 100 30 env PS1='$ ' sh -m -i
screen_wait '$' >/dev/null
screen_type "stty -a >$work/before"
screen_keys Enter
screen_type "clear; '$TLSTEP' lab:good"
screen_keys Enter
screen_wait 'not started' >/dev/null
screen_keys Space
screen_wait 'getaddrinfo' >/dev/null
screen_keys C-z
check 'Ctrl-Z gives the terminal back' screen_wait 'Stopped'
screen_type "stty -a >$work/after; echo it is 'stopped'"
screen_keys Enter
screen_wait 'it is stopped' >/dev/null
check 'with its modes as before' cmp "$work/before" "$work/after"
screen_type 'fg'
screen_keys Enter
check 'fg draws the screen anew' screen_wait 'getaddrinfo'
screen_keys Space
check 'and the keys work' screen_wait 'connect() made the kernel'
screen_keys q
screen_wait '$' >/dev/null
screen_stop

# --- terminals that cannot ------------------------------------------------------------------------

expect_status 'no terminal: refused' 2 "$TLSTEP" lab:good
expect_text 'and --plain is named' '--plain' "$errors"

# in_terminal TERM: what it says in a terminal of this type.
in_terminal() { TERM=$1 script -qec "'$TLSTEP' lab:good; echo status=\$?" /dev/null </dev/null 2>&1; }
for kind in dumb no-such-terminal; do
    said=$(in_terminal $kind)
    expect_text "TERM=$kind: refused" 'status=2' "$said"
    expect_text "TERM=$kind: named" "$kind" "$said"
    expect_text "TERM=$kind: --plain is named" '--plain' "$said"
done

# --- configuration and themes ---------------------------------------------------------------------

mkdir -p "$XDG_CONFIG_HOME/tlstep/themes"
printf 'client = cyan\nserver = purpel\n' >"$XDG_CONFIG_HOME/tlstep/themes/mine.theme"
expect_status 'a bad theme is refused' 2 "$TLSTEP" --theme mine lab:good
expect_text 'with file and line' "mine.theme:2: there is no colour or attribute 'purpel'" "$errors"
printf 'theme = light\nascii = perhaps\n' >"$XDG_CONFIG_HOME/tlstep/config"
said=$(in_terminal xterm-256color)
expect_text 'a bad configuration is named with file and line' 'tlstep/config:2: ascii must be yes or no' "$said"
printf 'ascii = yes\n' >"$XDG_CONFIG_HOME/tlstep/config"
screen_start 100 30 "$TLSTEP" lab:good
check 'the configuration is obeyed' screen_wait '+ 2 Ladder ---'
screen_keys q
screen_end >/dev/null

finish
