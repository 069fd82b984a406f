/* sim/orders/other_book.c: another book than that of the world. An engine makes it, out of orders
 * that the exchange of the world has never heard of. It has come at least as far as the version
 * that is vouched for, so only the history tells the two apart. */
#include "orders.h"

#include "remains.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>

/* Versions that it is ahead. */
#define SIM_OTHER_BOOK_MORE 3u

static void sim_other_book_make_update(uint64_t number, struct subject_order_update *update) {
	*update = (struct subject_order_update){.exec_type = SUBJECT_EXEC_NEW,
	                                        .ord_status = SUBJECT_ORDER_NEW,
	                                        .side = SUBJECT_SIDE_BUY,
	                                        .order_quantity_lots = 1,
	                                        .leaves_quantity_lots = 1,
	                                        .price_ticks = 1};
	snprintf(update->exec_id, sizeof update->exec_id, "other-%" PRIu64, number);
	snprintf(update->order_id, sizeof update->order_id, "other-%" PRIu64, number);
	snprintf(update->cl_ord_id, sizeof update->cl_ord_id, "other-%" PRIu64, number);
	snprintf(update->symbol, sizeof update->symbol, "OTHER");
}

static bool sim_other_book_write(const struct aftershock_subject *subject, void *instance, uint64_t version) {
	struct subject_order_update update;
	const struct subject_step step = {.kind = SUBJECT_STEP_ORDER_UPDATE, .update = &update};
	bool is_written = true;
	for (uint64_t number = 0; number < version && is_written; number++) {
		struct subject_reply reply = {0};
		sim_other_book_make_update(number, &update);
		subject->step(instance, &step, &reply);
		is_written = reply.outcome == SUBJECT_ACKNOWLEDGED;
	}
	return is_written;
}

/* The files of the world's book are there, too, and go. */
static bool sim_other_book_begin(const char *vfs_name) {
	static const char *const paths[] = {SIM_WORLD_PATH "-updates", SIM_WORLD_PATH "-wal", SIM_WORLD_PATH "-journal",
	                                    SIM_WORLD_PATH};
	sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
	bool is_gone = vfs != NULL;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0] && is_gone; i++) {
		int code = vfs->xDelete(vfs, paths[i], 1);
		is_gone = code == SQLITE_OK || code == SQLITE_IOERR_DELETE_NOENT;
	}
	return is_gone;
}

bool sim_orders_make_other(struct sim_world *world, const char *vfs_name) {
	const struct aftershock_subject *subject = world->subject;
	struct sim_orders_vouched known = sim_orders_known(world);
	const struct subject_config config = {.vfs_name = vfs_name,
	                                      .path = SIM_WORLD_PATH,
	                                      .protocol = "persist_first",
	                                      .journal_mode = "wal",
	                                      .synchronous = "full",
	                                      .page_size_bytes = world->plan->settings.page_size_bytes,
	                                      .cache_pages = (int32_t)world->plan->settings.cache_pages};
	char reason[SUBJECT_REASON_SIZE];
	void *instance = NULL;
	bool can_tell = known.version > 0 && (known.history[0] != 0 || known.history[1] != 0);
	if (!can_tell || !sim_other_book_begin(vfs_name)) {
		return false;
	}
	/* Who looks through a VFS of somebody's own has static data that is as after loading. */
	if (world->own_vfs == NULL && !sim_remains_begin(&world->processes[0])) {
		return false;
	}
	bool is_made = subject->start(&config, &instance, reason) == SUBJECT_STARTED &&
	               sim_other_book_write(subject, instance, known.version + SIM_OTHER_BOOK_MORE);
	if (instance != NULL) {
		subject->stop(instance);
	}
	return is_made;
}
