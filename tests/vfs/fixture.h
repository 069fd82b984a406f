/* tests/vfs/fixture.h: what the tests of vfs/ share: seeded randomness, choosers, hooks that inject
 * a fault at the nth call. */
#ifndef AFTERSHOCK_TESTS_VFS_FIXTURE_H
#define AFTERSHOCK_TESTS_VFS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "vfs.h"

/* A sequence of numbers that its seed determines (SplitMix64, public domain, Vigna 2015). */
struct fixture_random {
	uint64_t state;
};
uint64_t fixture_random_next(struct fixture_random *random);
/* Below `count`, which must not be 0. */
uint64_t fixture_random_below(struct fixture_random *random, uint64_t count);

/* A chooser that draws; its context is a struct fixture_random. */
uint64_t fixture_choose_random(void *context, enum vfs_choice choice, uint64_t count);
/* Choosers with one mind: nothing survives, everything does. */
uint64_t fixture_choose_nothing(void *context, enum vfs_choice choice, uint64_t count);
uint64_t fixture_choose_everything(void *context, enum vfs_choice choice, uint64_t count);

/* A chooser that answers each kind of question in one way (too large answers are cut) and counts
 * the questions; its context is a struct fixture_script. */
struct fixture_script {
	uint64_t answers[VFS_CHOICE_COUNT];
	uint64_t asked[VFS_CHOICE_COUNT];
};
uint64_t fixture_choose_script(void *context, enum vfs_choice choice, uint64_t count);

/* A world of one disk: hooks that count calls and inject one fault. */
struct fixture {
	struct vfs_disk *disk;
	struct vfs_hooks hooks; /* context: the fixture */
	struct fixture_random random;
	int64_t now_ns;
	uint64_t calls;               /* seen by `before` so far */
	uint64_t told;                /* seen by `after` */
	uint64_t deaths;              /* seen by `died` */
	uint64_t inject_at;           /* number of the call that gets the fault, counted from 1
	                               * among those that match; 0: none */
	uint64_t matched;             /* calls that matched so far */
	enum vfs_method method;       /* which calls match; VFS_METHOD_NONE: any */
	enum vfs_file_kind file_kind; /* of which kind; VFS_FILE_NONE: any */
	bool lasting;                 /* injects from then on */
	/* Unless injected into, syncs of these kinds of files (1 << kind), and those of directories
	 * in xDelete, lie. */
	uint32_t lying_syncs;
	bool lying_deletes;
	uint32_t flags;           /* which calls match: with exactly these flags; 0: any */
	struct vfs_answer answer; /* the fault */
	bool injected;
	uint64_t method_calls[VFS_METHOD_COUNT];
	int last_result; /* what `after` was told last */
	uint64_t last_value;
};

/* What a journalling disk with the usual capabilities is. */
extern const struct vfs_disk_options fixture_options;

void fixture_init(struct fixture *fixture, const struct vfs_disk_options *options, uint64_t seed);
void fixture_deinit(struct fixture *fixture);
/* The code that is usual when a method fails. */
int fixture_usual_error(enum vfs_method method);

/* Opens a database through a process or fails the test. */
sqlite3 *fixture_open(const struct vfs_process *process, const char *path);
/* Runs SQL; the result code. */
int fixture_run(sqlite3 *database, const char *sql);
/* Runs SQL that must succeed. */
void fixture_must_run(sqlite3 *database, const char *sql);
/* The first column of the first row as a number; -1 when there is none or on an error. */
int64_t fixture_query(sqlite3 *database, const char *sql);
/* Whether PRAGMA integrity_check says ok. */
bool fixture_is_intact(sqlite3 *database);

#endif
