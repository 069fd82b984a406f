/* tests/vfs/fixture.c: see fixture.h. */
#include "fixture.h"

#include <string.h>

const struct vfs_disk_options fixture_options = {.sector_size_bytes = 512,
                                                 .device_characteristics = SQLITE_IOCAP_POWERSAFE_OVERWRITE};

uint64_t fixture_random_next(struct fixture_random *random) {
	uint64_t value = (random->state += UINT64_C(0x9e3779b97f4a7c15));
	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return value ^ (value >> 31);
}

uint64_t fixture_random_below(struct fixture_random *random, uint64_t count) {
	return fixture_random_next(random) % count;
}

uint64_t fixture_choose_random(void *context, enum vfs_choice choice, uint64_t count) {
	(void)choice;
	return fixture_random_below(context, count);
}

uint64_t fixture_choose_nothing(void *context, enum vfs_choice choice, uint64_t count) {
	(void)context;
	(void)choice;
	(void)count;
	return 0;
}

uint64_t fixture_choose_everything(void *context, enum vfs_choice choice, uint64_t count) {
	(void)context;
	return choice == VFS_CHOICE_NAMES ? count - 1 : 1;
}

uint64_t fixture_choose_script(void *context, enum vfs_choice choice, uint64_t count) {
	struct fixture_script *script = context;
	script->asked[choice]++;
	return script->answers[choice] < count ? script->answers[choice] : count - 1;
}

/* ---- hooks ----------------------------------------------------------------------------------- */

static void before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	struct fixture *fixture = context;
	assert_int_equal(answer->effect, VFS_EFFECT_NONE);
	assert_false(answer->die);
	fixture->calls++;
	fixture->method_calls[call->method]++;
	if ((call->method == VFS_METHOD_SYNC && (fixture->lying_syncs & (1u << call->file_kind)) != 0) ||
	    (call->method == VFS_METHOD_DELETE && fixture->lying_deletes && call->flags != 0)) {
		answer->effect = VFS_EFFECT_LIE;
	}
	if (fixture->method != VFS_METHOD_NONE && fixture->method != call->method) {
		return;
	}
	if (fixture->file_kind != VFS_FILE_NONE && fixture->file_kind != call->file_kind) {
		return;
	}
	if (fixture->flags != 0 && fixture->flags != call->flags) {
		return;
	}
	fixture->matched++;
	bool is_due =
	        fixture->lasting ? fixture->matched >= fixture->inject_at : fixture->matched == fixture->inject_at;
	if (fixture->inject_at == 0 || !is_due) {
		return;
	}
	fixture->injected = true;
	*answer = fixture->answer;
	if (call->method == VFS_METHOD_WRITE && answer->effect == VFS_EFFECT_PARTIAL) {
		answer->partial_bytes = (uint32_t)fixture_random_below(&fixture->random, call->size);
	}
	if (call->method == VFS_METHOD_LOCK && answer->effect == VFS_EFFECT_PARTIAL &&
	    !vfs_answer_is_legal(call, answer)) {
		answer->effect = VFS_EFFECT_BEFORE; /* only EXCLUSIVE has a half */
	}
}

static void after(void *context, const struct vfs_call *call, int result, uint64_t value) {
	struct fixture *fixture = context;
	(void)call;
	fixture->told++;
	fixture->last_result = result;
	fixture->last_value = value;
}

static void died(void *context, struct vfs_process *process) {
	struct fixture *fixture = context;
	assert_true(vfs_process_is_dead(process));
	fixture->deaths++;
}

static int64_t now_ns(void *context) {
	return ((struct fixture *)context)->now_ns;
}

static void sleep_ns(void *context, int64_t duration_ns) {
	((struct fixture *)context)->now_ns += duration_ns;
}

static void random_bytes(void *context, void *buffer, size_t size_bytes) {
	struct fixture *fixture = context;
	for (size_t index = 0; index < size_bytes; index++) {
		((uint8_t *)buffer)[index] = (uint8_t)fixture_random_next(&fixture->random);
	}
}

static uint64_t choose(void *context, enum vfs_choice choice, uint64_t count) {
	return fixture_choose_random(&((struct fixture *)context)->random, choice, count);
}

void fixture_init(struct fixture *fixture, const struct vfs_disk_options *options, uint64_t seed) {
	memset(fixture, 0, sizeof *fixture);
	fixture->random.state = seed;
	/* SQLite's own generator otherwise starts from the clock of the machine. 0 would mean
	 * that. */
	assert_int_equal(sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)(seed % 1000000007 + 1), NULL),
	                 SQLITE_OK);
	fixture->now_ns = INT64_C(1700000000000000000);
	fixture->disk = vfs_disk_create(options);
	assert_non_null(fixture->disk);
	fixture->hooks = (struct vfs_hooks){.context = fixture,
	                                    .before = before,
	                                    .after = after,
	                                    .died = died,
	                                    .now_ns = now_ns,
	                                    .sleep = sleep_ns,
	                                    .random = random_bytes,
	                                    .chooser = choose};
}

void fixture_deinit(struct fixture *fixture) {
	vfs_assert(fixture->disk);
	vfs_disk_destroy(fixture->disk);
	fixture->disk = NULL;
}

int fixture_usual_error(enum vfs_method method) {
	return vfs_effect_row(method)->codes[0];
}

/* ---- SQL ------------------------------------------------------------------------------------- */

sqlite3 *fixture_open(const struct vfs_process *process, const char *path) {
	sqlite3 *database = NULL;
	int result =
	        sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs_process_name(process));
	assert_int_equal(result, SQLITE_OK);
	sqlite3_extended_result_codes(database, 1);
	return database;
}

int fixture_run(sqlite3 *database, const char *sql) {
	return sqlite3_exec(database, sql, NULL, NULL, NULL);
}

void fixture_must_run(sqlite3 *database, const char *sql) {
	int result = fixture_run(database, sql);
	if (result != SQLITE_OK) {
		fail_msg("%s: %s (%d)", sql, sqlite3_errmsg(database), result);
	}
}

int64_t fixture_query(sqlite3 *database, const char *sql) {
	sqlite3_stmt *statement = NULL;
	int64_t value = -1;
	if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW) {
		value = sqlite3_column_int64(statement, 0);
	}
	sqlite3_finalize(statement);
	return value;
}

bool fixture_is_intact(sqlite3 *database) {
	sqlite3_stmt *statement = NULL;
	bool intact = false;
	if (sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW) {
		intact = strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
	}
	sqlite3_finalize(statement);
	return intact;
}
