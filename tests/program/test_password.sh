#!/bin/sh
# The password of a PKCS#12 file is asked for on the terminal, before the screen starts, and is not shown.
set -u
. tests/support/lib.sh
need tmux openssl

export LC_ALL=C.UTF-8 TERM=xterm-256color
unset NO_COLOR XDG_CONFIG_HOME

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/key.pem" \
    -out "$work/cert.pem" -days 30 -subj /CN=kept.example >/dev/null 2>&1 &&
    openssl pkcs12 -export -inkey "$work/key.pem" -in "$work/cert.pem" -passout pass:geheim \
        -out "$work/kept.p12" || skip_all 'openssl makes no PKCS#12 file'

screen_start 100 30 "$TLSTEP" open "$work/kept.p12"
check 'the password is asked for' screen_wait 'Password of '
screen_type geheim && screen_keys Enter
check 'and opens the file on the screen' screen_wait 'kept.example'
expect_equal 'it is not shown' 0 "$(screen_text | grep -c geheim)"
screen_keys q
screen_end >/dev/null

# Ctrl-C at the question is an interruption, and the terminal shows what is typed again.
screen_start 100 30 sh -c "trap : INT; '$TLSTEP' certs '$work/kept.p12'; echo status \$?; stty -a; sleep 20"
check 'the password is asked for again' screen_wait 'Password of '
screen_keys C-c
check 'an interruption is one' screen_wait 'status 130'
check 'and the terminal is as it was' screen_wait ' echo '
screen_end >/dev/null

expect_status 'without a terminal it is missing' 2 setsid -w "$TLSTEP" certs "$work/kept.p12"
expect_text 'which is told' 'password' "$errors"

finish
