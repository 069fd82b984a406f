/* Reading scenarios: the whole library loads, and what is wrong is said with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scenario.h"
#include "scenario_load.h"

#include <glob.h>

#define HEAD "name: a\nabout: text\ncriteria: [AC1]\nsubject: engine\n"
#define FAULT HEAD "faults:\n  - kind: "

static char directory[] = "/tmp/aftershock-scenario-XXXXXX";
static char path[sizeof directory + 16];
static char why[1536];

static int make_directory(void **context) {
	(void)context;
	if (mkdtemp(directory) == NULL) {
		return -1;
	}
	snprintf(path, sizeof path, "%s/a.yaml", directory);
	return 0;
}

static int remove_directory(void **context) {
	(void)context;
	unlink(path);
	return rmdir(directory);
}

static struct sim_scenario *load_bytes(const void *bytes, size_t size) {
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	why[0] = '\0';
	return sim_scenario_load(path, why, sizeof why);
}

static struct sim_scenario *load_text(const char *text) {
	return load_bytes(text, strlen(text));
}

/* Line 0: a message without a line. */
static void expect_refused(const char *text, size_t size, unsigned line, const char *fragment) {
	char place[sizeof path + 16];
	struct sim_scenario *scenario = load_bytes(text, size);
	if (scenario != NULL) {
		sim_scenario_destroy(scenario);
		fail_msg("was accepted, expected \"%s\":\n%.200s", fragment, text);
	}
	snprintf(place, sizeof place, line > 0 ? "%s:%u: " : "%s: ", path, line);
	if (strncmp(why, place, strlen(place)) != 0 || strstr(why, fragment) == NULL || strchr(why, '\n') != NULL) {
		fail_msg("expected %s...%s, got: %s", place, fragment, why);
	}
}

static void expect_loaded(const char *file) {
	struct sim_scenario *scenario = sim_scenario_load(file, why, sizeof why);
	if (scenario == NULL) {
		fail_msg("%s", why);
		return;
	}
	assert_int_not_equal(scenario->criteria, 0);
	sim_scenario_destroy(scenario);
}

static void every_file_of_the_library_loads(void **context) {
	(void)context;
	glob_t files;
	assert_int_equal(glob(TESTS_SOURCE_DIR "/scenarios/*.yaml", 0, NULL, &files), 0);
	assert_int_equal(glob(TESTS_SOURCE_DIR "/scenarios/*/*.yaml", GLOB_APPEND, NULL, &files), 0);
	assert_true(files.gl_pathc >= 10);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		expect_loaded(files.gl_pathv[i]);
	}
	globfree(&files);
}

/* A replay line names a scenario without its folder. */
static void no_name_is_in_two_folders_of_the_library(void **context) {
	(void)context;
	glob_t own;
	glob_t others;
	assert_int_equal(glob(TESTS_SOURCE_DIR "/scenarios/*.yaml", 0, NULL, &own), 0);
	assert_int_equal(glob(TESTS_SOURCE_DIR "/scenarios/*/*.yaml", 0, NULL, &others), 0);
	for (size_t i = 0; i < own.gl_pathc * others.gl_pathc; i++) {
		const char *name = strrchr(own.gl_pathv[i / others.gl_pathc], '/');
		assert_string_not_equal(name, strrchr(others.gl_pathv[i % others.gl_pathc], '/'));
	}
	globfree(&own);
	globfree(&others);
}

static void a_short_scenario_gets_the_defaults(void **context) {
	(void)context;
	struct sim_scenario *scenario = load_text(HEAD "faults:\n  - kind: latency\n  - kind: cut\n");
	assert_non_null(scenario);
	assert_string_equal(scenario->name, "a");
	assert_int_equal(scenario->criteria, 1u << 1);
	assert_int_equal(scenario->workload.updates.min, 10);
	assert_int_equal(scenario->workload.updates.max, 40);
	assert_int_equal(scenario->workload.cancels_percent, 10);
	assert_int_equal(scenario->settings[SIM_SETTING(journal_mode)].count, 1);
	assert_int_equal(scenario->settings[SIM_SETTING(journal_mode)].values[0], SIM_JOURNAL_WAL);
	assert_int_equal(scenario->settings[SIM_SETTING(synchronous)].values[0], SIM_SYNCHRONOUS_FULL);
	assert_int_equal(scenario->settings[SIM_SETTING(page_size_bytes)].values[0], 4096);
	assert_int_equal(scenario->settings[SIM_SETTING(capacity_bytes)].values[0], 0);
	assert_int_equal(scenario->probe_seeds, 1000);
	assert_int_equal(scenario->fault_group_count, 2);
	assert_int_equal(scenario->fault_groups[0].moments, 1u << SIM_MOMENT_STEP);
	assert_int_equal(scenario->fault_groups[0].operations.max, 20);
	assert_int_equal(scenario->fault_groups[1].moments, 1u << SIM_MOMENT_RESTART);
	assert_int_equal(scenario->fault_groups[1].line, 7);
	sim_scenario_destroy(scenario);
}

static void what_is_written_is_what_is_read(void **context) {
	(void)context;
	struct sim_scenario *scenario = load_text(
	        HEAD "workload: {updates: {min: 3, max: 5}, reorders: 7}\n"
	             "settings: {journal_mode: [delete, \"off\"], synchronous: [off]}\n"
	             "disk: {sector_size: [512], names: free, psow: [absent, \"false\"], fsync: [btrfs], lies: "
	             "[7]}\nprobes: [kill]\nprobe_seeds: 9\n"
	             "faults:\n  - {kind: io_error, methods: [xSync, xWrite], files: [db], effects: [after],\n"
	             "     during: [step, restart], chance: 3, times: {min: 2, max: 4}}\n");
	assert_non_null(scenario);
	assert_int_equal(scenario->workload.updates.max, 5);
	assert_int_equal(scenario->workload.reorders_percent, 7);
	assert_int_equal(scenario->settings[SIM_SETTING(journal_mode)].count, 2);
	assert_int_equal(scenario->settings[SIM_SETTING(journal_mode)].values[1], SIM_JOURNAL_OFF);
	assert_int_equal(scenario->settings[SIM_SETTING(synchronous)].values[0], SIM_SYNCHRONOUS_OFF);
	assert_int_equal(scenario->settings[SIM_SETTING(sector_size_bytes)].values[0], 512);
	assert_int_equal(scenario->settings[SIM_SETTING(psow)].count, 2);
	assert_int_equal(scenario->settings[SIM_SETTING(psow)].values[1], SIM_CAPABILITY_FALSE);
	assert_int_equal(scenario->settings[SIM_SETTING(sync_model)].values[0], VFS_SYNC_BTRFS);
	assert_int_equal(scenario->settings[SIM_SETTING(lies_percent)].values[0], 7);
	assert_int_equal(scenario->settings[SIM_SETTING(garbage)].values[0], false);
	assert_true(scenario->settings[SIM_SETTING(names_free)].values[0]);
	assert_false(scenario->settings[SIM_SETTING(truncate_free)].values[0]);
	assert_true(scenario->probes[SIM_PROBE_KILL]);
	assert_false(scenario->probes[SIM_PROBE_POWER_LOSS]);
	assert_int_equal(scenario->probe_seeds, 9);
	const struct sim_fault_group *group = &scenario->fault_groups[0];
	assert_int_equal(group->kind, SIM_FAULT_IO_ERROR);
	assert_int_equal(group->methods, 1u << VFS_METHOD_SYNC | 1u << VFS_METHOD_WRITE);
	assert_int_equal(group->files, 1u << VFS_FILE_DB);
	assert_int_equal(group->effects, 1u << VFS_EFFECT_AFTER);
	assert_int_equal(group->chance_percent, 3);
	assert_int_equal(group->times.max, 4);
	sim_scenario_destroy(scenario);
}

static void wrong_shapes_are_refused_at_their_line(void **context) {
	(void)context;
	static const struct {
		const char *text;
		unsigned line;
		const char *fragment;
	} rows[] = {
	        {HEAD "bogus: 1\n", 5, "unknown key bogus, expected one of: name, about"},
	        {HEAD "workload:\n  duplicates: -1\n", 6, "duplicates is -1, expected a whole number"},
	        {HEAD "workload:\n  duplicates: many\n", 6, "duplicates is many"},
	        {HEAD "workload:\n  updates: {min: 99999999999999999999, max: 1}\n", 6, "expected a whole number"},
	        {HEAD "workload:\n  updates: {min: 1}\n", 6, "no key max"},
	        {HEAD "workload:\n  updates: {min: 1, max: 2, mix: 3}\n", 6,
	         "unknown key mix, expected one of: min, max"},
	        {HEAD "workload: [1]\n", 5, "expected a mapping"},
	        {HEAD "settings:\n  page_size: 512\n", 6, "expected a list"},
	        {HEAD "settings:\n  page_size: []\n", 6, "is empty"},
	        {HEAD "probe_seeds: 0x10\n", 5, "expected a whole number"},
	        {HEAD "probe_seeds:\n", 5, "expected a whole number"},
	        {HEAD "faults: [kill]\n", 5, "expected a mapping"},
	        {HEAD "faults:\n  - methods: [xSync]\n", 6, "no key kind"},
	        {HEAD "name: a\n", 5, "key name is there twice"},
	        {HEAD "? [a, b]\n: 1\n", 5, "unknown key"},
	        {"about: x\n", 1, "no key name"},
	        {"hello\n", 1, "no mapping"},
	        {"", 1, "empty"},
	        {"# nothing\n", 1, "empty"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		expect_refused(rows[i].text, strlen(rows[i].text), rows[i].line, rows[i].fragment);
	}
}

static void words_and_numbers_without_sense_are_refused_at_their_line(void **context) {
	(void)context;
	static const struct {
		const char *text;
		unsigned line;
		const char *fragment;
	} rows[] = {
	        {"about: t\nname: b\ncriteria: [AC1]\nsubject: engine\n", 2, "expected the file's name, \"a\""},
	        {"name: A/..\nabout: t\ncriteria: [AC1]\nsubject: engine\n", 1, "lower-case letters"},
	        {"name: a\nabout: t\ncriteria:\n  - AC1\n  - AC8\nsubject: engine\n", 5, "unknown criterion AC8"},
	        {"name: a\nabout: t\ncriteria: [AC1]\nsubject: other\n", 4, "expected engine"},
	        {"name: a\nabout: ''\ncriteria: [AC1]\nsubject: engine\n", 2, "expected 1 to"},
	        {HEAD "workload:\n  cancels: 101\n", 6, "expected 0 to 100"},
	        {HEAD "workload:\n  cancels: 60\n  expires: 50\n", 7, "110 percent together"},
	        {HEAD "workload:\n  busts: 60\n  corrects: 50\n", 7, "replaces to splits are 110 percent together"},
	        {HEAD "workload:\n  nameless: 101\n", 6, "nameless"},
	        {HEAD "workload:\n  trader: agreeing\n  busts: 5\n", 7, "workload.busts with a trader, expected none"},
	        {HEAD "workload:\n  holds: 65\n", 6, "holds is 65, expected 0 to 64"},
	        {HEAD "workload:\n  enumerate: 0\n", 6, "workload.enumerate is 0, expected 1 to 4"},
	        {HEAD "workload:\n  enumerate: 5\n", 6, "workload.enumerate is 5, expected 1 to 4"},
	        {HEAD "workload:\n  enumerate: 2\n  updates: {min: 5, max: 5}\n", 7,
	         "workload.updates beside workload.enumerate, expected none"},
	        {HEAD "workload:\n  enumerate: 2\nsettings:\n  page_size: [512, 4096]\n", 8,
	         "settings.page_size has 2 values beside workload.enumerate, expected one, or an axis"},
	        {HEAD "workload:\n  enumerate: 2\n  restarts: 30\n", 7,
	         "workload.restarts beside workload.enumerate, which leaves nothing to chance"},
	        {HEAD "workload:\n  enumerate: 2\n  busts: 1\n", 7,
	         "workload.busts beside workload.enumerate, which leaves nothing to chance"},
	        {HEAD "workload:\n  enumerate: 2\nfaults: [{kind: kill}]\n", 7,
	         "faults beside workload.enumerate, expected none"},
	        {HEAD "workload:\n  updates: {min: 5, max: 4}\n", 6, "min 5 above max 4"},
	        {HEAD "workload:\n  updates: {min: 0, max: 4}\n", 6, "expected within 1 to 256"},
	        {HEAD "workload:\n  symbols: {min: 1, max: 9}\n", 6, "expected within 1 to 8"},
	        {HEAD "workload:\n  open_orders: {min: 1, max: 17}\n", 6, "expected within 1 to 16"},
	        {HEAD "settings:\n  other_journal_mode: [wal, off]\n", 6, "expected one of: same, delete"},
	        {HEAD "workload:\n  takeovers: 5\nsettings:\n  other_synchronous: [full]\n", 8,
	         "with workload.takeovers, expected one engine at a time"},
	        {HEAD "workload:\n  tape: none.csv\n", 6, "No such file"},
	        {HEAD "settings:\n  journal_mode: [wal, wall]\n", 6, "unknown word wall"},
	        {HEAD "settings:\n  synchronous:\n    - full\n    - fully\n", 8,
	         "expected one of: off, normal, full, extra"},
	        {HEAD "settings:\n  protocol: [none]\n", 6, "expected one of: persist_first, rollback, journal"},
	        {HEAD "settings:\n  page_size: [1000]\n", 6, "a power of two from 512 to 65536"},
	        {HEAD "settings:\n  page_size: [131072]\n", 6, "a power of two from 512 to 65536"},
	        {HEAD "settings:\n  cache_pages: [1,2,3,4,5,6,7,8,9]\n", 6, "9 entries, expected at most 8"},
	        {HEAD "disk:\n  sector_size: [1024]\n", 6, "expected 512 or 4096"},
	        {HEAD "disk:\n  names: loose\n", 6, "expected ordered or free"},
	        {HEAD "disk:\n  garbage: [much]\n", 6, "expected one of: off, on"},
	        {HEAD "disk:\n  fsync: [ext3]\n", 6, "expected one of: still_dirty, ext4"},
	        {HEAD "disk:\n  psow: [perhaps]\n", 6, "expected one of: absent, kept, false"},
	        {HEAD "probes: [kill, killed]\n", 5, "unknown probe killed"},
	        {HEAD "disk: {psow: [maybe]}\n", 5, "expected one of: absent, kept, false"},
	        {HEAD "disk: {garbage: [some]}\n", 5, "expected one of: off, on"},
	        {HEAD "disk: {fsync: [ext3]}\n", 5, "expected one of: still_dirty, ext4, ext4_data, btrfs"},
	        {HEAD "disk: {lies: [101]}\n", 5, "expected 0 to 100 percent"},
	        {HEAD "disk: {locks: [fcntl]}\n", 5, "expected one of: posix, dot_file, mixed, void"},
	        {HEAD "disk: {locks: [void]}\n", 5, "locks void without several clients of SQL, expected posix"},
	        {HEAD "disk: {wal_index: [own]}\n", 5, "wal_index own without several clients of SQL, expected shared"},
	        {HEAD "bound: {wal_size: 5}\n", 5, "unknown key wal_size"},
	        {HEAD "bound: {wal_bytes: 0x10}\n", 5, "bound.wal_bytes is 0x10, expected 0 to"},
	        {HEAD "bound: {wal_bytes: 9999999999999999}\n", 5,
	         "bound.wal_bytes is 9999999999999999, expected 0 to"},
	        {HEAD "bound: {refusals: [5]}\n", 5, "refusals is something else, expected one value"},
	        {FAULT "drop_locks\n", 6, "drop_locks without several clients of SQL, expected another kind"},
	        {FAULT "fork\n", 6, "fork without several clients of SQL, expected another kind"},
	        {HEAD "probe_seeds: 0\n", 5, "expected 1 to"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		expect_refused(rows[i].text, strlen(rows[i].text), rows[i].line, rows[i].fragment);
	}
}

static void faults_that_cannot_be_are_refused_at_their_line(void **context) {
	(void)context;
	static const struct {
		const char *text;
		unsigned line;
		const char *fragment;
	} rows[] = {
	        {FAULT "kil\n", 6, "unknown kind of fault kil; did you mean kill?"},
	        {FAULT "earthquake\n", 6, "unknown kind of fault earthquake, expected one of `aftershock list"},
	        {FAULT "kill\n    methods: [xWrit]\n", 7, "unknown method xWrit"},
	        {FAULT "busy\n    methods: [xWrite]\n", 7, "busy cannot strike xWrite"},
	        {FAULT "cut\n    methods: [xWrite]\n", 7, "does not strike at a call"},
	        {FAULT "io_error\n    codes: [SQLITE_NOMEM]\n", 7, "cannot be given by the methods listed"},
	        {FAULT "io_error\n    methods: [xWrite]\n    codes: [SQLITE_IOERR_LOCK]\n", 8,
	         "cannot be given by the methods"},
	        {FAULT "io_error\n    methods: [xWrite]\n    codes: [SQLITE_OK]\n", 8, "unknown code SQLITE_OK"},
	        {FAULT "kill\n    codes: [SQLITE_IOERR]\n", 7, "expected no such key"},
	        {FAULT "io_error\n    methods: [xDelete]\n    effects: [before]\n    codes: [SQLITE_IOERR_DIR_FSYNC]\n",
	         9, "expected effect after"},
	        {FAULT "lying_sync\n    methods: [xWrite]\n", 7, "lying_sync cannot strike xWrite"},
	        {FAULT "lying_sync\n    effects: [before]\n", 7, "cannot have effect before"},
	        {FAULT "no_memory\n    methods: [xOpen]\n", 7, "does not strike at a call"},
	        {FAULT "evict\n    during: [step]\n", 7, "expected during: [restart]"},
	        {FAULT "kill\n    files: [database]\n", 7, "unknown file database"},
	        {FAULT "cut\n    files: [shm]\n", 7, "cut cannot strike shm"},
	        {FAULT "kill\n    effects: [during]\n", 7, "unknown effect during"},
	        {FAULT "latency\n    effects: [before]\n", 7, "latency cannot have effect before"},
	        {FAULT "io_error\n    methods: [xRead]\n    effects: [after]\n", 7, "no effect listed fits"},
	        {FAULT "kill\n    methods: [xRead]\n    effects: [before, partial]\n", 8, "partial fits no method"},
	        {FAULT "cut\n    during: [step]\n", 7, "expected during: [restart]"},
	        {FAULT "kill\n    during: [lunch]\n", 7, "unknown moment lunch"},
	        {FAULT "kill\n    times: {min: 1, max: 2}\n", 7, "kill does not use times"},
	        {FAULT "kill\n    duration_ms: {min: 1, max: 2}\n", 7, "kill does not use duration_ms"},
	        {FAULT "kill\n    bytes: {min: 1, max: 2}\n", 7, "kill does not use bytes"},
	        {FAULT "cut\n    operations: {min: 1, max: 2}\n", 7, "cut does not use operations"},
	        {FAULT "kill\n    operations: {min: 0, max: 2}\n", 7, "expected within 1 to"},
	        {FAULT "kill\n    count: {min: 3, max: 2}\n", 7, "min 3 above max 2"},
	        {FAULT "kill\n    chance: 200\n", 7, "expected 0 to 100"},
	        {FAULT "zero\n    aim: columns\n", 7, "unknown aim columns, expected anywhere or rows"},
	        {FAULT "cut\n    aim: rows\n", 7, "cut cannot aim at rows, expected bit_flip or zero"},
	        {FAULT "bit_flip\n    files: [db, wal]\n    aim: rows\n", 8, "expected files: [db]"},
	        {FAULT "kill\n    files: [wal, shm]\nsettings:\n  journal_mode: [delete]\n", 7,
	         "expected wal in settings"},
	        {FAULT "other_book\n    during: [restart]\n", 6, "expected settings.vouches: on"},
	        {FAULT "kill\nsettings:\n  branches: [1001]\n", 8, "expected 0 to 1000"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		expect_refused(rows[i].text, strlen(rows[i].text), rows[i].line, rows[i].fragment);
	}
}

/* A scenario with so many groups of faults. */
static void write_groups(char *text, size_t size, int count) {
	size_t used = (size_t)snprintf(text, size, HEAD "faults:\n");
	for (int i = 0; i < count; i++) {
		used += (size_t)snprintf(text + used, size - used, "  - kind: kill\n");
	}
}

static void thirty_two_groups_are_accepted_and_one_more_is_not(void **context) {
	(void)context;
	char text[2048];
	write_groups(text, sizeof text, 32);
	struct sim_scenario *scenario = load_text(text);
	assert_non_null(scenario);
	sim_scenario_destroy(scenario);
	write_groups(text, sizeof text, 33);
	expect_refused(text, strlen(text), 5, "33 groups of faults, expected at most 32");
}

static void hostile_text_is_refused_in_one_line(void **context) {
	(void)context;
	static const char bomb[] = "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n";
	static const char nul[] = HEAD "about\0: x\n";
	static const char latin[] = HEAD "probes: [\xe9t\xe9]\n";
	static char large[SIM_SCENARIO_FILE_BYTES_MAX + 1];
	expect_refused(bomb, strlen(bomb), 1, "anchor");
	expect_refused("a: *b\n", 6, 1, "alias");
	expect_refused("a: !!str b\n", 11, 1, "tag");
	expect_refused(nul, sizeof nul - 1, 5, "control characters");
	expect_refused(latin, sizeof latin - 1, 5, "UTF-8");
	expect_refused(HEAD "probes: [kill\n", strlen(HEAD) + 14, 6, "expected YAML");
	expect_refused(HEAD "---\na: b\n", strlen(HEAD) + 9, 5, "second document");
	expect_refused("name: \"a\\eb\"\n", 13, 1, "control character");
	memset(large, '[', sizeof large);
	expect_refused(large, 60000, 1, "nested too deep");
	memset(large, '#', sizeof large);
	expect_refused(large, sizeof large, 0, "too large, expected at most 65536 bytes");
	expect_refused(large, sizeof large - 1, 1, "empty");
}

static void what_is_no_file_is_refused(void **context) {
	(void)context;
	assert_null(sim_scenario_load("/nonexistent/a.yaml", why, sizeof why));
	assert_string_equal(why,
	                    "/nonexistent/a.yaml: cannot be read: No such file or directory, expected a scenario file");
	assert_null(sim_scenario_load(directory, why, sizeof why));
	assert_non_null(strstr(why, "a directory"));
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(sim_scenario_load(path, why, sizeof why));
	assert_non_null(strstr(why, "not a regular file"));
	unlink(path);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_file_of_the_library_loads),
	        cmocka_unit_test(no_name_is_in_two_folders_of_the_library),
	        cmocka_unit_test(a_short_scenario_gets_the_defaults),
	        cmocka_unit_test(what_is_written_is_what_is_read),
	        cmocka_unit_test(wrong_shapes_are_refused_at_their_line),
	        cmocka_unit_test(words_and_numbers_without_sense_are_refused_at_their_line),
	        cmocka_unit_test(faults_that_cannot_be_are_refused_at_their_line),
	        cmocka_unit_test(thirty_two_groups_are_accepted_and_one_more_is_not),
	        cmocka_unit_test(hostile_text_is_refused_in_one_line),
	        cmocka_unit_test(what_is_no_file_is_refused),
	};
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
