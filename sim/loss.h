/* sim/loss.h: acknowledged updates that a load did not show any more, legally, and by which class:
 * the settings, a lie of the disk, damage of a file, or a change of files from outside. */
#ifndef AFTERSHOCK_SIM_LOSS_H
#define AFTERSHOCK_SIM_LOSS_H

#include "fault.h"

/* Classes that one run can tell apart; more count as several. */
#define SIM_LOSSES_MAX 6u
#define SIM_LOSS_TEXT_SIZE 64u

enum sim_loss_cause {
	SIM_LOSS_NONE = 0,
	SIM_LOSS_BY_SETTINGS, /* they promise no more */
	SIM_LOSS_BY_LIE,      /* a write, read or sync was not what the disk said */
	SIM_LOSS_BY_FAULT,    /* the kind of fault, at the file */
	SIM_LOSS_BY_SEVERAL,  /* more than one fault since the last load */
};

struct sim_loss {
	enum sim_loss_cause cause;
	enum sim_fault_kind kind; /* of BY_FAULT */
	enum vfs_file_kind file;
	uint64_t loads;   /* that missed something */
	uint64_t updates; /* that they missed */
};

/* Adds to the entry of the same class. All zero entries are free; when there is none, the last one
 * becomes that of several. */
void sim_loss_add(struct sim_loss *losses, uint32_t capacity, const struct sim_loss *loss);
/* "remove wal", "the settings". */
void sim_loss_name(const struct sim_loss *loss, char text[SIM_LOSS_TEXT_SIZE]);

#endif
