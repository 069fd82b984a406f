/* record/control.h: what the processes that are recorded share, and the recording that they write
 * together.
 *
 * The control block is a file beside the recording, mapped by all. Its mutex is held over a call
 * and its record: so the records have the order of the calls. A record is filled before its call,
 * and counts from the moment at which `tail` is behind it. A process that dies in between leaves it
 * to the next one, which marks it as in doubt.
 *
 * The last records lie in the control block: memory that is written to again and again costs no
 * page faults. Now and then they are written to the recording, by whose turn it is.
 */
#ifndef AFTERSHOCK_RECORD_CONTROL_H
#define AFTERSHOCK_RECORD_CONTROL_H

#include "record.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define RECORD_FILES_MAX 4096u
#define RECORD_CONTENTS_MAX 65536u
#define RECORD_CONTROL_PATH_MAX 1024u
/* So many bytes are written to the recording at once, and one record more fits. */
#define RECORD_STAGED_BYTES (UINT64_C(128) << 10)
#define RECORD_STAGED_ROOM (RECORD_STAGED_BYTES + 2 * (uint64_t)RECORD_CONTENT_MAX)
/* Shorter contents are stored each time. */
#define RECORD_ONCE_BYTES 256u

/* A file that has a number. */
struct record_file {
	uint64_t device;
	uint64_t inode;
	uint64_t path_hash; /* of its name */
	uint32_t number;    /* 0: none */
	uint32_t kind;      /* enum record_file_kind */
};

/* Where bytes with that hash lie. */
struct record_content {
	uint64_t high;
	uint64_t low;
	uint64_t offset; /* 0: none */
};

struct record_control {
	pthread_mutex_t mutex; /* robust, of all processes */
	uint64_t tail;         /* the recording is whole up to there */
	uint64_t written;      /* and in its file up to there; what is between is staged */
	uint64_t order;        /* records */
	uint32_t is_open;      /* a record lies at `tail` that does not count yet */
	uint32_t stopped;      /* errno of the first failure: from then on nothing is recorded */
	uint32_t processes;
	uint32_t files_made;
	uint32_t file_count;
	uint32_t has_output;
	uint32_t nested;       /* calls from a signal handler, in the middle of another call */
	uint64_t output_bytes; /* that the program had printed, as recorded */
	char output_path[RECORD_CONTROL_PATH_MAX];
	struct record_file files[RECORD_FILES_MAX];
	struct record_content contents[RECORD_CONTENTS_MAX];
	unsigned char staged[RECORD_STAGED_ROOM];
};

/* Of this process: NULL when it is not recorded. Found when it is first asked for. */
struct record_control *record_control(void);
/* In the child of a fork. */
void record_control_forked(void);

/* False in a child of vfork(): what it has in memory is its parent's. */
bool record_is_own_memory(void);

/* Begins: nobody else records until _end(). False when this thread is in between already, or
 * nothing is recorded any more; then _end() must not be called. */
bool record_begin(void);
void record_end(void);
/* Whether this thread is in between. */
bool record_is_inside_call(void);

/* Between _begin and _end: a record of the recording, to be filled. `content` may be NULL where
 * there is none; it is copied. It counts only once it is kept. NULL when there is no room. */
struct record_head *record_add(enum record_kind kind, uint32_t file, const void *content, uint32_t bytes);
/* The same of a write, stored once. */
struct record_head *record_add_once(enum record_kind kind, uint32_t file, const void *content, uint32_t bytes);
void record_keep(struct record_head *head);
/* It did not happen. */
void record_drop(struct record_head *head);
/* All of it at once. */
void record_say(enum record_kind kind, uint32_t file, uint64_t offset, const void *content, uint32_t bytes);

#endif
