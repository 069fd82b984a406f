/* sim/sweep/library.h: from names to the scenarios of a sweep. */
#ifndef AFTERSHOCK_SIM_LIBRARY_H
#define AFTERSHOCK_SIM_LIBRARY_H

#include "case.h"
#include "must_check.h"

#define SIM_LIBRARY_WHY_SIZE (SIM_SCENARIO_PATH_SIZE + 600u)

/* Loads the scenarios that are named, or with no names those of the library without its folders.
 * `sweep->library` is its directory, and `sweep->takes` what the subject takes. A scenario that the
 * subject does not take is refused when it was named, and put among the skipped when its folder or
 * the library was. Patterns are cut off the names. False with one line in `why`. */
bool sim_library_load(struct sim_sweep_options *sweep, int name_count, char **names,
                      char why[SIM_LIBRARY_WHY_SIZE]) SIM_MUST_CHECK;
/* Gives back what was loaded, after a failure, too. */
void sim_library_unload(struct sim_sweep_options *sweep);

#endif
