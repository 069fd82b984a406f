/* sim/plan/plan_phase.c: see plan_phase.h. */
#include "plan_phase.h"

#include "plan_promise.h"

/* Of the faults of groups that name no phase, method or file. */
#define SIM_PLAN_PHASE_CRASH_PERCENT 60
#define SIM_PLAN_PHASE_ERROR_PERCENT 40
/* The n-th call in the phase that is drawn at most. */
#define ONE 1
#define FEW 3
#define MANY 6
#define SYNCS 7   /* of the super-journal, and two of each of three journals that name it */
#define PIECES 15 /* of the name of a super-journal: five in each of three journals */
/* Of the faults that are aimed at what few transactions of SQL have: those that wait for it as long
 * as it takes, from the first half of the run on. The others go by number after a while. */
#define SIM_PLAN_PHASE_WAIT_PERCENT 50
/* Starts that a fault of a recovery waits for: the first has nothing to recover. */
#define SIM_PLAN_PHASE_STARTS_MAX 5

#define MODE(name) (1u << SIM_JOURNAL_##name)
#define ROLLBACK (MODE(DELETE) | MODE(TRUNCATE) | MODE(PERSIST))
#define NO_WAL (ROLLBACK | MODE(MEMORY) | MODE(OFF))
#define ANY_MODE (NO_WAL | MODE(WAL))

/* What a plan must have for a phase to come. */
enum sim_plan_phase_need {
	SIM_PLAN_PHASE_ALWAYS,
	SIM_PLAN_PHASE_SQL,        /* transactions that end with ROLLBACK, VACUUM: the engine has
	                            * none */
	SIM_PLAN_PHASE_FILES,      /* transactions over several files */
	SIM_PLAN_PHASE_OWN_JOURNAL /* the protocol of the engine that has one */
};

struct sim_plan_phase_row {
	enum vfs_phase phase;
	uint32_t modes; /* bit 1 << enum sim_journal_mode */
	enum sim_moment moment;
	enum sim_plan_phase_need need;
	bool syncs;       /* not with synchronous=off */
	bool at_first;    /* at the first start, too, which has nothing to recover */
	uint32_t at_most; /* the n-th call in the phase that is drawn: one step has few */
	bool rare;        /* few transactions have it: it is waited for, see
	                   * SIM_PLAN_PHASE_WAIT_PERCENT */
};

#define STEP(name, modes, need, syncs, most)                                                                           \
	{ VFS_PHASE_##name, modes, SIM_MOMENT_STEP, SIM_PLAN_PHASE_##need, syncs, false, most, false }
#define RARE(name, modes, need, syncs, most)                                                                           \
	{ VFS_PHASE_##name, modes, SIM_MOMENT_STEP, SIM_PLAN_PHASE_##need, syncs, false, most, true }
#define START(name, modes, need, syncs, most)                                                                          \
	{ VFS_PHASE_##name, modes, SIM_MOMENT_RESTART, SIM_PLAN_PHASE_##need, syncs, false, most, false }
#define FIRST(name, modes, need, syncs, most)                                                                          \
	{ VFS_PHASE_##name, modes, SIM_MOMENT_RESTART, SIM_PLAN_PHASE_##need, syncs, true, most, false }

/* When each phase can come. What merely reads, locks, opens or waits is not here: numbers hit
 * it. */
static const struct sim_plan_phase_row sim_plan_phase_rows[] = {
        STEP(JOURNAL_CREATION, ROLLBACK, ALWAYS, false, FEW),
        STEP(JOURNAL_HEADER, ROLLBACK, ALWAYS, false, FEW),
        STEP(JOURNAL_RECORD, ROLLBACK, ALWAYS, false, MANY),
        STEP(JOURNAL_COUNT, ROLLBACK, ALWAYS, true, FEW),
        STEP(JOURNAL_SYNC, ROLLBACK, ALWAYS, true, FEW),
        STEP(DIRECTORY_SYNC, ROLLBACK, ALWAYS, true, FEW),
        FIRST(DIRECTORY_SYNC, MODE(WAL), ALWAYS, true, ONE),
        RARE(SUPER_JOURNAL_NAME, ROLLBACK, FILES, false, PIECES),
        RARE(SUPER_JOURNAL_WRITE, ROLLBACK, FILES, false, FEW),
        RARE(SUPER_JOURNAL_SYNC, ROLLBACK, FILES, true, SYNCS),
        RARE(SUPER_JOURNAL_DELETION, ROLLBACK, FILES, false, ONE),
        START(SUPER_JOURNAL_CHECK, ROLLBACK, FILES, false, ONE),
        STEP(DATABASE_WRITE, NO_WAL, ALWAYS, false, MANY),
        STEP(DATABASE_SYNC, NO_WAL, ALWAYS, true, FEW),
        RARE(DATABASE_TRUNCATION, NO_WAL, SQL, false, ONE),
        STEP(JOURNAL_DELETION, MODE(DELETE), ALWAYS, false, FEW),
        STEP(JOURNAL_TRUNCATION, MODE(TRUNCATE), ALWAYS, false, FEW),
        STEP(JOURNAL_ZEROING, MODE(PERSIST), ALWAYS, false, FEW),
        STEP(JOURNAL_END_SYNC, MODE(TRUNCATE) | MODE(PERSIST), ALWAYS, true, FEW),
        STEP(ROLLBACK_READ, ROLLBACK, SQL, false, FEW),
        RARE(ROLLBACK_WRITE, ROLLBACK, SQL, false, ONE),
        RARE(ROLLBACK_SYNC, ROLLBACK, SQL, true, ONE),
        START(HOT_JOURNAL_CHECK, ROLLBACK, ALWAYS, false, MANY),
        START(RECOVERY_JOURNAL_SYNC, ROLLBACK, ALWAYS, true, ONE),
        START(RECOVERY_READ, ROLLBACK, ALWAYS, false, MANY),
        START(RECOVERY_WRITE, ROLLBACK, ALWAYS, false, FEW),
        START(RECOVERY_TRUNCATION, ROLLBACK, ALWAYS, false, ONE),
        START(RECOVERY_SYNC, ROLLBACK, ALWAYS, true, ONE),
        START(RECOVERY_END, ROLLBACK, ALWAYS, false, ONE),
        FIRST(WAL_HEADER, MODE(WAL), ALWAYS, false, ONE),
        STEP(WAL_RESTART, MODE(WAL), ALWAYS, false, ONE),
        STEP(WAL_FRAME, MODE(WAL), ALWAYS, false, MANY),
        STEP(WAL_COMMIT_FRAME, MODE(WAL), ALWAYS, false, MANY),
        STEP(WAL_SYNC, MODE(WAL), ALWAYS, true, FEW),
        RARE(WAL_TRUNCATION, MODE(WAL), ALWAYS, false, ONE),
        STEP(WAL_DELETION, MODE(WAL), ALWAYS, false, ONE),
        START(WAL_RECOVERY, MODE(WAL), ALWAYS, false, MANY),
        STEP(CHECKPOINT_READ, MODE(WAL), ALWAYS, false, MANY),
        STEP(CHECKPOINT_WAL_SYNC, MODE(WAL), ALWAYS, true, ONE),
        STEP(CHECKPOINT_WRITE, MODE(WAL), ALWAYS, false, MANY),
        STEP(CHECKPOINT_TRUNCATION, MODE(WAL), ALWAYS, false, ONE),
        STEP(CHECKPOINT_SYNC, MODE(WAL), ALWAYS, true, ONE),
        STEP(OWN_JOURNAL_WRITE, ANY_MODE, OWN_JOURNAL, false, MANY),
        STEP(OWN_JOURNAL_SYNC, ANY_MODE, OWN_JOURNAL, true, FEW),
        STEP(OWN_JOURNAL_TRUNCATION, ANY_MODE, OWN_JOURNAL, false, ONE),
        STEP(OWN_JOURNAL_DELETION, ANY_MODE, OWN_JOURNAL, false, ONE),
        START(OWN_JOURNAL_READ, ANY_MODE, OWN_JOURNAL, false, ONE),
};
#define SIM_PLAN_PHASE_ROWS (sizeof sim_plan_phase_rows / sizeof sim_plan_phase_rows[0])

#undef STEP
#undef RARE
#undef START
#undef FIRST

static bool sim_plan_phase_is_needed(const struct sim_plan *plan, enum sim_plan_phase_need need) {
	switch (need) {
	case SIM_PLAN_PHASE_SQL:
		return plan->sql_scenario != NULL;
	case SIM_PLAN_PHASE_FILES:
		return plan->sql_scenario != NULL && plan->sql_scenario->file_count > 1;
	case SIM_PLAN_PHASE_OWN_JOURNAL:
		return sim_plan_is_of_orders(plan) && plan->settings.protocol == SIM_PROTOCOL_JOURNAL;
	case SIM_PLAN_PHASE_ALWAYS:
		break;
	}
	return true;
}

static bool sim_plan_phase_can_come(const struct sim_plan_phase_row *row, const struct sim_plan *plan,
                                    const struct sim_fault_group *group, uint32_t modes) {
	bool synced = !row->syncs || plan->settings.synchronous != SIM_SYNCHRONOUS_OFF;
	return synced && (row->modes & modes) != 0 && (group->moments & (1u << row->moment)) != 0 &&
	       sim_plan_phase_is_needed(plan, row->need) && sim_fault_phase_fits(group->kind, row->phase, 0, 0);
}

/* One of those that can come; NULL when none can. */
static const struct sim_plan_phase_row *sim_plan_phase_draw(struct sim_pcg32 *chance, const struct sim_plan *plan,
                                                            const struct sim_fault_group *group) {
	const struct sim_plan_phase_row *fitting[SIM_PLAN_PHASE_ROWS];
	uint32_t count = 0;
	uint32_t modes = sim_plan_promise_modes(plan);
	for (size_t i = 0; i < SIM_PLAN_PHASE_ROWS; i++) {
		if (sim_plan_phase_can_come(&sim_plan_phase_rows[i], plan, group, modes)) {
			fitting[count++] = &sim_plan_phase_rows[i];
		}
	}
	return count > 0 ? fitting[sim_pcg32_below(chance, count)] : NULL;
}

static uint32_t sim_plan_phase_percent(enum sim_fault_kind kind) {
	return kind == SIM_FAULT_KILL || kind == SIM_FAULT_POWER_LOSS      ? SIM_PLAN_PHASE_CRASH_PERCENT
	       : kind == SIM_FAULT_IO_ERROR || kind == SIM_FAULT_DISK_FULL ? SIM_PLAN_PHASE_ERROR_PERCENT
	                                                                   : 0;
}

/* Where the group leaves it open. */
static void sim_plan_phase_aim_freely(struct sim_pcg32 *chance, const struct sim_plan *plan,
                                      const struct sim_fault_group *group, struct sim_fault *fault) {
	uint32_t percent = sim_plan_phase_percent(group->kind);
	/* Numbers that do not begin at the first call are meant as they are. */
	bool says_where = group->by_number || group->methods != 0 || group->files != 0 || group->operations.min > 1;
	if (percent == 0 || says_where || !sim_pcg32_percent(chance, percent)) {
		return;
	}
	const struct sim_plan_phase_row *row = sim_plan_phase_draw(chance, plan, group);
	if (row == NULL) {
		return;
	}
	fault->phase = row->phase;
	fault->occurrence = 1 + sim_pcg32_below(chance, row->at_most);
	fault->moment = row->moment;
	uint32_t starts = SIM_PLAN_PHASE_STARTS_MAX;
	fault->moment_number = row->moment == SIM_MOMENT_STEP ? sim_pcg32_below(chance, plan->step_count)
	                       : row->at_first                ? sim_pcg32_below(chance, 2)
	                                                      : 1 + sim_pcg32_below(chance, starts);
	if (row->rare && plan->sql_scenario != NULL && sim_pcg32_percent(chance, SIM_PLAN_PHASE_WAIT_PERCENT)) {
		fault->moment_number /= 2;
		fault->operation = 0;
	}
}

static enum vfs_phase sim_plan_phase_pick(struct sim_pcg32 *chance, uint64_t phases) {
	uint32_t skip = sim_pcg32_below(chance, (uint32_t)__builtin_popcountll(phases));
	for (uint32_t phase = 0; phase < VFS_PHASE_COUNT; phase++) {
		if ((phases & (UINT64_C(1) << phase)) != 0 && skip-- == 0) {
			return (enum vfs_phase)phase;
		}
	}
	return VFS_PHASE_NONE;
}

void sim_plan_phase_aim(struct sim_pcg32 *chance, const struct sim_plan *plan, const struct sim_fault_group *group,
                        struct sim_fault *fault) {
	if (group->phases == 0) {
		sim_plan_phase_aim_freely(chance, plan, group, fault);
		return;
	}
	fault->phase = sim_plan_phase_pick(chance, group->phases);
	fault->occurrence = (uint32_t)sim_settings_draw(chance, &group->occurrences);
	fault->operation = group->has_operations ? fault->operation : 0;
}
