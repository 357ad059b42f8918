/* kernel/slist.c - Interlocked*SList: stacks without locks. Titles push and pop inline too, with ldarx/stdcx. on the header: all of the
 * state lies there, and the header is stored at once. */
#include "config.h"

#include "kernel/call.h"
#include "kernel/guest.h"
#include "kernel/handlers.h"

static void header_put(struct machine *m, struct call *c, uint32_t next, uint32_t depth, uint32_t sequence)
{
	const struct g_slist_header h = { be32_of(next), be16_of((uint16_t)depth), be16_of((uint16_t)sequence) };
	if (!c->faulted)
		out_bytes(m, c, arg32(c, 0), &h, sizeof h);
}

/* xboxkrnl 0x02D: the entry that was first before. */
void k_InterlockedPushEntrySList(struct machine *m, struct call *c)
{
	struct g_slist_header h;
	if (!in_bytes(m, c, arg32(c, 0), &h, sizeof h))
		return;
	out_bytes(m, c, arg32(c, 1), &h.next, sizeof h.next);
	header_put(m, c, arg32(c, 1), be16_get(h.depth) + 1u, be16_get(h.sequence) + 1u);
	call_return(c, be32_get(h.next));
}

/* xboxkrnl 0x02C: 0 = the list is empty. */
void k_InterlockedPopEntrySList(struct machine *m, struct call *c)
{
	struct g_slist_header h;
	if (!in_bytes(m, c, arg32(c, 0), &h, sizeof h) || !be32_get(h.next))
		return;
	header_put(m, c, in32(m, c, be32_get(h.next)), be16_get(h.depth) - 1u, be16_get(h.sequence));
	call_return(c, be32_get(h.next));
}

/* xboxkrnl 0x02B: the first entry, with all the others behind it. The sequence stays, as in NT (another emulator clears it): a title's
 * own compare-and-swap must not take the list for an older one. */
void k_InterlockedFlushSList(struct machine *m, struct call *c)
{
	struct g_slist_header h;
	if (!in_bytes(m, c, arg32(c, 0), &h, sizeof h))
		return;
	header_put(m, c, 0, 0, be16_get(h.sequence));
	call_return(c, be32_get(h.next));
}
