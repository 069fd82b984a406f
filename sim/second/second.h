/* sim/second/second.h: a second SQLite, in a process of its own.
 *
 * Two libraries of SQLite have the same names, so they cannot both be linked to one program. The
 * second one is loaded by a small program that has no SQLite itself (worker.c). It gets an image
 * over a socket, lets its SQLite recover it, and sends back what came of it (look.h). It is started
 * when it is first asked, and anew after it has crashed. It ends with whoever asks it. */
#ifndef AFTERSHOCK_SIM_SECOND_H
#define AFTERSHOCK_SIM_SECOND_H

#include "look.h"

#define SIM_SECOND_VERSION_SIZE 32
#define SIM_SECOND_SOURCE_SIZE 128
#define SIM_SECOND_WHY_SIZE 400

/* What the program says first. */
struct sim_second_identity {
	char version[SIM_SECOND_VERSION_SIZE];
	char source[SIM_SECOND_SOURCE_SIZE];
	int32_t number;                /* sqlite3_libversion_number() */
	char why[SIM_SECOND_WHY_SIZE]; /* the library cannot be used; empty: it can */
};

/* Before each image. */
struct sim_second_request {
	char path[VFS_PATH_MAX + 1]; /* of the database */
	uint64_t size_bytes;         /* of the image behind it */
};

/* The file descriptor of the socket in the program. */
#define SIM_SECOND_FD 3

enum sim_second_result {
	SIM_SECOND_ANSWERED = 0,
	SIM_SECOND_CRASHED, /* in that image */
	SIM_SECOND_HUNG,    /* likewise; the process was ended */
	SIM_SECOND_FAILED   /* it cannot be started, or memory has run out */
};

struct sim_second; /* of one process; a process that is forked starts a program of its own */

/* `library`: a path. An answer may take so many milliseconds. NULL when out of memory. */
struct sim_second *sim_second_create(const char *library, uint32_t limit_ms);
void sim_second_destroy(struct sim_second *second); /* NULL-safe */

/* Loads the library and asks what it is; then the program has ended. False with one line in `why`
 * when it is no SQLite that can be used. */
bool sim_second_identify(struct sim_second *second, char why[SIM_SECOND_WHY_SIZE]) SIM_MUST_CHECK;
/* After that. */
const struct sim_second_identity *sim_second_identity(const struct sim_second *second);

/* What its SQLite makes of the database `path` of an image. `database`: as in look.h. */
enum sim_second_result sim_second_ask(struct sim_second *second, const struct sim_second_bytes *image, const char *path,
                                      struct sim_second_answer *answer,
                                      struct sim_second_bytes *database) SIM_MUST_CHECK;

#endif
