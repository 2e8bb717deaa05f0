#!/bin/sh
# Every lesson is played from its beginning to its end on a screen of 120 x 36, as its file says.
set -u
. tests/support/lib.sh
. tests/ui/play_lessons.sh
need tmux
play_all 120 36
finish
