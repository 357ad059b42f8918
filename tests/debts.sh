#!/bin/sh
# tests/debts.sh - every DEBT(name) comment has its row in HACKING.md's table of known debts, and the other way round.
set -u
: "${srcdir:?run tests/run.sh of a build}"
cd "$srcdir" || exit 2
# Built to the side, so that this file does not name a debt itself.
mark='DEBT''('
in_code=$(find src kernel ui tests man bootstrap configure.ac Makefile.am .ci -type f ! -path 'tests/vectors/*' ! -name debts.sh \
	-exec grep -hoE "DEBT\([a-z0-9-]+\)" {} + 2>/dev/null | sed 's/^DEBT(//; s/)$//' | sort -u)
malformed=$(grep -rnF "$mark" src kernel ui tests man 2>/dev/null | grep -vE "DEBT\([a-z0-9-]+\)" | grep -v '^tests/debts.sh:')
rows=$(sed -n '/^## Known debts/,/^## /p' HACKING.md | sed -nE 's/^\| *`?([a-z0-9-]+)`? *\|.*/\1/p' |
	grep -vxE 'name|-+' | sort)
short=$(sed -n '/^## Known debts/,/^## /p' HACKING.md | awk -F'|' '/^\|/ {
	for (i = 2; i < NF; i++) if ($i ~ /^ *$/ || NF != 8) { print $2; break } }')

# says LAW MISSING WHAT
says()
{
	if [ -z "$2" ]; then
		echo "ok $1"
	else
		echo "not ok $1"
		printf '%s\n' "$2" | sed "s/^/$3: /" >&2
	fi
}
missing()
{
	printf '%s\n' "$1" | while read -r name; do
		[ -z "$name" ] || printf '%s\n' "$2" | grep -qxF -- "$name" || echo "$name"
	done
}
echo 1..3
says debt_comments_have_their_rows "$(missing "$in_code" "$rows")$malformed" 'no row in HACKING.md'
says debt_rows_have_their_comments "$(missing "$rows" "$in_code")" 'no comment in the code'
says debt_rows_are_whole_and_single "$short$(printf '%s\n' "$rows" | uniq -d)" 'a column is empty, or the row stands twice'
