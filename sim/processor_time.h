/* sim/processor_time.h: what has been computed so far, in seconds of processors. No run goes by
 * it: it is for reports and limits. */
#ifndef AFTERSHOCK_SIM_PROCESSOR_TIME_H
#define AFTERSHOCK_SIM_PROCESSOR_TIME_H

/* By the processes that this one has started and waited for, and by theirs. */
double sim_processor_time_of_children_s(void);
/* By them and by this process itself. */
double sim_processor_time_of_all_s(void);

#endif
