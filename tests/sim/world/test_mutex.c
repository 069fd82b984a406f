/* SQLite's mutexes under coroutines: the one that has it may have it again, and one that would have
 * to wait is a mistake of the test bed. */
#include "coroutine.h"
#include "run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static sqlite3_mutex *shared;

static void enter_twice_and_yield(void *context) {
	const int *keeps = context;
	sqlite3_mutex_enter(shared);
	sqlite3_mutex_enter(shared);
	sqlite3_mutex_leave(shared);
	if (*keeps == 0) {
		sqlite3_mutex_leave(shared);
	}
	sim_coroutine_yield();
	if (*keeps != 0) {
		sqlite3_mutex_leave(shared);
	}
}

/* One coroutine has the mutex, or gives it back, and loses its turn to another one that wants
 * it. */
static void run_two(int keeps) {
	struct sim_coroutine *first = sim_coroutine_create(enter_twice_and_yield, &keeps);
	struct sim_coroutine *second = sim_coroutine_create(enter_twice_and_yield, &keeps);
	sim_coroutine_resume(first);
	sim_coroutine_resume(second);
	sim_coroutine_resume(first);
	sim_coroutine_resume(second);
	sim_coroutine_destroy(first);
	sim_coroutine_destroy(second);
}

static int status_of(int keeps) {
	int status = 0;
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		fclose(stderr);
		run_two(keeps);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void a_mutex_that_was_given_back_is_free(void **state) {
	(void)state;
	int status = status_of(0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void a_mutex_of_a_coroutine_that_lost_its_turn_asserts(void **state) {
	(void)state;
	int status = status_of(1);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static int set_up(void **state) {
	(void)state;
	if (!sim_run_init()) {
		return -1;
	}
	shared = sqlite3_mutex_alloc(SQLITE_MUTEX_RECURSIVE);
	return shared != NULL ? 0 : -1;
}

static int tear_down(void **state) {
	(void)state;
	sqlite3_mutex_free(shared);
	return 0;
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_mutex_that_was_given_back_is_free),
	        cmocka_unit_test(a_mutex_of_a_coroutine_that_lost_its_turn_asserts),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
