/* ui/inspect/fill_diff.c - the tables of two compared event logs. */
#include "config.h"

#include "src/diff/logdiff.h"
#include "ui/inspect/inspect.h"

static const char *const words[] = {
	[DIFF_EQUAL] = "equal", [DIFF_DIFFERENT] = "different", [DIFF_ONLY_A] = "only in A", [DIFF_ONLY_B] = "only in B",
};

static void put_or_none(struct table *t, bool is, uint64_t v)
{
	if (is)
		put_u64(t, v);
	else
		put_none(t);
}

static void put_id(struct table *t, uint64_t id)
{
	if (id)
		put_hex(t, id);
	else
		put_none(t);
}

void fill_diff(struct table *t, const struct query *q)
{
	if (!q->diff)
		table_note(t, "no logs have been compared: `wedge diff A B` does that");
	for (unsigned i = 0; q->diff && i < q->diff->threads; i++) {
		const struct diff_thread *d = &q->diff->thread[i];
		bool different = d->result == DIFF_DIFFERENT;
		put_str(t, words[d->result]);
		for (unsigned side = 0; side < 2; side++)
			put_or_none(t, d->result != (side ? DIFF_ONLY_A : DIFF_ONLY_B), d->tid[side]);
		put_u64(t, d->events[0]);
		put_u64(t, d->events[1]);
		put_u64(t, different ? d->at : d->result == DIFF_EQUAL ? d->events[0] : 0);
		put_str(t, d->what);
		for (unsigned side = 0; side < 2; side++)
			put_or_none(t, different && d->line[side], d->line[side]);
		put_id(t, d->key);
	}
}

void fill_diff_events(struct table *t, const struct query *q)
{
	for (unsigned i = 0; q->diff && i < q->diff->threads; i++) {
		const struct diff_thread *d = &q->diff->thread[i];
		for (unsigned n = 0; n < 2 * DIFF_SHOWN; n++) {
			unsigned side = n / DIFF_SHOWN, k = n % DIFF_SHOWN;
			if (!d->around[side] || k >= d->shown[side])
				continue;
			const struct diff_event *e = &d->around[side][k];
			put_u64(t, d->tid[0]);
			put_u64(t, d->tid[1]);
			put_str(t, side ? "B" : "A");
			put_bool(t, k == d->first);
			put_u64(t, e->line);
			put_str(t, e->kind);
			put_str(t, e->name);
			put_str(t, e->handle);
			put_id(t, e->sid);
			put_id(t, e->osid);
		}
	}
}

void fill_diff_notes(struct table *t, const struct query *q)
{
	for (unsigned i = 0; q->diff && i < q->diff->notes; i++)
		put_str(t, q->diff->note[i]);
}

void fill_diff_summary(struct table *t, const struct query *q)
{
	const struct diff *d = q->diff;
	if (!d)
		return;
	put_bool(t, diff_is_equal(d));
	put_u64(t, d->threads);
	put_u64(t, d->of_result[DIFF_EQUAL]);
	put_u64(t, d->of_result[DIFF_DIFFERENT]);
	put_u64(t, d->of_result[DIFF_ONLY_A]);
	put_u64(t, d->of_result[DIFF_ONLY_B]);
	put_u64(t, d->events[0]);
	put_u64(t, d->events[1]);
	put_u64(t, d->bad[0]);
	put_u64(t, d->bad[1]);
}
