/* The corpus: each plan leads something, a cheaper one takes its place, the least set reaches the
 * same; and the folder has the same plans as the memory. */
/* NOLINTNEXTLINE(cert-dcl37-c,bugprone-reserved-identifier,readability-identifier-naming) */
#define _XOPEN_SOURCE 700
#include "corpus.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct sim_corpus corpus;
static char folder[] = "/tmp/aftershock-corpus-XXXXXX";
static char other[SIM_CORPUS_WHY_SIZE];
static char why[SIM_CORPUS_WHY_SIZE];

static int begin(void **context) {
	(void)context;
	snprintf(folder, sizeof folder, "/tmp/aftershock-corpus-XXXXXX");
	return mkdtemp(folder) != NULL && sim_corpus_open(&corpus, folder, other, why) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int flag, struct FTW *walk) {
	(void)status;
	(void)flag;
	(void)walk;
	return remove(path);
}

static int end(void **context) {
	(void)context;
	sim_corpus_close(&corpus);
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* A run with this text and these costs reaches some species, ended by 0. */
static void reach(const char *text, uint64_t calls, const uint32_t *species) {
	uint32_t count = 0;
	static uint32_t numbers[8];
	static char copy[32];
	while (species[count] != 0) {
		numbers[count] = species[count];
		count++;
	}
	snprintf(copy, sizeof copy, "%s", text);
	const struct sim_corpus_plan plan = {.text = copy, .calls = calls, .count = count, .species = numbers};
	bool wanted = sim_corpus_wants(&corpus, species, count, calls);
	sim_corpus_note(&corpus, species, count);
	if (wanted) {
		assert_true(sim_corpus_keep(&corpus, &plan, why));
	}
}

static uint32_t in_folder(void) {
	uint32_t count = 0;
	char **names = sim_corpus_names(folder, &count);
	assert_non_null(names);
	for (uint32_t i = 0; i < count; i++) {
		free(names[i]);
	}
	free(names);
	return count;
}

static const char *leader(uint32_t species) {
	const struct sim_corpus_plan *plan = sim_corpus_champion(&corpus, species);
	return plan == NULL ? "" : plan->text;
}

static void what_reaches_nothing_new_is_not_kept(void **context) {
	(void)context;
	reach("one", 100, (uint32_t[]){1, 2, 0});
	reach("two", 100, (uint32_t[]){1, 2, 0});
	reach("three", 60, (uint32_t[]){2, 0});
	assert_int_equal(sim_corpus_size(&corpus), 1);
	assert_int_equal(in_folder(), 1);
	assert_int_equal(corpus.runs[2], 3);
	assert_int_equal(corpus.reached_count, 2);
	assert_string_equal(leader(3), "");
}

static void a_much_cheaper_one_takes_its_place(void **context) {
	(void)context;
	reach("dear", 100, (uint32_t[]){1, 2, 0});
	reach("half", 50, (uint32_t[]){2, 0});
	assert_string_equal(leader(1), "dear");
	assert_string_equal(leader(2), "half");
	assert_int_equal(in_folder(), 2);
	reach("cheap", 10, (uint32_t[]){1, 2, 0});
	assert_string_equal(leader(2), "cheap");
	assert_int_equal(sim_corpus_size(&corpus), 1);
	assert_int_equal(in_folder(), 1);
}

static void the_least_set_reaches_the_same(void **context) {
	(void)context;
	reach("a", 10, (uint32_t[]){1, 2, 0});
	reach("b", 10, (uint32_t[]){2, 3, 0});
	reach("c", 10, (uint32_t[]){4, 0});
	reach("all", 30, (uint32_t[]){1, 2, 3, 5, 0});
	assert_int_equal(sim_corpus_size(&corpus), 4);
	assert_true(sim_corpus_minimise(&corpus, why));
	assert_int_equal(sim_corpus_size(&corpus), 2);
	assert_int_equal(in_folder(), 2);
	assert_string_equal(leader(1), "all");
	assert_string_equal(leader(4), "c");
	assert_string_equal(leader(5), "all");
}

static void a_folder_of_something_else_is_no_corpus(void **context) {
	char path[100];
	(void)context;
	assert_true(sim_corpus_check(folder, other, why));
	assert_string_equal(other, "");
	assert_true(sim_corpus_write(folder, "corpus", "corpus 1\naftershock 0.0.1\nsqlite 3.1\n", why));
	assert_true(sim_corpus_check(folder, other, why));
	assert_non_null(strstr(other, "was written by aftershock 0.0.1,sqlite 3.1"));
	assert_true(sim_corpus_write(folder, "corpus", "something\n", why));
	assert_false(sim_corpus_check(folder, other, why));
	assert_non_null(strstr(why, "/corpus:1: "));
	snprintf(path, sizeof path, "%s/corpus", folder);
	assert_false(sim_corpus_check(path, other, why));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(what_reaches_nothing_new_is_not_kept, begin, end),
	        cmocka_unit_test_setup_teardown(a_much_cheaper_one_takes_its_place, begin, end),
	        cmocka_unit_test_setup_teardown(the_least_set_reaches_the_same, begin, end),
	        cmocka_unit_test_setup_teardown(a_folder_of_something_else_is_no_corpus, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
