/* How a process ended: by the name of its signal, in every language, or by its exit status. */
#include "ended.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

/* What waitpid() says of a process that ends by a signal, or with `code` if that is 0. */
static int status_of(int number, int code) {
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		if (number != 0) {
			raise(number);
		}
		_exit(code);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void a_signal_goes_by_its_name(void **context) {
	char text[SIM_ENDED_TEXT_SIZE];
	(void)context;
	assert_string_equal(sim_ended_text(status_of(SIGKILL, 0), text), "SIGKILL");
	assert_string_equal(sim_ended_text(status_of(SIGTERM, 0), text), "SIGTERM");
}

static void a_signal_without_a_name_goes_by_its_number(void **context) {
	char text[SIM_ENDED_TEXT_SIZE];
	char expected[SIM_ENDED_TEXT_SIZE];
	(void)context;
	snprintf(expected, sizeof expected, "signal %d", SIGRTMIN);
	assert_string_equal(sim_ended_text(status_of(SIGRTMIN, 0), text), expected);
}

static void an_exit_goes_by_its_status(void **context) {
	char text[SIM_ENDED_TEXT_SIZE];
	(void)context;
	assert_string_equal(sim_ended_text(status_of(0, 3), text), "exit status 3");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_signal_goes_by_its_name),
	        cmocka_unit_test(a_signal_without_a_name_goes_by_its_number),
	        cmocka_unit_test(an_exit_goes_by_its_status),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
