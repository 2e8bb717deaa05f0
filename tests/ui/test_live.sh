#!/bin/sh
# A whole live session on the real screen, key by key, and what it says when something is wrong.
set -u
. tests/support/lib.sh
need tmux

# press_until TEXT [KEY]: one key at a time (Space) until the screen shows the text.
press_until() {
    presses=0
    while [ $presses -le 25 ]; do
        case $(screen_text) in *"$1"*) return 0 ;; esac
        presses=$((presses + 1))
        screen_keys "${2:-Space}"
        sleep 0.1
    done
    screen_wait "$1" 1
}

# press_and_wait KEY TEXT
press_and_wait() { screen_keys "$1" && screen_wait "$2"; }

# --- a good server, step by step --------------------------------------------------------------------

screen_start 120 36 "$TLSTEP" lab:good
check 'the first frame says what the first key will do' screen_wait "Space: look up the lab's server 'good'"
check 'nothing has been sent before a key is pressed' screen_wait 'Nothing has been sent yet'
check 'a step looks the name up' press_and_wait Space 'getaddrinfo()'
check 'connect() causes the TCP handshake' press_and_wait Space 'connect() made the kernel do the TCP handshake'
check 'the kernel has reported SYN' screen_wait 'SYN by the kernel'
check 'the first handshake step causes the ClientHello' press_and_wait Space 'gnutls_handshake(), not connect(), makes the'
check 'what is not sent yet says so' screen_wait 'not sent yet'
check 'the answer has arrived and waits' press_and_wait Space 'ServerHello has arrived, PAUSED'
check 'encrypted records wait for their keys' screen_wait 'encrypted, no key yet'
check 'back looks at the step before' press_and_wait Left 'looking back'
check 'what came later is not shown there' screen_gone 'ServerHello'
check 'forward returns' press_and_wait Right 'ServerHello has arrived, PAUSED'
check 'verification is a step of its own' press_until '▶ verify'
check 'the certificate is accepted' screen_wait '✔ accepted'
check 'the handshake ends in data' press_until '▶ data'
check 'one key sends an HTTP request' press_and_wait h 'ApplicationData'
check 'the run goes on to its end' press_and_wait c 'close_notify'
check 'it says that it is over' screen_wait ' over '
check 'a step after the end says why there is none' press_and_wait Space '(R) runs it again'
check 'restart begins a second run' press_and_wait R 'run 2 of 2'
screen_keys q
expect_equal 'q ends with status 0' 0 "$(screen_end)"

# --- searching, help, command line, options --------------------------------------------------------

screen_start 120 36 "$TLSTEP" lab:good
screen_wait 'not started' >/dev/null
check 'help lists the keys' press_and_wait '?' 'Keys and commands'
screen_keys /
screen_type rekey
check 'help can be searched' press_and_wait Enter 'send a KeyUpdate'
screen_keys Escape
screen_keys :
screen_type 'until server:Fini'
check 'Tab completes a message type' press_and_wait Tab 'until server:Finished'
check 'until goes there' press_and_wait Enter 'Finished has arrived, PAUSED'
screen_keys 2 /
screen_type hello
check 'a search in the ladder selects the row' press_and_wait Enter 'ClientHello · '
check 'an unknown key says so' press_and_wait Q 'Q does nothing here; ? shows the keys'
check 'the options form shows the command line' press_and_wait o 'Same as: tlstep lab:good'
# line_of TEXT: the first line of the screen that has it.
line_of() { screen_text | grep -n "$1" | head -1 | cut -d: -f1; }
rows=$(($(line_of 'Newest version') - $(line_of 'Server name (SNI)')))
while [ $rows -gt 0 ]; do screen_keys Down; rows=$((rows - 1)); done
check 'Space goes through the versions' press_and_wait Space 'Same as: tlstep --tls-max 1.0 lab:good'
check 'a change after the start asks for a restart' press_and_wait Enter 'again with these options now?'
check 'yes runs again' press_and_wait y 'run 2 of 2'
screen_keys q
screen_end >/dev/null

# --- a refused certificate ------------------------------------------------------------------------

screen_start 120 36 "$TLSTEP" lab:expired
screen_wait 'not started' >/dev/null
check 'a run stops at a refused certificate' press_and_wait c 'Why it is refused'
check 'the reason has its remedy' screen_wait 'Mend it: renew'
check 'A goes on once all the same' press_and_wait A 'Finished'
screen_keys q
screen_end >/dev/null

# --- a server that never answers ------------------------------------------------------------------

screen_start 120 36 "$TLSTEP" lab:silent
screen_wait 'not started' >/dev/null
screen_keys c
check 'it says that it waits' screen_wait 'Now: waiting'
screen_keys 2 Up Up Up Up Up
check 'keys are answered while the network hangs' screen_wait 'there is nothing above this' 2
begin=$(date +%s%N)
screen_keys q
screen_end 2 >"$work/status"
check 'quitting does not wait for the network' [ $(($(date +%s%N) - begin)) -lt 1000000000 ]
screen_start 120 36 "$TLSTEP" lab:silent
screen_wait 'not started' >/dev/null
screen_keys c
screen_wait 'Now: waiting' >/dev/null
check 'X ends the waiting' press_and_wait X ' FAILED'
screen_keys q
screen_end >/dev/null

# --- sizes, tabs, colours -------------------------------------------------------------------------

screen_start 80 24 "$TLSTEP" lab:good
screen_wait 'not started' >/dev/null
press_until '▶ verify' n
for pane in '1 Connection' '2 Ladder' '3 Cipher' '4 Certificates' '5 Message' '6 Bytes'; do
    check "80x24 has a tab that shows $pane" press_and_wait "${pane%% *}" "╭ $pane"
done
screen_resize 50 10
check 'too small a screen asks for a larger one' screen_wait 'Please enlarge the terminal to 60x15'
screen_resize 120 36
check 'and recovers' screen_wait '╭ 4 Certificates'
screen_keys q
screen_end >/dev/null

screen_start 100 30 env NO_COLOR=1 "$TLSTEP" lab:good
screen_wait 'not started' >/dev/null
press_until 'ServerHello' n
# SGR 30 to 37, 38, 40 to 48, 90 to 107 are colours.
screen_text -e >"$work/nocolor"
check 'NO_COLOR: no colour at all' \
    sh -c "! grep -q \"\$(printf '\\033')\\[[0-9;]*\\(3[0-8]\\|4[0-8]\\|9[0-7]\\|10[0-7]\\)[;m]\" '$work/nocolor'"
screen_keys q
screen_end >/dev/null

screen_start 100 30 env LC_ALL=C LANG=C "$TLSTEP" lab:good
screen_wait 'not started' >/dev/null
press_until 'ServerHello' n
check 'a locale without UTF-8 gets ASCII' screen_wait '+ 2 Ladder ---'
check 'with ASCII arrows' screen_wait 'ClientHello ------'
check 'and nothing else' sh -c "! printf '%s' \"\$1\" | LC_ALL=C grep -q '[^ -~]'" sh "$(screen_text)"
screen_keys q
screen_end >/dev/null

# --- the mouse ------------------------------------------------------------------------------------

# click COLUMN ROW, counted from 0: press and release, as a terminal of tmux's type reports them.
click() {
    place=$(printf '\\%o\\%o' $(($1 + 33)) $(($2 + 33)))
    screen_type "$(printf "\033[M $place\033[M#$place")"
}
screen_start 120 36 "$TLSTEP" lab:good
screen_wait 'not started' >/dev/null
click 3 35
check 'a click on a hint presses its key' screen_wait '127.0.0.1'
press_until 'ServerHello' n
click 45 6
check 'a click on a row selects it' screen_wait 'Message 4: ClientHello'
screen_keys q
screen_end >/dev/null

# A server that hangs up has not ended TLS: the screen does not say so.
screen_start 120 36 "$TLSTEP" lab:truncated
check 'the lab hangs up' screen_wait 'not started'
screen_keys c
check 'and TLS is not said to have ended' screen_wait 'TLS had not ended inside it'
screen_keys q
expect_equal 'q ends it there, too' 0 "$(screen_end)"
finish
