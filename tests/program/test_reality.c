/* The program `engine` on the real file system, killed with SIGKILL at random moments and started
 * again.
 *
 * What the simulator demands of the engine is demanded of the program here, from outside, through
 * its command line:
 *   - nothing acknowledged is lost: a line that was answered "applied" is answered "duplicate" by
 *     every later run, never "applied" again;
 *   - nothing is applied twice: the version is the number of different updates that are in, and
 *     never goes back;
 *   - positions and cash are the fold of the first `version` updates of the input, computed here
 *     without the engine.
 * SIGKILL leaves the page cache: that what was synced survives a power loss is the simulator's to
 * show.
 *
 * test_reality [--kills N] [--seed S] [--directory D] [--program P]. The seed is printed; the
 * moments of the kills depend on the machine too.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_COUNT 1200
#define KILLS_PER_ROUND 14 /* then a new input, protocol, journal mode and batch */
#define SYMBOL_COUNT 3
#define OUTPUT_SIZE (LINE_COUNT * 120)

static const char *program = ENGINE_PROGRAM;
static uint64_t seed_state;
static unsigned failures;

/* ---- chance: splitmix64 (Steele, Lea, Flood 2014) -------------------------------------------- */

static uint64_t draw(uint64_t below) {
	seed_state += 0x9e3779b97f4a7c15u;
	uint64_t z = seed_state;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) % below;
}

/* ---- the input ------------------------------------------------------------------------------- */

enum line_kind {
	LINE_UPDATE,   /* in once, answered applied */
	LINE_REPEATED, /* an earlier line once more */
	LINE_WRONG,    /* refused */
};

/* The state after so many updates: what positions must show. */
struct fold {
	int64_t quantity_lots[SYMBOL_COUNT];
	int64_t cash_tick_lots[SYMBOL_COUNT]; /* what fills brought in; realised - cost by E10 */
};

static const char *const symbols[SYMBOL_COUNT] = {"AAA", "BBB", "CCC"};
static enum line_kind kinds[LINE_COUNT];
static char lines[LINE_COUNT][256];
static struct fold folds[LINE_COUNT + 1]; /* by version */
static unsigned update_count;

static void make_update(unsigned i, unsigned order, unsigned step, int64_t *cum) {
	unsigned symbol = order % SYMBOL_COUNT;
	bool is_buy = order % 5 < 3;
	int64_t lots = step > 0 ? 1 + (int64_t)draw(400) : 0;
	int64_t ticks = 10000 + (int64_t)draw(200);
	struct fold *fold = &folds[update_count + 1];

	*cum += lots;
	(void)snprintf(lines[i], sizeof lines[i],
	               "{\"exec_id\":\"e%u\",\"order_id\":\"o%u\",\"symbol\":\"%s\",\"side\":\"%s\",\"exec_type\":\"%"
	               "s\",\"order_qty\":"
	               "\"2.5\",\"price\":\"101\",\"last_qty\":\"%" PRId64 ".%03" PRId64 "\",\"last_px\":\"%" PRId64
	               ".%02" PRId64 "\",\"cum_qty\":\"%" PRId64 ".%03" PRId64 "\"}\n",
	               i, order, symbols[symbol], is_buy ? "buy" : "sell", step > 0 ? "trade" : "new", lots / 1000,
	               lots % 1000, ticks / 100, ticks % 100, *cum / 1000, *cum % 1000);
	kinds[i] = LINE_UPDATE;
	*fold = folds[update_count++];
	fold->quantity_lots[symbol] += is_buy ? lots : -lots;
	fold->cash_tick_lots[symbol] += is_buy ? -lots * ticks : lots * ticks;
}

static void make_input(const char *path) {
	unsigned order = 0;
	unsigned step = 0;
	int64_t cum = 0;
	FILE *file = fopen(path, "w");

	if (file == NULL) {
		perror(path);
		exit(2);
	}
	update_count = 0;
	for (unsigned i = 0; i < LINE_COUNT; i++) {
		uint64_t chance = draw(100);
		if (chance < 8 && i > 0) {
			unsigned other = (unsigned)draw(i);
			kinds[i] = kinds[other] == LINE_WRONG ? LINE_WRONG : LINE_REPEATED;
			memcpy(lines[i], lines[other], sizeof lines[i]);
		} else if (chance < 10) {
			kinds[i] = LINE_WRONG;
			(void)snprintf(lines[i], sizeof lines[i],
			               "{\"order_id\":\"o1\",\"symbol\":\"AAA\",\"price\":\"NaN\n");
		} else {
			make_update(i, order, step, &cum);
			step = (step + 1) % 6;
			order += step == 0;
			cum = step == 0 ? 0 : cum;
		}
		(void)fputs(lines[i], file);
	}
	(void)fclose(file);
}

static void make_instruments(const char *path) {
	FILE *file = fopen(path, "w");

	for (unsigned i = 0; i < SYMBOL_COUNT && file != NULL; i++) {
		(void)fprintf(file, "instrument %s 0.01 0.001\n", symbols[i]);
	}
	if (file == NULL || fclose(file) != 0) {
		perror(path);
		exit(2);
	}
}

/* ---- running the program --------------------------------------------------------------------- */

struct configuration {
	const char *protocol;
	const char *journal_mode;
	const char *batch;
};

static const char *const protocols[] = {"persist_first", "rollback", "journal"};
#define PROTOCOL_COUNT (sizeof protocols / sizeof protocols[0])

static struct configuration configuration;
static char database[300];
static char input[300];
static char instruments[300];

static pid_t start(const char *const *arguments, int *output) {
	/* execv() leaves the words as they are (POSIX.1-2017, exec); its type says otherwise for
	 * old programs. */
	union {
		const char *const *kept;
		char *const *as_declared;
	} words = {arguments};
	int ends[2];

	if (pipe(ends) != 0) {
		perror("pipe");
		exit(2);
	}
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
		(void)close(ends[0]);
		(void)close(ends[1]);
		(void)execv(program, words.as_declared);
		_exit(127);
	}
	(void)close(ends[1]);
	*output = ends[0];
	return pid;
}

static pid_t start_ingest(int *output) {
	const char *arguments[] = {"engine",
	                           "ingest",
	                           database,
	                           input,
	                           "--instruments",
	                           instruments,
	                           "--protocol",
	                           configuration.protocol,
	                           "--journal-mode",
	                           configuration.journal_mode,
	                           "--batch",
	                           configuration.batch,
	                           "--checkpoint",
	                           "100",
	                           NULL};

	return start(arguments, output);
}

/* Reads to the end; the text is terminated. */
static size_t drain(int output, char *text, size_t used, size_t capacity) {
	ssize_t count = 1;

	while (count > 0 && used < capacity - 1) {
		count = read(output, text + used, capacity - 1 - used);
		used += count > 0 ? (size_t)count : 0;
	}
	text[used] = '\0';
	(void)close(output);
	return used;
}

static int wait_for(pid_t pid) {
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- demands --------------------------------------------------------------------------------- */

static bool acknowledged[LINE_COUNT];
static uint64_t version_seen;

__attribute__((format(printf, 1, 2))) static void violated(const char *format, ...) {
	va_list arguments;

	failures++;
	printf("violated (%s %s batch %s): ", configuration.protocol, configuration.journal_mode, configuration.batch);
	va_start(arguments, format);
	(void)vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
}

/* G1: what was answered before a kill is known after it. */
static void judge_answer(unsigned line, const char *outcome, uint64_t version) {
	bool is_applied = strcmp(outcome, "applied") == 0;
	bool is_known = strcmp(outcome, "duplicate") == 0 || strcmp(outcome, "stale") == 0;

	if (kinds[line] == LINE_WRONG ? strcmp(outcome, "refused") != 0 : !is_applied && !is_known) {
		violated("line %u was answered %s", line + 1, outcome);
	}
	if (is_applied && (acknowledged[line] || kinds[line] == LINE_REPEATED)) {
		violated("line %u was applied a second time", line + 1);
	}
	if (kinds[line] != LINE_WRONG && version < version_seen) {
		violated("line %u: version %" PRIu64 " after %" PRIu64, line + 1, version, version_seen);
	}
	acknowledged[line] = acknowledged[line] || kinds[line] != LINE_WRONG;
	version_seen = kinds[line] != LINE_WRONG ? version : version_seen;
}

/* `LINE OUTCOME[ version VERSION]`. */
static bool parse_answer(const char *text, unsigned *line, char outcome[20], uint64_t *version) {
	static const char name[] = " version ";
	char *end = NULL;

	*line = (unsigned)strtoul(text, &end, 10);
	*version = 0;
	if (end == text || *end != ' ' || *line == 0 || *line > LINE_COUNT) {
		return false;
	}
	size_t length = strcspn(++end, " ");
	(void)snprintf(outcome, 20, "%.*s", (int)length, end);
	if (strncmp(end + length, name, sizeof name - 1) == 0) {
		*version = strtoull(end + length + sizeof name - 1, NULL, 10);
	}
	return true;
}

/* Every complete line of the output; the last one may have been cut by the kill. */
static unsigned judge_output(char *text) {
	unsigned answers = 0;

	for (char *end = strchr(text, '\n'); end != NULL; text = end + 1, end = strchr(text, '\n')) {
		unsigned line;
		char outcome[20];
		uint64_t version;
		*end = '\0';
		if (!parse_answer(text, &line, outcome, &version)) {
			violated("an answer that is none: %s", text);
			continue;
		}
		judge_answer(line - 1, outcome, version);
		answers++;
	}
	return answers;
}

static int64_t number_behind(const char *text, const char *name) {
	const char *found = strstr(text, name);

	return found != NULL ? strtoll(found + strlen(name), NULL, 10) : 0;
}

static void judge_positions(char *text, const struct fold *fold, uint64_t version) {
	for (unsigned i = 0; i < SYMBOL_COUNT; i++) {
		char key[40];
		(void)snprintf(key, sizeof key, "{\"symbol\":\"%s\"", symbols[i]);
		const char *row = strstr(text, key);
		int64_t quantity = row != NULL ? number_behind(row, "\"quantity_lots\":") : 0;
		int64_t cash = row != NULL ? number_behind(row, "\"realised_tick_lots\":") -
		                                     number_behind(row, "\"cost_tick_lots\":")
		                           : 0;
		if (quantity != fold->quantity_lots[i] || cash != fold->cash_tick_lots[i]) {
			violated("%s at version %" PRIu64 ": quantity %" PRId64 " and cash %" PRId64
			         ", the input folds to %" PRId64 " and %" PRId64,
			         symbols[i], version, quantity, cash, fold->quantity_lots[i], fold->cash_tick_lots[i]);
		}
	}
}

/* Runs a verb that shows something. */
static int show(const char *verb, char *text, size_t capacity) {
	const char *arguments[] = {"engine", verb, database, "--json", NULL};
	int output;
	pid_t pid = start(arguments, &output);

	(void)drain(output, text, 0, capacity);
	return wait_for(pid);
}

/* What is stored, seen by a program that starts now. */
static void judge_database(void) {
	char text[4000];
	struct stat status;

	if (stat(database, &status) != 0 && version_seen == 0) {
		return; /* killed before there was one */
	}
	int code = show("verify", text, sizeof text);
	uint64_t version = (uint64_t)number_behind(text, "\"version\":");
	if (code != 0 || version > update_count || version < version_seen) {
		violated("verify: status %d, version %" PRIu64 " after %" PRIu64 ", %u updates", code, version,
		         version_seen, update_count);
		return;
	}
	version_seen = version;
	if (show("positions", text, sizeof text) != 0) {
		violated("positions: not status 0");
		return;
	}
	judge_positions(text, &folds[version], version);
}

/* ---- kills ----------------------------------------------------------------------------------- */

static void sleep_us(uint64_t microseconds) {
	struct timespec time = {.tv_nsec = (long)microseconds * 1000};

	(void)nanosleep(&time, NULL);
}

/* Whether the text from *line_start on has a complete answer to a line beyond `until`. */
static bool has_answer_beyond(const char *text, size_t *line_start, unsigned until) {
	const char *end = strchr(text + *line_start, '\n');

	while (end != NULL) {
		if (strtoul(text + *line_start, NULL, 10) > until) {
			return true;
		}
		*line_start = (size_t)(end - text) + 1;
		end = strchr(text + *line_start, '\n');
	}
	return false;
}

/* Reads answers until one beyond line `until` has come. */
static size_t read_until(int output, unsigned until, char *text, size_t capacity) {
	size_t used = 0;
	size_t line_start = 0;
	ssize_t count = 1;

	while (count > 0 && used < capacity - 1) {
		count = read(output, text + used, capacity - 1 - used);
		used += count > 0 ? (size_t)count : 0;
		text[used] = '\0';
		count = has_answer_beyond(text, &line_start, until) ? 0 : count;
	}
	return used;
}

/* Half of the kills strike some lines behind what was in before, half at any time from the start,
 * opening included. */
static bool run_and_kill(char *text) {
	unsigned first_new = 0;
	int output;
	size_t used = 0;

	while (first_new < LINE_COUNT && acknowledged[first_new]) {
		first_new++;
	}
	pid_t pid = start_ingest(&output);
	if (draw(2) == 0) {
		used = read_until(output, first_new + (unsigned)draw(100), text, OUTPUT_SIZE);
		sleep_us(draw(2000));
	} else {
		sleep_us(draw(30000));
	}
	(void)kill(pid, SIGKILL);
	(void)drain(output, text, used, OUTPUT_SIZE);
	int status = wait_for(pid);
	(void)judge_output(text);
	if (status != 128 + SIGKILL && status != 1) { /* 1: through the input before the kill; some
	                                               * lines are wrong */
		violated("ingest ended with status %d", status);
	}
	return status == 128 + SIGKILL;
}

static void run_to_the_end(char *text) {
	int output;
	pid_t pid = start_ingest(&output);

	(void)drain(output, text, 0, OUTPUT_SIZE);
	int status = wait_for(pid);
	unsigned answers = judge_output(text);
	if (status != 1 || answers != LINE_COUNT) {
		violated("the last run: status %d, %u answers", status, answers);
	}
	judge_database();
	if (version_seen != update_count) {
		violated("in the end version %" PRIu64 " of %u updates", version_seen, update_count);
	}
}

static void remove_database(void) {
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", "-lock", "-updates"};
	char name[400];

	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		(void)snprintf(name, sizeof name, "%s%s", database, suffixes[i]);
		(void)unlink(name);
	}
}

static void begin_round(void) {
	remove_database();
	make_input(input);
	memset(acknowledged, 0, sizeof acknowledged);
	version_seen = 0;
}

static void kill_many_times(unsigned kill_count, char *text) {
	static const char *const modes[] = {"wal", "wal", "delete", "persist"};
	static const char *const batches[] = {"1", "8", "64"};
	unsigned kills = 0;
	unsigned rounds = 0;

	for (; kills < kill_count && failures == 0; rounds++) {
		configuration =
		        (struct configuration){protocols[rounds % PROTOCOL_COUNT], modes[draw(4)], batches[draw(3)]};
		begin_round();
		bool was_killed = true;
		unsigned most = kills + KILLS_PER_ROUND < kill_count ? kills + KILLS_PER_ROUND : kill_count;
		while (was_killed && kills < most && failures == 0) {
			was_killed = run_and_kill(text);
			kills += was_killed;
			judge_database();
		}
		run_to_the_end(text);
	}
	printf("%u kills in %u rounds of %d lines: %u violations\n", kills, rounds, LINE_COUNT, failures);
}

/* ---- a full disk ----------------------------------------------------------------------------- */

/* Full at COMMIT is in doubt (5), full before it is not stored (4). Before the disk is larger the
 * program may not even open. */
static unsigned judge_full_disk(char *text) {
	int output;
	pid_t pid = start_ingest(&output);

	(void)drain(output, text, 0, OUTPUT_SIZE);
	int status = wait_for(pid);
	unsigned answers = judge_output(text);
	if ((status != 4 && status != 5) || answers >= LINE_COUNT) {
		violated("full disk: status %d after %u answers", status, answers);
	}
	return answers;
}

static bool mount_small(const char *mount_point, unsigned size_kib, unsigned long flags) {
	char size[40];

	(void)snprintf(size, sizeof size, "size=%uk", size_kib);
	return mount("none", mount_point, "tmpfs", flags, size) == 0;
}

/* Fills a file system of `size_kib`, tries again, makes it larger, and goes through. */
static unsigned fill_and_grow(const char *mount_point, unsigned size_kib, char *text) {
	begin_round();
	unsigned answers = judge_full_disk(text);
	(void)judge_full_disk(text);
	if (!mount_small(mount_point, 16384, MS_REMOUNT)) {
		violated("remount: %s", strerror(errno));
	}
	run_to_the_end(text);
	if (failures > 0) {
		printf("on a file system of %u KiB\n", size_kib);
	}
	return answers;
}

/* A file system of its own that is too small, and then is not any more. */
static void fill_small_disks(const char *directory, char *text) {
	char mount_point[250];
	char kept[300];
	unsigned answers = 0;
	unsigned disks = 0;

	memcpy(kept, database, sizeof kept);
	(void)snprintf(mount_point, sizeof mount_point, "%s/small", directory);
	(void)snprintf(database, sizeof database, "%s/engine.db", mount_point);
	(void)mkdir(mount_point, 0700);
	for (unsigned size_kib = 48; size_kib <= 112 && failures == 0; size_kib += 8, disks++) {
		if (!mount_small(mount_point, size_kib, 0)) {
			printf("small disks: skipped, may not mount: %s\n", strerror(errno));
			break;
		}
		configuration = (struct configuration){protocols[disks % PROTOCOL_COUNT],
		                                       disks % 2 == 0 ? "wal" : "delete", disks % 3 == 0 ? "64" : "8"};
		answers += fill_and_grow(mount_point, size_kib, text);
		(void)umount(mount_point);
	}
	if (disks > 0) {
		printf("%u small disks filled after %u answers, then made larger: %u violations\n", disks, answers,
		       failures);
	}
	if (disks > 0 && answers == 0) {
		violated("no small disk ever took an update: nothing was tested");
	}
	(void)rmdir(mount_point);
	memcpy(database, kept, sizeof kept);
}

static void remove_everything(const char *directory) {
	remove_database();
	(void)unlink(input);
	(void)unlink(instruments);
	(void)rmdir(directory);
}

int main(int count, char **arguments) {
	static char text[OUTPUT_SIZE];
	static char temporary[] = "/tmp/reality.XXXXXX";
	unsigned kill_count = 40;
	const char *directory = NULL;

	seed_state = 1;
	for (int i = 1; i + 1 < count; i += 2) {
		if (strcmp(arguments[i], "--kills") == 0) {
			kill_count = (unsigned)strtoul(arguments[i + 1], NULL, 10);
		} else if (strcmp(arguments[i], "--seed") == 0) {
			seed_state = strtoull(arguments[i + 1], NULL, 0);
		} else if (strcmp(arguments[i], "--directory") == 0) {
			directory = arguments[i + 1];
		} else if (strcmp(arguments[i], "--program") == 0) {
			program = arguments[i + 1];
		}
	}
	directory = directory != NULL ? directory : mkdtemp(temporary);
	if (directory == NULL) {
		perror("test_reality");
		return 2;
	}
	printf("seed 0x%" PRIx64 ", %u kills, in %s\n", seed_state, kill_count, directory);
	(void)snprintf(database, sizeof database, "%s/engine.db", directory);
	(void)snprintf(input, sizeof input, "%s/input", directory);
	(void)snprintf(instruments, sizeof instruments, "%s/instruments", directory);
	make_instruments(instruments);
	kill_many_times(kill_count, text);
	if (failures == 0) {
		fill_small_disks(directory, text);
	}
	if (failures == 0) {
		remove_everything(directory);
	}
	return failures > 0;
}
