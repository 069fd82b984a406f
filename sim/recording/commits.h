/* sim/recording/commits.h: what a recorded program committed, named from the bytes: the versions
 * of each database, in the order in which they came, and from which call on each of them is owed.
 *
 * A call that may end a transaction is a candidate: a journal loses its name, its content or its
 * header; the last frame of a commit is in the WAL; a database that has neither journal nor WAL is
 * unlocked or closed. Behind each candidate the files are recovered and read, as a kill would leave
 * them. A content that is new is a version. So a candidate too many is harmless.
 *
 * A commit has returned when its process gives the lock back, which SQLite does last. With lines
 * that acknowledge, these say instead what is owed.
 */
#ifndef AFTERSHOCK_SIM_COMMITS_H
#define AFTERSHOCK_SIM_COMMITS_H

#include "content.h"
#include "contract.h"
#include "must_check.h"
#include "redo.h"

#include <stdio.h>

#define SIM_COMMITS_DATABASES_MAX 12u
#define SIM_COMMITS_WHY_SIZE 512
#define SIM_COMMITS_UNSEEN_MAX 16u
#define SIM_COMMITS_TEXT_SIZE 300

struct sim_version {
	uint64_t order;             /* of the record that made it; 0: it was there */
	uint64_t returned;          /* of the record behind which it is owed; UINT64_MAX: never */
	enum sim_contract contract; /* after a power loss, by the settings of its
	                             * transaction; NONE: they were not seen */
	struct sim_content content;
};

struct sim_commits_database {
	char path[RECORD_PATH_MAX + 1];
	uint64_t first;                              /* the record with which it is first seen */
	uint32_t journal_modes;                      /* seen: bits 1 << enum sim_journal_mode */
	uint32_t synchronous;                        /* likewise, as the syncs say */
	enum sim_contract contract[SIM_CRASH_COUNT]; /* the weakest that was seen */
	enum sim_contract last;                      /* after a power loss, of the last one seen */
	struct sim_version *versions;
	uint32_t count;
	uint32_t room;
};

/* A transaction over several files. */
struct sim_commits_together {
	uint64_t order;
	uint32_t databases; /* bits */
};

/* What is owed from a record on, when lines of the program say so. */
struct sim_commits_owed {
	uint64_t order;
	uint64_t output_bytes; /* that it had printed */
	bool acknowledges;     /* a line that acknowledges ends here */
	uint32_t versions[SIM_COMMITS_DATABASES_MAX];
};

struct sim_commits {
	struct sim_commits_database databases[SIM_COMMITS_DATABASES_MAX];
	uint32_t count;
	struct sim_commits_together *together;
	uint32_t together_count;
	struct sim_commits_owed *owed;
	uint32_t owed_count;
	uint64_t lines; /* that acknowledge */
	bool has_lines; /* the recording was made with --ack */
	uint32_t processes;
	uint32_t writers; /* threads that write */
	uint32_t failed_syncs;
	uint32_t in_doubt;
	uint32_t unseen_count;
	char unseen[SIM_COMMITS_UNSEEN_MAX][SIM_COMMITS_TEXT_SIZE];
	uint64_t end; /* the order of the last record */
	char program[SIM_COMMITS_TEXT_SIZE];
	bool used_stand_in;
};

/* Goes through the recording once. False with one line in `why`: what is wrong with it. To be freed
 * in any case. */
bool sim_commits_read(struct sim_commits *commits, const struct sim_recording *recording,
                      struct sim_content_reader *reader, char why[SIM_COMMITS_WHY_SIZE]) SIM_MUST_CHECK;
void sim_commits_free(struct sim_commits *commits);

/* The number of the version that a database has behind a record. */
uint32_t sim_commits_current(const struct sim_commits_database *database, uint64_t order);
/* The first version that may be there, when nothing acknowledged may be lost. One that has not come
 * yet was acknowledged before it was committed. */
uint32_t sim_commits_required(const struct sim_commits *commits, uint32_t database, uint64_t order);
bool sim_content_equals(const struct sim_content *left, const struct sim_content *right);

#endif
