/* sim/setting_row.h: one row for each setting of a run.
 *
 * Everything that handles a setting goes by these rows: the reader of scenarios and its checks, the
 * drawing, the text form of a plan, `aftershock list settings`. sim/scenario/README.md says how to
 * add a setting.
 */
#ifndef AFTERSHOCK_SIM_SETTING_ROW_H
#define AFTERSHOCK_SIM_SETTING_ROW_H

#include "must_check.h"
#include "settings.h"

#include <stddef.h>

#define SIM_SETTING_EXPECTED_SIZE 160

struct sim_setting_row {
	const char *section; /* of a scenario's file: "settings", "disk", "bound"; NULL: a file does
	                      * not have it */
	const char *key;     /* there: "busy_timeout_ms" */
	const char *word;    /* in a plan: "busy_timeout" */
	const char *about;   /* one line for people */
	size_t offset;       /* of the field in struct sim_settings */
	size_t size;         /* of the field, in bytes: 1, 4 or 8 */
	/* The word of a value, NULL behind the last; NULL when the setting is a number. */
	const char *(*name)(uint32_t value);
	uint64_t min; /* of words: the first that may be written */
	uint64_t max; /* not of words */
	const char *unit;
	uint64_t usual;    /* when a file does not say it */
	bool power_of_two; /* and nothing between */
	bool ends_only;    /* min and max, and nothing between */
	bool single;       /* a file has one word or number, not a list; nothing is drawn */
	bool silent;       /* a plan does not say it when it is the usual one; so is each that is
	                    * added */
	bool in_contract;  /* sim/contract.c looks at it */
};

/* How many there are, and one of them. A draw takes them in this order. */
uint32_t sim_setting_row_count(void);
const struct sim_setting_row *sim_setting_row(uint32_t number);

/* The number of the row of a field: SIM_SETTING(journal_mode). The field must have a row. */
#define SIM_SETTING(field) sim_setting_row_of(offsetof(struct sim_settings, field))
uint32_t sim_setting_row_of(size_t offset);

/* The value of the field, and the field from a value. */
uint64_t sim_setting_row_get(const struct sim_setting_row *row, const struct sim_settings *settings);
void sim_setting_row_set(const struct sim_setting_row *row, struct sim_settings *settings, uint64_t value);

/* Of words: false when the setting has no such word. */
bool sim_setting_row_named(const struct sim_setting_row *row, const char *word, uint64_t *value) SIM_MUST_CHECK;
/* Of numbers: whether it may be this one. */
bool sim_setting_row_fits(const struct sim_setting_row *row, uint64_t number);
/* What may be written: "off, on", "a power of two from 512 to 65536", "0 to 1000000 ms". */
void sim_setting_row_expected(const struct sim_setting_row *row, char text[SIM_SETTING_EXPECTED_SIZE]);

#endif
