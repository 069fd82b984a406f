/* sim/run/plugin.c: see plugin.h. */
#include "plugin.h"

#include "scenario.h"

#include <assert.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

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

static const struct aftershock_subject *sim_plugin_translate(const struct aftershock_subject *subject) {
	static struct aftershock_subject translated;
	const struct sim_plugin_version_3 *old = (const void *)subject;
	assert(subject->interface_version == 3);
	translated = (struct aftershock_subject){.interface_version = SUBJECT_INTERFACE_VERSION,
	                                         .name = old->name,
	                                         .start = old->start,
	                                         .step = old->step,
	                                         .observe = old->observe,
	                                         .stop = old->stop};
	translated.takes = SUBJECT_TAKES_UPDATES | SUBJECT_TAKES_LIFE | SUBJECT_TAKES_COMMANDS | SUBJECT_TAKES_BATCHES |
	                   SUBJECT_TAKES_OWNERS;
	translated.takes |= old->runs_sql ? SUBJECT_TAKES_SQL : 0u;
	translated.takes |= old->asks_permission ? SUBJECT_TAKES_PERMISSION : 0u;
	return &translated;
}

static const struct aftershock_subject *sim_plugin_check(const struct aftershock_subject *subject, const char *path,
                                                         char *why, size_t why_size) {
	uint32_t version = subject == NULL ? 0 : subject->interface_version;
	if (version == 3) {
		subject = sim_plugin_translate(subject);
	} else if (version != SUBJECT_INTERFACE_VERSION) {
		snprintf(why, why_size, "%s: subject interface version %u, expected %u", path, version,
		         SUBJECT_INTERFACE_VERSION);
		return NULL;
	}
	if (subject->start == NULL || subject->step == NULL || subject->observe == NULL || subject->stop == NULL) {
		snprintf(why, why_size, "%s: one of start, step, observe, stop is missing", path);
		return NULL;
	}
	if (subject->takes == 0) {
		snprintf(why, why_size, "%s: the subject takes nothing, expected a mask of SUBJECT_TAKES_ in `takes`",
		         path);
		return NULL;
	}
	return subject;
}

const struct aftershock_subject *sim_plugin_load(const char *path, char *why, size_t why_size) {
	char slashed[SIM_SCENARIO_PATH_SIZE];
	assert(path != NULL);
	snprintf(slashed, sizeof slashed, "%s%s", strchr(path, '/') == NULL ? "./" : "", path);
	void *library = dlopen(slashed, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) {
		const char *error = dlerror();
		snprintf(why, why_size, "%s: cannot be loaded: %s", path, error != NULL ? error : "?");
		return NULL;
	}
	const struct aftershock_subject *(*entry)(void) = NULL;
	void *symbol = dlsym(library, SUBJECT_ENTRY_POINT);
	memcpy(&entry, &symbol, sizeof entry);
	if (entry == NULL) {
		snprintf(why, why_size, "%s: has no function " SUBJECT_ENTRY_POINT, path);
		return NULL;
	}
	return sim_plugin_check(entry(), path, why, why_size);
}
