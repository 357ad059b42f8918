/* tests/t_io.c - the laws of I/O: when a request is done, and who is told how; completion ports. */
#include "config.h"

#include <unistd.h>

#include "kernel/apc.h"
#include "kernel/deadline.h"
#include "tests/filekit.h"
#include "tests/volmake/volmake.h"

#define NAME "game:\\data\\fox.txt"
#define DEVICE(bytes) (IO_DEVICE_TICKS + (uint64_t)(bytes)*IO_BYTE_TICKS)

static int disc_setup(void **state)
{
	*state = fk_disc("game:");
	return 0;
}
#define DISC_TEST(f) cmocka_unit_test_setup_teardown(f, disc_setup, tk_teardown)

/* A read of 9 bytes from the file's beginning, not waited for. */
struct read {
	uint32_t iosb, buffer;
};
static struct read begin(struct tk *t, uint32_t h, uint32_t event, uint32_t routine, uint32_t context)
{
	struct read r = { tk_memory(t, 8), tk_memory(t, 16) };
	uint32_t at = tk_memory(t, 8);
	tk_put32(t, r.iosb, NT_PENDING);
	assert_int_equal(CALL(t, t->main, "NtReadFile", h, event, routine, context, r.iosb, r.buffer, 9, at), NT_PENDING);
	return r;
}

static void is_done(struct tk *t, const struct read *r)
{
	char got[10] = "";
	assert_int_equal(tk_get32(t, r->iosb), NT_SUCCESS);
	assert_int_equal(tk_get32(t, r->iosb + 4), 9);
	assert_int_equal(mem_peek(&t->m->mem, r->buffer, got, 9), MEM_OK);
	assert_string_equal(got, "The quick");
}

static int32_t state_of(struct tk *t, uint32_t handle)
{
	return object_signal_state(t->m, tk_object(t, handle));
}

static void a_request_takes_its_time_and_no_more(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, NAME, 0);
	struct read a = begin(t, h, 0, 0, 0), b = begin(t, h, 0, 0, 0);
	struct quiescence q;
	machine_quiescence(t->m, &q);
	assert_int_equal(q.io, 2);
	assert_int_equal(deadline_next(t->m), DEVICE(9));
	tk_pass(t, DEVICE(9) - 1);
	assert_int_equal(tk_get32(t, a.iosb), NT_PENDING);
	tk_pass(t, 1);
	is_done(t, &a);
	assert_int_equal(tk_get32(t, b.iosb), NT_PENDING); /* the device does one thing after the other */
	tk_pass(t, DEVICE(9));
	is_done(t, &b);
	struct read c = begin(t, h, 0, 0, 0); /* from the cache */
	tk_pass(t, IO_CACHED_TICKS);
	is_done(t, &c);
	machine_quiescence(t->m, &q);
	assert_int_equal(q.io, 0);
}

/* Whatever the title gives back that it does not have: what a request holds stays until it is done. */
static void no_surplus_dereference_takes_what_a_request_holds(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, NAME, 0), event = tk_event(t, 0, true), object = tk_object(t, event), file = tk_object(t, h);
	uint32_t id = object_peek(t->m, object)->id, file_id = object_peek(t->m, file)->id;
	struct read r = begin(t, h, event, 0, 0);
	for (unsigned i = 0; i < 3; i++) {
		CALL(t, t->main, "ObDereferenceObject", object_peek(t->m, object)->body_ga);
		CALL(t, t->main, "ObDereferenceObject", object_peek(t->m, file)->body_ga);
	}
	CALL(t, t->main, "NtClose", event);
	CALL(t, t->main, "NtClose", h);
	assert_int_equal(object_by_id(t->m, id), object);
	tk_pass(t, DEVICE(9));
	is_done(t, &r);
	assert_int_equal(object_by_id(t->m, id), 0);
	assert_int_equal(object_by_id(t->m, file_id), 0);
}

static void an_event_is_set_and_the_file_is_not(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, NAME, 0), event = tk_event(t, 0, true);
	struct read r = begin(t, h, event, 0, 0);
	assert_int_equal(state_of(t, event), 0); /* cleared when it begins */
	tk_pass(t, DEVICE(9));
	is_done(t, &r);
	assert_int_equal(state_of(t, event), 1);
	assert_int_equal(state_of(t, h), 0);
	r = begin(t, h, 0, 0, 0);
	tk_pass(t, DEVICE(9));
	assert_int_equal(state_of(t, h), 1);
	begin(t, h, 0, 0, 0);
	assert_int_equal(state_of(t, h), 0);
}

static void the_order_is_status_then_signal_then_apc_then_packet(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, NAME, 0), event = tk_event(t, 0, false);
	begin(t, h, event, TK_CODE | 1, 0x55);
	tk_forget(t);
	tk_pass(t, DEVICE(9));
	static const enum event_kind order[] = { EV_IO_COMPLETE, EV_OBJECT_SIGNAL, EV_APC_QUEUE };
	assert_int_equal(t->events, ARRAY_LEN(order));
	for (unsigned i = 0; i < ARRAY_LEN(order); i++)
		assert_int_equal(t->event[i].kind, order[i]);
	assert_int_equal(t->event[0].aux[2], 9);
	assert_int_equal(t->event[2].aux[1], TK_CODE); /* bit 0 is a flag */
	assert_int_equal(t->event[0].tid, 0);
}

static void a_synchronous_caller_waits_for_its_own_request(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, NAME, SYNC), other = tk_thread(t, 1), iosb = tk_memory(t, 8), buffer = tk_memory(t, 64),
		 at = tk_memory(t, 8);
	PARKS(t, t->main, "NtReadFile", h, 0, 0, 0, iosb, buffer, 9, 0);
	PARKS(t, other, "NtReadFile", h, 0, 0, 0, iosb, buffer + 16, 5, at);
	tk_pass(t, DEVICE(9));
	assert_false(tk_parked(t, t->main));
	assert_int_equal(tk_wake(t, t->main), NT_SUCCESS);
	assert_false(tk_parked(t, other)); /* woken by the file, but its own is not done: */
	tk_wake(t, other);
	assert_true(tk_parked(t, other));
	tk_pass(t, DEVICE(5));
	assert_int_equal(tk_wake(t, other), NT_SUCCESS);
	assert_int_equal(open_of(t->m, tk_object(t, h))->position, 5);
	assert_int_equal(arena_live(&t->m->world, t->m->t_io), 0);
}

static void positions_move_and_the_end_is_told_at_once(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, NAME, SYNC), iosb = tk_memory(t, 8), buffer = tk_memory(t, 64);
	for (unsigned i = 0; i < 2; i++) {
		PARKS(t, t->main, "NtReadFile", h, 0, 0, 0, iosb, buffer, 40, 0);
		tk_pass(t, 1000000);
		assert_int_equal(tk_wake(t, t->main), NT_SUCCESS);
		assert_int_equal(tk_get32(t, iosb + 4), i ? 5 : 40);
	}
	assert_int_equal(CALL(t, t->main, "NtReadFile", h, 0, 0, 0, iosb, buffer, 40, 0), NT_END_OF_FILE);
	assert_int_equal(tk_get32(t, iosb), NT_END_OF_FILE);
	assert_int_equal(tk_get32(t, iosb + 4), 0);
}

static void scatter_and_gather_go_page_by_page(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, "cache:\\f", 0), pages = tk_memory(t, 3 * 4096), segments = tk_memory(t, 8), status;
	uint32_t first = (pages + 4095) & ~4095u;
	tk_put32(t, segments, first + 4096);
	tk_put32(t, segments + 4, first);
	tk_put32(t, first, 0x11111111);
	tk_put32(t, first + 4096, 0x22222222);
	assert_int_equal(fk_move(t, "NtWriteFileGather", h, 0, segments, 8192, &status), 8192);
	uint32_t buffer = tk_memory(t, 4);
	assert_int_equal(fk_move(t, "NtReadFile", h, 4096, buffer, 4, &status), 4);
	assert_int_equal(tk_get32(t, buffer), 0x11111111);
	tk_put32(t, first, 0);
	assert_int_equal(fk_move(t, "NtReadFileScatter", h, 0, segments, 8192, &status), 8192);
	assert_int_equal(tk_get32(t, first), 0x11111111);
	assert_int_equal(tk_get32(t, first + 4096), 0x22222222);
}

static void what_cannot_be_done_is_refused_before_it_begins(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_open(t, NAME, READ, SHARE_ALL, DO_OPEN, 0).handle, iosb = tk_memory(t, 8), buffer = tk_memory(t, 8),
		 at = tk_memory(t, 8);
	uint32_t folder = fk_get(t, "game:\\data", FILE_DIRECTORY_FILE);
	assert_int_equal(CALL(t, t->main, "NtWriteFile", h, 0, 0, 0, iosb, buffer, 8, at), NT_ACCESS_DENIED);
	assert_int_equal(
		CALL(t, t->main, "NtReadFile", h, 0, 0, 0, iosb, buffer, 8, 0), NT_INVALID_PARAMETER); /* without an offset */
	assert_int_equal(CALL(t, t->main, "NtReadFile", folder, 0, 0, 0, iosb, buffer, 8, at), NT_INVALID_DEVICE_REQUEST);
	assert_int_equal(CALL(t, t->main, "NtReadFile", 0x7770, 0, 0, 0, iosb, buffer, 8, at), NT_INVALID_HANDLE);
	assert_int_equal(
		CALL(t, t->main, "NtReadFile", tk_event(t, 0, 0), 0, 0, 0, iosb, buffer, 8, at), NT_OBJECT_TYPE_MISMATCH);
	assert_int_equal(CALL(t, t->main, "NtReadFile", h, h, 0, 0, iosb, buffer, 8, at), NT_OBJECT_TYPE_MISMATCH);
	assert_int_equal(tk_count(t, EV_IO_START), 0);
	const uint64_t bad_buffer[] = { h, 0, 0, 0, iosb, 0x10, 8, at };
	assert_true(tk_call_on(t, t->main, "NtReadFile", 8, bad_buffer).faulted);
}

static void a_buffer_that_goes_away_fails_the_request(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, NAME, 0), iosb = tk_memory(t, 8), base = tk_memory(t, 4), size = tk_memory(t, 4),
		 at = tk_memory(t, 8);
	tk_put32(t, size, 0x10000);
	assert_int_equal(CALL(t, t->main, "NtAllocateVirtualMemory", base, size, 0x1000, 4, 0), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "NtReadFile", h, 0, 0, 0, iosb, tk_get32(t, base), 9, at), NT_PENDING);
	tk_put32(t, size, 0);
	assert_int_equal(CALL(t, t->main, "NtFreeVirtualMemory", base, size, 0x8000, 0), NT_SUCCESS);
	tk_pass(t, DEVICE(9));
	assert_int_equal(tk_get32(t, iosb), NT_ACCESS_VIOLATION);
}

static void a_request_holds_its_file(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, NAME, 0), event = tk_event(t, 0, false), object = tk_object(t, h);
	struct read r = begin(t, h, event, 0, 0);
	fk_close(t, h);
	assert_int_equal(object_peek(t->m, object)->refs, 1);
	assert_int_equal(CALL(t, t->main, "NtClose", event), NT_SUCCESS);
	tk_pass(t, DEVICE(9));
	is_done(t, &r);
	assert_int_equal(object_peek(t->m, object)->refs, 0);
	assert_int_equal(arena_live(&t->m->world, t->m->t_file), 0);
}

/* A package of tests/golden/disc whose last block, that of README.TXT, has a wrong byte. */
static struct tk *package_new(char path[64])
{
	struct machine_options o;
	struct volume *v;
	struct err err;
	char folder[4096];
	snprintf(folder, sizeof folder, "%s/tests/golden/disc", getenv("srcdir") ? getenv("srcdir") : "..");
	assert_int_equal(volume_open(folder, &v, &err), ST_OK);
	struct vm_bytes b = vm_stfs(v, &(struct vm_stfs){ .twice = true });
	volume_free(v);
	b.p[b.size - VOLUME_BLOCK] ^= 1;
	strcpy(path, "/tmp/wedge-io-XXXXXX");
	int fd = mkstemp(path);
	assert_int_equal(write(fd, b.p, b.size), b.size);
	close(fd);
	free(b.p);
	machine_options_default(&o);
	o.mounts = mounts_new();
	assert_int_equal(mounts_add(o.mounts, "pack:", path, &err), ST_OK);
	mounts_default(o.mounts, NULL);
	struct tk *t = tk_new_with(&o);
	t->mounts = o.mounts;
	return t;
}

static void a_damaged_block_of_a_package_fails_its_reads_and_no_others(void **state)
{
	char path[64];
	struct tk *t = package_new(path);
	uint32_t good = fk_open(t, "pack:\\data\\fox.txt", READ, SHARE_ALL, DO_OPEN, 0).handle, status;
	uint32_t bad = fk_open(t, "pack:\\readme.txt", READ, SHARE_ALL, DO_OPEN, 0).handle, buffer = tk_memory(t, 16);
	(void)state;
	for (unsigned i = 0; i < 2; i++) { /* it does not get better */
		assert_int_equal(fk_move(t, "NtReadFile", bad, 0, buffer, 4, &status), 0);
		assert_int_equal(status, NT_FILE_CORRUPT_ERROR);
		assert_int_equal(tk_count(t, EV_IO_DAMAGED), i + 1);
		fk_reads(t, good, 0, "The quick");
	}
	assert_int_equal(cache_peek(t->m)->used, 1);
	assert_null(mounts_broken(t->mounts));
	tk_free(t);
	assert_int_equal(unlink(path), 0);
}

static void a_dead_device_never_answers_and_is_no_reason_to_go_on(void **state)
{
	struct tk *t = TK(state);
	struct err err;
	struct quiescence q;
	assert_int_equal(mounts_kill(t->mounts, "GAME:", &err), ST_OK);
	assert_int_equal(mounts_kill(t->mounts, "none:", &err), ST_NOT_FOUND);
	uint32_t h = fk_get(t, NAME, 0), event = tk_event(t, 0, false);
	struct read r = begin(t, h, event, 0, 0);
	tk_pass(t, 1u << 30);
	assert_int_equal(tk_get32(t, r.iosb), NT_PENDING);
	machine_quiescence(t->m, &q);
	assert_int_equal(q.io, 0);
	assert_int_equal(q.io_lost, 1);
	assert_int_equal(q.next_due, DEADLINE_NEVER);
	assert_int_not_equal(io_lost_for(t->m, tk_object(t, event)), 0);
	assert_int_equal(io_lost_for(t->m, tk_object(t, h)), 0); /* an event was given */
	assert_int_equal(CALL(t, t->main, "NtCancelIoFile", h, tk_memory(t, 8)), NT_SUCCESS);
	assert_int_equal(tk_get32(t, r.iosb), NT_CANCELLED);
	assert_int_equal(state_of(t, event), 1);
	assert_int_equal(io_lost_for(t->m, tk_object(t, event)), 0);
}

/* ---- completion ports ------------------------------------------------------------------------------------------------------------------ */

static uint32_t port_new(struct tk *t)
{
	uint32_t out = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "NtCreateIoCompletion", out, 0x1F0003, 0, 0), NT_SUCCESS);
	return tk_get32(t, out);
}

static void remove_expects(struct tk *t, uint32_t port, uint32_t key, uint32_t context, uint32_t status, uint32_t information)
{
	uint32_t out = tk_memory(t, 16);
	assert_int_equal(CALL(t, t->main, "NtRemoveIoCompletion", port, out, out + 4, out + 8, 0), NT_SUCCESS);
	const uint32_t want[] = { key, context, status, information };
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(tk_get32(t, out + i * 4), want[i]);
}

static void packets_come_out_in_their_order(void **state)
{
	struct tk *t = TK(state);
	uint32_t port = port_new(t), depth = tk_memory(t, 4), at_once = tk_memory(t, 8);
	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(CALL(t, t->main, "NtSetIoCompletion", port, i, i * 10, i * 100, i * 1000), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "NtQueryIoCompletion", port, depth), NT_SUCCESS);
	assert_int_equal(tk_get32(t, depth), 3);
	assert_int_equal(CALL(t, t->main, "NtWaitForSingleObjectEx", port, 1, 0, 0), NT_SUCCESS); /* takes none */
	for (uint32_t i = 1; i <= 3; i++)
		remove_expects(t, port, i, i * 10, i * 100, i * 1000);
	assert_int_equal(CALL(t, t->main, "NtRemoveIoCompletion", port, 0, 0, 0, at_once), NT_TIMEOUT);
	assert_int_equal(state_of(t, port), 0);
	CALL(t, t->main, "NtSetIoCompletion", port, 1, 2, 3, 4);
	fk_close(t, port);
	assert_int_equal(arena_live(&t->m->world, t->m->t_packet), 0);
	assert_int_equal(arena_live(&t->m->world, t->m->t_port), 0);
}

static void a_packet_wakes_the_thread_that_waits_longest(void **state)
{
	struct tk *t = TK(state);
	uint32_t port = port_new(t), a = tk_thread(t, 1), b = tk_thread(t, 2), out = tk_memory(t, 32);
	PARKS(t, a, "NtRemoveIoCompletion", port, out, out + 4, out + 8, 0);
	PARKS(t, b, "NtRemoveIoCompletion", port, out + 16, out + 20, out + 24, 0);
	CALL(t, t->main, "NtSetIoCompletion", port, 1, 2, 3, 4);
	assert_false(tk_parked(t, a));
	assert_true(tk_parked(t, b));
	assert_int_equal(tk_wake(t, a), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out + 12), 4);
	CALL(t, t->main, "NtSetIoCompletion", port, 5, 6, 7, 8);
	assert_int_equal(tk_wake(t, b), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out + 16), 5);
	assert_int_equal(state_of(t, port), 0);
}

static void a_wait_for_a_packet_times_out(void **state)
{
	struct tk *t = TK(state);
	uint32_t port = port_new(t), out = tk_memory(t, 16), due = tk_memory(t, 8);
	tk_put64(t, due, (uint64_t)-10000);
	tk_put32(t, out, 0x77);
	PARKS(t, t->main, "NtRemoveIoCompletion", port, out, out + 4, out + 8, due);
	tk_pass(t, TICKS_PER_MS);
	assert_int_equal(tk_wake(t, t->main), NT_TIMEOUT);
	assert_int_equal(tk_get32(t, out), 0x77);
}

static void a_files_requests_come_to_its_port(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, NAME, 0), sync = fk_get(t, NAME, SYNC), port = port_new(t);
	const be32 info[2] = { be32_of(port), be32_of(0xABC) };
	assert_int_equal(fk_set(t, sync, 30, info, 8), NT_INVALID_PARAMETER);
	assert_int_equal(fk_set(t, h, 30, info, 4), NT_INFO_LENGTH_MISMATCH);
	assert_int_equal(fk_set(t, h, 30, info, 8), NT_SUCCESS);
	assert_int_equal(fk_set(t, h, 30, info, 8), NT_INVALID_PARAMETER); /* for ever */
	begin(t, h, 0, 0, 0);                                              /* without a context: no packet */
	begin(t, h, 0, 0, 0x99);
	tk_pass(t, 2 * DEVICE(9));
	remove_expects(t, port, 0xABC, 0x99, NT_SUCCESS, 9);
	assert_int_equal(state_of(t, port), 0);
	uint32_t iosb = tk_memory(t, 8), buffer = tk_memory(t, 8), at = tk_memory(t, 8);
	assert_int_equal(CALL(t, t->main, "NtReadFile", h, 0, TK_CODE, 0x99, iosb, buffer, 8, at), NT_INVALID_PARAMETER);
	fk_close(t, port);
	fk_close(t, h); /* which held the port */
	assert_int_equal(arena_live(&t->m->world, t->m->t_port), 0);
}

static const struct CMUnitTest tests[] = {
	DISC_TEST(a_request_takes_its_time_and_no_more),
	DISC_TEST(no_surplus_dereference_takes_what_a_request_holds),
	DISC_TEST(an_event_is_set_and_the_file_is_not),
	DISC_TEST(the_order_is_status_then_signal_then_apc_then_packet),
	DISC_TEST(a_synchronous_caller_waits_for_its_own_request),
	DISC_TEST(positions_move_and_the_end_is_told_at_once),
	DISC_TEST(scatter_and_gather_go_page_by_page),
	DISC_TEST(what_cannot_be_done_is_refused_before_it_begins),
	DISC_TEST(a_buffer_that_goes_away_fails_the_request),
	DISC_TEST(a_request_holds_its_file),
	cmocka_unit_test(a_damaged_block_of_a_package_fails_its_reads_and_no_others),
	DISC_TEST(a_dead_device_never_answers_and_is_no_reason_to_go_on),
	DISC_TEST(packets_come_out_in_their_order),
	DISC_TEST(a_packet_wakes_the_thread_that_waits_longest),
	DISC_TEST(a_wait_for_a_packet_times_out),
	DISC_TEST(a_files_requests_come_to_its_port),
};
TK_MAIN(tests)
