/* sim/conformance/conformance.c: see conformance.h. The checks of files are made on the handles
 * that SQLite itself has opened, since a VFS may rely on what SQLite keeps beside a name. */
#include "conformance.h"

#include "conformance_checks.h"

#include <stdio.h>

static const struct sim_conformance_row sim_conformance_rows[] = {
        {"page_reads_as_written", sim_check_page, 2},
        {"short_read_is_zero_filled", sim_check_short_read, 1},
        {"size_is_what_was_written", sim_check_size, 1},
        {"truncation_reaches_the_disk", sim_check_truncation, 1},
        {"sync_reaches_the_disk", sim_check_sync, 1},
        {"deletion_reaches_the_disk", sim_check_deletion, 1},
        {"access_is_that_of_the_disk", sim_check_access, 1},
        {"path_is_that_of_the_disk", sim_check_path, 1},
        {"errors_are_told", sim_check_errors, 1},
        {"file_controls_are_passed_on", sim_check_controls, 1},
        {"no_more_is_promised_than_by_the_disk", sim_check_characteristics, 1},
        {"mapping_is_what_is_read", sim_check_mapping, 1},
        {"time_and_chance_are_passed_on", sim_check_chance, 1},
        {"exclusive_lock_keeps_others_off", sim_check_exclusive, 2},
        {"reserved_lock_is_seen", sim_check_reserved, 2},
        {"unlocking_goes_down_to_shared", sim_check_unlock, 2},
        {"wal_index_is_shared", sim_check_index, 2},
        {"databases_are_sound", sim_check_sound, 1},
        {"hot_journal_is_played_back", sim_check_hot_journal, 1},
        {"wal_is_recovered", sim_check_wal, 1},
        {"commits_outlive_the_power", sim_check_power, 1},
};

#define SIM_CONFORMANCE_COUNT (sizeof sim_conformance_rows / sizeof sim_conformance_rows[0])

const char *sim_conformance_name(uint32_t number) {
	return number < SIM_CONFORMANCE_COUNT ? sim_conformance_rows[number].name : NULL;
}

enum sim_conformance_verdict sim_conformance_check(const struct subject_extension *own, uint32_t number,
                                                   char why[SIM_CONFORMANCE_WHY_SIZE]) {
	const struct sim_conformance_row *row = &sim_conformance_rows[number];
	enum sim_conformance_verdict verdict = SIM_CONFORMS_NOT;
	struct sim_stage stage;
	why[0] = '\0';
	if (sim_stage_init(&stage, own, row->processes, why, SIM_CONFORMANCE_WHY_SIZE)) {
		verdict = row->check(&stage);
	}
	sim_stage_deinit(&stage);
	return verdict;
}

/* What it opens must be open below it, or it has never seen the default VFS. */
bool sim_conformance_try(const char *path, char *why, size_t why_size) {
	struct sim_stage stage;
	const struct subject_extension *own = subject_vfs_load(path, why, why_size);
	if (own == NULL) {
		return false;
	}
	bool begun = sim_stage_init(&stage, own, 1, why, why_size);
	bool works = begun && sim_stage_open(&stage, 0, "PRAGMA user_version") != NULL;
	if (begun && stage.calls[VFS_METHOD_OPEN] == 0) {
		works = sim_stage_refuse(&stage, "opens nothing by the VFS that is the default one while it is loaded, "
		                                 "expected it on top of that");
	}
	sim_stage_deinit(&stage);
	return works;
}
