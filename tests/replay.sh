#!/bin/bash
# tests/replay.sh - what a run's inputs, or a machine in a file, are worth in another process: for every guest, with changes made by the user on
# the way, a recording is replayed to the same report, digest and event log; a saved machine goes on to the same digest, with the rest
# of the log; and both are refused, in one line, when title or file are not what they were.
. "${srcdir:?run tests/run.sh of a build}/tests/laws.sh"

# Steps with the others held, a register set to itself, and then on to wherever it stops.
cat >"$tmp/user" <<'X'
run -n 20
pad press a+start for 30ms
pad stick left 100 -100
set scheduler-locking on
stepi 3
set scheduler-locking off
set $r31 = $r31
set on-stub continue=3
continue -n 150k
set record off
X

# tail_of A B: B's events are the last ones of A.
tail_of()
{
	tail -n "$(wc -l <"$2")" "$1" | sed '$d' | cmp - <(sed '$d' "$2")
}

replays()
{
	./wedge --batch --digest --log "$tmp/a.log" --record "$tmp/rec" -x "$tmp/user" -e digest "$1" >"$tmp/a" 2>"$tmp/a.err"
	tail -n 1 "$tmp/a" >"$tmp/a.digest"
	./wedge replay --batch --digest --log "$tmp/b.log" -e run -e digest "$tmp/rec" >"$tmp/b" 2>"$tmp/b.err" || [ $? -lt 7 ] || return 1
	tail -n 1 "$tmp/b" | cmp - "$tmp/a.digest" && cmp "$tmp/a.log" "$tmp/b.log" && grep -q ' tainted$' "$tmp/a.digest"
}

resumes()
{
	rm -f "$tmp/saved"
	./wedge --batch --log "$tmp/a.log" -e 'run -n 60' -e "save $tmp/saved" -e 'continue -n 100k' -e wedge -e digest "$1" >"$tmp/a" 2>"$tmp/a.err"
	[ -s "$tmp/saved" ] || return 0 # it had ended before
	./wedge --batch --log "$tmp/b.log" -e 'continue -n 100k' -e wedge -e digest "$tmp/saved" >"$tmp/b" 2>"$tmp/b.err"
	sed '1,/^saved/d' "$tmp/a" | cmp - "$tmp/b" && tail_of "$tmp/a.log" "$tmp/b.log"
}

# refused NEEDLE WEDGE-ARGUMENT...: exit 2, one line, which says so.
refused()
{
	local needle=$1
	shift
	./wedge --batch "$@" >"$tmp/out" 2>"$tmp/line"
	[ $? = 2 ] && [ "$(wc -l <"$tmp/line")" = 1 ] && grep -q -- "$needle" "$tmp/line" || { cat "$tmp/line" >&2; return 1; }
}

refuses()
{
	local hash='[0-9a-f]\{16\}'
	rm -f "$tmp/saved"
	cp tests/guest/demo.elf "$tmp/demo.elf"
	./wedge --batch --record "$tmp/rec" -e run -e "save $tmp/saved" "$tmp/demo.elf" >/dev/null 2>&1
	refused 'is there already' -e "save $tmp/saved" "$tmp/demo.elf" &&
		refused "cannot save" -e "save $tmp/none/saved" "$tmp/demo.elf" || return 1
	printf x >>"$tmp/demo.elf"
	refused "not the title that was recorded: its hash is $hash, that of the recording $hash" replay "$tmp/rec" &&
		refused "not the title that was recorded: its hash is $hash, that of the recording $hash" "$tmp/saved" &&
		refused 'another title' -e "restore $tmp/saved" tests/guest/finish.elf || return 1
	rm "$tmp/demo.elf"
	refused 'demo.elf' replay "$tmp/rec" || return 1
	mkdir -p "$tmp/moved" && cp "$tmp/rec" "$tmp/moved" && cp tests/guest/demo.elf "$tmp/moved"
	./wedge replay --batch "$tmp/moved/rec" >/dev/null 2>&1
	[ $? = 3 ] || { echo moved; return 1; }
	head -n 5 "$tmp/rec" >"$tmp/short"
	head -c 5000 "$tmp/saved" >"$tmp/cut"
	sed 's/quantum 1000/quantum 1001/' "$tmp/rec" >"$tmp/changed"
	sed '1s/1$/9/' "$tmp/rec" >"$tmp/later"
	refused ':6: the recording is not whole' replay "$tmp/short" && refused 'damaged snapshot' "$tmp/cut" &&
		refused 'its sum differs' replay "$tmp/changed" && refused 'of format 9' replay "$tmp/later" &&
		refused 'not a recording' replay "$tmp/saved" && refused 'seed cannot be given' --seed 2 "$tmp/saved" &&
		refused 'cpi cannot be given' --cpi 2 replay "$tmp/rec" && refused 'recording is missing' replay
}

# What a call of an export that is not built answers is an input: in recordings, in saved machines, in the second machine of a report.
on_stub()
{
	local guest=tests/guest/notbuilt.elf with='--on-stub=continue=0xC0000002'
	rm -f "$tmp/saved"
	./wedge --batch "$with" --record "$tmp/rec" -e 'run -n 25' -e "save $tmp/saved" -e continue -e 'info stubs' -e wedge -e digest "$guest" >"$tmp/a" 2>/dev/null
	grep -q '^option on-stub continue=0xc0000002$' "$tmp/rec" && grep -q 'HalSendSMCMessage is not built: called 4 times' "$tmp/a" || return 1
	./wedge replay --batch -e run -e 'info stubs' -e wedge -e digest "$tmp/rec" 2>/dev/null | cmp - <(sed '1,/^saved/d' "$tmp/a") &&
		./wedge --batch -e continue -e 'info stubs' -e wedge -e digest "$tmp/saved" 2>/dev/null | cmp - <(sed '1,/^saved/d' "$tmp/a") &&
		refused 'other options' -e "restore $tmp/saved" "$guest" && refused 'on-stub cannot be given' --on-stub=continue replay "$tmp/rec"
}

guests=$(ls tests/guest/*.elf 2>/dev/null)
[ -n "$guests" ] || skip 'no guests were built' replay_recordings replay_saved_machines replay_keeps_what_stubs_answer replay_refuses
all()
{
	local guest
	for guest in $guests; do
		"$1" "$guest" || { echo "$guest"; return 1; }
	done
}
check replay_recordings_come_to_the_same all replays
check replay_saved_machines_go_on_alike all resumes
check replay_keeps_what_stubs_answer on_stub
check replay_refuses_what_is_not_the_same refuses
