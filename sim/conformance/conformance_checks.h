/* sim/conformance/conformance_checks.h: the checks, by the table of conformance.c. */
#ifndef AFTERSHOCK_SIM_CONFORMANCE_CHECKS_H
#define AFTERSHOCK_SIM_CONFORMANCE_CHECKS_H

#include "conformance.h"
#include "stage.h"

typedef enum sim_conformance_verdict (*sim_conformance_checker)(struct sim_stage *stage);

struct sim_conformance_row {
	const char *name;
	sim_conformance_checker check;
	uint32_t processes;
};

/* conformance_files.c */
enum sim_conformance_verdict sim_check_page(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_short_read(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_size(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_truncation(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_sync(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_errors(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_controls(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_characteristics(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_mapping(struct sim_stage *stage);
/* conformance_names.c */
enum sim_conformance_verdict sim_check_deletion(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_access(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_path(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_chance(struct sim_stage *stage);
/* conformance_locks.c */
enum sim_conformance_verdict sim_check_exclusive(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_reserved(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_unlock(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_index(struct sim_stage *stage);
/* conformance_databases.c */
enum sim_conformance_verdict sim_check_sound(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_hot_journal(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_wal(struct sim_stage *stage);
enum sim_conformance_verdict sim_check_power(struct sim_stage *stage);

/* A check that ends here: whether `holds`. */
static inline enum sim_conformance_verdict sim_check_says(bool holds) {
	return holds ? SIM_CONFORMS : SIM_CONFORMS_NOT;
}

#endif
