/* kernel/net_guest.h - guest-visible structures of the network. Source: Xenia canary (X_WSADATA, XNADDR). */
#ifndef KERNEL_NET_GUEST_H
#define KERNEL_NET_GUEST_H

#include "kernel/guest.h"

struct g_wsadata {
	be16 version, version_high;
	char description[257], system_status[129];
	be16 max_sockets, max_udpdg;
	uint8_t pad_18A[2];
	be32 vendor_info;
};
GUEST_AT(g_wsadata, max_sockets, 0x186);
GUEST_AT(g_wsadata, vendor_info, 0x18C);
GUEST_SIZE(g_wsadata, 0x190);

struct g_xnaddr {
	be32 address, online_address;
	be16 online_port;
	uint8_t ethernet[6], online[20];
};
GUEST_AT(g_xnaddr, ethernet, 0xA);
GUEST_AT(g_xnaddr, online, 0x10);
GUEST_SIZE(g_xnaddr, 0x24);

#endif
