/* Coroutines: who runs when, and what their stacks keep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "coroutine.h"

struct log {
	char text[64];
};

struct speaker {
	struct log *log;
	char name;
	int words;
};

static void say(struct log *log, char word) {
	size_t length = strlen(log->text);
	assert_true(length + 1 < sizeof log->text);
	log->text[length] = word;
}

static void speak(void *context) {
	struct speaker *speaker = context;
	for (int i = 0; i < speaker->words; i++) {
		say(speaker->log, speaker->name);
		sim_coroutine_yield();
	}
	say(speaker->log, '.');
}

static void coroutines_take_turns_and_keep_their_place(void **state) {
	(void)state;
	struct log log = {{0}};
	struct speaker speakers[2] = {{&log, 'a', 2}, {&log, 'b', 3}};
	struct sim_coroutine *a = sim_coroutine_create(speak, &speakers[0]);
	struct sim_coroutine *b = sim_coroutine_create(speak, &speakers[1]);
	assert_non_null(a);
	assert_non_null(b);
	assert_false(sim_coroutine_has_begun(a));
	while (!sim_coroutine_has_returned(a) || !sim_coroutine_has_returned(b)) {
		if (!sim_coroutine_has_returned(a)) {
			sim_coroutine_resume(a);
		}
		if (!sim_coroutine_has_returned(b)) {
			sim_coroutine_resume(b);
		}
		assert_null(sim_coroutine_running());
	}
	assert_string_equal(log.text, "abab.b.");
	sim_coroutine_destroy(a);
	sim_coroutine_destroy(b);
}

static void one_that_never_began_can_be_destroyed(void **state) {
	(void)state;
	struct log log = {{0}};
	struct speaker speaker = {&log, 'a', 1};
	struct sim_coroutine *coroutine = sim_coroutine_create(speak, &speaker);
	sim_coroutine_destroy(coroutine);
	sim_coroutine_destroy(NULL);
	assert_string_equal(log.text, "");
}

static void knows_itself(void *context) {
	*(struct sim_coroutine **)context = sim_coroutine_running();
}

static void a_coroutine_knows_that_it_runs(void **state) {
	(void)state;
	struct sim_coroutine *seen = NULL;
	struct sim_coroutine *coroutine = sim_coroutine_create(knows_itself, &seen);
	sim_coroutine_resume(coroutine);
	assert_ptr_equal(seen, coroutine);
	assert_true(sim_coroutine_has_returned(coroutine));
	sim_coroutine_destroy(coroutine);
}

static int dive(int depth, const volatile char *parent) {
	volatile char frame[1000];
	for (size_t i = 0; i < sizeof frame; i++) {
		frame[i] = (char)(1 + *parent);
	}
	return depth == 0 ? frame[7] : dive(depth - 1, frame) + 1;
}

static void dive_deep(void *context) {
	volatile char top = 0;
	*(int *)context = dive(*(int *)context, &top);
}

static void the_deepest_use_of_a_stack_is_known(void **state) {
	(void)state;
	sim_coroutine_release_stacks();
	int depth = 20;
	struct sim_coroutine *coroutine = sim_coroutine_create(dive_deep, &depth);
	sim_coroutine_resume(coroutine);
	sim_coroutine_destroy(coroutine);
	size_t used = sim_coroutine_stack_used_bytes();
	assert_true(used >= 20000 && used < sim_coroutine_stack_bytes());
	/* It is the most of the whole program, so a shallow one does not lower it. */
	depth = 1;
	coroutine = sim_coroutine_create(dive_deep, &depth);
	sim_coroutine_resume(coroutine);
	sim_coroutine_destroy(coroutine);
	assert_int_equal(sim_coroutine_stack_used_bytes(), used);
}

static void an_overflow_ends_the_program(void **state) {
	(void)state;
	pid_t child = fork();
	if (child == 0) {
		int depth = 100000;
		close(STDERR_FILENO);
		sim_coroutine_resume(sim_coroutine_create(dive_deep, &depth));
		_exit(0);
	}
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(coroutines_take_turns_and_keep_their_place),
	        cmocka_unit_test(one_that_never_began_can_be_destroyed),
	        cmocka_unit_test(a_coroutine_knows_that_it_runs),
	        cmocka_unit_test(the_deepest_use_of_a_stack_is_known),
	        cmocka_unit_test(an_overflow_ends_the_program),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
