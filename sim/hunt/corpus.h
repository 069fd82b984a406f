/* sim/hunt/corpus.h: plans that reached something, each the cheapest known for at least one species
 * (its *champion*), in memory and in a folder.
 *
 * A folder has a file `corpus` that says who wrote it, a file HASH.plan for each plan, named by its
 * text, and findings/. A file is whole or not there: it is written under another name first. So a
 * hunt that is ended at any moment leaves a whole corpus, and two corpora are one when their files
 * are in one folder.
 */
#ifndef AFTERSHOCK_SIM_CORPUS_H
#define AFTERSHOCK_SIM_CORPUS_H

#include "must_check.h"
#include "species.h"

#include <stdio.h>

#define SIM_CORPUS_WHY_SIZE 600
#define SIM_CORPUS_PATH_SIZE 1024
#define SIM_CORPUS_FOLDER_BYTES_MAX 700u /* what is left is for names */
#define SIM_CORPUS_NAME_SIZE 32

struct sim_corpus_plan {
	uint32_t scenario; /* a number that the caller gives it */
	char *text;        /* of plan_text.h; owned */
	uint64_t calls;    /* what it costs */
	uint32_t count;    /* of species */
	uint32_t *species; /* their numbers, ascending; owned */
	uint32_t leads;    /* species that it is the champion of; 0: it is to go */
};

struct sim_corpus {
	char folder[SIM_CORPUS_PATH_SIZE];
	struct sim_corpus_plan *plans; /* owned; a plan that went leaves an empty place */
	uint32_t count;
	uint32_t capacity;
	uint32_t champions[SIM_SPECIES_COUNT]; /* 1 and the place of the plan; 0: none */
	uint32_t runs[SIM_SPECIES_COUNT];      /* in so many runs */
	uint32_t reached[SIM_SPECIES_COUNT];   /* their numbers, as they came */
	uint32_t reached_count;
};

/* Makes the folder, or takes one that is empty or a corpus. `other` gets one line when it was
 * written by another program or with another SQLite, else "". False with one line in `why`. */
bool sim_corpus_open(struct sim_corpus *corpus, const char *folder, char other[SIM_CORPUS_WHY_SIZE],
                     char why[SIM_CORPUS_WHY_SIZE]) SIM_MUST_CHECK;
/* Whether a folder is a corpus, to be read only. `other` and `why` as above. */
bool sim_corpus_check(const char *folder, char other[SIM_CORPUS_WHY_SIZE],
                      char why[SIM_CORPUS_WHY_SIZE]) SIM_MUST_CHECK;
/* The name of the file of a plan: it goes by the text alone, so no two plans have one. */
void sim_corpus_name(const char *text, char name[SIM_CORPUS_NAME_SIZE]);
/* The names of the plans of a folder in order, as many as there are; NULL: it cannot be read, or no
 * memory. Free each, and all. */
char **sim_corpus_names(const char *folder, uint32_t *count) SIM_MUST_CHECK;

/* What a run has reached. Of the species, `fresh` were never reached before: that is the result. */
uint32_t sim_corpus_note(struct sim_corpus *corpus, const uint32_t *species, uint32_t count);
/* Whether the corpus would be better with a plan that reaches these: one of them has no champion,
 * or one of at least twice the cost. */
bool sim_corpus_wants(const struct sim_corpus *corpus, const uint32_t *species, uint32_t count, uint64_t calls);
/* Takes the plan; texts and species are copied. Those that lead nothing any more go, from the
 * folder, too. False with one line in `why`: it cannot be written, or no memory. */
bool sim_corpus_keep(struct sim_corpus *corpus, const struct sim_corpus_plan *plan,
                     char why[SIM_CORPUS_WHY_SIZE]) SIM_MUST_CHECK;
/* Whether a plan with this text is in it. */
bool sim_corpus_has(const struct sim_corpus *corpus, const char *text);
/* A least set of the plans that together reach all that was reached by them: the one that adds most
 * is taken first. The others go. */
bool sim_corpus_minimise(struct sim_corpus *corpus, char why[SIM_CORPUS_WHY_SIZE]) SIM_MUST_CHECK;
/* How many plans there are, and the champion of a species. */
uint32_t sim_corpus_size(const struct sim_corpus *corpus);
const struct sim_corpus_plan *sim_corpus_champion(const struct sim_corpus *corpus, uint32_t species);
/* Writes a text to `folder/name`, whole or not at all. */
bool sim_corpus_write(const char *folder, const char *name, const char *text,
                      char why[SIM_CORPUS_WHY_SIZE]) SIM_MUST_CHECK;
void sim_corpus_close(struct sim_corpus *corpus);

#endif
