#!/bin/bash
# tests/eventlog.sh - the event log of whole runs: its text, its filters, its end.
# tests/golden/eventlog-crossed.jsonl is a whole log, written down; UPDATE=1 writes it anew.
. "${srcdir:?run tests/run.sh of a build}/tests/laws.sh"
wedge=$PWD/wedge
crossed=$PWD/tests/guest/crossed.elf
demo=$PWD/tests/guest/demo.elf
golden=$srcdir/tests/golden/eventlog-crossed.jsonl
laws='eventlog_of_a_title_is_as_written_down eventlog_counts_what_a_filter_leaves_out eventlog_ends_with_the_number_of_its_lines
	eventlog_of_the_limit_is_the_beginning_of_the_whole eventlog_that_cannot_be_written_changes_no_run
	eventlog_at_the_file_size_limit_hides_no_exit_code eventlog_compressed_is_the_same_text eventlog_is_whole_after_a_signal'
echo 1..8
if [ ! -f "$crossed" ]; then
	skip 'no guests were built' $laws
fi

run()
{
	"$wedge" --batch --digest -e run "$@" 2>"$tmp/stderr" </dev/null | tail -n 1
}

run --log "$tmp/crossed.jsonl" "$crossed" >"$tmp/crossed.digest"
[ -z "${UPDATE-}" ] || cp "$tmp/crossed.jsonl" "$golden"
check eventlog_of_a_title_is_as_written_down diff -u "$golden" "$tmp/crossed.jsonl"

# A filtered log holds the very lines of the whole one, with their numbers.
filtered()
{
	run --log "$tmp/some.jsonl" --log-kinds 'object.*,kernel.call' "$demo" >/dev/null
	run --log "$tmp/all.jsonl" "$demo" >/dev/null
	grep -E '"kind":"(object\.[a-z]+|kernel\.call)"' "$tmp/all.jsonl" >"$tmp/wanted"
	[ -s "$tmp/wanted" ] && grep -v '"log.end"' "$tmp/some.jsonl" | diff -u "$tmp/wanted" -
}
check eventlog_counts_what_a_filter_leaves_out filtered

ends()
{
	local log lines
	for log in all some; do
		lines=$(grep -c '^{"seq":' "$tmp/$log.jsonl")
		[ "$(tail -n 1 "$tmp/$log.jsonl")" = "{\"kind\":\"log.end\",\"events\":$lines,\"complete\":true}" ] || return 1
	done
}
check eventlog_ends_with_the_number_of_its_lines ends

beginning()
{
	run -n 1000 --log "$tmp/part.jsonl" "$demo" >/dev/null
	local lines
	lines=$(($(wc -l <"$tmp/part.jsonl") - 1))
	[ "$lines" -gt 10 ] && diff -u <(head -n "$lines" "$tmp/all.jsonl") <(head -n "$lines" "$tmp/part.jsonl")
}
check eventlog_of_the_limit_is_the_beginning_of_the_whole beginning

unwritable()
{
	run --log /dev/full "$crossed" >"$tmp/full.digest"
	diff -u "$tmp/crossed.digest" "$tmp/full.digest" &&
		grep -q 'No space left on device; the run goes on, the log is incomplete' "$tmp/stderr"
}
check eventlog_that_cannot_be_written_changes_no_run unwritable

# The disk is full after 8 KiB: the title's standstill still is what the exit code tells, and the log says that it is cut.
limited()
{
	(ulimit -f 8 && exec "$wedge" --batch --log "$tmp/limit.jsonl" "$demo" >/dev/null 2>"$tmp/stderr" </dev/null)
	[ $? = 3 ] && grep -q 'File too large; the run goes on' "$tmp/stderr" && tail -n 1 "$tmp/limit.jsonl" | grep -q '"complete":false}$'
}
check eventlog_at_the_file_size_limit_hides_no_exit_code limited

compressed()
{
	command -v zstd >/dev/null || return 0
	run --log "$tmp/all.jsonl.zst" "$demo" >/dev/null
	zstd -dcq "$tmp/all.jsonl.zst" | diff -u "$tmp/all.jsonl" -
}
check eventlog_compressed_is_the_same_text compressed

# A title that never ends is terminated, as soon as its first lines have come: its log has its last line.
terminated()
{
	local pid
	mkfifo "$tmp/prompt"
	"$wedge" --batch --log "$tmp/term.jsonl" -x "$tmp/prompt" "$PWD/tests/guest/spinner.elf" >/dev/null 2>&1 </dev/null &
	pid=$!
	exec 3>"$tmp/prompt" # opens when wedge reads its commands: its handlers stand
	echo run >&3
	exec 3>&-
	kill -TERM $pid
	wait $pid
	[ $? = 143 ] && tail -n 1 "$tmp/term.jsonl" | grep -q '"complete":true}$'
}
check eventlog_is_whole_after_a_signal terminated
