/* sim/scenario/sql.h: a scenario of SQL as a value: schema, transaction templates, parameters,
 * queries; and one transaction of a template with the values that a seed has drawn
 * (sim/plan/sql_plan.h). The words are those of scenarios/README.md. */
#ifndef AFTERSHOCK_SIM_SQL_H
#define AFTERSHOCK_SIM_SQL_H

#include "must_check.h"
#include "scenario.h"
#include "stand_in.h"
#include "subject.h"
#include "subject_extension.h"

#define SIM_SQL_NAME_SIZE 32
#define SIM_SQL_FILES_MAX 3u
#define SIM_SQL_PARAMETERS_MAX 16u
#define SIM_SQL_TEMPLATES_MAX 512u /* a multiple of 64 */
#define SIM_SQL_STATEMENTS_MAX 32u
#define SIM_SQL_PRAGMAS_MAX 8u
#define SIM_SQL_PRAGMA_VALUES_MAX 8u /* of one pragma, one of which a seed draws */
#define SIM_SQL_TUNINGS_MAX 16u
#define SIM_SQL_QUERIES_MAX 8u
#define SIM_SQL_VALUE_BYTES_MAX 100000u
#define SIM_SQL_CHOICES_MAX 64u

/* A list of texts, owned. */
struct sim_sql_texts {
	uint32_t count;
	char **texts;
};

/* What a parameter is drawn as. */
enum sim_sql_kind {
	SIM_SQL_KIND_NONE = 0,
	SIM_SQL_INTEGER,
	SIM_SQL_REAL, /* in thousandths */
	SIM_SQL_TEXT,
	SIM_SQL_BLOB,
	SIM_SQL_DATE,     /* "2024-02-29"; in days since 1970 */
	SIM_SQL_DATETIME, /* "2024-02-29 12:00:00"; in seconds since 1970 */
	SIM_SQL_CHOICE,   /* one of some words */
	SIM_SQL_KIND_COUNT
};

struct sim_sql_parameter {
	char name[SIM_SQL_NAME_SIZE]; /* ":key" */
	enum sim_sql_kind kind;
	struct sim_range range; /* of the number, less `least`; of a text or blob, of the size in
	                         * bytes; of a choice, of its number */
	int64_t least;          /* at most 0 */
	bool is_utf8;           /* a text with longer letters, too */
	uint32_t nulls_percent; /* of the values are NULL */
	struct sim_sql_texts choices;
};

struct sim_sql_template {
	char name[SIM_SQL_NAME_SIZE];
	uint32_t weight;
	enum subject_begin begin;
	bool rolls_back;
	bool maintains; /* its one statement changes no content: VACUUM, PRAGMA */
	bool vacuums;
	bool undoes;                        /* has a ROLLBACK TO */
	enum sim_journal_mode journal_mode; /* that it switches to; NONE: it does not */
	uint32_t parameters;                /* bit 1 << number: is used */
	struct sim_sql_texts statements;
};

/* The values that a seed may draw for one pragma: so many of the texts. */
struct sim_sql_pragma {
	uint32_t first;
	uint32_t count;
};

/* Some of the templates, by number. */
struct sim_sql_set {
	uint64_t words[SIM_SQL_TEMPLATES_MAX / 64];
};

static inline bool sim_sql_set_has(const struct sim_sql_set *set, uint32_t number) {
	return (set->words[number / 64] >> (number % 64) & 1) != 0;
}

static inline void sim_sql_set_add(struct sim_sql_set *set, uint32_t number) {
	set->words[number / 64] |= (uint64_t)1 << (number % 64);
}

/* What a pragma makes of a connection in mid-run, as far as it matters to who judges. */
struct sim_sql_tuning {
	enum sim_synchronous synchronous; /* NONE: it is about something else */
	bool keeps_locks;                 /* locking_mode = exclusive */
};

/* The pragmas of one run, borrowed. */
struct sim_sql_pragmas {
	uint32_t count;
	const char *texts[SIM_SQL_PRAGMAS_MAX];
};

struct sim_sql {
	uint32_t file_count; /* the main database and the attached ones */
	char file_names[SIM_SQL_FILES_MAX][SIM_SQL_NAME_SIZE];
	char file_paths[SIM_SQL_FILES_MAX][2 * SIM_SQL_NAME_SIZE];
	const char *attached_names[SIM_SQL_FILES_MAX]; /* point into the two above, for struct
	                                                * subject_schema */
	const char *attached_paths[SIM_SQL_FILES_MAX];
	struct sim_choices after_doubt; /* enum sim_sql_after_doubt */
	uint32_t attached_percent;      /* of the runs have the attached files */
	/* The same without attached files, which shares the texts; owned. Itself, if this is it.
	 * NULL: they are always there */
	struct sim_sql *alone;
	uint32_t pragma_count;
	struct sim_sql_pragma pragma_values[SIM_SQL_PRAGMAS_MAX];
	struct sim_sql_texts pragmas; /* "PRAGMA ...", of each pragma one value after the other */
	struct sim_sql_texts tunings; /* "PRAGMA ...", for between two transactions */
	struct sim_sql_tuning tuning_values[SIM_SQL_TUNINGS_MAX];
	uint32_t extension_count; /* loadable extensions of the program */
	const struct subject_extension *extensions[SUBJECT_EXTENSIONS_MAX];
	struct sim_stand_ins stand_ins; /* for what the schema needs from its program */
	struct sim_sql_texts setup;
	bool loads_file; /* its first statements are a file's, whose rows come in any order: foreign
	                  * keys are off meanwhile */
	struct sim_sql_texts queries;
	uint32_t parameter_count;
	struct sim_sql_parameter parameters[SIM_SQL_PARAMETERS_MAX];
	bool draws; /* some text names random() or randomblob() */
	uint32_t template_count;
	struct sim_sql_template templates[SIM_SQL_TEMPLATES_MAX];
};

/* What a subject does after a commit whose outcome is unknown. */
enum sim_sql_after_doubt {
	SIM_SQL_DOUBT_NONE = 0,
	SIM_SQL_DOUBT_REOPENS,
	SIM_SQL_DOUBT_CONTINUES,
	SIM_SQL_DOUBT_COUNT
};

/* A drawn value: of texts and blobs the size, and a seed that makes the bytes. */
struct sim_sql_value {
	uint64_t number; /* the number, as a signed one; the seed */
	uint32_t size_bytes;
	bool is_null;
};

struct sim_sql_transaction {
	uint32_t template_number;
	bool looks; /* the connection is read after it */
	struct sim_sql_value values[SIM_SQL_PARAMETERS_MAX];
};

void sim_sql_destroy(struct sim_sql *sql);
const char *sim_sql_after_doubt_name(enum sim_sql_after_doubt after); /* "reopen" */

/* How long the SQL of one scenario may take while it is checked; 20 seconds unless this says
 * otherwise. */
void sim_sql_set_patience(uint32_t seconds);

#endif
