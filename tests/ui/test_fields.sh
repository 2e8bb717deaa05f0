#!/bin/sh
# Fields, bytes, application data and explanations of a saved session, on the real screen.
set -u
. tests/support/lib.sh
need tmux

good=tests/data/good.pcapng
export LC_ALL=C.UTF-8 TERM=xterm-256color
unset NO_COLOR XDG_CONFIG_HOME

# press_and_wait KEY TEXT
press_and_wait() { screen_keys "$1" && screen_wait "$2"; }
# gone TEXT: the screen shows it no longer; waits for that.
gone() {
    tries=0
    while case $(screen_text) in *"$1"*) true ;; *) false ;; esac do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { screen_text; return 1; }
        sleep 0.05
    done
}
# search_for TEXT
search_for() { screen_keys /; screen_type "$1"; screen_keys Enter; }
# click COLUMN ROW, counted from 0
click() {
    place=$(printf '\\%o\\%o' $(($1 + 33)) $(($2 + 33)))
    screen_type "$(printf "\033[M $place\033[M#$place")"
}
open_at_end() {
    screen_start "$@" || return 1
    screen_wait 'saved session' && screen_keys '>' && screen_wait ' over '
}
# Whatever is open: Escape closes it.
quit() { screen_keys Escape Escape q; screen_end >/dev/null; }

# --- fields and bytes -------------------------------------------------------------------------------

open_at_end 120 36 "$TLSTEP" open $good
screen_keys 5
search_for 'client_hello (1)'
check 'a search finds a value in another message' screen_wait '5 Message 4: ClientHello'
check 'and counts' screen_wait 'match 1 of 1'
search_for verify_data
check 'all messages are searched' screen_wait ': Finished'
check 'two Finished have it' screen_wait ' of 2'
check 'the next one' press_and_wait ']' 'match 2 of 2'
check 'around the end' press_and_wait ']' 'match 1 of 2, around the end'
check 'its value is shown whole' screen_wait '├ verify_data ─'
check 'which bytes: the message, decrypted' screen_wait '6 Bytes 3 of 3: message · decrypted'
check 'one key shows the record' press_and_wait v '6 Bytes 1 of 3: record · encrypted'
check 'and its fields' screen_wait '▾ record'
check 'then what was in it' press_and_wait v '6 Bytes 2 of 3: plaintext · decrypted'
check 'and the message again' press_and_wait v '6 Bytes 3 of 3: message · decrypted'

# The bytes pane begins after the message pane: "│ ... ││ 0000  14 00 ...".
search_for legacy_version
screen_keys 6 Home
row=$(screen_text | grep -n '││ 0000  ' | head -1 | cut -d: -f1)
column=$(screen_text | sed -n "${row}p" | sed 's/││ 0000.*//' | wc -m)
click $((column + 2 + 6 + 3 * 6)) $((row - 1))
check 'a click on a byte selects its field' screen_wait '├ random ─'
check 'moving on in the bytes moves the field' press_and_wait '-' 'The newest version an old server'
screen_keys 5
check 'everything can be folded' press_and_wait _ '▸ ClientHello'
check 'and unfolded' press_and_wait '*' '▾ ClientHello'
quit

# --- copying ------------------------------------------------------------------------------------------

open_at_end 120 36 "$TLSTEP" open $good
screen_tmux set -s set-clipboard on
screen_keys 5
search_for legacy_version
check 'one key opens the menu of forms' press_and_wait y 'Copy legacy_version, 2 bytes'
check 'the status line says what was copied, and how' press_and_wait h \
    'Copied legacy_version as hexadecimal digits (4 bytes) to the terminal'
buffer_is() {
    tries=0
    until [ "$(screen_tmux show-buffer)" = "$1" ]; do
        tries=$((tries + 1))
        [ $tries -lt 40 ] || { screen_tmux show-buffer; return 1; }
        sleep 0.05
    done
}
check 'the terminal has got it (OSC 52)' buffer_is 0303
screen_keys y v
check 'a value' buffer_is 'TLS 1.2 (0x0303)'
screen_keys y c
check 'a C array' buffer_is 'static const uint8_t legacy_version[2] = {
    0x03, 0x03,
};'
check 'a capital letter asks for a file' press_and_wait y 'to a file'
check 'by the command line' press_and_wait J ':copy json'
screen_type "$work/field.json"
check 'to a file' press_and_wait Enter ' bytes) to /'
check 'nobody else may read it' [ "$(stat -c %a "$work/field.json")" = 600 ]
expect_text 'it is JSON' '"name":"legacy_version","offset":4,"length":2,"value":"TLS 1.2 (0x0303)"' \
    "$(cat "$work/field.json")"
screen_keys :
screen_type "copy hex $work/field.json"
check 'a file that is there is not replaced' press_and_wait Enter 'exists'
quit

open_at_end 100 30 env TERM=linux "$TLSTEP" open $good
screen_keys 5
search_for legacy_version
screen_keys y h
check 'a console without a clipboard says what to do' screen_wait 'this terminal has no clipboard'
quit

# --- application data ---------------------------------------------------------------------------------

open_at_end 120 36 "$TLSTEP" open $good
check 'one key shows what both sides said' press_and_wait f '8 Application data'
check 'the client' screen_wait '▶ GET / HTTP/1.1'
check 'the server' screen_wait '◀ HTTP/1.1 200 OK'
check 'as hex' press_and_wait v '◀ 00000000  48 54 54 50'
search_for '0d 0a 0d 0a'
check 'bytes are found' screen_wait 'line 1 of 2 that match'
screen_keys v
check 'one side only' press_and_wait Enter '▶ GET / HTTP/1.1'
check 'not the other' gone '◀ HTTP/1.1 200 OK'
check 'saving asks for a name' press_and_wait W ':save-data'
screen_type "$work/data"
check 'and says what was saved' press_and_wait Enter 'Saved 110 bytes'
expect_equal 'the file has what the client said' 110 "$(wc -c <"$work/data" | tr -d ' ')"
check 'nobody else may read that' [ "$(stat -c %a "$work/data")" = 600 ]
check 'Esc goes back' press_and_wait Escape '╭ 5 Message'
quit

open_at_end 80 24 env NO_COLOR=1 "$TLSTEP" open --ascii $good
check 'in ASCII, without colour, on a small screen' press_and_wait f '< HTTP/1.1 200 OK'
check 'who speaks is still told' screen_wait '> GET / HTTP/1.1'
check 'nothing but ASCII' sh -c "! printf '%s' \"\$1\" | LC_ALL=C grep -q '[^ -~]'" sh "$(screen_text)"
screen_text -e >"$work/nocolor"
check 'no colour at all' \
    sh -c "! grep -q \"\$(printf '\\033')\\[[0-9;]*\\(3[0-8]\\|4[0-8]\\|9[0-7]\\|10[0-7]\\)[;m]\" '$work/nocolor'"
quit

# --- secrets -------------------------------------------------------------------------------------------

open_at_end 120 36 "$TLSTEP" open $good
screen_keys :
screen_type secrets
check 'secrets are hidden' press_and_wait Enter 'secrets are hidden: x shows them'
check 'one key shows them, and the title says so' press_and_wait x ' secrets shown '
screen_keys :
screen_type secrets
check 'now they can be asked for' press_and_wait Enter 'SERVER_TRAFFIC_SECRET_0'
screen_keys x
check 'the same key hides them all' screen_wait 'Secrets are hidden.'
check 'the box too' gone SERVER_TRAFFIC_SECRET_0
quit

# --- explanations ---------------------------------------------------------------------------------------

open_at_end 80 24 "$TLSTEP" open $good
screen_keys 5
search_for legacy_record_version
search_for legacy_version
check 'one key explains the field' press_and_wait e 'handshake.client_hello.legacy_version'
check 'with what its value means' screen_wait 'TLS 1.2: '
check 'with its value' screen_wait '├ Its value ─'
search_for 'forward secrecy'
check 'all explanations can be searched' screen_wait 'Explanations found'
check 'a result leads on' press_and_wait Enter 'Whoever records a connection today'
check 'and back' press_and_wait Left 'Explanations found'
check 'and back to the field' press_and_wait Left 'handshake.client_hello.legacy_version'
screen_keys Escape :
screen_type 'explain TLS_CHACHA20_POLY1305_SHA256'
check 'any value by its name' press_and_wait Enter 'ChaCha20'
quit

# --- typing commands --------------------------------------------------------------------------------------

screen_start 80 24 "$TLSTEP" lab:good
screen_wait 'not started' >/dev/null
screen_keys :
check 'Tab lists all commands' press_and_wait Tab 'search-previous'
check 'the last of them too' screen_wait 'suspend  quit'
screen_type 'set '
check 'a command says what it takes' screen_wait 'set OPTION VALUE'
screen_keys C-u
screen_type 'copy '
check 'formats are listed' press_and_wait Tab 'value  hex  c  json  pem'
quit

finish
