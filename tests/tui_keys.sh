#!/bin/sh
# tests/tui_keys.sh - each key of the panes is pressed by a golden: every row of ui/tui/keys.def is in a `pressed:` line of
# tests/golden/tui-*.out, which `screen pressed` prints.
set -u
: "${srcdir:?run tests/run.sh of a build}"
rows=$(sed -n 's/^KEY\(_RUN\)\{0,1\}(\([a-z_]*\),.*/\2/p' "$srcdir/ui/tui/keys.def")
pressed=" $(sed -n 's/^pressed://p' "$srcdir"/tests/golden/tui-*.out | tr '\n' ' ') "
missing=''
for row in $rows; do
	case $pressed in
	*" $row "*) ;;
	*) missing="$missing $row" ;;
	esac
done
if [ -n "$rows" ] && [ -z "$missing" ]; then
	echo 'ok tui_keys_are_all_pressed'
else
	echo 'not ok tui_keys_are_all_pressed'
	echo "no golden presses:$missing" >&2
fi
