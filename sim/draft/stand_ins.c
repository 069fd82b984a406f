/* sim/draft/stand_ins.c: see stand_ins.h. */
#include "stand_ins.h"

#include "draft.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* What SQLite says, with the name at its end. */
static const struct sim_draft_lack {
	const char *says;
	enum sim_stand_in_kind kind;
} sim_draft_lacks[] = {
        {"no such collation sequence: ", SIM_STAND_IN_COLLATION},
        {"no such function: ", SIM_STAND_IN_FUNCTION},
        {"unknown function: ", SIM_STAND_IN_FUNCTION}, /* with "()" behind its name */
        {"no such tokenizer: ", SIM_STAND_IN_TOKENIZER},
        {"unknown tokenizer: ", SIM_STAND_IN_TOKENIZER},
};

/* A word in the name of what stands for yes, no, or equal letters; the first that fits counts. */
static const struct sim_draft_guess {
	enum sim_stand_in_kind kind;
	const char *pattern;
	enum sim_stand_in_way way;
} sim_draft_guesses[] = {
        {SIM_STAND_IN_COLLATION, "%case%", SIM_STAND_IN_AS_NOCASE},
        {SIM_STAND_IN_COLLATION, "%unicode%", SIM_STAND_IN_AS_NOCASE},
        {SIM_STAND_IN_COLLATION, "%icu%", SIM_STAND_IN_AS_NOCASE},
        {SIM_STAND_IN_COLLATION, "%locali%", SIM_STAND_IN_AS_NOCASE},
        {SIM_STAND_IN_COLLATION, "%", SIM_STAND_IN_AS_BINARY},
        {SIM_STAND_IN_FUNCTION, "regexp", SIM_STAND_IN_AS_ONE},
        {SIM_STAND_IN_FUNCTION, "match", SIM_STAND_IN_AS_ONE},
        {SIM_STAND_IN_FUNCTION, "%uuid%", SIM_STAND_IN_AS_UNIQUE},
        {SIM_STAND_IN_FUNCTION, "%guid%", SIM_STAND_IN_AS_UNIQUE},
        {SIM_STAND_IN_FUNCTION, "%hash%", SIM_STAND_IN_AS_HASH},
        {SIM_STAND_IN_FUNCTION, "st\\_is%", SIM_STAND_IN_AS_ZERO},
        {SIM_STAND_IN_FUNCTION, "%", SIM_STAND_IN_AS_FIRST},
        {SIM_STAND_IN_TOKENIZER, "%porter%", SIM_STAND_IN_AS_PORTER},
        {SIM_STAND_IN_TOKENIZER, "%", SIM_STAND_IN_AS_UNICODE61},
};

/* What the connection has just missed. */
static bool sim_draft_find_lack(sqlite3 *connection, struct sim_stand_in *item) {
	const char *said = sqlite3_errmsg(connection);
	for (size_t i = 0; i < sizeof sim_draft_lacks / sizeof sim_draft_lacks[0]; i++) {
		const char *found = strstr(said, sim_draft_lacks[i].says);
		const char *name = found != NULL ? found + strlen(sim_draft_lacks[i].says) : "";
		size_t size = strcspn(name, "(");
		/* In the text of a scenario it is a word. */
		if (size > 0 && size < sizeof item->name && strcspn(name, " \t\r\n(") == size) {
			item->kind = sim_draft_lacks[i].kind;
			memcpy(item->name, name, size);
			item->name[size] = '\0';
			return true;
		}
	}
	return false;
}

static enum sim_stand_in_way sim_draft_guess_way(const struct sim_stand_in *item) {
	const struct sim_draft_guess *guess = sim_draft_guesses;
	while (guess->kind != item->kind || sqlite3_strlike(guess->pattern, item->name, '\\') != 0) {
		guess++;
	}
	return guess->way;
}

static bool sim_draft_stand_in(struct sim_draft *draft, sqlite3 *connection) {
	struct sim_stand_ins *stand_ins = &draft->stand_ins;
	struct sim_stand_in found = {SIM_STAND_IN_NONE, SIM_STAND_IN_AS_NONE, ""};
	if (stand_ins->count == SIM_STAND_INS_MAX || !sim_draft_find_lack(connection, &found) ||
	    sim_stand_in_is_there(connection, &found)) {
		return false;
	}
	struct sim_stand_in *item = &stand_ins->items[stand_ins->count++];
	*item = found;
	item->way = sim_draft_guess_way(item);
	return sim_stand_in_add(draft->source, item) == SQLITE_OK && sim_stand_in_add(draft->copy, item) == SQLITE_OK;
}

int sim_draft_exec(struct sim_draft *draft, sqlite3 *connection, const char *sql) {
	int code = sqlite3_exec(connection, sql, NULL, NULL, NULL);
	while (code != SQLITE_OK && sim_draft_stand_in(draft, connection)) {
		code = sqlite3_exec(connection, sql, NULL, NULL, NULL);
	}
	return code;
}
