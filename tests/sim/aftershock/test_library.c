/* tests/sim/aftershock/test_library.c: seeds from a host that has SQLite, threads, handlers and
 * mistakes of its own (S74, S75). */
/* NOLINTNEXTLINE(cert-dcl37-c,bugprone-reserved-identifier,readability-identifier-naming) */
#define _GNU_SOURCE
#include "aftershock.h"
#include "subject_built_in.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Under a sanitizer a fork takes seconds. */
#define TEST_SEEDS 5

static struct aftershock_result result;

static struct aftershock_options options_of(const char *scenario) {
	return (struct aftershock_options){.scenario = scenario, .seeds = TEST_SEEDS, .processes = 2};
}

static void run(const struct aftershock_subject *subject, const char *scenario) {
	const struct aftershock_options options = options_of(scenario);
	memset(&result, 0xff, sizeof result);
	aftershock_run(subject, &options, &result);
}

/* Of few seeds it may be too little. */
static void assert_sound(void) {
	if (result.outcome != AFTERSHOCK_HELD && result.outcome != AFTERSHOCK_UNDECIDED) {
		fail_msg("%s", result.message);
	}
	assert_int_equal(result.runs, TEST_SEEDS);
	assert_int_equal(result.held, TEST_SEEDS);
	assert_int_equal(result.violated, 0);
	assert_string_equal(result.replay, "");
}

static void assert_violated(const char *invariant, const char *detail) {
	assert_int_equal(result.outcome, AFTERSHOCK_VIOLATED);
	assert_string_equal(result.invariant, invariant);
	assert_non_null(strstr(result.detail, detail));
	assert_non_null(strstr(result.message, invariant));
	assert_non_null(strstr(result.replay, "AFTERSHOCK_REPLAY="));
	assert_true(result.seed > 0);
}

/* The store, with one function of its own. */
static struct aftershock_subject store(void) {
	return *sim_subject_program();
}

/* ---- the host's SQLite ----------------------------------------------------------------------- */

static int logged;
static int extended;

static void on_log(void *context, int code, const char *text) {
	(void)context;
	(void)code;
	(void)text;
	logged++;
}

static int on_open(sqlite3 *db, char **why, const void *thunk) {
	(void)db;
	(void)why;
	(void)thunk;
	extended++;
	return SQLITE_OK;
}

static int count_rows(sqlite3 *db) {
	sqlite3_stmt *statement = NULL;
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM kept", -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	int count = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return count;
}

static void do_sql(sqlite3 *db, const char *sql) {
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void a_connection_of_the_host_lives_through_it(void **state) {
	char path[] = "/tmp/aftershock-host-XXXXXX";
	sqlite3 *db = NULL;
	sqlite3 *other = NULL;
	(void)state;
	assert_int_equal(sqlite3_config(SQLITE_CONFIG_LOG, on_log, NULL), SQLITE_OK);
	assert_true(mkdtemp(path) != NULL && chdir(path) == 0);
	assert_int_equal(sqlite3_auto_extension((void (*)(void))on_open), SQLITE_OK);
	assert_int_equal(sqlite3_open("host.db", &db), SQLITE_OK);
	do_sql(db, "PRAGMA journal_mode = WAL; CREATE TABLE kept(x); BEGIN IMMEDIATE; INSERT INTO kept VALUES(0)");
	int before = extended;
	for (int i = 1; i <= 3; i++) {
		run(sim_subject_program(), "program-kill");
		assert_sound();
		do_sql(db, "INSERT INTO kept VALUES(1)");
		assert_int_equal(count_rows(db), i + 1);
	}
	/* Its lock is its own still, and so are what it has configured and registered. */
	assert_int_equal(extended, before);
	assert_int_equal(sqlite3_open("host.db", &other), SQLITE_OK);
	assert_int_equal(extended, before + 1);
	assert_int_equal(sqlite3_exec(other, "INSERT INTO kept VALUES(2)", NULL, NULL, NULL), SQLITE_BUSY);
	int logs = logged;
	assert_int_equal(sqlite3_exec(other, "nonsense", NULL, NULL, NULL), SQLITE_ERROR);
	assert_true(logged > logs);
	do_sql(db, "COMMIT");
	do_sql(other, "INSERT INTO kept VALUES(2); PRAGMA integrity_check");
	assert_int_equal(count_rows(db), 5);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	sqlite3_reset_auto_extension();
	assert_true(unlink("host.db") == 0 && chdir("/") == 0 && rmdir(path) == 0);
}

static atomic_bool threads_end;

static void *open_and_close(void *context) {
	(void)context;
	while (!threads_end) {
		sqlite3 *db = NULL;
		sqlite3_open(":memory:", &db);
		sqlite3_exec(db, "CREATE TABLE t(x); INSERT INTO t VALUES(randomblob(9000))", NULL, NULL, NULL);
		sqlite3_close(db);
		free(malloc(100));
	}
	return NULL;
}

static void threads_of_the_host_use_sqlite_meanwhile(void **state) {
	pthread_t threads[3];
	(void)state;
	threads_end = false;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, open_and_close, NULL), 0);
	}
	for (int i = 0; i < 8; i++) {
		const struct aftershock_options options = {.scenario = "program-kill", .seeds = 1, .processes = 1};
		aftershock_run(sim_subject_program(), &options, &result);
		assert_true(result.outcome == AFTERSHOCK_HELD || result.outcome == AFTERSHOCK_UNDECIDED);
	}
	threads_end = true;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	}
}

static void *call(void *context) {
	struct aftershock_result *own = context;
	const struct aftershock_options options = options_of("program-errors");
	aftershock_run(sim_subject_program(), &options, own);
	return NULL;
}

static void two_threads_call_at_once(void **state) {
	static struct aftershock_result results[2];
	pthread_t threads[2];
	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, call, &results[i]), 0);
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	}
	assert_int_equal(results[0].held, TEST_SEEDS);
	assert_memory_equal(&results[0], &results[1], sizeof results[0]);
}

/* ---- subjects that go wrong ------------------------------------------------------------------ */

static void crash(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	(void)reply;
	fprintf(stderr, "my program is about to crash\n");
	raise(SIGSEGV);
}

static void hang(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	(void)reply;
	for (;;) {
		pause();
	}
}

static void leave(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	(void)reply;
	exit(0);
}

static void assert_in_it(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)instance;
	(void)step;
	(void)reply;
	assert_true(false);
}

/* Acknowledges what it does not commit. */
static void forget(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	(void)sqlite3_exec(instance, "BEGIN", NULL, NULL, NULL);
	sim_subject_program()->step(instance, step, reply);
}

static void run_with_step(void (*step)(void *, const struct subject_step *, struct subject_reply *)) {
	struct aftershock_subject subject = store();
	subject.step = step;
	run(&subject, "program-kill");
}

/* A host's handler would go on in a copy of the host. */
static void on_segv(int number) {
	(void)number;
	_exit(0);
}

static void a_crash_is_a_violation(void **state) {
	void (*before)(int) = signal(SIGSEGV, on_segv);
	(void)state;
	run_with_step(crash);
	signal(SIGSEGV, before);
	assert_violated("subject_crashed", "SIGSEGV: my program is about to crash");
	assert_int_equal(result.violated, TEST_SEEDS);
	assert_string_equal(result.trace_hash, "");
}

static void a_hang_is_a_violation(void **state) {
	struct aftershock_subject subject = store();
	const struct aftershock_options options = {
	        .scenario = "program-kill", .seeds = 1, .processes = 1, .run_seconds = 1};
	(void)state;
	subject.step = hang;
	aftershock_run(&subject, &options, &result);
	assert_violated("subject_hung", "no end after 1 seconds");
}

static int exit_handlers;

static void on_exit_of_host(void) {
	exit_handlers++;
	fprintf(stderr, "the host's exit handler\n");
}

static void an_exit_is_a_violation_and_runs_no_handler(void **state) {
	(void)state;
	atexit(on_exit_of_host);
	run_with_step(leave);
	assert_violated("subject_crashed", "exit status 0");
	assert_null(strstr(result.detail, "handler"));
}

static void an_assertion_of_the_host_is_a_violation(void **state) {
	(void)state;
	/* The jump arrives in a copy of this very suite, which goes on to its next call. */
	run_with_step(assert_in_it);
	assert_violated("subject_crashed", "");
}

static void a_wrong_program_is_a_violation(void **state) {
	(void)state;
	run_with_step(forget);
	assert_int_equal(result.outcome, AFTERSHOCK_VIOLATED);
	assert_int_equal(strlen(result.trace_hash), 32);
	assert_string_equal(result.scenario, "program-kill");
}

/* ---- memory ---------------------------------------------------------------------------------- */

static int steps_so_far;

/* More than one run has, and fewer than all. */
static void count_steps(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	if (++steps_so_far > 120) {
		raise(SIGABRT);
	}
	sim_subject_program()->step(instance, step, reply);
}

static void a_run_begins_with_the_memory_of_the_call(void **state) {
	(void)state;
	run_with_step(count_steps);
	assert_sound();
	assert_true(result.steps > 0);
	assert_int_equal(steps_so_far, 0);
}

static pid_t began;

static void begin(void) {
	began = getpid();
}

static void begin_once(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	if (began != getpid()) {
		raise(SIGABRT);
	}
	sim_subject_program()->step(instance, step, reply);
}

static void each_run_begins_with_a_call(void **state) {
	struct aftershock_subject subject = store();
	struct aftershock_options options = options_of("program-kill");
	(void)state;
	options.begin_run = begin;
	subject.step = begin_once;
	aftershock_run(&subject, &options, &result);
	assert_sound();
	assert_int_equal(began, 0);
}

static void what_the_host_has_not_written_is_written_once(void **state) {
	char path[] = "/tmp/aftershock-buffer-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	struct stat about;
	(void)state;
	assert_non_null(file);
	fputs("once", file);
	run_with_step(leave);
	run(sim_subject_program(), "program-kill");
	assert_int_equal(fclose(file), 0);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_size, 4);
	assert_int_equal(unlink(path), 0);
}

static void a_host_without_children_keeps_none(void **state) {
	void (*before)(int) = signal(SIGCHLD, SIG_IGN);
	(void)state;
	run(sim_subject_program(), "program-kill");
	assert_sound();
	signal(SIGCHLD, before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void a_host_without_standard_input_can_call(void **state) {
	int kept = dup(STDIN_FILENO);
	(void)state;
	assert_true(kept >= 0 && close(STDIN_FILENO) == 0);
	run(sim_subject_program(), "program-kill");
	assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
	close(kept);
	assert_sound();
}

/* Which fork fails: the host's is the first, a worker's the second, a run's the third. 0: none. */
static int fork_that_fails;
static int forks_above;

pid_t fork(void) {
	pid_t (*real)(void) = NULL;
	void *symbol = dlsym(RTLD_NEXT, "fork");
	memcpy(&real, &symbol, sizeof real);
	if (forks_above + 1 == fork_that_fails) {
		errno = EAGAIN;
		return -1;
	}
	pid_t pid = real();
	forks_above += pid == 0 ? 1 : 0;
	return pid;
}

static void without_a_process_nothing_is_said_of_the_subject(void **state) {
	static const char *const messages[] = {"a process cannot be had", "a worker process cannot be started",
	                                       "a process that runs the seed cannot be had"};
	(void)state;
	for (int i = 0; i < 3; i++) {
		fork_that_fails = i + 1;
		run(sim_subject_program(), "program-kill");
		fork_that_fails = 0;
		assert_int_equal(result.outcome, AFTERSHOCK_FAILED);
		assert_string_equal(result.message, messages[i]);
		assert_int_equal(result.violated, 0);
	}
}

/* ---- replays --------------------------------------------------------------------------------- */

static size_t traced(uint64_t seed, const struct aftershock_subject *subject, char hash[33]) {
	const struct aftershock_options options = {.scenario = "program-kill"};
	char *text = NULL;
	size_t size = 0;
	FILE *trace = open_memstream(&text, &size);
	assert_non_null(trace);
	aftershock_replay(subject, &options, seed, trace, &result);
	fclose(trace);
	assert_true(size > 0 && text[size - 1] == '\n');
	free(text);
	snprintf(hash, 33, "%s", result.trace_hash);
	return size;
}

static void a_replay_is_the_same_run(void **state) {
	char hashes[3][33];
	(void)state;
	assert_true(traced(7, sim_subject_program(), hashes[0]) == traced(7, sim_subject_program(), hashes[1]));
	assert_int_equal(result.outcome, AFTERSHOCK_HELD);
	traced(8, sim_subject_program(), hashes[2]);
	assert_int_equal(strlen(hashes[0]), 32);
	assert_string_equal(hashes[0], hashes[1]);
	assert_string_not_equal(hashes[0], hashes[2]);
}

/* The assignment before the command of a replay line. */
static void obey(const char *line) {
	char value[AFTERSHOCK_REPLAY_SIZE];
	assert_int_equal(strncmp(line, "AFTERSHOCK_REPLAY=", 18), 0);
	snprintf(value, sizeof value, "%.*s", (int)strcspn(line + 18, " "), line + 18);
	setenv("AFTERSHOCK_REPLAY", value, 1);
}

static void the_line_replays(void **state) {
	char found[33];
	uint64_t seed = 0;
	(void)state;
	run_with_step(forget);
	seed = result.seed;
	memcpy(found, result.trace_hash, sizeof found);
	obey(result.replay);
	run_with_step(forget);
	assert_int_equal(result.runs, 1);
	assert_int_equal(result.seed, seed);
	assert_string_equal(result.trace_hash, found);
	assert_int_equal(strncmp(result.message, "reproduced: program-kill@0x", 27), 0);
	/* Another program with that seed. */
	run(sim_subject_program(), "program-kill");
	assert_int_equal(result.outcome, AFTERSHOCK_HELD);
	assert_int_equal(strncmp(result.message, "no longer reproduced: it held", 29), 0);
	/* It is not about another scenario. */
	run(sim_subject_program(), "program-errors");
	assert_int_equal(result.runs, TEST_SEEDS);
	setenv("AFTERSHOCK_ONLY", "1", 1);
	run(sim_subject_program(), "program-errors");
	assert_int_equal(result.outcome, AFTERSHOCK_UNDECIDED);
	assert_int_equal(result.runs, 0);
	assert_int_equal(strncmp(result.message, "nothing was run: program-kill is not", 36), 0);
	/* Nor is any call about a scenario that there is not. */
	setenv("AFTERSHOCK_REPLAY", "program-kil@1", 1);
	run(sim_subject_program(), "program-kill");
	assert_int_equal(result.outcome, AFTERSHOCK_REFUSED);
	assert_string_equal(result.message,
	                    "$AFTERSHOCK_REPLAY: program-kil: no such scenario; did you mean program-kill?");
	unsetenv("AFTERSHOCK_ONLY");
	unsetenv("AFTERSHOCK_REPLAY");
}

static void a_trace_that_cannot_be_written_is_a_failure(void **state) {
	static const char *const paths[] = {"/nowhere/trace", "/dev/full"};
	FILE *full = fopen("/dev/full", "w");
	const struct aftershock_options options = {.scenario = "program-kill"};
	(void)state;
	setenv("AFTERSHOCK_REPLAY", "program-kill@1", 1);
	for (int i = 0; i < 2; i++) {
		setenv("AFTERSHOCK_TRACE", paths[i], 1);
		run(sim_subject_program(), "program-kill");
		assert_int_equal(result.outcome, AFTERSHOCK_FAILED);
		assert_int_equal(strncmp(result.message, paths[i], strlen(paths[i])), 0);
	}
	unsetenv("AFTERSHOCK_TRACE");
	unsetenv("AFTERSHOCK_REPLAY");
	assert_non_null(full);
	aftershock_replay(sim_subject_program(), &options, 1, full, &result);
	fclose(full);
	assert_int_equal(result.outcome, AFTERSHOCK_FAILED);
	assert_string_equal(result.message, "the trace cannot be written");
}

/* ---- bad input ------------------------------------------------------------------------------- */

static void assert_refused(const char *message) {
	assert_int_equal(result.outcome, AFTERSHOCK_REFUSED);
	assert_int_equal(result.runs, 0);
	assert_null(strchr(result.message, '\n'));
	if (strncmp(result.message, message, strlen(message)) != 0) {
		fail_msg("%s", result.message);
	}
}

static void a_wrong_subject_is_one_line(void **state) {
	struct aftershock_subject subject = store();
	(void)state;
	run(NULL, NULL);
	assert_refused("the subject: subject interface version 0, expected 9");
	subject.interface_version = 10;
	run(&subject, NULL);
	assert_refused("the subject: subject interface version 10, expected 9");
	subject = store();
	subject.stop = NULL;
	run(&subject, NULL);
	assert_refused("the subject: one of start, step, observe, stop is missing");
	subject = store();
	subject.takes = 0;
	run(&subject, NULL);
	assert_refused("the subject: the subject takes nothing");
	run(sim_subject_program(), "power-loss-wal");
	assert_refused("power-loss-wal: the subject key_value does not take order updates");
}

static void a_wrong_scenario_is_one_line(void **state) {
	char path[] = "/tmp/aftershock-XXXXXX.yaml";
	int fd = mkstemps(path, 5);
	char place[64];
	(void)state;
	assert_true(fd >= 0 && write(fd, "name: x\nsettigns:\n", 18) == 18 && close(fd) == 0);
	run(sim_subject_program(), "program-kil");
	assert_refused("program-kil: no such scenario; did you mean program-kill?");
	run(sim_subject_program(), "./absent.yaml");
	assert_refused("./absent.yaml: cannot be read: No such file or directory");
	run(sim_subject_program(), "program-kill@5");
	assert_refused("program-kill@5: one seed is run by a replay");
	run(sim_subject_program(), path);
	snprintf(place, sizeof place, "%s:2: ", path);
	assert_refused(place);
	assert_int_equal(unlink(path), 0);
}

static void a_wrong_replay_is_one_line(void **state) {
	static const char *const wrong[] = {"program-kill",
	                                    "@5",
	                                    "program-kill@",
	                                    "program-kill@-5",
	                                    "program-kill@ 5",
	                                    "program-kill@5x",
	                                    "program-kill@18446744073709551616",
	                                    "program-kill@5,held",
	                                    "program-kill@5,held,no hash, though of 32 characters"};
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		setenv("AFTERSHOCK_REPLAY", wrong[i], 1);
		run(sim_subject_program(), "program-kill");
		assert_refused("$AFTERSHOCK_REPLAY: expected SCENARIO@SEED[,VERDICT,HASH]");
	}
	unsetenv("AFTERSHOCK_REPLAY");
}

static void wrong_options_are_one_line(void **state) {
	struct aftershock_options options = {.scenario = "program-kill", .seeds = UINT64_C(1) << 32};
	(void)state;
	aftershock_run(sim_subject_program(), &options, &result);
	assert_refused("options.seeds is 4294967296, expected 0 to 4294967295");
	options = (struct aftershock_options){.scenario = "program-kill", .processes = 257};
	aftershock_run(sim_subject_program(), &options, &result);
	assert_refused("options.processes is 257, expected 0 to 256");
	options = (struct aftershock_options){.scenario = "program-kill", .library = "/nowhere"};
	aftershock_run(sim_subject_program(), &options, &result);
	assert_refused("the library of scenarios is nowhere");
	options = (struct aftershock_options){.scenario = "program-kill", .library = "/dev"};
	aftershock_run(sim_subject_program(), &options, &result);
	assert_refused("program-kill: no such scenario; /dev has none");
	aftershock_replay(sim_subject_program(), NULL, 1, NULL, &result);
	assert_refused("a seed is replayed in one scenario");
}

static void usual_options_are_zeros(void **state) {
	const struct aftershock_options options = {.seeds = 2};
	(void)state;
	aftershock_run(sim_subject_program(), &options, &result);
	assert_true(result.runs >= 10 && result.held == result.runs);
	assert_true(strchr(aftershock_version(), '.') != NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_connection_of_the_host_lives_through_it),
	        cmocka_unit_test(threads_of_the_host_use_sqlite_meanwhile),
	        cmocka_unit_test(two_threads_call_at_once),
	        cmocka_unit_test(a_crash_is_a_violation),
	        cmocka_unit_test(a_hang_is_a_violation),
	        cmocka_unit_test(an_exit_is_a_violation_and_runs_no_handler),
	        cmocka_unit_test(an_assertion_of_the_host_is_a_violation),
	        cmocka_unit_test(a_wrong_program_is_a_violation),
	        cmocka_unit_test(a_run_begins_with_the_memory_of_the_call),
	        cmocka_unit_test(each_run_begins_with_a_call),
	        cmocka_unit_test(what_the_host_has_not_written_is_written_once),
	        cmocka_unit_test(a_host_without_children_keeps_none),
	        cmocka_unit_test(a_host_without_standard_input_can_call),
	        cmocka_unit_test(without_a_process_nothing_is_said_of_the_subject),
	        cmocka_unit_test(a_replay_is_the_same_run),
	        cmocka_unit_test(the_line_replays),
	        cmocka_unit_test(a_trace_that_cannot_be_written_is_a_failure),
	        cmocka_unit_test(a_wrong_subject_is_one_line),
	        cmocka_unit_test(a_wrong_scenario_is_one_line),
	        cmocka_unit_test(a_wrong_replay_is_one_line),
	        cmocka_unit_test(wrong_options_are_one_line),
	        cmocka_unit_test(usual_options_are_zeros),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
