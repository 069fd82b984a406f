/* sim/cli/cli_bugs.c: planted bugs. A bug of the engine is a plug-in, BUILD/bugs/NAME.so. A bug of
 * the disk or of a built-in subject cannot be one. It is this program with that bug in it,
 * BUILD/bugs/NAME.aftershock, and `--bug NAME` becomes that program. Replay lines say `--bug NAME`
 * either way. */
#include "cli_bugs.h"

#include "place.h"
#include "suggest.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIM_CLI_BUG_PLUGIN ".so"
#define SIM_CLI_BUG_PROGRAM ".aftershock"
#define SIM_CLI_BUG_PATH_SIZE (SIM_SCENARIO_PATH_SIZE / 2)

/* What is before the ending, when the name ends in it; else 0. */
static size_t sim_cli_stem(const char *name, const char *ending) {
	size_t size = strlen(name);
	size_t more = strlen(ending);
	return size > more && strcmp(name + size - more, ending) == 0 ? size - more : 0;
}

/* The path of this program; its last part begins behind the slash that is returned. NULL when it
 * cannot be had. */
static char *sim_cli_self(char path[SIM_CLI_BUG_PATH_SIZE]) {
	const size_t room = SIM_CLI_BUG_PATH_SIZE - sizeof "/bugs";
	ssize_t size = readlink("/proc/self/exe", path, room);
	path[size > 0 ? size : 0] = '\0';
	return strrchr(path, '/');
}

const char *sim_cli_own_bug(void) {
	static char name[SIM_CLI_BUG_PATH_SIZE];
	char path[SIM_CLI_BUG_PATH_SIZE];
	const char *slash = sim_cli_self(path);
	size_t stem = slash != NULL ? sim_cli_stem(slash + 1, SIM_CLI_BUG_PROGRAM) : 0;
	if (stem == 0) {
		return NULL;
	}
	snprintf(name, sizeof name, "%.*s", (int)stem, slash + 1);
	return name;
}

/* Where the planted bugs are; with none, where they would be. */
static void sim_cli_bug_directory(char directory[SIM_PLACE_SIZE]) {
	if (!sim_place_find(&sim_place_bugs, directory)) {
		snprintf(directory, SIM_PLACE_SIZE, "%s", sim_place_bugs.built);
	}
}

static int sim_cli_is_bug(const struct dirent *entry) {
	return sim_cli_stem(entry->d_name, SIM_CLI_BUG_PLUGIN) + sim_cli_stem(entry->d_name, SIM_CLI_BUG_PROGRAM) > 0;
}

/* By bytes, not by locale. */
static int sim_cli_by_name(const struct dirent **left, const struct dirent **right) {
	return strcmp((*left)->d_name, (*right)->d_name);
}

uint32_t sim_cli_bugs(char names[SIM_CLI_BUGS_MAX][SIM_CLI_BUG_SIZE]) {
	char directory[SIM_PLACE_SIZE];
	struct dirent **entries = NULL;
	uint32_t known = 0;
	sim_cli_bug_directory(directory);
	int count = scandir(directory, &entries, sim_cli_is_bug, sim_cli_by_name);
	for (int i = 0; i < count; i++) {
		int size = (int)strcspn(entries[i]->d_name, ".");
		if (known < SIM_CLI_BUGS_MAX && size < (int)SIM_CLI_BUG_SIZE) {
			snprintf(names[known++], SIM_CLI_BUG_SIZE, "%.*s", size, entries[i]->d_name);
		}
		free(entries[i]);
	}
	free(entries);
	return known;
}

static bool sim_cli_is_known_bug(const char *name) {
	char names[SIM_CLI_BUGS_MAX][SIM_CLI_BUG_SIZE];
	const char *list[SIM_CLI_BUGS_MAX + 1] = {NULL};
	uint32_t count = sim_cli_bugs(names);
	assert(count <= SIM_CLI_BUGS_MAX);
	for (uint32_t i = 0; i < count; i++) {
		list[i] = names[i];
		if (strcmp(names[i], name) == 0) {
			return true;
		}
	}
	fprintf(stderr, "aftershock: --bug %s: no such planted bug; %s\n", name, sim_suggest(name, list));
	return false;
}

bool sim_cli_set_bug(struct sim_cli *cli, const char *name) {
	char directory[SIM_PLACE_SIZE];
	const char *own = sim_cli_own_bug();
	if (!sim_cli_is_known_bug(name)) {
		return false;
	}
	if (own != NULL && strcmp(own, name) != 0) {
		fprintf(stderr, "aftershock: --bug %s: this program has %s planted; use the one without\n", name, own);
		return false;
	}
	cli->sweep.bug = name;
	if (own == NULL) {
		sim_cli_bug_directory(directory);
		snprintf(cli->subject_path, sizeof cli->subject_path, "%.760s/%.200s" SIM_CLI_BUG_PLUGIN, directory,
		         name);
		cli->sweep.subject_path = cli->subject_path;
	}
	return true;
}

/* The value of the last --bug; NULL when there is none. */
static const char *sim_cli_wanted_bug(int count, char *const *arguments) {
	const char *name = NULL;
	for (int i = 2; i < count; i++) {
		if (strncmp(arguments[i], "--bug=", strlen("--bug=")) == 0) {
			name = arguments[i] + strlen("--bug=");
		} else if (strcmp(arguments[i], "--bug") == 0 && i + 1 < count) {
			name = arguments[++i];
		}
	}
	return name;
}

bool sim_cli_hand_over(int count, char **arguments) {
	char directory[SIM_PLACE_SIZE];
	char path[SIM_SCENARIO_PATH_SIZE + SIM_CLI_BUG_SIZE];
	const char *name = sim_cli_wanted_bug(count, arguments);
	if (name == NULL || sim_cli_own_bug() != NULL || strchr(name, '/') != NULL) {
		return true;
	}
	sim_cli_bug_directory(directory);
	snprintf(path, sizeof path, "%.900s/%.60s" SIM_CLI_BUG_PROGRAM, directory, name);
	if (access(path, F_OK) != 0) {
		return true;
	}
	execv(path, arguments);
	fprintf(stderr, "aftershock: --bug %s: %s cannot be started: %s\n", name, path, strerror(errno));
	return false;
}
