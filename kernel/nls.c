/* kernel/nls.c - see nls.h */
#include "config.h"

#include "kernel/nls.h"

#define LATIN_MULTIPLY 0xD7u
#define LATIN_DIVIDE 0xF7u
#define LATIN_Y_DIAERESIS 0xFFu
#define SIGMA 0x03A3u
#define SMALL_SIGMA 0x03C3u

uint8_t nls_upper8(uint8_t ch)
{
	if (ch == LATIN_Y_DIAERESIS)
		return '?';
	bool lower = (ch >= 'a' && ch <= 'z') || (ch >= 0xE0 && ch != LATIN_DIVIDE);
	return lower ? ch ^ 0x20 : ch;
}

uint8_t nls_lower8(uint8_t ch)
{
	bool upper = (ch >= 'A' && ch <= 'Z') || (ch >= 0xC0 && ch <= 0xDE && ch != LATIN_MULTIPLY);
	return upper ? ch ^ 0x20 : ch;
}

static const struct {
	uint16_t first, last, step;
	int32_t delta;
} cases[] = {
#define CASE(first, last, step, delta) { first, last, step, delta },
#include "kernel/nls.def"
#undef CASE
};

uint16_t nls_upper16(uint16_t ch)
{
	for (unsigned i = 0; i < ARRAY_LEN(cases) && cases[i].first <= ch; i++)
		if (ch <= cases[i].last && (ch - cases[i].first) % cases[i].step == 0)
			return (uint16_t)(ch + cases[i].delta);
	return ch;
}

/* Of two small letters of one capital (sigma) the plain one. */
uint16_t nls_lower16(uint16_t ch)
{
	if (ch == SIGMA)
		return SMALL_SIGMA;
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		int32_t lower = ch - cases[i].delta;
		if (lower >= cases[i].first && lower <= cases[i].last && (lower - cases[i].first) % cases[i].step == 0)
			return (uint16_t)lower;
	}
	return ch;
}
