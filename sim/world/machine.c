/* sim/world/machine.c: see machine.h. What the world tells of itself, and then the machine: its
 * disk, its power, what lasts. */
#include "machine.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

/* ---- what the world tells -------------------------------------------------------------------- */

void sim_world_reach(struct sim_world *world, enum sim_probe probe) {
	if (probe != SIM_PROBE_NONE) {
		world->result->probes[probe]++;
	}
}

void sim_world_reach_if(struct sim_world *world, bool condition, enum sim_probe probe) {
	if (condition) {
		sim_world_reach(world, probe);
	}
}

void sim_world_note(struct sim_world *world, enum sim_event_kind kind, uint32_t code, uint64_t number,
                    const char *note) {
	struct sim_event event = {.kind = kind, .code = code, .time_ns = (uint64_t)world->now_ns, .numbers = {number}};
	sim_trace_add(world->trace, &event, note);
}

bool sim_world_violated(struct sim_world *world, const char *invariant, const char *format, ...) {
	char detail[SIM_VERDICT_DETAIL_SIZE];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(detail, sizeof detail, format, arguments);
	va_end(arguments);
	if (world->ended) {
		return false;
	}
	world->ended = true;
	return sim_verdict_violated(world->violation, invariant, "%s", detail);
}

bool sim_world_corrupt(struct sim_world *world, const char *invariant, const char *format, ...) {
	char detail[SIM_VERDICT_DETAIL_SIZE];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(detail, sizeof detail, format, arguments);
	va_end(arguments);
	if (world->ended || !world->owed.ever_damaged) {
		return sim_world_violated(world, invariant, "%s", detail);
	}
	world->ended = true;
	sim_world_note(world, SIM_EVENT_OUTCOME, 0, 0, detail);
	sim_world_reach(world, SIM_PROBE_CORRUPTION_MEASURED);
	return false;
}

bool sim_world_harness_failed(struct sim_world *world, const char *what) {
	world->result->verdict = SIM_HARNESS_FAILED;
	snprintf(world->violation->detail, sizeof world->violation->detail, "%s", what);
	world->ended = true;
	return false;
}

/* ---- the disk -------------------------------------------------------------------------------- */

struct sim_machine_flag {
	uint32_t bit; /* SQLITE_IOCAP_* */
	enum sim_capability capability;
};

void sim_machine_disk_options(const struct sim_settings *settings, struct vfs_disk_options *options) {
	const struct sim_machine_flag flags[] = {{SQLITE_IOCAP_POWERSAFE_OVERWRITE, settings->psow},
	                                         {SQLITE_IOCAP_SEQUENTIAL, settings->sequential},
	                                         {SQLITE_IOCAP_SAFE_APPEND, settings->safe_append}};
	*options = (struct vfs_disk_options){.sector_size_bytes = settings->sector_size_bytes,
	                                     .capacity_bytes = settings->capacity_bytes,
	                                     .names_free = settings->names_free,
	                                     .truncate_free = settings->truncate_free,
	                                     .garbage = settings->garbage,
	                                     .sync_model = settings->sync_model};
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		bool kept = flags[i].capability == SIM_CAPABILITY_KEPT;
		bool reported = kept || flags[i].capability == SIM_CAPABILITY_FALSE;
		options->device_characteristics |= reported ? flags[i].bit : 0u;
		options->kept_characteristics |= kept ? flags[i].bit : 0u;
	}
}

/* ---- the process that only gets in the way --------------------------------------------------- */

/* Its calls take time, as all calls do; nobody asks what they are. */
static void sim_machine_other_before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	(void)call;
	(void)answer;
	struct sim_world *world = context;
	world->now_ns += sim_machine_call_ns(world);
}

static int64_t sim_machine_now(void *context) {
	return ((struct sim_world *)context)->now_ns;
}

static void sim_machine_sleep(void *context, int64_t duration_ns) {
	((struct sim_world *)context)->now_ns += duration_ns;
}

static void sim_machine_random(void *context, void *buffer, size_t size_bytes) {
	sim_pcg32_fill(&((struct sim_world *)context)->system_chance, buffer, size_bytes);
}

static bool sim_machine_make_other(struct sim_world *world) {
	const struct vfs_hooks hooks = {.context = world,
	                                .before = sim_machine_other_before,
	                                .now_ns = sim_machine_now,
	                                .sleep = sim_machine_sleep,
	                                .random = sim_machine_random,
	                                .chooser = sim_machine_choose};
	world->other = vfs_process_create(world->disk, "other", &hooks);
	return world->other != NULL;
}

static void sim_machine_kill_other(struct sim_world *world) {
	if (world->other == NULL) {
		return;
	}
	if (world->hold != NULL) {
		vfs_process_kill(world->other);
		vfs_process_release(world->hold);
		world->hold = NULL;
	}
	vfs_process_destroy(world->other);
	world->other = NULL;
}

/* ---- beginning and end ----------------------------------------------------------------------- */

bool sim_machine_init(struct sim_world *world) {
	struct vfs_disk_options options;
	sim_pcg32_derive(&world->disk_chance, world->plan->seed, "disk");
	sim_pcg32_derive(&world->system_chance, world->plan->seed, "system");
	sim_pcg32_derive(&world->lie_chance, world->plan->seed, "lies");
	world->now_ns = SIM_WORLD_BEGIN_NS;
	sim_machine_disk_options(&world->plan->settings, &options);
	world->disk = vfs_disk_create(&options);
	return world->disk != NULL && sim_machine_make_other(world);
}

void sim_machine_deinit(struct sim_world *world) {
	if (world->hold != NULL) {
		vfs_process_release(world->hold);
	}
	if (world->other != NULL) {
		vfs_process_destroy(world->other);
	}
	if (world->past != NULL) {
		vfs_disk_destroy(world->past);
	}
	for (uint32_t i = 0; i < SIM_PLAN_FAULTS_MAX; i++) {
		vfs_disk_destroy(world->injections[i].copy);
	}
	if (world->disk != NULL) {
		vfs_disk_destroy(world->disk);
	}
}

/* ---- power ----------------------------------------------------------------------------------- */

/* What a choice means for the probes. */
static void sim_machine_reach_choice(struct sim_world *world, enum vfs_choice choice, uint64_t count, uint64_t pick) {
	if ((choice == VFS_CHOICE_NAMES && pick + 1 < count) || (choice == VFS_CHOICE_NAME && pick == 0)) {
		sim_world_reach(world, SIM_PROBE_NAME_LOST);
	} else if ((choice == VFS_CHOICE_FILE || choice == VFS_CHOICE_WRITE) && pick == 0) {
		sim_world_reach(world, SIM_PROBE_WRITE_LOST);
	} else if (choice == VFS_CHOICE_WRITE) {
		sim_world_reach_if(world, pick == 2, SIM_PROBE_TORN_WRITE);
		sim_world_reach_if(world, pick == 3, SIM_PROBE_SIZE_ONLY);
	} else if (choice == VFS_CHOICE_SECTOR && pick == 2) {
		sim_world_reach(world, SIM_PROBE_TORN_SECTOR);
	} else if (choice == VFS_CHOICE_GARBAGE) {
		sim_world_reach(world, SIM_PROBE_GARBAGE);
	}
}

/* Whole outcomes are as likely as mixtures: uniform choices would almost never lose or keep
 * everything. */
uint64_t sim_machine_choose(void *context, enum vfs_choice choice, uint64_t count) {
	struct sim_world *world = context;
	uint64_t pick = sim_pcg32_below(&world->disk_chance, (uint32_t)count);
	if (choice == VFS_CHOICE_NAMES && sim_pcg32_percent(&world->disk_chance, 40)) {
		pick = count - 1;
	}
	sim_machine_reach_choice(world, choice, count, pick);
	struct sim_event event = {.kind = SIM_EVENT_CHOICE,
	                          .code = (uint32_t)choice,
	                          .time_ns = (uint64_t)world->now_ns,
	                          .numbers = {count, pick}};
	sim_trace_add(world->trace, &event, NULL);
	return pick;
}

static uint64_t sim_machine_keep_all(void *context, enum vfs_choice choice, uint64_t count) {
	(void)context;
	return choice == VFS_CHOICE_NAMES ? count - 1 : 1;
}

static void sim_machine_restart(struct sim_world *world, vfs_chooser chooser) {
	sim_machine_kill_other(world);
	vfs_disk_power_loss(world->disk, chooser, world);
	sim_machine_make_other(world);
}

void sim_machine_lose_power(struct sim_world *world) {
	sim_machine_restart(world, sim_machine_choose);
}

void sim_machine_lose_power_by(struct sim_world *world, void (*leave)(void *context, struct vfs_disk *disk),
                               void *context) {
	sim_machine_kill_other(world);
	leave(context, world->disk);
	sim_machine_make_other(world);
}

void sim_machine_settle(struct sim_world *world) {
	sim_machine_restart(world, sim_machine_keep_all);
}

/* ---- what lasts ------------------------------------------------------------------------------ */

static void sim_machine_release(struct sim_world *world) {
	if (world->hold != NULL) {
		vfs_process_release(world->hold);
		world->hold = NULL;
		sim_world_note(world, SIM_EVENT_FAULT, SIM_FAULT_LOCK_HELD, 0, "the lock is released");
	}
}

static void sim_machine_restore_capacity(struct sim_world *world) {
	if (world->capacity_until_ns != 0) {
		world->capacity_until_ns = 0;
		vfs_disk_set_capacity(world->disk, world->plan->settings.capacity_bytes);
		sim_world_note(world, SIM_EVENT_FAULT, SIM_FAULT_CAPACITY, 0, "there is space again");
	}
}

/* A disk that was small from the beginning: somebody makes room. */
static void sim_machine_make_room(struct sim_world *world) {
	if (world->plan->settings.capacity_bytes != 0) {
		vfs_disk_set_capacity(world->disk, 0);
		sim_world_note(world, SIM_EVENT_FAULT, SIM_FAULT_CAPACITY, 0, "room is made");
	}
}

void sim_machine_end_lasting(struct sim_world *world) {
	sim_machine_release(world);
	sim_machine_restore_capacity(world);
	sim_machine_make_room(world);
}

void sim_machine_end_due(struct sim_world *world) {
	if (world->hold != NULL && world->now_ns >= world->hold_until_ns) {
		sim_machine_release(world);
	}
	if (world->capacity_until_ns != 0 && world->now_ns >= world->capacity_until_ns) {
		sim_machine_restore_capacity(world);
	}
}

enum sim_journal_mode sim_machine_journal_mode(const struct sim_world *world) {
	return sim_settings_journal_mode_of(&world->plan->settings, world->incarnation);
}

bool sim_machine_hold_lock(struct sim_world *world, int64_t duration_ns) {
	bool wal = sim_machine_journal_mode(world) == SIM_JOURNAL_WAL;
	if (world->hold != NULL || world->other == NULL) {
		return false;
	}
	if (vfs_process_hold(world->other, SIM_WORLD_PATH, SQLITE_LOCK_EXCLUSIVE, wal, &world->hold) != SQLITE_OK) {
		return false;
	}
	world->hold_until_ns = world->now_ns + duration_ns;
	return true;
}

/* ---- processes ------------------------------------------------------------------------------- */

static void sim_machine_look_at_size(void *context, const char *path, const struct vfs_inode *inode) {
	bool *lost = context;
	if (strcmp(path, SIM_WORLD_PATH) == 0) {
		*lost = vfs_disk_size(inode) == 0 && !vfs_disk_is_durable(inode);
	}
}

/* SQLite takes the journal beside an empty database for a leftover. Where the medium may still have
 * what was truncated, only that journal could have undone it. */
void sim_machine_note_lost_journal(struct sim_world *world, const struct vfs_call *call) {
	bool lost = false;
	if (world->ever_started || call->method != VFS_METHOD_DELETE || call->path == NULL ||
	    strcmp(call->path, SIM_WORLD_PATH "-journal") != 0) {
		return;
	}
	vfs_disk_visit(world->disk, sim_machine_look_at_size, &lost);
	world->journal_lost = world->journal_lost || lost;
}

struct vfs_process *sim_machine_begin_process(struct sim_world *world, uint32_t number, const char *name,
                                              const struct vfs_hooks *hooks) {
	const struct sim_settings *settings = &world->plan->settings;
	struct vfs_process *vfs = vfs_process_create(world->disk, name, hooks);
	if (vfs != NULL) {
		vfs_process_set_lock_style(vfs, sim_settings_lock_style(settings->locks, number));
	}
	if (vfs != NULL && settings->own_wal_index) {
		vfs_process_set_own_index(vfs);
	}
	return vfs;
}

bool sim_machine_has_processes(const struct sim_world *world) {
	bool has = false;
	for (uint32_t i = 0; i < SIM_PROCESSES_MAX; i++) {
		has = has || world->processes[i].vfs != NULL;
	}
	return has;
}

void sim_machine_settings(const struct sim_world *world, struct subject_config *config) {
	const struct sim_settings *settings = &world->plan->settings;
	enum sim_synchronous synchronous = sim_settings_synchronous_of(settings, world->incarnation);
	enum sim_journal_mode mode = sim_settings_journal_mode_of(settings, world->incarnation);
	*config = (struct subject_config){.path = SIM_WORLD_PATH,
	                                  .protocol = sim_settings_protocol_name(settings->protocol),
	                                  .journal_mode = sim_settings_journal_mode_name(mode),
	                                  .synchronous = sim_settings_synchronous_name(synchronous),
	                                  .page_size_bytes = settings->page_size_bytes,
	                                  .cache_pages = (int32_t)settings->cache_pages,
	                                  .checkpoint_frames = settings->checkpoint_frames,
	                                  .busy_timeout_ms = settings->busy_timeout_ms,
	                                  .held_updates = world->plan->held_updates};
}

/* ---- files ----------------------------------------------------------------------------------- */

struct sim_machine_hashing {
	struct sim_machine_files *files;
	bool empty_too;
};

static void sim_machine_hash_file(void *context, const char *path, const struct vfs_inode *inode) {
	const struct sim_machine_hashing *hashing = context;
	struct sim_machine_files *files = hashing->files;
	uint64_t size = vfs_disk_size(inode);
	unsigned char first = 0;
	size_t got = 0;
	if (size == 0 && !hashing->empty_too) {
		return;
	}
	files->hash = (files->hash ^ sim_trace_hash_bytes(path, strlen(path)) ^ size) * 0x9e3779b97f4a7c15u;
	for (uint32_t block = 0; block < (size + 4095) / 4096; block++) {
		files->hash = (files->hash ^ vfs_disk_hash_block(inode, block)) * 0x9e3779b97f4a7c15u;
	}
	/* A journal that was played back or committed is gone, cut, or begins with zeros. */
	if (strstr(path, "-journal") != NULL) {
		vfs_disk_read(inode, 0, &first, 1, &got);
	}
	files->hot_journal |= first != 0;
}

void sim_machine_hash_files(const struct sim_world *world, bool empty_too, struct sim_machine_files *files) {
	struct sim_machine_hashing hashing = {files, empty_too};
	*files = (struct sim_machine_files){0};
	vfs_disk_visit(world->disk, sim_machine_hash_file, &hashing);
}
