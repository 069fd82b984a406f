/* sim/cli/main.c: the program `aftershock`. */
#include "cli_verbs.h"

int main(int count, char **arguments) {
	return sim_cli_main(count, arguments);
}
