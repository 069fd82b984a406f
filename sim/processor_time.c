/* sim/processor_time.c: see processor_time.h. */
#include "processor_time.h"

#include <sys/resource.h>

/* POSIX.1-2017, getrusage(): a child counts once somebody has waited for it. */
static double sim_processor_time_s(int whose) {
	struct rusage usage = {0};
	getrusage(whose, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

double sim_processor_time_of_children_s(void) {
	return sim_processor_time_s(RUSAGE_CHILDREN);
}

double sim_processor_time_of_all_s(void) {
	return sim_processor_time_s(RUSAGE_SELF) + sim_processor_time_s(RUSAGE_CHILDREN);
}
