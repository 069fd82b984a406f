/* sim/recording/recorder.h: runs a program with the library of record/ in it, and finishes the
 * recording that the library writes. */
#ifndef AFTERSHOCK_SIM_RECORDER_H
#define AFTERSHOCK_SIM_RECORDER_H

#include "must_check.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_RECORDER_WHY_SIZE 1400
#define SIM_RECORDER_DATABASES_MAX 16u

struct sim_recorder_options {
	const char *path;             /* of the recording */
	bool writes_over;             /* one that is there */
	const char *acknowledge;      /* a regular expression over lines of stdout (POSIX,
	                               * extended); NULL: stdout is left alone */
	const char *const *databases; /* named ones, beside those that are known by their bytes */
	uint32_t database_count;
	char *const *program; /* its words, ended by NULL */
};

struct sim_recorded {
	int status;            /* of the program, as waitpid() has it */
	uint32_t processes;    /* that were recorded */
	uint32_t threads;      /* that changed something */
	uint64_t acknowledged; /* lines */
	uint64_t records;
	uint64_t size_bytes;
	uint32_t databases;
	bool interrupted;
};

/* False with one line in `why`. Then there is no recording; `is_usage` says whose fault it is. */
bool sim_recorder_run(const struct sim_recorder_options *options, struct sim_recorded *recorded, bool *is_usage,
                      char why[SIM_RECORDER_WHY_SIZE]) SIM_MUST_CHECK;

#endif
