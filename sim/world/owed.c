/* sim/world/owed.c: see owed.h. */
#include "owed.h"

#include "vfs.h"

#include <sqlite3.h>

#include <stdio.h>
#include <string.h>

/* What zeroJournalHdr() writes. */
#define SIM_OWED_JOURNAL_ZEROS_SIZE 28

/* What lies beside a database. */
#define SIM_OWED_SIDE_FILES (1u << VFS_FILE_WAL | 1u << VFS_FILE_JOURNAL | 1u << VFS_FILE_SUPER_JOURNAL)

/* Whatever was in force, what was written with it may be what is lost. */
static enum sim_contract sim_owed_by_synchronous(const struct sim_owed *owed, const struct sim_settings *settings,
                                                 enum sim_crash crash) {
	enum sim_contract weakest = sim_contract_of_settings(settings, crash);
	struct sim_settings tuned = *settings;
	for (int synchronous = 1; owed->synchronous != 0 && synchronous < SIM_SYNCHRONOUS_COUNT; synchronous++) {
		tuned.synchronous = (enum sim_synchronous)synchronous;
		enum sim_contract contract = sim_contract_of_settings(&tuned, crash);
		bool used = (owed->synchronous & (1u << synchronous)) != 0;
		weakest = used && contract > weakest ? contract : weakest;
	}
	return weakest;
}

/* The weakest of what the journal modes promise that may have been in force. */
static enum sim_contract sim_owed_by_modes(const struct sim_owed *owed, const struct sim_settings *settings,
                                           enum sim_crash crash) {
	enum sim_contract weakest = SIM_CONTRACT_NONE;
	for (int mode = SIM_JOURNAL_NONE + 1; mode < SIM_JOURNAL_COUNT; mode++) {
		struct sim_settings in_mode = *settings;
		in_mode.journal_mode = (enum sim_journal_mode)mode;
		enum sim_contract contract = sim_owed_by_synchronous(owed, &in_mode, crash);
		bool used = (owed->journal_modes & (1u << mode)) != 0;
		weakest = used && contract > weakest ? contract : weakest;
	}
	return weakest;
}

/* Who disregards what he was told is not excused. */
static enum sim_contract sim_owed_of_gap(const struct sim_owed *owed, const struct sim_settings *settings,
                                         enum sim_crash crash) {
	bool counts = owed->has_gap && !owed->wal_disregarded;
	struct sim_settings tuned = *settings;
	bool is_normal = (owed->synchronous & (1u << SIM_SYNCHRONOUS_NORMAL)) != 0;
	tuned.synchronous = is_normal ? SIM_SYNCHRONOUS_NORMAL : tuned.synchronous;
	return counts ? sim_contract_of_gap(&tuned, crash, &owed->gap) : SIM_CONTRACT_NONE;
}

/* Without a hot journal, or with another one, there is a mixture, and never an older state. */
static bool sim_owed_may_be_older(enum sim_fault_kind kind, enum vfs_file_kind file) {
	bool takes = kind == SIM_FAULT_REMOVE || kind == SIM_FAULT_EMPTY || kind == SIM_FAULT_UNLINK ||
	             kind == SIM_FAULT_MISPAIR;
	return !takes || file != VFS_FILE_JOURNAL;
}

enum sim_contract sim_owed_after(const struct sim_owed *owed, const struct sim_settings *settings,
                                 enum sim_crash crash) {
	if (settings->demanded[crash] != SIM_CONTRACT_NONE) {
		return settings->demanded[crash];
	}
	if (owed->rollback_lost) {
		return SIM_CONTRACT_MAY_CORRUPT;
	}
	enum sim_contract weakest = sim_owed_by_modes(owed, settings, crash);
	/* Damage to a log may bring an older committed state back; damage to the database itself
	 * may not (docs/contracts.md section 3). */
	enum sim_contract left = sim_owed_of_gap(owed, settings, crash);
	weakest = left > weakest ? left : weakest;
	weakest = owed->older && weakest < SIM_CONTRACT_PREFIX ? SIM_CONTRACT_PREFIX : weakest;
	bool awaited = owed->lied_sync ||
	               (owed->awaits_power && sim_owed_may_be_older(owed->awaiting_kind, owed->awaiting_file));
	bool lied = owed->lied || (awaited && crash == SIM_CRASH_POWER_LOSS);
	return (owed->damaged_log || lied) && weakest < SIM_CONTRACT_DETECT ? SIM_CONTRACT_DETECT : weakest;
}

/* A larger contract is a weaker one. */
bool sim_owed_no_more(const struct sim_owed *owed, const struct sim_settings *settings) {
	enum sim_contract kill = sim_owed_after(owed, settings, SIM_CRASH_KILL);
	enum sim_contract power_loss = sim_owed_after(owed, settings, SIM_CRASH_POWER_LOSS);
	return kill != SIM_CONTRACT_NONE && kill <= power_loss;
}

#define SIM_OWED_ROLLBACK_MODES (1u << SIM_JOURNAL_DELETE | 1u << SIM_JOURNAL_TRUNCATE | 1u << SIM_JOURNAL_PERSIST)

bool sim_owed_can_undo(const struct sim_owed *owed) {
	return (owed->journal_modes & ~(SIM_OWED_ROLLBACK_MODES | 1u << SIM_JOURNAL_WAL)) == 0;
}

bool sim_owed_is_of_rollback(const struct sim_owed *owed) {
	return (owed->journal_modes & ~SIM_OWED_ROLLBACK_MODES) == 0;
}

void sim_owed_note_not_undone(struct sim_owed *owed) {
	owed->rollback_lost = true;
	owed->ever_damaged = true;
}

bool sim_owed_goes_by_settings(const struct sim_owed *owed) {
	return !owed->ever_damaged && !owed->rollback_lost && !owed->lied && !owed->lied_sync && !owed->awaits_power &&
	       !owed->older && !owed->damaged_log && !owed->has_gap && !owed->took_back && !owed->wal_forgotten;
}

void sim_owed_note_synchronous(struct sim_owed *owed, enum sim_synchronous synchronous) {
	owed->synchronous |= synchronous != SIM_SYNCHRONOUS_NONE ? 1u << synchronous : 0;
}

enum sim_contract sim_owed_now(const struct sim_owed *owed, const struct sim_settings *settings) {
	return sim_owed_after(owed, settings, owed->crash);
}

void sim_owed_note_awaiting_power(struct sim_owed *owed, const struct sim_fault *fault) {
	owed->awaits_power = true;
	owed->awaiting_kind = fault->kind;
	owed->awaiting_file = fault->file_kind;
}

static void sim_owed_end_awaiting(struct sim_owed *owed, const struct sim_settings *settings) {
	struct sim_fault fault = {.kind = owed->awaiting_kind, .file_kind = owed->awaiting_file};
	if (owed->awaits_power) {
		owed->awaits_power = false;
		sim_owed_note_outside(owed, settings, &fault, SIM_OWED_MIXTURE);
	}
}

void sim_owed_note_crash(struct sim_owed *owed, const struct sim_settings *settings, enum sim_crash crash) {
	owed->crash = crash > owed->crash ? crash : owed->crash;
	if (crash == SIM_CRASH_POWER_LOSS) {
		owed->end_lost |= owed->end_overwritten;
		owed->end_was_lost |= owed->end_lost;
		owed->cut_beside |= owed->cut_unsynced;
		owed->was_cut_beside |= owed->cut_beside;
		owed->end_unsynced = owed->end_overwritten = owed->gone_unsynced = owed->cut_unsynced = false;
		sim_owed_end_awaiting(owed, settings);
	}
	owed->ever_damaged |= sim_owed_now(owed, settings) >= SIM_CONTRACT_DETECT;
}

/* What a positive control demands does not become less. */
static bool sim_owed_is_control(const struct sim_settings *settings) {
	bool demands = false;
	for (int crash = 0; crash < SIM_CRASH_COUNT; crash++) {
		demands = demands || settings->demanded[crash] != SIM_CONTRACT_NONE;
	}
	return demands;
}

void sim_owed_note_going_on(struct sim_owed *owed, const struct sim_settings *settings) {
	if (!sim_owed_is_control(settings) && settings->sync_model != VFS_SYNC_STILL_DIRTY) {
		owed->lied = owed->ever_damaged = true;
	}
}

void sim_owed_note_untold(struct sim_owed *owed, const struct sim_settings *settings) {
	struct sim_contract_gap gap = {.goes_on = true};
	bool counts = owed->has_gap && !owed->wal_disregarded && !sim_owed_is_control(settings) &&
	              sim_contract_of_gap(settings, SIM_CRASH_NONE, &gap) == SIM_CONTRACT_DETECT;
	owed->gap.goes_on |= counts;
	owed->ever_damaged |= counts;
}

void sim_owed_note_failed_sync(struct sim_owed *owed, const struct sim_settings *settings,
                               const struct vfs_call *call) {
	bool of_wal = call->file_kind == VFS_FILE_WAL;
	bool forgets = settings->sync_model == VFS_SYNC_EXT4 || settings->sync_model == VFS_SYNC_EXT4_DATA;
	if (forgets && of_wal) {
		owed->wal_forgotten = true;
		owed->wal_begun_anew = false;
	}
	owed->has_gap |= of_wal && settings->sync_model != VFS_SYNC_STILL_DIRTY;
	owed->lied_sync |= settings->sync_model == VFS_SYNC_EXT4_DATA ||
	                   (forgets && owed->copied_early && call->file_kind == VFS_FILE_DB);
	if (settings->sync_model == VFS_SYNC_BTRFS) {
		owed->took_back = true;
		owed->lied |= owed->lied_sync;
		owed->ever_damaged |= owed->lied_sync;
		sim_owed_note_crash(owed, settings, SIM_CRASH_POWER_LOSS);
	}
}

void sim_owed_note_damage(struct sim_owed *owed, const struct sim_fault *fault) {
	owed->damaged = true;
	owed->damage_count++;
	owed->damage_kind = fault->kind;
	owed->damage_file = fault->file_kind;
}

void sim_owed_note_outside(struct sim_owed *owed, const struct sim_settings *settings, const struct sim_fault *fault,
                           enum sim_owed_taken taken) {
	/* Where acknowledged updates may have been undone, an older copy may hold what was never in
	 * force again: that is no prefix. */
	bool may_be_undone =
	        owed->was_lost || sim_owed_after(owed, settings, SIM_CRASH_POWER_LOSS) != SIM_CONTRACT_DURABLE;
	bool is_put_back = fault->kind == SIM_FAULT_RESTORE || fault->kind == SIM_FAULT_RESTORE_ALL ||
	                   fault->kind == SIM_FAULT_REPLACE || fault->kind == SIM_FAULT_RESTORE_TORN;
	owed->was_put_back |= is_put_back;
	if (taken == SIM_OWED_NOTHING_TAKEN) {
		return;
	}
	sim_owed_note_damage(owed, fault);
	owed->changed_outside = true;
	owed->damaged_files |= fault->kind == SIM_FAULT_LEAVE_BEHIND ? SIM_OWED_SIDE_FILES : 1u << fault->file_kind;
	if (taken == SIM_OWED_OLDER && !may_be_undone) {
		owed->older = true;
		return;
	}
	owed->ever_damaged = true;
	owed->damaged_log |= sim_owed_may_be_older(fault->kind, fault->file_kind);
}

void sim_owed_note_writing(struct sim_owed *owed, const struct vfs_call *call) {
	if (call->method == VFS_METHOD_WRITE && call->file_kind == VFS_FILE_DB) {
		owed->is_checkpointed_into = true;
		owed->gap.copied |= owed->has_gap;
	} else if (call->method == VFS_METHOD_WRITE && call->file_kind == VFS_FILE_WAL && call->offset == 0) {
		owed->is_checkpointed_into = false;
	}
}

static void sim_owed_close_gap(struct sim_owed *owed) {
	owed->has_gap = false;
	owed->gap = (struct sim_contract_gap){0};
}

void sim_owed_note_eviction(struct sim_owed *owed, const struct sim_settings *settings, enum vfs_file_kind kind) {
	/* As at a power loss, what a lying sync kept back is gone. */
	if (kind == VFS_FILE_DB && settings->sync_model != VFS_SYNC_STILL_DIRTY) {
		sim_owed_end_awaiting(owed, settings);
	}
	owed->lied |= owed->lied_sync;
	owed->gap.dropped |= owed->has_gap && kind == VFS_FILE_WAL;
	bool shows = owed->lied_sync || (owed->gap.dropped && owed->gap.copied);
	owed->ever_damaged |= shows && !sim_owed_is_control(settings);
}

void sim_owed_note_wal(struct sim_owed *owed, const struct vfs_call *call) {
	owed->wal_begun_anew |= call->method == VFS_METHOD_WRITE && call->offset == 0;
	if (call->method == VFS_METHOD_SYNC && owed->wal_begun_anew) {
		/* What has come to light already shows at the next load, which is judged when the
		 * start has ended. */
		bool shows = owed->gap.dropped || owed->crash == SIM_CRASH_POWER_LOSS;
		if (owed->wal_forgotten && !shows) {
			sim_owed_close_gap(owed);
		}
		owed->wal_forgotten = owed->wal_begun_anew = false;
	}
}

void sim_owed_note_unlocked(struct sim_owed *owed, const struct sim_settings *settings) {
	if (!settings->demands_locks) {
		owed->lied = owed->ever_damaged = true;
	}
}

static bool sim_owed_is_wal_of(const struct sim_owed *owed, const char *database) {
	size_t length = strlen(database);
	return strncmp(owed->wal_path, database, length) == 0 && strcmp(owed->wal_path + length, "-wal") == 0;
}

/* A checkpoint that comes to what a reader still needs ends early. What it has copied counts as
 * written back, and was not synced (wal.c, walCheckpoint()). One that fails counts as nothing. */
static void sim_owed_note_checkpoint(struct sim_owed *owed, const struct sim_settings *settings,
                                     const struct vfs_call *call, bool succeeded) {
	const uint32_t release = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;
	if (call->file_kind == VFS_FILE_DB && call->method == VFS_METHOD_WRITE) {
		owed->db_written = succeeded;
	} else if (call->file_kind == VFS_FILE_DB && call->method == VFS_METHOD_SYNC) {
		owed->db_written = false;
		owed->copied_early = owed->copied_early && !succeeded;
		/* Where a failed sync leaves pages dirty, this one has stored them. */
		owed->awaits_power = owed->awaits_power && !(succeeded && settings->sync_model == VFS_SYNC_STILL_DIRTY);
	} else if (call->method == VFS_METHOD_SHM_LOCK && call->offset == VFS_SHM_SLOT_CHECKPOINT) {
		owed->copied_early |= owed->db_written && (call->flags & release) == release;
	}
}

/* A journal that begins has zeros, too, and a whole sector of them. */
static bool sim_owed_ends_journal(const struct vfs_call *call) {
	return call->offset == 0 && call->size == SIM_OWED_JOURNAL_ZEROS_SIZE && call->path != NULL;
}

/* Whether the file begins with a zero now: hasHotJournal() looks at one byte. */
static bool sim_owed_is_zeroed(struct vfs_disk *disk, const char *path) {
	unsigned char first = 1;
	size_t got = 0;
	bool created = false;
	struct vfs_inode *inode = NULL;
	if (vfs_disk_open(disk, path, false, &created, &inode) != VFS_OK) {
		return false;
	}
	vfs_disk_read(inode, 0, &first, sizeof first, &got);
	vfs_disk_close(disk, inode);
	return got == sizeof first && first == 0;
}

void sim_owed_note_journal(struct sim_owed *owed, struct vfs_disk *disk, const struct vfs_call *call, bool succeeded) {
	if (call->file_kind == VFS_FILE_DB && call->method == VFS_METHOD_TRUNCATE) {
		owed->cut_unsynced |= owed->gone_unsynced;
	}
	if (call->file_kind != VFS_FILE_JOURNAL) {
		return;
	}
	if (call->method == VFS_METHOD_DELETE) {
		owed->gone_unsynced = succeeded && call->flags == 0;
	}
	if (call->method == VFS_METHOD_SYNC && succeeded) {
		owed->end_unsynced = owed->end_overwritten = owed->gone_unsynced = owed->cut_unsynced = false;
	} else if (call->method == VFS_METHOD_WRITE && !sim_owed_ends_journal(call)) {
		owed->end_overwritten |= owed->end_unsynced;
	} else if (call->method == VFS_METHOD_WRITE) {
		owed->end_unsynced |= sim_owed_is_zeroed(disk, call->path);
	}
}

void sim_owed_note_call(struct sim_owed *owed, const struct sim_settings *settings, const struct vfs_call *call,
                        int result) {
	sim_owed_note_checkpoint(owed, settings, call, result == SQLITE_OK);
	if (call->method == VFS_METHOD_SYNC && call->file_kind == VFS_FILE_WAL) {
		owed->wal_unanswered = result != 0;
		owed->wal_asked_by = call->process;
		snprintf(owed->wal_path, sizeof owed->wal_path, "%s", call->path);
	} else if (call->method == VFS_METHOD_WRITE && call->file_kind == VFS_FILE_DB && owed->wal_unanswered) {
		owed->wal_disregarded |= call->process == owed->wal_asked_by && sim_owed_is_wal_of(owed, call->path);
	}
}

const char *sim_owed_power_text(const struct sim_owed *owed, bool of_pages) {
	bool end_lost = owed->end_lost || (of_pages && owed->end_was_lost);
	bool cut_beside = owed->cut_beside || (of_pages && owed->was_cut_beside);
	return end_lost     ? ", a journal whose end nobody had synced"
	       : cut_beside ? ", a database cut before its journal was gone"
	                    : "";
}

bool sim_owed_has_forgotten_wal(const struct sim_owed *owed) {
	return owed->wal_forgotten && !owed->wal_disregarded;
}

void sim_owed_note_load(struct sim_owed *owed, bool alone) {
	/* What the medium lacks is not in memory, either: everybody sees the same now. */
	if (alone && (owed->crash == SIM_CRASH_POWER_LOSS || owed->gap.dropped || owed->took_back)) {
		sim_owed_close_gap(owed);
	}
	owed->synchronous = alone && owed->crash == SIM_CRASH_POWER_LOSS ? 0 : owed->synchronous;
	owed->crash = SIM_CRASH_NONE;
	owed->end_lost = owed->end_lost && !alone;
	owed->cut_beside = owed->cut_beside && !alone;
	owed->damaged = owed->damaged && !alone;
	owed->damage_count = alone ? 0 : owed->damage_count;
	owed->damaged_log = owed->damaged_log && !alone;
	owed->older = owed->older && !alone;
	owed->changed_outside = owed->changed_outside && !alone;
	owed->was_put_back = owed->was_put_back && !alone;
	owed->took_back = owed->took_back && !alone;
	owed->damaged_files = alone ? 0 : owed->damaged_files;
}
