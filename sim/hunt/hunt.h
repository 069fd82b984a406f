/* sim/hunt/hunt.h: a search with feedback. Plans that reach a new species (sim/species.h) are kept
 * in a corpus, and changed: so what is rare is tried more often than a seed would.
 *
 * What is found is a function of scenarios, seed, number of runs, subject, SQLite, and of the
 * corpus that it begins with; not of the number of processes. A hunt that is interrupted
 * begins no more runs, keeps what those under way come to, and leaves corpus and findings whole.
 */
#ifndef AFTERSHOCK_SIM_HUNT_H
#define AFTERSHOCK_SIM_HUNT_H

#include "case.h"
#include "corpus.h"

#define SIM_HUNT_FINDINGS_MAX 256u
/* Of SIM_HUNT_BY_YIELD, the share goes by what the two have brought. */
#define SIM_HUNT_BY_YIELD UINT32_MAX

struct sim_hunt_options {
	const struct sim_sweep_options *sweep; /* scenarios, subject, jobs, stop_at, hang_seconds */
	uint64_t seed;
	uint32_t runs;          /* beside those of the plans that it begins with */
	uint32_t fresh_percent; /* of the runs are drawn anew, or SIM_HUNT_BY_YIELD */
	const char *folder;     /* of the corpus */
	const char *merged;     /* another corpus, whose plans come in; NULL: none */
	bool progress;          /* a line on stderr that is written over */
};

/* One distinct way to fail: scenario, and invariant or excuse. */
struct sim_hunt_finding {
	uint32_t scenario;
	char excuse[SIM_SCENARIO_NAME_SIZE]; /* a known finding, "control"; "": none */
	struct sim_run_result result;        /* of the first */
	char path[SIM_CORPUS_PATH_SIZE];     /* of its plan */
	uint64_t seed;
	uint64_t run; /* that came to it first, from 1 */
	uint64_t count;
};

struct sim_hunt_result {
	uint64_t runs;   /* all */
	uint64_t loaded; /* of them: plans that it began with */
	uint64_t fresh;  /* of them: drawn anew */
	uint64_t calls;
	uint64_t violated; /* runs that nothing excuses */
	uint64_t excused;
	uint32_t foreign; /* plans of scenarios that are not hunted here: they stay */
	uint32_t stale;   /* plans that do not parse any more */
	uint32_t unread;  /* plans that could not be read: they stay as they are */
	uint32_t species; /* that were reached */
	uint32_t by_class[SIM_SPECIES_CLASS_COUNT];
	uint32_t plans; /* of the corpus */
	bool stopped;   /* at what sweep->stop_at says */
	bool interrupted;
	double processor_s;
	uint32_t finding_count;
	struct sim_hunt_finding findings[SIM_HUNT_FINDINGS_MAX];
	char broken[SIM_CORPUS_WHY_SIZE]; /* one line about the test bed; empty: nothing */
	int exit_status;                  /* enum sim_exit_status */
};

/* Hunts. `said` gets lines about the corpora: one that another program has written, plans that do
 * not parse or cannot be read; and one when the hunt is interrupted. When a folder is no corpus,
 * `result` has one line in `broken` and exit status 2. */
void sim_hunt(const struct sim_hunt_options *options, FILE *said, struct sim_hunt_result *result);

#endif
