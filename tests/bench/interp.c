/* tests/bench/interp.c - integer kernel: a stack machine's interpreter running a sieve; indirect branches and small loads. */
#include "tests/bench/bench.h"

#define LIMIT 8192
#define ROUNDS 158

enum op { PUSH, LOAD, STORE, ADD, LESS, PEEK, POKE, JUMP, JUMP_IF_NOT, SUM, HALT };

/* sum of the primes below LIMIT; variables: 0 = i, 1 = j. Jump targets are indices of this array. */
static const int16_t program[] = {
	PUSH, 2, STORE, 0,                            /* 0: i = 2 */
	LOAD, 0, PUSH, LIMIT, LESS, JUMP_IF_NOT, 48,  /* 4: while i < LIMIT */
	LOAD, 0, PEEK, PUSH, 1, LESS,                 /* 11: if sieve[i] < 1 */
	JUMP_IF_NOT, 39,
	LOAD, 0, SUM,                                 /* 19: sum += i */
	LOAD, 0, LOAD, 0, ADD, STORE, 1,              /* 22: j = i + i */
	LOAD, 1, PUSH, LIMIT, LESS, JUMP_IF_NOT, 39,  /* 29: while j < LIMIT */
	JUMP, 49,
	HALT,                                         /* 38: never reached */
	LOAD, 0, PUSH, 1, ADD, STORE, 0,              /* 39: i++ */
	JUMP, 4,                                      /* 46 */
	HALT,                                         /* 48 */
	PUSH, 1, LOAD, 1, POKE,                       /* 49: sieve[j] = 1 */
	LOAD, 1, LOAD, 0, ADD, STORE, 1,              /* 54: j += i */
	JUMP, 29,
};
_Static_assert(sizeof program / sizeof *program == 63, "jump targets are written for 63 words");

static uint8_t sieve[LIMIT];

static uint32_t run(void)
{
	int32_t stack[16], var[2] = { 0, 0 };
	int32_t *sp = stack;
	uint32_t sum = 0;
	for (const int16_t *pc = program;;) {
		switch ((enum op)*pc++) {
		case PUSH: *sp++ = *pc++; break;
		case LOAD: *sp++ = var[*pc++]; break;
		case STORE: var[*pc++] = *--sp; break;
		case ADD: sp--; sp[-1] += sp[0]; break;
		case LESS: sp--; sp[-1] = sp[-1] < sp[0]; break;
		case PEEK: sp[-1] = sieve[sp[-1]]; break;
		case POKE: sp -= 2; sieve[sp[1]] = (uint8_t)sp[0]; break;
		case JUMP: pc = program + *pc; break;
		case JUMP_IF_NOT: pc = *--sp ? pc + 1 : program + *pc; break;
		case SUM: sum += (uint32_t)*--sp; break;
		case HALT: return sum;
		}
	}
}

uint32_t bench(void)
{
	uint32_t total = 0;
	for (int r = 0; r < ROUNDS; r++) {
		for (int i = 0; i < LIMIT; i++)
			sieve[i] = 0;
		total = total * 3 + run();
	}
	return total;
}
