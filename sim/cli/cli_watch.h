/* sim/cli/cli_watch.h: what the processes of an exploration share with the one that waits for them:
 * which state each of them judges, whether one hangs, and whether they are asked to end. */
#ifndef AFTERSHOCK_SIM_CLI_WATCH_H
#define AFTERSHOCK_SIM_CLI_WATCH_H

#include "branch.h"
#include "must_check.h"

/* Once, before the first of them is forked; again it only sets the time that a life may take.
 * From then on whatever interrupts a verb asks them to end. False when out of memory. */
bool sim_cli_watch_begin(uint32_t hang_seconds) SIM_MUST_CHECK;

/* ---- in a process that explores -------------------------------------------------------------- */

/* It leaves signals of the terminal to who waits for it. */
void sim_cli_watch_ignore_signals(void);
/* The life of a state begins, or with "" a moment of the run. False: it is asked to end. A life
 * that takes longer than it may ends the process. */
bool sim_cli_watch_state(uint32_t process, const char *path);
/* Which run begins, of several. */
void sim_cli_watch_run(uint32_t process, uint64_t run);
/* Nothing is judged any more. */
void sim_cli_watch_rest(uint32_t process);

/* ---- in the one that waits ------------------------------------------------------------------- */

/* The state that was judged last; "" when the process came to its end. */
const char *sim_cli_watch_at(uint32_t process);
uint64_t sim_cli_watch_run_at(uint32_t process);
/* Whether this one has ended itself; asked once. */
bool sim_cli_watch_take_hung(uint32_t process);
void sim_cli_watch_end_all(void);
/* By a signal, or by the above. */
bool sim_cli_watch_are_ended(void);
bool sim_cli_watch_was_interrupted(void);

#endif
