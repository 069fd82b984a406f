/* sim/conformance/conformance_locks.c: locks between two processes, and the memory that they
 * share. */
#include "conformance_checks.h"

#include <stdio.h>
#include <string.h>

/* One of the processes asks for a level, or gives up what is above it, and that must come out. */
struct sim_check_move {
	uint32_t process;
	bool locks;
	int level;
	int expected;
};

#define SIM_CHECK_LOCK(process, level, expected)                                                                       \
	{ process, true, SQLITE_LOCK_##level, expected }
#define SIM_CHECK_UNLOCK(process, level)                                                                               \
	{ process, false, SQLITE_LOCK_##level, SQLITE_OK }

static bool sim_check_open_both(struct sim_stage *stage, sqlite3_file *files[2]) {
	files[0] = sim_stage_open(stage, 0, "CREATE TABLE t(a)");
	files[1] = files[0] != NULL ? sim_stage_open(stage, 1, "PRAGMA user_version") : NULL;
	return files[1] != NULL;
}

static bool sim_check_moves(struct sim_stage *stage, sqlite3_file *files[2], const struct sim_check_move *moves,
                            size_t count) {
	static const char *const levels[] = {"NONE", "SHARED", "RESERVED", "PENDING", "EXCLUSIVE"};
	for (size_t i = 0; i < count; i++) {
		const struct sim_check_move *move = &moves[i];
		sqlite3_file *file = files[move->process];
		sim_stage_enter(stage, move->process);
		int code = move->locks ? file->pMethods->xLock(file, move->level)
		                       : file->pMethods->xUnlock(file, move->level);
		if (code != move->expected) {
			return sim_stage_refuse(stage, "move %zu: %s(%s) of process %u gives %d, expected %d", i + 1,
			                        move->locks ? "xLock" : "xUnlock", levels[move->level],
			                        move->process + 1, code, move->expected);
		}
	}
	return true;
}

enum sim_conformance_verdict sim_check_exclusive(struct sim_stage *stage) {
	static const struct sim_check_move moves[] = {SIM_CHECK_LOCK(0, SHARED, SQLITE_OK),
	                                              SIM_CHECK_LOCK(0, RESERVED, SQLITE_OK),
	                                              SIM_CHECK_LOCK(0, EXCLUSIVE, SQLITE_OK),
	                                              SIM_CHECK_LOCK(1, SHARED, SQLITE_BUSY),
	                                              SIM_CHECK_UNLOCK(0, NONE),
	                                              SIM_CHECK_LOCK(1, SHARED, SQLITE_OK),
	                                              SIM_CHECK_UNLOCK(1, NONE)};
	sqlite3_file *files[2];
	return sim_check_says(sim_check_open_both(stage, files) &&
	                      sim_check_moves(stage, files, moves, sizeof moves / sizeof moves[0]));
}

static bool sim_check_is_reserved(struct sim_stage *stage, sqlite3_file *file, int expected) {
	int is_reserved = -1;
	sim_stage_enter(stage, 1);
	int code = file->pMethods->xCheckReservedLock(file, &is_reserved);
	return (code == SQLITE_OK && is_reserved == expected) ||
	       sim_stage_refuse(stage, "xCheckReservedLock says %d, expected %d", is_reserved, expected);
}

enum sim_conformance_verdict sim_check_reserved(struct sim_stage *stage) {
	static const struct sim_check_move taken[] = {SIM_CHECK_LOCK(0, SHARED, SQLITE_OK),
	                                              SIM_CHECK_LOCK(0, RESERVED, SQLITE_OK)};
	static const struct sim_check_move refused[] = {SIM_CHECK_LOCK(1, SHARED, SQLITE_OK),
	                                                SIM_CHECK_LOCK(1, RESERVED, SQLITE_BUSY),
	                                                SIM_CHECK_UNLOCK(1, NONE), SIM_CHECK_UNLOCK(0, NONE)};
	sqlite3_file *files[2];
	return sim_check_says(sim_check_open_both(stage, files) && sim_check_is_reserved(stage, files[1], 0) &&
	                      sim_check_moves(stage, files, taken, sizeof taken / sizeof taken[0]) &&
	                      sim_check_is_reserved(stage, files[1], 1) &&
	                      sim_check_moves(stage, files, refused, sizeof refused / sizeof refused[0]) &&
	                      sim_check_is_reserved(stage, files[1], 0));
}

enum sim_conformance_verdict sim_check_unlock(struct sim_stage *stage) {
	static const struct sim_check_move moves[] = {
	        SIM_CHECK_LOCK(0, SHARED, SQLITE_OK),      SIM_CHECK_LOCK(0, RESERVED, SQLITE_OK),
	        SIM_CHECK_LOCK(0, EXCLUSIVE, SQLITE_OK),   SIM_CHECK_UNLOCK(0, SHARED),
	        SIM_CHECK_LOCK(1, SHARED, SQLITE_OK),      SIM_CHECK_LOCK(1, RESERVED, SQLITE_OK),
	        SIM_CHECK_LOCK(1, EXCLUSIVE, SQLITE_BUSY), SIM_CHECK_UNLOCK(0, NONE),
	        SIM_CHECK_LOCK(1, EXCLUSIVE, SQLITE_OK),   SIM_CHECK_UNLOCK(1, NONE)};
	sqlite3_file *files[2];
	return sim_check_says(sim_check_open_both(stage, files) &&
	                      sim_check_moves(stage, files, moves, sizeof moves / sizeof moves[0]));
}

/* ---- the index of a WAL ---------------------------------------------------------------------- */

static int sim_check_shm_lock(struct sim_stage *stage, sqlite3_file *file, uint32_t process, int flags) {
	sim_stage_enter(stage, process);
	return file->pMethods->xShmLock(file, 0, 1, flags);
}

static bool sim_check_shm_locks(struct sim_stage *stage, sqlite3_file *files[2]) {
	int takes = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;
	int gives = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;
	int mine = sim_check_shm_lock(stage, files[0], 0, takes);
	int refused = sim_check_shm_lock(stage, files[1], 1, takes);
	sim_check_shm_lock(stage, files[0], 0, gives);
	int theirs = sim_check_shm_lock(stage, files[1], 1, takes);
	sim_check_shm_lock(stage, files[1], 1, gives);
	return (mine == SQLITE_OK && refused == SQLITE_BUSY && theirs == SQLITE_OK) ||
	       sim_stage_refuse(stage, "xShmLock gives %d, %d to the other process, and %d to it later", mine, refused,
	                        theirs);
}

enum sim_conformance_verdict sim_check_index(struct sim_stage *stage) {
	void volatile *regions[2] = {NULL, NULL};
	sqlite3_file *files[2];
	if (!sim_check_open_both(stage, files)) {
		return SIM_CONFORMS_NOT;
	}
	if (files[0]->pMethods->iVersion < 2 || files[0]->pMethods->xShmMap == NULL) {
		sim_stage_refuse(stage, "has no xShmMap, so there can be no WAL");
		return SIM_CONFORMS_WITHOUT;
	}
	int code = SQLITE_OK;
	for (uint32_t i = 0; i < 2 && code == SQLITE_OK; i++) {
		sim_stage_enter(stage, i);
		code = files[i]->pMethods->xShmMap(files[i], 0, 32768, 1, &regions[i]);
	}
	bool holds = code == SQLITE_OK || sim_stage_refuse(stage, "xShmMap gives %d", code);
	if (holds) {
		((unsigned char volatile *)regions[0])[20000] = 0xa5;
		holds = ((unsigned char volatile *)regions[1])[20000] == 0xa5 ||
		        sim_stage_refuse(stage, "another process does not see what is written there");
	}
	holds = holds && sim_check_shm_locks(stage, files);
	for (uint32_t i = 0; i < 2; i++) {
		sim_stage_enter(stage, i);
		files[i]->pMethods->xShmUnmap(files[i], 1);
	}
	return sim_check_says(holds);
}
