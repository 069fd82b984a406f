/* sim/contract.c: the table of FAULTS.md section 5, within SQLite's assumptions. */
#include "contract.h"

static enum sim_contract sim_contract_of_power_loss(enum sim_journal_mode mode, enum sim_synchronous synchronous) {
	if (synchronous == SIM_SYNCHRONOUS_OFF) {
		return SIM_CONTRACT_MAY_CORRUPT;
	}
	switch (mode) {
	case SIM_JOURNAL_WAL:
		return synchronous == SIM_SYNCHRONOUS_NORMAL ? SIM_CONTRACT_PREFIX : SIM_CONTRACT_DURABLE;
	case SIM_JOURNAL_DELETE:
		return synchronous == SIM_SYNCHRONOUS_EXTRA    ? SIM_CONTRACT_DURABLE
		       : synchronous == SIM_SYNCHRONOUS_NORMAL ? SIM_CONTRACT_MAY_CORRUPT
		                                               : SIM_CONTRACT_LAST_MAY_ROLL_BACK;
	case SIM_JOURNAL_TRUNCATE:
	case SIM_JOURNAL_PERSIST:
		/* NORMAL has a documented small chance of corruption in every rollback mode. */
		return synchronous == SIM_SYNCHRONOUS_NORMAL ? SIM_CONTRACT_MAY_CORRUPT : SIM_CONTRACT_DURABLE;
	case SIM_JOURNAL_MEMORY:
	case SIM_JOURNAL_OFF:
	case SIM_JOURNAL_NONE:
	case SIM_JOURNAL_COUNT:
		break;
	}
	return SIM_CONTRACT_MAY_CORRUPT;
}

enum sim_contract sim_contract_of(enum sim_journal_mode mode, enum sim_synchronous synchronous, enum sim_crash crash) {
	if (crash == SIM_CRASH_POWER_LOSS) {
		return sim_contract_of_power_loss(mode, synchronous);
	}
	if (crash == SIM_CRASH_KILL && (mode == SIM_JOURNAL_MEMORY || mode == SIM_JOURNAL_OFF)) {
		return SIM_CONTRACT_MAY_CORRUPT;
	}
	return SIM_CONTRACT_DURABLE;
}

const char *sim_contract_name(enum sim_contract contract) {
	switch (contract) {
	case SIM_CONTRACT_DURABLE:
		return "durable";
	case SIM_CONTRACT_LAST_MAY_ROLL_BACK:
		return "last_may_roll_back";
	case SIM_CONTRACT_PREFIX:
		return "prefix";
	case SIM_CONTRACT_MAY_CORRUPT:
		return "may_corrupt";
	case SIM_CONTRACT_NONE:
		break;
	}
	return "none";
}
