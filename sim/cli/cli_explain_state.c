/* sim/cli/cli_explain_state.c: see cli_explain_state.h. Of the life on the state the calls are told
 * that change the disk: they are what the recovery does. */
#include "cli_explain_state.h"

#include "story_words.h"

#include <inttypes.h>
#include <string.h>

static struct {
	const struct sim_plan *plan;
	FILE *out;
	bool lives; /* its life was begun */
} sim_cli_told;

static void sim_cli_state_say(void *context, const char *text) {
	(void)context;
	fprintf(sim_cli_told.out, "  %s\n", text);
}

/* Syncs are told for what they make durable. */
static bool sim_cli_state_changes(const struct sim_event *event) {
	return event->code == VFS_METHOD_WRITE || event->code == VFS_METHOD_TRUNCATE ||
	       event->code == VFS_METHOD_DELETE || event->code == VFS_METHOD_SYNC;
}

static void sim_cli_state_call(uint64_t number, const struct sim_event *event) {
	char text[SIM_STORY_TEXT_SIZE];
	if (!sim_cli_state_changes(event) && !sim_story_call_failed(event)) {
		return;
	}
	sim_story_call_text(event, 1, text, sizeof text);
	char *good = strstr(text, " gives ok");
	if (good != NULL) {
		*(good > text && good[-1] == ',' ? good - 1 : good) = '\0';
	}
	fprintf(sim_cli_told.out, "  %6" PRIu64 " %s\n", number, text);
}

static void sim_cli_state_event(void *context, uint64_t number, const struct sim_event *event, const char *label,
                                const char *note) {
	char text[SIM_STORY_TEXT_SIZE] = "";
	(void)context;
	(void)label;
	if (!sim_cli_told.lives) {
		fprintf(sim_cli_told.out, "the life on it: what changes the disk, and what fails\n");
		sim_cli_told.lives = true;
	}
	switch ((int)event->kind) {
	case SIM_EVENT_CALL:
		sim_cli_state_call(number, event);
		break;
	case SIM_EVENT_START:
		sim_story_start_text(event, note, text, sizeof text);
		break;
	case SIM_EVENT_LOADED:
		sim_story_loaded_text(sim_cli_told.plan, event, note, text, sizeof text);
		break;
	case SIM_EVENT_OUTCOME:
		sim_story_outcome_text(event, note, text, sizeof text);
		break;
	case SIM_EVENT_STOP:
		snprintf(text, sizeof text, "stopped in the ordinary way");
		break;
	default:
		break;
	}
	if (text[0] != '\0') {
		fprintf(sim_cli_told.out, "  %6" PRIu64 " %s\n", number, text);
	}
}

const struct sim_branch_teller *sim_cli_explain_state(const struct sim_plan *plan) {
	static const struct sim_branch_teller teller = {.say = sim_cli_state_say, .event = sim_cli_state_event};
	sim_cli_told.plan = plan;
	sim_cli_told.out = stdout;
	sim_cli_told.lives = false;
	return &teller;
}

void sim_cli_explain_state_to(FILE *out) {
	sim_cli_told.out = out;
}
