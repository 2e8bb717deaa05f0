#!/bin/sh
# The intercepting proxy as curl, openssl and others see it, and what it reports of both sides.
set -u
. tests/support/lib.sh
need curl openssl jq

export XDG_STATE_HOME="$work/state"
root=$work/ca.pem

# proxy [TARGET] [OPTION...]: report proxy:…, in the background; leaves $port and $report.
proxies=0
proxy() {
    beyond=$1
    shift
    proxies=$((proxies + 1))
    port=$(free_port)
    report=proxy-$proxies
    start_server "$report" "$port" "$TLSTEP" report --json --write-ca "$root" --force "$@" \
        "proxy:$port${beyond:+=$beyond}"
}

# reported FILTER: what jq finds in the lines so far, waiting for the two lines of a client.
reported() {
    tries=0
    while [ "$(grep -c '^{' "$work/$report.log")" -lt "${lines:-2}" ] && [ $tries -lt 100 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    grep '^{' "$work/$report.log" | jq -r -s "$1"
}

through() { curl -sS -m 10 -x "http://127.0.0.1:$port" "$@"; }

# --- a client that trusts the CA, and one that does not ------------------------------------------------

proxy lab:good || exit 1
expect_status 'a client that trusts the CA gets the real answer' 0 \
    through --cacert "$root" https://good.lab.tlstep.test/
expect_text 'it is the lab server that has answered' 'tlstep lab: good' "$output"
expect_equal 'both sides are reported' 'client server' "$(reported '[.[].side] | join(" ")')"
expect_equal 'the same data has passed on both sides' true \
    "$(reported '.[0].application_data == .[1].application_data and .[0].application_data.server > 0')"
expect_equal 'the certificate that the client saw is not the real one, but for the same name' true \
    "$(reported '.[0].certificates[0] as $ours | .[1].certificates[0] as $real |
        ($ours.sha256 != $real.sha256) and ($ours.spki_sha256 != $real.spki_sha256) and ($ours.subject == $real.subject)')"
expect_equal 'the real one was verified' true "$(reported '.[1].verification.ok')"

lines=4
expect_status 'one that does not trust it refuses' 60 through https://good.lab.tlstep.test/
expect_equal 'its alert is unknown_ca' true "$(reported '[.[2].alerts[].description] | index("unknown_ca") != null')"
expect_equal 'and what it means is told' true "$(reported '[.[2].notes[].code] | index("distrusted") != null')"
expect_equal 'the real server saw a goodbye, and no data' '0 true' \
    "$(reported '"\(.[3].application_data.client) \([.[3].alerts[].description] | index("close_notify") != null)"')"

lines=6
expect_status 'openssl comes through CONNECT' 0 openssl s_client -proxy "127.0.0.1:$port" \
    -connect good.lab.tlstep.test:443 -servername good.lab.tlstep.test -CAfile "$root" -verify_return_error -brief
reported . >/dev/null
lines=8
expect_status 'and without, to a fixed target' 0 openssl s_client -connect "127.0.0.1:$port" \
    -servername good.lab.tlstep.test -verify_hostname good.lab.tlstep.test -CAfile "$root" -verify_return_error -brief
reported . >/dev/null
lines=10
expect_status 'TLS 1.2 passes, too' 0 through --tls-max 1.2 --cacert "$root" https://good.lab.tlstep.test/
expect_equal 'each side has the version that it agreed on' 'TLS 1.2 TLS 1.3' \
    "$(reported '"\(.[8].negotiated.version) \(.[9].negotiated.version)"')"
stop "$pid"
lines=2

# --- a real server that is refused, or not there -------------------------------------------------------

for case in expired:expired wrong-host:hostname_mismatch untrusted-root:no_trust_anchor; do
    scenario=${case%%:*}
    proxy "lab:$scenario" || exit 1
    expect_status "$scenario: the client gets an alert, and no certificate" 35 \
        through --cacert "$root" "https://$scenario.lab.tlstep.test/"
    expect_equal "$scenario: the reason is told of the real server" "${case#*:}" \
        "$(reported '.[1].verification.reasons[0].code')"
    expect_equal "$scenario: the client has seen no certificate" 0 "$(reported '.[0].certificates | length')"
    stop "$pid"
done

proxy '' || exit 1
closed=$(free_port)
expect_status 'a server that is not there is a 502' 56 through --cacert "$root" "https://127.0.0.1:$closed/"
expect_text 'it says so to the client' 502 "$errors"
expect_equal 'and the connection has failed' connect_failed \
    "$(reported '.[1].phases[] | select(.name == "connect") | .code')"
stop "$pid"

# --- whom the client asks for, and --replace ------------------------------------------------------------

openssl_server ecdsa || exit 1
target=$port ca_of_target=$ca
proxy '' --ca-file "$ca_of_target" --replace 'Ciphers=Zephyrs' --replace 'HTTP/1.0 200=HTTP/1.0 203' || exit 1
expect_status 'the client says whom it wants' 0 through -i --cacert "$root" "https://localhost:$target/"
expect_text 'what passes is changed' 'Zephyrs' "$output"
expect_text 'in its header, too' '203' "$output"
stop "$pid"

# --- rubbish, and the end -------------------------------------------------------------------------------

proxy lab:good || exit 1
lines=2
for words in 'GET / HTTP/1.1' 'CONNECT nowhere' 'CONNECT :0 HTTP/1.1'; do
    curl -s -m 1 -o "$work/rubbish" "telnet://127.0.0.1:$port" <<WORDS
$words

WORDS
done
lines=$(grep -c '^{' "$work/$report.log")
lines=$((lines + 2))
expect_status 'after rubbish the next client is served' 0 through --cacert "$root" https://good.lab.tlstep.test/
kill -INT "$pid"
wait "$pid"
expect_equal 'an interruption ends it' 130 $?
check 'and nobody listens any more' test "$(listening "$port"; echo $?)" = 1

# --- both sides, saved ---------------------------------------------------------------------------------------

proxy lab:good --save "$work/both.pcapng" || exit 1
lines=2
expect_status 'a session that is saved' 0 through --cacert "$root" https://good.lab.tlstep.test/
reported . >/dev/null
stop "$pid"
for side in both:client both-server:server; do
    "$TLSTEP" report --json "$work/${side%%:*}.pcapng" >"$work/opened" 2>&1
    expect_equal "the ${side#*:}'s side is opened with its data" true \
        "$(jq '.negotiated.version == "TLS 1.3" and .application_data.server > 0' "$work/opened")"
done

# --- usage ------------------------------------------------------------------------------------------------

expect_status 'a rule is A=B' 2 "$TLSTEP" report --replace nothing proxy:0
expect_status 'a FILE is no server' 2 "$TLSTEP" report proxy:0=./file.pcap
expect_status 'a name is no address to listen on' 2 "$TLSTEP" report proxy:example.org:0
finish
