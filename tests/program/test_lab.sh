#!/bin/sh
# `tlstep lab` as other programs meet it: the list, the commands it prints (run as they are printed), its CA, where it listens, and
# that nothing is left when a signal ends it.
set -u
. tests/support/lib.sh
need openssl
export XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state"
unset http_proxy https_proxy ALL_PROXY all_proxy

# lab_start ARGUMENT...: from a free port on, which stays in $port; what it says is in $said.
lab_start() {
    port=$(free_port)
    said=$work/lab.log
    start_server lab "$port" "$TLSTEP" lab "$@" --listen "127.0.0.1:$port" || return 1
    tries=100
    until [ -s "$said" ] || [ $tries -eq 0 ]; do
        tries=$((tries - 1))
        sleep 0.05
    done
}

# lab_end SIGNAL: leaves its exit status in $lab_status.
lab_end() {
    kill -s "$1" "$pid"
    wait "$pid"
    lab_status=$?
    started=$(echo " $started " | sed "s/ $pid / /")
}

# printed COMMAND: the line that begins so.
printed() { sed -n "s/^  \($1 .*\)/\1/p" "$said" | head -n 1; }

# paste NAME STATUS TEXT COMMAND-LINE: runs it in a shell; TEXT is in what it says.
paste() {
    paste_name=$1 paste_status=$2 paste_text=$3
    [ -n "$4" ] || { not_ok "$paste_name" 'no such command was printed'; return; }
    expect_status "$paste_name" "$paste_status" timeout 20 sh -c "$4"
    expect_text "$paste_name: what it says" "$paste_text" "$output$errors"
}

# --- the list ---------------------------------------------------------------------------------------

expect_status 'it lists its scenarios' 0 "$TLSTEP" lab --list
expect_text 'the list has a reason code' 'hostname_mismatch' "$output"
rows=$(printf '%s\n' "$output" | wc -l)
expect_status 'the list as JSON' 0 "$TLSTEP" lab --list --json
expect_text 'which says what it is' '"schema":"tlstep.lab/1"' "$(printf %s "$output" | tr -d ' \n')"
expect_equal 'and has as many rows' "$rows" "$(printf %s "$output" | grep -o '"look_for"' | wc -l)"
expect_status 'an unknown scenario' 2 "$TLSTEP" lab no-such-thing
expect_text 'is told how to find one' 'tlstep lab --list' "$errors"
expect_status 'an address that is none' 2 "$TLSTEP" lab good --listen nowhere:1
expect_status 'a port that is none' 2 "$TLSTEP" lab good --listen 127.0.0.1:https
expect_text 'is told what may be written' 'ADDR:PORT' "$errors"
expect_status 'more servers than ports' 2 "$TLSTEP" lab good expired --listen 127.0.0.1:65535 --ephemeral

# --- commands that can be pasted ------------------------------------------------------------------------

PATH="$work/bin:$PATH"
mkdir "$work/bin" && printf '#!/bin/sh\nexec "%s" report "$@"\n' "$(realpath "$TLSTEP")" >"$work/bin/tlstep"
chmod +x "$work/bin/tlstep" # tlstep itself has a screen: report is the same without one

if lab_start good; then
    paste 'tlstep, pasted' 0 'good.lab.tlstep.test' "$(printed tlstep)"
    paste 'openssl, pasted' 0 'Verify return code: 0 (ok)' "$(printed openssl)"
    ! command -v gnutls-cli >/dev/null || paste 'gnutls-cli, pasted' 0 'The certificate is trusted' "$(printed gnutls-cli)"
    ! command -v curl >/dev/null || paste 'curl, pasted' 0 'tlstep lab: good' "$(printed curl)"
    lab_end INT
    expect_equal 'SIGINT ends it' 130 $lab_status
else
    not_ok 'lab good starts'
fi

if lab_start expired; then
    paste 'tlstep sees what is wrong' 1 'expired' "$(printed tlstep)"
    ! command -v curl >/dev/null || paste 'so does curl' 60 'certificate has expired' "$(printed curl)"
    lab_end INT
fi

for front in smtp imap pop3 xmpp ldap postgres ftp; do
    lab_start $front || { not_ok "lab $front starts"; continue; }
    paste "$front: tlstep, pasted" 0 "$front.lab.tlstep.test" "$(printed tlstep)"
    paste "$front: openssl, pasted" 0 'Verify return code: 0 (ok)' "$(printed openssl)"
    case $front in
    smtp | imap | pop3)
        ! command -v curl >/dev/null || paste "$front: curl, pasted" 0 '' "$(printed curl)" ;;
    esac
    lab_end INT
done

if lab_start no-alpn; then
    paste 'no-alpn: tlstep, pasted' 1 'no_application_protocol' "$(printed tlstep)"
    paste 'no-alpn: openssl, pasted' 1 'no application protocol' "$(printed openssl)"
    lab_end INT
fi

if command -v curl >/dev/null && lab_start h2; then
    paste 'h2: curl, pasted, asks for HTTP/2' 0 '2 tlstep' "$(printed curl) -o /dev/null -w '%{http_version} tlstep'"
    lab_end INT
fi

# --- a client's certificate -----------------------------------------------------------------------------

# certify NAME CA KEY: $work/NAME.crt and .key, for clients, signed by that.
certify() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$work/$1.key" -out "$work/$1.csr" &&
        printf 'extendedKeyUsage=clientAuth\n' >"$work/client.ext" &&
        openssl x509 -req -in "$work/$1.csr" -CA "$2" -CAkey "$3" -CAcreateserial -days 5 -extfile "$work/client.ext" -out "$work/$1.crt"
} >"$work/certify.log" 2>&1

if lab_start client-cert; then
    # The kept CA: root, its key, intermediate, its key.
    awk -v to="$work/ca-part" '/BEGIN/ { n++ } { print > (to n) }' "$work/state/tlstep/lab-ca.pem"
    make_certificate ecdsa
    check 'the lab'"'"'s intermediate signs for a client' certify known "$work/ca-part3" "$work/ca-part4"
    check 'another CA signs for a client' certify stranger "$work/ecdsa.ca" "$work/ecdsa.ca.key"
    command="$(printed openssl) -ign_eof"
    request="printf 'GET / HTTP/1.0\r\n\r\n' | "
    paste 'client-cert: whom the lab knows is let in' 0 'tlstep lab: client-cert' \
        "$request$command -cert $work/known.crt -key $work/known.key -cert_chain $work/ca-part3"
    paste 'client-cert: a stranger is not' 1 'alert bad certificate' \
        "$request$command -cert $work/stranger.crt -key $work/stranger.key"
    paste 'client-cert: nor is who has none' 1 'alert certificate required' "$request$command"
    lab_end INT
fi

# --- several, and all ---------------------------------------------------------------------------------------

if lab_start good expired; then
    expect_text 'the second has the next port' "127.0.0.1:$((port + 1))" "$(cat "$said")"
    expect_status 'the second is served, too' 1 "$TLSTEP" report --trust lab --connect "127.0.0.1:$((port + 1))" expired.lab.tlstep.test
    lab_end TERM
    expect_equal 'SIGTERM ends it, too' 130 $lab_status
    expect_text 'at the end it tells what it has served' '1 connection, ' "$(grep '^expired .*handshake' "$said")"
    listening "$port" && not_ok 'nobody listens any more' || ok 'nobody listens any more'
fi

start all "$TLSTEP" lab --ephemeral --write-ca "$work/all.pem"
tries=200
until grep -q '^xmpp ' "$work/all.log" || [ $tries -eq 0 ]; do
    tries=$((tries - 1))
    sleep 0.05
done
expect_equal 'without a name it serves all' "$rows" "$(grep -c '^[a-z0-9-]*  *127\.0\.0\.1:[0-9]* ' "$work/all.log")"
address=$(sed -n 's/^long-chain  *\([0-9.:]*\) .*/\1/p' "$work/all.log")
expect_status 'each on a port of its own' 0 "$TLSTEP" report --ca-file "$work/all.pem" --connect "$address" long-chain.lab.tlstep.test
lab_end INT
expect_equal 'and all end with it' 130 $lab_status

# --- its CA ---------------------------------------------------------------------------------------------------

rm -rf "$work/state"
if lab_start good --ephemeral --write-ca "$work/root.pem"; then
    check '--write-ca writes a certificate' openssl x509 -in "$work/root.pem" -noout
    expect_status 'with which it is trusted' 0 "$TLSTEP" report --ca-file "$work/root.pem" --connect "127.0.0.1:$port" good.lab.tlstep.test
    lab_end INT
fi
[ ! -e "$work/state" ] && ok '--ephemeral leaves no file' || not_ok '--ephemeral leaves no file' "$(find "$work/state")"
expect_status '--write-ca replaces no file' 4 "$TLSTEP" lab good --ephemeral --listen "127.0.0.1:$(free_port)" --write-ca "$work/root.pem"

# --- where it listens -------------------------------------------------------------------------------------------

port=$(free_port)
if start_server wide "$port" "$TLSTEP" lab good --ephemeral --listen "0.0.0.0:$port"; then
    sleep 0.2
    expect_text 'beyond loopback it says so' 'other machines can reach' "$(cat "$work/wide.log")"
    lab_end INT
fi
port=$(free_port)
if start_server taken "$port" "$TLSTEP" lab good --ephemeral --listen "127.0.0.1:$port"; then
    expect_status 'a port that is taken' 3 "$TLSTEP" lab good --ephemeral --listen "127.0.0.1:$port"
    lab_end INT
fi

finish
