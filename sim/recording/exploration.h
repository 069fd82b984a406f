/* sim/recording/exploration.h: every crash state of a recorded run, judged.
 *
 * The recorded calls are done once more on a simulated disk. Behind each call that changes
 * something, and behind each that makes a commit owed, a kill and a power loss are tried: the
 * states are those of sim/world/crash_state.h. SQLite recovers each image, and reads it. What it
 * reads must be a version of each database that had come by then (commits.h), and not an older one
 * than is owed. */
#ifndef AFTERSHOCK_SIM_EXPLORATION_H
#define AFTERSHOCK_SIM_EXPLORATION_H

#include "commits.h"
#include "crash_state.h"

#define SIM_EXPLORATION_FOUND_MAX 32u
#define SIM_EXPLORATION_DETAIL_SIZE 600
#define SIM_EXPLORATION_PATH_SIZE 80
#define SIM_EXPLORATION_PROCESSES_MAX 64u

struct sim_exploration_options {
	struct sim_crash_state_bounds bounds;
	uint64_t states_max; /* ends behind so many */
	bool stops;          /* at the first violation */
	uint32_t parts;      /* of its points, every so many-th; 0: all, */
	uint32_t part;       /* and of so many, this one */
	/* What is demanded, whatever was seen; SIM_CONTRACT_NONE: what the settings promise that
	 * were seen, and at least a content that was committed. */
	enum sim_contract demanded[SIM_CRASH_COUNT];
	const char *check;       /* a command; NULL: none */
	const char *only;        /* ORDER/STATE: that one alone; NULL: all */
	sim_crash_teller teller; /* with `only`: its story */
	void *context;
};

struct sim_exploration_found {
	const char *invariant;
	uint64_t count;
	char path[SIM_EXPLORATION_PATH_SIZE]; /* of the first one */
	char where[SIM_COMMITS_TEXT_SIZE];
	char detail[SIM_EXPLORATION_DETAIL_SIZE];
};

struct sim_exploration_totals {
	uint64_t points;
	uint64_t states;
	uint64_t duplicates;
	uint64_t judged;
	uint64_t kills;
	uint64_t images;   /* distinct */
	uint64_t contents; /* distinct, of all databases together */
	uint64_t checks;   /* times that the command was run */
	uint64_t violations;
	bool is_partial;
	uint32_t found_count;
	struct sim_exploration_found found[SIM_EXPLORATION_FOUND_MAX];
};

struct sim_exploration;

/* NULL when out of memory. What is given is borrowed. */
struct sim_exploration *sim_exploration_create(const struct sim_recording *recording, const struct sim_commits *commits,
                                               struct sim_content_reader *reader,
                                               const struct sim_exploration_options *options);
void sim_exploration_destroy(struct sim_exploration *exploration);
/* The check on the databases as the program left them. False with one line in `why`: it fails. */
bool sim_exploration_check_sound(struct sim_exploration *exploration, char why[SIM_COMMITS_WHY_SIZE]) SIM_MUST_CHECK;
/* False when out of memory, or a file cannot be written. */
bool sim_exploration_run(struct sim_exploration *exploration) SIM_MUST_CHECK;
/* The same, shared by so many processes: what it comes to does not depend on how many there are.
 * Not with `only`, `stops` or a number of states at which it ends. */
bool sim_exploration_run_shared(struct sim_exploration *exploration, uint32_t processes) SIM_MUST_CHECK;
const struct sim_exploration_totals *sim_exploration_totals(const struct sim_exploration *exploration);
/* What is demanded of a database after a crash. */
enum sim_contract sim_exploration_demanded(const struct sim_exploration_options *options,
                                           const struct sim_commits_database *database, enum sim_crash crash);
/* The hashes of all images, in ascending order; free() it. NULL when out of memory. */
uint64_t *sim_exploration_images(const struct sim_exploration *exploration);

#endif
