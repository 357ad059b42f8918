/* kernel/pad.c - see pad.h */
#include "config.h"

#include "kernel/pad.h"

#include <stdio.h>
#include <strings.h>

#include "kernel/deadline.h"
#include "kernel/emit.h"
#include "kernel/notify.h"

#define KEY_DOWN 0x0001u /* XINPUT_KEYSTROKE_* */
#define KEY_UP 0x0002u
#define TRIGGER_THRESHOLD 30u /* XINPUT_GAMEPAD_TRIGGER_THRESHOLD: pulled farther, a trigger counts as pressed */

static const struct {
	const char *word;
	uint32_t bit;
	uint16_t key;
} buttons[] = {
#define PAD_BUTTON(id, word, bit, key) { word, bit, key },
	PAD_BUTTONS(PAD_BUTTON)
#undef PAD_BUTTON
};

static const char *const ops[] = {
#define PAD_OP(id, word) word,
	PAD_OPS(PAD_OP)
#undef PAD_OP
};

void pads_layout(struct machine *m)
{
	m->t_pad = arena_table_add(&m->world, "pad", sizeof(struct w_pad), PADS + 1);
	m->t_pads = arena_table_add(&m->world, "pads", sizeof(struct w_pads), 2);
	m->t_pad_input = arena_table_add(&m->world, "pad.input", sizeof(struct w_pad_input), PAD_INPUTS + 1);
	m->t_pad_count = arena_table_add(&m->history, "pad.count", sizeof(struct h_pad), PADS + 1);
}

static struct w_pad *pad_row(struct machine *m, uint32_t pad)
{
	return arena_row(&m->world, m->t_pad, pad + 1);
}

static struct w_pads *pads_row(struct machine *m)
{
	return arena_row(&m->world, m->t_pads, 1);
}

static struct w_pad_input *input_row(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_pad_input, row);
}

static struct h_pad *count_row(struct machine *m, uint32_t pad)
{
	arena_cover(&m->history, m->t_pad_count, pad + 1);
	return arena_row(&m->history, m->t_pad_count, pad + 1);
}

void pads_init(struct machine *m)
{
	for (uint32_t pad = 0; pad < PADS; pad++)
		arena_cover(&m->world, m->t_pad, pad + 1);
	arena_cover(&m->world, m->t_pads, 1);
	pad_row(m, 0)->connected = 1;
}

/* ---- words -------------------------------------------------------------------------------------------------------------------- */

const char *pad_op_word(enum pad_op op)
{
	return ops[op];
}

int pad_op_find(const char *word)
{
	for (unsigned i = 0; i < PAD_OP_COUNT; i++)
		if (!strcmp(ops[i], word))
			return (int)i;
	return -1;
}

uint32_t pad_button_find(const char *word, size_t length)
{
	for (unsigned i = 0; i < ARRAY_LEN(buttons); i++)
		if (strlen(buttons[i].word) == length && !strncasecmp(buttons[i].word, word, length))
			return buttons[i].bit;
	return 0;
}

const char *pad_buttons_text(uint32_t set, char *buf, size_t size)
{
	size_t at = 0;
	buf[0] = 0;
	for (unsigned i = 0; i < ARRAY_LEN(buttons) && at < size; i++)
		if (set & buttons[i].bit)
			at += (size_t)snprintf(buf + at, size - at, "%s%s", at ? "+" : "", buttons[i].word);
	return buf;
}

const char *pad_text(enum pad_op op, uint32_t value, char *buf, size_t size)
{
	char words[80];
	switch (op) {
	case PAD_OP_PRESS:
	case PAD_OP_RELEASE:
		snprintf(buf, size, "%s %s", ops[op],
			value == PAD_ALL_BUTTONS ? "all" : pad_buttons_text(value, words, sizeof words));
		break;
	case PAD_OP_STICK_LEFT:
	case PAD_OP_STICK_RIGHT: snprintf(buf, size, "%s %d %d", ops[op], (int16_t)(value >> 16), (int16_t)value); break;
	case PAD_OP_TRIGGER_LEFT:
	case PAD_OP_TRIGGER_RIGHT: snprintf(buf, size, "%s %u", ops[op], value); break;
	default: snprintf(buf, size, "%s", ops[op]);
	}
	return buf;
}

uint32_t pad_buttons(const struct w_pad *p)
{
	return p->buttons | (p->trigger[0] > TRIGGER_THRESHOLD ? PAD_LT : 0u) | (p->trigger[1] > TRIGGER_THRESHOLD ? PAD_RT : 0u);
}

/* ---- a change ---------------------------------------------------------------------------------------------------------------------- */

/* DEBT(pad-keystrokes): no repeats of what is held, and none of the sticks; how many wait at most is chosen. */
static void strokes(struct machine *m, uint32_t pad, uint32_t before, uint32_t after)
{
	struct w_pad *p = pad_row(m, pad);
	for (unsigned i = 0; i < ARRAY_LEN(buttons); i++) {
		if (!((before ^ after) & buttons[i].bit))
			continue;
		if (p->keys == PAD_KEYS)
			count_row(m, pad)->lost++;
		else
			p->key[p->keys++] = (uint32_t)buttons[i].key << 16 | (after & buttons[i].bit ? KEY_DOWN : KEY_UP);
	}
}

static void changed(struct machine *m, uint32_t pad, enum pad_op op, uint32_t value)
{
	const struct w_pad *p = pad_peek(m, pad);
	struct event ev;
	char text[120];
	if (!emit_begin(m, &ev, EV_INPUT_CHANGE, 0))
		return;
	ev.aux[0] = pad;
	ev.aux[1] = pad_buttons(p);
	ev.aux[2] = p->packet;
	ev.text = pad_text(op, value, text, sizeof text);
	event_emit(&m->events, &ev);
}

/* The state that @op makes of @p; false: it is as it was. */
static bool apply(struct w_pad *p, enum pad_op op, uint32_t value)
{
	const struct w_pad was = *p;
	unsigned right = op == PAD_OP_STICK_RIGHT || op == PAD_OP_TRIGGER_RIGHT;
	switch (op) {
	case PAD_OP_CONNECT: p->connected = 1; break;
	case PAD_OP_DISCONNECT: *p = (struct w_pad){ .packet = p->packet }; break;
	case PAD_OP_PRESS:
	case PAD_OP_RELEASE:
		p->buttons = (uint16_t)(op == PAD_OP_PRESS ? p->buttons | value : p->buttons & ~value);
		for (unsigned i = 0; i < 2; i++)
			if (value & (i ? PAD_RT : PAD_LT))
				p->trigger[i] = op == PAD_OP_PRESS ? 255 : 0;
		break;
	case PAD_OP_STICK_LEFT:
	case PAD_OP_STICK_RIGHT:
		p->stick[2 * right] = (int16_t)(value >> 16);
		p->stick[2 * right + 1] = (int16_t)value;
		break;
	case PAD_OP_TRIGGER_LEFT:
	case PAD_OP_TRIGGER_RIGHT: p->trigger[right] = (uint8_t)value; break;
	case PAD_OP_COUNT: break;
	}
	return memcmp(p, &was, sizeof was) != 0;
}

static void come(struct machine *m, uint32_t pad, enum pad_op op, uint32_t value)
{
	struct w_pad *p = pad_row(m, pad);
	uint32_t before = pad_buttons(p);
	if ((!p->connected && op != PAD_OP_CONNECT) || !apply(p, op, value))
		return;
	p->packet++;
	if (p->connected)
		strokes(m, pad, before, pad_buttons(p));
	changed(m, pad, op, value);
	if (op == PAD_OP_CONNECT || op == PAD_OP_DISCONNECT)
		notify_post(m, 0, NOTIFY_SYS_INPUT_CHANGED, 0);
}

/* ---- to come ------------------------------------------------------------------------------------------------------------------- */

static uint64_t due_of(uint64_t cycle)
{
	return cycle / CYCLES_PER_TICK + (cycle % CYCLES_PER_TICK != 0);
}

static void arm(struct machine *m)
{
	uint32_t first = pads_peek(m)->first;
	if (!first)
		deadline_cancel_source(m, SOURCE_PAD);
	else if (deadline_of_source(m, SOURCE_PAD) != due_of(pad_input_peek(m, first)->cycle))
		deadline_set_source(m, SOURCE_PAD, due_of(pad_input_peek(m, first)->cycle));
}

void source_PAD(struct machine *m, uint64_t due)
{
	uint32_t row;
	while ((row = pads_peek(m)->first) != 0 && due_of(pad_input_peek(m, row)->cycle) <= due) {
		const struct w_pad_input in = *pad_input_peek(m, row);
		pads_row(m)->first = in.next;
		pads_row(m)->waiting--;
		arena_give(&m->world, m->t_pad_input, row);
		come(m, in.pad, in.op, in.value);
	}
	arm(m);
}

/* Behind those of the same cycle. */
static void put_off(struct machine *m, const struct w_pad_input *in)
{
	uint32_t row = arena_take(&m->world, m->t_pad_input), *link = &pads_row(m)->first;
	while (*link && pad_input_peek(m, *link)->cycle <= in->cycle)
		link = &input_row(m, *link)->next;
	*input_row(m, row) = *in;
	input_row(m, row)->next = *link;
	*link = row;
	pads_row(m)->waiting++;
}

static void put_off_end(struct machine *m, const struct pad_input *in, uint64_t cycle)
{
	struct w_pad_input end = { .cycle = cycle, .pad = in->pad, .op = in->op };
	switch (in->op) {
	case PAD_OP_CONNECT: end.op = PAD_OP_DISCONNECT; break;
	case PAD_OP_DISCONNECT: end.op = PAD_OP_CONNECT; break;
	case PAD_OP_PRESS: end.op = PAD_OP_RELEASE; break;
	case PAD_OP_RELEASE: end.op = PAD_OP_PRESS; break;
	default: put_off(m, &end); return;
	}
	end.value = in->value;
	put_off(m, &end);
}

static enum status check(const struct machine *m, const struct pad_input *in, struct err *err)
{
	bool is_button = in->op == PAD_OP_PRESS || in->op == PAD_OP_RELEASE,
	     is_trigger = in->op == PAD_OP_TRIGGER_LEFT || in->op == PAD_OP_TRIGGER_RIGHT;
	uint64_t from = in->cycle ? in->cycle : machine_cycle(m);
	if (in->pad >= PADS)
		return err_set(err, ST_BAD_VALUE, "pads are 0 to %u", PADS - 1);
	if ((is_button && (!in->value || in->value & ~PAD_ALL_BUTTONS)) || (is_trigger && in->value > 255))
		return err_set(err, ST_BAD_VALUE, "a pad has no such buttons, or a trigger is pulled 0 to 255");
	if (in->cycle && in->cycle < machine_cycle(m))
		return err_set(err, ST_BAD_VALUE, "cycle %llu is past: the machine stands at cycle %llu",
			(unsigned long long)in->cycle, (unsigned long long)machine_cycle(m));
	if (from + in->hold < from || from + in->hold > UINT64_MAX / 2)
		return err_set(err, ST_BAD_VALUE, "no machine runs that long");
	if (pads_peek(m)->waiting + 2 > PAD_INPUTS)
		return err_set(err, ST_STATE, "%u inputs are to come already", pads_peek(m)->waiting);
	return ST_OK;
}

enum status pad_do(struct machine *m, const struct pad_input *in, struct err *err)
{
	enum status st = check(m, in, err);
	if (st != ST_OK)
		return st;
	uint64_t cycle = in->cycle ? in->cycle : machine_cycle(m);
	if (in->cycle)
		put_off(m, &(struct w_pad_input){ .cycle = cycle, .pad = in->pad, .op = in->op, .value = in->value });
	else
		come(m, in->pad, in->op, in->value);
	if (in->hold)
		put_off_end(m, in, cycle + in->hold);
	arm(m);
	return ST_OK;
}

/* ---- for the title's calls ----------------------------------------------------------------------------------------------------- */

void pad_was_read(struct machine *m, uint32_t pad)
{
	count_row(m, pad)->reads++;
	count_row(m, pad)->last_read = machine_cycle(m);
}

void pad_motors_set(struct machine *m, uint32_t pad, const uint16_t motor[2])
{
	memcpy(pad_row(m, pad)->motor, motor, sizeof pad_row(m, pad)->motor);
}

uint32_t pad_stroke_take(struct machine *m, uint32_t pad)
{
	if (!pad_peek(m, pad)->keys)
		return 0;
	struct w_pad *p = pad_row(m, pad);
	uint32_t key = p->key[0];
	p->keys--;
	memmove(p->key, p->key + 1, sizeof p->key - sizeof p->key[0]);
	p->key[PAD_KEYS - 1] = 0;
	return key;
}
