/* tests/plugin/broken.h: what the deliberately broken plug-ins share: a subject that starts, knows
 * nothing and says "later". */
#ifndef AFTERSHOCK_TESTS_BROKEN_H
#define AFTERSHOCK_TESTS_BROKEN_H

#include "subject.h"

#include <stddef.h>

static int broken_steps;

static enum subject_start_status broken_start(const struct subject_config *config, void **instance, char *reason) {
	(void)config;
	(void)reason;
	*instance = &broken_steps;
	return SUBJECT_STARTED;
}

static void broken_observe(void *instance, const struct subject_sink *sink) {
	const struct subject_head head = {0};
	(void)instance;
	sink->head(sink->context, &head);
}

static void broken_stop(void *instance) {
	(void)instance;
}

#endif
