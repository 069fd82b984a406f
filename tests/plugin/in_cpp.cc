// tests/plugin/in_cpp.cc: a plug-in in C++: subject.h alone gives its entry point the name that is
// looked for. It starts for nobody.
#include "subject.h"

#include <cstdio>

namespace {

enum subject_start_status start(const struct subject_config *, void **instance, char reason[SUBJECT_REASON_SIZE]) {
	*instance = nullptr;
	std::snprintf(reason, SUBJECT_REASON_SIZE, "it is in C++");
	return SUBJECT_START_MISCONFIGURED;
}

void step(void *, const struct subject_step *, struct subject_reply *) {
}

void observe(void *, const struct subject_sink *) {
}

void stop(void *) {
}

} // namespace

const struct aftershock_subject *aftershock_subject() {
	static const struct aftershock_subject subject = {
	        SUBJECT_INTERFACE_VERSION, "in_cpp", start,  step, observe, stop,
	        SUBJECT_TAKES_UPDATES,     nullptr,  nullptr};
	return &subject;
}
