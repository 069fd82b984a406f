/* sim/run/run.c: sets up a world for one seed, runs it, and tears it down. The large parts are made once per operating-system
 * process and used again for every seed: a run allocates next to nothing. */
#include "run.h"

#include "medium.h"
#include "memory.h"
#include "mutex.h"
#include "owner.h"
#include "plan_make.h"
#include "plan_promise.h"
#include "pool.h"
#include "processes_world.h"
#include "sql_world.h"
#include "subject_built_in.h"
#include "world.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct sim_run_parts {
	struct sim_plan plan;
	struct sim_judge judge;
	struct sim_view view;
	struct sim_sql_world sql;
	struct sim_processes_world processes;
	struct sim_trace *trace;
};

static struct sim_run_parts *sim_run_parts;

bool sim_run_init(void) {
	if (sim_run_parts != NULL) {
		return true;
	}
	/* Reading a scenario of SQL uses SQLite; it can be configured only before it is initialised. */
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
	sim_run_parts->trace = sim_trace_create();
	return sim_run_parts->trace != NULL;
}

static bool sim_run_set_up(struct sim_world *world, uint64_t seed) {
	struct vfs_disk_options options;
	struct vfs_hooks hooks;
	sim_pcg32_derive(&world->disk_chance, seed, "disk");
	sim_pcg32_derive(&world->system_chance, seed, "system");
	sim_pcg32_derive(&world->lie_chance, seed, "lies");
	world->now_ns = 1700000000000000000;
	sim_medium_options(&world->plan->settings, &options);
	world->disk = vfs_disk_create(&options);
	if (world->disk == NULL) {
		return false;
	}
	sim_strike_hooks(world, &hooks);
	world->other = vfs_process_create(world->disk, "other", &hooks);
	return world->other != NULL;
}

static void sim_run_tear_down(struct sim_world *world) {
	if (world->process != NULL) {
		vfs_process_kill(world->process);
		if (world->instance != NULL) {
			world->subject->stop(world->instance);
		}
		vfs_process_destroy(world->process);
	}
	sim_owner_end(world);
	if (world->hold != NULL) {
		vfs_process_release(world->hold);
	}
	if (world->other != NULL) {
		vfs_process_destroy(world->other);
	}
	if (world->past != NULL) {
		vfs_disk_destroy(world->past);
	}
	vfs_disk_destroy(world->disk);
}

/* ---- dump ------------------------------------------------------------------------------------------------------------ */

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

static void sim_run_dump(const struct sim_world *world) {
	struct sim_run_dump dump = {world->options->dump_path, false};
	vfs_disk_visit(world->disk, sim_run_dump_file, &dump);
	if (dump.failed) {
		world->result->verdict = SIM_HARNESS_FAILED;
		snprintf(world->result->detail, sizeof world->result->detail, "cannot write the disk's files to %.160s",
		         dump.directory);
	}
}

/* ---- one run --------------------------------------------------------------------------------------------------------- */

static void sim_run_conclude(struct sim_world *world) {
	struct sim_run_result *result = world->result;
	const struct sim_judge *judge = world->judge;
	if (result->verdict == SIM_VERDICT_NONE) {
		result->verdict = judge->violation.invariant[0] == '\0' ? SIM_HELD : SIM_VIOLATED;
	}
	memcpy(result->invariant, judge->violation.invariant, sizeof result->invariant);
	memcpy(result->detail, judge->violation.detail, sizeof result->detail);
	result->event = result->verdict == SIM_VIOLATED ? sim_trace_count(world->trace) : 0;
	result->virtual_ns = (uint64_t)(world->now_ns - 1700000000000000000);
	sim_world_note(world, SIM_EVENT_VERDICT, (uint32_t)result->verdict, result->event, judge->violation.detail);
	sim_trace_hash(world->trace, result->trace_hash);
}

static void sim_run_violated(void *context) {
	const struct sim_world *world = context;
	world->options->listener->violated(world->options->listener->context, world);
}

static void sim_run_listen(struct sim_world *world) {
	const struct sim_run_listener *listener = world->options != NULL ? world->options->listener : NULL;
	if (listener != NULL) {
		sim_trace_listen(world->trace, listener->event, listener->context);
		world->judge->violation.told = sim_run_violated;
		world->judge->violation.context = world;
	}
}

void sim_run(const struct sim_scenario *scenario, uint64_t seed, const struct aftershock_subject *subject,
             const struct sim_run_options *options, struct sim_run_result *result) {
	memset(result, 0, sizeof *result);
	if (sim_run_parts == NULL) {
		result->verdict = SIM_HARNESS_FAILED;
		snprintf(result->detail, sizeof result->detail, "sim_run_init() was not called");
		return;
	}
	const struct sim_sql *sql =
	        options != NULL && options->plan != NULL ? options->plan->sql_scenario : scenario->sql;
	struct sim_world world = {.work = sql != NULL ? &sim_sql_world : &sim_world_orders,
	                          .sql = &sim_run_parts->sql,
	                          .subject = sql != NULL && !subject->runs_sql ? sim_subject_sql() : subject,
	                          .options = options,
	                          .result = result,
	                          .plan = &sim_run_parts->plan,
	                          .judge = &sim_run_parts->judge,
	                          .view = &sim_run_parts->view,
	                          .trace = sim_run_parts->trace};
	if (options != NULL && options->plan != NULL) {
		*world.plan = *options->plan;
	} else {
		sim_plan_make(world.plan, scenario, seed);
	}
	sim_plan_promise_print(world.plan, result->contract);
	sim_trace_begin(world.trace, options != NULL ? options->trace : NULL);
	sim_judge_begin(world.judge, world.plan);
	sim_run_listen(&world);
	if (!sim_run_set_up(&world, seed)) {
		result->verdict = SIM_HARNESS_FAILED;
	} else if (world.plan->processes.count > 0) {
		sim_processes_run(&world, &sim_run_parts->processes);
	} else {
		sim_world_run(&world);
	}
	sim_run_conclude(&world);
	if (options != NULL && options->dump_path != NULL && world.disk != NULL) {
		sim_run_dump(&world);
	}
	if (world.disk != NULL) {
		sim_run_tear_down(&world);
	}
	sim_sql_world_deinit(world.sql);
}
