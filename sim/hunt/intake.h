/* sim/hunt/intake.h: the plans that a hunt begins with: those of its own folder, and of another one
 * that is merged in. Nothing that a file says is trusted. */
#ifndef AFTERSHOCK_SIM_INTAKE_H
#define AFTERSHOCK_SIM_INTAKE_H

#include "case.h"
#include "corpus.h"

struct sim_intake_plan {
	uint32_t scenario;
	char *text; /* in its one form; owned */
	char *path; /* of its file in the hunt's own folder; NULL: it comes from another; owned */
};

struct sim_intake {
	const struct sim_sweep_options *sweep; /* whose scenarios are taken */
	const char *own;                       /* the folder of the hunt */
	FILE *said;                            /* gets a line for each plan that is not taken */
	struct sim_intake_plan *plans;         /* owned */
	uint32_t count;
	uint32_t foreign; /* of scenarios that are not there */
	uint32_t stale;   /* do not parse */
	uint32_t unread;  /* could not be read */
};

/* Adds the plans of a folder, in the order of their names. One that does not parse, or asks what
 * the subject does not take, is not taken; in the hunt's own folder it is renamed to NAME.stale.
 * Plans of other scenarios are left there, and copied from another folder. One that cannot be read
 * is left as it is: nothing is known of it. False with one line in `why`. */
bool sim_intake_read(struct sim_intake *intake, const char *folder, char why[SIM_CORPUS_WHY_SIZE]) SIM_MUST_CHECK;
void sim_intake_clear(struct sim_intake *intake);

#endif
