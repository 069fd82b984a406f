/* sim/recording/exploration_shared.c: an exploration by several processes. Each goes through the
 * whole recording, and tries every so many-th point. What they tell is joined as if one had tried
 * all: of states that are the same, the first one counts. */
#include "exploration_inside.h"

#include "recording.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A state that was judged, or a violation of it. */
struct sim_shared_line {
	uint64_t key;
	uint64_t order;  /* of the point */
	uint64_t number; /* of the line, within its process */
	bool is_kill;
	bool is_violation;
	struct sim_exploration_found found;
};

struct sim_shared_lines {
	struct sim_shared_line *all;
	size_t count;
	size_t room;
};

/* What a process ends with. Behind it come the hashes of images, then of contents. */
struct sim_shared_end {
	bool good;
	bool is_partial;
	uint64_t points;
	uint64_t states;
	uint64_t images;
	uint64_t contents;
};

/* ---- one process ----------------------------------------------------------------------------- */

static bool sim_shared_tell(struct sim_exploration *exploration, const struct sim_exploration_case *about,
                            const struct sim_exploration_found *found) {
	struct sim_shared_line line = {.key = about->key,
	                               .order = about->point->order,
	                               .is_kill = about->crash == SIM_CRASH_KILL,
	                               .is_violation = found != NULL};
	if (found != NULL) {
		line.found = *found;
	}
	bool told = fwrite(&line.is_violation, sizeof line.is_violation, 1, exploration->told) == 1;
	size_t size = found != NULL ? sizeof line : offsetof(struct sim_shared_line, found);
	return told && fwrite(&line, size, 1, exploration->told) == 1;
}

static uint64_t sim_shared_hash_contents(const struct sim_exploration *exploration,
                                         const struct sim_exploration_contents *contents) {
	uint64_t hash = 0;
	for (uint32_t i = 0; i < exploration->commits->count; i++) {
		const struct sim_content *content = &contents->databases[i];
		const uint64_t words[3] = {content->digest[0], content->digest[1], content->is_read ? 1 : 0};
		hash = sim_recording_hash(hash, words, sizeof words);
		hash = sim_recording_hash(hash, content->text, strlen(content->text));
	}
	return hash;
}

/* Behind the lines there is one that is neither. */
static bool sim_shared_write_end(struct sim_exploration *exploration, bool good) {
	const char mark = 2;
	FILE *file = exploration->told;
	uint64_t *images = sim_branch_set_sorted(&exploration->images);
	const struct sim_shared_end end = {.good = good && images != NULL,
	                                   .is_partial = exploration->totals.is_partial,
	                                   .points = exploration->totals.points,
	                                   .states = exploration->totals.states,
	                                   .images = images != NULL ? exploration->totals.images : 0,
	                                   .contents = exploration->contents_count};
	bool written = fwrite(&mark, 1, 1, file) == 1 && fwrite(&end, sizeof end, 1, file) == 1 &&
	               fwrite(images, sizeof images[0], end.images, file) == end.images;
	for (uint32_t i = 0; i < exploration->contents_count && written; i++) {
		uint64_t hash = sim_shared_hash_contents(exploration, &exploration->contents[i]);
		written = fwrite(&hash, sizeof hash, 1, file) == 1;
	}
	free(images);
	return fflush(file) == 0 && written;
}

static void sim_shared_child(struct sim_exploration *exploration, uint32_t parts, uint32_t part, FILE *file) {
	exploration->options.parts = parts;
	exploration->options.part = part;
	exploration->told = file;
	exploration->tell = sim_shared_tell;
	/* The files of a check command are a process's own. */
	bool has_check = exploration->options.check != NULL;
	bool good = !has_check || sim_check_command_init(&exploration->check, exploration->options.check);
	good = good && sim_exploration_run(exploration);
	if (has_check && good) {
		sim_check_command_deinit(&exploration->check);
	}
	_exit(sim_shared_write_end(exploration, good) && good ? 0 : 1);
}

/* ---- joining --------------------------------------------------------------------------------- */

static bool sim_shared_add(struct sim_shared_lines *lines, const struct sim_shared_line *line) {
	if (lines->count == lines->room) {
		size_t room = lines->room * 2 + 1024;
		struct sim_shared_line *more = realloc(lines->all, room * sizeof more[0]);
		if (more == NULL) {
			return false;
		}
		lines->all = more;
		lines->room = room;
	}
	lines->all[lines->count++] = *line;
	return true;
}

static bool sim_shared_read_lines(FILE *file, struct sim_shared_lines *lines) {
	struct sim_shared_line line;
	uint64_t number = 0;
	char kind = 2;
	while (fread(&kind, 1, 1, file) == 1 && kind < 2) {
		memset(&line, 0, sizeof line);
		size_t size = kind == 1 ? sizeof line : offsetof(struct sim_shared_line, found);
		if (fread(&line, size, 1, file) != 1) {
			return false;
		}
		line.number = number++;
		if (!sim_shared_add(lines, &line)) {
			return false;
		}
	}
	return kind == 2;
}

/* The images go into the set of the whole, and the contents into another. */
static bool sim_shared_read_hashes(FILE *file, uint64_t count, struct sim_branch_set *set) {
	uint64_t hash = 0;
	bool good = true;
	for (uint64_t i = 0; i < count && good; i++) {
		good = fread(&hash, sizeof hash, 1, file) == 1 && sim_branch_set_add(set, hash) != SIM_BRANCH_NO_ROOM;
	}
	return good;
}

static bool sim_shared_read(struct sim_exploration *exploration, FILE *file, struct sim_shared_lines *lines,
                            struct sim_branch_set *contents) {
	struct sim_shared_end end;
	rewind(file);
	bool good = sim_shared_read_lines(file, lines) && fread(&end, sizeof end, 1, file) == 1 && end.good &&
	            sim_shared_read_hashes(file, end.images, &exploration->images) &&
	            sim_shared_read_hashes(file, end.contents, contents);
	if (good) {
		exploration->totals.is_partial |= end.is_partial;
		exploration->totals.points += end.points;
		exploration->totals.states += end.states;
	}
	return good;
}

static int sim_shared_compare(uint64_t left, uint64_t right) {
	return left < right ? -1 : left > right;
}

/* A point belongs to one process, so within it the numbers of lines are in order. */
static int sim_shared_by_place(const void *left, const void *right) {
	const struct sim_shared_line *a = left;
	const struct sim_shared_line *b = right;
	int by_order = sim_shared_compare(a->order, b->order);
	return by_order != 0 ? by_order : sim_shared_compare(a->number, b->number);
}

/* As if they had come one after the other. A violation belongs to the state before it. */
static bool sim_shared_judge(struct sim_exploration *exploration, struct sim_shared_lines *lines) {
	struct sim_exploration_totals *totals = &exploration->totals;
	bool counts = false;
	bool good = true;
	if (lines->count > 0) {
		qsort(lines->all, lines->count, sizeof lines->all[0], sim_shared_by_place);
	}
	for (size_t i = 0; i < lines->count && good; i++) {
		const struct sim_shared_line *line = &lines->all[i];
		if (line->is_violation && counts) {
			sim_exploration_count(totals, &line->found);
		} else if (!line->is_violation) {
			enum sim_branch_added added = sim_branch_set_add(&exploration->judged, line->key);
			counts = added == SIM_BRANCH_IS_NEW;
			good = added != SIM_BRANCH_NO_ROOM;
			totals->judged += counts ? 1 : 0;
			totals->kills += counts && line->is_kill ? 1 : 0;
		}
	}
	totals->duplicates = totals->states - totals->judged;
	return good;
}

static bool sim_shared_join(struct sim_exploration *exploration, FILE *const *files, uint32_t count) {
	struct sim_shared_lines lines = {0};
	struct sim_branch_set contents = {0};
	bool good = true;
	for (uint32_t i = 0; i < count && good; i++) {
		good = sim_shared_read(exploration, files[i], &lines, &contents);
	}
	good = good && sim_shared_judge(exploration, &lines);
	exploration->totals.images = exploration->images.count;
	exploration->totals.contents = contents.count;
	exploration->totals.checks += exploration->options.check != NULL ? contents.count : 0;
	free(lines.all);
	sim_branch_set_deinit(&contents);
	return good;
}

/* ---- all ------------------------------------------------------------------------------------- */

bool sim_exploration_run_shared(struct sim_exploration *exploration, uint32_t processes) {
	FILE *files[SIM_EXPLORATION_PROCESSES_MAX] = {NULL};
	pid_t pids[SIM_EXPLORATION_PROCESSES_MAX];
	uint32_t begun = 0;
	bool good = true;
	fflush(NULL);
	while (begun < processes && begun < SIM_EXPLORATION_PROCESSES_MAX && good) {
		files[begun] = tmpfile();
		pids[begun] = files[begun] != NULL ? fork() : -1;
		if (pids[begun] == 0) {
			sim_shared_child(exploration, processes, begun, files[begun]);
		}
		good = pids[begun] > 0;
		begun++;
	}
	for (uint32_t i = 0; i < begun; i++) {
		int status = 0;
		if (pids[i] > 0 && waitpid(pids[i], &status, 0) == pids[i]) {
			good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
		}
	}
	good = good && sim_shared_join(exploration, files, begun);
	for (uint32_t i = 0; i < begun; i++) {
		if (files[i] != NULL) {
			fclose(files[i]);
		}
	}
	return good;
}
