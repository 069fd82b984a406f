/* record/watch.h: which files are SQLite's, and which descriptors of this process lead to them.
 *
 * A database is known by its first bytes, by a journal or a WAL beside it, or because it was named.
 * A file that is opened for writing and is none of these is undecided: with its first write it may
 * become a database. All but record_watch() and record_watch_forget() is called between
 * record_begin() and record_end(). */
#ifndef AFTERSHOCK_RECORD_WATCH_H
#define AFTERSHOCK_RECORD_WATCH_H

#include "control.h"

#include <sys/stat.h>

/* What a descriptor leads to. */
struct record_watched {
	uint64_t device;
	uint64_t inode;
	uint32_t number; /* 0: undecided */
	uint8_t kind;    /* enum record_file_kind; 0: it is not watched */
	bool was_created;
	bool was_said; /* it is no database, and that is recorded */
};

/* NULL when the descriptor is not watched. */
struct record_watched *record_watch(int descriptor);
/* The descriptor leads elsewhere from now on, or nowhere. */
void record_watch_forget(int descriptor);
void record_watch_copy(int from, int to);

/* Before a file is opened for writing: where it is, when that is known, and whether it is there. */
struct record_opening {
	const char *path;
	int flags;
	enum record_file_kind kind; /* 0: nobody knows yet; else that of a database with a
	                             * number, and the path is the real one */
	bool existed;
};
/* False when it is none that could be a database. */
bool record_watch_may_open(int directory, struct record_opening *opening);
/* And behind it. */
void record_watch_opened(int descriptor, const struct record_opening *opening);
/* The descriptors that a new program was given. */
void record_watch_inherited(void);
/* Whether the descriptor leads where it led; and what fstat() says. It is forgotten otherwise. */
bool record_watch_verify(int descriptor, struct record_watched *watched, struct stat *status);
/* The first bytes of an undecided file are about to be written. */
void record_watch_decide(int descriptor, struct record_watched *watched, const void *bytes, size_t size,
                         uint64_t offset);
/* The file with that name that has a number, or NULL; a symbolic link is none. */
struct record_file *record_watch_named(int directory, const char *path);
void record_watch_unlinked(struct record_file *file);
void record_watch_renamed(uint32_t number, const char *path);
/* A file that nobody has opened takes the name of a database. */
struct record_file *record_watch_adopt(int directory, const char *path);

/* The path of a descriptor, or of a name in a directory. False when it is too long. */
bool record_real_path(int descriptor, char path[RECORD_PATH_MAX + 1]);
bool record_real_name(int directory, const char *name, char path[RECORD_PATH_MAX + 1]);

#endif
