/* sim/orders/rivals.c: the frame around several engines: what is kept of them, power losses, and the last word. See rivals.h. */
#include "rivals.h"

#include <string.h>

static struct sim_rivals sim_rivals_kept;

/* Nobody makes the database beforehand: the first engine that comes does. */
static bool sim_rivals_begin(struct sim_processes_world *all) {
	memset(&sim_rivals_kept, 0, sizeof sim_rivals_kept);
	all->rivals = &sim_rivals_kept;
	all->world->journal_modes = 1u << all->world->plan->settings.journal_mode;
	return true;
}

/* Under `durable`, which is demanded of these scenarios, the next start must show everything that was served: the floor stays. */
static void sim_rivals_power_lost(struct sim_processes_world *all, enum sim_contract contract) {
	(void)all;
	(void)contract;
}

/* All engines have closed. One more start shows it all, under the eyes of the judge of one engine. */
static void sim_rivals_conclude(struct sim_processes_world *all) {
	struct sim_world *world = all->world;
	struct sim_judge *judge = world->judge;
	const struct sim_rivals *rivals = all->rivals;
	for (uint64_t i = 0; i < rivals->length; i++) {
		judge->chain[i] = rivals->chain[i];
		sim_model_apply(&judge->model, world->plan, rivals->chain[i]);
	}
	judge->chain_length = judge->floor = rivals->length;
	if (!sim_life_start(world, SIM_WORLD_HEAL_ROUNDS)) {
		if (!world->ended) {
			sim_processes_violated(all, "progress_after_faults", "the subject does not start any more");
		}
		return;
	}
	if (!sim_judge_converged(judge)) {
		world->ended = true;
		return;
	}
	sim_life_stop(world);
	if (!world->ended) {
		sim_life_check_database(world);
	}
}

static void sim_rivals_end(struct sim_processes_world *all) {
	all->rivals = NULL;
}

const struct sim_processes_work sim_rivals_work = {.begin = sim_rivals_begin,
                                                   .main = sim_rival_main,
                                                   .power_lost = sim_rivals_power_lost,
                                                   .conclude = sim_rivals_conclude,
                                                   .end = sim_rivals_end};
