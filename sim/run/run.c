/* sim/run/run.c: sets up a world for one seed, runs it, and tears it down. The large parts are made
 * once per operating-system process and used again for every seed: a run allocates next to
 * nothing. */
#include "run.h"

#define XXH_INLINE_ALL
#include "branch.h"
#include "client.h"
#include "clients_work.h"
#include "engines.h"
#include "fit.h"
#include "memory.h"
#include "mutex.h"
#include "one_engine.h"
#include "plan_make.h"
#include "plan_promise.h"
#include "plan_text.h"
#include "pool.h"
#include "program_work.h"
#include "sighting.h"
#include "subject_built_in.h"
#include "subject_vfs.h"
#include "world.h"

#include <endian.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Which crash states a run draws from; and up to how many pending operations all subsets are judged
 * where all states are. */
#define SIM_RUN_SUBSETS_OF 62u
#define SIM_RUN_ALL_SUBSETS_OF 4u
#define SIM_RUN_DRAWN 4u

struct sim_run_parts {
	struct sim_plan plan;
	struct sim_violation violation;
	struct sim_world world;
	struct sim_trace *trace;
	struct sim_branches *branches;
};

static struct sim_run_parts *sim_run_parts;

bool sim_run_init(void) {
	if (sim_run_parts != NULL) {
		return true;
	}
	/* Reading a scenario of SQL uses SQLite; it can be configured only before it is
	 * initialised. */
	sqlite3_shutdown();
	/* One thread, no statistics: what is left is what the subject's own process would do. */
	if (sim_mutex_init() != SQLITE_OK || sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK ||
	    !sim_pool_install() || sim_memory_init() != SQLITE_OK || sqlite3_initialize() != SQLITE_OK) {
		return false;
	}
	sim_run_parts = calloc(1, sizeof *sim_run_parts);
	if (sim_run_parts == NULL) {
		return false;
	}
	const struct sim_branch_options none = {.depth = 1, .parts = 1};
	sim_run_parts->trace = sim_trace_create();
	sim_run_parts->branches = sim_branch_create(&none);
	return sim_run_parts->trace != NULL && sim_run_parts->branches != NULL;
}

/* ---- dump ------------------------------------------------------------------------------------ */

struct sim_run_dump {
	const char *directory;
	bool failed;
};

static void sim_run_dump_file(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_run_dump *dump = context;
	char name[SIM_SCENARIO_PATH_SIZE + VFS_PATH_MAX + 2];
	unsigned char buffer[4096];
	size_t got = 0;
	snprintf(name, sizeof name, "%s%s", dump->directory, path);
	FILE *file = fopen(name, "wb");
	if (file == NULL) {
		dump->failed = true;
		return;
	}
	for (uint64_t offset = 0; offset < vfs_disk_size(inode); offset += got) {
		vfs_disk_read(inode, offset, buffer, sizeof buffer, &got);
		dump->failed |= fwrite(buffer, 1, got, file) != got;
	}
	dump->failed |= fclose(file) != 0;
}

static void sim_run_dump(const struct sim_world *world, const char *directory) {
	struct sim_run_dump dump = {directory, false};
	vfs_disk_visit(world->disk, sim_run_dump_file, &dump);
	if (dump.failed) {
		world->result->verdict = SIM_HARNESS_FAILED;
		snprintf(world->result->detail, sizeof world->result->detail, "cannot write the disk's files to %.160s",
		         dump.directory);
	}
}

/* ---- one run --------------------------------------------------------------------------------- */

/* What the turns of several processes were. */
static void sim_run_note_schedule(const struct sim_world *world) {
	struct sim_run_result *result = world->result;
	XXH64_hash_t hash = 0;
	for (size_t i = 0; i < world->schedule.switch_count; i++) {
		const uint64_t words[2] = {htole64(world->schedule.switches[i].point),
		                           htole64(world->schedule.switches[i].process)};
		hash = XXH3_64bits_withSeed(words, sizeof words, hash);
	}
	result->processes = world->plan->processes.count;
	result->switches = world->schedule.switch_count;
	result->schedule_hash = hash;
}

/* The plan, with a schedule that replays this very run. */
static void sim_run_print_schedule(const struct sim_world *world, FILE *out) {
	struct sim_plan *plan = world->plan;
	const struct sim_processes_plan kept = plan->processes;
	plan->processes.schedule = (struct sim_schedule_rule){.strategy = SIM_STRATEGY_RECORDED};
	plan->processes.switches = world->schedule.switches;
	plan->processes.switch_count = world->schedule.switch_count;
	sim_plan_text_print(plan, out);
	plan->processes = kept;
}

static void sim_run_conclude(struct sim_world *world) {
	struct sim_run_result *result = world->result;
	const struct sim_violation *violation = world->violation;
	if (result->verdict == SIM_VERDICT_NONE) {
		result->verdict = violation->invariant[0] == '\0' ? SIM_HELD : SIM_VIOLATED;
	}
	memcpy(result->invariant, violation->invariant, sizeof result->invariant);
	memcpy(result->detail, violation->detail, sizeof result->detail);
	memcpy(result->state, violation->state, sizeof result->state);
	result->event = result->verdict == SIM_VIOLATED ? sim_trace_count(world->trace) : 0;
	result->virtual_ns = (uint64_t)(world->now_ns - SIM_WORLD_BEGIN_NS);
	sim_world_note(world, SIM_EVENT_VERDICT, (uint32_t)result->verdict, result->event, violation->detail);
	sim_trace_hash(world->trace, result->trace_hash);
}

static void sim_run_tear_down(struct sim_world *world) {
	if (world->own != NULL && world->work->end != NULL) {
		world->work->end(world);
	}
	sim_schedule_deinit(&world->schedule);
	sim_machine_deinit(world);
}

/* Passes the news of a violation on. */
struct sim_run_news {
	const struct sim_run_listener *listener;
	const struct sim_world *world;
};

static void sim_run_violated(void *context) {
	const struct sim_run_news *news = context;
	news->listener->violated(news->listener->context, news->world);
}

/* Which judge knows the work of this plan. */
static const struct sim_work *sim_run_work(const struct sim_plan *plan) {
	bool several = plan->processes.count > 0;
	if (plan->program.is_one) {
		return &sim_program_work;
	}
	if (plan->sql_scenario != NULL) {
		return several ? &sim_clients_work : &sim_client_work;
	}
	return several ? &sim_engines_work : &sim_one_engine_work;
}

/* The built-in one of that kind of work. */
static const struct aftershock_subject *sim_run_subject(const struct sim_plan *plan) {
	return plan->sql_scenario != NULL ? sim_subject_sql()
	       : plan->program.is_one     ? sim_subject_program()
	                                  : sim_subject_engine();
}

/* Whether the subject can do the work at all. */
static bool sim_run_fits(const struct sim_plan *plan, const struct aftershock_subject *subject,
                         struct sim_run_result *result) {
	const uint32_t works = SUBJECT_TAKES_SQL | SUBJECT_TAKES_OPERATIONS;
	uint32_t lacking = sim_fit_of_plan(plan) & works & ~subject->takes;
	char text[SIM_FIT_TEXT_SIZE] = "operations: it has none to draw from, and the plan has none";
	bool draws = false;
	for (uint32_t i = 0; i < plan->program.operation_count; i++) {
		draws = draws || plan->program.operations[i].text[0] == '\0';
	}
	if (lacking == 0 && (!draws || subject->operations != NULL)) {
		return true;
	}
	if (lacking != 0) {
		sim_fit_text(lacking, 0, 0, text);
	}
	result->verdict = SIM_HARNESS_FAILED;
	snprintf(result->detail, sizeof result->detail, "the subject %.80s does not take %.100s", subject->name, text);
	return false;
}

/* What the plan puts between SQLite and the disk. False when it cannot be loaded. */
static bool sim_run_load_vfs(struct sim_world *world, struct sim_run_result *result) {
	char why[SUBJECT_EXTENSION_WHY_SIZE] = "";
	const char *path = world->plan->vfs_path;
	world->own_vfs = path[0] != '\0' ? subject_vfs_load(path, why, sizeof why) : NULL;
	if (path[0] != '\0' && world->own_vfs == NULL) {
		result->verdict = SIM_HARNESS_FAILED;
		snprintf(result->detail, sizeof result->detail, "%.80s: %.100s", path, why);
		return false;
	}
	return true;
}

static void sim_run_expand(struct sim_plan *plan, const struct sim_scenario *scenario, uint64_t seed,
                           const struct sim_run_options *options) {
	if (options->plan != NULL) {
		*plan = *options->plan;
	} else {
		sim_plan_make(plan, scenario, seed);
	}
}

/* The crash states that the plan asks for; NULL: none. */
static struct sim_branches *sim_run_branches(const struct sim_plan *plan) {
	const struct sim_settings *settings = &plan->settings;
	const uint32_t subsets_of = settings->all_branches ? SIM_RUN_ALL_SUBSETS_OF : SIM_RUN_SUBSETS_OF;
	const struct sim_branch_options options = {.depth = 1,
	                                           .parts = 1,
	                                           .bounds = {.subsets_of = subsets_of, .drawn = SIM_RUN_DRAWN},
	                                           .sample = settings->all_branches ? 0 : settings->branches,
	                                           .also_writes_more = settings->all_branches,
	                                           .stops = true,
	                                           .ends_run = true};
	if (settings->branches == 0 && !settings->all_branches) {
		return NULL;
	}
	sim_branch_reset(sim_run_parts->branches, &options);
	return sim_run_parts->branches;
}

static void sim_run_count_branches(struct sim_world *world, const struct sim_branches *branches) {
	const struct sim_branch_totals *totals = sim_branch_totals(branches);
	world->result->branches = totals->judged;
	world->result->crash_states += totals->judged;
	if (totals->out_of_memory) {
		sim_world_harness_failed(world, "out of memory for crash states");
	}
}

static void sim_run_through(struct sim_world *world, const struct sim_run_options *options) {
	if (sim_machine_init(world)) {
		sim_world_run(world);
	} else {
		sim_world_harness_failed(world, "out of memory for a disk");
	}
	/* What held lay on a disk that is right in itself. What is violated is told as it is. */
	if (world->disk != NULL && world->violation->invariant[0] == '\0') {
		vfs_assert(world->disk);
	}
	if (world->several) {
		sim_run_note_schedule(world);
	}
	/* A recording that is incomplete would replay another run. */
	if (world->schedule.out_of_memory) {
		sim_world_harness_failed(world, "out of memory for the schedule of the processes");
	}
	if (world->several && options->schedule != NULL) {
		sim_run_print_schedule(world, options->schedule);
	} else if (world->plan->program.is_one && options->schedule != NULL) {
		sim_plan_text_print(world->plan, options->schedule);
	}
	if (options->branches == NULL && world->branches != NULL) {
		sim_run_count_branches(world, world->branches);
	}
	sim_run_conclude(world);
	if (world->sightings != NULL) {
		sim_sightings_conclude(world->sightings, world->result);
	}
	if (options->dump_path != NULL && world->disk != NULL) {
		sim_run_dump(world, options->dump_path);
	}
	sim_run_tear_down(world);
}

void sim_run(const struct sim_scenario *scenario, uint64_t seed, const struct aftershock_subject *subject,
             const struct sim_run_options *options, struct sim_run_result *result) {
	static const struct sim_run_options none = {0};
	struct sim_run_parts *parts = sim_run_parts;
	memset(result, 0, sizeof *result);
	if (parts == NULL) {
		result->verdict = SIM_HARNESS_FAILED;
		snprintf(result->detail, sizeof result->detail, "sim_run_init() was not called");
		return;
	}
	options = options != NULL ? options : &none;
	struct sim_world *world = &parts->world;
	struct sim_run_news news = {options->listener, world};
	sim_run_expand(&parts->plan, scenario, seed, options);
	subject = subject != NULL ? subject : sim_run_subject(&parts->plan);
	if (!sim_run_fits(&parts->plan, subject, result)) {
		return;
	}
	memset(world, 0, sizeof *world);
	world->work = sim_run_work(&parts->plan);
	world->subject = subject;
	world->plan = &parts->plan;
	if (!sim_run_load_vfs(world, result)) {
		return;
	}
	world->trace = parts->trace;
	world->result = result;
	world->violation = &parts->violation;
	world->until_event = options->until_event;
	world->sightings = options->sightings;
	struct sim_branches *branches = options->branches == NULL ? sim_run_branches(world->plan) : NULL;
	sim_branch_attach(world, branches != NULL ? branches : options->branches);
	sim_plan_promise_print(world->plan, result->contract);
	sim_trace_begin(world->trace, options->trace);
	parts->violation = (struct sim_violation){0};
	if (options->listener != NULL) {
		sim_trace_listen(world->trace, options->listener->event, options->listener->context);
		parts->violation.told = sim_run_violated;
		parts->violation.context = &news;
	}
	sim_run_through(world, options);
}
