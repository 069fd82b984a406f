/* sim/world/sighting.h: sights the species of a run (sim/species.h) while it goes on: at each call
 * of a process, at its death, and at the end. Nothing of a run goes by them, and what lives on a
 * crash state beside a run is not looked at. Private to the rooms that make up a run, but for
 * struct sim_sightings. */
#ifndef AFTERSHOCK_SIM_SIGHTING_H
#define AFTERSHOCK_SIM_SIGHTING_H

#include "machine.h"
#include "species.h"

#define SIM_SIGHTING_FILES 3u      /* database, WAL, journal */
#define SIM_SIGHTING_PORTIONS 512u /* of each; 512 bytes each, in a circle */

/* What is known of a process. */
struct sim_sighted {
	uint32_t place;
	uint32_t before; /* the place of the call before, in this moment of its life */
	uint32_t death;  /* the place of its last death; 0: it has not died */
	int level;       /* that it has of the database's lock */
	uint32_t shared; /* slots of the WAL index: 1 << enum vfs_shm_slot */
	uint32_t exclusive;
	uint16_t life; /* how many it has had before this one */
};

/* Who wrote a portion of a file last. */
struct sim_sighted_portion {
	uint8_t process; /* its number and 1; 0: nobody */
	uint8_t writer;
	uint16_t life;
};

/* Of one run. Make it with zeros, and again for the next. */
struct sim_sightings {
	struct sim_species species;
	uint64_t calls; /* of all processes */
	struct sim_sighted processes[SIM_PROCESSES_MAX];
	struct sim_sighted_portion portions[SIM_SIGHTING_FILES][SIM_SIGHTING_PORTIONS];
};

/* Before a call, and before anybody else gets the turn at it. */
void sim_sightings_calling(const struct sim_process *process, const struct vfs_call *call);
/* After it. */
void sim_sightings_called(const struct sim_process *process, const struct vfs_call *call, int result);
/* It has died in its last call, or between two. */
void sim_sightings_note_death(const struct sim_process *process);
/* A life is over, or one begins. */
void sim_sightings_note_end(const struct sim_process *process);
/* The run has ended: how often each probe was reached. */
void sim_sightings_conclude(struct sim_sightings *sightings, const struct sim_run_result *result);

#endif
