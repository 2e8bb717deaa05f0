#!/bin/sh
# The server's side on the real screen, key by key, with curl as the client; and who waits meanwhile.
set -u
. tests/support/lib.sh
need tmux curl

export XDG_STATE_HOME="$work/state"
root=$work/ca.pem

# press_until TEXT: Space, one at a time, until the screen shows the text.
press_until() {
    presses=0
    while [ $presses -le 40 ]; do
        case $(screen_text) in *"$1"*) return 0 ;; esac
        presses=$((presses + 1))
        screen_keys Space
        sleep 0.07
    done
    screen_wait "$1" 1
}

for size in '120 36' '80 24'; do
    port=$(free_port)
    # shellcheck disable=SC2086
    screen_start $size "$TLSTEP" listen --write-ca "$root" --force "$port"
    check "$size: it says what it waits for" screen_wait "wait for a client on 127.0.0.1:$port"
    check "$size: it listens before the first key" listening "$port"
    start "curl-$port" curl -sS -m 60 --cacert "$root" "https://localhost:$port/"
    client=$pid
    check "$size: a client that waits is told of without a key" screen_wait 'take the first of 1 client that waits'
    screen_keys Space
    check "$size: the kernel has shaken hands before" screen_wait 'accept() has handed over a client'
    check "$size: ClientHello arrives" press_until 'ClientHello has arrived'
    check "$size: ServerHello is ours, and not sent" press_until 'ServerHello is about to be sent'
    start "next-$port" curl -sS -m 60 --cacert "$root" "https://localhost:$port/"
    next=$pid
    check "$size: it can be stepped to its data" press_until "wait for what the client says"
    check "$size: the page waits for a step" press_until 'ApplicationData is about to be sent'
    screen_keys c
    check "$size: it ends, and the other one is told of" screen_wait 'R (restart) is there for the next client, 1 waits'
    wait "$client"
    expect_equal "$size: the client has got its page" 0 $?
    screen_keys R c
    wait "$next"
    expect_equal "$size: the next, too" 0 $?
    check "$size: then it waits" screen_wait 'R (restart) waits for the next client'
    screen_keys 1 z
    check "$size: what the client can is told in words" screen_wait 'can speak TLS 1.3'
    started=$(echo " $started " | sed "s/ $client / /; s/ $next / /")
    screen_keys Escape R c
    start "refuses-$port" curl -sS -m 20 "https://localhost:$port/"
    check "$size: a client that refuses says why" screen_wait 'unknown_ca'
    screen_keys R c
    check "$size: waiting can be ended" screen_wait 'waiting (X ends it)'
    screen_keys q
    expect_equal "$size: q ends it" 0 "$(screen_end)"
    check "$size: and does not listen any more" test "$(listening "$port"; echo $?)" = 1
done
finish
