/* tests/vfs/test_conformance.c: the simulated VFS against SQLite's unix VFS.
 *
 * A seeded generator writes scripts of varied SQL for several connections. Each statement runs over
 * the simulated VFS and over the unix VFS in a temporary directory; result codes, messages and rows
 * must be equal, and after each statement all files (databases, journals, WALs; not the -shm, which
 * here is no file) must be equal byte for byte, names included. What is random in SQLite (WAL
 * salts, journal nonces, names of super-journals, randomblob) is seeded alike before each
 * statement. Memory mapping stays off: the simulated VFS maps nothing, and SQLite spills its cache
 * at other moments when pages come from a mapping. The unix VFS runs under a shim that replaces
 * only what could not be equal: the clock, sleep, and the names of temporary files. The argument is
 * the number of scripts; a failure prints the seed and the script so far.
 */
#include "fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define CONNECTIONS_MAX 3
#define SQL_SIZE 600
#define STATEMENTS 45

static uint64_t script_count = 600;

static struct {
	uint64_t scripts;
	uint64_t statements;
	uint64_t rows;
	uint64_t errors;
	uint64_t busy;
	uint64_t files;
	uint64_t bytes;
	uint64_t journals;
	uint64_t wals;
} counts;

/* ---- the shim over the unix VFS -------------------------------------------------------------- */

static sqlite3_vfs *unix_vfs;
static sqlite3_vfs shim;
static int64_t shim_now_ns;
static char directory[64];

static int shim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags) {
	static unsigned temp_count;
	static char names[64][96]; /* the unix VFS keeps the pointer: as many as may be open at a
	                            * time */
	if (path == NULL) {
		char *name = names[temp_count++ % 64];
		(void)snprintf(name, sizeof names[0], "%s-temp/%u", directory, temp_count);
		path = name;
	}
	return unix_vfs->xOpen(vfs, path, file, flags, out_flags);
}

static int shim_sleep(sqlite3_vfs *vfs, int microseconds) {
	(void)vfs;
	shim_now_ns += (int64_t)microseconds * 1000;
	return microseconds;
}

static int shim_time(sqlite3_vfs *vfs, sqlite3_int64 *time_ms) {
	(void)vfs;
	*time_ms = INT64_C(210866760000000) + shim_now_ns / 1000000;
	return SQLITE_OK;
}

static void register_shim(void) {
	unix_vfs = sqlite3_vfs_find("unix");
	assert_non_null(unix_vfs);
	shim = *unix_vfs;
	shim.zName = "shim";
	shim.pNext = NULL;
	shim.xOpen = shim_open;
	shim.xSleep = shim_sleep;
	shim.xCurrentTimeInt64 = shim_time;
	assert_int_equal(sqlite3_vfs_register(&shim, 0), SQLITE_OK);
}

/* ---- the two sides --------------------------------------------------------------------------- */

struct result {
	int code;
	uint64_t row_count;
	uint64_t hash;
	char message[160];
};

struct side {
	const char *vfs_name;
	sqlite3 *connections[CONNECTIONS_MAX];
	sqlite3_stmt *cursors[CONNECTIONS_MAX];
};

struct script {
	uint64_t seed;
	struct fixture_random random;
	struct fixture fixture;
	struct vfs_process *process;
	struct side sides[2]; /* simulated, unix */
	int connection_count;
	int statement_count;
	char texts[STATEMENTS + 20][SQL_SIZE + 8];
};

/* While a difference is expected, it is counted instead of failing. */
static bool expects_difference;
static uint64_t differences;

static void fail_script(const struct script *script, const char *what) {
	differences++;
	if (expects_difference) {
		return;
	}
	for (int index = 0; index < script->statement_count; index++) {
		print_message("%s;\n", script->texts[index]);
	}
	fail_msg("seed %llu, statement %d: %s", (unsigned long long)script->seed, script->statement_count, what);
}

static void hash_row(struct result *result, sqlite3_stmt *statement) {
	result->row_count++;
	for (int column = 0; column < sqlite3_column_count(statement); column++) {
		int type = sqlite3_column_type(statement, column);
		const void *bytes = sqlite3_column_blob(statement, column);
		size_t size = (size_t)sqlite3_column_bytes(statement, column);
		result->hash = XXH3_64bits_withSeed(bytes, size, result->hash * 31 + (uint64_t)type);
	}
}

static void note_error(struct result *result, sqlite3 *database) {
	result->code = sqlite3_extended_errcode(database);
	(void)snprintf(result->message, sizeof result->message, "%s", sqlite3_errmsg(database));
}

static struct result run_sql(sqlite3 *database, const char *sql) {
	struct result result = {0};
	while (*sql != '\0') {
		sqlite3_stmt *statement = NULL;
		if (sqlite3_prepare_v2(database, sql, -1, &statement, &sql) != SQLITE_OK) {
			note_error(&result, database);
			return result;
		}
		int code = SQLITE_DONE;
		while (statement != NULL && (code = sqlite3_step(statement)) == SQLITE_ROW) {
			hash_row(&result, statement);
		}
		if (code != SQLITE_DONE) {
			note_error(&result, database);
		}
		sqlite3_finalize(statement);
		if (code != SQLITE_DONE) {
			return result;
		}
	}
	return result;
}

/* A cursor holds its read lock between statements. The first step opens it; at the end it goes. */
static struct result step_cursor(struct side *side, int connection) {
	struct result result = {0};
	sqlite3_stmt **cursor = &side->cursors[connection];
	if (*cursor == NULL && sqlite3_prepare_v2(side->connections[connection], "SELECT * FROM t0 ORDER BY a", -1,
	                                          cursor, NULL) != SQLITE_OK) {
		note_error(&result, side->connections[connection]);
		return result;
	}
	int code = sqlite3_step(*cursor);
	if (code == SQLITE_ROW) {
		hash_row(&result, *cursor);
		return result;
	}
	if (code != SQLITE_DONE) {
		note_error(&result, side->connections[connection]);
	}
	sqlite3_finalize(*cursor);
	*cursor = NULL;
	return result;
}

static struct result close_cursor(struct side *side, int connection) {
	sqlite3_finalize(side->cursors[connection]);
	side->cursors[connection] = NULL;
	return (struct result){0};
}

static void open_connection(struct side *side, int connection) {
	char path[96];
	(void)snprintf(path, sizeof path, "%s/main.db", directory);
	assert_int_equal(sqlite3_open_v2(path, &side->connections[connection],
	                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, side->vfs_name),
	                 SQLITE_OK);
}

static struct result reopen(struct side *side, int connection) {
	close_cursor(side, connection);
	struct result result = {.code = sqlite3_close(side->connections[connection])};
	open_connection(side, connection);
	return result;
}

static struct result set_chunks(struct side *side, int connection) {
	int size = 32768;
	return (struct result){
	        .code = sqlite3_file_control(side->connections[connection], "main", SQLITE_FCNTL_CHUNK_SIZE, &size)};
}

/* ---- comparing ------------------------------------------------------------------------------- */

struct comparison {
	const struct script *script;
	const struct vfs_disk *disk;
	size_t simulated;
};

static void compare_bytes(struct comparison *comparison, const char *path, const struct vfs_inode *inode, FILE *real) {
	static uint8_t left[65536];
	static uint8_t right[65536];
	char what[200];
	uint64_t offset = 0;
	for (;;) {
		size_t size = 0;
		vfs_disk_read(inode, offset, left, sizeof left, &size);
		size_t real_size = fread(right, 1, sizeof right, real);
		if (size != real_size || memcmp(left, right, size) != 0) {
			(void)snprintf(what, sizeof what, "%s differs at or after byte %llu", path,
			               (unsigned long long)offset);
			fail_script(comparison->script, what);
			return;
		}
		offset += size;
		if (size < sizeof left) {
			break;
		}
	}
	counts.bytes += offset;
}

static void compare_file(void *context, const char *path, const struct vfs_inode *inode) {
	struct comparison *comparison = context;
	char what[200];
	FILE *real = fopen(path, "rb");
	if (real == NULL) {
		(void)snprintf(what, sizeof what, "%s exists only on the simulated disk", path);
		fail_script(comparison->script, what);
		return;
	}
	compare_bytes(comparison, path, inode, real);
	(void)fclose(real);
	comparison->simulated++;
	counts.files++;
	counts.journals += strstr(path, "-journal") != NULL;
	counts.wals += strstr(path, "-wal") != NULL;
}

static size_t count_real_files(void) {
	size_t count = 0;
	DIR *stream = opendir(directory);
	assert_non_null(stream);
	for (const struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
		size_t length = strlen(entry->d_name);
		bool is_shm = length > 4 && strcmp(entry->d_name + length - 4, "-shm") == 0;
		count += entry->d_name[0] != '.' && !is_shm;
	}
	(void)closedir(stream);
	return count;
}

static void compare_files(const struct script *script) {
	struct comparison comparison = {.script = script, .disk = script->fixture.disk};
	vfs_disk_visit(script->fixture.disk, compare_file, &comparison);
	if (comparison.simulated != count_real_files()) {
		fail_script(script, "the unix VFS left a file that the simulated disk does not have");
	}
}

static void compare_results(const struct script *script, const struct result *simulated, const struct result *real) {
	char what[500];
	counts.statements++;
	counts.rows += real->row_count;
	counts.errors += real->code != SQLITE_OK;
	counts.busy += (real->code & 0xff) == SQLITE_BUSY;
	if (simulated->code == real->code && simulated->row_count == real->row_count && simulated->hash == real->hash &&
	    strcmp(simulated->message, real->message) == 0) {
		return;
	}
	(void)snprintf(what, sizeof what, "simulated: %d, %llu rows, %s; unix: %d, %llu rows, %s", simulated->code,
	               (unsigned long long)simulated->row_count, simulated->message, real->code,
	               (unsigned long long)real->row_count, real->message);
	fail_script(script, what);
}

/* ---- the generator --------------------------------------------------------------------------- */

enum action { ACTION_SQL, ACTION_CURSOR, ACTION_CLOSE_CURSOR, ACTION_REOPEN, ACTION_CHUNKS };

static uint64_t below(struct script *script, uint64_t count) {
	return fixture_random_below(&script->random, count);
}

static const char *pick(struct script *script, const char *const *words, uint64_t count) {
	return words[below(script, count)];
}

static const char *pick_schema(struct script *script) {
	static const char *const schemas[] = {"main", "main", "main", "aux", "temp"};
	return pick(script, schemas, 5);
}

static void write_rows(struct script *script, char *sql) {
	const char *schema = pick_schema(script);
	int table = *schema == 'a' ? 0 : *schema == 't' ? 2 : (int)below(script, below(script, 8) == 0 ? 3 : 2);
	int key = (int)below(script, 200);
	int rows = 1 + (int)below(script, below(script, 4) == 0 ? 150 : 6);
	int size = (int)below(script, below(script, 6) == 0 ? 30000 : 300);
	switch (below(script, 6)) {
	case 0:
	case 1:
	case 2:
		(void)snprintf(sql, SQL_SIZE,
		               "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%d) INSERT OR "
		               "REPLACE INTO "
		               "%s.t%d SELECT abs(random())%%500, randomblob(%d), hex(randomblob(i%%40)) FROM n",
		               rows, schema, table, size / rows + 1);
		break;
	case 3:
		(void)snprintf(sql, SQL_SIZE, "UPDATE %s.t%d SET b=randomblob(%d) WHERE a>=%d AND a<%d", schema, table,
		               size, key, key + rows);
		break;
	case 4:
		(void)snprintf(sql, SQL_SIZE, "DELETE FROM %s.t%d WHERE a>=%d AND a<%d", schema, table, key,
		               key + rows * 4);
		break;
	default:
		(void)snprintf(sql, SQL_SIZE, "INSERT INTO %s.t%d VALUES(%d, zeroblob(%d), 'text')", schema, table, key,
		               size);
		break;
	}
}

static void change_schema(struct script *script, char *sql) {
	const char *schema = pick_schema(script);
	int table = (int)below(script, 3);
	int other = (int)below(script, 3);
	switch (below(script, 6)) {
	case 0:
		(void)snprintf(sql, SQL_SIZE, "DROP TABLE %s.t%d", schema, table);
		break;
	case 1:
		(void)snprintf(sql, SQL_SIZE, "CREATE INDEX %s.i%d ON t%d(c)", schema, other, table);
		break;
	case 2:
		(void)snprintf(sql, SQL_SIZE, "ALTER TABLE %s.t%d ADD COLUMN d%d DEFAULT 7", schema, table, other);
		break;
	case 3:
		(void)snprintf(sql, SQL_SIZE, "REINDEX");
		break;
	default:
		(void)snprintf(sql, SQL_SIZE, "CREATE TABLE IF NOT EXISTS %s.t%d(a INTEGER PRIMARY KEY, b, c TEXT)",
		               schema, table);
		break;
	}
}

static void control_transaction(struct script *script, char *sql) {
	static const char *const statements[] = {"BEGIN",           "BEGIN",
	                                         "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE",
	                                         "COMMIT",          "COMMIT",
	                                         "COMMIT",          "ROLLBACK",
	                                         "SAVEPOINT s1",    "SAVEPOINT s2",
	                                         "RELEASE s1",      "ROLLBACK TO s1",
	                                         "ROLLBACK TO s2",  "ROLLBACK TO s1; RELEASE s1"};
	(void)snprintf(sql, SQL_SIZE, "%s", pick(script, statements, sizeof statements / sizeof *statements));
}

/* A transaction over main and aux: atomic by a super-journal in the rollback modes. */
static void write_two_files(struct script *script, char *sql) {
	int key = (int)below(script, 300);
	int size = (int)below(script, 5000);
	(void)snprintf(
	        sql, SQL_SIZE,
	        "BEGIN; INSERT OR REPLACE INTO main.t0 VALUES(%d, randomblob(%d), 'm'); INSERT OR REPLACE INTO aux.t0 "
	        "VALUES(%d, randomblob(50), 'a'); COMMIT",
	        key, size, key);
}

static void maintain(struct script *script, char *sql) {
	static const char *const statements[] = {"VACUUM",
	                                         "VACUUM",
	                                         "PRAGMA incremental_vacuum(5)",
	                                         "PRAGMA wal_checkpoint",
	                                         "PRAGMA wal_checkpoint(FULL)",
	                                         "PRAGMA wal_checkpoint(RESTART)",
	                                         "PRAGMA wal_checkpoint(TRUNCATE)",
	                                         "PRAGMA journal_mode=DELETE",
	                                         "PRAGMA journal_mode=TRUNCATE",
	                                         "PRAGMA journal_mode=PERSIST",
	                                         "PRAGMA journal_mode=MEMORY",
	                                         "PRAGMA journal_mode=WAL",
	                                         "PRAGMA journal_mode=WAL",
	                                         "PRAGMA journal_mode=OFF",
	                                         "PRAGMA aux.journal_mode=WAL",
	                                         "PRAGMA aux.journal_mode=PERSIST",
	                                         "PRAGMA journal_size_limit=5000",
	                                         "PRAGMA synchronous=OFF",
	                                         "PRAGMA synchronous=EXTRA",
	                                         "PRAGMA cache_size=3",
	                                         "PRAGMA cache_spill=1",
	                                         "PRAGMA user_version=5",
	                                         "PRAGMA wal_autocheckpoint=4",
	                                         "PRAGMA locking_mode=EXCLUSIVE",
	                                         "PRAGMA locking_mode=NORMAL",
	                                         "PRAGMA busy_timeout=20",
	                                         "PRAGMA secure_delete=1",
	                                         "PRAGMA page_size=1024",
	                                         "PRAGMA auto_vacuum=2",
	                                         "VACUUM aux",
	                                         "PRAGMA mmap_size",
	                                         "PRAGMA optimize"};
	(void)snprintf(sql, SQL_SIZE, "%s", pick(script, statements, sizeof statements / sizeof *statements));
}

static void query(struct script *script, char *sql) {
	static const char *const statements[] = {"SELECT count(*), sum(length(b)) FROM t0",
	                                         "SELECT * FROM main.t1 ORDER BY c DESC, a",
	                                         "SELECT count(*) FROM t0 JOIN t1 ON t0.a=t1.a+1",
	                                         "PRAGMA integrity_check",
	                                         "PRAGMA page_count",
	                                         "PRAGMA freelist_count",
	                                         "PRAGMA journal_mode",
	                                         "SELECT name, rootpage FROM sqlite_schema",
	                                         "SELECT c, count(*) FROM main.t0 GROUP BY substr(c,1,1) ORDER BY 2, 1",
	                                         "SELECT julianday('now')",
	                                         "SELECT random()",
	                                         "SELECT * FROM aux.t0 ORDER BY b"};
	(void)snprintf(sql, SQL_SIZE, "%s", pick(script, statements, sizeof statements / sizeof *statements));
}

static enum action generate(struct script *script, char *sql) {
	switch (below(script, 44)) {
	case 0:
		(void)snprintf(sql, SQL_SIZE, "-- reopen");
		return ACTION_REOPEN;
	case 1:
		(void)snprintf(sql, SQL_SIZE, "-- close cursor");
		return ACTION_CLOSE_CURSOR;
	case 2:
	case 3:
		(void)snprintf(sql, SQL_SIZE, "-- step cursor");
		return ACTION_CURSOR;
	case 4:
		if (below(script, 2) == 0) {
			(void)snprintf(sql, SQL_SIZE, "-- chunk size");
			return ACTION_CHUNKS;
		}
		/* fall through */
	case 5:
		(void)snprintf(sql, SQL_SIZE, below(script, 6) == 0 ? "DETACH aux" : "ATTACH '%s/aux.db' AS aux",
		               directory);
		return ACTION_SQL;
	case 6:
	case 7:
	case 8:
	case 9:
		change_schema(script, sql);
		return ACTION_SQL;
	case 10:
	case 11:
	case 12:
	case 13:
	case 14:
	case 15:
		control_transaction(script, sql);
		return ACTION_SQL;
	case 16:
	case 17:
	case 18:
		write_two_files(script, sql);
		return ACTION_SQL;
	case 19:
	case 20:
	case 21:
	case 22:
	case 23:
		maintain(script, sql);
		return ACTION_SQL;
	case 24:
	case 25:
	case 26:
	case 27:
	case 28:
		query(script, sql);
		return ACTION_SQL;
	default:
		write_rows(script, sql);
		return ACTION_SQL;
	}
}

/* ---- a script -------------------------------------------------------------------------------- */

static struct result act(struct side *side, int connection, enum action action, const char *sql) {
	switch (action) {
	case ACTION_CURSOR:
		return step_cursor(side, connection);
	case ACTION_CLOSE_CURSOR:
		return close_cursor(side, connection);
	case ACTION_REOPEN:
		return reopen(side, connection);
	case ACTION_CHUNKS:
		return set_chunks(side, connection);
	case ACTION_SQL:
		break;
	}
	return run_sql(side->connections[connection], sql);
}

static void run_on_both(struct script *script, int connection, enum action action, const char *sql) {
	struct result results[2];
	(void)snprintf(script->texts[script->statement_count++], SQL_SIZE + 8, "%d: %s", connection, sql);
	int seed = (int)(script->seed * 1000 % 1000000007) + script->statement_count;
	for (int side = 0; side < 2; side++) {
		assert_int_equal(sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, seed, NULL), SQLITE_OK);
		results[side] = act(&script->sides[side], connection, action, sql);
	}
	compare_results(script, &results[0], &results[1]);
	compare_files(script);
}

static void run_prologue(struct script *script) {
	static const char *const modes[] = {"DELETE", "TRUNCATE", "PERSIST", "MEMORY", "WAL", "WAL", "OFF"};
	char sql[SQL_SIZE];
	/* One after the other: the order in which arguments are evaluated is the compiler's
	 * choice. */
	int page_size_bytes = 512 << below(script, 8);
	int auto_vacuum = (int)below(script, 3);
	const char *mode = pick(script, modes, 7);
	int synchronous = (int)below(script, 4);
	(void)snprintf(sql, sizeof sql,
	               "PRAGMA page_size=%d; PRAGMA auto_vacuum=%d; PRAGMA journal_mode=%s; PRAGMA synchronous=%d; "
	               "CREATE TABLE "
	               "t0(a INTEGER PRIMARY KEY, b, c TEXT); CREATE TABLE t1(a INTEGER PRIMARY KEY, b, c TEXT)",
	               page_size_bytes, auto_vacuum, mode, synchronous);
	run_on_both(script, 0, ACTION_SQL, sql);
	for (int connection = 0; connection < script->connection_count; connection++) {
		int cache_pages = 2 + (int)below(script, 30);
		int temp_store = (int)below(script, 3);
		(void)snprintf(
		        sql, sizeof sql,
		        "PRAGMA cache_size=%d; PRAGMA temp_store=%d; ATTACH '%s/aux.db' AS aux; CREATE TABLE IF NOT "
		        "EXISTS "
		        "aux.t0(a INTEGER PRIMARY KEY, b, c); CREATE TEMP TABLE t2(a INTEGER PRIMARY KEY, b, c TEXT)",
		        cache_pages, temp_store, directory);
		run_on_both(script, connection, ACTION_SQL, sql);
	}
}

static void run_statements(struct script *script) {
	char sql[SQL_SIZE];
	for (int index = 0; index < STATEMENTS; index++) {
		int connection = (int)below(script, (uint64_t)script->connection_count);
		enum action action = generate(script, sql);
		run_on_both(script, connection, action, sql);
	}
}

static void close_side(struct side *side, int connection_count) {
	for (int connection = 0; connection < connection_count; connection++) {
		close_cursor(side, connection);
		assert_int_equal(sqlite3_close(side->connections[connection]), SQLITE_OK);
	}
}

static void remove_real_files(void) {
	DIR *stream = opendir(directory);
	char path[400];
	assert_non_null(stream);
	for (const struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
		(void)snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
		if (entry->d_name[0] != '.') {
			assert_int_equal(unlink(path), 0);
		}
	}
	(void)closedir(stream);
}

/* The same directory on the simulated disk: paths are stored in super-journal records. */
static void make_simulated_directories(struct vfs_disk *disk) {
	char path[sizeof directory];
	for (size_t index = 1; index <= strlen(directory); index++) {
		if (directory[index] != '/' && directory[index] != '\0') {
			continue;
		}
		memcpy(path, directory, index);
		path[index] = '\0';
		assert_int_equal(vfs_disk_make_directory(disk, path), VFS_OK);
	}
}

static void run_script(uint64_t seed) {
	static struct script script;
	memset(&script, 0, sizeof script);
	script.seed = seed;
	script.random.state = seed;
	fixture_init(&script.fixture, &fixture_options, seed);
	make_simulated_directories(script.fixture.disk);
	script.process = vfs_process_create(script.fixture.disk, "simulated", &script.fixture.hooks);
	shim_now_ns = script.fixture.now_ns;
	script.sides[0].vfs_name = "simulated";
	script.sides[1].vfs_name = "shim";
	script.connection_count = 1 + (int)below(&script, CONNECTIONS_MAX);
	for (int side = 0; side < 2; side++) {
		for (int connection = 0; connection < script.connection_count; connection++) {
			open_connection(&script.sides[side], connection);
		}
	}
	run_prologue(&script);
	run_statements(&script);
	for (int side = 0; side < 2; side++) {
		close_side(&script.sides[side], script.connection_count);
	}
	compare_files(&script);
	vfs_assert(script.fixture.disk);
	vfs_process_destroy(script.process);
	fixture_deinit(&script.fixture);
	remove_real_files();
	counts.scripts++;
}

static int set_up(void **state) {
	char temp[sizeof directory + 8];
	(void)state;
	/* Memory if there is any: the unix VFS syncs for real. */
	(void)snprintf(directory, sizeof directory, "/dev/shm/aftershock-XXXXXX");
	if (mkdtemp(directory) == NULL) {
		(void)snprintf(directory, sizeof directory, "/tmp/aftershock-XXXXXX");
		assert_non_null(mkdtemp(directory));
	}
	(void)snprintf(temp, sizeof temp, "%s-temp", directory);
	assert_int_equal(mkdir(temp, 0700), 0);
	register_shim();
	return 0;
}

static int tear_down(void **state) {
	char temp[sizeof directory + 8];
	(void)state;
	(void)snprintf(temp, sizeof temp, "%s-temp", directory);
	remove_real_files();
	return rmdir(temp) != 0 || rmdir(directory) != 0;
}

static void simulated_vfs_does_what_the_unix_vfs_does(void **state) {
	(void)state;
	for (uint64_t seed = 1; seed <= script_count; seed++) {
		run_script(seed);
	}
	print_message(
	        "%llu scripts, %llu statements (%llu failed, %llu of them busy), %llu rows; %llu files (%llu journals, "
	        "%llu WALs) of %llu bytes compared\n",
	        (unsigned long long)counts.scripts, (unsigned long long)counts.statements,
	        (unsigned long long)counts.errors, (unsigned long long)counts.busy, (unsigned long long)counts.rows,
	        (unsigned long long)counts.files, (unsigned long long)counts.journals, (unsigned long long)counts.wals,
	        (unsigned long long)counts.bytes);
	/* The scripts did reach what they are for. */
	assert_true(counts.busy > script_count && counts.journals > script_count && counts.wals > script_count);
	assert_true(counts.errors < counts.statements / 2);
}

static void put_real_file(const char *path, const char *text) {
	FILE *real = fopen(path, "wb");
	assert_non_null(real);
	assert_int_equal(fwrite(text, 1, strlen(text), real), strlen(text));
	(void)fclose(real);
}

/* The negative twin: other bytes, other lengths, missing and additional files, other codes and rows
 * are seen. */
static void comparison_sees_every_difference(void **state) {
	(void)state;
	static const char *const texts[] = {"abc", "abd", "ab", "abcd"};
	static struct script script;
	char path[96];
	struct vfs_inode *inode = NULL;
	bool created = false;
	fixture_init(&script.fixture, &fixture_options, 1);
	make_simulated_directories(script.fixture.disk);
	(void)snprintf(path, sizeof path, "%s/file", directory);
	assert_int_equal(vfs_disk_open(script.fixture.disk, path, true, &created, &inode), VFS_OK);
	assert_int_equal(vfs_disk_write(script.fixture.disk, inode, 0, "abc", 3), VFS_OK);
	vfs_disk_close(script.fixture.disk, inode);
	expects_difference = true;
	for (size_t index = 0; index < sizeof texts / sizeof *texts; index++) {
		put_real_file(path, texts[index]);
		compare_files(&script);
		assert_int_equal(differences, index);
	}
	remove_real_files();
	differences = 0;
	compare_files(&script);
	assert_int_equal(differences, 1);
	assert_int_equal(vfs_disk_unlink(script.fixture.disk, path), VFS_OK);
	put_real_file(path, "abc");
	compare_files(&script);
	assert_int_equal(differences, 2);
	remove_real_files();
	compare_files(&script);
	assert_int_equal(differences, 2);
	compare_results(&script, &(struct result){.hash = 1}, &(struct result){.hash = 2});
	compare_results(&script, &(struct result){.code = 1}, &(struct result){.code = 2});
	compare_results(&script, &(struct result){.row_count = 1}, &(struct result){.row_count = 1});
	assert_int_equal(differences, 4);
	expects_difference = false;
	memset(&counts, 0, sizeof counts);
	fixture_deinit(&script.fixture);
}

int main(int argument_count, char **arguments) {
	if (argument_count > 1) {
		script_count = strtoull(arguments[1], NULL, 10);
	}
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(comparison_sees_every_difference),
	        cmocka_unit_test(simulated_vfs_does_what_the_unix_vfs_does),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
