/* sim/program/program_work.h: the work of a program of any kind: operations one after the other,
 * each tried once, judged by what a model shows (program_judge.h).
 */
#ifndef AFTERSHOCK_SIM_PROGRAM_WORK_H
#define AFTERSHOCK_SIM_PROGRAM_WORK_H

#include "world.h"

extern const struct sim_work sim_program_work;

#endif
