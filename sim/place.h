/* sim/place.h: where this program, or this library, finds what belongs to it: scenarios, planted
 * bugs, programs that it starts. An installed one may have been moved since, with its prefix, so
 * places are looked for from where it lies. */
#ifndef AFTERSHOCK_SIM_PLACE_H
#define AFTERSHOCK_SIM_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define SIM_PLACE_SIZE 1024u

/* One thing that is looked for: its path below the prefix of an installation, and below the
 * directory of a build. */
struct sim_place {
	const char *installed;
	const char *built;
};

extern const struct sim_place sim_place_scenarios;
extern const struct sim_place sim_place_bugs;
extern const struct sim_place sim_place_second;
extern const struct sim_place sim_place_record;

/* Looks in the directory of this program or library, and in up to four above it. `path` gets where
 * the thing is, without symbolic links. False when it is nowhere. */
bool sim_place_find(const struct sim_place *place, char path[SIM_PLACE_SIZE]);

#endif
