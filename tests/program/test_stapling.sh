#!/bin/sh
# What servers staple is seen, judged and saved: s_server and gnutls-serv with TLS 1.2 and 1.3, certificates with and without must-staple
# (RFC 7633), OCSP responses by openssl's responder.
set -u
. tests/support/lib.sh
need openssl

# make_leaf NAME [EXTENSION]: $work/NAME.crt, signed by the CA of make_certificate.
make_leaf() {
    printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n%s\n' "${2:-}" >"$work/$1.ext"
    openssl x509 -req -in "$work/ecdsa.csr" -CA "$work/ecdsa.ca" -CAkey "$work/ecdsa.ca.key" -CAcreateserial \
        -days 20 -extfile "$work/$1.ext" -out "$work/$1.crt" 2>>"$work/openssl.log"
}

# respond NAME STATUS: $work/NAME.STATUS, the CA's answer about it; STATUS is good or revoked.
respond() {
    serial=$(openssl x509 -in "$work/$1.crt" -noout -serial | cut -d= -f2)
    case $2 in
    good) row=V\\t491231000000Z\\t ;;
    *) row=R\\t491231000000Z\\t260101000000Z,keyCompromise ;;
    esac
    printf "$row\\t%s\\tunknown\\t/CN=localhost\\n" "$serial" >"$work/index"
    openssl ocsp -issuer "$work/ecdsa.ca" -cert "$work/$1.crt" -no_nonce -reqout "$work/request" &&
        openssl ocsp -index "$work/index" -CA "$work/ecdsa.ca" -rsigner "$work/ecdsa.ca" -rkey "$work/ecdsa.ca.key" \
            -reqin "$work/request" -ndays 5 -respout "$work/$1.$2"
} >>"$work/openssl.log" 2>&1

# serve openssl|gnutls NAME VERSION [RESPONSE]: leaves $port.
serve() {
    port=$(free_port)
    if [ "$1" = openssl ]; then
        start_server "$1-$port" "$port" openssl s_server -accept "127.0.0.1:$port" -www -quiet -cert "$work/$2.crt" \
            -key "$work/ecdsa.key" "-tls1_${3#1.}" ${4:+-status_file "$4"}
    else
        start_server "$1-$port" "$port" gnutls-serv --quiet --http --port "$port" --x509certfile "$work/$2.crt" \
            --x509keyfile "$work/ecdsa.key" --priority "NORMAL:-VERS-ALL:+VERS-TLS$3" ${4:+--ocsp-response "$4" --ignore-ocsp-response-errors}
    fi
}

# expect_json NAME STATUS CODE REVOCATION COMMAND...: its JSON holds both, however it is laid out.
expect_json() {
    json_name=$1 json_code=$3 json_revocation=$4
    json_status=$2
    shift 4
    expect_status "$json_name" "$json_status" "$@"
    output=$(printf %s "$output" | tr -d ' \n')
    expect_text "$json_name: reason" "$json_code" "$output"
    expect_text "$json_name: revocation" "$json_revocation" "$output"
}

# expect_verdict NAME STATUS CODE REVOCATION: of a connection, of the session that it saved, and of that judged again.
expect_verdict() {
    saved=$work/saved-$port.pcapng
    expect_json "$@" "$TLSTEP" report --json --ca-file "$work/ecdsa.ca" --save "$saved" "127.0.0.1:$port"
    verdict_name=$1
    shift
    expect_json "$verdict_name, saved" "$@" "$TLSTEP" certs --json "$saved"
    expect_json "$verdict_name, judged again" "$@" "$TLSTEP" certs --json --ca-file "$work/ecdsa.ca" "$saved"
}

make_certificate ecdsa && make_leaf plain && make_leaf must 'tlsfeature=status_request' ||
    skip_all 'openssl makes no certificate with a TLS feature'
respond plain good && respond plain revoked && respond must good || skip_all 'openssl makes no OCSP responses'

none='"revocation":[]' accepted='"reasons":[]'
good='"status":"good","source":"stapledOCSPresponse"' revoked='"status":"revoked","source":"stapledOCSPresponse"'

# trial NAME CERTIFICATE RESPONSE STATUS CODE REVOCATION: with $server and $version.
trial() {
    trial_name="$server, TLS $version: $1" trial_certificate=$2 trial_response=$3
    shift 3
    if serve "$server" "$trial_certificate" "$version" "${trial_response:+$work/$trial_response}"; then
        expect_verdict "$trial_name" "$@"
        stop "$pid"
    else
        not_ok "$trial_name" 'the server does not start'
    fi
}

for server in openssl gnutls; do
    [ $server = openssl ] || command -v gnutls-serv >/dev/null || { skip $server 'no gnutls-serv here'; continue; }
    for version in 1.2 1.3; do
        trial 'good' plain plain.good 0 "$accepted" "$good"
        trial 'revoked' plain plain.revoked 1 '"code":"revoked"' "$revoked"
        trial 'must staple, and does not' must '' 1 '"code":"revocation_unknown"' "$none"
        trial 'must staple, and does' must must.good 0 "$accepted" "$good"
    done
done

finish
