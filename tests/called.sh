#!/bin/bash
# tests/called.sh - each export that is built is called by the test program that its row names, from the title: through its thunk and sc
# (tests/testkit.c notes who got there).
. "${srcdir:?run tests/run.sh of a build}/tests/laws.sh"

# built: "Name source" of each such row.
built()
{
	sed -n 's/^EXPORT([a-z]*, 0x[0-9A-F]*, \([A-Za-z0-9_]*\), .*, IMPL, "\(.*\)")$/\1 \2/p' "$srcdir"/kernel/exports_{xboxkrnl,xam}.def
}

each_is_called_by_its_test()
{
	local name source wrong=0
	built >"$tmp/built"
	[ "$(wc -l <"$tmp/built")" = "$(grep -c ', IMPL, ' "$srcdir"/kernel/exports_{xboxkrnl,xam}.def | awk -F: '{ n += $2 } END { print n }')" ] || return 1
	for source in $(cut -d' ' -f2- "$tmp/built" | tr ' ' '_' | sort -u); do
		[ -x "tests/$source" ] || { echo "$source is no test program"; wrong=1; continue; }
		WEDGE_CALLED=$tmp/called.$source "tests/$source" >/dev/null 2>&1 </dev/null
	done
	while read -r name source; do
		grep -qx "$name" "$tmp/called.$source" 2>/dev/null || { echo "$name: $source does not call it"; wrong=1; }
	done <"$tmp/built"
	return $wrong
}

check called_each_built_export_by_its_test each_is_called_by_its_test
