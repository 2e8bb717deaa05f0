# Plays lessons from beginning to end on a real screen, as their files say: docs/lessons/NAME.md has for each part the keys
# that a student would press (play), the lines that he would type (type), and a wrong answer (wrong).
#
#   play_lessons COLUMNS ROWS NAME...
# shellcheck shell=sh

# The parts of a lesson, a line each: "part task", then "play KEYS", "type TEXT", "wrong TEXT".
lesson_script() {
    awk '/^## / { if (part++) print task lines; task = "read"; lines = "" }
         /^do: / { task = "do" }
         /^ask: / { task = "type" }
         /^[-*] / && task == "type" && asked { task = "choose" }
         { asked = /^ask: / || (asked && !/^(hint|answer|because|wrong|play|type):/) }
         /^(play|type|wrong): / { lines = lines "\n" $0 }
         END { print task lines }' "docs/lessons/$1.md"
}

# Keys one by one: what one starts must have ended before the next, as for a student who watches.
play_keys() {
    set -f
    for key in $1; do
        screen_keys "$key"
        sleep 0.12
    done
    set +f
}

# answer TASK TEXT
answer() {
    screen_keys .
    sleep 0.1
    if [ "$1" = choose ]; then
        screen_keys "$2"
    else
        screen_type "$2"
        screen_keys Enter
    fi
}

# What $work/plays says.
play_lines() {
    while read -r word text <&3; do
        case $word:$task in
        play::do) play_keys "$text" ;;
        play:*) answer "$task" "$text" ;;
        type::do)
            screen_type "$text"
            screen_keys Enter
            sleep 0.12
            ;;
        type:*) answer "$task" "$text" ;;
        esac
    done 3<"$work/plays"
}

# One part: it does not tick by itself nor for a wrong answer, but for what it asks for. The marks are those of lesson.c.
play_part() {
    screen_wait "$place" || return 1
    # Keys that were pressed again may have gone further than was asked for.
    [ -n "$pressed_again" ] || screen_gone 'done  .' 1 || return 1
    ! screen_text | grep '… \. more' || { echo '# its text does not fit'; return 1; }
    [ -z "$wrong" ] || {
        answer "$task" "$wrong"
        screen_wait 'Not that' && ! screen_text | grep -q 'done  \.' || return 1
    }
    printf '%s\n' "$plays" >"$work/plays"
    play_lines
    [ "$task" = do ] || { [ "$task" = read ] || screen_wait 'done  .'; return; }
    # On a busy machine a key may have come before what it was for: then a student presses it again.
    for again in 1 2; do
        screen_wait 'done  .' 4 >/dev/null && return
        pressed_again=yes
        play_lines
    done
    screen_wait 'done  .'
}

play_lesson() {
    screen_start "$1" "$2" "$TLSTEP" lesson "$3" || return 1
    lesson_script "$3" >"$work/script"
    parts=$(grep -c '^## ' "docs/lessons/$3.md") number=0
    task='' pressed_again=''
    while read -r line; do
        case $line in
        play:* | type:*) plays="$plays$line
" ;;
        wrong:*) wrong=${line#wrong: } ;;
        *)
            next_part "$line" || return 1
            ;;
        esac
    done <"$work/script"
    next_part '' || return 1
    screen_wait "Done: $(sed -n 's/^# //p' "docs/lessons/$3.md")" || return 1
    screen_keys Escape q
    [ "$(screen_end)" = 0 ]
}

# Plays what has been read of the part before, and goes on.
next_part() {
    if [ -n "$task" ]; then
        number=$((number + 1)) place="$number of $parts"
        play_part || { echo "# in part $number of $parts ($task)"; return 1; }
        screen_keys .
    fi
    task=$1 plays='' wrong=''
}

play_lessons() {
    columns=$1 rows=$2
    shift 2
    for name in "$@"; do
        XDG_STATE_HOME="$work/state-$name"
        export XDG_STATE_HOME
        check "$name at ${columns}x$rows" play_lesson "$columns" "$rows" "$name"
        listed=$("$TLSTEP" lesson --list | grep "^$name ")
        expect_text "$name is noted as done" '✔ done' "$listed"
    done
}

# play_all COLUMNS ROWS: all that there are, several at a time: they mostly wait.
play_all() {
    "$TLSTEP" lesson --list | awk '{ print $1 }' >"$work/names"
    expect_equal 'each file is a lesson' "$(ls docs/lessons/*.md | wc -l)" "$(wc -l <"$work/names")"
    split -n r/4 "$work/names" "$work/names."
    players=
    for names in "$work"/names.*; do
        # shellcheck disable=SC2046
        (
            work=$names.work
            mkdir "$work"
            trap screen_stop EXIT
            trap 'exit 130' INT TERM HUP
            screen_prefix=tlstep-$$-${names##*.}
            play_lessons "$1" "$2" $(cat "$names") >"$names.out" 2>&1
            exit $((failures > 0))
        ) &
        players="$players $!"
    done
    started="$started $players"
    for player in $players; do
        wait "$player" || failures=$((failures + 1))
    done
    started=
    cat "$work"/names.*.out
}
