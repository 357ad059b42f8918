#!/bin/bash
# tests/stubs.sh - no guest calls what only answers, or is not built: `info stubs` is empty wherever it comes to stand. Those that do so on
# purpose stand in the list.
. "${srcdir:?run tests/run.sh of a build}/tests/laws.sh"

# said GUEST KEY: what its first lines say.
said()
{
	sed -n "/\*\//q; s/^ \* $2: //p" "$srcdir/tests/guest/$1".[cS]
}

# guest stubs that it calls on purpose
purpose='
sdktitle VdSetSystemCommandBufferGpuIdentifierAddress
notbuilt VdSetSystemCommandBufferGpuIdentifierAddress HalSendSMCMessage
'

calls_no_stub()
{
	local guest=$1 limit options
	limit=$(said "$guest" limit)
	options=$(said "$guest" options)
	# shellcheck disable=SC2086 # options are words
	./wedge --batch --json -n "${limit:-2M}" ${options//@HERE@/$srcdir/tests/golden} -e run -e 'info stubs' "tests/guest/$guest.elf" >"$tmp/out" 2>/dev/null </dev/null
	grep -o '"name":"[^"]*"' <(grep '"table":"stubs"' "$tmp/out") | cut -d'"' -f4 | sort >"$tmp/called"
	grep -q '"table":"stubs"' "$tmp/out" && awk -v g="$guest" '$1 == g { for (i = 2; i <= NF; i++) print $i }' <<<"$purpose" | sort | diff - "$tmp/called"
}

no_guest_calls_a_stub()
{
	local elf wrong=0
	for elf in tests/guest/*.elf; do
		elf=${elf##*/}
		calls_no_stub "${elf%.elf}" || { echo "$elf"; wrong=1; }
	done
	return $wrong
}

if ls tests/guest/*.elf >/dev/null 2>&1; then
	check stubs_no_guest_calls_one no_guest_calls_a_stub
else
	echo 'ok stubs_no_guest_calls_one # SKIP no guests were built'
fi
