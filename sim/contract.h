/* sim/contract.h: what may be demanded for acknowledged updates after a crash, from the settings (FAULTS.md section 5). */
#ifndef AFTERSHOCK_SIM_CONTRACT_H
#define AFTERSHOCK_SIM_CONTRACT_H

#include "scenario.h"

/* From the strongest to the weakest: the weaker of two is the greater number. */
enum sim_contract {
	SIM_CONTRACT_NONE = 0,
	SIM_CONTRACT_DURABLE,            /* every acknowledged update is there */
	SIM_CONTRACT_LAST_MAY_ROLL_BACK, /* at most the last one is missing */
	SIM_CONTRACT_PREFIX,             /* a state that was committed, possibly older */
	SIM_CONTRACT_MAY_CORRUPT,        /* as prefix, or the damage is detected */
};

enum sim_crash { SIM_CRASH_NONE = 0, SIM_CRASH_KILL, SIM_CRASH_POWER_LOSS };

enum sim_contract sim_contract_of(enum sim_journal_mode mode, enum sim_synchronous synchronous, enum sim_crash crash);
const char *sim_contract_name(enum sim_contract contract);

#endif
