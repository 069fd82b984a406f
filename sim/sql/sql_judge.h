/* sim/sql/sql_judge.h: which contents of a database under test are admissible, and whether what its
 * connection shows is one.
 *
 * Files that commit together are a group; groups are judged each by itself. In the rollback modes
 * with synchronous not OFF all files are one group (the super-journal); in WAL, MEMORY and OFF each
 * file is a group (docs/contracts.md section 1). A group has a chain of states, the first of which
 * is the schema as it was set up: acknowledged commits, and commits in doubt that were shown.
 * Beside it are the attempts whose outcome is open, each on top of a state of the chain; they stay
 * open until a later commit is acknowledged that has written to the group, for only that puts an
 * end to them for good (docs/contracts.md section 2).
 */
#ifndef AFTERSHOCK_SIM_SQL_JUDGE_H
#define AFTERSHOCK_SIM_SQL_JUDGE_H

#include "contract.h"
#include "must_check.h"
#include "plan.h"
#include "sql_reference.h"
#include "sql_call.h"

#define SIM_SQL_ATTEMPTS_MAX 32u

/* A content that differs from the one before it. */
struct sim_sql_entry {
	bool acknowledged;
	bool changed;     /* differs from the one before */
	bool spilled;     /* its cache overflowed before the commit; for people */
	bool is_synced;   /* the setting in force at its commit makes it durable */
	const char *name; /* of its template; NULL: the first of all */
	struct sim_sql_state state;
	struct sim_sql_image images[SIM_SQL_FILES_MAX]; /* of the group's files */
};

struct sim_sql_attempt {
	uint32_t base;       /* the entry it was tried on */
	bool settled_living; /* a read has shown the state without it: only a power loss can bring
	                      * it back */
	struct sim_sql_entry entry;
};

struct sim_sql_group {
	uint32_t first_file;
	uint32_t file_count;
	uint32_t top; /* the last entry */
	uint32_t attempt_count;
	struct sim_sql_entry entries[SIM_SQL_TRANSACTIONS_MAX + 64];
	struct sim_sql_attempt attempts[SIM_SQL_ATTEMPTS_MAX];
};

/* What a connection showed. */
struct sim_sql_view {
	bool unavailable;
	int code;
	char reason[SUBJECT_REASON_SIZE];
	struct sim_sql_state state;
	bool broken; /* a query returned a row */
	uint32_t query;
	char row[SUBJECT_REASON_SIZE];
	bool corrupt; /* an integrity check was not "ok" */
	char line[SUBJECT_REASON_SIZE];
};

/* What a load must be judged by. */
struct sim_sql_terms {
	enum sim_contract contract;
	enum sim_crash crash;
	bool by_commit;      /* nothing but settings makes less owed: each commit goes by its own */
	bool rollback_modes; /* nothing but rollback journals: a read settles a doubt for a living
	                      * machine */
};

struct sim_sql_judge {
	const struct sim_sql *sql;
	struct sim_sql_reference *reference; /* owned; at the top of every chain */
	uint32_t group_count;
	struct sim_sql_group groups[SIM_SQL_FILES_MAX];
	uint32_t holds_still; /* what is found is told, and chains and reference stay; so
	                       * many times asked for */
	/* what the last _loaded() or _live() found */
	bool admissible;
	bool found;
	bool attempt_found;
	bool diverged;         /* the groups show different moments */
	uint64_t lost;         /* acknowledged commits, in the group that lost most */
	const char *lost_name; /* the first of them */
	bool lost_spilled;
};

/* False when out of memory. Give the judge to _deinit. `atomic`: all files are one group. */
bool sim_sql_judge_init(struct sim_sql_judge *judge, const struct sim_sql *sql, const struct sim_sql_pragmas *pragmas,
                        bool atomic) SIM_MUST_CHECK;
void sim_sql_judge_deinit(struct sim_sql_judge *judge);

/* What the reference makes of a transaction; it is not kept. NONE: the reference failed. */
enum sim_sql_answer sim_sql_judge_predict(struct sim_sql_judge *judge, const struct sim_sql_call *call);
/* The transaction was acknowledged, or its outcome is open; the reference's own answer, which is
 * kept when it commits. `ends_doubts`: a commit that wrote ends what was open before it. */
struct sim_sql_commit {
	bool ends_doubts;
	bool spilled;
	bool is_synced; /* the setting in force makes it durable */
};
enum sim_sql_answer sim_sql_judge_committed(struct sim_sql_judge *judge, const struct sim_sql_call *call,
                                            const struct sim_sql_commit *commit);
enum sim_sql_answer sim_sql_judge_attempted(struct sim_sql_judge *judge, const struct sim_sql_call *call);
/* A start shows this. Moves chains and reference to it when it is found, admissible or not. */
bool sim_sql_judge_loaded(struct sim_sql_judge *judge, const struct sim_sql_view *view,
                          const struct sim_sql_terms *terms) SIM_MUST_CHECK;
/* Until it is told to go on, what a start shows moves nothing. An attempt that is opened meanwhile
 * is forgotten then. False when it has no room for one. */
bool sim_sql_judge_hold_still(struct sim_sql_judge *judge) SIM_MUST_CHECK;
void sim_sql_judge_go_on(struct sim_sql_judge *judge, const uint32_t attempts[SIM_SQL_FILES_MAX]);
/* The template of the newest commit whose cache overflowed; "none" when there is none. For
 * people. */
const char *sim_sql_judge_last_spilled(const struct sim_sql_judge *judge);
/* The living connection shows this: the top of the chain, or on top of it an attempt that is
 * `fresh`. */
bool sim_sql_judge_live(struct sim_sql_judge *judge, const struct sim_sql_view *view, bool fresh);

#endif
