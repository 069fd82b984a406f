/* tests/vfs/test_injection.c: any legal answer at any call, on every kind of disk. SQLite works,
 * often fails, reopens, is killed and loses power; nothing is asked of its data (outside its
 * assumptions anything may come), but the disk keeps its invariants, and the same seed gives the
 * same run. A failure prints the seed. The argument is the number of seeds, 400 without.
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

static uint64_t seed_count = 400;

struct run {
	struct fixture fixture; /* first: the hooks' context is both */
	struct fixture_random chance;
	struct vfs_process *process;
	struct vfs_disk *past; /* for stale reads */
	uint64_t percent;      /* of the calls get a fault */
	uint64_t hash;         /* of all calls and their results */
	uint64_t *injections;  /* by effect */
};

static uint64_t draw(struct run *run, uint64_t count) {
	return fixture_random_below(&run->chance, count);
}

static void mix(struct run *run, uint64_t value) {
	run->hash = (run->hash ^ value) * UINT64_C(0x100000001b3);
}

/* Some answer, legal or not. */
static struct vfs_answer draw_answer(struct run *run, const struct vfs_call *call) {
	const int *codes = vfs_effect_row(call->method)->codes;
	struct vfs_answer answer = {.effect = (enum vfs_effect)draw(run, VFS_EFFECT_COUNT),
	                            .mask = (uint8_t)(1 + draw(run, 255)),
	                            .die = draw(run, 40) == 0,
	                            .offset = draw(run, 20000),
	                            .path = draw(run, 2) == 0 ? "/db" : NULL,
	                            .past = draw(run, 2) == 0 ? run->past : NULL};
	if (answer.effect >= VFS_EFFECT_BEFORE && answer.effect <= VFS_EFFECT_AFTER) {
		answer.result = codes[draw(run, sizeof vfs_effect_row(call->method)->codes / sizeof *codes)];
	}
	if (call->size > 0) {
		answer.partial_bytes = (uint32_t)draw(run, call->size);
	}
	return answer;
}

static void before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	struct run *run = context;
	if (draw(run, 100) >= run->percent) {
		return;
	}
	struct vfs_answer drawn = draw_answer(run, call);
	bool has_target = drawn.effect != VFS_EFFECT_MISDIRECTED || drawn.path == NULL ||
	                  vfs_disk_exists(run->fixture.disk, drawn.path);
	if (!has_target || !vfs_answer_is_legal(call, &drawn)) {
		return;
	}
	*answer = drawn;
	run->injections[drawn.effect]++;
}

static void after(void *context, const struct vfs_call *call, int result, uint64_t value) {
	struct run *run = context;
	mix(run, call->method);
	mix(run, (uint64_t)(unsigned)result);
	mix(run, value);
}

static struct vfs_disk_options draw_options(struct run *run) {
	static const uint32_t characteristics[] = {SQLITE_IOCAP_POWERSAFE_OVERWRITE, SQLITE_IOCAP_SAFE_APPEND,
	                                           SQLITE_IOCAP_SEQUENTIAL, SQLITE_IOCAP_ATOMIC4K};
	struct vfs_disk_options options = {.sector_size_bytes = draw(run, 2) == 0 ? 512 : 4096,
	                                   .capacity_bytes = draw(run, 3) == 0 ? 40 * 4096 : 0,
	                                   .names_free = draw(run, 2) == 0,
	                                   .truncate_free = draw(run, 2) == 0,
	                                   .garbage = draw(run, 2) == 0,
	                                   .sync_model = (enum vfs_sync_model)draw(run, VFS_SYNC_MODEL_COUNT)};
	for (size_t index = 0; index < sizeof characteristics / sizeof *characteristics; index++) {
		options.device_characteristics |= draw(run, 3) == 0 ? characteristics[index] : 0;
		options.kept_characteristics |= draw(run, 3) == 0 ? characteristics[index] : 0;
	}
	return options;
}

/* ---- one run --------------------------------------------------------------------------------- */

static void work(struct run *run, sqlite3 *database) {
	static const char *const statements[] = {
	        "CREATE TABLE IF NOT EXISTS t(a INTEGER PRIMARY KEY, b); CREATE INDEX IF NOT EXISTS i ON t(b)",
	        "INSERT INTO t(b) VALUES(randomblob(3000))",
	        "BEGIN; INSERT INTO t(b) VALUES(zeroblob(9000)); UPDATE t SET b = a WHERE a % 3 = 0; COMMIT",
	        "ROLLBACK",
	        "DELETE FROM t WHERE a % 2 = 0",
	        "SELECT sum(length(b)) FROM t",
	        "PRAGMA wal_checkpoint(TRUNCATE)",
	        "VACUUM",
	        "PRAGMA journal_mode=WAL",
	        "PRAGMA journal_mode=DELETE",
	        "PRAGMA journal_mode=PERSIST",
	        "PRAGMA journal_mode=TRUNCATE",
	        "PRAGMA synchronous=NORMAL",
	        "PRAGMA cache_size=3",
	};
	for (int count = 0; count < 12 && !vfs_process_is_dead(run->process); count++) {
		const char *sql = statements[draw(run, sizeof statements / sizeof *statements)];
		mix(run, (uint64_t)(unsigned)fixture_run(database, sql));
		vfs_assert(run->fixture.disk);
	}
}

static void live(struct run *run) {
	sqlite3 *database = NULL;
	run->process = vfs_process_create(run->fixture.disk, "process", &run->fixture.hooks);
	(void)sqlite3_open_v2("/db", &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "process");
	work(run, database);
	if (draw(run, 2) == 0) {
		vfs_process_kill(run->process);
	}
	sqlite3_close(database);
	assert_int_equal(vfs_process_open_files(run->process), 0);
	vfs_process_destroy(run->process);
	vfs_assert(run->fixture.disk);
}

/* What happens to a disk that nobody uses. */
static void treat(struct run *run) {
	struct vfs_disk *disk = run->fixture.disk;
	switch (draw(run, 5)) {
	case 0:
		(void)vfs_disk_evict(disk, "/db");
		break;
	case 1:
		(void)vfs_disk_break(disk, "/db", draw(run, 9000), draw(run, 9000));
		break;
	case 2:
		vfs_disk_destroy(run->past);
		run->past = vfs_disk_snapshot(disk);
		break;
	default:
		vfs_disk_power_loss(disk, fixture_choose_random, &run->chance);
		break;
	}
	vfs_assert(disk);
}

static uint64_t play(uint64_t seed, uint64_t *injections) {
	struct run run = {.chance = {seed}, .injections = injections};
	struct vfs_disk_options options = draw_options(&run);
	fixture_init(&run.fixture, &options, seed);
	run.fixture.hooks.before = before;
	run.fixture.hooks.after = after;
	run.past = vfs_disk_snapshot(run.fixture.disk);
	run.percent = draw(&run, 3) == 0 ? 10 : 2;
	for (int life = 0; life < 6; life++) {
		live(&run);
		treat(&run);
	}
	vfs_disk_destroy(run.past);
	fixture_deinit(&run.fixture);
	return run.hash;
}

static void must_be_repeatable(uint64_t seed, uint64_t injected[VFS_EFFECT_COUNT]) {
	uint64_t hash = play(seed, injected);
	if (hash != play(seed, injected)) {
		fail_msg("seed %llu: two runs differ", (unsigned long long)seed);
	}
}

static void any_legal_answer_keeps_the_invariants_and_the_run_repeatable(void **state) {
	(void)state;
	uint64_t injected[VFS_EFFECT_COUNT] = {0};
	for (uint64_t seed = 1; seed <= seed_count; seed++) {
		must_be_repeatable(seed, injected);
	}
	for (int effect = VFS_EFFECT_BEFORE; effect < VFS_EFFECT_COUNT; effect++) {
		print_message("%s: %llu\n", vfs_effect_name((enum vfs_effect)effect),
		              (unsigned long long)injected[effect]);
		assert_true(injected[effect] > 0);
	}
}

int main(int argument_count, char **arguments) {
	if (argument_count > 1) {
		seed_count = strtoull(arguments[1], NULL, 10);
	}
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(any_legal_answer_keeps_the_invariants_and_the_run_repeatable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
