/* sim/run/plugin.h: subjects from shared objects (`--subject FILE.so`). */
#ifndef AFTERSHOCK_SIM_PLUGIN_H
#define AFTERSHOCK_SIM_PLUGIN_H

#include "subject.h"

#include <stddef.h>

/* Loads a plug-in, which is never unloaded. Foreign code runs: a process that must survive calls
 * this in another one. NULL with one line in `why` when it cannot be loaded, or is none of this
 * interface. */
const struct aftershock_subject *sim_plugin_load(const char *path, char *why, size_t why_size);

/* What is run of a subject that somebody gives: a copy in the form of this interface, which lasts
 * until the next call. NULL with one line in `why`, which begins with `name`, when it is none. */
const struct aftershock_subject *sim_plugin_accept(const struct aftershock_subject *subject, const char *name,
                                                   char *why, size_t why_size);

/* Ends the operating-system process. Exit handlers that a plug-in has left do not run: they are
 * those of all its lives, and of data that is gone. */
_Noreturn void sim_plugin_exit(int status);

#endif
