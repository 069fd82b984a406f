/* sim/run/story.c: see story.h. A paragraph is a step, a start or a stop, with everything that
 * happened in it. It is *plain* when every answer was good and no call failed. Plain paragraphs in
 * a row become one line. With several processes there are no paragraphs, because one step goes on
 * while others begin. Each line says whose it is. */
#include "story.h"

#include "story_words.h"
#include "trace.h"
#include "world.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define SIM_STORY_BEGIN_NS UINT64_C(1700000000000000000)

/* A call that failed, and how often in a row. */
struct sim_story_call {
	struct sim_event event;
	uint64_t number;
	uint32_t times;
};

/* The last call of a process, and the last step that it began. */
struct sim_story_last {
	struct sim_event call;
	uint64_t number; /* 0: none */
	char step[SIM_STORY_STEP_SIZE];
};

struct sim_story {
	struct sim_run_listener listener;
	const struct sim_plan *plan;
	FILE *out;
	bool json;
	bool holds_back;
	char *text; /* the paragraph so far */
	size_t text_size;
	FILE *paragraph; /* what writes it; NULL: none is open */
	bool is_step;    /* a step has begun */
	bool is_plain;
	uint32_t plain_count; /* paragraphs held back */
	uint64_t plain_event; /* of the first */
	uint64_t plain_time_ns;
	char heading[SIM_STORY_STEP_SIZE];
	char first_plain[SIM_STORY_STEP_SIZE]; /* whole */
	char first_step[SIM_STORY_STEP_SIZE];  /* "step 3", as the next two */
	char last_step[SIM_STORY_STEP_SIZE];
	char acknowledged[SIM_STORY_STEP_SIZE]; /* the last step that was */
	uint64_t choices;                       /* asked since the crash */
	struct sim_story_call call;
	/* Of several processes: nothing is held back, and each line says whose it is. */
	const char *who; /* of the event at hand; NULL: nobody's */
	struct sim_story_last last[SIM_PROCESSES_MAX];
};

/* What holds between two events. A paragraph is open while its step goes on, of one process and
 * while steps are held back. */
static void sim_story_assert(const struct sim_story *story) {
	bool may_hold = story->holds_back && story->plan->processes.count == 0;
	assert(may_hold || (story->paragraph == NULL && story->plain_count == 0));
	assert(story->paragraph == NULL || story->is_step);
	assert(story->plain_count == 0 || (story->first_step[0] != '\0' && story->last_step[0] != '\0'));
	assert(story->plan->processes.count <= SIM_PROCESSES_MAX);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Where the story is at. */
static FILE *sim_story_out(const struct sim_story *story) {
	return story->paragraph != NULL ? story->paragraph : story->out;
}

static void sim_story_json(const struct sim_story *story, uint64_t number, uint64_t time_ns, const char *kind,
                           const char *text) {
	json_t *object = json_pack("{s:s,s:I,s:I,s:s,s:s,s:s}", "type", "told", "event", (json_int_t)number, "time_ns",
	                           (json_int_t)(time_ns - SIM_STORY_BEGIN_NS), "process",
	                           story->who != NULL ? story->who : "", "kind", kind, "text", text);
	char *line = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	fprintf(sim_story_out(story), "%s\n", line != NULL ? line : "{}");
	free(line);
	json_decref(object);
}

/* One line to wherever the story is at. The time is that of the run so far. */
static void sim_story_line(const struct sim_story *story, uint64_t number, uint64_t time_ns, const char *kind,
                           const char *text) {
	char who[SIM_PROCESS_NAME_SIZE + 16] = "";
	FILE *out = sim_story_out(story);
	bool heads = strcmp(kind, "step") == 0 || !story->is_step;
	assert(time_ns >= SIM_STORY_BEGIN_NS);
	if (story->json) {
		sim_story_json(story, number, time_ns, kind, text);
	} else {
		uint64_t since_ns = time_ns - SIM_STORY_BEGIN_NS;
		if (story->plan->processes.count > 0) {
			snprintf(who, sizeof who, "%-14s ", story->who != NULL ? story->who : "");
		}
		fprintf(out, "%7" PRIu64 " %6" PRIu64 ".%03" PRIu64 "  %s%s%s\n", number, since_ns / 1000000,
		        since_ns / 1000 % 1000, who, heads ? "" : "  ", text);
	}
	if (!story->holds_back) {
		fflush(story->out);
	}
}

/* ---- paragraphs ------------------------------------------------------------------------------ */

static void sim_story_tell_plain(struct sim_story *story) {
	char text[2 * SIM_STORY_STEP_SIZE + 64];
	if (story->plain_count == 0) {
		return;
	}
	if (story->plain_count == 1) {
		snprintf(text, sizeof text, "%s: as it should be", story->first_plain);
	} else {
		snprintf(text, sizeof text, "%s to %s: %u steps, each as it should be", story->first_step,
		         story->last_step, story->plain_count);
	}
	sim_story_line(story, story->plain_event, story->plain_time_ns, "step", text);
	story->plain_count = 0;
}

static void sim_story_tell_call(struct sim_story *story) {
	char text[SIM_STORY_TEXT_SIZE];
	const struct sim_story_call *call = &story->call;
	if (call->times == 0) {
		return;
	}
	sim_story_call_text(&call->event, call->times, text, sizeof text);
	sim_story_line(story, call->number, call->event.time_ns, "call", text);
	story->call.times = 0;
}

/* "step 3" of "step 3: restart". */
static void sim_story_cut(const char *heading, char step[SIM_STORY_STEP_SIZE]) {
	snprintf(step, SIM_STORY_STEP_SIZE, "%.*s", (int)strcspn(heading, ":"), heading);
}

static void sim_story_hold(struct sim_story *story) {
	assert(story->is_plain && story->heading[0] != '\0');
	if (story->plain_count++ == 0) {
		memcpy(story->first_plain, story->heading, sizeof story->first_plain);
		sim_story_cut(story->heading, story->first_step);
	}
	sim_story_cut(story->heading, story->last_step);
}

/* Ends the paragraph: it joins the plain ones, or is written. */
static void sim_story_close(struct sim_story *story) {
	sim_story_tell_call(story);
	if (story->paragraph == NULL) {
		return;
	}
	fclose(story->paragraph);
	story->paragraph = NULL;
	if (story->is_plain) {
		sim_story_hold(story);
	} else {
		sim_story_tell_plain(story);
		fwrite(story->text, 1, story->text_size, story->out);
	}
	free(story->text);
	story->text = NULL;
}

static struct sim_story_last *sim_story_last(struct sim_story *story) {
	uint32_t number = SIM_PROCESSES_MAX;
	if (story->who != NULL) {
		number = sim_plan_find_process(&story->plan->processes, story->who);
	}
	return number < SIM_PROCESSES_MAX ? &story->last[number] : NULL;
}

static void sim_story_open(struct sim_story *story, uint64_t number, const struct sim_event *event, const char *text) {
	struct sim_story_last *last = sim_story_last(story);
	sim_story_close(story);
	if (last != NULL) {
		snprintf(last->step, sizeof last->step, "%.*s", (int)sizeof last->step - 1, text);
	}
	story->is_step = true;
	story->is_plain = true;
	snprintf(story->heading, sizeof story->heading, "%.*s", (int)sizeof story->heading - 1, text);
	if (story->plain_count == 0) {
		story->plain_event = number;
		story->plain_time_ns = event->time_ns;
	}
	bool holds = story->holds_back && story->plan->processes.count == 0;
	story->paragraph = holds ? open_memstream(&story->text, &story->text_size) : NULL;
	sim_story_line(story, number, event->time_ns, "step", text);
}

/* ---- events ---------------------------------------------------------------------------------- */

/* Something that makes the paragraph worth telling. */
static void sim_story_add(struct sim_story *story, uint64_t number, const struct sim_event *event, const char *kind,
                          const char *text) {
	sim_story_tell_call(story);
	story->is_plain = false;
	sim_story_line(story, number, event->time_ns, kind, text);
}

static void sim_story_on_call(struct sim_story *story, uint64_t number, const struct sim_event *event) {
	struct sim_story_call *call = &story->call;
	struct sim_story_last *last = sim_story_last(story);
	if (last != NULL) {
		last->call = *event;
		last->number = number;
	}
	if (!sim_story_call_failed(event)) {
		return;
	}
	bool again = call->times > 0 && call->event.code == event->code &&
	             call->event.numbers[0] == event->numbers[0] && call->event.numbers[4] == event->numbers[4];
	if (!again) {
		sim_story_tell_call(story);
		call->event = *event;
		call->number = number;
	}
	call->times = again ? call->times + 1 : 1;
	story->is_plain = false;
}

static void sim_story_note_acknowledged(struct sim_story *story) {
	const struct sim_story_last *last = sim_story_last(story);
	sim_story_cut(last != NULL ? last->step : story->heading, story->acknowledged);
}

/* Of a client of SQLite, one of several. */
static void sim_story_on_client_outcome(struct sim_story *story, uint64_t number, const struct sim_event *event,
                                        const char *note) {
	char text[SIM_STORY_TEXT_SIZE];
	if (event->code == SUBJECT_ACKNOWLEDGED) {
		sim_story_note_acknowledged(story);
	}
	sim_story_client_answer_text(event, note, text, sizeof text);
	sim_story_add(story, number, event, "answer", text);
}

static void sim_story_on_outcome(struct sim_story *story, uint64_t number, const struct sim_event *event,
                                 const char *note) {
	char text[SIM_STORY_TEXT_SIZE];
	enum subject_outcome outcome = (enum subject_outcome)event->code;
	bool good = outcome == SUBJECT_ACKNOWLEDGED || outcome == SUBJECT_UNCHANGED;
	if (outcome == SUBJECT_ACKNOWLEDGED) {
		sim_story_note_acknowledged(story);
	}
	bool plain = story->is_plain && good;
	sim_story_outcome_text(event, note, text, sizeof text);
	sim_story_add(story, number, event, "answer", text);
	story->is_plain = plain;
}

static void sim_story_on_crash(struct sim_story *story, uint64_t number, const struct sim_event *event,
                               const char *note) {
	char text[SIM_STORY_TEXT_SIZE];
	bool power = event->code == SIM_CRASH_POWER_LOSS;
	story->choices = 0;
	snprintf(text, sizeof text, "the %s %s: %s", power ? "power fails" : "process is killed",
	         note != NULL ? note : "?",
	         power ? "what was not synced may be lost, and nobody lives on"
	               : "its locks drop, what it wrote stays in the page cache");
	sim_story_add(story, number, event, "crash", text);
}

static void sim_story_on_choice(struct sim_story *story, uint64_t number, const struct sim_event *event) {
	if (story->choices++ == 0) {
		sim_story_add(story, number, event, "crash",
		              "what had not been synced: for each write and name the disk chooses what survives");
	}
}

/* A call that failed belongs before whatever another process does. */
static void sim_story_turn_to(struct sim_story *story, const char *label) {
	if (label != story->who) {
		sim_story_tell_call(story);
		story->who = label;
	}
}

static void sim_story_event(void *context, uint64_t number, const struct sim_event *event, const char *label,
                            const char *note) {
	struct sim_story *story = context;
	char text[SIM_STORY_TEXT_SIZE];
	bool client = label != NULL && story->plan->sql_scenario != NULL;
	sim_story_assert(story);
	sim_story_turn_to(story, label);
	switch (event->kind) {
	case SIM_EVENT_CALL:
		sim_story_on_call(story, number, event);
		break;
	case SIM_EVENT_STEP:
		sim_story_step_text(story->plan, (uint32_t)event->numbers[0], note, text, sizeof text);
		sim_story_open(story, number, event, text);
		break;
	case SIM_EVENT_FAULT:
		snprintf(text, sizeof text, "strikes: %s", note != NULL ? note : "?");
		sim_story_add(story, number, event, "fault", text);
		break;
	case SIM_EVENT_OUTCOME:
		if (client) {
			sim_story_on_client_outcome(story, number, event, note);
		} else {
			sim_story_on_outcome(story, number, event, note);
		}
		break;
	case SIM_EVENT_START:
		if (client) {
			sim_story_client_start_text(event, note, text, sizeof text);
		} else {
			sim_story_start_text(event, note, text, sizeof text);
		}
		sim_story_add(story, number, event, "life", text);
		break;
	case SIM_EVENT_SWITCH:
		break;
	case SIM_EVENT_LOADED:
		if (client) {
			sim_story_look_text(event, text, sizeof text);
		} else {
			sim_story_loaded_text(story->plan, event, note, text, sizeof text);
		}
		sim_story_add(story, number, event, "loaded", text);
		break;
	case SIM_EVENT_STOP:
		snprintf(text, sizeof text, "%s%sstopped in the ordinary way",
		         note != NULL && label == NULL ? note : "", note != NULL && label == NULL ? " is " : "");
		sim_story_add(story, number, event, "life", text);
		break;
	case SIM_EVENT_CRASH:
		sim_story_on_crash(story, number, event, note);
		break;
	case SIM_EVENT_CHOICE:
		sim_story_on_choice(story, number, event);
		break;
	case SIM_EVENT_ORDER:
		snprintf(text, sizeof text, "order O%u reaches the exchange", event->code);
		sim_story_add(story, number, event, "order", text);
		break;
	case SIM_EVENT_VERDICT:
	case SIM_EVENT_NONE:
		break;
	}
}

/* ---- at the violation ------------------------------------------------------------------------ */

static void sim_story_tell(const struct sim_story *story, const struct sim_world *world, const char *kind,
                           const char *text) {
	sim_story_line(story, sim_trace_count(world->trace), (uint64_t)world->now_ns, kind, text);
}

/* Who is looked at while locks are told. */
struct sim_story_holders {
	const struct sim_story *story;
	const struct sim_world *world;
	uint32_t count;
};

static void sim_story_tell_held(void *context, const struct vfs_held_locks *held) {
	struct sim_story_holders *holders = context;
	struct vfs_wal_index index;
	char text[SIM_STORY_TEXT_SIZE];
	bool indexed = vfs_disk_read_wal_index(holders->world->disk, held->path, &index);
	sim_story_held_text(held, indexed ? &index : NULL, text, sizeof text);
	sim_story_tell(holders->story, holders->world, "lock", text);
	holders->count++;
}

static void sim_story_tell_locks(const struct sim_story *story, const struct sim_world *world) {
	struct sim_story_holders holders = {story, world, 0};
	struct vfs_wal_index index;
	char text[SIM_STORY_TEXT_SIZE];
	for (uint32_t i = 0; i < SIM_PROCESSES_MAX; i++) {
		if (world->processes[i].vfs != NULL) {
			vfs_process_visit_locks(world->processes[i].vfs, sim_story_tell_held, &holders);
		}
	}
	if (world->other != NULL) {
		vfs_process_visit_locks(world->other, sim_story_tell_held, &holders);
	}
	if (holders.count == 0) {
		sim_story_tell(story, world, "lock", "nobody holds a lock");
	}
	if (vfs_disk_read_wal_index(world->disk, SIM_WORLD_PATH, &index)) {
		sim_story_index_text(SIM_WORLD_PATH, &index, text, sizeof text);
		sim_story_tell(story, world, "lock", text);
	}
}

static void sim_story_tell_committed(const struct sim_story *story, const struct sim_world *world) {
	char text[SIM_STORY_TEXT_SIZE];
	size_t used = (size_t)snprintf(text, sizeof text, "committed so far: %" PRIu64 " acknowledged",
	                               world->result->updates);
	if (story->acknowledged[0] != '\0') {
		used += (size_t)snprintf(text + used, sizeof text - used, ", the last in %s", story->acknowledged);
	}
	if (world->work->tell != NULL) {
		world->work->tell(world, text + used, sizeof text - used);
	}
	sim_story_tell(story, world, "committed", text);
}

/* Of several: what each was at, and did last. */
static void sim_story_tell_processes(const struct sim_story *story, const struct sim_world *world) {
	char text[2 * SIM_STORY_TEXT_SIZE];
	for (uint32_t i = 0; i < story->plan->processes.count; i++) {
		const struct sim_process *process = &world->processes[i];
		const struct sim_story_last *last = &story->last[i];
		sim_story_process_text(process, last->step, last->number > 0 ? &last->call : NULL, text, sizeof text);
		sim_story_line(story, last->number > 0 ? last->number : 0,
		               last->number > 0 ? last->call.time_ns : (uint64_t)world->now_ns, "last", text);
	}
}

static void sim_story_violated(void *context, const struct sim_world *world) {
	struct sim_story *story = context;
	char text[SIM_STORY_TEXT_SIZE];
	story->is_plain = false;
	sim_story_close(story);
	sim_story_tell_plain(story);
	story->who = NULL;
	snprintf(text, sizeof text, "VIOLATED: %s: %s", world->violation->invariant, world->violation->detail);
	sim_story_tell(story, world, "step", text);
	sim_story_tell_committed(story, world);
	sim_story_tell_processes(story, world);
	sim_story_tell_locks(story, world);
}

/* ---- life ------------------------------------------------------------------------------------ */

struct sim_story *sim_story_create(const struct sim_plan *plan, FILE *out, bool json, bool holds_back) {
	struct sim_story *story = calloc(1, sizeof *story);
	if (story != NULL) {
		story->listener = (struct sim_run_listener){story, sim_story_event, sim_story_violated};
		story->plan = plan;
		story->out = out;
		story->json = json;
		story->holds_back = holds_back;
	}
	return story;
}

void sim_story_destroy(struct sim_story *story) {
	free(story);
}

const struct sim_run_listener *sim_story_listener(const struct sim_story *story) {
	return &story->listener;
}

void sim_story_redirect(struct sim_story *story, FILE *out) {
	story->out = out;
}

void sim_story_end(struct sim_story *story) {
	sim_story_close(story);
	sim_story_tell_plain(story);
	sim_story_assert(story);
	assert(story->paragraph == NULL && story->text == NULL);
	fflush(story->out);
}
