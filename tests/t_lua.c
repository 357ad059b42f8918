/* tests/t_lua.c - the laws of scripts: what they may do to the machine, when; the same output in every run; no way to hold or end the session. */
#include "config.h"

#include <signal.h>
#include <unistd.h>

#include "tests/uikit.h"
#include "ui/complete.h"
#include "ui/interrupt.h"
#include "ui/lua/luaui.h"

#define U(state) ((struct uk *)*(state))

/* Runs code of whatever length; its output is u->text. */
static enum status lua(struct uk *u, const char *code)
{
	fclose(u->out.file);
	free(u->text);
	u->text = NULL;
	u->out.file = open_memstream(&u->text, &u->size);
	u->err.text[0] = 0;
	enum status st = luaui_code(&u->s, code, &u->err);
	fflush(u->out.file);
	return st;
}

static void prints(struct uk *u, const char *code, const char *text)
{
	if (lua(u, code) != ST_OK)
		fail_msg("%s: %s", code, u->err.text);
	assert_string_equal(u->text, text);
}

static void fails(struct uk *u, const char *code, const char *why)
{
	if (lua(u, code) == ST_OK)
		fail_msg("%s: went well", code);
	if (!strstr(u->err.text, why))
		fail_msg("%s: '%s' does not say '%s'", code, u->err.text, why);
	assert_null(strchr(u->err.text, '\n'));
}

/* Sets an event, and forgets that this stops: a call from outside cannot be stopped. */
static void set_event(struct uk *u, uint32_t event)
{
	tk_call_on(u->t, u->t->main, "NtSetEvent", 2, (const uint64_t[]){ event, 0 });
	u->t->m->pending = (struct stop){ 0 };
}

/* ---- the same in every run ---------------------------------------------------------------------------------------------------- */

static void pairs_and_next_go_by_the_order_of_keys(void **state)
{
	prints(U(state),
		"for k, v in pairs{b = 1, a = 2, [3] = 3, [1.5] = 4, [true] = 5, [-7] = 6} do io.write(tostring(k), '=', v, ' ') end",
		"true=5 -7=6 1.5=4 3=3 a=2 b=1 ");
	prints(U(state), "local t, k = {z = 1, y = 2, x = 3}; repeat k = next(t, k); io.write(tostring(k), ' ') until not k",
		"x y z nil ");
	prints(U(state), "print((next{}))", "nil\n");
	prints(U(state), "local t = {a = 1, b = 2, c = 3} for k in pairs(t) do t[k] = nil; t.b = nil; io.write(k) end", "ac");
	prints(U(state),
		"for k, v in pairs(setmetatable({}, {__pairs = function() return function(_, k) return not k and 1 or nil, 2 end end})) do print(k, v) end",
		"1\t2\n");
	fails(U(state), "for k in pairs{[{}] = 1} do end", "lua:1: a key that is a table has no order");
	fails(U(state), "pairs(5)", "lua:1: pairs: a table is wanted");
}

static void no_address_of_the_host_is_printed(void **state)
{
	prints(U(state), "print({}, print, io.stdout, coroutine.create(print), io.tmpfile())",
		"table\tfunction\ttable\tthread\tFILE*\n");
	prints(U(state), "print(string.format('%s %5s|%d', {}, print, 3), ('%s'):format(io.tmpfile()))",
		"table function|3\tFILE*\n");
	prints(U(state), "print(setmetatable({}, {__tostring = function() return 'mine' end}))", "mine\n");
	fails(U(state), "string.format('%d %p', 1, {})", "%p is not here");
	fails(U(state), "string.format('%10.3p', {})", "%p is not here");
	prints(U(state), "print(string.format('%%p'))", "%p\n");
}

static void random_numbers_are_the_same_in_every_state(void **state)
{
	char first[200];
	assert_int_equal(lua(U(state), "for i = 1, 5 do io.write(math.random(1000000), ' ') end"), ST_OK);
	snprintf(first, sizeof first, "%s", U(state)->text);
	luaui_end(&U(state)->s);
	prints(U(state), "for i = 1, 5 do io.write(math.random(1000000), ' ') end", first);
	prints(U(state), "math.randomseed() for i = 1, 5 do io.write(math.random(1000000), ' ') end", first);
}

static void a_sort_leaves_equal_ones_as_they_stand(void **state)
{
	prints(U(state),
		"local t = {} for i = 1, 1000 do t[i] = {i * 7919 % 10, i} end table.sort(t, function(a, b) return a[1] < b[1] end)"
		"for i = 2, 1000 do assert(t[i - 1][1] < t[i][1] or t[i - 1][1] == t[i][1] and t[i - 1][2] < t[i][2]) end print(#t)",
		"1000\n");
	prints(U(state),
		"for n = 0, 9 do local t = {} for i = 1, n do t[i] = n - i end table.sort(t) for i = 1, n do assert(t[i] == i - 1) end end",
		"");
}

/* ---- guest ---------------------------------------------------------------------------------------------------------------------- */

static void memory_is_read_and_written_by_type_and_journalled(void **state)
{
	struct uk *u = U(state);
	char code[400];
	uint32_t ga = tk_memory(u->t, 64);
	tk_put32(u->t, ga, 0x80000001);
	snprintf(code, sizeof code,
		"local a = %u print(mem.u32[a], mem.s32[a], mem.u8[a], mem.s8[a], mem.u16[a + 2], #wedge.read(a, 5))", ga);
	prints(u, code, "2147483649\t-2147483647\t128\t-128\t1\t5\n");
	assert_false(session_tainted(&u->s));
	snprintf(code, sizeof code,
		"local a = %u mem.f32[a] = 1.5 mem.s8[a + 4] = -1 mem.u64[a + 8] = -2 print(mem.f32[a], mem.u32[a], mem.u8[a + 4], mem.s64[a + 8])",
		ga);
	prints(u, code, "1.5\t1069547520\t255\t-2\n");
	assert_true(session_tainted(&u->s));
	assert_int_equal(u->s.journal.done, 3);
	snprintf(code, sizeof code, "local a = %u wedge.write(a, 'thirteen byte') print(wedge.read(a, 13))", ga);
	prints(u, code, "thirteen byte\n");
	assert_int_equal(u->s.journal.done, 6);
	fails(u, "print(mem.u32[0x10])", "lua:1: 00000010 is not mapped");
	fails(u, "mem.u32[0x10] = 1", "00000010 are not mapped");
	snprintf(code, sizeof code, "mem.u32[%u] = 1.5", ga);
	fails(u, code, "no integer");
	fails(u, "print(mem.u32[1 << 40])", "no guest address");
	snprintf(code, sizeof code, "wedge.write(%u, ('x'):rep(1 << 20))", ga);
	fails(u, code, "not all mapped");
	assert_int_equal(u->s.journal.done, 6); /* all or nothing */
}

static void registers_and_expressions_are_those_of_the_command_language(void **state)
{
	struct uk *u = U(state);
	prints(u, "reg.r3 = 0x1234 print(reg.r3, eval('$r3 + 1'), eval('$r3 > 5 ? \"yes\" : \"no\"'), eval('1.5 * 2'))",
		"4660\t4661\tyes\t3.0\n");
	prints(u, "local f = wedge.expr('$r3 * 2') reg.r3 = 5 print(f()) reg.r3 = 6 print(f())", "10\n12\n");
	assert_int_equal(u->s.journal.done, 3);
	fails(u, "eval('1 +')", "lua:1: a value is missing, at column");
	fails(u, "reg.nothing = 1", "no register");
	fails(u, "print(reg.r99)", "there is no $r99");
}

static void every_table_has_its_columns(void **state)
{
	struct uk *u = U(state);
	CALL(u->t, u->t->main, "NtSetEvent", tk_event(u->t, 0, false), 0);
	prints(u,
		"local n = 0 "
		"for _, name in ipairs(wedge.tables()) do local ok, t = pcall(wedge.table, name) "
		"if not ok and t:find('address is missing') then t = wedge.table(name, '$sp') end n = n + 1 assert(type(t) == 'table', name) end assert(n > 40)",
		"");
	prints(u,
		"local h = wedge.table('handles') local e = h[#h] print(math.type(e.handle), e.generation, e.type, e.alias_of, e.name)",
		"integer\t1\tEvent/Man\tnil\tnil\n");
	prints(u,
		"local t = wedge.table('threads') print(t[1].tid, t[1].selected, type(t[1].pc), type(t[1].pc_symbol), type(t[1].objects))",
		"1\ttrue\tnumber\tstring\ttable\n");
	prints(u, "print(#wedge.table('history', wedge.table('handles')[2].handle) > 0, #wedge.table('code', '$pc', 3))",
		"true\t3\n");
	fails(u, "wedge.table('nothing')", "lua:1: there is no table 'nothing'");
	fails(u, "wedge.table('value')", "there is no table 'value'");
	fails(u, "wedge.table('threads', 5)", "too many arguments");
	fails(u, "wedge.table('history', 0x9998)", "9998");
}

/* ---- handlers ---------------------------------------------------------------------------------------------------------------------- */

static void a_handler_is_a_stop_whose_function_decides(void **state)
{
	struct uk *u = U(state);
	uint32_t event = tk_event(u->t, 0, false);
	char code[400];
	snprintf(code, sizeof code,
		"print(wedge.on('signal', {type = 'Event', handle = {%u, 0x9998}}, function(e) n = (n or 0) + 1; return n == 3 end))",
		event);
	prints(u, code, "1\n");
	for (int i = 0; i < 2; i++)
		set_event(u, event);
	assert_int_equal(u->s.breaks.reached_count, 0);
	set_event(u, event);
	assert_int_equal(u->s.breaks.reached_count, 1);
	assert_int_equal(breaks_find(&u->s.breaks, 1)->hits, 3);
	breaks_forget(&u->s);
	prints(u, "print(n) wedge.off(1)", "3\n");
	set_event(u, event);
	prints(u, "print(n)", "3\n");
	fails(u, "wedge.off(1)", "no handler");
	fails(u, "wedge.on('signal', {tipe = 'x', zork = 1}, print)", "lua:1: 'tipe' is no selector");
	fails(u, "wedge.on('signal', {type = print}, print)", "takes a number, a text");
	fails(u, "wedge.on('sygnal', print)", "near: object.signal");
	assert_int_equal(u->s.breaks.count, 1); /* doomed, and nothing else was left */
}

static void a_handler_sees_the_facts_of_its_event(void **state)
{
	struct uk *u = U(state);
	uint32_t event = tk_event(u->t, 1, false);
	prints(u,
		"wedge.on('export NtSetEvent', function(e) c = e end) "
		"wedge.on('signal', {['if'] = '$_type == \"Event\"', once = true}, function(e) s = e; x = eval('$_tid') end)",
		"");
	CALL(u->t, u->t->main, "NtSetEvent", event, 0);
	prints(u, "print(c.kind, c.export, c.args[1] == s.handle, s.kind, s.type, s.gen, s.aux[1], s.aux[2], s.tid == x, s.text)",
		"kernel.call\tNtSetEvent\ttrue\tobject.signal\tEvent\t1\t0\t1\ttrue\tnil\n");
	breaks_sweep(&u->s);
	assert_null(breaks_find(&u->s.breaks, 2)); /* once */
}

static void a_handler_may_look_but_not_touch(void **state)
{
	static const char *const codes[] = { "mem.u32[reg.sp] = 1", "reg.r3 = 1", "wedge.cmd('status')", "wedge.text('status')",
		"wedge.run()", "wedge.cont()", "wedge.write(reg.sp, 'x')", "wedge.select(1)", "wedge.on('signal', print)",
		"wedge.at('$pc', print)" };
	struct uk *u = U(state);
	uint32_t event = tk_event(u->t, 0, false);
	char code[300];
	for (unsigned i = 0; i < ARRAY_LEN(codes); i++) {
		snprintf(
			code, sizeof code, "n = wedge.on('signal', function() ok, why = pcall(function() %s end) end)", codes[i]);
		prints(u, code, "");
		CALL(u->t, u->t->main, "NtSetEvent", event, 0);
		if (lua(u, "wedge.off(n) assert(not ok and why:find('not while the machine is on its way'), why)") != ST_OK)
			fail_msg("%s: %s", codes[i], u->err.text);
	}
	assert_false(session_tainted(&u->s));
}

static void a_failing_handler_stops_and_says_where(void **state)
{
	struct uk *u = U(state);
	uint32_t event = tk_event(u->t, 0, false);
	prints(u, "wedge.on('signal', function()\n error('so it is') end)", "");
	set_event(u, event);
	assert_int_equal(u->s.breaks.reached_count, 1);
	assert_string_equal(u->s.breaks.text, "stop 1: its function failed: lua:2: so it is");
	assert_true(u->s.command_failed);
}

static void handlers_sleep_while_a_moment_is_gone_through_again(void **state)
{
	struct uk *u = U(state);
	uint32_t event = tk_event(u->t, 0, false);
	prints(u, "n = 0 wedge.on('signal', function() n = n + 1 return true end)", "");
	for (int mode = BREAKS_PASS; mode <= BREAKS_SEARCH; mode++) {
		u->s.breaks.mode = (enum breaks_mode)mode;
		CALL(u->t, u->t->main, "NtSetEvent", event, 0);
	}
	u->s.breaks.mode = BREAKS_STOP;
	prints(u, "print(n)", "0\n");
	assert_int_equal(u->s.breaks.reached_count, 0);
	assert_int_equal(breaks_find(&u->s.breaks, 1)->hits, 3); /* they are counted */
}

/* ---- the session -------------------------------------------------------------------------------------------------------------------- */

static void output_goes_the_ways_of_commands(void **state)
{
	struct uk *u = U(state);
	char line[200], dir[] = "/tmp/t_lua.XXXXXX", path[64];
	char read[80] = "";
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/out.txt", dir);
	snprintf(line, sizeof line, "lua print('into a file') > %s", path);
	assert_int_equal(uk_command(u, line), ST_OK);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(read, sizeof read, f));
	fclose(f);
	unlink(path);
	rmdir(dir);
	assert_string_equal(read, "into a file\n");
	assert_string_equal(u->text ? u->text : "", "");
	u->out.json = true;
	prints(u, "print('a', 1) print('two\\nlines')",
		"{\"table\":\"text\",\"rows\":[{\"text\":\"a\\u00091\"}]}\n{\"table\":\"text\",\"rows\":[{\"text\":\"two\"}]}\n"
		"{\"table\":\"text\",\"rows\":[{\"text\":\"lines\"}]}\n");
	u->out.json = false;
	prints(u, "print('\\27[31m', 'a\\0b', '\\u{e9}')", "\\x1B[31m\ta\\x00b\t\xc3\xa9\n");
	prints(u, "local t = wedge.text('echo hello') print(#t, t == 'hello\\n')", "6\ttrue\n");
	prints(u, "wedge.cmd('echo one\\nif 1\\necho two\\nend')", "one\ntwo\n");
}

static void errors_name_file_and_line_and_the_session_lives(void **state)
{
	struct uk *u = U(state);
	fails(u, "x =", "lua:1: unexpected symbol");
	fails(u, "\n\nerror('deep\\nand two lines')", "lua:3: deep");
	fails(u, "\nwedge.cmd('bogus')", "lua:2: there is no command 'bogus'");
	fails(u, "error({})", "failed with a table for its error");
	fails(u, "error(setmetatable({}, {__tostring = error}))", "failed with a table");
	fails(u, "local function f() return f() + 1 end f()", "stack overflow");
	fails(u, "function g() wedge.cmd('lua g()') end g()", "nested more than 32 deep");
	fails(u, "('x'):rep(1 << 40)", "lua:1: ");
	fails(u, "local s = 'x' while true do s = s .. s end", "not enough memory");
	fails(u, "load('\\27Lua')()", "nil");
	prints(u, "print('alive')", "alive\n");
	assert_int_equal(uk_command(u, "luafile /nonexistent/x.lua"), ST_IO);
	assert_int_equal(uk_command(u, "lua"), ST_BAD_USAGE);
}

static void an_endless_script_is_interrupted_and_cannot_hold_on(void **state)
{
	static const char *const codes[] = { "while true do end", "while true do pcall(function() while true do end end) end",
		"coroutine.wrap(function() while true do end end)()", "while true do pcall(error) end" };
	struct uk *u = U(state);
	interrupt_init();
	u->s.interactive = true;
	for (unsigned i = 0; i < ARRAY_LEN(codes); i++) {
		raise(SIGINT);
		assert_int_equal(lua(u, codes[i]), ST_STATE);
		assert_string_equal(u->err.text, "the script was interrupted");
		interrupt_take();
		prints(u, "local n = 0 for i = 1, 100000 do n = n + 1 end print(n)", "100000\n");
	}
	u->s.interactive = false;
}

static void programs_and_machine_code_are_not_loaded_without_leave(void **state)
{
	struct uk *u = U(state);
	fails(u, "os.execute('true')", "lua:1: os.execute: no programs are started here");
	fails(u, "io.popen('true')", "io.popen: no programs are started here");
	prints(u, "print(package.loadlib, package.cpath, #package.searchers, debug.sethook, debug.getregistry)",
		"nil\t\t2\tnil\tnil\n");
	prints(u, "print(load(string.dump(function() end)))", "nil\tattempt to load a binary chunk (mode is 't')\n");
	u->s.allow_shell = true;
	prints(u, "print(io.popen('echo hello'):read('a'))", "hello\n\n");
}

static void a_script_makes_commands_with_help_and_completion(void **state)
{
	struct uk *u = U(state);
	struct words w;
	bool files;
	prints(u,
		"wedge.command{name = 'greet', help = 'Greets somebody.', run = function(...) print('hello', ...) end, "
		"complete = function(prefix, ...) return {'world', 'wedge', 'x' .. select('#', ...)} end}",
		"");
	assert_int_equal(uk_command(u, "greet a b"), ST_OK);
	assert_string_equal(u->text, "hello\ta\tb\n");
	assert_int_equal(uk_command(u, "help greet"), ST_OK);
	assert_non_null(strstr(u->text, "Greets somebody."));
	assert_int_equal(uk_command(u, "apropos somebody"), ST_OK);
	assert_non_null(strstr(u->text, "greet"));
	complete(&u->s, "greet one w", 10, "w", &w, &files);
	assert_int_equal(w.count, 2);
	assert_string_equal(w.word[0], "wedge");
	words_free(&w);
	complete(&u->s, "greet one two x", 14, "x", &w, &files);
	assert_int_equal(w.count, 1);
	assert_string_equal(w.word[0], "x2");
	words_free(&w);
	complete(&u->s, "gre", 0, "gre", &w, &files);
	assert_int_equal(w.count, 1);
	words_free(&w);
	prints(u, "wedge.command{name = 'greet', run = function() error('no more') end}", "");
	assert_int_equal(uk_command(u, "greet"), ST_BAD_VALUE);
	assert_string_equal(u->err.text, "lua:1: no more");
	fails(u, "wedge.command{name = 'print', run = print}", "'print' is a command already");
	fails(u, "wedge.command{name = 'a b', run = print}", "is no name");
	fails(u, "wedge.command{name = 'x'}", "run=");
}

static void an_exit_code_is_the_scripts(void **state)
{
	struct uk *u = U(state);
	prints(u, "wedge.expect(1 == 1) pcall(os.exit, 7) print('not reached')", "");
	assert_true(u->s.quit && u->s.quit_coded);
	assert_int_equal(u->s.quit_code, 7);
	assert_false(u->s.expect_failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UK_TEST(pairs_and_next_go_by_the_order_of_keys),
		UK_TEST(no_address_of_the_host_is_printed),
		UK_TEST(random_numbers_are_the_same_in_every_state),
		UK_TEST(a_sort_leaves_equal_ones_as_they_stand),
		UK_TEST(memory_is_read_and_written_by_type_and_journalled),
		UK_TEST(registers_and_expressions_are_those_of_the_command_language),
		UK_TEST(every_table_has_its_columns),
		UK_TEST(a_handler_is_a_stop_whose_function_decides),
		UK_TEST(a_handler_sees_the_facts_of_its_event),
		UK_TEST(a_handler_may_look_but_not_touch),
		UK_TEST(a_failing_handler_stops_and_says_where),
		UK_TEST(handlers_sleep_while_a_moment_is_gone_through_again),
		UK_TEST(output_goes_the_ways_of_commands),
		UK_TEST(errors_name_file_and_line_and_the_session_lives),
		UK_TEST(an_endless_script_is_interrupted_and_cannot_hold_on),
		UK_TEST(programs_and_machine_code_are_not_loaded_without_leave),
		UK_TEST(a_script_makes_commands_with_help_and_completion),
		UK_TEST(an_exit_code_is_the_scripts),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
