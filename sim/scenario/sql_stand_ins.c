/* sim/scenario/sql_stand_ins.c: the key `stand_ins` of the `sql` mapping. */
#include "sql_check.h"

#include <sqlite3.h>
#include <stdio.h>

static bool sim_sql_take_stand_in(struct sim_sql_check *check, const char *text, uint32_t number) {
	struct sim_stand_ins *taken = &check->sql->stand_ins;
	struct sim_stand_in *item = &taken->items[taken->count];
	char place[SIM_SCENARIO_PLACE_SIZE];
	char why[SIM_STAND_IN_WHY_SIZE];
	snprintf(place, sizeof place, "sql.stand_ins[%u]", number);
	if (!sim_stand_in_parse(item, text, why)) {
		return sim_scenario_refuse(check->source, place, "%s: %s", place, why);
	}
	if (sim_stand_in_is_there(check->connection, item)) {
		return sim_scenario_refuse(check->source, place,
		                           "%s: %s is there already, expected a name that SQLite does not know", place,
		                           item->name);
	}
	/* Who draws has an instant to draw from. */
	check->sql->draws |= item->way == SIM_STAND_IN_AS_UNIQUE || item->way == SIM_STAND_IN_AS_FIRST;
	taken->count++;
	return sim_stand_in_add(check->connection, item) == SQLITE_OK || sim_sql_refuse(check, place);
}

bool sim_sql_take_stand_ins(struct sim_sql_check *check, const struct sim_raw_sql *raw) {
	bool fine = sim_sql_check_count(check, "sql.stand_ins", raw->stand_ins_count, SIM_STAND_INS_MAX);
	for (uint32_t i = 0; fine && i < raw->stand_ins_count; i++) {
		fine = sim_sql_take_stand_in(check, raw->stand_ins[i], i);
	}
	return fine;
}
