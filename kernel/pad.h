/* kernel/pad.h - pads: what their buttons say, what the title makes of it, and the inputs that are still to come.
 *
 * Nobody holds a pad: each change is an input of the user's (`pad` of ui/commands.def), done at a boundary or put off to a cycle. An input decides the
 * future, so ui/journal.c keeps it; one that was put off lies in the world and is a deadline of SOURCE_PAD. It comes with the first round that
 * begins at or behind its cycle. While one is to come nothing is proven to stand for ever; that somebody might press something is no such source.
 */
#ifndef KERNEL_PAD_H
#define KERNEL_PAD_H

#include "kernel/machine.h"

#define PADS 4u
#define PAD_KEYS 16u   /* keystrokes that are kept until the title takes them */
#define PAD_INPUTS 65536u /* that may be to come */

/** PAD_BUTTON(id, "word", bit, virtual key). The low 16 bits are those of X_INPUT_GAMEPAD.buttons; the triggers, which tell how far they are pulled,
 * are two more here: pressed is all the way. Source: XInput's published header (XINPUT_GAMEPAD_*, VK_PAD_*). */
#define PAD_BUTTONS(PAD_BUTTON) \
	PAD_BUTTON(UP, "up", 0x0001, 0x5810) PAD_BUTTON(DOWN, "down", 0x0002, 0x5811) \
	PAD_BUTTON(LEFT, "left", 0x0004, 0x5812) PAD_BUTTON(RIGHT, "right", 0x0008, 0x5813) \
	PAD_BUTTON(START, "start", 0x0010, 0x5814) PAD_BUTTON(BACK, "back", 0x0020, 0x5815) \
	PAD_BUTTON(LS, "ls", 0x0040, 0x5816) PAD_BUTTON(RS, "rs", 0x0080, 0x5817) \
	PAD_BUTTON(LB, "lb", 0x0100, 0x5805) PAD_BUTTON(RB, "rb", 0x0200, 0x5804) \
	PAD_BUTTON(A, "a", 0x1000, 0x5800) PAD_BUTTON(B, "b", 0x2000, 0x5801) \
	PAD_BUTTON(X, "x", 0x4000, 0x5802) PAD_BUTTON(Y, "y", 0x8000, 0x5803) \
	PAD_BUTTON(LT, "lt", 0x10000, 0x5806) PAD_BUTTON(RT, "rt", 0x20000, 0x5807)
enum pad_button {
#define PAD_BUTTON(id, word, bit, key) PAD_##id = (bit),
	PAD_BUTTONS(PAD_BUTTON)
#undef PAD_BUTTON
};
#define PAD_ALL_BUTTONS 0x3F3FFu

/** What an input does. PAD_OP(id, "word of recordings"); its value: buttons; how far (0-255); x << 16 | y, both signed; else nothing. */
#define PAD_OPS(PAD_OP) \
	PAD_OP(CONNECT, "connect") PAD_OP(DISCONNECT, "disconnect") PAD_OP(PRESS, "press") PAD_OP(RELEASE, "release") \
	PAD_OP(STICK_LEFT, "stick-left") PAD_OP(STICK_RIGHT, "stick-right") PAD_OP(TRIGGER_LEFT, "trigger-left") \
	PAD_OP(TRIGGER_RIGHT, "trigger-right")
enum pad_op {
#define PAD_OP(id, word) PAD_OP_##id,
	PAD_OPS(PAD_OP)
#undef PAD_OP
	PAD_OP_COUNT
};
const char *pad_op_word(enum pad_op op);
/** -1: there is none of that name. */
int pad_op_find(const char *word);

struct pad_input {
	uint64_t cycle;     /* at which it comes, 0 = at once */
	uint64_t hold;      /* cycles behind it at which it is taken back, 0 = never */
	uint32_t pad;       /* 0-3 */
	uint32_t value;
	enum pad_op op;
};

/** A pad; table "pad", row = its number + 1. */
struct w_pad {
	uint32_t packet;    /* counts the changes */
	uint16_t buttons;
	uint8_t trigger[2]; /* left, right */
	int16_t stick[4];   /* left x y, right x y */
	uint16_t motor[2];  /* low, high frequency: as the title has set them */
	uint16_t connected;
	uint16_t keys;      /* keystrokes that wait, in key[] */
	uint32_t key[PAD_KEYS]; /* virtual key << 16 | flags */
};
ARENA_ROW_SIZE(w_pad, 88);

/** Table "pads", one row. */
struct w_pads {
	uint32_t first;     /* pad.input row: the next to come */
	uint32_t waiting;   /* how many */
};
ARENA_ROW_SIZE(w_pads, 8);

/** An input to come; table "pad.input". */
struct w_pad_input {
	uint64_t cycle;
	uint32_t pad, op, value;
	uint32_t next;      /* pad.input row, in the order in which they come */
};
ARENA_ROW_SIZE(w_pad_input, 24);

/** How often the title asked; table "pad.count" of the history arena, the pad's row. */
struct h_pad {
	uint64_t reads, last_read; /* cycle */
	uint64_t lost;      /* keystrokes for which there was no room */
};
ARENA_ROW_SIZE(h_pad, 24);

void pads_layout(struct machine *m);
/** The first pad is connected, nothing is pressed. */
void pads_init(struct machine *m);

/** Does it, or puts it off. ST_BAD_VALUE: it is past, or no input; ST_STATE: too many are to come. Nothing has changed then.
 * Emits: EV_INPUT_CHANGE at each change. */
MUST_CHECK enum status pad_do(struct machine *m, const struct pad_input *in, struct err *err);
/** "press a+start" into @buf, returns it. */
const char *pad_text(enum pad_op op, uint32_t value, char *buf, size_t size);
/** "a+start", "" if none; into @buf, returns it. */
const char *pad_buttons_text(uint32_t buttons, char *buf, size_t size);
/** The button with this name, any case; 0 = none. */
uint32_t pad_button_find(const char *word, size_t length);
/** Buttons of X_INPUT_GAMEPAD and the triggers' two. */
uint32_t pad_buttons(const struct w_pad *p);

/* For the title's calls (kernel/xam_input.c). */
void pad_was_read(struct machine *m, uint32_t pad);
void pad_motors_set(struct machine *m, uint32_t pad, const uint16_t motor[2]);
/** Takes the oldest keystroke, virtual key << 16 | flags; 0 = none waits. */
uint32_t pad_stroke_take(struct machine *m, uint32_t pad);

static inline const struct w_pad *pad_peek(const struct machine *m, uint32_t pad) { return arena_peek(&m->world, m->t_pad, pad + 1); }
static inline const struct w_pads *pads_peek(const struct machine *m) { return arena_peek(&m->world, m->t_pads, 1); }
static inline const struct w_pad_input *pad_input_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_pad_input, row);
}
static inline const struct h_pad *pad_count(const struct machine *m, uint32_t pad) { return arena_peek(&m->history, m->t_pad_count, pad + 1); }

#endif
