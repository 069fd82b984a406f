/* sim/world/owed.c: see owed.h. */
#include "owed.h"

#include "vfs.h"

#include <stdio.h>
#include <string.h>

/* What lies beside a database. */
#define SIM_OWED_SIDE_FILES (1u << VFS_FILE_WAL | 1u << VFS_FILE_JOURNAL | 1u << VFS_FILE_SUPER_JOURNAL)

/* The weakest of what the journal modes promise that may have been in force. */
static enum sim_contract sim_owed_by_modes(const struct sim_owed *owed, const struct sim_settings *settings,
                                           enum sim_crash crash) {
	enum sim_contract weakest = SIM_CONTRACT_NONE;
	for (int mode = SIM_JOURNAL_NONE + 1; mode < SIM_JOURNAL_COUNT; mode++) {
		struct sim_settings in_mode = *settings;
		in_mode.journal_mode = (enum sim_journal_mode)mode;
		enum sim_contract contract = sim_contract_of_settings(&in_mode, crash);
		bool used = (owed->journal_modes & (1u << mode)) != 0;
		weakest = used && contract > weakest ? contract : weakest;
	}
	return weakest;
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
	weakest = owed->older && weakest < SIM_CONTRACT_PREFIX ? SIM_CONTRACT_PREFIX : weakest;
	bool lied = owed->lied || (owed->lied_sync && crash == SIM_CRASH_POWER_LOSS);
	return (owed->damaged_log || lied) && weakest < SIM_CONTRACT_DETECT ? SIM_CONTRACT_DETECT : weakest;
}

enum sim_contract sim_owed_now(const struct sim_owed *owed, const struct sim_settings *settings) {
	return sim_owed_after(owed, settings, owed->crash);
}

void sim_owed_note_crash(struct sim_owed *owed, const struct sim_settings *settings, enum sim_crash crash) {
	owed->crash = crash > owed->crash ? crash : owed->crash;
	owed->ever_damaged |= sim_owed_now(owed, settings) >= SIM_CONTRACT_DETECT;
}

void sim_owed_note_going_on(struct sim_owed *owed, const struct sim_settings *settings) {
	if (settings->sync_model != VFS_SYNC_STILL_DIRTY) {
		owed->lied = owed->ever_damaged = true;
	}
}

void sim_owed_note_failed_sync(struct sim_owed *owed, const struct sim_settings *settings, bool of_wal) {
	bool forgets = settings->sync_model == VFS_SYNC_EXT4 || settings->sync_model == VFS_SYNC_EXT4_DATA;
	if (forgets && of_wal) {
		owed->wal_forgotten = true;
		owed->wal_begun_anew = false;
	}
	owed->lied_sync |= settings->sync_model == VFS_SYNC_EXT4_DATA;
	if (settings->sync_model == VFS_SYNC_BTRFS) {
		owed->took_back = true;
		owed->lied |= owed->lied_sync;
		owed->ever_damaged |= owed->lied_sync;
		sim_owed_note_crash(owed, settings, SIM_CRASH_POWER_LOSS);
	}
}

/* Without a hot journal there is a mixture, and never an older state. */
static bool sim_owed_may_be_older(const struct sim_fault *fault) {
	bool takes =
	        fault->kind == SIM_FAULT_REMOVE || fault->kind == SIM_FAULT_EMPTY || fault->kind == SIM_FAULT_UNLINK;
	return !takes || fault->file_kind != VFS_FILE_JOURNAL;
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
	                   fault->kind == SIM_FAULT_REPLACE;
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
	owed->damaged_log |= sim_owed_may_be_older(fault);
}

void sim_owed_note_writing(struct sim_owed *owed, const struct vfs_call *call) {
	if (call->method == VFS_METHOD_WRITE && call->file_kind == VFS_FILE_DB) {
		owed->is_checkpointed_into = true;
	} else if (call->method == VFS_METHOD_WRITE && call->file_kind == VFS_FILE_WAL && call->offset == 0) {
		owed->is_checkpointed_into = false;
	}
}

void sim_owed_note_wal(struct sim_owed *owed, const struct vfs_call *call) {
	owed->wal_begun_anew |= call->method == VFS_METHOD_WRITE && call->offset == 0;
	if (call->method == VFS_METHOD_SYNC && owed->wal_begun_anew) {
		owed->wal_forgotten = owed->wal_begun_anew = false;
	}
}

static bool sim_owed_is_wal_of(const struct sim_owed *owed, const char *database) {
	size_t length = strlen(database);
	return strncmp(owed->wal_path, database, length) == 0 && strcmp(owed->wal_path + length, "-wal") == 0;
}

void sim_owed_note_call(struct sim_owed *owed, const struct vfs_call *call, int result) {
	if (call->method == VFS_METHOD_SYNC && call->file_kind == VFS_FILE_WAL) {
		owed->wal_unanswered = result != 0;
		snprintf(owed->wal_path, sizeof owed->wal_path, "%s", call->path);
	} else if (call->method == VFS_METHOD_WRITE && call->file_kind == VFS_FILE_DB && owed->wal_unanswered) {
		owed->wal_disregarded |= sim_owed_is_wal_of(owed, call->path);
	}
}

bool sim_owed_has_forgotten_wal(const struct sim_owed *owed) {
	return owed->wal_forgotten && !owed->wal_disregarded;
}

void sim_owed_note_load(struct sim_owed *owed, bool alone) {
	owed->crash = SIM_CRASH_NONE;
	owed->damaged = owed->damaged && !alone;
	owed->damage_count = alone ? 0 : owed->damage_count;
	owed->damaged_log = owed->damaged_log && !alone;
	owed->older = owed->older && !alone;
	owed->changed_outside = owed->changed_outside && !alone;
	owed->was_put_back = owed->was_put_back && !alone;
	owed->took_back = owed->took_back && !alone;
	owed->damaged_files = alone ? 0 : owed->damaged_files;
}
