/* sim/cli/cli_recording.h: `explore` of a recording. */
#ifndef AFTERSHOCK_SIM_CLI_RECORDING_H
#define AFTERSHOCK_SIM_CLI_RECORDING_H

#include "branch_totals.h"
#include "certificate.h"
#include "cli.h"
#include "must_check.h"

/* Whether the one name on the command line is that of a recording. */
bool sim_cli_names_recording(const struct sim_cli *cli) SIM_MUST_CHECK;
/* Whether there are options that only a recording takes; one line on stderr says so. */
bool sim_cli_has_recording_options(const struct sim_cli *cli) SIM_MUST_CHECK;
/* Judges its crash states. The exit status. */
int sim_cli_explore_recording(struct sim_cli *cli);

/* What a part of a recording comes to. */
struct sim_cli_recording_part {
	uint64_t records;                /* of the whole recording */
	struct sim_branch_totals totals; /* what was judged and violated, and the first violation */
	uint64_t *images;                /* owned; ascending */
	uint64_t image_count;
};

/* One point of a hundred of the recording that a certificate is about, explored again as it was;
 * `chance` says which. The check command is not run. An exit status; 0: there is something to
 * compare, and the images are to be freed. */
int sim_cli_recording_again(const struct sim_certificate *certificate, uint64_t chance,
                            struct sim_cli_recording_part *part);

#endif
