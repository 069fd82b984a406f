/* sim/sql/clients_stages.c: see clients_stages.h. Whatever a dead process tells is ignored. */
#include "clients_stages.h"

#include "clients_look.h"
#include "remains.h"
#include "subject_sql_outcome.h"

#include <sqlite3.h>
#include <string.h>

static struct sim_history *sim_clients_history(const struct sim_process *process) {
	return &sim_clients_of(process->world)->history;
}

/* Damage is a violation: nothing that strikes these processes may bring it about. */
enum sim_clients_result sim_clients_failed(struct sim_process *process, int code, const char *reason) {
	if (!sim_process_is_dead(process) && subject_sql_is_damage(code)) {
		sim_clients_violated(process->world, "database_intact", "%s finds the database damaged: %s",
		                     process->name, reason);
	}
	return SIM_CLIENTS_AGAIN;
}

/* ---- what is read ---------------------------------------------------------------------------- */

static void sim_clients_told_digest(void *context, uint32_t file, const uint64_t digest[2]) {
	struct sim_clients_member *member = sim_clients_member(context);
	if (file < SIM_SQL_FILES_MAX) {
		memcpy(member->state.digests[file], digest, sizeof member->state.digests[file]);
	}
}

static void sim_clients_told_row(void *context, uint32_t query, const char *text) {
	struct sim_process *process = context;
	if (!sim_process_is_dead(process)) {
		sim_clients_judge_row(process->world, query, text);
	}
}

/* A page that cannot be read, because something struck or the process is dead, is a line of the
 * check, too, and says nothing of the database. */
static void sim_clients_told_checked(void *context, uint32_t file, const char *line) {
	struct sim_process *process = context;
	struct sim_clients_member *member = sim_clients_member(process);
	(void)file;
	member->check_is_void = sim_process_is_dead(process) || process->world->result->faults != member->faults;
	if (!member->check_is_void) {
		sim_clients_judge_line(process->world, line);
	}
}

static void sim_clients_told_reads(struct sim_process *process) {
	struct sim_clients_member *member = sim_clients_member(process);
	member->stamp = sim_clients_history(process)->stamp;
	member->shown = 0;
	sim_history_read_begins(sim_clients_history(process), &member->window);
}

/* The first look of a snapshot is judged by the history. */
static void sim_clients_told_first(struct sim_process *process, const uint64_t digest[2]) {
	struct sim_history *history = sim_clients_history(process);
	struct sim_clients_member *member = sim_clients_member(process);
	sim_history_read_ended(history, SIM_HISTORY_OF_PROCESS, process->number, &member->window, digest);
	memcpy(member->first, digest, sizeof member->first);
	member->acknowledged_stamp = history->acknowledged_stamp;
	if (member->step->kind == SIM_STEP_TRANSACTION) {
		sim_history_write_read(history, process->number, digest);
	}
	sim_world_reach_if(process->world, member->step->kind == SIM_STEP_BACKUP, SIM_PROBE_BACKUP_CHECKED);
}

/* The later ones must be the same. */
static void sim_clients_told_again(struct sim_process *process, const uint64_t digest[2]) {
	const struct sim_clients_member *member = sim_clients_member(process);
	bool old = sim_clients_history(process)->acknowledged_stamp != member->acknowledged_stamp;
	if (memcmp(digest, member->first, sizeof member->first) != 0) {
		sim_clients_violated(process->world, "snapshot_isolation",
		                     "%s sees another content at look %u of one snapshot, in step %u", process->name,
		                     member->shown + 1, process->step);
	}
	sim_world_reach(process->world, old ? SIM_PROBE_SNAPSHOT_OLD : SIM_PROBE_SNAPSHOT_HELD);
}

static void sim_clients_told_shown(struct sim_process *process) {
	struct sim_clients_member *member = sim_clients_member(process);
	uint64_t digest[2];
	sim_sql_state_digest(&member->state, process->world->plan->sql_scenario->file_count, digest);
	if (member->check_is_void) {
		return;
	}
	if (member->shown == 0) {
		sim_clients_told_first(process, digest);
	} else {
		sim_clients_told_again(process, digest);
	}
	member->shown++;
}

/* ---- stages ---------------------------------------------------------------------------------- */

static void sim_clients_told(void *context, enum subject_stage stage) {
	struct sim_process *process = context;
	struct sim_world *world = process->world;
	struct sim_clients_member *member = sim_clients_member(process);
	if (sim_process_is_dead(process)) {
		return;
	}
	switch (stage) {
	case SUBJECT_STAGE_READS:
		sim_clients_told_reads(process);
		break;
	case SUBJECT_STAGE_SHOWN:
		sim_clients_told_shown(process);
		break;
	case SUBJECT_STAGE_COPIED:
		sim_world_reach_if(world, sim_clients_history(process)->stamp != member->stamp,
		                   SIM_PROBE_BACKUP_BESIDE_WRITER);
		break;
	case SUBJECT_STAGE_CHECKS:
		member->faults = world->result->faults;
		break;
	case SUBJECT_STAGE_COMMITS:
		sim_history_write_commits(sim_clients_history(process), process->number);
		sim_history_write_synced(sim_clients_history(process), process->number,
		                         sim_tuned_is_durable(world, member->tuned.synchronous));
		break;
	case SUBJECT_STAGE_COMMITS_AGAIN:
		sim_world_reach(world, SIM_PROBE_COMMIT_RETRIED);
		break;
	case SUBJECT_STAGE_NONE:
		break;
	}
}

static void sim_clients_told_checkpointed(void *context, int frames, int done) {
	struct sim_process *process = context;
	if (sim_process_is_dead(process)) {
		return;
	}
	sim_world_reach(process->world, frames > 0 && done == frames ? SIM_PROBE_CHECKPOINT_COMPLETE
	                                : done >= 0 && done < frames ? SIM_PROBE_CHECKPOINT_HINDERED
	                                                             : SIM_PROBE_NONE);
}

/* ---- answers --------------------------------------------------------------------------------- */

static void sim_clients_reach_outcome(struct sim_world *world, const struct subject_reply *reply) {
	static const enum sim_probe probes[] = {[SUBJECT_ACKNOWLEDGED] = SIM_PROBE_UPDATE_ACKNOWLEDGED,
	                                        [SUBJECT_UNCHANGED] = SIM_PROBE_ROLLED_BACK,
	                                        [SUBJECT_REFUSED] = SIM_PROBE_CONSTRAINT_REFUSED,
	                                        [SUBJECT_IN_DOUBT] = SIM_PROBE_IN_DOUBT,
	                                        [SUBJECT_STOPPED] = SIM_PROBE_NONE};
	world->result->updates += reply->outcome == SUBJECT_ACKNOWLEDGED;
	if (reply->outcome != SUBJECT_LATER) {
		sim_world_reach(world, probes[reply->outcome]);
	} else {
		sim_world_reach(world, reply->sqlite_code == SQLITE_BUSY_SNAPSHOT ? SIM_PROBE_SNAPSHOT_TOO_OLD
		                       : subject_sql_is_busy(reply->sqlite_code)  ? SIM_PROBE_BUSY
		                                                                  : SIM_PROBE_SAVE_FAILED);
	}
}

void sim_clients_answered(struct sim_process *process, const struct subject_reply *reply) {
	struct sim_world *world = process->world;
	struct sim_clients_member *member = sim_clients_member(process);
	if (member->answered || member->transaction == NULL) {
		return;
	}
	member->answered = true;
	member->outcome = reply->outcome;
	if (reply->outcome <= SUBJECT_OUTCOME_NONE || reply->outcome > SUBJECT_STOPPED) {
		sim_world_violated(world, "interface_kept", "%s answers %d to %s, expected an outcome", process->name,
		                   (int)reply->outcome, member->transaction->name);
		return;
	}
	sim_clients_reach_outcome(world, reply);
	sim_world_note(world, SIM_EVENT_OUTCOME, (uint32_t)reply->outcome, (uint64_t)(unsigned)reply->sqlite_code,
	               reply->reason[0] != '\0' ? reply->reason : member->transaction->name);
	(void)sim_clients_failed(process, reply->sqlite_code, reply->reason);
	/* What follows only tidies up, and may be what the process dies in. */
	if (reply->outcome == SUBJECT_IN_DOUBT) {
		sim_history_write_ended(sim_clients_history(process), process->number, SIM_HISTORY_OPEN);
	}
}

static void sim_clients_told_answer(void *context, const struct subject_reply *reply) {
	struct sim_process *process = context;
	if (!sim_process_is_dead(process)) {
		sim_clients_answered(process, reply);
	}
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void sim_clients_pause(void *context, int64_t duration_ns) {
	struct sim_process *process = context;
	if (!sim_process_is_dead(process)) {
		sim_process_sleep(process, duration_ns);
	}
}

/* SQLite's own handler, but that it sleeps in all builds of SQLite (without HAVE_USLEEP it does not
 * below a second). */
static bool sim_clients_wait(void *context, uint32_t count) {
	static const int64_t delays_ms[] = {1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100};
	static const uint32_t last = sizeof delays_ms / sizeof delays_ms[0] - 1;
	struct sim_process *process = context;
	struct sim_clients_member *member = sim_clients_member(process);
	int64_t limit_ns = (int64_t)process->world->plan->settings.busy_timeout_ms * 1000000;
	int64_t delay_ns = delays_ms[count < last ? count : last] * 1000000;
	member->waited_ns = count == 0 ? 0 : member->waited_ns;
	delay_ns = member->waited_ns + delay_ns > limit_ns ? limit_ns - member->waited_ns : delay_ns;
	if (delay_ns <= 0 || sim_process_is_dead(process)) {
		return false;
	}
	sqlite3_vfs *vfs = sqlite3_vfs_find(sim_remains_vfs_name(process));
	process->waits_for_lock = true;
	vfs->xSleep(vfs, (int)(delay_ns / 1000));
	process->waits_for_lock = false;
	member->waited_ns += delay_ns;
	sim_world_reach(process->world, SIM_PROBE_PROCESS_WAITED);
	return true;
}

static bool sim_clients_goes_on(void *context, const char *statement) {
	struct sim_process *process = context;
	if (++process->portions <= SIM_CLIENTS_PORTIONS_MAX || process->world->ended) {
		return !process->world->ended;
	}
	sim_clients_violated(process->world, "no_runaway",
	                     "%s ran %u steps of SQLite without a VFS call, in step %u: %.120s", process->name,
	                     SIM_CLIENTS_PORTIONS_MAX * SIM_CLIENTS_PORTION_STEPS, process->step, statement);
	return false;
}

/* ---- the table ------------------------------------------------------------------------------- */

void sim_clients_stages_init(struct sim_process *process) {
	struct sim_clients_member *member = sim_clients_member(process);
	member->sink = (struct subject_sink){.context = process,
	                                     .digest = sim_clients_told_digest,
	                                     .row = sim_clients_told_row,
	                                     .checked = sim_clients_told_checked};
	member->client = (struct subject_client){.context = process,
	                                         .sink = &member->sink,
	                                         .tell = sim_clients_told,
	                                         .answers = sim_clients_told_answer,
	                                         .checkpointed = sim_clients_told_checkpointed,
	                                         .pause = sim_clients_pause,
	                                         .wait = sim_clients_wait,
	                                         .goes_on = sim_clients_goes_on,
	                                         .goes_on_steps = SIM_CLIENTS_PORTION_STEPS};
}

/* A read that does not say when it begins has begun with the step. */
void sim_clients_stages_begin(struct sim_process *process, const struct sim_step *step) {
	struct sim_clients_member *member = sim_clients_member(process);
	member->step = step;
	member->check_is_void = member->answered = false;
	member->faults = process->world->result->faults;
	member->transaction = NULL;
	memset(&member->state, 0, sizeof member->state);
	sim_clients_told_reads(process);
}
