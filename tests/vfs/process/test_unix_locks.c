/* tests/vfs/process/test_unix_locks.c: database locks and those of the WAL index, move by move,
 * beside the unix VFS of the library that runs.
 *
 * Three handles of one process on one file, on both sides: every move that SQLite may make is made
 * on the simulated disk and on a real file, and result codes, levels and what xCheckReservedLock
 * says must be equal. test_conformance compares what SQL shows of it. No version is named here:
 * where releases differ (EXCLUSIVE from SHARED beside a reader), the library's own VFS says how.
 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HANDLES 3
#define MOVES 20000
#define FLAGS (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)

struct both {
	struct fixture fixture;
	struct vfs_process *process;
	char before[8]; /* SQLite looks for URI parameters around a path, so zeros stand around
	                 * it */
	char path[64];  /* the same on both sides; SQLite's VFSs keep the pointer */
	sqlite3_file *files[2][HANDLES];
	uint32_t pending_from_shared; /* moves that ended so */
};

static sqlite3_file *open_handle(const char *vfs_name, const char *path) {
	sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
	assert_non_null(vfs);
	sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
	assert_int_equal(vfs->xOpen(vfs, path, file, FLAGS, NULL), SQLITE_OK);
	return file;
}

static void close_handle(sqlite3_file *file) {
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
}

static void init_both(struct both *both) {
	*both = (struct both){0};
	fixture_init(&both->fixture, &fixture_options, 1);
	assert_int_equal(vfs_disk_make_directory(both->fixture.disk, "/tmp"), VFS_OK);
	both->process = vfs_process_create(both->fixture.disk, "simulated", &both->fixture.hooks);
	(void)snprintf(both->path, sizeof both->path, "/tmp/aftershock-locks-XXXXXX");
	int descriptor = mkstemp(both->path);
	assert_true(descriptor >= 0);
	(void)close(descriptor);
	for (int handle = 0; handle < HANDLES; handle++) {
		both->files[0][handle] = open_handle("simulated", both->path);
		both->files[1][handle] = open_handle("unix", both->path);
	}
}

static void deinit_both(struct both *both) {
	for (int handle = 0; handle < HANDLES; handle++) {
		close_handle(both->files[0][handle]);
		close_handle(both->files[1][handle]);
	}
	assert_int_equal(unlink(both->path), 0);
	vfs_process_destroy(both->process);
	fixture_deinit(&both->fixture);
}

static int level_of(sqlite3_file *file) {
	int level = -1;
	assert_int_equal(file->pMethods->xFileControl(file, SQLITE_FCNTL_LOCKSTATE, &level), SQLITE_OK);
	return level;
}

/* The code of one move; for the question whether somebody has RESERVED, the answer. */
static int make_move(sqlite3_file *file, bool locks, int level) {
	int is_reserved = -1;
	if (locks) {
		return file->pMethods->xLock(file, level);
	}
	if (level <= SQLITE_LOCK_SHARED) {
		return file->pMethods->xUnlock(file, level);
	}
	assert_int_equal(file->pMethods->xCheckReservedLock(file, &is_reserved), SQLITE_OK);
	return is_reserved;
}

/* Makes it on both sides; the code. */
static int move_both(struct both *both, int handle, bool locks, int level) {
	int codes[2];
	int before = level_of(both->files[1][handle]);
	for (int side = 0; side < 2; side++) {
		codes[side] = make_move(both->files[side][handle], locks, level);
	}
	assert_int_equal(codes[0], codes[1]);
	for (int each = 0; each < HANDLES; each++) {
		assert_int_equal(level_of(both->files[0][each]), level_of(both->files[1][each]));
	}
	int after = level_of(both->files[1][handle]);
	both->pending_from_shared += before == SQLITE_LOCK_SHARED && after == SQLITE_LOCK_PENDING;
	return codes[1];
}

/* A move that SQLite may make from the level that the handle has: SHARED comes first, PENDING is
 * never asked for, and whether somebody has RESERVED asks only who has not. */
static void move_at_random(struct both *both) {
	struct fixture_random *random = &both->fixture.random;
	int handle = (int)fixture_random_below(random, HANDLES);
	int level = level_of(both->files[1][handle]);
	uint64_t kind = fixture_random_below(random, 5);
	if (kind == 0) {
		move_both(both, handle, false, (int)fixture_random_below(random, 2));
	} else if (kind == 1 && level <= SQLITE_LOCK_SHARED) {
		move_both(both, handle, false, SQLITE_LOCK_RESERVED);
	} else if (level == SQLITE_LOCK_NONE) {
		move_both(both, handle, true, SQLITE_LOCK_SHARED);
	} else if (level == SQLITE_LOCK_SHARED && kind <= 2) {
		move_both(both, handle, true, SQLITE_LOCK_RESERVED);
	} else {
		move_both(both, handle, true, SQLITE_LOCK_EXCLUSIVE);
	}
}

static void locks_move_as_in_the_unix_vfs(void **state) {
	struct both both;
	(void)state;
	init_both(&both);
	for (int move = 0; move < MOVES; move++) {
		move_at_random(&both);
	}
	/* The one thing in which releases differ has been met, one way or the other. */
	bool met = both.pending_from_shared > 0;
	print_message("SQLite %s: %u of %d moves left PENDING where SHARED was\n", sqlite3_libversion(),
	              both.pending_from_shared, MOVES);
	assert_int_equal(met, sqlite3_libversion_number() < 3041000);
	deinit_both(&both);
}

/* locking_mode=EXCLUSIVE in WAL mode, and the rollback of a hot journal, beside a reader. What a
 * third one gets then is what the release says. */
static void who_comes_while_exclusive_is_refused_gets_what_the_unix_vfs_gives(void **state) {
	struct both both;
	(void)state;
	init_both(&both);
	assert_int_equal(move_both(&both, 0, true, SQLITE_LOCK_SHARED), SQLITE_OK);
	assert_int_equal(move_both(&both, 1, true, SQLITE_LOCK_SHARED), SQLITE_OK);
	assert_int_equal(move_both(&both, 0, true, SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
	(void)move_both(&both, 2, true, SQLITE_LOCK_SHARED);
	deinit_both(&both);
}

/* The twin: from RESERVED no release lets new readers in. */
static void who_comes_while_a_writer_waits_is_refused(void **state) {
	struct both both;
	(void)state;
	init_both(&both);
	assert_int_equal(move_both(&both, 0, true, SQLITE_LOCK_SHARED), SQLITE_OK);
	assert_int_equal(move_both(&both, 0, true, SQLITE_LOCK_RESERVED), SQLITE_OK);
	assert_int_equal(move_both(&both, 1, true, SQLITE_LOCK_SHARED), SQLITE_OK);
	assert_int_equal(move_both(&both, 0, true, SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
	assert_int_equal(move_both(&both, 2, true, SQLITE_LOCK_SHARED), SQLITE_BUSY);
	deinit_both(&both);
}

/* ---- the WAL index --------------------------------------------------------------------------- */

#define SHM_MOVES 20000
#define SHM_HELD 16u

/* A lock that a handle has on slots of the WAL index. */
struct shm_lock {
	int first;
	int count;
	int mode; /* SQLITE_SHM_SHARED or EXCLUSIVE */
};

struct shm_holder {
	bool is_mapped;
	uint32_t count;
	struct shm_lock locks[SHM_HELD];
};

static uint32_t shm_mask(const struct shm_lock *lock) {
	return ((1u << lock->count) - 1u) << lock->first;
}

/* The slots that a handle has; `mode` 0: in either way. */
static uint32_t shm_slots(const struct shm_holder *holder, int mode) {
	uint32_t slots = 0;
	for (uint32_t i = 0; i < holder->count; i++) {
		slots |= mode == 0 || holder->locks[i].mode == mode ? shm_mask(&holder->locks[i]) : 0;
	}
	return slots;
}

static int shm_lock_both(struct both *both, int handle, const struct shm_lock *lock, int flags) {
	int codes[2];
	for (int side = 0; side < 2; side++) {
		sqlite3_file *file = both->files[side][handle];
		codes[side] = file->pMethods->xShmLock(file, lock->first, lock->count, flags | lock->mode);
	}
	assert_int_equal(codes[0], codes[1]);
	return codes[0];
}

static void shm_map_both(struct both *both, int handle) {
	int region = (int)fixture_random_below(&both->fixture.random, 3);
	int extend = (int)fixture_random_below(&both->fixture.random, 2);
	bool is_there[2];
	for (int side = 0; side < 2; side++) {
		sqlite3_file *file = both->files[side][handle];
		void volatile *memory = NULL;
		assert_int_equal(file->pMethods->xShmMap(file, region, 32768, extend, &memory), SQLITE_OK);
		is_there[side] = memory != NULL;
	}
	assert_int_equal(is_there[0], is_there[1]);
}

/* Whoever gives the index up has given up its locks. */
static void shm_unmap_both(struct both *both, int handle, struct shm_holder *holder) {
	while (holder->count > 0) {
		assert_int_equal(shm_lock_both(both, handle, &holder->locks[--holder->count], SQLITE_SHM_UNLOCK),
		                 SQLITE_OK);
	}
	int delete_flag = (int)fixture_random_below(&both->fixture.random, 2);
	for (int side = 0; side < 2; side++) {
		sqlite3_file *file = both->files[side][handle];
		assert_int_equal(file->pMethods->xShmUnmap(file, delete_flag), SQLITE_OK);
	}
	*holder = (struct shm_holder){0};
}

/* A lock that SQLite may ask for: a shared one on one slot, or an exclusive one on slots that the
 * handle has not. */
static void shm_acquire_both(struct both *both, int handle, struct shm_holder *holder) {
	struct fixture_random *random = &both->fixture.random;
	bool is_shared = fixture_random_below(random, 2) == 0;
	struct shm_lock lock = {.first = (int)fixture_random_below(random, 8), .count = 1, .mode = SQLITE_SHM_SHARED};
	if (!is_shared) {
		lock.mode = SQLITE_SHM_EXCLUSIVE;
		lock.count += (int)fixture_random_below(random, (uint64_t)(8 - lock.first));
	}
	bool is_fit = (shm_slots(holder, is_shared ? SQLITE_SHM_EXCLUSIVE : 0) & shm_mask(&lock)) == 0;
	bool is_new = (shm_slots(holder, 0) & shm_mask(&lock)) == 0;
	if (holder->count == SHM_HELD || !is_fit) {
		return;
	}
	if (shm_lock_both(both, handle, &lock, SQLITE_SHM_LOCK) == SQLITE_OK && is_new && holder->is_mapped) {
		holder->locks[holder->count++] = lock;
	}
}

static void shm_release_both(struct both *both, int handle, struct shm_holder *holder) {
	if (holder->count > 0) {
		uint32_t which = (uint32_t)fixture_random_below(&both->fixture.random, holder->count);
		struct shm_lock lock = holder->locks[which];
		assert_int_equal(shm_lock_both(both, handle, &lock, SQLITE_SHM_UNLOCK), SQLITE_OK);
		holder->locks[which] = holder->locks[--holder->count];
	}
}

static void shm_ask_both(struct both *both, int handle) {
	int readers[2] = {-1, -1};
	for (int side = 0; side < 2; side++) {
		sqlite3_file *file = both->files[side][handle];
		assert_int_equal(file->pMethods->xFileControl(file, SQLITE_FCNTL_EXTERNAL_READER, &readers[side]),
		                 SQLITE_OK);
	}
	assert_int_equal(readers[0], readers[1]);
}

/* Before it is mapped, a WAL index has no locks. */
static void the_wal_index_answers_as_in_the_unix_vfs(void **state) {
	struct both both;
	struct shm_holder holders[HANDLES] = {0};
	char name[sizeof both.path + 8];
	(void)state;
	init_both(&both);
	for (int move = 0; move < SHM_MOVES; move++) {
		int handle = (int)fixture_random_below(&both.fixture.random, HANDLES);
		uint64_t kind = fixture_random_below(&both.fixture.random, 40);
		if (kind == 0) {
			shm_unmap_both(&both, handle, &holders[handle]);
		} else if (kind < 5) {
			shm_map_both(&both, handle);
			holders[handle].is_mapped = true;
		} else if (kind < 22) {
			shm_acquire_both(&both, handle, &holders[handle]);
		} else if (kind < 38) {
			shm_release_both(&both, handle, &holders[handle]);
		} else {
			shm_ask_both(&both, handle);
		}
	}
	for (int handle = 0; handle < HANDLES; handle++) {
		shm_unmap_both(&both, handle, &holders[handle]);
	}
	(void)snprintf(name, sizeof name, "%s-shm", both.path);
	(void)unlink(name);
	deinit_both(&both);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(locks_move_as_in_the_unix_vfs),
	        cmocka_unit_test(who_comes_while_exclusive_is_refused_gets_what_the_unix_vfs_gives),
	        cmocka_unit_test(who_comes_while_a_writer_waits_is_refused),
	        cmocka_unit_test(the_wal_index_answers_as_in_the_unix_vfs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
