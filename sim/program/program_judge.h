/* sim/program/program_judge.h: which states of a program are admissible, and whether what it shows
 * is one.
 * The chain begins with the empty state; each acknowledged operation adds a state. Beside it are
 * the attempts: operations whose outcome is open, each on top of a state of the chain. They stay
 * open until a later operation is acknowledged (docs/contracts.md section 2). States are known by
 * their hashes. What an attempt would have made is worked out when a load shows something else than
 * the chain's last state, and not before.
 */
#ifndef AFTERSHOCK_SIM_PROGRAM_JUDGE_H
#define AFTERSHOCK_SIM_PROGRAM_JUDGE_H

#include "contract.h"
#include "program_model.h"

#define SIM_PROGRAM_ATTEMPTS_MAX 32u
#define SIM_PROGRAM_ENTRIES_MAX (SIM_PLAN_OPERATIONS_MAX + 64u)

/* An operation that was done at an instant. */
struct sim_program_deed {
	char operation[SUBJECT_OPERATION_SIZE];
	struct sim_instant instant;
};

/* A state, and what led to it from the one before. */
struct sim_program_entry {
	struct sim_program_deed deed; /* of the first: empty */
	bool acknowledged;
	bool changed; /* differs from the one before */
	uint64_t hash[2];
};

struct sim_program_attempt {
	uint32_t base; /* the entry it was tried on */
	/* a read has shown the state without it: only a power loss can bring it back */
	bool settled_living;
	bool evaluated;
	bool refused; /* the model refuses it: it makes nothing */
	struct sim_program_entry entry;
};

/* What a load must be judged by. */
struct sim_program_terms {
	enum sim_contract contract;
	enum sim_crash crash;
	/* nothing but rollback journals: a read settles a doubt for a living machine */
	bool rollback_modes;
};

struct sim_program_judge {
	struct sim_program_model model;
	uint32_t position; /* the model shows this entry; UINT32_MAX: it shows something else */
	uint32_t top;      /* the last entry */
	uint32_t attempt_count;
	struct sim_program_entry entries[SIM_PROGRAM_ENTRIES_MAX];
	struct sim_program_attempt attempts[SIM_PROGRAM_ATTEMPTS_MAX];
	uint32_t holds_still;            /* what is found is told, and the chain stays */
	struct sim_program_state shown;  /* by the program, last */
	struct sim_program_state wanted; /* by the model */
	/* what the last _loaded() or _live() found */
	bool found;
	bool admissible;
	bool attempt_found;
	uint64_t lost;                               /* acknowledged operations */
	char lost_operation[SUBJECT_OPERATION_SIZE]; /* the first of them */
};

/* False when out of memory, or when the model does not start: then its `reason` says so. Give the
 * judge to _deinit in any case. */
bool sim_program_judge_init(struct sim_program_judge *judge, struct sim_world *world) SIM_MUST_CHECK;
void sim_program_judge_deinit(struct sim_program_judge *judge);

/* What the model answers to an operation on top of the chain. `kept`: it was acknowledged, and is
 * on the chain from now on. `ends_doubts`: what was open before it is so no more. False when the
 * model failed. */
bool sim_program_judge_do(struct sim_program_judge *judge, const struct sim_program_deed *deed, bool kept,
                          bool ends_doubts, struct sim_program_reply *reply) SIM_MUST_CHECK;
/* The outcome of the operation is open. */
void sim_program_judge_attempt(struct sim_program_judge *judge, const struct sim_program_deed *deed);
/* A start shows `shown`. Moves the chain to it when it is found, admissible or not. False when the
 * model failed. */
bool sim_program_judge_loaded(struct sim_program_judge *judge, const struct sim_program_terms *terms) SIM_MUST_CHECK;
/* The living program shows `shown`: the top of the chain, or on top of it an attempt that is
 * `fresh`. */
bool sim_program_judge_live(struct sim_program_judge *judge, bool fresh) SIM_MUST_CHECK;
/* Whether the operation, which was said not to be applied, explains what is shown. */
bool sim_program_judge_explains(struct sim_program_judge *judge, const struct sim_program_deed *deed);
/* In what the program differs from the top of the chain. For people. */
void sim_program_judge_difference(struct sim_program_judge *judge, char text[SIM_PROGRAM_DIFFERENCE_SIZE]);
/* Forgets the attempts from that number on. */
void sim_program_judge_forget(struct sim_program_judge *judge, uint32_t from);

#endif
