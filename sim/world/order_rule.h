/* sim/world/order_rule.h: the order that SQLite's protocols keep between writes, checked on the
 * calls of a run. A rule says which writes must be synced before a call of another phase is made.
 * Where a rule is kept, no power loss finds both sides of it pending: the sync between them is a
 * barrier of the disk (vfs/disk/sync.c). So the crash states of a point permute only what nothing
 * orders, and there is nothing for a rule to prune (docs/crash-states.md). */
#ifndef AFTERSHOCK_SIM_ORDER_RULE_H
#define AFTERSHOCK_SIM_ORDER_RULE_H

#include "vfs.h"

#include <stdbool.h>
#include <stdint.h>

enum sim_order_rule {
	SIM_ORDER_RECORD_BEFORE_PAGE = 0, /* a page's record in the journal, before the page */
	SIM_ORDER_FRAMES_BEFORE_PAGE,     /* the WAL, before a checkpoint writes a page */
	SIM_ORDER_PAGES_BEFORE_END,       /* the database, before its journal is ended */
	SIM_ORDER_PAGES_BEFORE_RESTART,   /* the database, before its WAL begins anew or goes */
	SIM_ORDER_RULE_COUNT
};

struct sim_order_counts {
	uint64_t kept[SIM_ORDER_RULE_COUNT];   /* calls that the rule is about */
	uint64_t broken[SIM_ORDER_RULE_COUNT]; /* such calls with something unsynced before them */
	/* Pages without a record, counted apart: behind the end that the database had when the
	 * journal was begun; and others. SQLite writes no record of a page that was free. */
	uint64_t new_pages;
	uint64_t without_record;
};

#define SIM_ORDER_FILES 12u
#define SIM_ORDER_RECORDS 512u

/* What is unsynced, and what journals hold. All zero: nothing. */
struct sim_order {
	struct {
		char path[64];
		bool is_unsynced;
		bool has_header;       /* of a journal, and so are: */
		bool is_full;          /* it has records that found no room below */
		uint32_t pages_before; /* of the database, by the header */
	} files[SIM_ORDER_FILES];
	uint32_t file_count;
	struct {
		uint32_t file;
		uint32_t page;
		bool is_unsynced;
	} records[SIM_ORDER_RECORDS]; /* of journals that have not ended */
	uint32_t record_count;
	uint32_t journal; /* the record that is being written: in which file, */
	bool has_content; /* and its checksum is next */
	struct sim_order_counts counts;
};

const char *sim_order_rule_name(enum sim_order_rule rule);
/* A call has been made, in that phase, and has returned `result`. */
void sim_order_called(struct sim_order *order, const struct vfs_call *call, enum vfs_phase phase, int result);
/* Somebody starts anew: what is unsynced is not known any more. */
void sim_order_begin(struct sim_order *order);

#endif
