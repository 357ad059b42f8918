#!/bin/bash
# tests/tui.sh - the panes on a terminal that tmux emulates: what is typed, clicked, resized, interrupted, and what the screen shows then; and that the
# terminal is what it was after every kind of end. Texts are waited for, never times.
set -u
: "${srcdir:?run tests/run.sh of a build}"
laws='tui_opens_and_leaves_the_screen_as_it_was tui_says_that_it_looks_back_while_it_does tui_runs_what_is_typed tui_c_x_c_a_goes_to_and_fro_with_the_line
tui_completes_and_searches_the_history tui_follows_the_size_of_the_window tui_too_small_is_the_prompt tui_keys_work_while_the_title_runs
tui_shows_a_trip_through_the_past tui_stops_and_goes_on tui_takes_the_mouse tui_knows_terminals tui_asks_in_its_line
tui_reads_a_command_below_the_panes tui_keeps_layouts_for_later tui_changes_no_digest tui_restores_the_terminal_after_every_end
tui_without_a_terminal_is_the_prompt'
skip=
command -v tmux >/dev/null || skip='tmux is not installed'
[ -e tests/guest/demo.elf ] || skip='the demo is not built'
if [ -n "$skip" ]; then
	for law in $laws; do
		echo "ok $law # SKIP $skip"
	done
	exit 0
fi
tmp=$(mktemp -d) || exit 2
mux=(tmux -L "wedgetest$$.0" -f /dev/null)
trap '"${mux[@]}" kill-server 2>/dev/null; rm -rf "$tmp"' EXIT
export XDG_STATE_HOME=$tmp XDG_CONFIG_HOME=$tmp LC_ALL=C.UTF-8
export LSAN_OPTIONS="suppressions=$srcdir/tests/lsan.supp:print_suppressions=0"
unset NO_COLOR ESCDELAY INPUTRC TMUX
mkfifo "$tmp/never"
failed=
servers=0

# A title that never ends: `b .` at its entry, in an ELF of 4 KiB and one instruction.
{
	printf '\177ELF\1\2\1\0\0\0\0\0\0\0\0\0\0\2\0\24\0\0\0\1\202\0\0\0\0\0\0\64\0\0\0\0\0\0\0\0\0\64\0\40\0\1\0\0\0\0\0\0'
	printf '\0\0\0\1\0\0\20\0\202\0\0\0\202\0\0\0\0\0\0\4\0\0\0\4\0\0\0\5\0\0\20\0'
	head -c $((0x1000 - 84)) /dev/zero
	printf 'H\0\0\0'
} >"$tmp/loop.elf"

screen() { "${mux[@]}" capture-pane -p -t t; }
keys() { "${mux[@]}" send-keys -t t "$@"; }
text() { "${mux[@]}" send-keys -t t -l -- "$1"; }

wrong()
{
	{
		echo "$1"
		screen
	} >&2
	failed=1
}

# shows GREP-ARGUMENT...: waits, for a minute at most, until a line of the screen is so. hides: until none is.
shows()
{
	local i
	for ((i = 0; i < ${PATIENCE:-1200}; i++)); do
		screen | grep -q "$@" && return
		read -rt 0.05 <>"$tmp/never"
	done
	wrong "the screen never showed: $*"
}
hides()
{
	local i
	for ((i = 0; i < ${PATIENCE:-1200}; i++)); do
		screen | grep -q "$@" || return
		read -rt 0.05 <>"$tmp/never"
	done
	wrong "the screen went on showing: $*"
}

# said GREP-PATTERN: it stands on the screen, or has gone up from it (a sanitizer says much).
said() { "${mux[@]}" capture-pane -p -S - -t t | grep -q "$1" || wrong "nobody has said: $1"; }

# is WORD WORD: equal.
is() { [ "$1" = "$2" ] || wrong "'$1' is not '$2'"; }

# start COLUMNS ROWS ARGUMENT...: wedge in a window of its own; then the shell says how it ended, and whether the terminal's modes are the same.
start()
{
	local cols=$1 rows=$2
	shift 2
	"${mux[@]}" kill-server 2>/dev/null
	mux[2]=wedgetest$$.$((++servers))
	{
		printf 'export TERM=%s\necho BEFORE\nstty -g >%s/modes\n' "${terminal:-screen-256color}" "$tmp"
		[ $# = 0 ] || printf '%q ' "$PWD/wedge" "$@"
		printf '\ncode=$?\nstty -g | cmp -s - %s/modes && modes=same || modes=other\n' "$tmp"
		printf 'echo "ENDED $code, modes $modes"\nexec sleep 600\n'
	} >"$tmp/script"
	"${mux[@]}" new-session -d -s t -x "$cols" -y "$rows" bash "$tmp/script" || exit 2
}

panes() { start "$1" "$2" --tui "${@:3}"; }
pid() { pgrep -P "$("${mux[@]}" display-message -p -t t '#{pane_pid}')" wedge; }
alternate() { "${mux[@]}" display-message -p -t t '#{alternate_on}'; }

# law NAME: what was done since the last one.
law()
{
	[ -z "$failed" ] && echo "ok $1" || echo "not ok $1"
	failed=
}

# shellcheck disable=SC2086
set -- $laws
echo "1..$#"

panes 80 24 --demo
shows 'Threads'
shows '(wedge)'
is "$(alternate)" 1
keys quit Enter
shows 'ENDED 0, modes same'
shows BEFORE
is "$(alternate)" 0
law tui_opens_and_leaves_the_screen_as_it_was

panes 100 30 --demo
shows 'Threads'
text run
keys Enter
shows 'stopped: wedge'
keys C-x o
keys F9
shows 'Report WEDGE'
hides 'looks back' # the report wanted stacks of the past: they have been looked at
for _ in {1..30}; do
	keys '[' F9 ']' F9 b F9 '[' '[' F9 # keys that come while a pane looks back wait
done
keys Escape
shows '(wedge)'
law tui_says_that_it_looks_back_while_it_does

panes 160 50 --demo
shows 'Threads'
text run
keys Enter
shows 'stopped: wedge'
shows 'WEDGE'
text 'print 6*7'
keys Enter
shows '0x2A'
text nonsense
keys Enter
shows 'there is no command'
text '!echo from a program'
keys Enter
shows '^.*from a program$'
law tui_runs_what_is_typed

text 'print 1'
keys C-x C-a
shows '^(wedge) print 1$'
is "$(alternate)" 0
text '0+5'
keys Enter
shows '0xF'
text 'echo half'
keys C-x C-a
shows 'Threads'
shows '(wedge) echo half'
shows '0x2A'
text ' done'
keys Enter
shows 'half done$'
keys C-x C-a
shows '^(wedge) *$'
keys Up
shows '^(wedge) echo half done'
keys C-u
text 'tui enable'
keys Enter
shows 'Threads'
text 'tui disable'
keys Enter
hides 'Threads'
is "$(alternate)" 0
keys C-d
shows 'ENDED 0, modes same'
law tui_c_x_c_a_goes_to_and_fro_with_the_line

panes 100 30 --demo
shows 'Threads'
text 'info thr'
keys Tab
shows '(wedge) info threads'
keys C-u
text 're'
keys Tab Tab
shows 'reverse-continue'
keys C-u
text 'echo alpha'
keys Enter
shows '^.*alpha$'
text 'echo beta'
keys Enter
keys C-r
text alp
shows 'reverse-i-search.*alp.*echo alpha'
keys Enter
keys Up Up C-a
text 'echo '
shows '(wedge) echo echo beta'
keys C-c
shows '(wedge) *$'
law tui_completes_and_searches_the_history

"${mux[@]}" resize-window -t t -x 160 -y 50
shows '^.\{120\}'
"${mux[@]}" resize-window -t t -x 60 -y 20
hides '^.\{61\}'
shows '(wedge)'
"${mux[@]}" resize-window -t t -x 100 -y 30
shows 'Threads'
keys quit Enter
shows 'ENDED 0, modes same'
law tui_follows_the_size_of_the_window

panes 39 9 --demo
shows 'the panes need 40x10'
shows '^(wedge) *$'
"${mux[@]}" resize-window -t t -x 80 -y 24
text tui
keys Enter
shows 'Threads'
"${mux[@]}" resize-window -t t -x 38 -y 24
shows '`tui`'
is "$(alternate)" 0
keys quit Enter
shows 'ENDED 0, modes same'
law tui_too_small_is_the_prompt

panes 100 30 "$tmp/loop.elf"
shows 'Threads'
text continue
keys Enter
shows 'MIPS'
keys C-x o
text 'O'
hides '\[2 '
text 'O'
shows '\[2 '
keys BTab
text 'quit'
keys Enter
shows 'the title runs'
keys C-c
shows 'stopped: interrupt'
hides MIPS
shows '(wedge) quit'
keys Enter
shows 'ENDED 0, modes same'
law tui_keys_work_while_the_title_runs

panes 100 30 "$tmp/loop.elf"
shows 'Threads'
text 'set snapshot-interval 1000G'
keys Enter
text continue
keys Enter
shows 'instr [1-9][0-9]*,[0-9]*,[0-9]*,'
keys C-c
shows 'stopped: interrupt'
text 'reverse-stepi'
keys Enter
shows 'goes there, at instr'
keys C-c
shows 'interrupted: it stands where it stood'
hides 'goes there'
keys C-d
shows 'ENDED 0, modes same'
law tui_shows_a_trip_through_the_past

start 80 24
shows 'ENDED 0'
"${mux[@]}" respawn-pane -k -t t "TERM=screen-256color bash --norc -i"
text "PS1='shell> '"
keys Enter
shows '^shell>'
text "$PWD/wedge --tui --demo"
keys Enter
shows 'Threads'
keys C-z
shows Stopped
is "$(alternate)" 0
text fg
keys Enter
shows 'Threads'
shows '(wedge)'
text 'run'
keys Enter
shows 'stopped: wedge'
kill -STOP "$(pid)"
shows Stopped
text fg
keys Enter
shows 'stopped: wedge'
text 'echo on it goes'
keys Enter
shows '^.*on it goes$'
law tui_stops_and_goes_on

panes 80 24 --demo
shows 'Threads'
text 'run'
keys Enter
shows 'stopped: wedge'
text $'\033[<0;6;5M\033[<0;6;5m'
hides 'sel: tid 1 '
row=$(screen | grep -n 'TID' | head -n 1 | cut -d: -f1)
text $'\033'"[<0;6;$((row + 1))M"
shows 'sel: tid'
text 'O'
hides '\[2 '
text 'O'
text $'\033[<65;6;5M\033[<64;6;5M\033[<2;6;5M\033[<0;500;500M\033[<;M\033[<1'
keys C-x 1 C-x 1
text $'\033[<0;6;22M'
text 'set mouse off'
keys Enter
text 'echo quiet'
keys Enter
shows '^.*quiet$'
is "$("${mux[@]}" display-message -p -t t '#{mouse_any_flag}')" 0
law tui_takes_the_mouse

panes 80 24 --demo
shows 'Threads'
text 'layout code'
keys Enter
shows 'Registers'
text 'bind F11 :print 6*7'
keys Enter
text 'layout save mine'
keys Enter
shows 'layouts and keys are in'
keys quit Enter
shows 'ENDED 0, modes same'
panes 80 24 --demo
shows 'Threads'
text 'layout mine'
keys Enter
shows 'Registers'
shows 'layout mine'
keys F11
shows '6\*7  0x2A'
rm "$tmp/wedge/panes"
law tui_keeps_layouts_for_later

for terminal in vt100 linux xterm-256color screen tmux ansi; do
	infocmp "$terminal" >/dev/null 2>&1 || continue
	panes 80 24 --demo
	shows 'Threads'
	text run
	keys Enter
	shows 'stopped: wedge'
	keys C-d
	shows 'ENDED 0, modes same'
done
for terminal in dumb no-such-terminal; do
	panes 160 24 --demo
	shows 'here is the prompt'
	shows "TERM=$terminal"
	shows '^(wedge) *$'
	keys C-d
	shows 'ENDED 0, modes same'
done
terminal=
law tui_knows_terminals

panes 80 24 --demo
shows 'Threads'
text 'stepi 5'
keys Enter
shows 'instr 5'
text 'run'
keys Enter
shows '(y or n)'
text n
keys Enter
shows '(wedge) *$'
text 'if 1'
keys Enter
shows ' > *$'
text 'echo in the block'
keys Enter
text end
keys Enter
shows '^.*in the block$'
keys C-d
shows 'ENDED 0, modes same'
law tui_asks_in_its_line

panes 100 30 --demo
shows 'Threads'
keys C-x o
text ':print 40+2'
shows '^:print 40+2'
keys Enter
shows '^| 40+2  0x2A'
text ':'
keys Up
shows '^:print 40+2'
keys Escape
hides '^:print'
keys C-x o C-x o C-x o C-u
shows '(wedge) *$'
law tui_reads_a_command_below_the_panes

panes 100 30 --digest -n 300M -e run -e quit "$tmp/loop.elf"
shows 'ENDED 0, modes same'
is "$(screen | grep -o 'instructions=.*')" "$(./wedge --batch --digest -n 300M -e run -e quit "$tmp/loop.elf" 2>&1 | grep -o 'instructions=.*')"
law tui_changes_no_digest

# Out of memory, but for a sanitizer, which ends the process itself then.
if command -v prlimit >/dev/null && ! ldd ./wedge | grep -q asan; then
	panes 100 30 --demo
	shows 'Threads'
	prlimit --pid "$(pid)" --as=4000000
	text checkpoint
	keys Enter
	shows 'ENDED 70, modes same'
	said 'replay with: '
	is "$(alternate)" 0
fi
for end in TERM HUP SEGV ABRT; do
	for when in idle running; do
		panes 80 24 "$tmp/loop.elf"
		shows 'Threads'
		if [ $when = running ]; then
			text continue
			keys Enter
			shows 'MIPS'
		fi
		kill "-$end" "$(pid)"
		case $end in
		TERM) shows 'ENDED 143, modes same' ;;
		HUP) shows 'ENDED 129, modes same' ;;
		*)
			shows 'ENDED [1-9][0-9]*, modes same'
			said 'replay with: '
			;;
		esac
		is "$(alternate)" 0
	done
done
law tui_restores_the_terminal_after_every_end

start 80 24
"$PWD/wedge" --tui --demo -e 'echo alone' </dev/null >"$tmp/out" 2>&1
grep -q 'need a terminal' "$tmp/out" && grep -q '^alone$' "$tmp/out" || wrong 'no notice, or no prompt'
law tui_without_a_terminal_is_the_prompt
