/* sim/conformance/conformance_databases.c: SQLite itself on that VFS. */
#include "conformance_checks.h"

#include <stdio.h>

#define SIM_CHECK_MORE "INSERT INTO t SELECT randomblob(300) FROM t LIMIT 200"

static bool sim_check_rows(struct sim_stage *stage, int64_t expected, const char *after) {
	int64_t rows = sim_stage_ask(stage, 0, "SELECT count(*) FROM t");
	int64_t sound = sim_stage_ask(stage, 0,
	                              "SELECT count(*) FROM pragma_integrity_check "
	                              "WHERE integrity_check = 'ok'");
	if (rows < 0 || sound < 0) {
		return false; /* it has been said */
	}
	return (rows == expected && sound == 1) ||
	       sim_stage_refuse(stage, "%s there are %lld rows, expected %lld%s", after, (long long)rows,
	                        (long long)expected, sound == 1 ? "" : ", and the integrity check fails");
}

static bool sim_check_reopen(struct sim_stage *stage) {
	sim_stage_close(stage, 0);
	return sim_stage_open(stage, 0, "PRAGMA user_version") != NULL;
}

/* In all journal modes that it offers. */
enum sim_conformance_verdict sim_check_sound(struct sim_stage *stage) {
	static const char *const modes[] = {"PRAGMA journal_mode=delete", "PRAGMA journal_mode=truncate",
	                                    "PRAGMA journal_mode=persist", "PRAGMA journal_mode=wal"};
	bool holds = sim_stage_open(stage, 0, "CREATE TABLE t(a); INSERT INTO t VALUES(1)") != NULL;
	int64_t rows = 1;
	for (size_t i = 0; i < sizeof modes / sizeof modes[0] && holds; i++) {
		holds = sim_stage_run(stage, 0, modes[i]) && sim_stage_run(stage, 0, SIM_CHECK_MORE) &&
		        sim_stage_run(stage, 0, "BEGIN; DELETE FROM t; ROLLBACK") &&
		        sim_stage_run(stage, 0, "VACUUM") && sim_check_reopen(stage);
		rows *= 2;
		holds = holds && sim_check_rows(stage, rows, modes[i]);
	}
	return sim_check_says(holds);
}

/* The process is killed in a transaction of which pages are in the file already. */
static bool sim_check_killed(struct sim_stage *stage, const char *mode) {
	return sim_stage_open(stage, 0, mode) != NULL &&
	       sim_stage_run(stage, 0, "CREATE TABLE t(a); INSERT INTO t VALUES(zeroblob(20000))") &&
	       sim_stage_run(stage, 0,
	                     "PRAGMA cache_size=2; PRAGMA cache_spill=1; BEGIN; "
	                     "UPDATE t SET a = randomblob(200000)") &&
	       sim_stage_kill(stage, 0) && sim_stage_open(stage, 0, "PRAGMA user_version") != NULL &&
	       sim_check_rows(stage, 1, "after a kill") &&
	       (sim_stage_ask(stage, 0, "SELECT length(a) FROM t") == 20000 ||
	        sim_stage_refuse(stage, "after a kill there is what was not committed"));
}

enum sim_conformance_verdict sim_check_hot_journal(struct sim_stage *stage) {
	return sim_check_says(sim_check_killed(stage, "PRAGMA journal_mode=delete"));
}

static bool sim_check_has_wal(struct sim_stage *stage) {
	return sim_stage_open(stage, 0, "PRAGMA journal_mode=wal") != NULL &&
	       sim_stage_ask(stage, 0, "SELECT journal_mode = 'wal' FROM pragma_journal_mode") == 1;
}

enum sim_conformance_verdict sim_check_wal(struct sim_stage *stage) {
	if (!sim_check_has_wal(stage)) {
		sim_stage_refuse(stage, "there can be no WAL");
		return SIM_CONFORMS_WITHOUT;
	}
	sim_stage_close(stage, 0);
	return sim_check_says(sim_check_killed(stage, "PRAGMA journal_mode=wal"));
}

/* With the strongest settings nothing that was committed may be lost. */
enum sim_conformance_verdict sim_check_power(struct sim_stage *stage) {
	static const char *const modes[] = {"PRAGMA journal_mode=delete; PRAGMA synchronous=extra",
	                                    "PRAGMA journal_mode=truncate; PRAGMA synchronous=full",
	                                    "PRAGMA journal_mode=wal; PRAGMA synchronous=full"};
	int64_t rows = 1;
	bool holds = sim_stage_open(stage, 0, "PRAGMA synchronous=extra; CREATE TABLE t(a); INSERT INTO t VALUES(1)") !=
	             NULL;
	for (size_t i = 0; i < sizeof modes / sizeof modes[0] && holds; i++) {
		rows *= 2;
		holds = sim_stage_run(stage, 0, modes[i]) && sim_stage_run(stage, 0, SIM_CHECK_MORE) &&
		        sim_stage_lose_power(stage) && sim_stage_open(stage, 0, "PRAGMA user_version") != NULL &&
		        sim_check_rows(stage, rows, "after a power loss");
	}
	return sim_check_says(holds);
}
