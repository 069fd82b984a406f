/* sim/world/life.c: a process begins and ends: ordinary starts and stops, crashes, and what is judged at each. */
#define XXH_INLINE_ALL
#include "owner.h"

#include <assert.h>
#include <sqlite3.h>
#include <string.h>
#include <xxhash.h>

void sim_life_seed_sqlite(const struct sim_world *world) {
	/* Its own constant for each life: WAL salts and journal nonces must not repeat (docs/architecture.md section 4). */
	uint64_t mixed = XXH3_64bits_withSeed(&world->incarnation, sizeof world->incarnation, world->plan->seed);
	int prng_seed = (int)(mixed & 0x7fffffff) | 1;
	sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, prng_seed, NULL);
}

/* A name per incarnation, so that SQLite never confuses two lives. */
static bool sim_life_make_process(struct sim_world *world) {
	struct vfs_hooks hooks;
	char name[32];
	snprintf(name, sizeof name, "life-%u", world->incarnation);
	sim_strike_hooks(world, &hooks);
	world->process = vfs_process_create(world->disk, name, &hooks);
	sim_life_seed_sqlite(world);
	return world->process != NULL;
}

void sim_life_configure(const struct sim_world *world, const struct vfs_process *process,
                        struct subject_config *config) {
	const struct sim_settings *settings = &world->plan->settings;
	*config = (struct subject_config){.vfs_name = vfs_process_name(process),
	                                  .path = SIM_WORLD_PATH,
	                                  .protocol = sim_settings_protocol_name(settings->protocol),
	                                  .journal_mode = sim_settings_journal_mode_name(settings->journal_mode),
	                                  .synchronous = sim_settings_synchronous_name(settings->synchronous),
	                                  .page_size_bytes = settings->page_size_bytes,
	                                  .cache_pages = (int32_t)settings->cache_pages,
	                                  .checkpoint_frames = settings->checkpoint_frames,
	                                  .busy_timeout_ms = settings->busy_timeout_ms,
	                                  .held_updates = world->plan->held_updates,
	                                  .schema = sim_sql_world_schema(world)};
}

/* ---- files before and after a refused start -------------------------------------------------------------------------- */

struct sim_life_files {
	XXH64_hash_t hash;
	bool hot_journal;
};

static void sim_life_hash_file(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_life_files *files = context;
	unsigned char buffer[4096];
	uint64_t size = vfs_disk_size(inode);
	size_t got = 0;
	/* An empty file says nothing: to read a database in WAL mode at all, SQLite makes an empty WAL. */
	if (size == 0) {
		return;
	}
	files->hash = XXH3_64bits_withSeed(path, strlen(path), files->hash ^ size);
	files->hot_journal |= strstr(path, "-journal") != NULL && size > 0;
	for (uint64_t offset = 0; offset < size; offset += sizeof buffer) {
		vfs_disk_read(inode, offset, buffer, sizeof buffer, &got);
		files->hash = XXH3_64bits_withSeed(buffer, got, files->hash);
	}
}

static struct sim_life_files sim_life_hash_files(const struct sim_world *world) {
	struct sim_life_files files = {0};
	if (world->damaged) {
		vfs_disk_visit(world->disk, sim_life_hash_file, &files);
	}
	return files;
}

/* ---- judging a start ------------------------------------------------------------------------------------------------- */

enum sim_contract sim_life_contract_after(const struct sim_world *world, enum sim_crash crash) {
	const struct sim_settings *settings = &world->plan->settings;
	enum sim_contract weakest = SIM_CONTRACT_NONE;
	if (settings->demanded[crash] != SIM_CONTRACT_NONE) {
		return settings->demanded[crash];
	}
	if (world->undefined) {
		return SIM_CONTRACT_MAY_CORRUPT;
	}
	for (int mode = SIM_JOURNAL_NONE + 1; mode < SIM_JOURNAL_COUNT; mode++) {
		struct sim_settings in_mode = *settings;
		in_mode.journal_mode = (enum sim_journal_mode)mode;
		enum sim_contract contract = sim_contract_of_settings(&in_mode, crash);
		bool used = (world->journal_modes & (1u << mode)) != 0;
		weakest = used && contract > weakest ? contract : weakest;
	}
	/* Damage to a log may bring an older committed state back; damage to the database itself may not (docs/contracts.md section 3). */
	bool lied = world->lied || (world->lied_sync && crash == SIM_CRASH_POWER_LOSS);
	return (world->damaged_log || lied) && weakest < SIM_CONTRACT_DETECT ? SIM_CONTRACT_DETECT : weakest;
}

enum sim_contract sim_life_contract(const struct sim_world *world) {
	return sim_life_contract_after(world, world->crash);
}

static void sim_life_judge_loaded(struct sim_world *world) {
	if (world->crash != SIM_CRASH_NONE) {
		world->result->crash_states++;
	}
	if (!world->work->loaded(world, sim_life_contract(world))) {
		return;
	}
	sim_owner_started(world);
	world->crash = SIM_CRASH_NONE;
	world->in_flight = false;
	world->doubt = false;
	world->damaged = false;
	world->damaged_log = false;
	world->crash_while_starting = false;
}

/* With what a finding in SQLite needs to be told from others by. */
static void sim_life_refused_without_cause(struct sim_world *world, const char *reason) {
	bool sync_failed = world->result->probes[SIM_PROBE_SYNC_FAILED] > 0;
	sim_verdict_violated(&world->judge->violation, "loaded_equals_committed",
	                     "refused as damaged, and nothing damaged it: %.120s; %s%s, journal mode %s", reason,
	                     world->ever_started ? "served before" : "never served",
	                     sync_failed ? ", a sync had failed" : "",
	                     sim_settings_journal_mode_name(world->plan->settings.journal_mode));
}

static void sim_life_judge_damaged(struct sim_world *world, const struct sim_life_files *before, const char *reason) {
	enum sim_contract contract = sim_life_contract(world);
	world->result->crash_states++;
	world->result->corrupt++;
	world->ended = true;
	if (!world->ever_damaged && contract < SIM_CONTRACT_DETECT) {
		sim_life_refused_without_cause(world, reason);
		return;
	}
	sim_world_reach(world, SIM_PROBE_DAMAGE_DETECTED);
	struct sim_life_files after = sim_life_hash_files(world);
	/* A hot journal must be played back before anything can be read, so files may change then. */
	if (world->damaged && !before->hot_journal && after.hash != before->hash) {
		sim_verdict_violated(&world->judge->violation, "corruption_detected",
		                     "files changed though the start was refused: %.120s", reason);
	}
}

/* ---- ends ------------------------------------------------------------------------------------------------------------ */

static void sim_life_end_process(struct sim_world *world) {
	if (world->instance != NULL) {
		world->subject->stop(world->instance);
		world->instance = NULL;
	}
}

/* The last call of a life may itself be the one that dies: the process object goes only after everything is closed. */
static void sim_life_destroy_process(struct sim_world *world) {
	struct vfs_process *process = world->process;
	assert(vfs_process_open_files(process) == 0);
	world->process = NULL;
	vfs_process_destroy(process);
}

static void sim_life_kill_other(struct sim_world *world) {
	if (world->other != NULL) {
		if (world->hold != NULL) {
			vfs_process_kill(world->other);
			vfs_process_release(world->hold);
			world->hold = NULL;
		}
		vfs_process_destroy(world->other);
		world->other = NULL;
	}
}

static void sim_life_make_other(struct sim_world *world) {
	struct vfs_hooks hooks;
	sim_strike_hooks(world, &hooks);
	world->other = vfs_process_create(world->disk, "other", &hooks);
}

void sim_life_lose_power(struct sim_world *world) {
	sim_life_kill_other(world);
	sim_owner_end(world);
	vfs_disk_power_loss(world->disk, sim_strike_choose, world);
	sim_life_make_other(world);
}

void sim_life_bury(struct sim_world *world) {
	enum sim_crash crash = world->just_died;
	sim_life_end_process(world);
	sim_life_destroy_process(world);
	world->just_died = SIM_CRASH_NONE;
	if (world->livelock) {
		sim_verdict_violated(&world->judge->violation, "progress_after_faults",
		                     "more than %u VFS calls in one step or start", SIM_WORLD_CALLS_MAX);
		world->ended = true;
	}
	if (crash == SIM_CRASH_POWER_LOSS) {
		sim_life_lose_power(world);
	}
	world->crash = crash > world->crash ? crash : world->crash;
	/* From here on even pages that hold no state may be broken, and refusing by name is all one can ask. */
	world->ever_damaged |= sim_life_contract(world) >= SIM_CONTRACT_DETECT;
}

void sim_life_stop(struct sim_world *world) {
	if (world->instance == NULL) {
		return;
	}
	world->calls = 0;
	sim_life_end_process(world);
	sim_world_note(world, SIM_EVENT_STOP, 0, 0, NULL);
	if (vfs_process_is_dead(world->process)) {
		sim_life_bury(world);
	} else {
		sim_life_destroy_process(world);
	}
}

static uint64_t sim_life_keep_all(void *context, enum vfs_choice choice, uint64_t count) {
	(void)context;
	return choice == VFS_CHOICE_NAMES ? count - 1 : 1;
}

/* What it has made is durable, and the run is about to begin. */
static void sim_life_end_making(struct sim_world *world) {
	sim_life_end_process(world);
	sim_life_destroy_process(world);
	sim_life_kill_other(world);
	vfs_disk_power_loss(world->disk, sim_life_keep_all, world);
	sim_life_make_other(world);
	vfs_disk_set_capacity(world->disk, world->plan->settings.capacity_bytes);
	world->incarnation = 0;
	world->quiet = false;
}

bool sim_life_make_database(struct sim_world *world) {
	char reason[SUBJECT_REASON_SIZE] = "";
	struct subject_config config;
	/* A life of no number: the plan's first start is still to come. */
	world->incarnation = UINT32_MAX;
	vfs_disk_set_capacity(world->disk, 0);
	if (!sim_life_make_process(world)) {
		return false;
	}
	world->quiet = true;
	sim_life_configure(world, world->process, &config);
	enum subject_start_status status = world->subject->start(&config, &world->instance, reason);
	sim_world_note(world, SIM_EVENT_START, (uint32_t)status, 0, reason);
	sim_life_end_making(world);
	world->ever_started = status == SUBJECT_STARTED;
	return status == SUBJECT_STARTED;
}

bool sim_life_switch_to_wal(struct sim_world *world) {
	sqlite3 *connection = NULL;
	world->incarnation = UINT32_MAX - 1;
	vfs_disk_set_capacity(world->disk, 0);
	if (!sim_life_make_process(world)) {
		return false;
	}
	world->quiet = true;
	int code =
	        sqlite3_open_v2(SIM_WORLD_PATH, &connection, SQLITE_OPEN_READWRITE, vfs_process_name(world->process));
	code = code == SQLITE_OK ? sqlite3_exec(connection, "PRAGMA journal_mode=wal", NULL, NULL, NULL) : code;
	sqlite3_close(connection);
	sim_life_end_making(world);
	return code == SQLITE_OK;
}

/* ---- starts ---------------------------------------------------------------------------------------------------------- */

/* One try. True when it is decided: running, or ended. */
static bool sim_life_try(struct sim_world *world) {
	char reason[SUBJECT_REASON_SIZE] = "";
	struct subject_config config;
	sim_strike_damage(world, world->incarnation);
	sim_strike_arm(world, SIM_MOMENT_RESTART, world->incarnation);
	struct sim_life_files before = sim_life_hash_files(world);
	if (!sim_life_make_process(world)) {
		world->result->verdict = SIM_HARNESS_FAILED;
		world->ended = true;
		return true;
	}
	world->incarnation++;
	world->calls = 0;
	world->starting = true;
	sim_life_configure(world, world->process, &config);
	sim_strike_watch_memory(world, true);
	enum subject_start_status status = world->subject->start(&config, &world->instance, reason);
	sim_strike_watch_memory(world, false);
	bool died = vfs_process_is_dead(world->process);
	world->starting = false;
	world->result->restarts++;
	sim_world_note(world, SIM_EVENT_START, (uint32_t)status, world->incarnation, reason);
	if (died) {
		sim_life_bury(world);
		return world->ended;
	}
	if (status == SUBJECT_STARTED) {
		world->ever_started = true;
		sim_life_judge_loaded(world);
		return true;
	}
	sim_life_destroy_process(world);
	if (status == SUBJECT_START_DAMAGED) {
		sim_life_judge_damaged(world, &before, reason);
		return true;
	}
	sim_world_reach(world, SIM_PROBE_START_FAILED);
	if (status != SUBJECT_START_LATER) {
		sim_verdict_violated(&world->judge->violation, "progress_after_faults", "start says %d: %.160s",
		                     (int)status, reason);
		world->ended = true;
		return true;
	}
	world->now_ns += SIM_WORLD_RETRY_NS;
	sim_strike_end_due(world);
	return false;
}

bool sim_life_start(struct sim_world *world, uint32_t tries) {
	uint32_t crashes = 0;
	while (world->instance == NULL && !world->ended && tries > 0) {
		uint64_t died_before = world->result->probes[SIM_PROBE_CRASH_IN_RECOVERY];
		if (sim_life_try(world)) {
			break;
		}
		/* A crash does not use up a try: the plan has only so many of them. */
		bool crashed = world->result->probes[SIM_PROBE_CRASH_IN_RECOVERY] != died_before;
		tries -= crashed && crashes++ < SIM_PLAN_FAULTS_MAX ? 0 : 1;
	}
	return world->instance != NULL && !world->ended;
}

/* ---- the judge's own look -------------------------------------------------------------------------------------------- */

static int sim_life_first_line(void *context, int columns, char **values, char **names) {
	char *line = context;
	(void)names;
	if (line[0] == '\0' && columns > 0 && values[0] != NULL) {
		snprintf(line, 100, "%s", values[0]);
	}
	return 0;
}

void sim_life_check_database(struct sim_world *world) {
	char line[100] = "";
	sqlite3 *connection = NULL;
	world->incarnation++;
	world->calls = 0;
	if (!sim_life_make_process(world)) {
		world->result->verdict = SIM_HARNESS_FAILED;
		return;
	}
	int code =
	        sqlite3_open_v2(SIM_WORLD_PATH, &connection, SQLITE_OPEN_READWRITE, vfs_process_name(world->process));
	if (code == SQLITE_OK) {
		code = sqlite3_exec(connection, "PRAGMA integrity_check(1)", sim_life_first_line, line, NULL);
	}
	sqlite3_close(connection);
	sim_life_destroy_process(world);
	if (code != SQLITE_OK || strcmp(line, "ok") != 0) {
		world->result->corrupt++;
		sim_verdict_violated(&world->judge->violation, "database_intact", "integrity check: code %d, %s", code,
		                     line);
		world->ended = true;
	}
}
