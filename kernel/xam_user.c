/* kernel/xam_user.c - XamUser*: the one local user (kernel/user.h). Sources: answers and the order of checks: Xenia canary; what a user without the network
 * is told where that emulator plays an online one is said at its place. */
#include "config.h"

#include "kernel/user.h"

#include "kernel/call.h"
#include "kernel/handlers.h"
#include "kernel/overlapped.h"
#include "kernel/user_guest.h"

#define SIGNED_IN_LOCALLY 1u
#define E_INVALIDARG HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define E_NO_SUCH_USER HRESULT_FROM_WIN32(ERROR_NO_SUCH_USER)
#define XUID_OFFLINE 1u     /* of XamUserGetXUID's mask */
#define INFO_ONLINE_XUID 1u /* of XUserGetSigninInfo's published flags: the network's XUID, which nobody has here */
#define NAME_CHARS 16u

void k_XamUserGetSigninState(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, xam_signed_in(m, arg32(c, 0)) ? SIGNED_IN_LOCALLY : 0);
}

/* (user, kinds of XUIDs, XUID *) */
void k_XamUserGetXUID(struct machine *m, struct call *c)
{
	bool here = xam_signed_in(m, arg32(c, 0)) && arg32(c, 1) & XUID_OFFLINE;
	if (!arg32(c, 2)) {
		call_return(c, E_INVALIDARG);
		return;
	}
	out64(m, c, arg32(c, 2), here ? XAM_XUID : 0);
	call_return(c, arg32(c, 0) >= XAM_USERS ? E_INVALIDARG : here ? 0 : E_NO_SUCH_USER);
}

/* (user, flags, information *) */
void k_XamUserGetSigninInfo(struct machine *m, struct call *c)
{
	struct g_user_signin_info info = { 0 };
	bool here = xam_signed_in(m, arg32(c, 0));
	if (!arg32(c, 2)) {
		call_return(c, E_INVALIDARG);
		return;
	}
	if (here) {
		info.xuid = be64_of(arg32(c, 1) & INFO_ONLINE_XUID ? 0 : XAM_XUID);
		info.signin_state = be32_of(SIGNED_IN_LOCALLY);
		memcpy(info.name, USER_NAME, sizeof USER_NAME);
	}
	if (out_bytes(m, c, arg32(c, 2), &info, sizeof info))
		call_return(c, here ? 0 : E_NO_SUCH_USER);
}

/* (user, buffer, bytes) */
void k_XamUserGetName(struct machine *m, struct call *c)
{
	char name[NAME_CHARS] = USER_NAME;
	bool here = xam_signed_in(m, arg32(c, 0));
	uint32_t room = arg32(c, 2) < NAME_CHARS ? arg32(c, 2) : NAME_CHARS;
	if (arg32(c, 0) >= XAM_USERS) {
		call_return(c, ERROR_INVALID_PARAMETER);
		return;
	}
	if (!here)
		name[0] = 0;
	uint32_t size = (uint32_t)strlen(name) + 1;
	if (size > room && room) {
		size = room;
		name[room - 1] = 0;
	}
	if (!room || out_bytes(m, c, arg32(c, 1), name, size))
		call_return(c, here ? 0 : ERROR_NO_SUCH_USER);
}

/* (user, buffer, characters): UTF-16 */
void k_XamUserGetGamerTag(struct machine *m, struct call *c)
{
	be16 name[sizeof USER_NAME];
	if (!xam_signed_in(m, arg32(c, 0)) || !arg32(c, 1) || arg32(c, 2) < NAME_CHARS) {
		call_return(c, E_INVALIDARG);
		return;
	}
	for (unsigned i = 0; i < sizeof USER_NAME; i++)
		name[i] = be16_of((uint16_t)USER_NAME[i]);
	if (out_bytes(m, c, arg32(c, 1), name, sizeof name))
		call_return(c, 0);
}

/* (user or XAM_USER_ANY, privilege, result *): what privileges are about takes the network, so there is none. */
void k_XamUserCheckPrivilege(struct machine *m, struct call *c)
{
	uint32_t user = arg32(c, 0);
	if (user != XAM_USER_ANY && !xam_signed_in(m, user)) {
		call_return(c, user >= XAM_USERS ? ERROR_INVALID_PARAMETER : ERROR_NO_SUCH_USER);
		return;
	}
	out32(m, c, arg32(c, 2), 0);
	call_return(c, 0);
}

/* (user, XUIDs, how many, result * or NULL, XOVERLAPPED * or NULL): a user whom the network does not know has no friends to ask for. */
void k_XamUserAreUsersFriends(struct machine *m, struct call *c)
{
	uint32_t user = arg32(c, 0), out = arg32(c, 3), overlapped = arg32(c, 4);
	uint32_t error = user >= XAM_USERS        ? ERROR_INVALID_PARAMETER
			 : xam_signed_in(m, user) ? ERROR_NOT_LOGGED_ON
						  : ERROR_NO_SUCH_USER;
	if (!out && overlapped) {
		overlapped_end(m, c, overlapped, overlapped_failing(error, 0));
		return;
	}
	out32(m, c, out, 0);
	call_return(c, out ? error : ERROR_INVALID_PARAMETER);
}

/* (user or XAM_USER_ANY, kind of device, context *): the user's number */
void k_XamUserGetDeviceContext(struct machine *m, struct call *c)
{
	uint32_t user = arg32(c, 0);
	bool here = xam_signed_in(m, user) || (user & XAM_USER_ANY) == XAM_USER_ANY;
	out32(m, c, arg32(c, 2), here ? user : 0);
	call_return(c, here ? 0 : HRESULT_FROM_WIN32(ERROR_DEVICE_NOT_CONNECTED));
}

/* The account is of this console only: it cannot go online. */
void k_XamUserIsOnlineEnabled(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, 0);
}

/* (five that are not known, XOVERLAPPED *): the picture goes nowhere. */
void k_XamWriteGamerTile(struct machine *m, struct call *c)
{
	overlapped_end(m, c, arg32(c, 5), overlapped_plain(0));
}
