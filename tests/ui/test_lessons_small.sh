#!/bin/sh
# Every lesson is played from its beginning to its end on a screen of 80 x 24, as its file says.
set -u
. tests/support/lib.sh
. tests/ui/play_lessons.sh
need tmux
play_all 80 24
finish
