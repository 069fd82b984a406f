/* sim/world/branch_inside.h: what the files behind branch.h share. branches.c has what a state is
 * called, whether it came already, and what was found; branch_one.c has the states of one process,
 * branch_beside.c those of several. Private to these files. */
#ifndef AFTERSHOCK_SIM_BRANCH_INSIDE_H
#define AFTERSHOCK_SIM_BRANCH_INSIDE_H

#include "branch.h"

#include "branch_sample.h"
#include "branch_set.h"
#include "recovery.h"

struct sim_branch_point {
	struct vfs_disk *disk; /* behind the call; of several processes NULL */
	struct sim_owed owed;
	enum vfs_phase phase;
	uint32_t ordinal; /* of its phase in the moment, from 1; 0: where the moment begins */
	enum vfs_method method;
	enum vfs_file_kind file_kind;
	uint64_t offset;
	uint64_t size;
	char path[SIM_OWED_PATH_SIZE]; /* of the file that the call was about */
};

/* A start, a step or a stop that is going on. */
struct sim_branch_moment {
	bool collects;
	char name[24];        /* "step3" */
	enum vfs_phase phase; /* of the call that is going on */
	uint32_t ordinals[VFS_PHASE_COUNT];
	char path[SIM_BRANCH_PATH_SIZE]; /* of the state whose life this is; "" in the run */
};

/* One depth. */
struct sim_branch_level {
	struct sim_branch_moment at;
	uint64_t admissible; /* what may be loaded is the same as in all moments of that number */
	struct sim_branch_point *points;
	size_t point_count;
	size_t point_room;
	struct sim_world kept;
};

/* What the reader has said of an image. */
struct sim_branch_asked {
	uint64_t image;   /* 0: it was not asked */
	uint64_t content; /* as in struct sim_recovery */
	uint32_t seen;    /* enum sim_recovery_seen */
	bool is_compared;
	bool disagreed;
	bool out_of_memory;
	const char *violated; /* the invariant; NULL: none */
	char text[SIM_RECOVERY_TEXT_SIZE];
};

/* What the life of a state came to, where it has an operating-system process of its own. */
struct sim_branch_report {
	bool is_whole; /* it has come to its end */
	bool loaded;
	bool failed; /* the test bed itself has; the detail says how */
	struct sim_violation violation;
};

/* Several processes (branch_beside.c). */
struct sim_branch_beside {
	struct sim_branch_moment moments[SIM_PROCESSES_MAX];
	uint64_t numbers[SIM_PROCESSES_MAX]; /* of the moments in the run, from 1 */
	bool is_life;                        /* this operating-system process plays a state */
	struct sim_crash_state state;        /* that one */
	uint64_t restarts;                   /* of the run, before the crash */
	struct sim_branch_report *report;    /* memory that both processes have */
	struct sim_branch_asked asked;
};

struct sim_branches {
	struct sim_branch_options options;
	struct sim_branch_totals totals;
	struct sim_branch_sample sample;
	struct sim_branch_level levels[SIM_BRANCH_DEPTH_MAX];
	struct sim_branch_beside beside;
	struct sim_order order;
	uint32_t depth;  /* of the life that goes on: 0 in the run itself */
	uint64_t run;    /* which one it is, of several */
	uint64_t moment; /* of the run, from 1 */
	struct sim_branch_set images;
	struct sim_branch_set judged; /* image and what is admissible */
	struct sim_branch_set recovered;
	struct sim_branch_set moments; /* of all runs, with all that went before */
	/* Images without their last bits, which are what the reader has seen; images in whose
	 * recovery it and SQLite disagree, and what is not sound after one; the image that it is to
	 * be asked about, 0 for none. */
	struct sim_branch_set compared;
	struct sim_branch_set disagreed;
	uint64_t asks;
	uint64_t image;                         /* the last one that may have been new */
	struct sim_trace *trace;                /* of the lives of states */
	FILE *out;                              /* it is printed there; NULL: it is not */
	const struct sim_branch_teller *teller; /* of the one state; NULL: nobody tells */
	struct sim_run_result result;
	struct sim_violation violation;
};

/* True when it is new. */
bool sim_branch_add(struct sim_branches *branches, struct sim_branch_set *set, uint64_t hash);
/* The points of that depth. */
void sim_branch_forget(struct sim_branch_level *level);

/* ---- names ----------------------------------------------------------------------------------- */

/* A moment begins: its points are counted from 1, or go on where it is the same step as before. */
void sim_branch_moment_begin(struct sim_branch_moment *moment, const char *kind, uint32_t number, bool is_anew);
/* POINT/STATE, behind the path of the moment. */
void sim_branch_path(const struct sim_branch_moment *moment, const struct sim_branch_point *point,
                     const struct sim_crash_state *state, char path[SIM_BRANCH_PATH_SIZE]);
/* Of one state alone: whether it is a state of this point, or lies in the life of one. */
bool sim_branch_asks_for(const struct sim_branches *branches, const struct sim_branch_moment *moment,
                         const struct sim_branch_point *point, struct sim_crash_state *state);
/* Which call it is behind, what dies there, and what is owed then. */
void sim_branch_tell_point(const struct sim_branches *branches, const struct sim_world *world,
                           const struct sim_branch_moment *moment, const struct sim_branch_point *point,
                           const struct sim_crash_state *state);
/* What the call was about. */
void sim_branch_point_note(struct sim_branch_point *point, const struct vfs_call *call);

/* ---- states ---------------------------------------------------------------------------------- */

/* What a power loss leaves of the disk, told to the teller; NULL: to nobody. */
void sim_branch_apply(const struct sim_branches *branches, const struct sim_world *world,
                      const struct sim_crash_state *state, const struct sim_branch_teller *teller,
                      struct vfs_disk *disk);
/* Whether the image on the disk of the world was not judged yet, with the same admissible states.
 * What may be shown after a death may be shown after a power loss too, if that owes no more. Where
 * no crash follows, what is pending makes no difference. Notes whether the reader is asked. */
bool sim_branch_is_new(struct sim_branches *branches, struct sim_world *world, const struct sim_branch_point *point,
                       enum sim_crash crash, bool writes_more);
/* False when nothing more is to be judged. */
bool sim_branch_goes_on(struct sim_branches *branches, const char *path);
/* What is pending on the disk. False when out of memory. */
bool sim_branch_pending(struct sim_branches *branches, const struct vfs_disk *disk,
                        struct sim_crash_state_pending *pending);
/* How many states the rules list at a point of that disk. */
uint64_t sim_branch_count(struct sim_branches *branches, const struct sim_branch_point *point,
                          const struct vfs_disk *disk);

/* What is tried beside the run draws from SQLite's generator, too. So it is kept before, and put
 * back behind it; not nested. */
void sim_branch_keep_generator(void);
void sim_branch_put_generator_back(const struct sim_world *world);

/* ---- what is found --------------------------------------------------------------------------- */

/* The reader and SQLite recover the image, if they are to be asked. An image in which they disagree
 * is one in every state that is judged. */
void sim_branch_ask(struct sim_branches *branches, struct sim_world *world, struct sim_branch_asked *asked);
void sim_branch_take_asked(struct sim_branches *branches, const struct sim_branch_asked *asked);
/* As sim_branch_is_new() of what the image of the state is recovered to, by its number. */
bool sim_branch_is_new_content(struct sim_branches *branches, struct sim_world *world,
                               const struct sim_branch_point *point, const struct sim_crash_state *state,
                               uint64_t content);
/* The violation of the state of that name. */
void sim_branch_take_found(struct sim_branches *branches, const struct sim_branch_point *point, const char *path);

/* Several processes: the hooks of a run. */
extern const struct sim_branching sim_branch_beside;

#endif
