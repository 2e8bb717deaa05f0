# For shell tests: results, servers on free ports, certificates, and the program on a real screen (tmux).
#
#   . tests/support/lib.sh          (tests/run starts every test in the project's folder)
#   need tmux
#   check 'it prints its version' "$TLSTEP" --version
#   finish
#
# What is started here is ended when the test ends, however it ends. Nothing outside of TMPDIR is written.
# shellcheck shell=sh

TLSTEP=${TLSTEP:-$PWD/tlstep}
work=$(mktemp -d "${TMPDIR:-/tmp}/test.XXXXXX") || exit 1
failures=0
started=

# --- results ----------------------------------------------------------------------------------------

ok() { echo "ok - $1"; }

# not_ok NAME [WHY]
not_ok() {
    echo "not ok - $1"
    [ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/# /'
    failures=$((failures + 1))
}

# skip NAME WHY
skip() { echo "skip - $1: $2"; }

# The whole test cannot run here.
skip_all() { echo "skipped: $1"; exit 77; }

# need COMMAND...: skips the whole test when one is missing.
need() {
    for command in "$@"; do
        command -v "$command" >/dev/null || [ -x "/usr/sbin/$command" ] || skip_all "no $command here"
    done
}

# check NAME COMMAND...: passes when the command does; shows what it printed when it does not.
check() {
    check_name=$1
    shift
    # Not in a subshell: what the command starts must be known to cleanup().
    if "$@" >"$work/check" 2>&1; then
        ok "$check_name"
    else
        not_ok "$check_name" "$* (status $?): $(cat "$work/check")"
    fi
}

# expect_status NAME STATUS COMMAND...: leaves what it printed in $output (standard output) and $errors.
expect_status() {
    expect_name=$1 expect_wanted=$2
    shift 2
    "$@" >"$work/output" 2>"$work/errors" </dev/null
    expect_got=$?
    output=$(cat "$work/output") errors=$(cat "$work/errors")
    if [ $expect_got -eq "$expect_wanted" ]; then
        ok "$expect_name"
    else
        not_ok "$expect_name" "$* exited with $expect_got instead of $expect_wanted: $output $errors"
    fi
}

# expect_equal NAME WANTED GOT
expect_equal() {
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "wanted: $2
got:    $3"; fi
}

# expect_text NAME WANTED TEXT: the text contains it, word for word.
expect_text() {
    case $3 in *"$2"*) ok "$1" ;; *) not_ok "$1" "not there: $2
in: $3" ;; esac
}

# The last line of every test.
finish() { exit $((failures > 0)); }

cleanup() {
    status=$?
    trap - EXIT INT TERM HUP
    screen_stop
    for pid in $started; do kill "$pid" 2>/dev/null; done
    for pid in $started; do wait "$pid" 2>/dev/null; done
    rm -rf "$work"
    exit $status
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

# --- servers ----------------------------------------------------------------------------------------

# A port that nobody listens on and no other test has been given. Those the kernel hands out for
# connections (ip_local_port_range, from 32768) are avoided.
free_port() {
    ports=${TLSTEP_PORTS:-$work/ports}
    mkdir -p "$ports"
    while :; do
        port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
        listening $port || ! mkdir "$ports/$port" 2>/dev/null || break
    done
    echo $port
}

# listening PORT: somebody does, on any address (state 0A in the kernel's table).
listening() {
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        awk -v port="$(printf '%04X' "$1")" '$4 == "0A" && $2 ~ ":" port "$" { found = 1 } END { exit !found }'
}

# start NAME COMMAND...: in the background, its output in $work/NAME.log, its number in $pid.
start() {
    start_name=$1
    shift
    "$@" >"$work/$start_name.log" 2>&1 </dev/null &
    pid=$!
    started="$started $pid"
}

# start_server NAME PORT COMMAND...: and waits until it listens. Status 1 when it does not.
start_server() {
    server_name=$1 server_port=$2
    shift 2
    start "$server_name" "$@"
    tries=0
    until listening "$server_port"; do
        tries=$((tries + 1))
        if [ $tries -gt 200 ] || ! kill -0 "$pid" 2>/dev/null; then
            echo "# $server_name does not listen on $server_port:"
            sed 's/^/# /' "$work/$server_name.log"
            return 1
        fi
        sleep 0.05
    done
}

# stop PID: ends a process of start() now.
stop() {
    kill "$1" 2>/dev/null
    wait "$1" 2>/dev/null
    started=$(echo " $started " | sed "s/ $1 / /")
}

# make_certificate rsa|ecdsa: a CA and a certificate of localhost, 127.0.0.1 and ::1 signed by it.
# Leaves $work/ALGORITHM.{ca,crt,key}; done once.
make_certificate() {
    base=$work/$1
    [ ! -e "$base.crt" ] || return 0
    case $1 in
    rsa) set -- "$1" -newkey rsa:2048 ;;
    *) set -- "$1" -newkey ec -pkeyopt ec_paramgen_curve:P-256 ;;
    esac
    algorithm=$1
    shift
    {
        openssl req -x509 "$@" -nodes -days 30 -subj "/CN=Test CA ($algorithm)" -keyout "$base.ca.key" -out "$base.ca" &&
            openssl req "$@" -nodes -subj /CN=localhost -keyout "$base.key" -out "$base.csr" &&
            printf 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nextendedKeyUsage=serverAuth\n' >"$base.ext" &&
            openssl x509 -req -in "$base.csr" -CA "$base.ca" -CAkey "$base.ca.key" -CAcreateserial -days 20 \
                -extfile "$base.ext" -out "$base.crt"
    } >"$base.log" 2>&1 || { echo "# openssl could not make a certificate:"; cat "$base.log"; return 1; }
}

# openssl_server rsa|ecdsa [OPTIONS of s_server]: serves a status page; leaves its $port, and the CA in $ca.
openssl_server() {
    make_certificate "$1" || return 1
    base=$work/$1
    ca=$base.ca
    shift
    port=$(free_port)
    start_server "openssl-$port" "$port" openssl s_server -accept "127.0.0.1:$port" -www -quiet \
        -cert "$base.crt" -key "$base.key" -CAfile "$ca" "$@"
}

# gnutls_server rsa|ecdsa [OPTIONS of gnutls-serv]
gnutls_server() {
    make_certificate "$1" || return 1
    base=$work/$1
    ca=$base.ca
    shift
    port=$(free_port)
    start_server "gnutls-$port" "$port" gnutls-serv --quiet --http --port "$port" \
        --x509certfile "$base.crt" --x509keyfile "$base.key" "$@"
}

# --- a real screen ----------------------------------------------------------------------------------

# One screen a test: a tmux server of its own, which reads no configuration of the user.
screen_name=
# Who has several screens at once names each: screen_prefix.
screen_tmux() { tmux -u -L "$screen_name" "$@" 2>>"$work/tmux.log"; }

# screen_start COLUMNS ROWS COMMAND...: the screen stays readable after the command has ended.
screen_start() {
    screen_stop
    screen_name=${screen_prefix:-tlstep-$$}
    screen_size="-x $1 -y $2"
    shift 2
    cat >"$work/tmux.conf" <<'CONF'
set -g status off
set -g remain-on-exit on
set -g remain-on-exit-format ''
set -g escape-time 0
set -g default-terminal tmux-256color
set -g mouse off
CONF
    # shellcheck disable=SC2086
    screen_tmux -f "$work/tmux.conf" new-session -d $screen_size "$@" || { screen_name=; return 1; }
}

screen_stop() {
    [ -n "$screen_name" ] || return 0
    screen_tmux kill-server
    # tmux leaves its socket behind.
    rm -f "${TMUX_TMPDIR:-/tmp}/tmux-$(id -u)/$screen_name"
    screen_name=
}

# screen_keys KEY...: names as tmux knows them (Space, Enter, Escape, Left, C-l, x).
screen_keys() { screen_tmux send-keys "$@"; }
# screen_type TEXT
screen_type() { screen_tmux send-keys -l "$1"; }
# What is on the screen, as text; with -e with colours.
screen_text() { screen_tmux capture-pane -p "$@"; }
# screen_resize COLUMNS ROWS
screen_resize() { screen_tmux resize-window -x "$1" -y "$2"; }
# Where the cursor is: "column row".
screen_cursor() { screen_tmux display-message -p '#{cursor_x} #{cursor_y}'; }
# The process that runs in it.
screen_pid() { screen_tmux display-message -p '#{pane_pid}'; }

# screen_wait TEXT [SECONDS]: until the screen shows it. Status 1 after 10 s, and shows the screen.
screen_wait() {
    tries=$((${2:-10} * 20))
    while [ $tries -gt 0 ] && screen_now=$(screen_text); do
        case $screen_now in *"$1"*) return 0 ;; esac
        tries=$((tries - 1))
        sleep 0.05
    done
    echo "# not on the screen: $1"
    printf '%s\n' "$screen_now" | sed 's/^/# |/'
    return 1
}

# screen_gone TEXT [SECONDS]: until the screen does not show it any more: a frame reaches tmux in pieces.
# Status 1 after 10 s, and shows the screen.
screen_gone() {
    tries=$((${2:-10} * 20))
    while [ $tries -gt 0 ] && screen_now=$(screen_text); do
        case $screen_now in *"$1"*) ;; *) return 0 ;; esac
        tries=$((tries - 1))
        sleep 0.05
    done
    echo "# still on the screen: $1"
    printf '%s\n' "$screen_now" | sed 's/^/# |/'
    return 1
}

# Waits until the program has ended; prints its exit status. Status 1 after 10 s ($1).
screen_end() {
    tries=$((${1:-10} * 20))
    while [ $tries -gt 0 ]; do
        if [ "$(screen_tmux display-message -p '#{pane_dead}')" = 1 ]; then
            screen_status=$(screen_tmux display-message -p '#{pane_dead_status}#{pane_dead_signal}')
            if [ -n "$screen_status" ]; then
                screen_tmux display-message -p '#{pane_dead_status}'
                return 0
            fi
            # tmux 3.3a sometimes misses that its child has ended, until the next signal says so.
            kill -CHLD "$(screen_tmux display-message -p '#{pid}')"
        fi
        tries=$((tries - 1))
        sleep 0.05
    done
    return 1
}
