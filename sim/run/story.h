/* sim/run/story.h: a run told for a person: what was done, what struck, what was answered and
 * loaded, and who held which lock when it went wrong. The story listens to a run (struct
 * sim_run_listener) and is written while the run goes on, so a subject that crashes leaves a story
 * up to that point. Steps in which nothing went wrong are told together. */
#ifndef AFTERSHOCK_SIM_STORY_H
#define AFTERSHOCK_SIM_STORY_H

#include "plan.h"
#include "run.h"

#include <stdio.h>

struct sim_story; /* of one run */

/* `plan` and `out` must outlive the story. `json`: one object on each line. `holds_back`: steps
 * that may be told together wait until the next one is known. It must be false when the run may end
 * at any moment. NULL when out of memory. */
struct sim_story *sim_story_create(const struct sim_plan *plan, FILE *out, bool json, bool holds_back);
void sim_story_destroy(struct sim_story *story);
/* From here on it is told there. */
void sim_story_redirect(struct sim_story *story, FILE *out);
/* For the options of the run. */
const struct sim_run_listener *sim_story_listener(const struct sim_story *story);
/* The run is over: tells what is left. */
void sim_story_end(struct sim_story *story);
#endif
