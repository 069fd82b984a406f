/* sim/run/run.h: one seed, one run: plan, world, judge, result. Everything above (workers, results,
 * command line) sees a run through this header only. */
#ifndef AFTERSHOCK_SIM_RUN_H
#define AFTERSHOCK_SIM_RUN_H

#include "must_check.h"
#include "scenario.h"
#include "subject.h"
#include "verdict.h"

#include <stdio.h>

struct sim_branches;
struct sim_sightings;
struct sim_plan;
struct sim_event;
struct sim_world;

/* Somebody who is told what happens, as it happens, and changes nothing. */
struct sim_run_listener {
	void *context;
	void (*event)(void *context, uint64_t number, const struct sim_event *event, const char *label,
	              const char *note);
	/* The first violation, at the moment it is found: nobody has been stopped or cleaned up
	 * since. */
	void (*violated)(void *context, const struct sim_world *world);
};

struct sim_run_options {
	FILE *trace;                             /* every event as one line, or NULL */
	const struct sim_run_listener *listener; /* NULL: nobody */
	const struct sim_plan *plan;             /* run this one, whatever scenario and seed expand
	                                          * to; NULL: what they expand to */
	uint64_t until_event;                    /* stop there; 0: run to the end */
	struct sim_branches *branches;           /* the crash states of the run are judged beside
	                                          * it (sim/world/branch.h); NULL: they are not */
	struct sim_sightings *sightings;         /* all zero: gets the species of the run
	                                          * (sim/world/sighting.h); NULL: nobody asks */
	FILE *schedule;                          /* of several processes: the plan, with its
	                                          * schedule as it went, is printed here; of a
	                                          * program: the plan, with its operations as
	                                          * texts; or NULL */
	const char *dump_path;                   /* an existing directory: the disk's files are
	                                          * written there at the end, or NULL */
};

/* Once per operating-system process, before any other use of SQLite in it: sets SQLite up for
 * simulation. False when SQLite refuses. */
bool sim_run_init(void) SIM_MUST_CHECK;

/* Runs one seed. Never fails: what goes wrong is in the verdict. `options` may be NULL. With a plan
 * in the options, `scenario` is not looked at, and `seed` must be the plan's. `subject` NULL is the
 * built-in one of that kind of work; whether another takes the scenario is for the caller to ask
 * first (sim/run/fit.h). */
void sim_run(const struct sim_scenario *scenario, uint64_t seed, const struct aftershock_subject *subject,
             const struct sim_run_options *options, struct sim_run_result *result);

#endif
