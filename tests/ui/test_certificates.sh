#!/bin/sh
# Certificates on the real screen: refused ones of lab servers, the trust store, a file.
set -u
. tests/support/lib.sh
need tmux

export LC_ALL=C.UTF-8 TERM=xterm-256color
unset NO_COLOR XDG_CONFIG_HOME

press_and_wait() { screen_keys "$1" && screen_wait "$2"; }
quit() { screen_keys Escape Escape q; screen_end >/dev/null; }

# refused SCENARIO CODE TEXT: the run stops at the verdict, which says why and how to mend it.
refused() {
    screen_start 120 36 "$TLSTEP" "lab:$1" || return 1
    screen_wait 'Space: look up' && screen_keys c 4
    check "$1: refused" screen_wait 'Why it is refused'
    check "$1: by the rule" screen_wait "✘ $2"
    check "$1: which value" screen_wait "$3"
    check "$1: how to mend it" screen_wait 'Mend it:'
    check "$1: the fields of the leaf" press_and_wait Enter 'Certificate: '
    check "$1: back" press_and_wait Escape 'REFUSED'
    quit
}

refused expired expired 'valid until'
refused wrong-host 'hostname mismatch' 'wrong-host.lab.tlstep.test'
refused untrusted-root 'no trust anchor' 'trust store'

# --- the trust store ---------------------------------------------------------------------------------

screen_start 80 24 "$TLSTEP" open tests/data/good.pcapng
screen_wait 'saved session' && screen_keys '>' 4
check 'one key browses the trust store' press_and_wait T 'Trust store'
check 'and goes back' press_and_wait T '4 Certificates'
quit

finish
