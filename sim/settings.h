/* sim/settings.h: what a run is set to, in words that every room uses: modes of SQLite, what the
 * disk does and reports, crashes and contracts, and the two forms in which a scenario gives a
 * number (a range, a list of choices). */
#ifndef AFTERSHOCK_SIM_SETTINGS_H
#define AFTERSHOCK_SIM_SETTINGS_H

#include "pcg.h"
#include "vfs.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_CHOICES_MAX 8
#define SIM_SETTINGS_MAX 40
#define SIM_SETTING_BRANCHES_MAX 1000u
#define SIM_PLAN_FAULTS_MAX 64u
#define SIM_CONTRACT_TEXT_SIZE                                                                                         \
	160 /* of a line such as "durable after kill, prefix after power
	     * loss" */

enum sim_journal_mode {
	SIM_JOURNAL_NONE = 0,
	SIM_JOURNAL_DELETE,
	SIM_JOURNAL_TRUNCATE,
	SIM_JOURNAL_PERSIST,
	SIM_JOURNAL_MEMORY,
	SIM_JOURNAL_OFF,
	SIM_JOURNAL_WAL,
	SIM_JOURNAL_COUNT
};

enum sim_synchronous {
	SIM_SYNCHRONOUS_NONE = 0,
	SIM_SYNCHRONOUS_OFF,
	SIM_SYNCHRONOUS_NORMAL,
	SIM_SYNCHRONOUS_FULL,
	SIM_SYNCHRONOUS_EXTRA,
	SIM_SYNCHRONOUS_COUNT
};

enum sim_protocol {
	SIM_PROTOCOL_NONE = 0,
	SIM_PROTOCOL_PERSIST_FIRST,
	SIM_PROTOCOL_ROLLBACK,
	SIM_PROTOCOL_JOURNAL,
	SIM_PROTOCOL_COUNT
};

/* What a disk reports of itself, and whether that is so. */
enum sim_capability {
	SIM_CAPABILITY_NONE = 0,
	SIM_CAPABILITY_ABSENT, /* not reported, not so */
	SIM_CAPABILITY_KEPT,   /* reported, and so */
	SIM_CAPABILITY_FALSE,  /* reported, and not so */
	SIM_CAPABILITY_COUNT
};

/* How processes keep off each other. */
enum sim_locks {
	SIM_LOCKS_POSIX = 0, /* as the unix VFS of SQLite locks */
	SIM_LOCKS_DOT_FILE,  /* all by a file beside the database */
	SIM_LOCKS_MIXED,     /* every second process so, and the others by POSIX locks */
	SIM_LOCKS_VOID,      /* each lock is granted, and keeps nobody off */
	SIM_LOCKS_COUNT
};

enum sim_crash { SIM_CRASH_NONE = 0, SIM_CRASH_KILL, SIM_CRASH_POWER_LOSS, SIM_CRASH_COUNT };

/* What may be demanded for acknowledged updates (sim/contract.h), from the strongest to the
 * weakest: the weaker of two is the greater number. */
enum sim_contract {
	SIM_CONTRACT_NONE = 0,
	SIM_CONTRACT_DURABLE,            /* every acknowledged update is there */
	SIM_CONTRACT_LAST_MAY_ROLL_BACK, /* at most the last one is missing */
	SIM_CONTRACT_PREFIX,             /* a state that was committed, possibly older */
	SIM_CONTRACT_DETECT,             /* as prefix, or the damage is named and nothing is
	                                  * served */
	SIM_CONTRACT_MAY_CORRUPT,        /* SQLite may corrupt the file; the engine must detect it
	                                  * all the same */
	SIM_CONTRACT_COUNT
};

/* Both ends included. */
struct sim_range {
	uint64_t min;
	uint64_t max;
	bool is_heavy; /* drawn heavy-tailed (sim_pcg32_heavy) */
};

/* One list of values, one of which is drawn. */
struct sim_choices {
	uint32_t count;
	uint64_t values[SIM_CHOICES_MAX];
};

/* What the orders of a run come from. */
enum sim_trader_kind {
	SIM_TRADER_NONE = 0, /* nobody decided on them */
	SIM_TRADER_TRUSTING, /* decided from what is shown, once everything is acknowledged */
	SIM_TRADER_AGREEING, /* and only in agreement with the exchange, and with permission */
	SIM_TRADER_COUNT
};

/* What a run may not exceed (sim/world/bound.h). */
enum sim_bound {
	SIM_BOUND_WAL_BYTES = 0,
	SIM_BOUND_JOURNAL_BYTES,
	SIM_BOUND_OWN_JOURNAL_BYTES,
	SIM_BOUND_TEMP_BYTES,
	SIM_BOUND_REFUSALS,
	SIM_BOUND_HEAL_US,
	SIM_BOUND_COUNT
};

/* What SQLite and the simulated disk are set to in one run. */
struct sim_settings {
	enum sim_protocol protocol;
	enum sim_journal_mode journal_mode;
	enum sim_synchronous synchronous;
	enum sim_journal_mode other_journal_mode; /* of every second life; SIM_JOURNAL_NONE: the
	                                           * same */
	enum sim_synchronous other_synchronous;   /* likewise */
	uint32_t page_size_bytes;
	uint32_t cache_pages;
	uint32_t checkpoint_frames;
	uint32_t busy_timeout_ms;
	uint32_t sector_size_bytes;
	uint64_t capacity_bytes;
	bool names_free;
	bool truncate_free;
	enum vfs_sync_model sync_model; /* what a sync that fails leaves behind */
	bool garbage;                   /* what was being written at a power loss may be garbage */
	enum sim_capability psow;
	enum sim_capability sequential;
	enum sim_capability safe_append;
	enum sim_locks locks;
	bool own_wal_index;    /* no process sees what another writes into the WAL index */
	uint32_t call_us;      /* virtual time that a VFS call takes */
	bool vouches;          /* who starts the subject says which version it held */
	uint32_t branches;     /* crash states that are judged beside the run, about */
	bool all_branches;     /* every one of them */
	uint32_t lies_percent; /* of the syncs: report success and store nothing */
	/* By kind of crash: what a positive control demands in place of the contract;
	 * SIM_CONTRACT_NONE: the contract. */
	enum sim_contract demanded[SIM_CRASH_COUNT];
	bool demands_files_together; /* a positive control of SQL: all files as one, though the
	                              * settings do not promise it */
	bool demands_locks;          /* a positive control: as if processes kept off each other */

	uint64_t bounds[SIM_BOUND_COUNT]; /* 0: any number is fine */
};

/* The words of scenarios and plans: "wal", "full", "journal", "kept". "none" for no value. */
const char *sim_settings_journal_mode_name(enum sim_journal_mode mode);
const char *sim_settings_synchronous_name(enum sim_synchronous synchronous);
const char *sim_settings_protocol_name(enum sim_protocol protocol);
const char *sim_settings_capability_name(enum sim_capability capability);
const char *sim_settings_locks_name(enum sim_locks locks);
/* How the process of that number locks. */
enum vfs_lock_style sim_settings_lock_style(enum sim_locks locks, uint32_t process);
/* "passive" of 1 + SQLITE_CHECKPOINT_PASSIVE and so on; NULL for anything else. */
const char *sim_settings_checkpoint_name(uint32_t mode);

/* A number of the range. */
uint64_t sim_settings_draw(struct sim_pcg32 *chance, const struct sim_range *range);

/* Of a life by its number, from 1: every second one has the other journal mode and synchronous. */
enum sim_journal_mode sim_settings_journal_mode_of(const struct sim_settings *settings, uint32_t life);
enum sim_synchronous sim_settings_synchronous_of(const struct sim_settings *settings, uint32_t life);

/* Whether the disk breaks its word: it reports a capability that it lacks, or some of its syncs
 * store nothing. Both are outside SQLite's assumptions: after a power loss only may_corrupt is left
 * (sim/contract.h). */
bool sim_settings_disk_lies(const struct sim_settings *settings);

#endif
