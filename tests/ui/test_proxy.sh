#!/bin/sh
# Two ladders beside each other: a client's request through the proxy on the real screen, key by key.
set -u
. tests/support/lib.sh
need tmux curl

export XDG_STATE_HOME="$work/state"
root=$work/ca.pem

# press_until TEXT [KEY]: one key at a time (Space) until the screen shows the text.
press_until() {
    presses=0
    while [ $presses -le 60 ]; do
        case $(screen_text) in *"$1"*) return 0 ;; esac
        presses=$((presses + 1))
        screen_keys "${2:-Space}"
        sleep 0.07
    done
    screen_wait "$1" 1
}

for size in '120 36' '80 24'; do
    port=$(free_port)
    # shellcheck disable=SC2086
    screen_start $size "$TLSTEP" proxy --listen "127.0.0.1:$port" --write-ca "$root" --force lab:good
    check "$size: it says what it is about to do" screen_wait 'and decrypt what it says to'
    check "$size: it listens before the first key" listening "$port"
    check "$size: the proxy stands in the middle" screen_wait 'proxy│'
    start "curl-$port" curl -sS -m 60 -x "http://127.0.0.1:$port" --cacert "$root" https://good.lab.tlstep.test/
    client=$pid
    screen_keys 2 Space
    check "$size: a client has come" screen_wait '▶ connect'
    check "$size: what it asks for is a message" press_until 'CONNECT'
    check "$size: the server's side has its ClientHello" press_until '└──▶│   4   ClientHello'
    check "$size: it is joined with the client's" screen_wait '6   ClientHello'
    check "$size: the real certificate has caused ours" press_until '│◀┘'
    before=$(screen_text | grep -c "Client's side")
    screen_keys i
    check "$size: one key shows the other side" screen_wait "$([ "$before" -gt 0 ] && echo Server || echo Client)'s side"
    check "$size: data is passed on" press_until '15 ▓ ApplicationData ─'
    check "$size: the answer, too" press_until 'nothing more'
    screen_keys Left Left Left
    check "$size: both sides look back on one time axis" screen_wait 'look at the step after this'
    screen_keys '>' c
    check "$size: it ends" screen_wait 'over'
    check "$size: the client has got its answer" wait "$client"
    check "$size: which is the lab's" grep -q 'tlstep lab: good' "$work/curl-$port.log"
    started=$(echo " $started " | sed "s/ $client / /")

    # The next client trusts nobody.
    screen_keys R c
    start "distrust-$port" curl -sS -m 20 -x "http://127.0.0.1:$port" https://good.lab.tlstep.test/
    check "$size: a client that refuses says why" screen_wait 'unknown_ca'
    check "$size: and what to do is told" screen_wait 'tlstep proxy --write-ca'
    screen_keys q
    expect_equal "$size: q ends it" 0 "$(screen_end)"
    check "$size: and does not listen any more" test "$(listening "$port"; echo $?)" = 1
done
finish
