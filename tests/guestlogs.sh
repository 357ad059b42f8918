#!/bin/bash
# tests/guestlogs.sh - what the devices do for titles, event by event: the logs of some guests are as written down in
# tests/golden/guestlog-NAME.jsonl; UPDATE=1 writes them anew. A line of the list: a guest, and the kinds of events that its log has.
. "${srcdir:?run tests/run.sh of a build}/tests/laws.sh"
limit=200k
disc=$srcdir/tests/golden/disc
# log, guest, kinds, options; what is mounted may not show: the same log stands for folder, disc image and package
guests="
dialogs dialogs notify.*,xam.*,input.*
audio audio thread.*,object.release,object.wake
frames frames gpu.*,interrupt,!gpu.packet
gpuwait gpuwait gpu.*
xamsave xamsave xam.*,apc.*,object.signal
xamwrong xamwrong xam.*,object.*
xma xma xma.*
xmastarve xmastarve xma.*,object.release
plugin plugin module.*,thread.*
borrow borrow module.*
dllwait dllwait module.*,object.wait
diskread diskread io.*,apc.*,object.signal,object.release --mount game:=$disc
diskwalk diskwalk io.* --mount disc:=$disc
diskwalk diskwalk-image io.* --mount disc:=tests/guest/disc.iso
diskwalk diskwalk-package io.* --mount disc:=tests/guest/disc.stfs
disksave disksave io.* --mount game:=$disc
diskdead diskdead io.*,object.wait --mount disc:=$disc --dead-device disc:
ramdisk ramdisk object.*,thread.*
jobqueue jobqueue object.create,object.wait,object.wake,object.signal,object.release
rwlock rwlock object.create,object.wait,object.wake,object.signal,object.release,thread.exit
sdktitle sdktitle io.*,gpu.swap,notify.*,xma.*,apc.*,thread.* --mount game:=$disc
seh seh exception.*
"

logged()
{
	local golden=$srcdir/tests/golden/guestlog-$1.jsonl guest=${2%%-*} kinds=$3
	shift 3
	./wedge --batch -n "$limit" "$@" --log "$tmp/log" --log-kinds "$kinds" -e run "tests/guest/$guest.elf" >/dev/null </dev/null
	[ -z "${UPDATE-}" ] || cp "$tmp/log" "$golden"
	diff -u "$golden" "$tmp/log"
}

names=$(printf '%s' "$guests" | awk '{ print $2 }')
set -- $names
echo "1..$#"
if ! ls tests/guest/*.elf >/dev/null 2>&1; then
	laws=$(printf 'eventlog_of_%s ' $names)
	skip 'no guests were built' $laws
fi
while read -r log guest kinds options; do
	# shellcheck disable=SC2086 # options are words
	[ -z "$log" ] || check "eventlog_of_$guest" logged "$log" "$guest" "$kinds" $options
done <<<"$guests"
