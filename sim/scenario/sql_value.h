/* sim/scenario/sql_value.h: one value of a parameter of SQL: drawn as a number, written in a plan
 * as a word, and bound as what it stands for.
 *
 * Between a number and a date lies the proleptic Gregorian calendar, as in ISO 8601 and in SQLite's
 * date functions (https://sqlite.org/lang_datefunc.html): days and seconds count from 1970-01-01.
 */
#ifndef AFTERSHOCK_SIM_SQL_VALUE_H
#define AFTERSHOCK_SIM_SQL_VALUE_H

#include "must_check.h"
#include "sql.h"

#define SIM_SQL_REAL_MAX INT64_C(1000000000000) /* in thousandths */
#define SIM_SQL_WORD_SIZE 64                    /* of a value in a plan */

/* A whole number in decimal. */
bool sim_sql_read_whole(const char *word, int64_t *number) SIM_MUST_CHECK;
/* "-1.25" is -1250. False: it is no number with at most three digits behind the point. */
bool sim_sql_read_thousandths(const char *word, int64_t *thousandths) SIM_MUST_CHECK;
/* "2024-02-29", of the years 1 to 9999, as a day. */
bool sim_sql_read_day(const char *word, int64_t *day) SIM_MUST_CHECK;

/* One word for the value of an integer, a real, a date, a datetime, or a choice, whose number it
 * is. */
void sim_sql_print_value(const struct sim_sql_parameter *parameter, const struct sim_sql_value *value,
                         char word[SIM_SQL_WORD_SIZE]);
/* The reverse. False: the word is no value of that kind. */
bool sim_sql_read_value(const struct sim_sql_parameter *parameter, const char *word,
                        struct sim_sql_value *value) SIM_MUST_CHECK;

/* So many bytes of `bytes` a value needs at most. */
size_t sim_sql_value_size(const struct sim_sql_parameter *parameter, const struct sim_sql_value *value);
/* The value as it is bound; its bytes go to `bytes`. */
struct subject_value sim_sql_value_make(const struct sim_sql_parameter *parameter, const struct sim_sql_value *value,
                                        unsigned char *bytes);

#endif
