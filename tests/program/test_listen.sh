#!/bin/sh
# A listening side as curl, openssl, gnutls-cli and python3 see it, and what it reports of each.
set -u
. tests/support/lib.sh
need curl openssl gnutls-cli python3 jq timeout

export XDG_STATE_HOME="$work/state"
root=$work/ca.pem

# serve NAME [OPTION...]: report listen:PORT in the background; leaves $port and $report.
serve() {
    report=$1
    shift
    port=$(free_port)
    start_server "$report" "$port" "$TLSTEP" report --json --timeout 3 --write-ca "$root" --force "$@" "listen:$port"
}

# reported N FILTER: what jq finds in line N, once it is there.
reported() {
    tries=0
    while [ "$(grep -c '^{' "$work/$report.log")" -lt "$1" ] && [ $tries -lt 200 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    grep '^{' "$work/$report.log" | sed -n "$1p" | jq -r "$2"
}

get() { curl -sS -m 10 "$@" "https://localhost:$port/"; }

# --- good clients ------------------------------------------------------------------------------------

serve good --count 6 || exit 1
expect_status 'curl trusts the CA and gets the page' 0 get --cacert "$root"
check 'it says how a client trusts it' grep -qF "curl --cacert $root https://localhost:$port/" "$work/good.log"
expect_text 'the page says what was agreed on' 'agreed on' "$output"
expect_text 'and what the client can' 'can speak           TLS 1.3' "$output"
hello=$(echo "$output" | sed -n 's/^JA4 *//p')
expect_equal 'JA4 is the same on the page and in the report' "$hello" "$(reported 1 .fingerprints.ja4)"
expect_equal 'this side is the server' 'listen:'"$port" "$(reported 1 .target.input)"
expect_equal 'the address is the client'"'"'s' true "$(reported 1 '.target.address | startswith("127.0.0.1:")')"
expect_equal 'whose port is not ours' false "$(reported 1 ".target.address == \"127.0.0.1:$port\"")"
expect_equal 'the client was asked for nothing' skipped "$(reported 1 '.phases[] | select(.name == "verify") | .status')"
expect_equal 'checks by calculation hold on this side, too' true \
    "$(reported 1 '[.checks[].ok] | length > 2 and all')"
expect_equal 'what is sent is the server'"'"'s' true "$(reported 1 '.bytes.sent > .bytes.received')"

expect_status 'TLS 1.2, and HTML for a browser' 0 get --tls-max 1.2 -H 'Accept: text/html' --cacert "$root"
expect_text 'in which the page says so' '<td>TLS 1.2, TLS_ECDHE_ECDSA' "$output"
expect_equal 'it is reported' 'TLS 1.2' "$(reported 2 .negotiated.version)"
expect_status 'openssl' 0 timeout 10 openssl s_client -connect "127.0.0.1:$port" -servername localhost \
    -CAfile "$root" -verify_return_error -brief
expect_equal 'a client that says nothing is well, too' done "$(reported 3 '.phases[] | select(.name == "close") | .status')"
expect_status 'gnutls-cli' 0 timeout 10 gnutls-cli --x509cafile "$root" -p "$port" localhost
expect_equal 'its handshake is done' done "$(reported 4 '.phases[] | select(.name == "handshake") | .status')"
expect_status 'python3' 0 timeout 10 python3 -c '
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile=sys.argv[1])
page = urllib.request.urlopen("https://localhost:" + sys.argv[2], context=context).read()
assert b"cipher suites" in page' "$root" "$port"

openssl s_client -connect "127.0.0.1:$port" -CAfile "$root" -tls1_3 >"$work/busy.log" 2>&1 <<'REQUEST' &
GET / HTTP/1.1
Host: x

REQUEST
request=$!
wait "$request"
wait "$pid"
expect_equal 'six came, and all went well' 0 $?
expect_equal 'six lines' 6 "$(grep -c '^{' "$work/good.log")"
started=$(echo " $started " | sed "s/ $pid / /")
check 'and nobody listens any more' test "$(listening "$port"; echo $?)" = 1

# --- clients that refuse, say nothing, or say something else ------------------------------------------

serve bad || exit 1
expect_status 'a client that does not trust the CA refuses' 60 get
expect_equal 'its alert says so' client:unknown_ca "$(reported 1 '.alerts[0] | .from + ":" + .description')"
expect_text 'in words' 'the client refused' "$(reported 1 '.phases[] | select(.name == "handshake") | .error')"
expect_status 'one that says nothing' 0 timeout 10 python3 -c '
import socket, sys
silent = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
silent.settimeout(8)
silent.recv(1)' "$port"
expect_equal 'keeps nobody waiting' timeout "$(reported 2 '.phases[] | select(.name == "handshake") | .code')"
printf 'GET / HTTP/1.1\r\n\r\n' | timeout 5 curl -s -m 2 "telnet://127.0.0.1:$port" >"$work/plain.log" 2>&1
expect_equal 'HTTP without TLS is named' not_tls "$(reported 3 '.phases[] | select(.name == "handshake") | .code')"
timeout 10 python3 -c '
import socket, struct, sys
for start in (b"", b"\x16\x03\x01\x02\x00\x01\x00", b"\xff" * 300):
    broken = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    broken.sendall(start)
    broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    broken.close()' "$port"
fds_before=$(find "/proc/$pid/fd" | wc -l)
expect_status 'after them the next is served' 0 get --cacert "$root"
timeout 60 python3 -c '
import socket, struct, sys
for round in range(300):
    broken = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    broken.sendall([b"", b"\x16\x03\x01\x02\x00\x01", b"rubbish\n"][round % 3])
    if round % 2:
        broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    broken.close()' "$port"
sleep 1 # those that wait are served before it
expect_status 'and after three hundred' 0 get --cacert "$root"
sleep 0.5
# Those that have hung up may wait, as far as there is room for them (NET_WAITING_MAX).
check 'descriptors are bounded' test "$(find "/proc/$pid/fd" | wc -l)" -le $((fds_before + 64))
kill -INT "$pid"
wait "$pid"
expect_equal 'an interruption ends it' 130 $?
started=$(echo " $started " | sed "s/ $pid / /")

# --- the client's certificate ---------------------------------------------------------------------------

make_certificate ecdsa || exit 1
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=A client' -keyout "$work/client.key" \
    -out "$work/client.csr" >"$work/client.log" 2>&1 &&
    printf 'extendedKeyUsage=clientAuth\n' >"$work/client.ext" &&
    openssl x509 -req -in "$work/client.csr" -CA "$work/ecdsa.ca" -CAkey "$work/ecdsa.ca.key" -CAcreateserial -days 9 \
        -extfile "$work/client.ext" -out "$work/client.crt" >>"$work/client.log" 2>&1
expect_status 'a certificate of a client was made' 0 test -s "$work/client.crt"

serve asked --ask-certificate require --ca-file "$work/ecdsa.ca" --count 4 || exit 1
expect_status 'a client with a good one' 0 get --cacert "$root" --cert "$work/client.crt" --key "$work/client.key"
expect_text 'the page says whose' 'A client' "$output"
expect_equal 'it was judged' true "$(reported 1 .verification.ok)"
expect_equal 'it is the client'"'"'s, and first' client "$(reported 1 '.certificates[0].from')"
expect_equal 'no host name was checked' null "$(reported 1 .verification.hostname_ok)"
get --cacert "$root" --cert "$work/ecdsa.crt" --key "$work/ecdsa.key" >"$work/refused.log" 2>&1
expect_equal 'one for servers is refused' extended_key_usage "$(reported 2 '.verification.reasons[0].code')"
get --cacert "$root" >"$work/missing.log" 2>&1
expect_text 'none is told' 'the client sent no certificate' "$(reported 3 '.phases[] | select(.name == "handshake") | .error')"
get --tls-max 1.2 --cacert "$root" --cert "$work/client.crt" --key "$work/client.key" >"$work/old.log" 2>&1
expect_equal 'TLS 1.2 asks, too' 'true TLS 1.2' "$(reported 4 '"\(.verification.ok) \(.negotiated.version)"')"
wait "$pid"
expect_equal 'the exit status says that some failed' 1 $?
started=$(echo " $started " | sed "s/ $pid / /")

serve request --ask-certificate request --count 1 || exit 1
expect_status 'who has none, and need not, is served' 0 get --cacert "$root"
expect_text 'which is told' 'has none' "$(reported 1 '.phases[] | select(.name == "verify") | .detail')"
wait "$pid"
started=$(echo " $started " | sed "s/ $pid / /")

serve own --cert "$work/ecdsa.crt" --key "$work/ecdsa.key" --count 1 || exit 1
expect_status 'an own certificate is shown' 0 get --cacert "$work/ecdsa.ca"
wait "$pid"
started=$(echo " $started " | sed "s/ $pid / /")

# --- drive, saved sessions, the queue ----------------------------------------------------------------------

port=$(free_port)
mkfifo "$work/commands"
exec 9<>"$work/commands"
start driven sh -c 'exec "$@" <"$0" 9>&-' "$work/commands" \
    "$TLSTEP" drive --timeout 5 --save "$work/saved.pcapng" --write-ca "$root" --force "listen:$port"
driven=$pid
# answer N FILTER: of line N.
answer() {
    report=driven
    reported "$1" "$2"
}
tries=0
until listening "$port" || [ $tries -ge 100 ]; do
    tries=$((tries + 1))
    sleep 0.05
done
start first curl -sS -m 60 --cacert "$root" "https://localhost:$port/"
first=$pid
sleep 0.3
start second curl -sS -m 60 --cacert "$root" "https://localhost:$port/"
second=$pid
sleep 0.3
echo waiting >&9
expect_equal 'both wait, in the order of their coming' '1 2' "$(answer 1 '[.waiting[].number] | join(" ")')"
echo 'pick 7' >&9
expect_equal 'a number that nobody has' no_such_connection "$(answer 2 .error.code)"
echo 'pick 2' >&9
expect_equal 'the second one is picked' connect "$(answer 3 .stop.at)"
echo step >&9
expect_equal 'its ClientHello has arrived' 'ClientHello client arrived' "$(answer 4 '"\(.stop.at) \(.stop.from) \(.stop.state)"')"
echo step >&9
expect_equal 'ours is about to be sent' 'ServerHello server queued' "$(answer 5 '"\(.stop.at) \(.stop.from) \(.stop.state)"')"
echo 'until client:ApplicationData' >&9
expect_equal 'its request' 'ApplicationData client arrived' "$(answer 6 '"\(.stop.at) \(.stop.from) \(.stop.state)"')"
check 'has no answer yet' test ! -s "$work/second.log"
echo step >&9
expect_equal 'the page waits for a step' 'ApplicationData server queued' "$(answer 7 '"\(.stop.at) \(.stop.from) \(.stop.state)"')"
echo 'pick 1' >&9
expect_equal 'nobody else meanwhile' busy "$(answer 8 .error.code)"
echo continue >&9
expect_equal 'it is over' true "$(answer 9 .done)"
wait "$second"
expect_equal 'it has the page' 0 $?
grep -q 'agreed on' "$work/second.log"
expect_equal 'which tells of it' 0 $?
printf 'restart\ncontinue\nstate\nquit\n' >&9
wait "$first"
expect_equal 'then the first is served' 0 $?
expect_equal 'which is run 2' done "$(answer 12 '.state.phases[] | select(.name == "close") | .status')"
exec 9>&-
wait "$driven"
started=$(echo " $started " | sed "s/ $driven / /; s/ $first / /; s/ $second / /")
expect_status 'a saved session opens' 0 "$TLSTEP" report --json "$work/saved.pcapng"
expect_equal 'as that of a server' true \
    "$(echo "$output" | jq ".source.server == \"127.0.0.1:$port\" and (.source.client != .source.server)")"

expect_status 'a number, please' 2 "$TLSTEP" report --count 0 listen:0
expect_status 'a name is no address' 2 "$TLSTEP" report listen:example.org:0
finish
