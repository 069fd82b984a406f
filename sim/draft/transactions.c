/* sim/draft/transactions.c: see transactions.h. */
#include "transactions.h"

#include "name.h"
#include "stand_ins.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define SIM_DRAFT_TRIES 20 /* of one statement, whose values are drawn */

/* What is proposed of one table. */
enum sim_draft_verb { SIM_DRAFT_INSERT = 0, SIM_DRAFT_UPDATE, SIM_DRAFT_DELETE, SIM_DRAFT_VERB_COUNT };

static const struct sim_draft_verb_row {
	const char *name;
	uint32_t weight;
} sim_draft_verbs[SIM_DRAFT_VERB_COUNT] = {{"add", 4}, {"change", 3}, {"remove", 1}};

/* ---- statements ------------------------------------------------------------------------------ */

static void sim_draft_put_insert(sqlite3_str *out, const struct sim_draft_table *table, enum sim_draft_way way,
                                 bool is_whole) {
	const char *gap = "";
	sqlite3_str_appendf(out, "INSERT INTO \"%w\"(", table->name);
	for (uint32_t i = 0; i < table->column_count; i++) {
		if (sim_draft_is_inserted(&table->columns[i], is_whole)) {
			sqlite3_str_appendf(out, "%s\"%w\"", gap, table->columns[i].name);
			gap = ", ";
		}
	}
	if (gap[0] == '\0') {
		sqlite3_str_reset(out);
		sqlite3_str_appendf(out, "INSERT INTO \"%w\" DEFAULT VALUES", table->name);
		return;
	}
	sqlite3_str_appendall(out, ")\n\tVALUES(");
	gap = "";
	for (uint32_t i = 0; i < table->column_count; i++) {
		if (sim_draft_is_inserted(&table->columns[i], is_whole)) {
			sqlite3_str_appendall(out, gap);
			sim_draft_put_value(out, table, &table->columns[i], way);
			gap = ",\n\t\t";
		}
	}
	sqlite3_str_appendall(out, ")");
}

/* The column that an UPDATE sets: the n-th of those that are no key; NULL behind the last. */
static const struct sim_draft_column *sim_draft_changed(const struct sim_draft_table *table, uint32_t number) {
	for (uint32_t i = 0; i < table->column_count; i++) {
		const struct sim_draft_column *column = &table->columns[i];
		if (!column->is_made && column->key == 0 && number-- == 0) {
			return column;
		}
	}
	return NULL;
}

/* Text of the statement in a form; NULL: there is no such form, or no memory. */
static char *sim_draft_statement(const struct sim_draft_table *table, enum sim_draft_verb verb, uint32_t form) {
	sqlite3_str *out = sqlite3_str_new(NULL);
	enum sim_draft_way way = (enum sim_draft_way)(form % SIM_DRAFT_WAY_COUNT);
	const struct sim_draft_column *column = sim_draft_changed(table, form / SIM_DRAFT_WAY_COUNT);
	/* Where rows must differ, a default that is always the same is none. */
	if (verb == SIM_DRAFT_INSERT && form < 2 * SIM_DRAFT_WAY_COUNT) {
		sim_draft_put_insert(out, table, way, form >= SIM_DRAFT_WAY_COUNT);
	} else if (verb == SIM_DRAFT_UPDATE && column != NULL) {
		sqlite3_str_appendf(out, "UPDATE \"%w\" SET \"%w\" = ", table->name, column->name);
		sim_draft_put_value(out, table, column, way);
		sqlite3_str_appendall(out, "\n\t");
		sim_draft_put_choice(out, table);
	} else if (verb == SIM_DRAFT_DELETE && form == 0) {
		sqlite3_str_appendf(out, "DELETE FROM \"%w\"\n\t", table->name);
		sim_draft_put_choice(out, table);
	}
	return sqlite3_str_finish(out);
}

/* ---- trying ---------------------------------------------------------------------------------- */

/* Whether it changes something, at least in one of some tries. What was changed is undone; but rows
 * that were inserted stay, so that there is something to change. */
static bool sim_draft_try(struct sim_draft *draft, const char *statement, bool stays) {
	bool changes = false;
	for (int i = 0; i < SIM_DRAFT_TRIES && !changes; i++) {
		int before = sqlite3_total_changes(draft->copy);
		sqlite3_exec(draft->copy, "SAVEPOINT try", NULL, NULL, NULL);
		int code = sim_draft_exec(draft, draft->copy, statement);
		changes = code == SQLITE_OK && sqlite3_total_changes(draft->copy) > before;
		if (code != SQLITE_OK) {
			snprintf(draft->refusal, sizeof draft->refusal, "%s", sqlite3_errmsg(draft->copy));
			draft->refusal[strcspn(draft->refusal, "\r\n")] = '\0';
		}
		if (!changes || !stays) {
			sqlite3_exec(draft->copy, "ROLLBACK TO try", NULL, NULL, NULL);
		}
		sqlite3_exec(draft->copy, "RELEASE try", NULL, NULL, NULL);
		if (code != SQLITE_OK && (code & 0xff) != SQLITE_CONSTRAINT) {
			return false;
		}
	}
	return changes;
}

/* A DELETE that a foreign key refuses now may be taken when other rows are there. */
static bool sim_draft_may_work(const struct sim_draft *draft, enum sim_draft_verb verb) {
	return verb == SIM_DRAFT_DELETE && sqlite3_errcode(draft->copy) == SQLITE_OK &&
	       strstr(draft->refusal, "constraint failed") != NULL;
}

/* The first form that works; NULL: none does. From sqlite3_malloc(). */
static char *sim_draft_find(struct sim_draft *draft, const struct sim_draft_table *table, enum sim_draft_verb verb) {
	char *statement = NULL;
	draft->refusal[0] = '\0';
	for (uint32_t form = 0; (statement = sim_draft_statement(table, verb, form)) != NULL; form++) {
		if (sim_draft_try(draft, statement, verb == SIM_DRAFT_INSERT) || sim_draft_may_work(draft, verb)) {
			return statement;
		}
		sqlite3_free(statement);
	}
	return NULL;
}

/* A table may have room for one row only, and have it. From sqlite3_malloc(). */
static char *sim_draft_find_on_empty(struct sim_draft *draft, const struct sim_draft_table *table) {
	char *sql = sqlite3_mprintf("SAVEPOINT emptied; DELETE FROM \"%w\"", table->name);
	char *statement = NULL;
	if (sql != NULL && sqlite3_exec(draft->copy, sql, NULL, NULL, NULL) == SQLITE_OK) {
		statement = sim_draft_find(draft, table, SIM_DRAFT_INSERT);
	}
	sqlite3_exec(draft->copy, "ROLLBACK TO emptied; RELEASE emptied", NULL, NULL, NULL);
	sqlite3_free(sql);
	return statement;
}

/* The last function that a CHECK or a trigger may have asked, with another answer. */
static char *sim_draft_find_with(struct sim_draft *draft, const struct sim_draft_table *table,
                                 struct sim_stand_in *item) {
	static const enum sim_stand_in_way others[] = {SIM_STAND_IN_AS_ONE, SIM_STAND_IN_AS_ZERO, SIM_STAND_IN_AS_HASH};
	const enum sim_stand_in_way way = item->way;
	char *statement = NULL;
	for (size_t i = 0; statement == NULL && i < sizeof others / sizeof others[0]; i++) {
		item->way = others[i];
		statement = sim_draft_find(draft, table, SIM_DRAFT_INSERT);
	}
	item->way = statement != NULL ? item->way : way;
	return statement;
}

/* Functions that this table has asked for stand-ins of, from number `first` on. */
static char *sim_draft_find_by_functions(struct sim_draft *draft, const struct sim_draft_table *table, uint32_t first) {
	char *statement = NULL;
	for (uint32_t i = draft->stand_ins.count; statement == NULL && i > first; i--) {
		struct sim_stand_in *item = &draft->stand_ins.items[i - 1];
		if (item->kind == SIM_STAND_IN_FUNCTION) {
			statement = sim_draft_find_with(draft, table, item);
		}
	}
	return statement;
}

static char *sim_draft_find_first(struct sim_draft *draft, const struct sim_draft_table *table) {
	const uint32_t before = draft->stand_ins.count;
	char *statement = table->is_shadow ? NULL : sim_draft_find(draft, table, SIM_DRAFT_INSERT);
	if (statement == NULL && !table->is_shadow) {
		statement = sim_draft_find_by_functions(draft, table, before);
	}
	if (statement == NULL && !table->is_shadow) {
		char refusal[sizeof draft->refusal];
		memcpy(refusal, draft->refusal, sizeof refusal);
		statement = sim_draft_find_on_empty(draft, table);
		memcpy(draft->refusal, refusal, sizeof refusal);
	}
	return statement;
}

/* ---- the file -------------------------------------------------------------------------------- */

/* With the number of the table, so that no two are the same. */
static void sim_draft_put_name(sqlite3_str *out, const char *verb, const struct sim_draft_table *table,
                               uint32_t number) {
	char word[18];
	sim_draft_word(table->name, "", word, sizeof word);
	sqlite3_str_appendf(out, "%s%s%s-%u", verb, word[0] != '\0' ? "-" : "", word, number);
}

static void sim_draft_put_transaction(struct sim_draft *draft, sqlite3_str *out, const struct sim_draft_table *table,
                                      uint32_t number, enum sim_draft_verb verb) {
	char *statement = sim_draft_find(draft, table, verb);
	if (statement == NULL && verb == SIM_DRAFT_INSERT && table->first_insert != NULL) {
		/* A table that has room for one row only: it works again when that is removed. */
		statement = sqlite3_mprintf("%s", table->first_insert);
	}
	if (statement == NULL) {
		if (verb == SIM_DRAFT_INSERT) {
			sqlite3_str_appendf(out, "\n-- No INSERT into %s was found that works: %s.\n", table->name,
			                    draft->refusal[0] != '\0' ? draft->refusal : "it changes nothing");
			draft->not_proposed++;
		}
		return;
	}
	sqlite3_str_appendall(out, "\n-- name: ");
	sim_draft_put_name(out, sim_draft_verbs[verb].name, table, number + 1);
	sqlite3_str_appendf(out, "\n-- weight: %u\nBEGIN IMMEDIATE;\n%s;\nCOMMIT;\n", sim_draft_verbs[verb].weight,
	                    statement);
	draft->proposed++;
	sqlite3_free(statement);
}

static void sim_draft_put_verb(struct sim_draft *draft, sqlite3_str *out, const struct sim_draft_table *tables,
                               uint32_t count, enum sim_draft_verb verb) {
	const uint32_t most = draft->most;
	for (uint32_t i = 0; i < count; i++) {
		if (tables[i].is_shadow) {
			continue;
		}
		if (draft->proposed < most) {
			sim_draft_put_transaction(draft, out, &tables[i], i, verb);
		} else {
			sqlite3_str_appendf(out, "\n-- More than %u transactions do not fit: none here to %s %s.\n",
			                    most, sim_draft_verbs[verb].name, tables[i].name);
		}
	}
}

bool sim_draft_propose(struct sim_draft *draft, struct sim_draft_table *tables, uint32_t count) {
	sqlite3_str *out = sqlite3_str_new(NULL);
	sqlite3_str_appendall(out, "-- Transactions for every table. Each is judged by whether it is all there, or\n"
	                           "-- not at all. Take away what your program never does, and add what it does.\n"
	                           "-- Several statements between BEGIN and COMMIT belong together.\n");
	/* A table may come before the one that its rows refer to. */
	for (uint32_t i = 0; i < count; i++) {
		tables[i].first_insert = sim_draft_find_first(draft, &tables[i]);
	}
	/* Inserts first: they give the others something to do. */
	for (uint32_t verb = 0; verb < SIM_DRAFT_VERB_COUNT; verb++) {
		sim_draft_put_verb(draft, out, tables, count, (enum sim_draft_verb)verb);
	}
	draft->transactions = sqlite3_str_finish(out);
	return draft->transactions != NULL;
}
