#!/bin/sh
# tlstep lab: servers for other programs, the commands that it prints, and its end.
set -u
. tests/support/lib.sh
need curl openssl
export XDG_STATE_HOME="$work/state"

# lab_start OPTIONS...: in the background, until it has printed its table; its output in $work/lab.log.
lab_start() {
    start lab "$TLSTEP" lab "$@"
    lab_pid=$pid
    tries=0
    until grep -q 'until Ctrl-C\|"address"' "$work/lab.log"; do
        tries=$((tries + 1))
        [ $tries -le 200 ] && kill -0 "$lab_pid" 2>/dev/null || { sed 's/^/# /' "$work/lab.log"; return 1; }
        sleep 0.05
    done
}

# lab_stop SIGNAL: leaves the exit status in $status.
lab_stop() {
    kill "-$1" "$lab_pid"
    wait "$lab_pid"
    status=$?
}

# command_of PROGRAM: the line of the table that begins with it.
command_of() { sed -n "s/^  \($1 .*\)/\1/p" "$work/lab.log" | head -1; }

# pasted PROGRAM: runs the command as it stands there, tlstep's with `report` in front.
pasted() {
    line=$(command_of "$1" | sed "s|^tlstep |'$TLSTEP' report |")
    [ -n "$line" ] || { echo "no command for $1"; return 1; }
    sh -c "sleep 0.2 | $line"
}

# --- the list ---------------------------------------------------------------------------------------

expect_status 'the list has all scenarios' 0 "$TLSTEP" lab --list
expect_text 'with what a client should get' 'expired                 The certificate expired yesterday' "$output"
expect_status 'the list is JSON, too' 0 "$TLSTEP" lab --list --json
check 'a row for each line of the text' sh -c "
    [ \"\$('$TLSTEP' lab --list | wc -l)\" = \"\$('$TLSTEP' lab --list --json | grep -o '\"look_for\"' | wc -l)\" ]"
expect_status 'a scenario that is not there is named' 2 "$TLSTEP" lab no-such-thing
expect_text 'and where the list is' 'lab --list' "$errors"

# --- one server, and the commands as they are printed ------------------------------------------------

check 'a server starts' lab_start good
check 'curl gets the page' pasted curl
check 'openssl verifies it' pasted openssl
if command -v gnutls-cli >/dev/null; then
    check 'gnutls-cli verifies it' pasted gnutls-cli
else
    skip 'gnutls-cli verifies it' 'no gnutls-cli here'
fi
check 'tlstep trusts the CA of the state folder' pasted tlstep
mode=$(stat -c %a "$work/state/tlstep/lab-ca.pem")
expect_equal 'the CA is for nobody else' 600 "$mode"
lab_stop INT
expect_equal 'Ctrl-C ends it with 130' 130 "$status"
check 'it says what it has served' grep -q '^good .* handshakes' "$work/lab.log"
port=$(sed -n 's/^good *127.0.0.1:\([0-9]*\).*/\1/p' "$work/lab.log")
expect_equal 'nobody listens there any more' no "$(listening "$port" && echo yes || echo no)"

# --- ports, --write-ca, --ephemeral ------------------------------------------------------------------

base=$(free_port)
check 'several servers start on ports of their own' \
    lab_start --ephemeral --write-ca "$work/root.pem" --listen "127.0.0.1:$base" good smtp
check 'the first is where it was asked for' grep -q "^good *127.0.0.1:$base " "$work/lab.log"
check 'the second on the port after it' grep -q "^smtp *127.0.0.1:$((base + 1)) " "$work/lab.log"
check 'the root was written' grep -q 'BEGIN CERTIFICATE' "$work/root.pem"
check 'and is the one that signs' curl -sSf --cacert "$work/root.pem" \
    --resolve "good.lab.tlstep.test:$base:127.0.0.1" "https://good.lab.tlstep.test:$base/"
check 'a front speaks its protocol, then TLS' sh -c "sleep 0.2 | openssl s_client -starttls smtp \
    -connect 127.0.0.1:$((base + 1)) -CAfile '$work/root.pem' -verify_return_error"
lab_stop TERM
expect_equal 'SIGTERM ends it, too' 130 "$status"
expect_status 'the root replaces no file' 4 "$TLSTEP" lab --ephemeral --write-ca "$work/root.pem" good
expect_text 'and says which' "$work/root.pem" "$errors"

# --- all of them -------------------------------------------------------------------------------------

check 'without a name all of them start' lab_start --json
expect_equal 'as many as the list has' "$("$TLSTEP" lab --list | wc -l)" "$(grep -c '"address"' "$work/lab.log")"
lab_stop INT
expect_equal 'and end' 130 "$status"

finish
