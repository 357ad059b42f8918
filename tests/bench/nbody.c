/* tests/bench/nbody.c - double-precision kernel: the Sun and four planets, symplectic integration. Sums and products only, each
 * rounded once (no fused multiply-add is allowed to the compiler), the square root by Newton's method: the same bits everywhere. */
#include "tests/bench/bench.h"

#define BODIES 5
#define STEPS 600000

struct body {
	double x[3], v[3], mass;
};

/* Positions in AU, velocities in AU per year, masses in solar masses times 4 pi^2 (rounded: what counts is the arithmetic). */
static struct body bodies[BODIES] = {
	{ { 0, 0, 0 }, { 0, 0, 0 }, 39.478417604357434 },
	{ { 4.84143144246472, -1.16032004402742, -0.103622044471123 }, { 0.606326392995832, 2.81198684491626, -0.0252183616598876 }, 0.0376936749096 },
	{ { 8.34336671824457, 4.12479856412430, -0.403523417114321 }, { -1.01077434617879, 1.82566237123041, 0.00841576137658415 }, 0.0112863261319 },
	{ { 12.8943695621391, -15.1111514016986, -0.223307578892656 }, { 1.08279100644153, 0.868713018169608, -0.0108326374013636 }, 0.00172372405706 },
	{ { 15.3796971148509, -25.9193146099879, 0.179258772950371 }, { 0.979090732243898, 0.594698998647676, -0.0347559555040781 }, 0.00203368686992 },
};

/* 1 / sqrt(d): Newton's steps from a guess by the exponent; the distances here are of a narrow range. */
static double inverse_root(double d)
{
	union {
		double d;
		uint64_t u;
	} guess = { d };
	guess.u = UINT64_C(0x5fe6eb50c7b537a9) - (guess.u >> 1);
	double y = guess.d, half = 0.5 * d;
	for (int i = 0; i < 4; i++)
		y = y * (1.5 - half * y * y);
	return y;
}

static void step(double dt)
{
	for (int i = 0; i < BODIES; i++) {
		struct body *a = &bodies[i];
		for (int j = i + 1; j < BODIES; j++) {
			struct body *b = &bodies[j];
			double dx = a->x[0] - b->x[0], dy = a->x[1] - b->x[1], dz = a->x[2] - b->x[2];
			double r = inverse_root(dx * dx + dy * dy + dz * dz), f = dt * r * r * r;
			double fa = b->mass * f, fb = a->mass * f;
			a->v[0] -= dx * fa;
			a->v[1] -= dy * fa;
			a->v[2] -= dz * fa;
			b->v[0] += dx * fb;
			b->v[1] += dy * fb;
			b->v[2] += dz * fb;
		}
	}
	for (int i = 0; i < BODIES; i++)
		for (int k = 0; k < 3; k++)
			bodies[i].x[k] += dt * bodies[i].v[k];
}

uint32_t bench(void)
{
	uint64_t sum = 0;
	for (int i = 0; i < STEPS; i++)
		step(0.001);
	for (int i = 0; i < BODIES; i++) {
		for (int k = 0; k < 3; k++) {
			union {
				double d;
				uint64_t u;
			} x = { bodies[i].x[k] };
			sum = sum * 31 + x.u;
		}
	}
	return (uint32_t)(sum ^ sum >> 32);
}
