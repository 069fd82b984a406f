/* sim/world/order_rule.c: see order_rule.h. Files and records that have no room any more are taken
 * for synced: a rule is then counted as kept too often, and never as broken. Numbers in a journal
 * are big-endian; its format is section 3 of https://sqlite.org/fileformat2.html. */
#include "order_rule.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define SIM_ORDER_NO_FILE SIM_ORDER_FILES

const char *sim_order_rule_name(enum sim_order_rule rule) {
	static const char *const names[SIM_ORDER_RULE_COUNT] = {"record_before_page", "frames_before_page",
	                                                        "pages_before_end", "pages_before_restart"};
	assert(rule < SIM_ORDER_RULE_COUNT);
	return names[rule];
}

/* ---- files ----------------------------------------------------------------------------------- */

static uint32_t sim_order_file(struct sim_order *order, const char *path) {
	for (uint32_t i = 0; i < order->file_count; i++) {
		if (strcmp(order->files[i].path, path) == 0) {
			return i;
		}
	}
	if (order->file_count == SIM_ORDER_FILES || strlen(path) >= sizeof order->files[0].path) {
		return SIM_ORDER_NO_FILE;
	}
	snprintf(order->files[order->file_count].path, sizeof order->files[0].path, "%s", path);
	order->files[order->file_count].is_unsynced = false;
	order->files[order->file_count].has_header = false;
	order->files[order->file_count].is_full = false;
	return order->file_count++;
}

/* The file beside: of a database its "-journal" or "-wal", and with "" of such a file its
 * database. */
static uint32_t sim_order_beside(struct sim_order *order, const char *path, const char *suffix) {
	char other[80];
	const char *dash = strrchr(path, '-');
	int size = suffix[0] == '\0' && dash != NULL ? (int)(dash - path) : (int)strlen(path);
	snprintf(other, sizeof other, "%.*s%s", size, path, suffix);
	return sim_order_file(order, other);
}

static bool sim_order_is_unsynced(const struct sim_order *order, uint32_t file) {
	return file != SIM_ORDER_NO_FILE && order->files[file].is_unsynced;
}

/* A journal has ended: it holds nothing any more. */
static void sim_order_end_journal(struct sim_order *order, uint32_t file) {
	uint32_t kept = 0;
	for (uint32_t i = 0; i < order->record_count; i++) {
		if (order->records[i].file != file) {
			order->records[kept++] = order->records[i];
		}
	}
	order->record_count = kept;
	order->files[file].has_header = false;
	order->files[file].is_full = false;
}

static void sim_order_sync_records(struct sim_order *order, uint32_t file) {
	for (uint32_t i = 0; i < order->record_count; i++) {
		order->records[i].is_unsynced &= order->records[i].file != file;
	}
}

static uint32_t sim_order_number(const unsigned char bytes[4]) {
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* A record is written in three calls: the number of its page, the page, a checksum. */
static void sim_order_note_record(struct sim_order *order, const struct vfs_call *call, uint32_t file) {
	bool is_number = call->size == 4 && !(order->has_content && order->journal == file);
	order->has_content = call->size != 4;
	order->journal = file;
	if (!is_number || call->data == NULL) {
		return;
	}
	if (order->record_count == SIM_ORDER_RECORDS) {
		order->files[file].is_full = true;
		return;
	}
	order->records[order->record_count].file = file;
	order->records[order->record_count].is_unsynced = true;
	order->records[order->record_count++].page = sim_order_number(call->data);
}

/* Magic, number of records, nonce; then how many pages the database had. */
static void sim_order_note_header(struct sim_order *order, const struct vfs_call *call, uint32_t file) {
	const unsigned char *bytes = call->data;
	if (bytes != NULL && call->size >= 20 && !order->files[file].has_header) {
		order->files[file].has_header = true;
		order->files[file].pages_before = sim_order_number(bytes + 16);
	}
}

/* ---- rules ----------------------------------------------------------------------------------- */

static void sim_order_count(struct sim_order *order, enum sim_order_rule rule, bool is_broken) {
	order->counts.kept[rule] += is_broken ? 0 : 1;
	order->counts.broken[rule] += is_broken ? 1 : 0;
}

/* A page is written. The last record of it counts. */
static void sim_order_count_page(struct sim_order *order, uint32_t journal, uint64_t page) {
	uint32_t i = order->record_count;
	while (i > 0 && (order->records[i - 1].file != journal || order->records[i - 1].page != page)) {
		i--;
	}
	if (i > 0) {
		sim_order_count(order, SIM_ORDER_RECORD_BEFORE_PAGE, order->records[i - 1].is_unsynced);
	} else if (journal == SIM_ORDER_NO_FILE || order->files[journal].is_full) {
		sim_order_count(order, SIM_ORDER_RECORD_BEFORE_PAGE, false);
	} else if (order->files[journal].has_header && page > order->files[journal].pages_before) {
		order->counts.new_pages++;
	} else {
		order->counts.without_record++;
	}
}

static void sim_order_check(struct sim_order *order, const struct vfs_call *call, enum vfs_phase phase) {
	uint32_t file = SIM_ORDER_NO_FILE;
	switch ((int)phase) {
	case VFS_PHASE_DATABASE_WRITE:
		if (call->method == VFS_METHOD_WRITE && call->size > 0) {
			file = sim_order_beside(order, call->path, "-journal");
			sim_order_count_page(order, file, call->offset / call->size + 1);
		}
		break;
	case VFS_PHASE_CHECKPOINT_WRITE:
		file = sim_order_beside(order, call->path, "-wal");
		sim_order_count(order, SIM_ORDER_FRAMES_BEFORE_PAGE, sim_order_is_unsynced(order, file));
		break;
	case VFS_PHASE_JOURNAL_DELETION:
	case VFS_PHASE_JOURNAL_TRUNCATION:
	case VFS_PHASE_JOURNAL_ZEROING:
		file = sim_order_beside(order, call->path, "");
		sim_order_count(order, SIM_ORDER_PAGES_BEFORE_END, sim_order_is_unsynced(order, file));
		break;
	case VFS_PHASE_WAL_RESTART:
	case VFS_PHASE_WAL_TRUNCATION:
	case VFS_PHASE_WAL_DELETION:
		file = sim_order_beside(order, call->path, "");
		sim_order_count(order, SIM_ORDER_PAGES_BEFORE_RESTART, sim_order_is_unsynced(order, file));
		break;
	default:
		break;
	}
}

void sim_order_called(struct sim_order *order, const struct vfs_call *call, enum vfs_phase phase, int result) {
	bool changes = call->method == VFS_METHOD_WRITE || call->method == VFS_METHOD_TRUNCATE;
	bool is_over = call->method == VFS_METHOD_SYNC || call->method == VFS_METHOD_DELETE;
	if (call->path == NULL || (!changes && !is_over)) {
		return;
	}
	if (call->method != VFS_METHOD_SYNC) {
		sim_order_check(order, call, phase);
	}
	uint32_t file = sim_order_file(order, call->path);
	if (file == SIM_ORDER_NO_FILE || (is_over && result != SQLITE_OK)) {
		return;
	}
	order->files[file].is_unsynced = changes;
	bool ends = phase == VFS_PHASE_JOURNAL_TRUNCATION || phase == VFS_PHASE_JOURNAL_ZEROING;
	if (call->method == VFS_METHOD_DELETE || (ends && result == SQLITE_OK)) {
		sim_order_end_journal(order, file);
	} else if (call->method == VFS_METHOD_SYNC) {
		sim_order_sync_records(order, file);
	} else if (phase == VFS_PHASE_JOURNAL_RECORD) {
		sim_order_note_record(order, call, file);
	} else if (phase == VFS_PHASE_JOURNAL_HEADER) {
		sim_order_note_header(order, call, file);
	}
}

void sim_order_begin(struct sim_order *order) {
	const struct sim_order_counts counts = order->counts;
	*order = (struct sim_order){.counts = counts};
}
