#!/bin/sh
# The worksheet's commands do what it says: docs/exercise.md. A line with "$ " in a console block is a command, "# exit N" its
# status where that is not 0; the lines below it stand in what it prints.
set -u
. tests/support/lib.sh
need jq curl tshark python3

doc=$PWD/docs/exercise.md
mkdir "$work/bin" "$work/here"
ln -s "$(realpath "$TLSTEP")" "$work/bin/tlstep"
PATH=$work/bin:$PATH
XDG_STATE_HOME=$work/state
export PATH XDG_STATE_HOME
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY

# Three ports in a row for the lab, one for the proxy, one for a server: those of the document may be taken.
until lab=$(free_port) && ! listening $((lab + 1)) && ! listening $((lab + 2)); do :; done
proxy=$(free_port) server=$(free_port)
with_ports() { sed "s/8443/$lab/g; s/8444/$((lab + 1))/g; s/8445/$((lab + 2))/g; s/8446/$server/g; s/8080/$proxy/g"; }
awk '/^```/ { inside = $0 == "```console"; next } inside' "$doc" | with_ports >"$work/lines"

awk '/^```/ { inside = $0 == "```python"; next } inside' "$doc" | with_ports >"$work/here/client.py"

# Packets are not for everybody: then what needs them is left out, with its output.
may_capture() { tlstep run --plain -- true >"$work/capture" 2>&1 || [ $? -ne 3 ]; }

# run COMMAND: leaves what it prints in $work/printed. In the background it has begun when it listens.
run() {
    wanted=0 name=$(printf '%s' "$1" | tr '\\' '/') # sh's echo would read \n
    case $1 in *'# exit '*) wanted=${1##*# exit } ;; esac
    case $1 in
    *'&')
        case $1 in *proxy:*) port=$proxy ;; *listen:*) port=$server ;; *) port=$((lab + 2)) ;; esac
        check "begins: $name" start_server "server-$port" "$port" sh -c "cd '$work/here' && exec ${1%&}"
        ;;
    *)
        expect_status "$name" "$wanted" sh -c "cd '$work/here' && ${1%%#*}"
        printf '%s\n%s\n' "$output" "$errors" >"$work/printed"
        ;;
    esac
}

count=0 left_out=
while IFS= read -r line <&3; do
    case $line in
    '$ '*)
        count=$((count + 1)) left_out=
        case $line in
        *'tlstep run '* | *' --capture '*) may_capture || { left_out=yes; skip "${line#$ }" "$(cat "$work/capture")"; continue; } ;;
        esac
        run "${line#$ }"
        ;;
    *) [ -n "$left_out" ] || check "prints: $line" grep -qF -e "$line" "$work/printed" ;;
    esac
done 3<"$work/lines"
check 'the document has its commands' [ $count -gt 20 ]
finish
