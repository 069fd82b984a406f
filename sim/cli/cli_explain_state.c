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

/* Of several processes each line says whose it is. */
static void sim_cli_state_line(uint64_t number, const char *label, const char *text) {
	fprintf(sim_cli_told.out, "  %6" PRIu64 " %s%s%s\n", number, label != NULL ? label : "",
	        label != NULL ? ": " : "", text);
}

static void sim_cli_state_call(uint64_t number, const struct sim_event *event, const char *label) {
	char text[SIM_STORY_TEXT_SIZE];
	if (!sim_cli_state_changes(event) && !sim_story_call_failed(event)) {
		return;
	}
	sim_story_call_text(event, 1, text, sizeof text);
	char *good = strstr(text, " gives ok");
	if (good != NULL) {
		*(good > text && good[-1] == ',' ? good - 1 : good) = '\0';
	}
	sim_cli_state_line(number, label, text);
}

/* What an event other than a call says; `client`: of one of several clients of SQL. */
static void sim_cli_state_text(const struct sim_event *event, const char *note, bool client, char *text, size_t size) {
	switch ((int)event->kind) {
	case SIM_EVENT_START:
		(client ? sim_story_client_start_text : sim_story_start_text)(event, note, text, size);
		break;
	case SIM_EVENT_OUTCOME:
		(client ? sim_story_client_answer_text : sim_story_outcome_text)(event, note, text, size);
		break;
	case SIM_EVENT_LOADED:
		if (client) {
			sim_story_look_text(event, text, size);
		} else {
			sim_story_loaded_text(sim_cli_told.plan, event, note, text, size);
		}
		break;
	case SIM_EVENT_STOP:
		snprintf(text, size, "stopped in the ordinary way");
		break;
	default:
		break;
	}
}

static void sim_cli_state_event(void *context, uint64_t number, const struct sim_event *event, const char *label,
                                const char *note) {
	char text[SIM_STORY_TEXT_SIZE] = "";
	bool client = sim_cli_told.plan->processes.count > 0 && sim_cli_told.plan->sql_scenario != NULL;
	(void)context;
	if (!sim_cli_told.lives) {
		fprintf(sim_cli_told.out, "the life on it: what changes the disk, and what fails\n");
		sim_cli_told.lives = true;
	}
	if (event->kind == SIM_EVENT_CALL) {
		sim_cli_state_call(number, event, label);
	} else {
		sim_cli_state_text(event, note, client, text, sizeof text);
	}
	/* The judge's own look is nobody's. */
	if (text[0] != '\0') {
		sim_cli_state_line(number, client && event->kind == SIM_EVENT_LOADED ? NULL : label, text);
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
