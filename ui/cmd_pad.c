/* ui/cmd_pad.c - what who holds a pad does: pad. */
#include "config.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "ui/cmd.h"

#define SYNOPSIS \
	"pad connect|disconnect [N]|press B[+B...]|release [B[+B...]]|stick left|right X Y|trigger left|right V [on N] [at cycle N|TIME] [for N|TIME]"
#define CYCLES_PER_US (CYCLES_PER_TICK * (TICKS_PER_MS / 1000))

/* "20ms": a time, in cycles; false: it is none. */
static bool parse_time(const char *word, uint64_t *cycles)
{
	static const struct {
		const char *unit;
		uint64_t cycles;
	} units[] = { { "us", CYCLES_PER_US }, { "ms", CYCLES_PER_US * 1000 }, { "s", CYCLES_PER_US * 1000000 } };
	char digits[24];
	size_t n = strspn(word, "0123456789");
	if (!n || n >= sizeof digits)
		return false;
	snprintf(digits, sizeof digits, "%.*s", (int)n, word);
	for (unsigned i = 0; i < ARRAY_LEN(units); i++)
		if (!strcmp(word + n, units[i].unit))
			return !__builtin_mul_overflow(strtoull(digits, NULL, 10), units[i].cycles, cycles);
	return false;
}

static bool parse_signed(const char *word, long least, long most, int32_t *v)
{
	char *end;
	long n = strtol(word, &end, 10);
	*v = (int32_t)n;
	return end != word && !*end && n >= least && n <= most;
}

static enum status given_buttons(const char *word, uint32_t *buttons, struct err *err)
{
	*buttons = 0;
	for (const char *p = word;; p++) {
		size_t n = strcspn(p, "+");
		uint32_t bit = pad_button_find(p, n);
		if (!bit)
			return err_set(err, ST_BAD_VALUE,
				"'%.*s' is no button: up down left right start back ls rs lb rb a b x y lt rt",
				(int)(n < 40 ? n : 40), p);
		*buttons |= bit;
		p += n;
		if (!*p)
			return ST_OK;
	}
}

/* Word @i is left or right. */
static enum status given_side(const struct cmd_args *a, unsigned i, bool *right, struct err *err)
{
	const char *word = i < a->count ? a->word[i] : "";
	*right = !strcmp(word, "right");
	return *right || !strcmp(word, "left") ? ST_OK : err_set(err, ST_BAD_USAGE, "left or right, not '%.40s'", word);
}

static enum status given_stick(const struct cmd_args *a, unsigned *i, struct pad_input *in, struct err *err)
{
	bool right = false;
	int32_t x = 0, y = 0;
	enum status st = given_side(a, *i, &right, err);
	if (st != ST_OK)
		return st;
	if (a->count < *i + 3 || !parse_signed(a->word[*i + 1], INT16_MIN, INT16_MAX, &x) ||
		!parse_signed(a->word[*i + 2], INT16_MIN, INT16_MAX, &y))
		return err_set(err, ST_BAD_VALUE, "a stick goes from -32768 to 32767, X and Y");
	in->op = right ? PAD_OP_STICK_RIGHT : PAD_OP_STICK_LEFT;
	in->value = (uint32_t)x << 16 | ((uint32_t)y & 0xFFFF);
	*i += 3;
	return ST_OK;
}

static enum status given_trigger(const struct cmd_args *a, unsigned *i, struct pad_input *in, struct err *err)
{
	bool right = false;
	int32_t v = 0;
	enum status st = given_side(a, *i, &right, err);
	if (st != ST_OK)
		return st;
	if (a->count < *i + 2 || !parse_signed(a->word[*i + 1], 0, 255, &v))
		return err_set(err, ST_BAD_VALUE, "a trigger goes from 0 to 255");
	in->op = right ? PAD_OP_TRIGGER_RIGHT : PAD_OP_TRIGGER_LEFT;
	in->value = (uint32_t)v;
	*i += 2;
	return ST_OK;
}

static enum status given_pad(const char *word, struct pad_input *in, struct err *err)
{
	uint64_t n;
	if (!parse_count(word, &n) || n >= PADS)
		return err_set(err, ST_BAD_VALUE, "pads are 0 to %u, not '%.40s'", PADS - 1, word);
	in->pad = (uint32_t)n;
	return ST_OK;
}

static bool is_option(const char *word)
{
	return !strcmp(word, "on") || !strcmp(word, "at") || !strcmp(word, "for");
}

static enum status given_verb(const struct cmd_args *a, unsigned *i, struct pad_input *in, struct err *err)
{
	const char *verb = a->word[0], *next = a->count > 1 && !is_option(a->word[1]) ? a->word[1] : NULL;
	int op = pad_op_find(verb);
	*i = 1;
	if (!strcmp(verb, "stick"))
		return given_stick(a, i, in, err);
	if (!strcmp(verb, "trigger"))
		return given_trigger(a, i, in, err);
	if (op < 0 || op > PAD_OP_RELEASE)
		return err_set(err, ST_BAD_USAGE,
			"'%.40s' is nothing that is done to a pad: connect disconnect press release stick trigger", verb);
	in->op = (enum pad_op)op;
	if (op == PAD_OP_CONNECT || op == PAD_OP_DISCONNECT) {
		*i += next != NULL;
		return next ? given_pad(next, in, err) : ST_OK;
	}
	*i += next != NULL;
	in->value = PAD_ALL_BUTTONS;
	if (!next)
		return op == PAD_OP_RELEASE ? ST_OK : err_set(err, ST_BAD_USAGE, "press which button?");
	return given_buttons(next, &in->value, err);
}

static enum status given_option(const struct cmd_args *a, unsigned *i, struct pad_input *in, struct err *err)
{
	const char *option = a->word[(*i)++];
	bool counted = *i < a->count && !strcmp(a->word[*i], "cycle") && !strcmp(option, "at");
	*i += counted;
	const char *value = *i < a->count ? a->word[(*i)++] : "";
	uint64_t n = 0;
	if (!strcmp(option, "on"))
		return given_pad(value, in, err);
	if (!strcmp(option, "at") && (counted ? parse_count(value, &n) : parse_time(value, &n)) && n)
		in->cycle = n;
	else if (!strcmp(option, "for") && (parse_time(value, &n) || parse_count(value, &n)) && n)
		in->hold = n;
	else if (!is_option(option))
		return err_set(err, ST_BAD_USAGE, "'%.40s' is not understood here: on N, at cycle N|TIME, for N|TIME", option);
	else
		return err_set(err, ST_BAD_VALUE, "%s takes %s, not '%.40s'", option,
			*option == 'a' ? "`cycle N` or a time since the start (20ms)" : "a number of cycles or a time (20ms)",
			value);
	return ST_OK;
}

enum status cmd_pad(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct journal_entry e = { .kind = JOURNAL_PAD };
	unsigned i;
	enum status st = given_words(a, 1, CMD_WORDS, SYNOPSIS, err);
	if (st == ST_OK)
		st = given_verb(a, &i, &e.pad, err);
	while (st == ST_OK && i < a->count)
		st = given_option(a, &i, &e.pad, err);
	return st == ST_OK ? journal_add(s, e, err) : st;
}
