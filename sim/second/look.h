/* sim/second/look.h: what a SQLite makes of an image: it recovers a database of it, and reads all
 * that is in there. Two programs have this code, with one SQLite each, so what differs between
 * their answers is SQLite's. */
#ifndef AFTERSHOCK_SIM_SECOND_LOOK_H
#define AFTERSHOCK_SIM_SECOND_LOOK_H

#include "image.h"

#define SIM_SECOND_TEXT_SIZE 100

struct sim_second_answer {
	int32_t code;         /* of the recovery; extended */
	int32_t content_code; /* of reading all of it; that of the recovery, where that failed */
	bool is_sound;        /* the integrity check finds nothing */
	uint64_t rows[2];     /* digest of schema and rows (sql_digest.h) */
	uint64_t size_bytes;  /* of the database file when SQLite has closed it */
	/* What the check finds, or why something was not read. */
	char text[SIM_SECOND_TEXT_SIZE];
};

/* Opens, recovers and closes the database; then reads its content. `database` gets the file as it
 * is in between. False when out of memory. */
bool sim_second_look(const struct sim_second_bytes *image, const char *path, struct sim_second_answer *answer,
                     struct sim_second_bytes *database) SIM_MUST_CHECK;

#endif
