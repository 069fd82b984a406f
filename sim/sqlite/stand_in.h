/* sim/sqlite/stand_in.h: stand-ins for what a schema needs from its program: collations, functions
 * and tokenizers that SQLite does not have. Whatever the real ones do, a stand-in is a function of
 * its arguments, or of the instant (sim/sqlite/instant.h). So the connection under test, the
 * reference and the judge agree, and a schema runs without its program.
 *
 * As text a stand-in is "collation NAME as WAY", "function NAME as WAY", "tokenizer NAME as WAY".
 */
#ifndef AFTERSHOCK_SIM_STAND_IN_H
#define AFTERSHOCK_SIM_STAND_IN_H

#include "must_check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite3;

#define SIM_STAND_INS_MAX 64u
#define SIM_STAND_IN_NAME_SIZE 64u
#define SIM_STAND_IN_TEXT_SIZE 128u
#define SIM_STAND_IN_WHY_SIZE 256u

enum sim_stand_in_kind {
	SIM_STAND_IN_NONE = 0,
	SIM_STAND_IN_COLLATION,
	SIM_STAND_IN_FUNCTION,
	SIM_STAND_IN_TOKENIZER, /* of FTS5, and of FTS3 and FTS4 */
	SIM_STAND_IN_KIND_COUNT
};

enum sim_stand_in_way {
	SIM_STAND_IN_AS_NONE = 0,
	SIM_STAND_IN_AS_BINARY, /* collations: as SQLite's three */
	SIM_STAND_IN_AS_NOCASE,
	SIM_STAND_IN_AS_RTRIM,
	SIM_STAND_IN_AS_FIRST,  /* functions: the first argument; without any, as unique */
	SIM_STAND_IN_AS_HASH,   /* a number that follows from the arguments */
	SIM_STAND_IN_AS_UNIQUE, /* a text of its own for each call */
	SIM_STAND_IN_AS_ZERO,
	SIM_STAND_IN_AS_ONE,
	SIM_STAND_IN_AS_NULL,
	SIM_STAND_IN_AS_UNICODE61, /* tokenizers: as SQLite's */
	SIM_STAND_IN_AS_ASCII,
	SIM_STAND_IN_AS_PORTER,
	SIM_STAND_IN_AS_TRIGRAM,
	SIM_STAND_IN_WAY_COUNT
};

struct sim_stand_in {
	enum sim_stand_in_kind kind;
	enum sim_stand_in_way way;
	char name[SIM_STAND_IN_NAME_SIZE];
};

/* Plain; no stand-ins when zero. */
struct sim_stand_ins {
	uint32_t count;
	struct sim_stand_in items[SIM_STAND_INS_MAX];
};

/* Reads the text form. False with one line in `why`, which says what was expected. */
bool sim_stand_in_parse(struct sim_stand_in *item, const char *text, char why[SIM_STAND_IN_WHY_SIZE]) SIM_MUST_CHECK;
void sim_stand_in_print(const struct sim_stand_in *item, char text[SIM_STAND_IN_TEXT_SIZE]);
/* Whether the connection has one of that kind and name already, which is then the real one. */
bool sim_stand_in_is_there(struct sqlite3 *connection, const struct sim_stand_in *item);
/* Gives one connection the stand-in, which must outlive it. Returns an SQLite result code. */
int sim_stand_in_add(struct sqlite3 *connection, const struct sim_stand_in *item);

/* From here on each connection that is opened has these, which are borrowed, until _uninstall.
 * Returns an SQLite result code. */
int sim_stand_ins_install(const struct sim_stand_ins *stand_ins);
void sim_stand_ins_uninstall(void);

#endif
