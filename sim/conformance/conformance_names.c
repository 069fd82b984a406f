/* sim/conformance/conformance_names.c: the methods of the VFS itself. */
#include "conformance_checks.h"

#include <stdio.h>
#include <string.h>

#define SIM_CHECK_DATABASE "CREATE TABLE t(a)"

enum sim_conformance_verdict sim_check_deletion(struct sim_stage *stage) {
	if (sim_stage_open(stage, 0, SIM_CHECK_DATABASE) == NULL) {
		return SIM_CONFORMS_NOT;
	}
	sim_stage_close(stage, 0);
	sqlite3_vfs *vfs = sim_stage_enter(stage, 0);
	int code = vfs->xDelete(vfs, SIM_STAGE_PATH, 1);
	int again = vfs->xDelete(vfs, SIM_STAGE_PATH, 1);
	bool is_there = vfs_disk_exists(stage->disk, SIM_STAGE_PATH);
	return sim_check_says((code == SQLITE_OK && again == SQLITE_IOERR_DELETE_NOENT && !is_there) ||
	                      sim_stage_refuse(stage,
	                                       "xDelete gives %d, then %d, expected 0 and "
	                                       "SQLITE_IOERR_DELETE_NOENT; the file is %s",
	                                       code, again, is_there ? "there" : "gone"));
}

enum sim_conformance_verdict sim_check_access(struct sim_stage *stage) {
	int there = -1;
	int absent = -1;
	if (sim_stage_open(stage, 0, SIM_CHECK_DATABASE) == NULL) {
		return SIM_CONFORMS_NOT;
	}
	sqlite3_vfs *vfs = sim_stage_enter(stage, 0);
	int code = vfs->xAccess(vfs, SIM_STAGE_PATH, SQLITE_ACCESS_EXISTS, &there);
	code = code == SQLITE_OK ? vfs->xAccess(vfs, "/absent", SQLITE_ACCESS_EXISTS, &absent) : code;
	return sim_check_says((code == SQLITE_OK && there == 1 && absent == 0) ||
	                      sim_stage_refuse(stage, "xAccess says %d of a file, and %d of none", there, absent));
}

enum sim_conformance_verdict sim_check_path(struct sim_stage *stage) {
	char expected[VFS_PATH_MAX + 1] = "";
	char found[VFS_PATH_MAX + 1] = "";
	sqlite3_vfs *vfs = sim_stage_enter(stage, 0);
	sqlite3_vfs *below = sqlite3_vfs_find(vfs_process_name(stage->processes[0]));
	int size = vfs->mxPathname < (int)VFS_PATH_MAX ? vfs->mxPathname : (int)VFS_PATH_MAX;
	int code = below->xFullPathname(below, "a/../b", size, expected);
	code = code == SQLITE_OK ? vfs->xFullPathname(vfs, "a/../b", size, found) : code;
	return sim_check_says(
	        (code == SQLITE_OK && strcmp(expected, found) == 0) ||
	        sim_stage_refuse(stage, "the whole path of a/../b is %.60s, on the disk %.60s", found, expected));
}

/* Whoever has a clock or a source of chance of his own is different in each run. */
enum sim_conformance_verdict sim_check_chance(struct sim_stage *stage) {
	char expected[16] = "";
	char found[16] = "";
	sqlite3_int64 times_ms[2] = {0, 0};
	sqlite3_vfs *vfs = sim_stage_enter(stage, 0);
	sqlite3_vfs *below = sqlite3_vfs_find(vfs_process_name(stage->processes[0]));
	below->xRandomness(below, sizeof expected, expected);
	vfs->xRandomness(vfs, sizeof found, found);
	below->xCurrentTimeInt64(below, &times_ms[0]);
	if (vfs->iVersion >= 2 && vfs->xCurrentTimeInt64 != NULL) {
		vfs->xCurrentTimeInt64(vfs, &times_ms[1]);
	} else {
		double days = 0;
		vfs->xCurrentTime(vfs, &days);
		times_ms[1] = (sqlite3_int64)(days * 86400000.0 + 0.5);
	}
	stage->calls[VFS_METHOD_SLEEP] = 0;
	vfs->xSleep(vfs, 1000);
	const char *wrong = memcmp(expected, found, sizeof expected) != 0 ? "xRandomness"
	                    : times_ms[0] / 10 != times_ms[1] / 10        ? "xCurrentTime"
	                    : stage->calls[VFS_METHOD_SLEEP] != 1         ? "xSleep"
	                                                                  : NULL;
	return sim_check_says(
	        wrong == NULL ||
	        sim_stage_refuse(stage, "%s is not that of the VFS below: no run would be repeated", wrong));
}
