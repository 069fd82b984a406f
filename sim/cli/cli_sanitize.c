/* sim/cli/cli_sanitize.c: see cli_sanitize.h. What a sanitizer finds ends the process that runs a
 * seed, and is the violation `subject_crashed` of that seed (sim/sweep/worker.c). */
#include "cli_sanitize.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SIM_CLI_SANITIZE_PATH_SIZE 1024
#define SIM_CLI_SANITIZE_PROGRAM "/sanitize/aftershock"

static bool sim_cli_is_sanitized(void) {
#if defined(__SANITIZE_ADDRESS__)
	return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	return true;
#endif
#endif
	return false;
}

static bool sim_cli_wants_sanitized(int count, char *const *arguments) {
	static const char *const verbs[] = {"run", "replay", "explain", "shrink"};
	bool takes_it = false;
	bool wants = false;
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		takes_it |= strcmp(arguments[1], verbs[i]) == 0;
	}
	for (int i = 2; i < count; i++) {
		wants |= strcmp(arguments[i], "--sanitize") == 0;
	}
	return takes_it && wants;
}

bool sim_cli_hand_over_to_sanitized(int count, char **arguments) {
	char path[SIM_CLI_SANITIZE_PATH_SIZE];
	const size_t room = sizeof path - sizeof SIM_CLI_SANITIZE_PROGRAM;
	if (sim_cli_is_sanitized() || !sim_cli_wants_sanitized(count, arguments)) {
		return true;
	}
	ssize_t size = readlink("/proc/self/exe", path, room);
	path[size > 0 ? size : 0] = '\0';
	char *slash = strrchr(path, '/');
	snprintf(slash != NULL ? slash : path, sizeof SIM_CLI_SANITIZE_PROGRAM, SIM_CLI_SANITIZE_PROGRAM);
	execv(path, arguments);
	fprintf(stderr, "aftershock: --sanitize: %s: %s, expected a build with sanitizers: `make sanitize`\n", path,
	        strerror(errno));
	return false;
}
