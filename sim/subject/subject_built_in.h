/* sim/subject/subject_built_in.h: the subjects that are part of the test bed. Every other subject
 * is a plug-in (subject.h). */
#ifndef AFTERSHOCK_SIM_SUBJECT_BUILT_IN_H
#define AFTERSHOCK_SIM_SUBJECT_BUILT_IN_H

#include "subject.h"

/* The engine of engine/: order updates, commands and decisions (sim/subject/subject_engine.c). */
const struct aftershock_subject *sim_subject_engine(void);
/* SQLite itself: a schema and transactions of a scenario (sim/subject/subject_sql.c). */
const struct aftershock_subject *sim_subject_sql(void);
/* A key-value store: a program with operations of its own (examples/key_value.c). */
const struct aftershock_subject *sim_subject_program(void);

#endif
