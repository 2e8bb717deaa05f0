#!/bin/sh
# `--capture`: real packets beside a session with the lab on loopback: rows in place of what the kernel tells, their fields, which step
# caused which, the saved file and tshark; and that everything else goes on without permission.
set -u
if [ "$(id -u)" -ne 0 ] && [ -z "${TLSTEP_OWN_NETWORK:-}" ]; then
    # A user may capture in a network of their own.
    if unshare -rn ip link set lo up 2>/dev/null; then
        export TLSTEP_OWN_NETWORK=yes
        exec unshare -rn sh -c 'ip link set lo up && exec sh "$0"' "$0"
    fi
fi
. tests/support/lib.sh
"$TLSTEP" run -- true 2>"$work/may" >/dev/null || skip_all "$(cat "$work/may")"
export XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state"
unset SSLKEYLOGFILE

# tcp_rows JSON: type and side of each row on the layer tcp, and whether it was observed.
tcp_rows() {
    printf '%s' "$1" | tr -d ' \n' | grep -o '{"n":[^}]*"layer":"tcp"[^}]*}' |
        sed 's/.*"from":"\([a-z]*\)".*"type":"\([^"]*\)".*"observed":\([a-z]*\).*/\1 \2 \3/' | tr '\n' ';'
}

messages() { printf '%s' "$1" | tr -d ' \n' | grep -o '"messages":\[[^]]*\]'; }

for scenario in good tls12; do
    expect_status "$scenario" 0 "$TLSTEP" report --json --capture --save "$work/$scenario.pcapng" "lab:$scenario"
    rows=$(tcp_rows "$output")
    expect_text "$scenario: the TCP handshake was seen" 'client SYN true;server SYN-ACK true;client ACK true;' "$rows"
    expect_equal "$scenario: each side's FIN, once" 2 "$(printf %s "$rows" | tr ';' '\n' | grep -c 'FIN true')"
    expect_equal "$scenario: nothing is said for the kernel" 0 "$(printf %s "$rows" | grep -c false)"
    live=$(messages "$output")
    expect_status "$scenario: opened again" 0 "$TLSTEP" report --json "$work/$scenario.pcapng"
    expect_equal "$scenario: it is the same" "$live" "$(messages "$output")"
    if command -v tshark >/dev/null; then
        check "$scenario: tshark reads it" sh -c \
            "tshark -r '$work/$scenario.pcapng' -Y 'tls.handshake.type == 20' 2>/dev/null | grep -q Finished"
    fi
done

expect_status 'without --capture' 0 "$TLSTEP" report --json lab:good
expect_text 'the kernel tells, as ever' 'client SYN false;server SYN-ACK false;client ACK false;' "$(tcp_rows "$output")"

# --- one step after the other, and once more ----------------------------------------------------------------

printf 'step\nstep\nfields 1\nmessages\nrestart\nuntil connect\nmessages\nquit\n' >"$work/commands"
"$TLSTEP" drive --capture lab:good <"$work/commands" >"$work/steps" 2>"$work/errors"
expect_text 'the SYN has its fields' '"path":"tcp.option.maximum_segment_size.value"' "$(sed -n 3p "$work/steps")"
expect_text 'and their meaning' 'The number of the first byte of this segment' "$(sed -n 3p "$work/steps")"
expect_equal 'three packets belong to connect()' 'client SYN true;server SYN-ACK true;client ACK true;' \
    "$(tcp_rows "$(sed -n 4p "$work/steps")")"
expect_equal 'and after a restart to that one' 'client SYN true;server SYN-ACK true;client ACK true;' \
    "$(tcp_rows "$(sed -n 7p "$work/steps")")"

# The same packets as somebody else's capture has them.
if command -v tshark >/dev/null && [ -z "${TLSTEP_OWN_NETWORK:-}" ] && command -v dumpcap >/dev/null; then
    port=$(free_port)
    if start_server lab "$port" "$TLSTEP" lab good --ephemeral --listen "127.0.0.1:$port"; then
        start dumpcap dumpcap -q -i lo -f "tcp port $port" -w "$work/theirs.pcapng"
        dumpcap=$pid
        tries=100
        until [ -s "$work/theirs.pcapng" ] || [ $tries -eq 0 ]; do
            tries=$((tries - 1))
            sleep 0.05
        done
        sleep 0.3
        "$TLSTEP" drive --capture --no-verify "127.0.0.1:$port" >"$work/ours" 2>/dev/null <<END
step
step
fields 1
continue
quit
END
        sleep 0.5
        kill "$dumpcap" && wait "$dumpcap" 2>/dev/null
        started=$(echo " $started " | sed "s/ $dumpcap / /")
        theirs=$(tshark -o tcp.relative_sequence_numbers:FALSE -r "$work/theirs.pcapng" -Y 'tcp.flags.syn == 1 && tcp.flags.ack == 0' \
            -T fields -e tcp.seq -e tcp.options.mss_val -e tcp.options.wscale.shift 2>/dev/null | tail -n 1 | tr '\t' ' ')
        field() { sed -n 3p "$work/ours" | grep -o "\"path\":\"$1\"[^}]*" | sed 's/.*"value":"\([0-9]*\)".*/\1/'; }
        expect_equal 'sequence number, MSS and window scale are what dumpcap and tshark have' "$theirs" \
            "$(field tcp.sequence_number) $(field tcp.option.maximum_segment_size.value) $(field tcp.option.window_scale.shift)"
    fi
fi

# --- the screen says it -----------------------------------------------------------------------------------------

if command -v tmux >/dev/null; then
    screen_start 120 36 "$TLSTEP" --capture lab:good
    check 'it starts' screen_wait 'look up'
    screen_keys Space Space
    check 'connect() has caused three packets' screen_wait 'connect() → SYN, SYN-ACK, ACK'
    screen_keys Space Space
    check 'gnutls_handshake() has sent a segment' screen_wait 'gnutls_handshake() → 1 segment of'
    screen_keys q
    expect_equal 'q ends it' 0 "$(screen_end)"
fi

# --- without permission --------------------------------------------------------------------------------------------

if [ -z "${TLSTEP_OWN_NETWORK:-}" ] && command -v setpriv >/dev/null; then
    expect_status 'without permission everything else goes on' 0 setpriv --bounding-set=-net_raw,-net_admin \
        "$TLSTEP" report --json --capture lab:good
    expect_text 'and it says how to get it' "sudo setcap cap_net_raw+ep $(realpath "$TLSTEP")" "$errors"
    expect_text 'the kernel tells' 'client SYN false;' "$(tcp_rows "$output")"
fi
finish
