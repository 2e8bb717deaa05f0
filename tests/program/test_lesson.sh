#!/bin/sh
# tlstep lesson: the list with progress, resetting, the way in from the first frame, and what is refused.
set -u
. tests/support/lib.sh
need tmux

XDG_STATE_HOME=$work/state
export XDG_STATE_HOME

expect_status 'the list is printed' 0 "$TLSTEP" lesson --list
expect_text 'with each lesson and its progress' 'two-handshakes     0 of 9' "$output"
expect_equal 'one line each' "$(ls docs/lessons | wc -l)" "$(printf '%s\n' "$output" | wc -l)"
expect_status 'a lesson that is not there is refused' 2 "$TLSTEP" lesson no-such-lesson
expect_text 'and those that are there are named, in their order' 'two-handshakes, what-is-encrypted, trust, ' "$errors"
expect_status 'two at once are refused' 2 "$TLSTEP" lesson trust sni
expect_status 'without a screen there is none' 2 "$TLSTEP" lesson --plain trust
expect_status '--reset is for lessons' 2 "$TLSTEP" report --reset lab:good

# The first frame offers them; one is begun by its key in the menu.
screen_start 80 24 "$TLSTEP"
check 'the first frame offers lessons' screen_wait 'L: learn TLS by doing'
screen_keys L
check 'the menu has them' screen_wait 'One address, several names'
screen_keys 1
check 'a lesson begins' screen_wait '1 of 9'
screen_keys .
check 'what is not done is not passed at once' screen_wait '. skip'
screen_keys H Space
check 'it sees that it has been done' screen_wait 'done  .'
screen_keys .
check 'the next part' screen_wait '2 of 9'
screen_keys ,
check 'the part before can be read again' screen_wait '1 of 9'
screen_keys . 5
check 'panes have their keys all the same' screen_wait '╭ 5 Message'
screen_keys ?
check 'help, too' screen_wait 'Keys and commands'
screen_keys Escape
screen_resize 120 36
check 'on a wide screen it stands on the right' screen_wait '╮│ A question first'
screen_resize 60 15
check 'on the smallest one, too' screen_wait '2 of 9'
screen_resize 80 24
screen_keys :
screen_type 'lesson off'
screen_keys Enter
check 'it can be left' screen_gone '2 of 9'
screen_keys .
check 'then its keys say so' screen_wait 'no lesson goes on'
screen_keys q
screen_end >/dev/null

expect_equal 'progress is noted, for nobody else to read' 600 "$(stat -c %a "$work/state/tlstep/lessons")"
expect_text 'it is listed' 'two-handshakes     1 of 9' "$("$TLSTEP" lesson --list)"

# Who comes back begins where a session begins, and passes what has been done.
screen_start 80 24 "$TLSTEP" lesson two-handshakes
check 'who comes back begins with the session' screen_wait '1 of 9'
screen_keys .
check 'and passes what has been done' screen_wait '2 of 9'
screen_keys q
screen_end >/dev/null

expect_status 'one is reset' 0 "$TLSTEP" lesson --reset two-handshakes
expect_text 'and forgotten' 'two-handshakes     0 of 9' "$("$TLSTEP" lesson --list)"
expect_status 'no other is' 2 "$TLSTEP" lesson --reset two-handshake
expect_status 'all are reset' 0 "$TLSTEP" lesson --reset
check 'and the file is gone' [ ! -e "$work/state/tlstep/lessons" ]

# A state folder that cannot be written to is no reason not to learn.
screen_start 80 24 env XDG_STATE_HOME=/proc/none "$TLSTEP" lesson two-handshakes
check 'a lesson needs no state folder' screen_wait '1 of 9'
screen_keys Space
check 'and says that progress is not kept' screen_wait 'cannot make the state folder'
check 'and goes on' screen_wait 'done  .'
screen_keys q
screen_end >/dev/null
finish
