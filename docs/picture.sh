#!/bin/sh
# Makes the picture in the README from the real screen: runs tlstep in tmux, steps to where a TLS 1.3 server
# has proved that it holds its key, and draws what is on the screen then.
#
#   docs/picture.sh [OUTPUT.svg]          (docs/screen.svg)
#
# Another screen: PICTURE_COMMAND (what to run), PICTURE_COMMAND_LINE (what to do there), PICTURE_UNTIL (the text that
# is then on the screen).
set -u
cd "$(dirname "$0")/.." || exit 1
output=${1:-docs/screen.svg}

. tests/support/lib.sh
export TERM=xterm-256color LC_ALL=C.UTF-8
columns=120 rows=36

# Word splitting on purpose: a command and its arguments.
# shellcheck disable=SC2086
screen_start $columns $rows ${PICTURE_COMMAND:-$TLSTEP lab:good} || exit 1
until_text=${PICTURE_UNTIL:-CertificateVerify has arrived}
screen_wait "Space" || exit 1
screen_keys :
screen_keys "${PICTURE_COMMAND_LINE:-until server:CertificateVerify}" Enter
if ! screen_wait "$until_text"; then
    echo "the screen never said: $until_text" >&2
    screen_text >&2
    exit 1
fi
screen_text -e | LC_ALL=C awk -f docs/picture.awk -v columns=$columns -v rows=$rows >"$work/screen.svg" || exit 1
mv "$work/screen.svg" "$output"
echo "$output"
