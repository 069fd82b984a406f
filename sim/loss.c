/* sim/loss.c: see loss.h. */
#include "loss.h"

#include <assert.h>
#include <stdio.h>

static bool sim_loss_is_same(const struct sim_loss *a, const struct sim_loss *b) {
	return a->cause == b->cause && a->kind == b->kind && a->file == b->file;
}

void sim_loss_add(struct sim_loss *losses, uint32_t capacity, const struct sim_loss *loss) {
	uint32_t place = 0;
	assert(capacity > 0 && loss->cause != SIM_LOSS_NONE);
	while (place + 1 < capacity && losses[place].cause != SIM_LOSS_NONE &&
	       !sim_loss_is_same(&losses[place], loss)) {
		place++;
	}
	struct sim_loss *entry = &losses[place];
	if (entry->cause == SIM_LOSS_NONE) {
		*entry = (struct sim_loss){.cause = loss->cause, .kind = loss->kind, .file = loss->file};
	} else if (!sim_loss_is_same(entry, loss)) {
		entry->cause = SIM_LOSS_BY_SEVERAL;
		entry->kind = SIM_FAULT_NONE;
		entry->file = VFS_FILE_NONE;
	}
	entry->loads += loss->loads;
	entry->updates += loss->updates;
}

void sim_loss_name(const struct sim_loss *loss, char text[SIM_LOSS_TEXT_SIZE]) {
	if (loss->cause == SIM_LOSS_BY_FAULT) {
		snprintf(text, SIM_LOSS_TEXT_SIZE, "%s %s", sim_fault_row(loss->kind)->name,
		         vfs_file_kind_name(loss->file));
	} else {
		snprintf(text, SIM_LOSS_TEXT_SIZE, "%s",
		         loss->cause == SIM_LOSS_BY_SETTINGS ? "the settings"
		         : loss->cause == SIM_LOSS_BY_LIE    ? "a lie of the disk"
		                                             : "several faults");
	}
}
