/* sim/subject/subject_of_sql.h: what a client of a scenario's SQL is asked and tells, on top of
 * sim/subject/subject.h, which includes it. A program with statements of its own needs nothing of
 * it.
 */
#ifndef AFTERSHOCK_SUBJECT_OF_SQL_H
#define AFTERSHOCK_SUBJECT_OF_SQL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sqlite3;
struct subject_sink; /* subject.h */
struct subject_reply;

/* Of the `sql` scenarios: the schema under test, and what is asked about it. Lives as long as the
 * instance. */
struct subject_schema {
	bool make;                /* this start makes the database: `setup` is to be run, and
	                           * nothing will strike */
	bool reopens_after_doubt; /* else the instance goes on with the connection whose commit is
	                           * in doubt */
	uint32_t attached_count;  /* database files beside the main one */
	const char *const *attached_names;
	const char *const *attached_paths;
	uint32_t pragma_count; /* run on every connection before anything else */
	const char *const *pragmas;
	uint32_t setup_count; /* statements, one transaction together */
	const char *const *setup;
	uint32_t query_count; /* queries that must return no row */
	const char *const *queries;
	/* What a connection shows of one of its files ("main", or an attached name), as the sink
	 * wants it. Returns an extended result code; the digest is valid when it is OK. */
	int (*digest)(struct sqlite3 *connection, const char *file, uint64_t digest[2]);
};

/* A stage that an instance has come to in a step. */
enum subject_stage {
	SUBJECT_STAGE_NONE = 0,
	SUBJECT_STAGE_READS,  /* a read begins: what it shows is not older than this moment */
	SUBJECT_STAGE_SHOWN,  /* the sink was told all that it shows */
	SUBJECT_STAGE_COPIED, /* a backup is complete, and closed; next it is read */
	SUBJECT_STAGE_CHECKS, /* an integrity check begins */
	/* COMMIT, or the statement that stands alone, begins: its effect may be durable at any
	 * moment from here on. */
	SUBJECT_STAGE_COMMITS,
	SUBJECT_STAGE_COMMITS_AGAIN, /* COMMIT was busy, and is to be tried once more */
};

/* For one of several clients of one database: how it waits, and what it tells while a step lasts.
 * Other clients go on at every call of the VFS, and whenever one waits. So whoever judges must hear
 * of a stage when it is reached. An instance need not know that its process was killed: then it is
 * told to go on no more, and what it tells is ignored. All of it lives as long as the instance. */
struct subject_client {
	void *context;
	const struct subject_sink *sink; /* digest, row and checked: of a read, a copy, a check */
	void (*tell)(void *context, enum subject_stage stage);
	/* A transaction has its answer, and what follows only tidies up. Need not be told: the
	 * reply of the step counts then. */
	void (*answers)(void *context, const struct subject_reply *reply);
	/* A checkpoint was made: frames of the WAL, and how many of them are in the database now;
	 * -1: there is no WAL. */
	void (*checkpointed)(void *context, int frames, int done);
	/* Waits. */
	void (*pause)(void *context, int64_t duration_ns);
	/* Waits for another's lock, as the busy handler of SQLite; `count` says how often it has
	 * for this lock. False: it is to give up. */
	bool (*wait)(void *context, uint32_t count);
	/* To be asked after so many steps of SQLite, as its progress handler, with the statement
	 * that runs. False: it is to give up. */
	bool (*goes_on)(void *context, const char *statement);
	uint32_t goes_on_steps;
};

/* How one of several clients of SQL opens the database. */
enum subject_access {
	SUBJECT_ACCESS_USUAL = 0,
	SUBJECT_ACCESS_READ_ONLY, /* SQLITE_OPEN_READONLY */
	/* The two of a URI: immutable=1 says that nobody writes, so there are no locks and no look
	 * for changes; nolock=1 that there are no locks. */
	SUBJECT_ACCESS_IMMUTABLE,
	SUBJECT_ACCESS_NO_LOCK,
	SUBJECT_ACCESS_COUNT
};

enum subject_value_kind {
	SUBJECT_VALUE_NONE = 0, /* NULL. With SUBJECT_TAKES_VALUES only */
	SUBJECT_VALUE_INTEGER,
	SUBJECT_VALUE_TEXT,
	SUBJECT_VALUE_BLOB,
	SUBJECT_VALUE_REAL, /* `bytes` are those of a double; need not be aligned. With
	                     * SUBJECT_TAKES_VALUES only */
};

/* A named parameter and what is bound to it. */
struct subject_value {
	const char *name; /* ":key" */
	enum subject_value_kind kind;
	int64_t integer;
	const void *bytes; /* of a text, blob or real */
	uint32_t size_bytes;
};

enum subject_begin {
	SUBJECT_BEGIN_NONE = 0, /* the one statement stands alone */
	SUBJECT_BEGIN_DEFERRED,
	SUBJECT_BEGIN_IMMEDIATE,
	SUBJECT_BEGIN_EXCLUSIVE,
};

/* BEGIN, the statements, COMMIT or ROLLBACK. A value is bound wherever its name stands. */
struct subject_transaction {
	const char *name;
	enum subject_begin begin;
	bool rolls_back;
	uint32_t statement_count;
	const char *const *statements;
	uint32_t value_count;
	const struct subject_value *values;
	bool reads_first; /* of several clients: between BEGIN and the first statement it reads all,
	                   * and tells so */
};

/* As SQLite has them. */
enum subject_checkpoint {
	SUBJECT_CHECKPOINT_PASSIVE = 0,
	SUBJECT_CHECKPOINT_FULL,
	SUBJECT_CHECKPOINT_RESTART,
	SUBJECT_CHECKPOINT_TRUNCATE,
};

#ifdef __cplusplus
}
#endif

#endif
