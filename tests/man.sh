#!/bin/sh
# tests/man.sh - the manual page: it formats without a warning, and its examples run.
set -u
: "${srcdir:?run tests/run.sh of a build}"
page=$PWD/man/wedge.1
if command -v groff >/dev/null; then
	if warnings=$(groff -man -Tutf8 -ww -z "$page" 2>&1) && [ -z "$warnings" ]; then
		echo 'ok man_page_formats_without_a_warning'
	else
		echo 'not ok man_page_formats_without_a_warning'
		printf '%s\n' "$warnings" >&2
	fi
else
	echo 'ok man_page_formats_without_a_warning # SKIP groff is not installed'
fi

if [ ! -f tests/guest/finish.elf ]; then
	echo 'ok man_examples_run # SKIP no guests were built'
	exit 0
fi
guest=$PWD/tests/guest/finish.elf
wedge=$PWD/wedge
examples=$(sed -n '/^\.SH EXAMPLES/,$s/^\.B wedge //p' "$page" | sed 's/\\-/-/g; s/\\e/\\/g')
bad=''
cd "${TMPDIR:-/tmp}" || exit 2
while IFS= read -r example; do
	code=0
	eval "$wedge $(printf '%s' "$example" | sed "s|title\.elf|$guest|")" >out 2>&1 </dev/null || code=$?
	# 0: the title ended; 3: the demo stands still.
	case $code in
	0 | 3) ;;
	*) bad="$bad
wedge $example: exit $code: $(tail -n 3 out)" ;;
	esac
done <<EOF
$examples
EOF
if [ -n "$examples" ] && [ -z "$bad" ]; then
	echo 'ok man_examples_run'
else
	echo 'not ok man_examples_run'
	printf '%s\n' "$bad" >&2
fi
