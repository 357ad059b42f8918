#!/bin/bash
# tests/guestlogs.sh - what the devices do for titles, event by event: the logs of some guests are as written down in
# tests/golden/guestlog-NAME.jsonl; UPDATE=1 writes them anew. A line of the list: a guest, and the kinds of events that its log has.
. "${srcdir:?run tests/run.sh of a build}/tests/laws.sh"
limit=200k
guests='
audio thread.*,object.release,object.wake
frames gpu.*,interrupt,!gpu.packet
gpuwait gpu.*
'

logged()
{
	local golden=$srcdir/tests/golden/guestlog-$1.jsonl
	./wedge --batch -n "$limit" --log "$tmp/log" --log-kinds "$2" -e run "tests/guest/$1.elf" >/dev/null </dev/null
	[ -z "${UPDATE-}" ] || cp "$tmp/log" "$golden"
	diff -u "$golden" "$tmp/log"
}

names=$(printf '%s' "$guests" | sed 's/ .*//')
set -- $names
echo "1..$#"
if ! ls tests/guest/*.elf >/dev/null 2>&1; then
	laws=$(printf 'eventlog_of_%s ' $names)
	skip 'no guests were built' $laws
fi
while read -r name kinds; do
	[ -z "$name" ] || check "eventlog_of_$name" logged "$name" "$kinds"
done <<<"$guests"
