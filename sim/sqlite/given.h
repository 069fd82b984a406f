/* sim/sqlite/given.h: what every new connection is given by the test bed: functions and collations,
 * by extensions that SQLite loads into it (https://sqlite.org/c3ref/auto_extension.html). */
#ifndef AFTERSHOCK_SIM_GIVEN_H
#define AFTERSHOCK_SIM_GIVEN_H

struct sqlite3;

/* Gives a connection its part. Returns an SQLite result code. */
typedef int (*sim_given_extend)(struct sqlite3 *connection, char **error, const void *routines);

/* From here on each connection that is opened is given this; until _uninstall. At most four at
 * once, in the order in which they came. Returns an SQLite result code. */
int sim_given_install(sim_given_extend extend);
/* It need not be installed. */
void sim_given_uninstall(sim_given_extend extend);
/* Takes away what others load into each new connection. Returns an SQLite result code. */
int sim_given_keep_alone(void);

#endif
