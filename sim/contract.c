/* sim/contract.c: the table of docs/contracts.md section 1, and what a disk that lies makes of
 * it. */
#include "contract.h"

#include <stdio.h>
#include <string.h>

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
		/* NORMAL has a documented small chance of corruption in every rollback mode: the
		 * journal's header and content share one sync, and a record's checksum reads only
		 * every 200th byte of the page. */
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

enum sim_contract sim_contract_of_settings(const struct sim_settings *settings, enum sim_crash crash) {
	if (crash == SIM_CRASH_POWER_LOSS && sim_settings_disk_lies(settings)) {
		return SIM_CONTRACT_MAY_CORRUPT;
	}
	/* What one life has left unsynced the next one may lose: the weaker of the two counts. */
	enum sim_contract one = sim_contract_of(settings->journal_mode, settings->synchronous, crash);
	enum sim_contract other = sim_contract_of(sim_settings_journal_mode_of(settings, 2),
	                                          sim_settings_synchronous_of(settings, 2), crash);
	return other > one ? other : one;
}

uint32_t sim_contract_lowest(enum sim_contract contract, enum sim_crash crash, uint32_t last, uint32_t top) {
	switch (contract) {
	case SIM_CONTRACT_DURABLE:
		/* What was shown stays for as long as the machine lives, acknowledged or not. */
		return crash == SIM_CRASH_POWER_LOSS ? last : top;
	case SIM_CONTRACT_LAST_MAY_ROLL_BACK:
		/* Whatever is on top of it has synced the directory, and with it the end of the one
		 * below. */
		return last < top || last == 0 ? last : last - 1;
	case SIM_CONTRACT_PREFIX:
	case SIM_CONTRACT_DETECT:
	case SIM_CONTRACT_MAY_CORRUPT:
	case SIM_CONTRACT_NONE:
	case SIM_CONTRACT_COUNT:
		break;
	}
	return 0;
}

bool sim_contract_read_settles(enum sim_contract contract, enum sim_crash crash, bool of_rollback) {
	return crash != SIM_CRASH_POWER_LOSS && contract == SIM_CONTRACT_DURABLE && of_rollback;
}

static bool sim_contract_is_wal_normal(const struct sim_settings *settings, uint32_t life) {
	return sim_settings_journal_mode_of(settings, life) == SIM_JOURNAL_WAL &&
	       sim_settings_synchronous_of(settings, life) == SIM_SYNCHRONOUS_NORMAL;
}

/* btrfs takes the frames from under the index; the others keep them in memory, and nowhere else. */
enum sim_contract sim_contract_of_gap(const struct sim_settings *settings, enum sim_crash crash,
                                      const struct sim_contract_gap *gap) {
	bool is_hit = (sim_contract_is_wal_normal(settings, 1) || sim_contract_is_wal_normal(settings, 2)) &&
	              settings->sync_model != VFS_SYNC_STILL_DIRTY;
	bool takes_back = settings->sync_model == VFS_SYNC_BTRFS;
	bool shows = takes_back || gap->dropped || crash == SIM_CRASH_POWER_LOSS;
	if (!is_hit || !shows) {
		return SIM_CONTRACT_NONE;
	}
	return (takes_back ? gap->goes_on : gap->copied) ? SIM_CONTRACT_DETECT : SIM_CONTRACT_PREFIX;
}

bool sim_contract_is_atomic_across_files(enum sim_journal_mode mode, enum sim_synchronous synchronous) {
	/* The super-journal is the rollback journals' own, and is not synced with OFF. */
	return synchronous != SIM_SYNCHRONOUS_OFF &&
	       (mode == SIM_JOURNAL_DELETE || mode == SIM_JOURNAL_TRUNCATE || mode == SIM_JOURNAL_PERSIST);
}

bool sim_contract_files_together(uint32_t modes, enum sim_synchronous synchronous) {
	bool together = true;
	for (int mode = SIM_JOURNAL_NONE + 1; mode < SIM_JOURNAL_COUNT; mode++) {
		bool used = (modes & (1u << mode)) != 0;
		together = together &&
		           (!used || sim_contract_is_atomic_across_files((enum sim_journal_mode)mode, synchronous));
	}
	return together;
}

bool sim_contract_keeps_apart(const struct sim_settings *settings, uint32_t modes) {
	bool needs_index = (modes & 1u << SIM_JOURNAL_WAL) != 0;
	bool excludes = settings->locks == SIM_LOCKS_POSIX || settings->locks == SIM_LOCKS_DOT_FILE;
	return excludes && !(needs_index && settings->own_wal_index);
}

static const char *const sim_contract_names[SIM_CONTRACT_COUNT] = {"none",   "durable", "last_may_roll_back",
                                                                   "prefix", "detect",  "may_corrupt"};

const char *sim_contract_name(enum sim_contract contract) {
	return contract < SIM_CONTRACT_COUNT ? sim_contract_names[contract] : "none";
}

enum sim_contract sim_contract_named(const char *name) {
	for (int contract = SIM_CONTRACT_NONE + 1; contract < SIM_CONTRACT_COUNT; contract++) {
		if (strcmp(sim_contract_names[contract], name) == 0) {
			return (enum sim_contract)contract;
		}
	}
	return SIM_CONTRACT_NONE;
}

const char *sim_contract_crash_name(enum sim_crash crash) {
	static const char *const names[SIM_CRASH_COUNT] = {"none", "kill", "power_loss"};
	return crash < SIM_CRASH_COUNT ? names[crash] : "none";
}

void sim_contract_print(const struct sim_contract_line *line, char text[SIM_CONTRACT_TEXT_SIZE]) {
	static const char *const after[SIM_CRASH_COUNT] = {"", "kill", "power loss"};
	int used = 0;
	for (int crash = SIM_CRASH_KILL; crash < SIM_CRASH_COUNT; crash++) {
		const struct sim_contract_span *span = &line->spans[crash];
		bool demanded = line->demanded[crash] != SIM_CONTRACT_NONE;
		bool spread = !demanded && span->weakest != span->strongest;
		if (span->weakest == SIM_CONTRACT_NONE) {
			continue;
		}
		used += snprintf(
		        text + used, SIM_CONTRACT_TEXT_SIZE - (size_t)used, "%s%s%s%s%s after %s", used > 0 ? ", " : "",
		        sim_contract_name(demanded ? line->demanded[crash] : span->strongest), spread ? " to " : "",
		        spread ? sim_contract_name(span->weakest) : "", demanded ? " demanded" : "", after[crash]);
	}
	if (line->damage) {
		used += snprintf(text + used, SIM_CONTRACT_TEXT_SIZE - (size_t)used, "%sdetect after damage",
		                 used > 0 ? ", " : "");
	}
	if (used == 0) {
		used += snprintf(text, SIM_CONTRACT_TEXT_SIZE, "durable");
	}
	if (line->files != NULL) {
		used += snprintf(text + used, SIM_CONTRACT_TEXT_SIZE - (size_t)used, ", files %s", line->files);
	}
	if (line->locks != NULL) {
		snprintf(text + used, SIM_CONTRACT_TEXT_SIZE - (size_t)used, ", locks %s", line->locks);
	}
}
