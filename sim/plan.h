/* sim/plan.h: the explicit list of settings, exchange reports, steps and faults that scenario and seed expand to. A pure
 * function of the two: nothing that happens in a run changes its plan. */
#ifndef AFTERSHOCK_SIM_PLAN_H
#define AFTERSHOCK_SIM_PLAN_H

#include "scenario.h"
#include "subject.h"

#include <stdio.h>

#define SIM_PLAN_REPORTS_MAX 256u
#define SIM_PLAN_STEPS_MAX 640u
#define SIM_PLAN_FAULTS_MAX 64u
#define SIM_PLAN_SYMBOLS_MAX 8u

/* One report of the exchange. Order, symbol and report numbers are indices that the names in `update` spell out. */
struct sim_report {
	struct subject_order_update update;
	uint32_t order;
	uint32_t symbol;
};

enum sim_step_kind {
	SIM_STEP_NONE = 0,
	SIM_STEP_DELIVER,    /* the exchange sends report `report`, and before it whatever is not acknowledged yet */
	SIM_STEP_AGAIN,      /* the exchange sends report `report` once more */
	SIM_STEP_RESTART,    /* the process is stopped in the ordinary way and started again */
	SIM_STEP_CHECKPOINT, /* the process is asked for a checkpoint */
};

struct sim_step {
	enum sim_step_kind kind;
	uint32_t report;
};

struct sim_settings {
	enum sim_protocol protocol;
	enum sim_journal_mode journal_mode;
	enum sim_synchronous synchronous;
	uint32_t page_size_bytes;
	uint32_t cache_pages;
	uint32_t checkpoint_frames;
	uint32_t busy_timeout_ms;
	uint32_t sector_size_bytes;
	uint64_t capacity_bytes;
	bool names_free;
	bool truncate_free;
};

struct sim_plan {
	uint64_t seed;
	struct sim_settings settings;
	uint32_t symbol_count;
	uint32_t order_count;
	uint32_t report_count;
	uint32_t step_count;
	uint32_t fault_count;
	bool tape_used;
	struct sim_report reports[SIM_PLAN_REPORTS_MAX];
	struct sim_step steps[SIM_PLAN_STEPS_MAX];
	struct sim_fault faults[SIM_PLAN_FAULTS_MAX];
};

/* Fills the whole plan. Ranges beyond the maxima above are cut to them. */
void sim_plan_make(struct sim_plan *plan, const struct sim_scenario *scenario, uint64_t seed);
/* Prints it, a line an entry. */
void sim_plan_print(const struct sim_plan *plan, FILE *out);

/* sim/workload.c: the reports of the exchange and the steps that deliver them. */
void sim_workload_make(struct sim_plan *plan, const struct sim_workload *workload);

#endif
