/* sim/cli/cli_joined.c: see cli_joined.h. */
#include "cli_joined.h"

#include "recovery.h"

#include <stdlib.h>
#include <string.h>

/* ---- one process ----------------------------------------------------------------------------- */

void sim_cli_joined_write(const struct sim_branches *branches, FILE *file) {
	const struct sim_branch_totals *totals = sim_branch_totals(branches);
	uint64_t *images = sim_branch_images(branches);
	uint64_t *recovered = sim_branch_recovered(branches);
	uint64_t *compared = sim_branch_compared(branches);
	if (images != NULL && recovered != NULL && compared != NULL) {
		fwrite(totals, sizeof *totals, 1, file);
		fwrite(images, sizeof images[0], (size_t)totals->images, file);
		fwrite(recovered, sizeof recovered[0], (size_t)totals->recovered, file);
		fwrite(compared, sizeof compared[0], (size_t)totals->compared, file);
	}
	fflush(file);
	free(images);
	free(recovered);
	free(compared);
}

/* ---- together -------------------------------------------------------------------------------- */

/* Joins two ascending lists. False when out of memory. */
static bool sim_cli_join(uint64_t **list, uint64_t *count, const uint64_t *more, uint64_t more_count) {
	uint64_t *joined = malloc((size_t)(*count + more_count + 1) * sizeof joined[0]);
	uint64_t size = 0;
	for (uint64_t i = 0, j = 0; joined != NULL && (i < *count || j < more_count);) {
		bool takes_first = j == more_count || (i < *count && (*list)[i] <= more[j]);
		uint64_t next = takes_first ? (*list)[i++] : more[j++];
		if (size == 0 || joined[size - 1] != next) {
			joined[size++] = next;
		}
	}
	if (joined == NULL) {
		return false;
	}
	free(*list);
	*list = joined;
	*count = size;
	return true;
}

void sim_cli_joined_add(struct sim_branch_totals *totals, const struct sim_branch_totals *part) {
	totals->moments += part->moments;
	for (int phase = 0; phase < VFS_PHASE_COUNT; phase++) {
		totals->points[phase] += part->points[phase];
	}
	totals->shared += part->shared;
	totals->nested_points += part->nested_points;
	totals->passed_over += part->passed_over;
	totals->states += part->states;
	totals->duplicates += part->duplicates;
	totals->judged += part->judged;
	totals->nested += part->nested;
	totals->kills += part->kills;
	totals->is_of_several |= part->is_of_several;
	totals->beside += part->beside;
	totals->alike += part->alike;
	totals->loaded += part->loaded;
	totals->refused += part->refused;
	for (int rule = 0; rule < SIM_ORDER_RULE_COUNT; rule++) {
		totals->order.kept[rule] += part->order.kept[rule];
		totals->order.broken[rule] += part->order.broken[rule];
	}
	totals->order.new_pages += part->order.new_pages;
	totals->order.without_record += part->order.without_record;
	totals->violations += part->violations;
	totals->excused += part->excused;
	totals->is_partial |= part->is_partial;
	totals->out_of_memory |= part->out_of_memory;
	for (uint32_t i = 0; i < part->found_count; i++) {
		sim_branch_note(totals, &part->found[i]);
	}
}

static uint64_t *sim_cli_read_list(FILE *file, uint64_t count) {
	uint64_t *list = malloc((size_t)(count + 1) * sizeof list[0]);
	if (list != NULL && fread(list, sizeof list[0], (size_t)count, file) != count) {
		free(list);
		list = NULL;
	}
	return list;
}

static bool sim_cli_join_list(struct sim_cli_hashes *hashes, FILE *file, uint64_t count) {
	uint64_t *more = sim_cli_read_list(file, count);
	bool joined = more != NULL && sim_cli_join(&hashes->list, &hashes->count, more, count);
	free(more);
	return joined;
}

bool sim_cli_joined_read(struct sim_cli_joined *joined, FILE *file) {
	static struct sim_branch_totals part;
	bool read = fread(&part, sizeof part, 1, file) == 1 && sim_cli_join_list(&joined->images, file, part.images) &&
	            sim_cli_join_list(&joined->recovered, file, part.recovered) &&
	            sim_cli_join_list(&joined->compared, file, part.compared);
	if (read) {
		sim_cli_joined_add(&joined->totals, &part);
	}
	return read;
}

/* What was seen in the images that were compared. */
static void sim_cli_count_compared(struct sim_branch_totals *totals, const struct sim_cli_hashes *hashes) {
	const uint64_t *compared = hashes->list;
	uint64_t count = hashes->count;
	totals->compared = totals->played = totals->replayed = totals->no_database = totals->interrupted = 0;
	totals->second = totals->pages_alone = totals->one_noticed = 0;
	/* An image that was compared in several parts may have been interrupted in one of them
	 * alone. */
	for (uint64_t i = 0, next = 0; i < count; i = next) {
		uint64_t seen = 0;
		for (; next < count && ((compared[next] ^ compared[i]) & ~(uint64_t)SIM_RECOVERY_SEEN_MASK) == 0;
		     next++) {
			seen |= compared[next];
		}
		totals->compared++;
		totals->played += (seen & SIM_RECOVERY_PLAYED) != 0 ? 1 : 0;
		totals->replayed += (seen & SIM_RECOVERY_REPLAYED) != 0 ? 1 : 0;
		totals->interrupted += (seen & SIM_RECOVERY_INTERRUPTED) != 0 ? 1 : 0;
		totals->no_database += (seen & SIM_RECOVERY_REFUSED) != 0 ? 1 : 0;
		totals->second += (seen & SIM_RECOVERY_ASKED_SECOND) != 0 ? 1 : 0;
		totals->pages_alone += (seen & SIM_RECOVERY_PAGES_ALONE) != 0 ? 1 : 0;
		totals->one_noticed += (seen & SIM_RECOVERY_ONE_NOTICED) != 0 ? 1 : 0;
	}
}

void sim_cli_joined_end(struct sim_cli_joined *joined) {
	struct sim_branch_totals *totals = &joined->totals;
	totals->images = joined->images.count;
	totals->recovered = joined->recovered.count;
	sim_cli_count_compared(totals, &joined->compared);
	qsort(totals->found, totals->found_count, sizeof totals->found[0], sim_branch_compare_found);
}

void sim_cli_joined_free(struct sim_cli_joined *joined) {
	free(joined->images.list);
	free(joined->recovered.list);
	free(joined->compared.list);
	*joined = (struct sim_cli_joined){0};
}
