/* sim/plan/plan_step.h: the steps of a plan. */
#ifndef AFTERSHOCK_SIM_PLAN_STEP_H
#define AFTERSHOCK_SIM_PLAN_STEP_H

#include <stdint.h>

enum sim_step_kind {
	SIM_STEP_NONE = 0,    /* nothing is done; holds the number of a step that was taken away */
	SIM_STEP_DELIVER,     /* the exchange sends report `report`, and before it whatever is not acknowledged yet */
	SIM_STEP_AGAIN,       /* the exchange sends report `report` once more */
	SIM_STEP_RESTART,     /* the process is stopped in the ordinary way and started again */
	SIM_STEP_CHECKPOINT,  /* the process is asked for a checkpoint */
	SIM_STEP_TRANSACTION, /* the process runs transaction `report` of the SQL plan */
	SIM_STEP_TAKEOVER,    /* a second process starts on the same database; the first is alive and idle */
	SIM_STEP_WAKE,        /* the exchange sends report `report` to the one that was taken over from */
	SIM_STEP_RETIRE,      /* the one that was taken over from is stopped in the ordinary way */
	SIM_STEP_BATCH,       /* as SIM_STEP_DELIVER for `report` and the `count` - 1 behind it, in batches */
	/* Of several processes only; of theirs are also restart, transaction, and checkpoint, with 1 + its mode in `report`. */
	SIM_STEP_LOOK,   /* a snapshot is held for `report` looks */
	SIM_STEP_BACKUP, /* `report` pages at a time */
	SIM_STEP_VACUUM,
	SIM_STEP_CHECK,  /* integrity_check */
	SIM_STEP_SWITCH, /* to the journal mode `report` */
	/* The trader decides on the order whose intent is report `report`. How the exchange answers: `count` 0 whole, 1 it fails, 2 empty. */
	SIM_STEP_TRADE,
};

struct sim_step {
	enum sim_step_kind kind;
	uint32_t report;
	uint32_t count;    /* of a batch */
	uint32_t process;  /* of several: who does it */
	uint32_t pause_ms; /* before it; virtual, as is the next */
	uint32_t hold_ms;  /* between looks, or the parts of a backup */
};

/* "deliver", as the text form has it. */
const char *sim_plan_step_name(enum sim_step_kind kind);
/* All of them, with NULL behind the last. */
const char *const *sim_plan_step_names(void);

#endif
