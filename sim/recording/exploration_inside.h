/* sim/recording/exploration_inside.h: what the files of an exploration share. */
#ifndef AFTERSHOCK_SIM_EXPLORATION_INSIDE_H
#define AFTERSHOCK_SIM_EXPLORATION_INSIDE_H

#include "branch_set.h"
#include "check_command.h"
#include "exploration.h"
#include "redo.h"

#include <stdio.h>

/* What SQLite reads in all databases of an image. */
struct sim_exploration_contents {
	struct sim_content databases[SIM_COMMITS_DATABASES_MAX];
	int check_status; /* of the command; 0: it agrees, or there is none */
	char said[SIM_CHECK_COMMAND_SAID_SIZE];
};

/* A place in the run at which there may be a crash. */
struct sim_exploration_point {
	uint64_t order;
	const struct sim_record *record;
	uint32_t current[SIM_COMMITS_DATABASES_MAX];
	uint32_t required[SIM_COMMITS_DATABASES_MAX];
};

struct sim_exploration_case {
	const struct sim_exploration_point *point;
	const struct sim_exploration_contents *contents;
	enum sim_crash crash;
	uint64_t key;                         /* of the image, and of what is owed */
	char path[SIM_EXPLORATION_PATH_SIZE]; /* ORDER/STATE */
};

struct sim_exploration {
	const struct sim_recording *recording;
	const struct sim_commits *commits;
	struct sim_content_reader *reader;
	struct sim_exploration_options options;
	struct sim_redo redo;
	struct sim_check_command check;
	struct sim_branch_set images; /* with the number of its contents each */
	struct sim_exploration_contents *contents;
	uint32_t contents_count;
	uint32_t contents_room;
	struct sim_branch_set judged; /* hashes of image and what was owed */
	struct sim_exploration_totals totals;
	uint64_t points; /* of all parts */
	/* Told each state that is judged, with `found` NULL, and each violation of it. False: no
	 * room. NULL: nobody is told. */
	bool (*tell)(struct sim_exploration *exploration, const struct sim_exploration_case *about,
	             const struct sim_exploration_found *found);
	FILE *told; /* where to */
	bool failed;
	bool ended;
};

/* One more violation: the first of its kind stays. */
void sim_exploration_count(struct sim_exploration_totals *totals, const struct sim_exploration_found *found);

#endif
