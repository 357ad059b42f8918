/* kernel/xam_net.c - NetDll_*: the network, of a console without a cable. The library starts and ends; there is no link, no address, and no socket is
 * ever made: what names one is told so.
 *
 * DEBT(net-offline): the codes are Winsock's for a network that is down (published; where the thread's last error is their place: Xenia canary); which
 * of them a console without a cable gives, and that it gives no socket, is a guess. */
#include "config.h"

#include "kernel/call.h"
#include "kernel/guest.h"
#include "kernel/handlers.h"
#include "kernel/net_guest.h"
#include "kernel/rows.h"

#define SOCKET_ERROR UINT64_C(0xFFFFFFFF)
#define WSAENOTSOCK 10038u
#define WSAENETDOWN 10050u
#define WINSOCK_NEWEST 0x0202u
#define XNADDR_ETHERNET 0x00000002u /* there is an Ethernet address and no other */

static uint32_t last_error_ga(const struct machine *m, const struct call *c)
{
	return GA(thread_peek(m, c->thread)->kthread_ga, g_kthread, last_error);
}

static void fails(struct machine *m, struct call *c, uint32_t error)
{
	mem_put32(&m->mem, last_error_ga(m, c), error);
	call_return(c, SOCKET_ERROR);
}

/* (caller, version, WSADATA * or NULL) */
void k_NetDll_WSAStartup(struct machine *m, struct call *c)
{
	struct g_wsadata d = { .version = be16_of((uint16_t)arg32(c, 1)), .version_high = be16_of(WINSOCK_NEWEST) };
	if (!arg32(c, 2) || out_bytes(m, c, arg32(c, 2), &d, sizeof d))
		call_return(c, 0);
}

void k_NetDll_WSACleanup(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, 0);
}

void k_NetDll_XNetStartup(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, 0);
}

void k_NetDll_XNetCleanup(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, 0);
}

/* (caller, XNADDR *): an address that is the adapter's alone */
void k_NetDll_XNetGetTitleXnAddr(struct machine *m, struct call *c)
{
	static const struct g_xnaddr a = { .ethernet = { 0x00, 0x22, 0x48, 0x00, 0x00, 0x01 } };
	if (out_bytes(m, c, arg32(c, 1), &a, sizeof a))
		call_return(c, XNADDR_ETHERNET);
}

/* No link (Xenia). */
void k_NetDll_XNetGetEthernetLinkStatus(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, 0);
}

/* What was said last of this thread's calls; Winsock's codes and the others have one place. */
void k_NetDll_WSAGetLastError(struct machine *m, struct call *c)
{
	call_return(c, mem_get32(&m->mem, last_error_ga(m, c)));
}

void k_NetDll_WSASetLastError(struct machine *m, struct call *c)
{
	mem_put32(&m->mem, last_error_ga(m, c), arg32(c, 0));
}

/* (caller, family, type, protocol) */
void k_NetDll_socket(struct machine *m, struct call *c)
{
	fails(m, c, WSAENETDOWN);
}

/* (caller, socket, ...) */
#define NO_SOCKET(name) \
	void k_NetDll_##name(struct machine *m, struct call *c) \
	{ \
		fails(m, c, WSAENOTSOCK); \
	}
NO_SOCKET(closesocket)
NO_SOCKET(shutdown)
NO_SOCKET(ioctlsocket)
NO_SOCKET(setsockopt)
NO_SOCKET(getsockopt)
NO_SOCKET(bind)
NO_SOCKET(connect)
NO_SOCKET(listen)
NO_SOCKET(accept)
NO_SOCKET(recv)
NO_SOCKET(recvfrom)
NO_SOCKET(send)
NO_SOCKET(sendto)
