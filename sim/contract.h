/* sim/contract.h: what may be demanded for acknowledged updates after a crash (FAULTS.md section 5): a function of journal mode,
 * synchronous, disk and kind of crash. The judge demands exactly that, headers and tables print it, and a scenario that states
 * a contract is held to it when it is read. */
#ifndef AFTERSHOCK_SIM_CONTRACT_H
#define AFTERSHOCK_SIM_CONTRACT_H

#include "plan.h"

/* On a disk that keeps what it reports: the table. */
enum sim_contract sim_contract_of(enum sim_journal_mode mode, enum sim_synchronous synchronous, enum sim_crash crash);
/* On the disk of the settings: one that lies can corrupt in every mode when power fails; a kill does not reach it. */
enum sim_contract sim_contract_of_settings(const struct sim_settings *settings, enum sim_crash crash);
/* Whether a transaction over several attached files is there in all of them or in none, in spite of a crash. */
bool sim_contract_is_atomic_across_files(enum sim_journal_mode mode, enum sim_synchronous synchronous);
/* The same over a set of journal modes, bits 1 << mode: a run that may be in several is as the weakest. */
bool sim_contract_files_together(uint32_t modes, enum sim_synchronous synchronous);

/* "durable"; "none" for no contract. */
const char *sim_contract_name(enum sim_contract contract);
enum sim_contract sim_contract_named(const char *name); /* SIM_CONTRACT_NONE when there is no such contract */
/* "kill"; "none" for no crash. */
const char *sim_contract_crash_name(enum sim_crash crash);

/* What the seeds of one scenario, or of one cell of it, are promised: from the strongest to the weakest over its lists of settings.
 * Both SIM_CONTRACT_NONE when the scenario has no such crash. */
struct sim_contract_span {
	enum sim_contract strongest;
	enum sim_contract weakest;
};
struct sim_contract_span sim_contract_of_scenario(const struct sim_scenario *scenario, enum sim_crash crash);

/* Every journal mode that a run of the plan may be in, as bits 1 << mode: its own, and those that its transactions switch to. */
uint32_t sim_contract_modes_of_plan(const struct sim_plan *plan);

/* How many of the journal modes and synchronous levels of a scenario of SQL keep its files together, and how many do not. Both
 * 0 when it has one file only. */
struct sim_contract_files {
	uint32_t together;
	uint32_t one_by_one;
};
struct sim_contract_files sim_contract_files_of_scenario(const struct sim_scenario *scenario);

/* One line: "durable after kill, prefix after power loss"; of all seeds of a scenario, and of one plan and the faults it has. */
void sim_contract_print_scenario(const struct sim_scenario *scenario, char text[SIM_CONTRACT_TEXT_SIZE]);
void sim_contract_print_plan(const struct sim_plan *plan, char text[SIM_CONTRACT_TEXT_SIZE]);

#endif
