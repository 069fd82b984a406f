/* sim/world/crash_state.h: the states that a crash may leave of one disk, each with a name. A death
 * of the process leaves what programs see. A power loss leaves a legal part of what is pending; of
 * those parts there are 2^n and more, so they are listed by rules (docs/crash-states.md):
 *
 *   kill          the process dies, nothing else happens
 *   kill-half     the same in the middle of the write: its first half is there
 *   kill-all      all processes die, where there are several
 *   none, all     nothing or everything that is pending survives
 *   first-I       the first I operations survive, and all names
 *   only-I        one operation survives; without-I: all but that one
 *   torn-I        all survive, but of that write only the first sector
 *   cut-I         the same, and only the first half of that sector
 *   torn-only-I   nothing else survives
 *   grown-I       of that write the new size survives, and not the content; all others survive
 *   garbage-I     of that write the new size, and garbage
 *   names-I       everything survives in files, and the first I operations on names
 *   name-I        likewise all names but that one, where names are free
 *   order-I       where the disk keeps the order: the oldest I operations survive
 *   order-cut-I   the same, and half of the next one
 *   set-0xM       the operations of that mask, while they are few
 *   drawn-I       drawn by chance
 *
 * With "+1" behind it the life on that state does not end with the load: more is written, and
 * loaded once more.
 */
#ifndef AFTERSHOCK_SIM_CRASH_STATE_H
#define AFTERSHOCK_SIM_CRASH_STATE_H

#include "must_check.h"
#include "pcg.h"
#include "vfs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_CRASH_STATE_NAME_SIZE 40

enum sim_crash_state_kind {
	SIM_CRASH_STATE_KILL = 0,
	SIM_CRASH_STATE_KILL_HALF,
	SIM_CRASH_STATE_KILL_ALL,
	SIM_CRASH_STATE_NONE,
	SIM_CRASH_STATE_ALL,
	SIM_CRASH_STATE_FIRST,
	SIM_CRASH_STATE_ONLY,
	SIM_CRASH_STATE_WITHOUT,
	SIM_CRASH_STATE_TORN,
	SIM_CRASH_STATE_CUT,
	SIM_CRASH_STATE_TORN_ONLY,
	SIM_CRASH_STATE_GROWN,
	SIM_CRASH_STATE_GARBAGE,
	SIM_CRASH_STATE_NAMES,
	SIM_CRASH_STATE_NAME,
	SIM_CRASH_STATE_ORDER,
	SIM_CRASH_STATE_ORDER_CUT,
	SIM_CRASH_STATE_SET,
	SIM_CRASH_STATE_DRAWN,
	SIM_CRASH_STATE_COUNT
};

struct sim_crash_state {
	enum sim_crash_state_kind kind;
	uint64_t number;  /* of the operation, from 0; a mask; of the draw */
	bool writes_more; /* with more writes and another start */
};

/* How far the list goes. */
struct sim_crash_state_bounds {
	uint32_t subsets_of; /* all subsets of the pending operations while they are no more */
	uint32_t drawn;      /* so many states that are drawn by chance, for each point */
};

/* What is pending on a disk. */
struct sim_crash_state_pending {
	uint32_t operations; /* on files that keep their names: writes and truncates */
	uint32_t names;
	uint32_t ordered;   /* operations of all kinds, where the disk keeps their order */
	uint64_t can_grow;  /* bit 1 << operation: the size may survive alone */
	uint64_t can_spoil; /* the same with garbage */
	uint64_t is_write;  /* it can be torn */
	bool names_are_free;
};

bool sim_crash_state_is_kill(const struct sim_crash_state *state);
void sim_crash_state_print(const struct sim_crash_state *state, char name[SIM_CRASH_STATE_NAME_SIZE]);
/* The first `length` bytes of `text`. False when that is no name of a state. */
bool sim_crash_state_parse(const char *text, size_t length, struct sim_crash_state *state);

/* Counts on a copy, which is spent. */
struct sim_crash_state_pending sim_crash_state_count(struct vfs_disk *copy);
/* The state after `state` in the list of power losses; the first one is SIM_CRASH_STATE_NONE.
 * False behind the last. */
bool sim_crash_state_next(const struct sim_crash_state_pending *pending, const struct sim_crash_state_bounds *bounds,
                          struct sim_crash_state *state);
/* How many the list has. */
uint64_t sim_crash_state_total(const struct sim_crash_state_pending *pending,
                               const struct sim_crash_state_bounds *bounds);
/* One of the list, or a death of the process: each kind that there is with the same chance, and of
 * that kind each number. */
void sim_crash_state_sample(const struct sim_crash_state_pending *pending, const struct sim_crash_state_bounds *bounds,
                            struct sim_pcg32 *chance, struct sim_crash_state *state);
/* Told one line. */
typedef void (*sim_crash_teller)(void *context, const char *text);
/* The power goes, and this is left. `chance` is for what is drawn, and for garbage. Each pending
 * operation is told, with what becomes of it; NULL: nobody wants to know. */
void sim_crash_state_apply(struct vfs_disk *disk, const struct sim_crash_state *state, struct sim_pcg32 chance,
                           sim_crash_teller teller, void *context);

/* The write of a call. */
struct sim_crash_write {
	const char *path;
	uint64_t offset;
	uint64_t size;
};
/* The disk before a write, with the first half of it: what a death in the middle of it leaves. The
 * bytes are taken from the disk behind it. NULL where there is no such state. */
struct vfs_disk *sim_crash_state_half(const struct vfs_disk *before, struct vfs_disk *behind,
                                      const struct sim_crash_write *write);

/* Whether the call may have changed what a crash behind it leaves. */
bool sim_crash_state_changes_disk(const struct vfs_call *call, int result) SIM_MUST_CHECK;

#endif
