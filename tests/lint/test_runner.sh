# tests/run counts what passed, and calls failed what failed, crashed, hung, stopped early or left something behind.
. tests/support/lib.sh

# runs NAME WANTED SCRIPT: a test made of SCRIPT gives the last line WANTED, and an exit status that fits.
runs() {
    printf '%s\n' "$3" >"$work/subject.sh"
    output=$(tests/run -t 1 "$work/subject.sh")
    status=$?
    case $2 in *', 0 failed'*) wanted=0 ;; *) wanted=1 ;; esac
    expect_equal "$1" "$2 (status $wanted)" "$(printf '%s\n' "$output" | tail -n 1) (status $status)"
}

runs 'a script without lines counts once' '1 passed, 0 failed' 'true'
runs 'lines count one by one' '2 passed, 0 failed, 1 skipped' 'echo "ok - a"; echo "skip - b: why"; echo "ok - c"'
runs 'a failed line' '1 passed, 1 failed' 'echo "ok - a"; echo "not ok - b"; exit 1'
runs 'a failed line that the exit status hides' '0 passed, 1 failed' 'echo "not ok - b"'
runs 'an exit status that no line explains' '1 passed, 1 failed' 'echo "ok - a"; exit 3'
runs 'status 77 skips' '0 passed, 0 failed, 1 skipped' 'echo "skipped: no peer"; exit 77'
expect_text 'and says why' 'no peer' "$output"
runs 'cmocka, with a skip' '2 passed, 0 failed, 1 skipped' \
    'printf "1..3\nok 1 - a\nskipped: no peer\nnot ok 2 # SKIP b\nok 3 - c\n"'
expect_text 'which says why too' 'b: no peer' "$output"
runs 'cmocka that stops before its plan' '1 passed, 1 failed' 'printf "1..3\nok 1 - a\n"'
runs 'a crash' '1 passed, 1 failed' 'echo "ok - a"; kill -SEGV $$'
expect_text 'and its signal' 'killed by signal 11' "$output"
runs 'a test that hangs' '0 passed, 1 failed' 'sleep 30'
expect_text 'and how long it had' 'longer than 1 s' "$output"
runs 'a process left behind' '0 passed, 1 failed' 'setsid sleep 31 >/dev/null 2>&1 & exit 0'
expect_text 'and which' 'left running: sleep 31' "$output"
runs 'a folder that cannot be written' '1 passed, 0 failed' 'mkdir "$TMPDIR/a" && chmod 0 "$TMPDIR/a"'

finish
