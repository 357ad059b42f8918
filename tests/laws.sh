#!/bin/bash
# tests/laws.sh - sourced by the test scripts whose laws are commands: an empty folder $tmp, and the lines of the report.
set -u
: "${srcdir:?run tests/run.sh of a build}"
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

# check LAW COMMAND...: ok if the command says so; else the end of what it said.
check()
{
	local law=$1
	shift
	if "$@" >"$tmp/said" 2>&1; then
		echo "ok $law"
	else
		echo "not ok $law"
		tail -n 20 "$tmp/said" >&2
	fi
}

# skip WHY LAW...: none of them can be looked at here.
skip()
{
	local why=$1 law
	shift
	for law in "$@"; do
		echo "ok $law # SKIP $why"
	done
	exit 0
}
