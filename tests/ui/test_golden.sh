#!/bin/sh
# Saved sessions look as they did (tests/ui/golden.sh says how to change that).
exec tests/ui/golden.sh
