/* tests/vfs/process/test_unix_drops.c: what close(2) of a database file does to the locks of a
 * process, beside the unix VFS of the library that runs.
 *
 * POSIX locks belong to processes, so on the real side two children have a handle each, and do what
 * they are told through pipes. Move by move, result codes and levels must be as on the simulated
 * disk. Left out is what lock.c declares as different: RESERVED, PENDING and SHARED have bytes of
 * their own there, and two handles may each have one of the first two. So nobody asks for EXCLUSIVE
 * while the other has RESERVED, or all of SHARED without PENDING. Nor does anybody ask for RESERVED
 * while the other has PENDING or all of SHARED without RESERVED.
 */
#include "fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 2
#define MOVES 6000
#define FLAGS (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)

enum act { ACT_LOCK, ACT_UNLOCK, ACT_CLOSE_ANOTHER };

struct move {
	enum act act;
	int level;
	int before; /* the level that it has */
};

struct answer {
	int result;
	int level;
};

struct child {
	pid_t pid;
	int to;
	int from;
};

struct drops {
	struct fixture fixture;
	struct vfs_process *processes[PROCESSES];
	char path[64];
	char zeros[8]; /* SQLite looks for URI parameters behind a path */
	sqlite3_file *files[PROCESSES];
	struct child children[PROCESSES];
	/* What the system knows of each. */
	bool has_reserved[PROCESSES];
	bool has_pending[PROCESSES];
	bool has_all[PROCESSES];
	uint32_t lost_moves; /* made while somebody had a level that the system does not know */
};

static sqlite3_file *open_handle(const char *vfs_name, const char *path) {
	sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
	assert_non_null(vfs);
	sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
	assert_int_equal(vfs->xOpen(vfs, path, file, FLAGS, NULL), SQLITE_OK);
	return file;
}

static struct answer make_move(sqlite3_file *file, const struct move *move) {
	struct answer answer = {.result = SQLITE_OK};
	if (move->act == ACT_LOCK) {
		answer.result = file->pMethods->xLock(file, move->level);
	} else if (move->act == ACT_UNLOCK) {
		answer.result = file->pMethods->xUnlock(file, move->level);
	}
	assert_int_equal(file->pMethods->xFileControl(file, SQLITE_FCNTL_LOCKSTATE, &answer.level), SQLITE_OK);
	return answer;
}

/* A real process: until nobody tells it any more. */
static void serve(const char *path, int in, int out) {
	struct move move;
	sqlite3_file *file = open_handle("unix", path);
	while (read(in, &move, sizeof move) == (ssize_t)sizeof move) {
		if (move.act == ACT_CLOSE_ANOTHER) {
			int another = open(path, O_RDONLY);
			assert_true(another >= 0 && close(another) == 0);
		}
		struct answer answer = make_move(file, &move);
		assert_int_equal(write(out, &answer, sizeof answer), sizeof answer);
	}
	_exit(0);
}

/* A child that had the pipes of those before it would keep them open. */
static void forget_children(const struct drops *drops) {
	for (int i = 0; i < PROCESSES; i++) {
		if (drops->children[i].pid > 0) {
			(void)close(drops->children[i].to);
		}
	}
}

static struct child begin_child(const struct drops *drops) {
	int to[2] = {-1, -1};
	int from[2] = {-1, -1};
	assert_true(pipe(to) == 0 && pipe(from) == 0);
	struct child child = {.pid = fork(), .to = to[1], .from = from[0]};
	assert_true(child.pid >= 0);
	if (child.pid == 0) {
		(void)close(to[1]);
		forget_children(drops);
		serve(drops->path, to[0], from[1]);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	return child;
}

static void init_drops(struct drops *drops) {
	static const char *const names[PROCESSES] = {"first", "second"};
	fixture_init(&drops->fixture, &fixture_options, 1);
	assert_int_equal(vfs_disk_make_directory(drops->fixture.disk, "/tmp"), VFS_OK);
	(void)snprintf(drops->path, sizeof drops->path, "/tmp/aftershock-drops-XXXXXX");
	int descriptor = mkstemp(drops->path);
	assert_true(descriptor >= 0 && close(descriptor) == 0);
	for (int i = 0; i < PROCESSES; i++) {
		drops->processes[i] = vfs_process_create(drops->fixture.disk, names[i], &drops->fixture.hooks);
		drops->files[i] = open_handle(names[i], drops->path);
		drops->children[i] = begin_child(drops);
	}
}

static void deinit_drops(struct drops *drops) {
	for (int i = 0; i < PROCESSES; i++) {
		int status = -1;
		(void)close(drops->children[i].to);
		(void)close(drops->children[i].from);
		assert_int_equal(waitpid(drops->children[i].pid, &status, 0), drops->children[i].pid);
		assert_int_equal(status, 0);
		assert_int_equal(drops->files[i]->pMethods->xClose(drops->files[i]), SQLITE_OK);
		free(drops->files[i]);
		vfs_process_destroy(drops->processes[i]);
	}
	assert_int_equal(unlink(drops->path), 0);
	fixture_deinit(&drops->fixture);
}

static int level_of(sqlite3_file *file) {
	int level = -1;
	assert_int_equal(file->pMethods->xFileControl(file, SQLITE_FCNTL_LOCKSTATE, &level), SQLITE_OK);
	return level;
}

/* A move that SQLite may make from the level, if it is none that is declared as different. */
static bool draw_move(struct drops *drops, int who, struct move *move) {
	int level = move->before = level_of(drops->files[who]);
	int other = 1 - who;
	move->act = (enum act)fixture_random_below(&drops->fixture.random, 3);
	if (move->act == ACT_UNLOCK) {
		move->level = (int)fixture_random_below(&drops->fixture.random, 2);
	} else if (move->act == ACT_LOCK && level == SQLITE_LOCK_NONE) {
		move->level = SQLITE_LOCK_SHARED;
	} else if (move->act == ACT_LOCK) {
		bool high = level >= SQLITE_LOCK_RESERVED || fixture_random_below(&drops->fixture.random, 3) == 0;
		move->level = high ? SQLITE_LOCK_EXCLUSIVE : SQLITE_LOCK_RESERVED;
	}
	bool has_reserved = drops->has_reserved[other];
	bool has_all = drops->has_all[other];
	bool has_pending = drops->has_pending[other];
	bool by_exclusive = move->level == SQLITE_LOCK_EXCLUSIVE && (has_reserved || (has_all && !has_pending));
	bool by_reserved = move->level == SQLITE_LOCK_RESERVED && (has_pending || has_all) && !has_reserved;
	return move->act != ACT_LOCK || !(by_exclusive || by_reserved);
}

static void note_move(struct drops *drops, int who, const struct move *move, const struct answer *answer) {
	bool locks = move->act == ACT_LOCK;
	if (move->act == ACT_CLOSE_ANOTHER || (move->act == ACT_UNLOCK && answer->result == SQLITE_OK)) {
		drops->has_reserved[who] = drops->has_pending[who] = drops->has_all[who] = false;
	}
	drops->has_reserved[who] |= locks && move->level == SQLITE_LOCK_RESERVED && answer->result == SQLITE_OK;
	bool climbs = locks && move->level == SQLITE_LOCK_EXCLUSIVE && move->before < SQLITE_LOCK_EXCLUSIVE;
	drops->has_all[who] |= climbs && answer->result == SQLITE_OK;
	/* Who takes itself to have PENDING does not ask for that byte again. */
	drops->has_pending[who] |= climbs && move->before < SQLITE_LOCK_PENDING && answer->level >= SQLITE_LOCK_PENDING;
	for (int i = 0; i < PROCESSES; i++) {
		bool high = level_of(drops->files[i]) >= SQLITE_LOCK_RESERVED;
		drops->lost_moves += high && !drops->has_reserved[i] && !drops->has_all[i] ? 1 : 0;
	}
}

/* The move, simulated and real. */
static void make_both(struct drops *drops, int number, int who, const struct move *move) {
	struct answer real;
	if (move->act == ACT_CLOSE_ANOTHER) {
		(void)!vfs_process_drop_locks(drops->processes[who], drops->path, VFS_FILE_DB);
	}
	struct answer simulated = make_move(drops->files[who], move);
	assert_int_equal(write(drops->children[who].to, move, sizeof *move), sizeof *move);
	assert_int_equal(read(drops->children[who].from, &real, sizeof real), sizeof real);
	if (simulated.result != real.result || simulated.level != real.level) {
		fail_msg("move %d: process %d, act %d, level %d: %d at %d simulated, %d at %d real", number, who,
		         (int)move->act, move->level, simulated.result, simulated.level, real.result, real.level);
	}
	note_move(drops, who, move, &real);
	vfs_assert(drops->fixture.disk);
}

static void a_close_takes_from_sqlite_what_it_takes_from_the_unix_vfs(void **state) {
	static struct drops drops;
	(void)state;
	init_drops(&drops);
	for (int number = 0; number < MOVES; number++) {
		int who = (int)fixture_random_below(&drops.fixture.random, PROCESSES);
		struct move move = {.level = SQLITE_LOCK_NONE};
		if (draw_move(&drops, who, &move)) {
			make_both(&drops, number, who, &move);
		}
	}
	assert_true(drops.lost_moves > MOVES / 10);
	deinit_drops(&drops);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_close_takes_from_sqlite_what_it_takes_from_the_unix_vfs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
