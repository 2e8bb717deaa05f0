#!/bin/sh
# `tlstep run -- COMMAND`: programs with their packets and key logs, on loopback: curl, python3, node, gnutls-cli, one without a key log;
# exit statuses, the screen, what is left behind, and what happens without permission.
set -u
if [ "$(id -u)" -ne 0 ] && [ -z "${TLSTEP_OWN_NETWORK:-}" ]; then
    # A user may capture in a network of their own.
    if unshare -rn ip link set lo up 2>/dev/null; then
        export TLSTEP_OWN_NETWORK=yes
        exec unshare -rn sh -c 'ip link set lo up && exec sh "$0"' "$0"
    fi
fi
. tests/support/lib.sh
need curl
"$TLSTEP" run -- true 2>"$work/may" >/dev/null || skip_all "$(cat "$work/may")"
export XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state" TMPDIR="$work"
unset http_proxy https_proxy ALL_PROXY all_proxy NODE_OPTIONS SSLKEYLOGFILE

root=$work/root.pem
name=good.lab.tlstep.test
port=$(free_port)
start_server lab "$port" "$TLSTEP" lab good --ephemeral --listen "127.0.0.1:$port" --write-ca "$root"
check 'the lab answers' test -n "$pid"
fetch="curl -sS --cacert $root --resolve $name:$port:127.0.0.1 https://$name:$port/"

# left: what a run has left in the temporary folder.
left() { find "$work" -name 'tlstep-*' | wc -l; }

# --- programs -----------------------------------------------------------------------------------------

# shellcheck disable=SC2086
expect_status 'curl' 0 "$TLSTEP" run -- $fetch
expect_text 'standard output is its own' 'tlstep lab: good' "$output"
expect_text 'the report is beside it' "SNI $name" "$errors"
expect_text 'and is called what was run' 'run -- curl ' "$errors"
expect_text 'its packets are there' 'SYN-ACK' "$errors"
expect_text 'and its data can be read: the handshake is checked' 'finished of the client                it matches' "$errors"
expect_equal 'nothing is left' 0 "$(left)"

# shellcheck disable=SC2086
expect_status 'curl, as JSON' 0 "$TLSTEP" run --json --save "$work/saved.pcapng" -- $fetch
expect_equal 'standard output has one report' 1 "$(printf '%s\n' "$output" | grep -c '^{"schema":"tlstep.report/1"')"
expect_equal 'and nothing else' 1 "$(printf '%s\n' "$output" | wc -l)"
expect_text 'the program writes beside it' 'tlstep lab: good' "$errors"
expect_status 'what was saved' 0 "$TLSTEP" report --json "$work/saved.pcapng"
expect_text 'can be read' '"type":"Finished"' "$output"
if command -v tshark >/dev/null; then
    tshark -r "$work/saved.pcapng" -Y http.response -T fields -e http.response.code >"$work/codes" 2>/dev/null
    expect_equal 'by tshark, too, as clear text' 200 "$(cat "$work/codes")"
fi

if command -v python3 >/dev/null; then
    cat >"$work/client.py" <<END
import socket, ssl
context = ssl.create_default_context(cafile="$root")
with context.wrap_socket(socket.create_connection(("127.0.0.1", $port)), server_hostname="$name") as tls:
    print(tls.version())
END
    expect_status 'python3' 0 "$TLSTEP" run -- python3 "$work/client.py"
    expect_text 'its handshake can be read' 'finished of the client                it matches' "$errors"
fi
if command -v node >/dev/null; then
    cat >"$work/client.js" <<END
const socket = require('tls').connect({port: $port, host: '127.0.0.1', servername: '$name',
    ca: require('fs').readFileSync('$root')}, () => socket.end());
socket.resume();
END
    expect_status 'node' 0 "$TLSTEP" run -- node "$work/client.js"
    expect_text 'its handshake can be read' 'finished of the client                it matches' "$errors"
fi
if command -v gnutls-cli >/dev/null; then
    expect_status 'gnutls-cli' 0 "$TLSTEP" run -- gnutls-cli --x509cafile "$root" --sni-hostname "$name" \
        --verify-hostname "$name" -p "$port" 127.0.0.1
    expect_text 'its handshake can be read' 'finished of the client                it matches' "$errors"
fi
if command -v openssl >/dev/null; then
    # Without a key log it is known by its socket alone, which has to be there for a while.
    expect_status 'openssl' 0 "$TLSTEP" run -- sh -c "sleep 1 | openssl s_client -connect 127.0.0.1:$port"
    expect_text 'which writes none by itself: that is told' 'sh wrote no key log' "$errors"
fi

# Somebody else's connections meanwhile are not the program's.
expect_status 'another program beside it' 0 "$TLSTEP" run --json -- sleep 1 &
beside=$!
sleep 0.4
# shellcheck disable=SC2086
check 'which reaches the server' $fetch
wait "$beside"
expect_text 'is none of its conversations' 'sleep has opened no TCP connection' "$(cat "$work/errors")"

# --- exit statuses --------------------------------------------------------------------------------------

expect_status 'the exit status is passed on' 7 "$TLSTEP" run -- sh -c 'exit 7'
expect_status 'that of a signal as shells have it' 137 "$TLSTEP" run -- sh -c 'kill -KILL $$'
expect_status 'a program that is not there' 127 "$TLSTEP" run -- "$work/nothing"
expect_text 'which is told' 'No such file' "$errors"
expect_status 'one that cannot be run' 126 "$TLSTEP" run -- "$root"
expect_status 'no program' 2 "$TLSTEP" run
expect_status 'no --' 2 "$TLSTEP" run true
if [ -z "${TLSTEP_OWN_NETWORK:-}" ] && command -v setpriv >/dev/null; then
    expect_status 'without permission' 3 setpriv --bounding-set=-net_raw,-net_admin \
        "$TLSTEP" run -- touch "$work/never"
    expect_text 'it says how to get it' "sudo setcap cap_net_raw+ep $(realpath "$TLSTEP")" "$errors"
    check 'and nothing was run' test ! -e "$work/never"
fi

# --- interrupted ------------------------------------------------------------------------------------------

"$TLSTEP" run -- sh -c "echo \$\$ >$work/child; sleep 60 & sleep 60" >/dev/null 2>&1 &
run=$!
tries=100
until [ -s "$work/child" ] || [ $tries -eq 0 ]; do
    tries=$((tries - 1))
    sleep 0.05
done
kill -INT "$run"
wait "$run"
expect_equal 'SIGINT ends it' 130 $?
expect_equal 'and its whole process group' '' \
    "$(ps -eo pgid=,stat=,args= | awk -v group="$(cat "$work/child")" '$1 == group && $2 !~ /^Z/')"
expect_equal 'nothing is left' 0 "$(left)"

# --- the screen ------------------------------------------------------------------------------------------

if command -v tmux >/dev/null; then
    # curl closes, or breaks the connection off when close_notify is still on its way.
    is_ended() { screen_wait FIN 5 || screen_wait RST 5; }
    # shellcheck disable=SC2086
    screen_start 120 36 "$TLSTEP" run -- $fetch
    check 'its only conversation opens by itself' screen_wait 'conversation 0'
    screen_keys c
    check 'with its packets' is_ended
    check 'and decrypted' screen_wait 'NewSessionTicket'
    screen_keys q
    expect_equal 'q ends it' 0 "$(screen_end)"
fi
finish
