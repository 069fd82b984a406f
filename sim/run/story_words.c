/* sim/run/story_words.c: see story_words.h. */
#include "story_words.h"

#include "contract.h"
#include "fault.h"
#include "spoiling.h"
#include "world.h"

#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

/* A text that grows; what does not fit is cut off. */
struct sim_story_text {
	char *text;
	size_t size;
	size_t used;
};

static void sim_story_append(struct sim_story_text *text, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

static void sim_story_append(struct sim_story_text *text, const char *format, ...) {
	va_list arguments;
	assert(text->size > 0);
	if (text->used + 1 >= text->size) {
		return;
	}
	va_start(arguments, format);
	int wrote = vsnprintf(text->text + text->used, text->size - text->used, format, arguments);
	va_end(arguments);
	text->used += wrote > 0 ? (size_t)wrote : 0;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static const char *sim_story_kind(enum subject_exec_type type) {
	static const char *const kinds[] = {
	        [SUBJECT_EXEC_NEW] = "new",
	        [SUBJECT_EXEC_TRADE] = "trade of",
	        [SUBJECT_EXEC_CANCELED] = "cancel of",
	        [SUBJECT_EXEC_REJECTED] = "reject of",
	        [SUBJECT_EXEC_EXPIRED] = "expiry of",
	        [SUBJECT_EXEC_REPLACED] = "replace of",
	        [SUBJECT_EXEC_BUST] = "bust in",
	        [SUBJECT_EXEC_CORRECT] = "correction in",
	        [SUBJECT_EXEC_RESTATED] = "restatement of",
	        [SUBJECT_EXEC_DONE_FOR_DAY] = "done for the day",
	        [SUBJECT_EXEC_PENDING_NEW] = "pending new",
	        [SUBJECT_EXEC_PENDING_CANCEL] = "pending cancel of",
	        [SUBJECT_EXEC_PENDING_REPLACE] = "pending replace of",
	        [SUBJECT_EXEC_CANCEL_REJECTED] = "refused cancel of",
	        [SUBJECT_EXEC_REPLACE_REJECTED] = "refused replace of",
	        [SUBJECT_EXEC_STOPPED] = "guaranteed price for",
	        [SUBJECT_EXEC_TRIGGERED] = "triggered",
	        [SUBJECT_EXEC_ORDER_STATUS] = "status of",
	};
	bool known = (size_t)type < sizeof kinds / sizeof kinds[0] && kinds[type] != NULL;
	return known ? kinds[type] : "?";
}

static void sim_story_append_command(struct sim_story_text *text, const struct subject_command *command) {
	static const char *const kinds[] = {"?", "halt", "resume", "limits of"};
	assert((size_t)command->kind < sizeof kinds / sizeof kinds[0]);
	sim_story_append(text, "%s, command %s", command->command_id, kinds[command->kind]);
	if (command->kind == SUBJECT_COMMAND_LIMITS) {
		sim_story_append(text, " %" PRId64 " lots, %" PRId64 " an order, %" PRId64 " open orders",
		                 command->limits.position_lots, command->limits.order_notional_tick_lots,
		                 command->limits.open_orders);
	}
}

/* What is not as usual about a report. */
static void sim_story_append_references(struct sim_story_text *text, const struct sim_report *report) {
	if (report->refers != 0) {
		sim_story_append(text, " about E%u", report->refers - 1);
	}
	if (report->repeats != 0) {
		sim_story_append(text, " under the id of E%u", report->repeats - 1);
	} else if (report->update.exec_id[0] == '\0') {
		sim_story_append(text, " without exec id");
	}
}

static void sim_story_append_report(struct sim_story_text *text, const struct sim_plan *plan, uint32_t number) {
	assert(number < plan->report_count);
	const struct sim_report *report = &plan->reports[number];
	const struct subject_order_update *update = &report->update;
	const char *side = update->side == SUBJECT_SIDE_BUY ? "buy" : "sell";
	enum subject_exec_type type = update->exec_type;
	if (report->command.kind != SUBJECT_COMMAND_NONE) {
		sim_story_append_command(text, &report->command);
		return;
	}
	sim_story_append(text, "E%u, %s order O%u", number, sim_story_kind(type), report->order);
	if (type == SUBJECT_EXEC_TRADE || type == SUBJECT_EXEC_CORRECT) {
		sim_story_append(text, " (%s %" PRId64 " S%u at %" PRId64 ", %" PRId64 " in all)", side,
		                 update->last_quantity_lots, report->symbol, update->last_price_ticks,
		                 update->cum_quantity_lots);
	} else if (type == SUBJECT_EXEC_NEW || type == SUBJECT_EXEC_REPLACED || type == SUBJECT_EXEC_RESTATED) {
		sim_story_append(text, " (%s %" PRId64 " S%u at %" PRId64 ")", side, update->order_quantity_lots,
		                 report->symbol, update->price_ticks);
	}
	sim_story_append_references(text, report);
}

static const char *sim_story_transaction(const struct sim_plan *plan, uint32_t number) {
	const struct sim_sql *sql = plan->sql_scenario;
	return sql != NULL && number < plan->sql.transaction_count
	               ? sql->templates[plan->sql.transactions[number].template_number].name
	               : "?";
}

static void sim_story_append_step(struct sim_story_text *text, const struct sim_plan *plan, const struct sim_step *step,
                                  const char *note) {
	const struct sim_step_row *row = sim_plan_step_row(step->kind);
	if (row->more == SIM_STEP_ANSWER) {
		sim_story_append(text, "the trader decides on O%u", plan->reports[step->report].order);
	} else if (row->more == SIM_STEP_COUNT) {
		sim_story_append(text, "the exchange sends %u together, first ", step->count);
		sim_story_append_report(text, plan, step->report);
	} else if (row->argument == SIM_STEP_REPORT) {
		sim_story_append(text, "%s", row->story);
		sim_story_append_report(text, plan, step->report);
		if (row->more == SIM_STEP_SPOILING) {
			sim_story_append(text, ": %s", sim_spoiling_name((enum sim_spoiling)step->spoiling));
		}
	} else if (row->argument == SIM_STEP_OPERATION_NUMBER) {
		sim_story_append(text, "%s", note != NULL ? note : "?");
	} else if (row->argument == SIM_STEP_TUNING_NUMBER) {
		sim_story_append(text, "%s", plan->sql_scenario->tunings.texts[step->tuning]);
	} else if (row->argument == SIM_STEP_TRANSACTION_NUMBER) {
		sim_story_append(text, "transaction %u, %s", step->transaction,
		                 sim_story_transaction(plan, step->transaction));
	} else {
		sim_story_append(text, "%s", row->name);
	}
}

void sim_story_step_text(const struct sim_plan *plan, uint32_t number, const char *note, char *text, size_t size) {
	struct sim_story_text out = {text, size, 0};
	sim_story_append(&out, "step %u: ", number);
	if (number < plan->step_count) {
		sim_story_append_step(&out, plan, &plan->steps[number], note);
	}
}

/* ---- answers and lives ----------------------------------------------------------------------- */

void sim_story_outcome_text(const struct sim_event *event, const char *note, char *text, size_t size) {
	static const char *const words[] = {
	        "nothing was answered",
	        "acknowledged: it is durable as far as the settings promise",
	        "unchanged: it was in already",
	        "refused for good",
	        "later: not applied, send it again",
	        "in doubt: the commit failed, and may be there or not",
	        "stopped: nothing was tried",
	};
	bool known = event->code < sizeof words / sizeof words[0];
	bool noted = note != NULL && note[0] != '\0';
	snprintf(text, size, "answered %s%s%s", known ? words[event->code] : "?", noted ? ": " : "", noted ? note : "");
}

void sim_story_start_text(const struct sim_event *event, const char *note, char *text, size_t size) {
	static const char *const words[] = {"tried", "succeeds", "fails, to be tried again",
	                                    "is refused: the stored state is damaged", "is refused: misconfigured"};
	bool known = event->code < sizeof words / sizeof words[0];
	bool noted = note != NULL && note[0] != '\0';
	const char *word = known ? words[event->code] : "?";
	if (event->numbers[0] == 0) {
		snprintf(text, size, "the database is made%s%s", noted ? ": " : "", noted ? note : "");
	} else {
		snprintf(text, size, "start %" PRIu64 " %s%s%s", event->numbers[0], word, noted ? ": " : "",
		         noted ? note : "");
	}
}

void sim_story_loaded_text(const struct sim_plan *plan, const struct sim_event *event, const char *note, char *text,
                           size_t size) {
	if (sim_plan_is_of_orders(plan)) {
		snprintf(text, size, "loaded version %" PRIu64 " with %u positions", event->numbers[0], event->code);
	} else if (event->code != 0) {
		snprintf(text, size, "cannot be read: %s", note != NULL ? note : "?");
	} else {
		snprintf(text, size, "loaded a %s with digest %016" PRIx64, plan->program.is_one ? "state" : "content",
		         event->numbers[0]);
	}
}

/* ---- several processes ----------------------------------------------------------------------- */

void sim_story_client_answer_text(const struct sim_event *event, const char *note, char *text, size_t size) {
	static const char *const words[] = {[SUBJECT_OUTCOME_NONE] = "nothing",
	                                    [SUBJECT_ACKNOWLEDGED] = "committed",
	                                    [SUBJECT_UNCHANGED] = "rolled back",
	                                    [SUBJECT_REFUSED] = "refused for what it says",
	                                    [SUBJECT_LATER] = "rolled back, to be tried again",
	                                    [SUBJECT_IN_DOUBT] =
	                                            "in doubt: the commit failed, and may be there or not"};
	bool known = event->code < sizeof words / sizeof words[0];
	snprintf(text, size, "%s: %s", known ? words[event->code] : "?", note != NULL ? note : "?");
}

void sim_story_client_start_text(const struct sim_event *event, const char *note, char *text, size_t size) {
	bool opened = event->code == SUBJECT_STARTED;
	snprintf(text, size, "opens the database%s%s",
	         opened ? "" : ", and cannot: ", opened || note == NULL ? "" : note);
}

void sim_story_look_text(const struct sim_event *event, char *text, size_t size) {
	if (event->code == SQLITE_OK) {
		snprintf(text, size, "if nobody were left, there would be a content with digest %016" PRIx64,
		         event->numbers[0]);
	} else {
		snprintf(text, size, "if nobody were left, the database could not be read: %s",
		         sqlite3_errstr((int)event->code));
	}
}

static const char *sim_story_whereabouts(const struct sim_process *process) {
	switch (process->state) {
	case SIM_PROCESS_READY:
		return "can go on";
	case SIM_PROCESS_SLEEPS:
		return process->waits_for_lock ? "waits for a lock" : "sleeps";
	case SIM_PROCESS_DOWN:
		return "is dead, and waits for the power";
	case SIM_PROCESS_WAITS:
		return "has done its steps";
	case SIM_PROCESS_ENDED:
		break;
	}
	return "has ended";
}

void sim_story_process_text(const struct sim_process *process, const char *step, const struct sim_event *call,
                            char *text, size_t size) {
	struct sim_story_text out = {text, size, 0};
	char last[SIM_STORY_TEXT_SIZE];
	sim_story_append(&out, "%s %s; %s", process->name, sim_story_whereabouts(process),
	                 step[0] != '\0' ? step : "it has done nothing");
	if (call != NULL) {
		sim_story_call_text(call, 1, last, sizeof last);
		sim_story_append(&out, "; last call: %s", last);
	}
}

/* ---- calls ----------------------------------------------------------------------------------- */

static int sim_story_result(const struct sim_event *event) {
	return (int)(unsigned)event->numbers[4];
}

bool sim_story_call_failed(const struct sim_event *event) {
	int result = sim_story_result(event);
	return result != SQLITE_OK && result != SQLITE_NOTFOUND && result != SQLITE_IOERR_SHORT_READ;
}

void sim_story_call_text(const struct sim_event *event, uint32_t times, char *text, size_t size) {
	struct sim_story_text out = {text, size, 0};
	int result = sim_story_result(event);
	const char *name = sim_fault_code_name(result);
	sim_story_append(&out, "%s of the %s", vfs_method_name((enum vfs_method)event->code),
	                 vfs_file_kind_name((enum vfs_file_kind)event->numbers[0]));
	if (event->code == VFS_METHOD_READ || event->code == VFS_METHOD_WRITE) {
		sim_story_append(&out, ", %" PRIu64 " bytes at %" PRIu64 ",", event->numbers[2], event->numbers[1]);
	}
	if (event->code == VFS_METHOD_LOCK || event->code == VFS_METHOD_UNLOCK) {
		sim_story_append(&out, ", to %s,", vfs_lock_level_name((int)event->numbers[2]));
	}
	if (event->code == VFS_METHOD_SHM_LOCK) {
		sim_story_append(&out, ", %s %s of %" PRIu64 " from %s on,",
		                 (event->numbers[3] & SQLITE_SHM_UNLOCK) != 0 ? "giving back" : "taking",
		                 (event->numbers[3] & SQLITE_SHM_EXCLUSIVE) != 0 ? "exclusive" : "shared",
		                 event->numbers[2], vfs_shm_slot_name((enum vfs_shm_slot)event->numbers[1]));
	}
	sim_story_append(&out, " gives %s", name != NULL ? name : result == SQLITE_OK ? "ok" : sqlite3_errstr(result));
	if (times > 1) {
		sim_story_append(&out, ", %u times in a row", times);
	}
}

/* ---- locks ----------------------------------------------------------------------------------- */

static void sim_story_append_slot(struct sim_story_text *out, enum vfs_shm_slot slot,
                                  const struct vfs_wal_index *index) {
	sim_story_append(out, "%s", vfs_shm_slot_name(slot));
	if (slot == VFS_SHM_SLOT_READ_0) {
		sim_story_append(out, " (the database file alone)");
	} else if (slot > VFS_SHM_SLOT_READ_0 && index != NULL) {
		sim_story_append(out, " (frames up to %u)", index->read_marks[slot - VFS_SHM_SLOT_READ_0]);
	}
}

void sim_story_held_text(const struct vfs_held_locks *held, const struct vfs_wal_index *index, char *text,
                         size_t size) {
	struct sim_story_text out = {text, size, 0};
	sim_story_append(&out, "%s holds %s on %s", vfs_process_name(held->process), vfs_lock_level_name(held->level),
	                 held->path);
	for (int slot = 0; slot < VFS_SHM_SLOT_COUNT; slot++) {
		bool exclusive = (held->shm_exclusive & (1u << slot)) != 0;
		if (exclusive || (held->shm_shared & (1u << slot)) != 0) {
			sim_story_append(&out, ", and in its WAL index %s ", exclusive ? "exclusively" : "shared");
			sim_story_append_slot(&out, (enum vfs_shm_slot)slot, index);
		}
	}
}

void sim_story_index_text(const char *path, const struct vfs_wal_index *index, char *text, size_t size) {
	struct sim_story_text out = {text, size, 0};
	if (!index->is_initialised) {
		snprintf(text, size, "the WAL index of %s is empty: the next reader recovers it", path);
		return;
	}
	sim_story_append(&out,
	                 "the WAL index of %s: %u frames committed, %u of them in the database, which has %u pages",
	                 path, index->max_frame, index->backfilled, index->page_count);
	if (index->is_torn) {
		sim_story_append(&out, "; somebody is writing it");
	}
	for (uint32_t mark = 1; mark < VFS_READ_MARKS; mark++) {
		if (index->read_marks[mark] != VFS_READ_MARK_UNUSED) {
			sim_story_append(&out, "; read mark %u: %u", mark, index->read_marks[mark]);
		}
	}
}

/* ---- settings -------------------------------------------------------------------------------- */

void sim_story_settings_text(const struct sim_plan *plan, char *text, size_t size) {
	struct sim_story_text out = {text, size, 0};
	const struct sim_settings *settings = &plan->settings;
	if (plan->sql_scenario == NULL) {
		sim_story_append(&out, "protocol %s, ", sim_settings_protocol_name(settings->protocol));
	}
	sim_story_append(&out, "journal mode %s, synchronous %s, pages of %u bytes, %u cached",
	                 sim_settings_journal_mode_name(settings->journal_mode),
	                 sim_settings_synchronous_name(settings->synchronous), settings->page_size_bytes,
	                 settings->cache_pages);
	if (settings->journal_mode == SIM_JOURNAL_WAL || settings->other_journal_mode == SIM_JOURNAL_WAL) {
		sim_story_append(&out, ", a checkpoint at %u frames", settings->checkpoint_frames);
	}
	if (settings->other_journal_mode != SIM_JOURNAL_NONE || settings->other_synchronous != SIM_SYNCHRONOUS_NONE) {
		sim_story_append(&out, ", every second life journal mode %s, synchronous %s",
		                 sim_settings_journal_mode_name(sim_settings_journal_mode_of(settings, 2)),
		                 sim_settings_synchronous_name(sim_settings_synchronous_of(settings, 2)));
	}
	if (settings->busy_timeout_ms != 0) {
		sim_story_append(&out, ", busy timeout %u ms", settings->busy_timeout_ms);
	}
	if (settings->lies_percent != 0) {
		sim_story_append(&out, ", %u %% of the syncs lie", settings->lies_percent);
	}
}
