/* kernel/notify.h - notifications of the system: listeners that the title makes, and what is posted to them (facts: XAM).
 *
 * A listener is a waitable object, signalled as long as a notification waits in its queue; waiting takes none. An id says who hears it: bits 25-30 the
 * area, which must stand in the listener's mask, bits 16-24 the version, which must not be newer than the listener. One that nobody hears is
 * gone. What the system posts of itself: a dialog opens and closes (kernel/dialog.h), a pad comes or goes; the first listener for area 0 finds
 * four that tell how things stand.
 */
#ifndef KERNEL_NOTIFY_H
#define KERNEL_NOTIFY_H

#include "kernel/machine.h"

#define NOTIFY_VERSION_MAX 10u

/** NOTIFY_ID(id, number, "word"). Source: XNotify's published ids. */
#define NOTIFY_IDS(NOTIFY_ID) \
	NOTIFY_ID(SYS_UI, 0x00000009, "sys-ui") NOTIFY_ID(SYS_SIGNIN_CHANGED, 0x0000000A, "sys-signin-changed") \
	NOTIFY_ID(SYS_STORAGE_CHANGED, 0x0000000B, "sys-storage-devices-changed") \
	NOTIFY_ID(SYS_PROFILE_CHANGED, 0x0000000E, "sys-profile-setting-changed") NOTIFY_ID(SYS_MUTE_CHANGED, 0x00000011, "sys-mute-list-changed") \
	NOTIFY_ID(SYS_INPUT_CHANGED, 0x00000012, "sys-input-devices-changed") \
	NOTIFY_ID(LIVE_CONNECTION_CHANGED, 0x02000001, "live-connection-changed") NOTIFY_ID(LIVE_INVITE_ACCEPTED, 0x02000002, "live-invite-accepted") \
	NOTIFY_ID(LIVE_CONTENT_INSTALLED, 0x02000007, "live-content-installed") NOTIFY_ID(FRIENDS_PRESENCE, 0x04000001, "friends-presence-changed") \
	NOTIFY_ID(CUSTOM_ACTION, 0x06000003, "custom-actionpressed") NOTIFY_ID(MUSIC_STATE, 0x0A000001, "music-state-changed")
enum {
#define NOTIFY_ID(id, number, word) NOTIFY_##id = (number),
	NOTIFY_IDS(NOTIFY_ID)
#undef NOTIFY_ID
};
/** "sys-ui"; NULL: it has no name here. */
const char *notify_word(uint32_t id);

/** A listener; table "listener", row = its object's part. */
struct w_listener {
	uint64_t mask;
	uint32_t object;      /* object row; 0 = the row is free */
	uint32_t max_version;
	uint32_t first, last; /* notification rows */
	uint32_t count, pad;
};
ARENA_ROW_SIZE(w_listener, 32);

/** A notification in a listener's queue; table "notification". */
struct w_notification {
	uint32_t id, data;
	uint32_t next;
};
ARENA_ROW_SIZE(w_notification, 12);

/** Table "notify", one row. */
struct w_notify {
	uint32_t greeted;     /* 1 = a listener for area 0 has been told how things stand */
};
ARENA_ROW_SIZE(w_notify, 4);

/** Table "notify.count" of the history arena, one row. */
struct h_notify {
	uint64_t posted, unheard, lost; /* lost: there was no room for it */
};
ARENA_ROW_SIZE(h_notify, 24);

void notify_layout(struct machine *m);
/** Object row of a new listener, no handle yet; 0 = no memory. */
uint32_t listener_new(struct machine *m, uint32_t thread, uint64_t mask, uint32_t max_version);
/** The object of listener row dies. */
void listener_gone(struct machine *m, uint32_t object);
/** Greets the first one that hears area 0; when its handle is open. */
void listener_greet(struct machine *m, uint32_t thread, uint32_t object);
/** To all that hear it. @thread: on whose behalf, 0 = nobody's. @return how many. Emits: EV_NOTIFY_POST, EV_OBJECT_SIGNAL, ... */
uint32_t notify_post(struct machine *m, uint32_t thread, uint32_t id, uint32_t data);
/** The oldest (with id @match, unless that is 0) leaves the queue. False: there is none. Emits: EV_NOTIFY_TAKE, EV_OBJECT_RESET. */
bool notify_take(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot, uint32_t match, struct w_notification *out);
/** Of object row @object, an OT_LISTENER. */
const struct w_listener *listener_of(const struct machine *m, uint32_t object);

static inline const struct w_notification *notification_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_notification, row);
}
static inline const struct h_notify *notify_count(const struct machine *m) { return arena_peek(&m->history, m->t_notify_count, 1); }

#endif
