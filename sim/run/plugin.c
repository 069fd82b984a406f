/* sim/run/plugin.c: see plugin.h. */
#include "plugin.h"

#include "operation.h"
#include "scenario.h"
#include "subject_memory.h"

#include <assert.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SIM_PLUGIN_NAME_SIZE 100
#define SIM_PLUGIN_WHY_SIZE 1300

/* Version 3 could not say what it takes: it had two flags in that place, and was given everything
 * else. */
struct sim_plugin_version_3 {
	uint32_t interface_version;
	const char *name;
	enum subject_start_status (*start)(const struct subject_config *, void **, char[SUBJECT_REASON_SIZE]);
	void (*step)(void *, const struct subject_step *, struct subject_reply *);
	void (*observe)(void *, const struct subject_sink *);
	void (*stop)(void *);
	bool runs_sql;
	bool asks_permission;
};

/* What a plug-in of version 4 could say that it takes. Other bits meant nothing then. */
#define SIM_PLUGIN_TAKES_4                                                                                             \
	(SUBJECT_TAKES_UPDATES | SUBJECT_TAKES_LIFE | SUBJECT_TAKES_COMMANDS | SUBJECT_TAKES_BATCHES |                 \
	 SUBJECT_TAKES_PERMISSION | SUBJECT_TAKES_OWNERS | SUBJECT_TAKES_READERS | SUBJECT_TAKES_SQL)

/* What nobody before version 7 could say. */
#define SIM_PLUGIN_TAKES_7 (SUBJECT_TAKES_HISTORY | SUBJECT_TAKES_CHECKPOINTS)

/* What nobody before version 8 could say. */
#define SIM_PLUGIN_TAKES_8                                                                                             \
	(SUBJECT_TAKES_OPERATIONS | SUBJECT_TAKES_VACUUM_INTO | SUBJECT_TAKES_ACCESS | SUBJECT_TAKES_PRAGMAS)

/* What version 6 has added. */
#define SIM_PLUGIN_TAKES_6 (SUBJECT_TAKES_LEDGER | SUBJECT_TAKES_GAPS | SUBJECT_TAKES_MALFORMED | SUBJECT_TAKES_VOUCHED)

/* What nobody before version 9 could say. */
#define SIM_PLUGIN_TAKES_9 SUBJECT_TAKES_SCOPES

static uint32_t sim_plugin_takes_3(const struct sim_plugin_version_3 *old) {
	uint32_t takes = SUBJECT_TAKES_UPDATES | SUBJECT_TAKES_LIFE | SUBJECT_TAKES_COMMANDS | SUBJECT_TAKES_BATCHES |
	                 SUBJECT_TAKES_OWNERS;
	takes |= old->runs_sql ? SUBJECT_TAKES_SQL : 0u;
	return takes | SUBJECT_TAKES_DAMAGE | SUBJECT_TAKES_JOURNAL |
	       (old->asks_permission ? SUBJECT_TAKES_PERMISSION : 0u);
}

/* Whoever could not say so was held to it. */
static uint32_t sim_plugin_takes_damage(uint32_t takes) {
	return takes != 0 ? SUBJECT_TAKES_DAMAGE : 0u;
}

static uint32_t sim_plugin_takes_journal(uint32_t takes) {
	return takes != 0 ? SUBJECT_TAKES_JOURNAL : 0u;
}

static uint32_t sim_plugin_takes(const struct aftershock_subject *subject) {
	switch (subject->interface_version) {
	case 3:
		return sim_plugin_takes_3((const void *)subject);
	case 4:
		return (subject->takes & SIM_PLUGIN_TAKES_4) | sim_plugin_takes_damage(subject->takes) |
		       sim_plugin_takes_journal(subject->takes);
	case 5:
		return (subject->takes & ~(uint32_t)(SIM_PLUGIN_TAKES_6 | SIM_PLUGIN_TAKES_7 | SIM_PLUGIN_TAKES_8 |
		                                     SIM_PLUGIN_TAKES_9)) |
		       sim_plugin_takes_damage(subject->takes) | sim_plugin_takes_journal(subject->takes);
	case 6:
		return (subject->takes & ~(uint32_t)(SIM_PLUGIN_TAKES_7 | SIM_PLUGIN_TAKES_8 | SIM_PLUGIN_TAKES_9)) |
		       sim_plugin_takes_journal(subject->takes);
	case 7:
		return subject->takes & ~(uint32_t)(SIM_PLUGIN_TAKES_8 | SIM_PLUGIN_TAKES_9);
	case 8:
		return subject->takes & ~(uint32_t)SIM_PLUGIN_TAKES_9;
	default:
		return subject->takes;
	}
}

/* A copy that no life of the subject changes. The four functions are called as ever: structures
 * have grown at their ends only. */
static const struct aftershock_subject *sim_plugin_copy(const struct aftershock_subject *subject) {
	static struct aftershock_subject copy;
	static char name[SIM_PLUGIN_NAME_SIZE];
	snprintf(name, sizeof name, "%s", subject->name != NULL ? subject->name : "?");
	copy = (struct aftershock_subject){.interface_version = SUBJECT_INTERFACE_VERSION,
	                                   .name = name,
	                                   .start = subject->start,
	                                   .step = subject->step,
	                                   .observe = subject->observe,
	                                   .stop = subject->stop,
	                                   .takes = sim_plugin_takes(subject)};
	if (subject->interface_version >= 8) {
		copy.operations = subject->operations;
		copy.model = subject->model;
	}
	return &copy;
}

static bool sim_plugin_is_whole(const struct aftershock_subject *subject) {
	return subject->start != NULL && subject->step != NULL && subject->observe != NULL && subject->stop != NULL;
}

/* What version 8 has added. */
static bool sim_plugin_check_operations(const struct aftershock_subject *subject, const char *path, char *why,
                                        size_t why_size) {
	char what[SIM_OPERATION_WHY_SIZE];
	if (!sim_operations_check(subject->operations, what)) {
		snprintf(why, why_size, "%s: %s", path, what);
		return false;
	}
	if (subject->model != NULL && !sim_plugin_is_whole(subject->model)) {
		snprintf(why, why_size, "%s: of its model, one of start, step, observe, stop is missing", path);
		return false;
	}
	return true;
}

const struct aftershock_subject *sim_plugin_accept(const struct aftershock_subject *subject, const char *path,
                                                   char *why, size_t why_size) {
	uint32_t version = subject == NULL ? 0 : subject->interface_version;
	if (version < 3 || version > SUBJECT_INTERFACE_VERSION) {
		snprintf(why, why_size, "%s: subject interface version %u, expected %u", path, version,
		         SUBJECT_INTERFACE_VERSION);
		return NULL;
	}
	subject = sim_plugin_copy(subject);
	if (!sim_plugin_is_whole(subject)) {
		snprintf(why, why_size, "%s: one of start, step, observe, stop is missing", path);
		return NULL;
	}
	if (subject->takes == 0) {
		snprintf(why, why_size, "%s: the subject takes nothing, expected a mask of SUBJECT_TAKES_ in `takes`",
		         path);
		return NULL;
	}
	return sim_plugin_check_operations(subject, path, why, why_size) ? subject : NULL;
}

const struct aftershock_subject *sim_plugin_load(const char *path, char *why, size_t why_size) {
	char slashed[SIM_SCENARIO_PATH_SIZE];
	char refused[SIM_PLUGIN_WHY_SIZE];
	assert(path != NULL);
	snprintf(slashed, sizeof slashed, "%s%s", strchr(path, '/') == NULL ? "./" : "", path);
	void *library = subject_memory_load(slashed, refused, sizeof refused);
	if (library == NULL) {
		snprintf(why, why_size, "%s: %s", slashed, refused);
		return NULL;
	}
	const struct aftershock_subject *(*entry)(void) = NULL;
	void *symbol = dlsym(library, SUBJECT_ENTRY_POINT);
	memcpy(&entry, &symbol, sizeof entry);
	if (entry == NULL) {
		snprintf(why, why_size, "%s: has no function " SUBJECT_ENTRY_POINT, path);
		return NULL;
	}
	subject_memory_set_entry(entry);
	return sim_plugin_accept(entry(), path, why, why_size);
}

/* With a sanitizer: the leaks that it would tell of at an ordinary end. */
void sim_plugin_tell_leaks(void) __asm__("__lsan_do_leak_check") __attribute__((weak));

void sim_plugin_exit(int status) {
	fflush(NULL);
	if (sim_plugin_tell_leaks != NULL) {
		sim_plugin_tell_leaks();
	}
	_exit(status);
}
