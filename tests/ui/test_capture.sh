#!/bin/sh
# A capture of several conversations on the real screen: listed, filtered, sorted, opened, compared; reading from
# pipes; the keys of a session.
set -u
. tests/support/lib.sh
need tmux mkfifo

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
# line_of TEXT: the number of the first line that has it, once it is there.
line_of() { screen_text | grep -n -- "$1" | head -1 | cut -d: -f1; }
# above TEXT OTHER: waits until it stands higher.
above() {
    tries=0
    until upper=$(line_of "$1") lower=$(line_of "$2") && [ "${upper:-99}" -lt "${lower:-0}" ]; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { screen_text; return 1; }
        sleep 0.05
    done
}
quit() { screen_keys Escape Escape q; screen_end >/dev/null; }

# Sections of pcapng one after the other are a file with four conversations; opened with a key log it is a capture
# like anybody else's, whoever wrote it. The secrets are in its own blocks.
all=$work/all.pcapng
cat tests/data/good.pcapng tests/data/tls12.pcapng tests/data/expired.pcapng tests/data/hello-retry.pcapng >"$all"
: >"$work/keys"

# --- the list ----------------------------------------------------------------------------------------

screen_start 120 36 "$TLSTEP" open --keylog "$work/keys" "$all"
check 'several conversations are listed' screen_wait '4 conversations'
check 'with server names' screen_wait 'expired.lab.tlstep'
check 'with versions' screen_wait 'TLS 1.2'
check 'with suites' screen_wait 'AES_256_GCM'
check 'with verdicts' screen_wait '✔ complete'
check 'the selected one is told whole' screen_wait 'Conversation 0, 127.0.0.1:'
check 'there is a way out of nothing' press_and_wait Escape 'q quits'
check 'what needs a session says so' press_and_wait Space 'no conversation is open'

check 'a filter can be typed' press_and_wait / '/'
screen_type 'EXPI'
check 'it takes effect as it is typed' screen_wait '1 of 4 have "EXPI"'
check 'others are gone' gone 'hello-retry.lab'
screen_type 'zzz'
check 'nothing may be left' screen_wait 'no conversation matches'
screen_keys BSpace BSpace BSpace
check 'fewer letters find more' screen_wait '1 of 4 have "EXPI"'
screen_keys Enter
check 'Escape shows all again' press_and_wait Escape 'hello-retry.lab'
screen_keys /
screen_type '1.2 lab'
check 'all words must be there, in any column' screen_wait '1 of 4 have "1.2 lab"'
check 'Escape while typing takes it back' press_and_wait Escape 'hello-retry.lab'

screen_keys :
screen_type 'sort sni'
check 'sorted by a column' press_and_wait Enter 'SNI ▲'
check 'in its order' above 'expired.lab' 'tls12.lab'
check 'one key turns it around' press_and_wait S 'SNI ▼'
check 'in the other order' above 'tls12.lab' 'expired.lab'
check 'an arrow goes to the column beside' press_and_wait Right 'version ▼'
screen_keys :
screen_type 'sort #'
check 'and back to the order of the capture' press_and_wait Enter '# ▲'
check 'with its first conversation first' above 'good.lab' 'tls12.lab'
screen_keys :
screen_type 'sort colour'
check 'a column that is not there' press_and_wait Enter 'no column has this title'

# --- opening ------------------------------------------------------------------------------------------

screen_keys Home Down
check 'the next one is told' screen_wait 'Conversation 1, '
check 'Enter opens it' press_and_wait Enter 'at its beginning'
check 'like a live session' screen_wait '2 Ladder'
check 'to its end' press_and_wait '>' 'ServerKeyExchange'
check 'l goes back to the list' press_and_wait l '4 conversations'
check 'where it is still selected' screen_wait 'Conversation 1, '
screen_keys Enter
check 'opened again, it is where it was left' screen_wait 'ServerKeyExchange'
check 'the list once more' press_and_wait l '4 conversations'
screen_keys Up Enter
check 'another one' screen_wait 'conversation 0'
check 'whose messages are its own' press_and_wait '>' 'EncryptedExtensions'
check 'Escape goes back, too' press_and_wait Escape '4 conversations'

# --- comparing ----------------------------------------------------------------------------------------

screen_keys Home
check 'd marks one' press_and_wait d 'Conversation 0 is marked'
screen_keys Down
check 'd on a second compares them' press_and_wait d '9 Compare'
check 'beside each other' screen_wait 'conversation 0                         conversation 1'
check 'what differs is marked' screen_wait '≠      version'
check 'what only one has, too' screen_wait '▶      ext. master secret'
check 'what is alike is left out' gone '=      '
check 'one key shows it' press_and_wait v '=      group'
check 'and leaves it out again' press_and_wait v '≠      version'
check 'there is a next difference' press_and_wait N 'TLS 1.3'
screen_keys /
screen_type client:ClientHello
screen_keys Enter
check 'Enter goes to the message' press_and_wait Enter '5 Message 4: ClientHello'
check '9 comes back' press_and_wait 9 'N P differences'
check 'Escape leaves it' press_and_wait Escape '╭ 5 Message'
screen_keys '>' 2 Home Down Down Down
check 'd marks a message' press_and_wait d 'Row 4 is marked'
screen_keys Down
check 'd on another compares the two' press_and_wait d 'row 4, ClientHello'
quit

# --- redacted -----------------------------------------------------------------------------------------

redacted='this session is shown redacted'
screen_start 120 36 "$TLSTEP" open --redact --keylog "$work/keys" tests/data/good.pcapng
screen_wait 'conversation' >/dev/null
screen_keys '>'
check 'secrets stay hidden' press_and_wait x "$redacted: secrets are kept back"
check 'application data, too' press_and_wait f "$redacted: application data is kept back"
screen_keys :
screen_type "save $work/red.pcapng"
check 'a saved file is said to be redacted' press_and_wait Enter 'redacted: without secrets'
screen_keys 2 /
screen_type ApplicationData
screen_keys Enter 5 y
check 'data is not copied' screen_wait "$redacted: what this holds is kept back"
screen_keys 2 Home /
screen_type ClientHello
screen_keys Enter 5
check 'what is no secret is' press_and_wait y 'Copy '
quit

# --- keys ---------------------------------------------------------------------------------------------

screen_start 120 36 "$TLSTEP" open tests/data/good.pcapng
screen_wait 'saved session' >/dev/null
screen_keys '>' 2 Home Down Down Down Down Down Down Down
check 'the key schedule of the selected row' press_and_wait 7 'Key schedule · for row 8'
check 'its stages' screen_wait 'Early Secret'
check 'its secrets are hidden' screen_wait 'hidden: x shows it'
check 'so are its bytes' screen_wait 'hidden: x shows them'
# The Early Secret of all connections without a pre-shared key (RFC 8446 7.1, SHA-384) begins with 7ee8206f.
check 'no digit of them is there' sh -c "case \$1 in *7ee8206f*) exit 1 ;; esac" sh "$(screen_text)"
screen_keys /
screen_type 7ee8206f
check 'nor can it be searched for' press_and_wait Enter 'is nowhere here'
screen_keys /
screen_type value
check 'names can' press_and_wait Enter '▾ Early Secret'
check 'a secret is not copied' press_and_wait y 'this is a secret: x shows it'
check 'Enter explains it' press_and_wait Enter 'schedule.value'
check 'and does not tell it' gone 7ee8206f
screen_keys Escape
check 'x shows them' press_and_wait x ' secrets shown '
check 'the value' screen_wait 7ee8206f
check 'and the bytes' screen_wait '6 Bytes: key schedule'
screen_keys /
screen_type nonce
check 'the nonce of the record' press_and_wait Enter 'nonce   '
screen_keys x
check 'x hides them again' gone 7ee8206f
check 'the ladder has its own bytes again' press_and_wait 2 '6 Bytes 3 of 3: message'
quit

# --- reading --------------------------------------------------------------------------------------------

mkfifo "$work/pipe"
size=$(wc -c <"$all")
feed() { head -c "$1" "$all" && cat "$work/gate" && tail -c "+$(($1 + 1))" "$all"; }
mkfifo "$work/gate"
feed $((size / 2)) >"$work/pipe" &
feeder=$!
screen_start 120 36 "$TLSTEP" open --keylog "$work/keys" "$work/pipe"
check 'what is there is shown before the end has come' screen_wait ' bytes read, waiting for more'
check 'and can be used' screen_wait 'Conversation 0, '
check 'keys are answered' press_and_wait Down 'Conversation 1, '
: >"$work/gate"
check 'the rest is taken in when it comes' screen_wait 'hello-retry.lab'
check 'and then nothing is waited for' gone 'waiting for more'
wait "$feeder"
quit

feed $((size / 2)) >"$work/pipe" &
feeder=$!
screen_start 120 36 "$TLSTEP" open --keylog "$work/keys" "$work/pipe"
screen_wait ' bytes read, waiting' >/dev/null
check 'Escape stops reading' press_and_wait Escape 'stopped at '
check 'what is there stays' screen_wait 'Conversation 0, '
check 'and can be opened' press_and_wait Enter 'Conversation 0, at its beginning'
check 'with what was read of it' press_and_wait '>' 'Finished ✔'
quit
: >"$work/gate"
wait "$feeder"

screen_start 120 36 sh -c "cat '$all' | '$TLSTEP' open --keylog '$work/keys' -"
check 'a pipe on standard input is shown' screen_wait '4 conversations'
check 'keys come from the terminal' press_and_wait Down 'Conversation 1, '
check 'Ctrl-C leaves when all is read' screen_keys C-c
expect_equal 'with status 130' 130 "$(screen_end)"

head -c $((size - 100)) "$all" >"$work/cut.pcapng"
screen_start 120 36 "$TLSTEP" open --keylog "$work/keys" "$work/cut.pcapng"
check 'what is odd about the file is told' screen_wait 'ends in the middle'
quit

# --- sizes, ASCII, no colour ------------------------------------------------------------------------------

screen_start 80 24 env NO_COLOR=1 "$TLSTEP" open --ascii --keylog "$work/keys" "$all"
check 'small, in ASCII, without colour' screen_wait '4 conversations'
check 'a verdict is told by its mark' screen_wait 'ok complete'
check 'a server name' screen_wait 'hello-retry.lab'
screen_text -e >"$work/nocolor"
check 'no colour at all' \
    sh -c "! grep -q \"\$(printf '\\033')\\[[0-9;]*\\(3[0-8]\\|4[0-8]\\|9[0-7]\\|10[0-7]\\)[;m]\" '$work/nocolor'"
screen_keys d Down
check 'a comparison' press_and_wait d '!='
check 'nothing but ASCII' sh -c "! printf '%s' \"\$1\" | LC_ALL=C grep -q '[^ -~]'" sh "$(screen_text)"
screen_keys Escape '>'
check 'the keys have a tab' press_and_wait 7 ' 7 Keys '
check 'and the whole width' screen_wait '+ 7 Key schedule'
quit

finish
