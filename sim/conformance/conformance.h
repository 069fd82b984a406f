/* sim/conformance/conformance.h: whether a VFS of somebody's own does what SQLite asks of it
 * (sqlite.org/c3ref/vfs.html, io_methods.html), on a disk without faults. One row for each check.
 */
#ifndef AFTERSHOCK_SIM_CONFORMANCE_H
#define AFTERSHOCK_SIM_CONFORMANCE_H

#include "subject_vfs.h"

#define SIM_CONFORMANCE_WHY_SIZE 300

enum sim_conformance_verdict {
	SIM_CONFORMS = 0,
	SIM_CONFORMS_NOT,     /* `why` says in what */
	SIM_CONFORMS_WITHOUT, /* it does not offer what the check is about; `why` says what */
};

/* NULL behind the last one. */
const char *sim_conformance_name(uint32_t number);
/* Whether the check holds. */
enum sim_conformance_verdict sim_conformance_check(const struct subject_extension *own, uint32_t number,
                                                   char why[SIM_CONFORMANCE_WHY_SIZE]);
/* Whether it can be used at all: it is registered, and what it opens is on the disk that is below
 * it. False with one line in `why`, which does not name its path. */
bool sim_conformance_try(const char *path, char *why, size_t why_size);

#endif
