#!/bin/sh
# tests/runner.sh - the test runner itself: what counts as passed, failed and skipped.
set -u
: "${srcdir:?run tests/run.sh of a build}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/build/tests" "$dir/src/tests/golden"
cp "$srcdir/tests/run-tests" "$srcdir/tests/golden.sh" "$dir/src/tests/"
chmod u+w "$dir/src/tests" "$dir/src/tests/"*
echo 1..12

# expect LAW LINES: the programs in $dir/build/tests give these lines (the last one is the summary).
expect()
{
	programs=
	for p in "$dir"/build/tests/p_*; do
		[ -f "$p" ] && chmod +x "$p" && programs="$programs tests/${p##*/}"
	done
	(cd "$dir/build" && srcdir=$dir/src programs=$programs scripts='' WEDGE_TEST_SECONDS=${limit:-20} \
		sh "$dir/src/tests/run-tests" 2>"$dir/err") >"$dir/out"
	{ cat "$dir/build/tests.log"; tail -n 1 "$dir/out"; } >"$dir/got"
	printf '%s\n' "$2" >"$dir/want"
	if diff "$dir/want" "$dir/got" >&2; then
		echo "ok $1"
	else
		echo "not ok $1"
	fi
	rm -rf "$dir/build/tests" "$dir/src/tests/golden"
	mkdir -p "$dir/build/tests" "$dir/src/tests/golden"
}
program()
{
	{ echo '#!/bin/sh'; cat; } >"$dir/build/tests/$1"
}

program p_good <<'X'
printf '1..2\nok 1 - law_a\nok 2 - law_b\n'
X
expect runner_counts_what_passed 'ok law_a
ok law_b
2 passed, 0 failed, 0 skipped'

program p_skip <<'X'
printf '1..2\nok 1 - law_a\nnot ok 2 # SKIP law_b\n'
X
expect runner_takes_cmockas_skip_for_a_skip 'ok law_a
skip law_b
1 passed, 0 failed, 1 skipped'

program p_bad <<'X'
printf '1..2\nnot ok 1 - law_a\nok 2 - law_b\n'
exit 1
X
expect runner_counts_what_failed 'not ok law_a
ok law_b
1 passed, 1 failed, 0 skipped'

program p_dies <<'X'
printf '1..3\nok 1 - law_a\n'
kill -9 $$
X
expect runner_counts_a_death_as_a_failure 'ok law_a
not ok p_dies (over its time limit after 1 tests)
1 passed, 1 failed, 0 skipped'

program p_short <<'X'
printf '1..3\nok 1 - law_a\n'
X
expect runner_counts_missing_tests_as_a_failure 'ok law_a
not ok p_short (1 of 3 tests reported, exit 0)
1 passed, 1 failed, 0 skipped'

program p_silent <<'X'
exit 0
X
expect runner_counts_silence_as_a_failure 'not ok p_silent (reported nothing, exit 0)
0 passed, 1 failed, 0 skipped'

program p_exit <<'X'
printf '1..1\nok 1 - law_a\n'
exit 70
X
expect runner_counts_a_bad_exit_as_a_failure 'ok law_a
not ok p_exit (exit 70)
1 passed, 1 failed, 0 skipped'

program p_hangs <<'X'
echo 1..1
exec tail -f /dev/null
X
limit=1 expect runner_ends_a_job_that_hangs 'not ok p_hangs (over its time limit after 0 tests)
0 passed, 1 failed, 0 skipped'

program p_one <<'X'
echo ok law_a
X
program p_two <<'X'
echo ok law_a
X
expect runner_refuses_one_name_for_two_tests 'ok law_a
ok law_a
not ok duplicate: ok law_a
2 passed, 1 failed, 0 skipped'

cat >"$dir/build/wedge" <<'X'
#!/bin/sh
echo "digest=0123456789abcdef $EXTRA"
X
chmod +x "$dir/build/wedge"
echo '# exit: 0' >"$dir/src/tests/golden/g-env.cmd"
echo 'digest=*' >"$dir/src/tests/golden/g-env.out"
expect golden_fails_when_two_runs_differ 'not ok g-env
0 passed, 1 failed, 0 skipped'

printf '#!/bin/sh\necho digest=0123456789abcdef in "$(pwd)/x"\nexit 3\n' >"$dir/build/wedge"
echo '# exit: 3' >"$dir/src/tests/golden/g-masked.cmd"
echo 'digest=* in x' >"$dir/src/tests/golden/g-masked.out"
echo '# exit: 0' >"$dir/src/tests/golden/g-exit.cmd"
echo 'digest=* in x' >"$dir/src/tests/golden/g-exit.out"
echo '# exit: 3' >"$dir/src/tests/golden/g-text.cmd"
echo 'digest=* in y' >"$dir/src/tests/golden/g-text.out"
expect golden_holds_text_and_exit_code 'not ok g-exit
ok g-masked
not ok g-text
1 passed, 2 failed, 0 skipped'

# The first run's program stands until the second run has said that it waits.
mkfifo "$dir/gate" "$dir/said"
printf '#!/bin/sh\nread -r line <"%s/gate"\necho 1..1\necho ok $line\n' "$dir" >"$dir/build/tests/p_gate"
chmod +x "$dir/build/tests/p_gate"
run()
{
	(cd "$dir/build" && srcdir=$dir/src programs=tests/p_gate scripts='' timeout 20 sh "$dir/src/tests/run-tests")
}
run >"$dir/first" 2>&1 &
first=$!
timeout 20 sh -c 'until [ -d "$1" ]; do :; done' sh "$dir/build/tests/log/p_gate.d"
run 2>"$dir/said" >"$dir/second" &
read -r said <"$dir/said"
echo law_one >"$dir/gate"
wait "$first"
echo law_two >"$dir/gate"
wait
case "$said,$(cat "$dir/first"),$(cat "$dir/second")" in
'another run '*',1 passed, 0 failed, 0 skipped,1 passed, 0 failed, 0 skipped') echo ok runner_waits_for_another_run_of_the_same_build ;;
*) echo not ok runner_waits_for_another_run_of_the_same_build ;;
esac
