/* sim/place.c: see place.h. The directory of a build is laid out for it: it has a link `scenarios`
 * to those of the source. */
/* NOLINTNEXTLINE(cert-dcl37-c,bugprone-reserved-identifier,readability-identifier-naming) */
#define _GNU_SOURCE
#include "place.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A program of a test lies in BUILD/tests/PART/ROOM, and a planted bug in
 * PREFIX/lib/aftershock/bugs. */
#define SIM_PLACE_LEVELS 5

const struct sim_place sim_place_scenarios = {"share/aftershock/scenarios", "scenarios"};
const struct sim_place sim_place_bugs = {"lib/aftershock/bugs", "bugs"};
const struct sim_place sim_place_second = {"lib/aftershock/second-sqlite", "second-sqlite"};
const struct sim_place sim_place_record = {"lib/aftershock/libaftershock_record.so", "libaftershock_record.so"};

/* The file that this code is in. Of the program itself the loader knows no name. */
static bool sim_place_self(char path[PATH_MAX]) {
	static const char here;
	Dl_info info;
	struct link_map *map = NULL;
	bool found = dladdr1(&here, &info, (void **)&map, RTLD_DL_LINKMAP) != 0 && map != NULL;
	bool is_library = found && map->l_name != NULL && map->l_name[0] != '\0';
	return realpath(is_library ? map->l_name : "/proc/self/exe", path) != NULL;
}

static bool sim_place_is_there(const char *directory, const char *below, char path[SIM_PLACE_SIZE]) {
	char name[PATH_MAX + 64];
	char whole[PATH_MAX];
	snprintf(name, sizeof name, "%s/%s", directory, below);
	if (realpath(name, whole) == NULL || strlen(whole) >= SIM_PLACE_SIZE) {
		return false;
	}
	snprintf(path, SIM_PLACE_SIZE, "%s", whole);
	return true;
}

static bool sim_place_look(const char *directory, const struct sim_place *place, char path[SIM_PLACE_SIZE]) {
	return sim_place_is_there(directory, place->installed, path) ||
	       sim_place_is_there(directory, place->built, path);
}

bool sim_place_find(const struct sim_place *place, char path[SIM_PLACE_SIZE]) {
	char directory[PATH_MAX];
	char root[SIM_PLACE_SIZE];
	bool found = false;
	bool ends = false;
	char *slash = sim_place_self(directory) ? strrchr(directory, '/') : NULL;
	for (int level = 0; level < SIM_PLACE_LEVELS && slash != NULL && !ends; level++) {
		*slash = '\0';
		found = sim_place_look(directory, place, path);
		/* What has the scenarios is the prefix, or the build. Another may lie above it. */
		ends = found || sim_place_look(directory, &sim_place_scenarios, root);
		slash = strrchr(directory, '/');
	}
	return found;
}
