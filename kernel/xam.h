/* kernel/xam.h - what the parts of XAM share: who plays, and what. */
#ifndef KERNEL_XAM_H
#define KERNEL_XAM_H

#include "kernel/machine.h"
#include "kernel/xam_state.h"

#define XAM_USERS 4u
#define XAM_USER_NONE 0xFEu
#define XAM_USER_ANY 0xFFu
/** Of the user who is signed in locally: the highest digit E says that he is not known to the network (Xenia canary); the rest is ours. */
#define XAM_XUID UINT64_C(0xE000000000000001)

static inline bool xam_signed_in(const struct machine *m, uint32_t user)
{
	(void)m;
	return user == 0;
}
/** 0 = nobody is signed in there. */
static inline uint64_t xam_xuid(const struct machine *m, uint32_t user)
{
	return xam_signed_in(m, user) ? XAM_XUID : 0;
}
void xam_layout(struct machine *m);
void xam_init(struct machine *m);
static inline const struct w_xam *xam_peek(const struct machine *m)
{
	return arena_peek(&m->world, m->t_xam, 1);
}
static inline struct w_xam *xam_mut(struct machine *m)
{
	return arena_row(&m->world, m->t_xam, 1);
}
static inline const struct w_userdata *userdata_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_userdata, row);
}
/** From the title's XEX headers; 0 = it has none. */
uint32_t xam_title_id(const struct machine *m);

#endif
