/* sim/setting_row.c: see setting_row.h. */
#include "setting_row.h"

#include "contract.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SIM_SETTING_NUMBER_MAX 1000000u
#define SIM_SETTING_BYTES_MAX ((uint64_t)1 << 40)

/* ---- words ----------------------------------------------------------------------------------- */

static const char *sim_setting_protocol(uint32_t value) {
	return value < SIM_PROTOCOL_COUNT ? sim_settings_protocol_name((enum sim_protocol)value) : NULL;
}

static const char *sim_setting_journal_mode(uint32_t value) {
	return value < SIM_JOURNAL_COUNT ? sim_settings_journal_mode_name((enum sim_journal_mode)value) : NULL;
}

static const char *sim_setting_synchronous(uint32_t value) {
	return value < SIM_SYNCHRONOUS_COUNT ? sim_settings_synchronous_name((enum sim_synchronous)value) : NULL;
}

static const char *sim_setting_other_mode(uint32_t value) {
	return value == SIM_JOURNAL_NONE ? "same" : sim_setting_journal_mode(value);
}

static const char *sim_setting_other_synchronous(uint32_t value) {
	return value == SIM_SYNCHRONOUS_NONE ? "same" : sim_setting_synchronous(value);
}

static const char *sim_setting_sync_model(uint32_t value) {
	return value < VFS_SYNC_MODEL_COUNT ? vfs_sync_model_name((enum vfs_sync_model)value) : NULL;
}

static const char *sim_setting_capability(uint32_t value) {
	return value < SIM_CAPABILITY_COUNT ? sim_settings_capability_name((enum sim_capability)value) : NULL;
}

static const char *sim_setting_switch(uint32_t value) {
	static const char *const words[] = {"off", "on"};
	return value < 2 ? words[value] : NULL;
}

static const char *sim_setting_order(uint32_t value) {
	static const char *const words[] = {"ordered", "free"};
	return value < 2 ? words[value] : NULL;
}

/* What the settings promise is the rule; anything else is a positive control. */
static const char *sim_setting_demand(uint32_t value) {
	return value == SIM_CONTRACT_NONE   ? "promised"
	       : value < SIM_CONTRACT_COUNT ? sim_contract_name((enum sim_contract)value)
	                                    : NULL;
}

static const char *sim_setting_files(uint32_t value) {
	static const char *const words[] = {"promised", "together"};
	return value < 2 ? words[value] : NULL;
}

static const char *sim_setting_locks(uint32_t value) {
	return sim_settings_locks_name((enum sim_locks)value);
}

static const char *sim_setting_index(uint32_t value) {
	static const char *const words[] = {"shared", "own"};
	return value < 2 ? words[value] : NULL;
}

static const char *sim_setting_demanded_locks(uint32_t value) {
	static const char *const words[] = {"promised", "kept"};
	return value < 2 ? words[value] : NULL;
}

/* ---- the table ------------------------------------------------------------------------------- */

#define FIELD(name) .offset = offsetof(struct sim_settings, name), .size = sizeof(((struct sim_settings *)0)->name)

/* All are drawn from one stream of chance in this order: a new row in the middle would change what
 * every seed draws. */
static const struct sim_setting_row sim_setting_rows[] = {
        {.section = "settings",
         .key = "protocol",
         .word = "protocol",
         .about = "how the subject orders memory and disk",
         FIELD(protocol),
         .name = sim_setting_protocol,
         .min = 1,
         .usual = SIM_PROTOCOL_PERSIST_FIRST},
        {.section = "settings",
         .key = "journal_mode",
         .word = "journal_mode",
         .about = "PRAGMA journal_mode",
         FIELD(journal_mode),
         .name = sim_setting_journal_mode,
         .min = 1,
         .usual = SIM_JOURNAL_WAL,
         .in_contract = true},
        {.section = "settings",
         .key = "synchronous",
         .word = "synchronous",
         .about = "PRAGMA synchronous",
         FIELD(synchronous),
         .name = sim_setting_synchronous,
         .min = 1,
         .usual = SIM_SYNCHRONOUS_FULL,
         .in_contract = true},
        {.section = "settings",
         .key = "page_size",
         .word = "page_size",
         .about = "PRAGMA page_size",
         FIELD(page_size_bytes),
         .min = 512,
         .max = 65536,
         .unit = "bytes",
         .usual = 4096,
         .power_of_two = true},
        {.section = "settings",
         .key = "cache_pages",
         .word = "cache_pages",
         .about = "PRAGMA cache_size: pages that a connection keeps in memory",
         FIELD(cache_pages),
         .min = 1,
         .max = SIM_SETTING_NUMBER_MAX,
         .usual = 100},
        {.section = "settings",
         .key = "checkpoint_frames",
         .word = "checkpoint_frames",
         .about = "the length of the WAL that asks for a checkpoint; 0: never",
         FIELD(checkpoint_frames),
         .max = SIM_SETTING_NUMBER_MAX,
         .usual = 50},
        {.section = "settings",
         .key = "busy_timeout_ms",
         .word = "busy_timeout",
         .about = "PRAGMA busy_timeout: the virtual wait for a lock of another process",
         FIELD(busy_timeout_ms),
         .max = SIM_SETTING_NUMBER_MAX,
         .unit = "ms"},
        {.section = "disk",
         .key = "sector_size",
         .word = "sector_size",
         .about = "what the disk writes as a whole",
         FIELD(sector_size_bytes),
         .min = 512,
         .max = 4096,
         .unit = "bytes",
         .usual = 4096,
         .ends_only = true},
        {.section = "disk",
         .key = "capacity_bytes",
         .word = "capacity",
         .about = "the size of the disk until faults end; 0: unlimited",
         FIELD(capacity_bytes),
         .max = SIM_SETTING_BYTES_MAX,
         .unit = "bytes"},
        {.section = "disk",
         .key = "names",
         .word = "names",
         .about = "how changes of directories survive a power loss: in their order, or in any",
         FIELD(names_free),
         .name = sim_setting_order,
         .single = true},
        {.section = "disk",
         .key = "truncate",
         .word = "truncate",
         .about = "how a truncation survives a power loss: in its order, or in any",
         FIELD(truncate_free),
         .name = sim_setting_order,
         .single = true},
        {.section = "disk",
         .key = "fsync",
         .word = "fsync",
         .about = "what a sync that fails leaves behind (enum vfs_sync_model)",
         FIELD(sync_model),
         .name = sim_setting_sync_model,
         .usual = VFS_SYNC_STILL_DIRTY,
         .in_contract = true},
        {.section = "disk",
         .key = "garbage",
         .word = "garbage",
         .about = "on: a power loss may leave garbage in what was being written, and in what a file had grown by",
         FIELD(garbage),
         .name = sim_setting_switch,
         .in_contract = true},
        {.section = "disk",
         .key = "psow",
         .word = "psow",
         .about = "SQLITE_IOCAP_POWERSAFE_OVERWRITE; false: the disk reports it and does not keep it",
         FIELD(psow),
         .name = sim_setting_capability,
         .min = SIM_CAPABILITY_ABSENT,
         .usual = SIM_CAPABILITY_KEPT,
         .in_contract = true},
        {.section = "disk",
         .key = "sequential",
         .word = "sequential",
         .about = "SQLITE_IOCAP_SEQUENTIAL",
         FIELD(sequential),
         .name = sim_setting_capability,
         .min = SIM_CAPABILITY_ABSENT,
         .usual = SIM_CAPABILITY_ABSENT,
         .in_contract = true},
        {.section = "disk",
         .key = "safe_append",
         .word = "safe_append",
         .about = "SQLITE_IOCAP_SAFE_APPEND",
         FIELD(safe_append),
         .name = sim_setting_capability,
         .min = SIM_CAPABILITY_ABSENT,
         .usual = SIM_CAPABILITY_ABSENT,
         .in_contract = true},
        {.section = "disk",
         .key = "lies",
         .word = "lies",
         .about = "of the syncs: report success and store nothing",
         FIELD(lies_percent),
         .max = 100,
         .unit = "percent",
         .in_contract = true},
        {.word = "demand_after_kill",
         .about = "a positive control: what is demanded after a kill",
         FIELD(demanded[SIM_CRASH_KILL]),
         .name = sim_setting_demand},
        {.word = "demand_after_power_loss",
         .about = "a positive control: what is demanded after a power loss",
         FIELD(demanded[SIM_CRASH_POWER_LOSS]),
         .name = sim_setting_demand},
        {.word = "demand_of_files",
         .about = "a positive control: what is demanded of a transaction over several files",
         FIELD(demands_files_together),
         .name = sim_setting_files},
        {.section = "disk",
         .key = "call_us",
         .word = "call",
         .about = "virtual time that a VFS call takes: with a slow disk, others meet the locks of a process more often",
         FIELD(call_us),
         .min = 1,
         .max = 10000,
         .unit = "us",
         .usual = 1,
         .silent = true},
        {.section = "settings",
         .key = "other_journal_mode",
         .word = "other_journal_mode",
         .about = "the journal mode of every second life of an engine",
         FIELD(other_journal_mode),
         .name = sim_setting_other_mode,
         .usual = SIM_JOURNAL_NONE,
         .silent = true,
         .in_contract = true},
        {.section = "settings",
         .key = "other_synchronous",
         .word = "other_synchronous",
         .about = "the synchronous of every second life of an engine",
         FIELD(other_synchronous),
         .name = sim_setting_other_synchronous,
         .usual = SIM_SYNCHRONOUS_NONE,
         .silent = true,
         .in_contract = true},
        {.section = "settings",
         .key = "vouches",
         .word = "vouches",
         .about = "on: who starts the subject says which version it held; a start refuses what is older",
         FIELD(vouches),
         .name = sim_setting_switch,
         .silent = true},
        {.section = "settings",
         .key = "branches",
         .word = "branches",
         .about = "crash states that are judged beside each run, about; 0: none",
         FIELD(branches),
         .max = SIM_SETTING_BRANCHES_MAX,
         .silent = true},
        {.section = "disk",
         .key = "locks",
         .word = "locks",
         .about = "how processes lock: mixed is every second one by a dot-file, void is granted and keeps nobody off",
         FIELD(locks),
         .name = sim_setting_locks,
         .silent = true,
         .in_contract = true},
        {.section = "disk",
         .key = "wal_index",
         .word = "wal_index",
         .about = "own: no process sees what another writes into the WAL index",
         FIELD(own_wal_index),
         .name = sim_setting_index,
         .silent = true,
         .in_contract = true},
        {.word = "demand_of_locks",
         .about = "a positive control: what is demanded of processes whose locks do not keep them off each other",
         FIELD(demands_locks),
         .name = sim_setting_demanded_locks,
         .silent = true},
        {.section = "bound",
         .key = "wal_bytes",
         .word = "bound_wal_bytes",
         .about = "the size of a WAL; 0: unbounded",
         FIELD(bounds[SIM_BOUND_WAL_BYTES]),
         .max = SIM_SETTING_BYTES_MAX,
         .unit = "bytes",
         .single = true,
         .silent = true},
        {.section = "bound",
         .key = "journal_bytes",
         .word = "bound_journal_bytes",
         .about = "the size of a rollback journal; 0: unbounded",
         FIELD(bounds[SIM_BOUND_JOURNAL_BYTES]),
         .max = SIM_SETTING_BYTES_MAX,
         .unit = "bytes",
         .single = true,
         .silent = true},
        {.section = "bound",
         .key = "own_journal_bytes",
         .word = "bound_own_journal_bytes",
         .about = "the size of the engine's own journal, or of a super-journal; 0: unbounded",
         FIELD(bounds[SIM_BOUND_OWN_JOURNAL_BYTES]),
         .max = SIM_SETTING_BYTES_MAX,
         .unit = "bytes",
         .single = true,
         .silent = true},
        {.section = "bound",
         .key = "temp_bytes",
         .word = "bound_temp_bytes",
         .about = "the size of a temporary file; 0: unbounded",
         FIELD(bounds[SIM_BOUND_TEMP_BYTES]),
         .max = SIM_SETTING_BYTES_MAX,
         .unit = "bytes",
         .single = true,
         .silent = true},
        {.section = "bound",
         .key = "refusals",
         .word = "bound_refusals",
         .about = "steps that are put off, all together; 0: unbounded",
         FIELD(bounds[SIM_BOUND_REFUSALS]),
         .max = SIM_SETTING_BYTES_MAX,
         .single = true,
         .silent = true},
        {.section = "bound",
         .key = "heal_us",
         .word = "bound_heal_us",
         .about = "virtual time from the end of the faults until everybody has got something through; 0: unbounded",
         FIELD(bounds[SIM_BOUND_HEAL_US]),
         .max = SIM_SETTING_BYTES_MAX,
         .unit = "us",
         .single = true,
         .silent = true},
        {.word = "all_branches",
         .about = "on: every crash state of the run is judged beside it",
         FIELD(all_branches),
         .name = sim_setting_switch,
         .silent = true},
};

#define SIM_SETTING_ROW_COUNT (sizeof sim_setting_rows / sizeof sim_setting_rows[0])

static_assert(SIM_SETTING_ROW_COUNT <= SIM_SETTINGS_MAX, "a scenario has a list for each row");

uint32_t sim_setting_row_count(void) {
	return SIM_SETTING_ROW_COUNT;
}

const struct sim_setting_row *sim_setting_row(uint32_t number) {
	assert(number < SIM_SETTING_ROW_COUNT);
	return &sim_setting_rows[number];
}

uint32_t sim_setting_row_of(size_t offset) {
	uint32_t number = 0;
	while (number < SIM_SETTING_ROW_COUNT && sim_setting_rows[number].offset != offset) {
		number++;
	}
	assert(number < SIM_SETTING_ROW_COUNT);
	return number;
}

/* ---- one row --------------------------------------------------------------------------------- */

uint64_t sim_setting_row_get(const struct sim_setting_row *row, const struct sim_settings *settings) {
	const char *field = (const char *)settings + row->offset;
	uint8_t narrow = 0;
	uint32_t number = 0;
	uint64_t wide = 0;
	switch (row->size) {
	case sizeof narrow:
		memcpy(&narrow, field, sizeof narrow);
		return narrow;
	case sizeof number:
		memcpy(&number, field, sizeof number);
		return number;
	default:
		assert(row->size == sizeof wide);
		memcpy(&wide, field, sizeof wide);
		return wide;
	}
}

void sim_setting_row_set(const struct sim_setting_row *row, struct sim_settings *settings, uint64_t value) {
	char *field = (char *)settings + row->offset;
	uint8_t narrow = (uint8_t)value;
	uint32_t number = (uint32_t)value;
	switch (row->size) {
	case sizeof narrow:
		assert(narrow == value);
		memcpy(field, &narrow, sizeof narrow);
		break;
	case sizeof number:
		assert(number == value);
		memcpy(field, &number, sizeof number);
		break;
	default:
		assert(row->size == sizeof value);
		memcpy(field, &value, sizeof value);
		break;
	}
}

bool sim_setting_row_named(const struct sim_setting_row *row, const char *word, uint64_t *value) {
	assert(row->name != NULL);
	for (uint32_t number = (uint32_t)row->min; row->name(number) != NULL; number++) {
		if (strcmp(row->name(number), word) == 0) {
			*value = number;
			return true;
		}
	}
	return false;
}

bool sim_setting_row_fits(const struct sim_setting_row *row, uint64_t number) {
	assert(row->name == NULL);
	if (number < row->min || number > row->max) {
		return false;
	}
	if (row->ends_only) {
		return number == row->min || number == row->max;
	}
	return !row->power_of_two || (number & (number - 1)) == 0;
}

void sim_setting_row_expected(const struct sim_setting_row *row, char text[SIM_SETTING_EXPECTED_SIZE]) {
	size_t used = 0;
	if (row->name == NULL) {
		snprintf(text, SIM_SETTING_EXPECTED_SIZE, "%s%" PRIu64 "%s%" PRIu64 "%s%s",
		         row->power_of_two ? "a power of two from " : "", row->min, row->ends_only ? " or " : " to ",
		         row->max, row->unit != NULL ? " " : "", row->unit != NULL ? row->unit : "");
		return;
	}
	text[0] = '\0';
	for (uint32_t i = (uint32_t)row->min; row->name(i) != NULL && used < SIM_SETTING_EXPECTED_SIZE; i++) {
		const char *before = i == row->min ? "" : row->single ? " or " : ", ";
		used += (size_t)snprintf(text + used, SIM_SETTING_EXPECTED_SIZE - used, "%s%s", before, row->name(i));
	}
}
