/* sim/sweep/sweep_json.h: a listener that prints a sweep for programs: JSON Lines, one object a
 * run, in the end one for each cell and each known finding, and a summary last. Fields:
 * docs/architecture.md section 5. */
#ifndef AFTERSHOCK_SIM_SWEEP_JSON_H
#define AFTERSHOCK_SIM_SWEEP_JSON_H

#include "listener.h"
#include "reach.h"

#include <jansson.h>

/* Both must outlive the sweep. */
struct sim_sweep_json {
	const struct sim_sweep_options *options;
	FILE *out;
	const struct sim_reach *reach; /* is printed, too; NULL: nobody has counted */
};

struct sim_sweep_listener sim_sweep_json_listener(struct sim_sweep_json *json);

/* ---- its objects, for verbs that run no sweep ------------------------------------------------ */

/* Prints the object on one line, and takes it. NULL, for want of memory, becomes "{}". */
void sim_sweep_json_print(json_t *object, FILE *out);
/* A path or a line of a shell, which may be any bytes: what is no UTF-8 becomes '?'. NULL: no
 * memory. */
json_t *sim_sweep_json_bytes(const char *bytes);
/* SQLite's compile-time options. */
json_t *sim_sweep_json_sqlite_options(void);
void sim_sweep_json_summary(const struct sim_sweep_options *options, const struct sim_sweep_result *result, FILE *out);
/* One run and the summary of this one run. */
void sim_sweep_json_single(const struct sim_sweep_options *options, const struct sim_sweep_case *about,
                           const struct sim_run_result *run, int exit_status, FILE *out);

#endif
