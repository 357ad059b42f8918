/* kernel/xam_user_enum.c - XamUserCreate*Enumerator: achievements of the title, titles that were played, leaderboards. Arguments: Xenia canary. */
#include "config.h"

#include "kernel/enumerator.h"
#include "kernel/handlers.h"
#include "kernel/overlapped.h"
#include "kernel/spa.h"
#include "kernel/xam.h"
#include "kernel/xam_guest.h"

#define APP_XGI 0xFBu
#define ACHIEVEMENTS_MESSAGE 0xB000Au
#define ACHIEVEMENTS_END_MESSAGE 0xB000Bu
#define TITLES_MESSAGE 0xB0050u
#define TITLES_PRIVATE 0x28u
#define STATS_MESSAGE 0xB0023u
#define STATS_END_MESSAGE 0xB0024u
#define TITLE_PLAYED_BYTES 0xA8u
#define ACHIEVED 0x20000u
#define STATS_ROWS_MAX 100u
#define STATS_KIND_LAST 3u /* by XUID, by rank, by rank for each view, by rating */
/* Bytes of a leaderboard's answer: the whole, a view, a row, a column. */
#define STATS_RESULTS_BYTES 8u
#define STATS_VIEW_BYTES 16u
#define STATS_ROW_BYTES 0x30u
#define STATS_COLUMN_BYTES 24u
#define STATS_SPEC_BYTES 0x88u /* {view, columns, 64 ids of columns} */

/* ---- achievements ------------------------------------------------------------------------------------------------------------------- */

/* Puts the text at character *@at of @item's; its place, in bytes behind the details, or 0 = it is not wanted, or not there. */
static be32 text_put(const struct machine *m, uint32_t id, bool wanted, struct g_xachievement_item *item, unsigned *at)
{
	uint16_t text[SPA_TEXT_MAX + 1];
	unsigned n = wanted ? spa_text(m, id, text) : 0, begin = *at;
	if (!n || begin + n + 1 > ARRAY_LEN(item->text))
		return be32_of(0);
	for (unsigned i = 0; i <= n; i++)
		item->text[begin + i] = be16_of(text[i]);
	*at += n + 1;
	return be32_of(begin * 2 + 1); /* + 1: 0 is none */
}

/* When the title said that @user has it, FILETIME; 0 = it has not. */
static uint64_t earned(const struct machine *m, uint32_t user, uint32_t id)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_userdata); row++) {
		const struct w_userdata *u = userdata_peek(m, row);
		if (u->kind == USERDATA_ACHIEVEMENT && u->user == user && u->id == id)
			return machine_row(m)->boot_time + u->when / CYCLES_PER_TICK / TICKS_PER_100NS;
	}
	return 0;
}

static bool achievement_add(struct machine *m, uint32_t object, uint32_t user, uint32_t wanted, const struct spa_achievement *a)
{
	struct g_xachievement_item item = { 0 };
	uint64_t when = earned(m, user, a->id);
	unsigned at = 0;
	item.details = (struct g_xachievement_details){ .id = be32_of(a->id),
		.image_id = be32_of(a->image_id),
		.gamerscore = be32_of(a->gamerscore),
		.unlock_time_high = be32_of((uint32_t)(when >> 32)),
		.unlock_time_low = be32_of((uint32_t)when),
		.flags = be32_of(a->flags | (when ? ACHIEVED : 0)) };
	item.details.label = text_put(m, a->label, wanted & 1, &item, &at);
	item.details.description = text_put(m, a->description, wanted & 2, &item, &at);
	item.details.unachieved = text_put(m, a->unachieved, wanted & 4, &item, &at);
	return enumerator_add(m, object, &item);
}

/* (title or 0, user, XUID or 0, which texts, the first one's number, at a time, bytes *, handle *): of another title nothing is known. */
void k_XamUserCreateAchievementEnumerator(struct machine *m, struct call *c)
{
	uint32_t title_id = arg32(c, 0), user = arg32(c, 1), flags = arg32(c, 3), per_call = arg32(c, 5);
	const struct enumerator_spec spec = { .user = user,
		.app = APP_XGI,
		.open_message = ACHIEVEMENTS_MESSAGE,
		.close_message = ACHIEVEMENTS_END_MESSAGE,
		.item_size = sizeof(struct g_xachievement_item),
		.per_call = per_call,
		.layout = flags & 7 ? ENUMERATOR_DETAILS_AND_TEXTS : ENUMERATOR_DETAILS };
	uint32_t bytes = flags & 7 ? sizeof(struct g_xachievement_item) : sizeof(struct g_xachievement_details);
	struct spa_achievement a;
	if (!per_call || !arg32(c, 6) || !arg32(c, 7) || !xam_signed_in(m, user)) {
		call_return(c, ERROR_INVALID_PARAMETER);
		return;
	}
	out32(m, c, arg32(c, 6), bytes * per_call);
	uint32_t object = c->faulted ? 0 : enumerator_new(m, c->thread, &spec);
	call_return(c, ERROR_NO_SYSTEM_RESOURCES);
	if (!object)
		return;
	for (uint32_t i = arg32(c, 4); (!title_id || title_id == xam_title_id(m)) && spa_achievement(m, i, &a); i++)
		if (!achievement_add(m, object, user, flags, &a))
			break;
	enumerator_open(m, c, object, arg32(c, 7));
}

/* ---- titles, leaderboards --------------------------------------------------------------------------------------------------------------- */

/* (title, user, XUID, the first one's number, at a time, bytes *, handle *): this console has played nothing before. */
void k_XamUserCreateTitlesPlayedEnumerator(struct machine *m, struct call *c)
{
	const struct enumerator_spec spec = { .user = arg32(c, 1),
		.app = APP_XGI,
		.open_message = TITLES_MESSAGE,
		.close_message = ACHIEVEMENTS_END_MESSAGE,
		.private_size = TITLES_PRIVATE,
		.item_size = TITLE_PLAYED_BYTES,
		.per_call = arg32(c, 4) };
	if (!spec.per_call || !arg32(c, 5) || !arg32(c, 6) || !xam_signed_in(m, spec.user)) {
		call_return(c, ERROR_INVALID_PARAMETER);
		return;
	}
	out32(m, c, arg32(c, 5), spec.per_call * TITLE_PLAYED_BYTES);
	uint32_t object = c->faulted ? 0 : enumerator_new(m, c->thread, &spec);
	call_return(c, ERROR_NO_SYSTEM_RESOURCES);
	if (object)
		enumerator_open(m, c, object, arg32(c, 6));
}

/* (title, kind, pivot, rows, views, specs *, bytes *, handle *): the network has the leaderboards, and so XamEnumerate says that nobody is logged on. */
void k_XamUserCreateStatsEnumerator(struct machine *m, struct call *c)
{
	uint32_t rows = arg32(c, 3), views = arg32(c, 4), bytes = STATS_RESULTS_BYTES;
	const struct enumerator_spec spec = { .user = XAM_USER_NONE,
		.app = APP_XGI,
		.open_message = STATS_MESSAGE,
		.close_message = STATS_END_MESSAGE,
		.item_size = 1,
		.per_call = 1,
		.layout = ENUMERATOR_OFFLINE };
	out32(m, c, arg32(c, 7), 0);
	out32(m, c, arg32(c, 6), 0);
	call_return(c, ERROR_INVALID_PARAMETER);
	if (c->faulted || !arg32(c, 7) || !arg32(c, 6) || !c->arg[2] || !arg32(c, 5) || !rows || rows > STATS_ROWS_MAX ||
		!views || views > STATS_ROWS_MAX || arg32(c, 1) > STATS_KIND_LAST)
		return;
	for (uint32_t i = 0; i < views && !c->faulted; i++) {
		uint32_t columns = in32(m, c, arg32(c, 5) + i * STATS_SPEC_BYTES + 4);
		bytes += STATS_VIEW_BYTES + rows * (STATS_ROW_BYTES + (columns < 64 ? columns : 64) * STATS_COLUMN_BYTES);
	}
	out32(m, c, arg32(c, 6), bytes);
	uint32_t object = c->faulted ? 0 : enumerator_new(m, c->thread, &spec);
	call_return(c, ERROR_NO_SYSTEM_RESOURCES);
	if (object)
		enumerator_open(m, c, object, arg32(c, 7));
}
