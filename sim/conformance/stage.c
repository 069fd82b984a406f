/* sim/conformance/stage.c: see stage.h. */
#include "stage.h"

#include "subject_memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_STAGE_SEED 1
#define SIM_STAGE_NOW_NS INT64_C(1700000000000000000)

bool sim_stage_refuse(const struct sim_stage *stage, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(stage->why, stage->why_size, format, arguments);
	va_end(arguments);
	return false;
}

/* ---- hooks ----------------------------------------------------------------------------------- */

static void sim_stage_before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	struct sim_stage *stage = context;
	stage->calls[call->method]++;
	stage->flags = call->method == VFS_METHOD_SYNC ? call->flags : stage->flags;
	if (stage->fails != VFS_METHOD_NONE && call->method == stage->fails) {
		stage->fails = VFS_METHOD_NONE;
		answer->effect = VFS_EFFECT_BEFORE;
		answer->result = stage->fails_as;
	}
}

static int64_t sim_stage_now(void *context) {
	(void)context;
	return SIM_STAGE_NOW_NS;
}

static uint64_t sim_stage_keep_nothing(void *context, enum vfs_choice choice, uint64_t count) {
	(void)context;
	(void)choice;
	(void)count;
	return 0;
}

/* ---- processes ------------------------------------------------------------------------------- */

sqlite3_vfs *sim_stage_enter(const struct sim_stage *stage, uint32_t process) {
	(void)stage;
	if (process != subject_vfs_process()) {
		subject_vfs_leave();
		subject_memory_enter(process);
		subject_vfs_arrive(process);
	}
	return sqlite3_vfs_find(subject_vfs_name(process));
}

static bool sim_stage_begin(struct sim_stage *stage, uint32_t number) {
	const struct vfs_hooks hooks = {.context = stage,
	                                .before = sim_stage_before,
	                                .now_ns = sim_stage_now,
	                                .chooser = sim_stage_keep_nothing};
	char name[16];
	snprintf(name, sizeof name, "stage-%u", number);
	stage->processes[number] = vfs_process_create(stage->disk, name, &hooks);
	if (stage->processes[number] == NULL) {
		return sim_stage_refuse(stage, "out of memory for a process");
	}
	subject_vfs_leave();
	subject_memory_begin(number);
	subject_vfs_arrive(number);
	sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, SIM_STAGE_SEED + (int)number, NULL);
	return subject_vfs_put(stage->own, name, stage->why, stage->why_size);
}

bool sim_stage_init(struct sim_stage *stage, const struct subject_extension *own, uint32_t count, char *why,
                    size_t why_size) {
	const struct vfs_disk_options options = {.sector_size_bytes = 4096};
	*stage = (struct sim_stage){.own = own, .why = why, .why_size = why_size};
	stage->disk = vfs_disk_create(&options);
	bool begun = (stage->disk != NULL && vfs_disk_make_directory(stage->disk, SIM_STAGE_FOLDER) == VFS_OK &&
	              vfs_disk_sync_directory(stage->disk, "/") == VFS_OK) ||
	             sim_stage_refuse(stage, "out of memory for a disk");
	for (uint32_t i = 0; i < count && begun; i++) {
		begun = sim_stage_begin(stage, i);
	}
	return begun;
}

/* ---- a database ------------------------------------------------------------------------------ */

bool sim_stage_run(struct sim_stage *stage, uint32_t process, const char *statements) {
	char *message = NULL;
	sim_stage_enter(stage, process);
	int code = sqlite3_exec(stage->connections[process], statements, NULL, NULL, &message);
	if (code != SQLITE_OK) {
		sim_stage_refuse(stage, "%.80s: %.120s (%d)", statements,
		                 message != NULL ? message : sqlite3_errstr(code), code);
	}
	sqlite3_free(message);
	return code == SQLITE_OK;
}

int64_t sim_stage_ask(struct sim_stage *stage, uint32_t process, const char *statement) {
	sqlite3_stmt *asked = NULL;
	int64_t answer = -1;
	sim_stage_enter(stage, process);
	int code = sqlite3_prepare_v2(stage->connections[process], statement, -1, &asked, NULL);
	code = code == SQLITE_OK ? sqlite3_step(asked) : code;
	if (code == SQLITE_ROW) {
		answer = sqlite3_column_int64(asked, 0);
	} else {
		sim_stage_refuse(stage, "%.80s: %.120s (%d)", statement, sqlite3_errmsg(stage->connections[process]),
		                 code);
	}
	sqlite3_finalize(asked);
	return answer;
}

sqlite3_file *sim_stage_open(struct sim_stage *stage, uint32_t process, const char *statements) {
	sqlite3_file *file = NULL;
	const sqlite3_vfs *vfs = sim_stage_enter(stage, process);
	int code = sqlite3_open_v2(SIM_STAGE_PATH, &stage->connections[process],
	                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs->zName);
	if (code != SQLITE_OK) {
		sim_stage_refuse(stage, "a database cannot be opened: %.120s (%d)",
		                 sqlite3_errmsg(stage->connections[process]), code);
		return NULL;
	}
	if (!sim_stage_run(stage, process, statements)) {
		return NULL;
	}
	sqlite3_file_control(stage->connections[process], "main", SQLITE_FCNTL_FILE_POINTER, &file);
	return file;
}

void sim_stage_close(struct sim_stage *stage, uint32_t process) {
	sim_stage_enter(stage, process);
	sqlite3_close(stage->connections[process]);
	stage->connections[process] = NULL;
}

/* ---- ends ------------------------------------------------------------------------------------ */

static void sim_stage_end(struct sim_stage *stage, uint32_t number) {
	if (stage->processes[number] != NULL) {
		sim_stage_close(stage, number);
		subject_vfs_take(number);
		vfs_process_destroy(stage->processes[number]);
		stage->processes[number] = NULL;
	}
}

bool sim_stage_kill(struct sim_stage *stage, uint32_t process) {
	vfs_process_kill(stage->processes[process]);
	sim_stage_end(stage, process);
	return sim_stage_begin(stage, process);
}

bool sim_stage_lose_power(struct sim_stage *stage) {
	for (uint32_t i = 0; i < SIM_STAGE_PROCESSES; i++) {
		if (stage->processes[i] != NULL) {
			vfs_process_kill(stage->processes[i]);
		}
		sim_stage_end(stage, i);
	}
	vfs_disk_power_loss(stage->disk, sim_stage_keep_nothing, NULL);
	return sim_stage_begin(stage, 0);
}

void sim_stage_deinit(struct sim_stage *stage) {
	for (uint32_t i = 0; i < SIM_STAGE_PROCESSES; i++) {
		sim_stage_end(stage, i);
	}
	sqlite3_reset_auto_extension();
	vfs_disk_destroy(stage->disk);
}
