/* engine/program/ingest.c: messages in, one line out for each when it is durable.
 *
 * The messages in the buffer, up to a batch, are read, submitted together, and answered in their
 * order. Only then does the program wait for more bytes. So a message that comes alone is committed
 * alone, and a file in batches. Between runs only the ledger in the engine's database remembers. A
 * second run over the same input answers "duplicate" up to the place where the first one stopped.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

#define PROGRAM_INGEST_HELD_MAX 10000

/* Which message an answer is about. */
struct program_ingest_place {
	uint64_t line;
	uint64_t byte;     /* in the input, from 0 */
	uint64_t sequence; /* in the session; 0: it has none */
};

/* One message of a batch. */
struct program_ingest_item {
	struct program_ingest_place place;
	uint64_t column; /* of the fault, in bytes from 1 */
	uint64_t wrong_line;
	struct reader_verdict verdict;
	uint32_t update; /* index into the updates of the batch, if the message is one */
};

/* A fill that came before another one that it needs. */
struct program_ingest_held {
	struct program_ingest_place place;
	struct engine_update update;
};

struct program_ingest_run {
	const struct program_options *options;
	struct program_database database;
	struct program_input input;
	struct program_output output;
	struct program_ingest_item items[ENGINE_BATCH_MAX];
	struct engine_update updates[ENGINE_BATCH_MAX];
	struct engine_receipt receipts[ENGINE_BATCH_MAX];
	uint32_t item_count;
	uint32_t update_count;
	struct program_ingest_held *held;
	size_t held_count;
	size_t held_capacity;
	uint64_t applied;
	uint64_t known; /* duplicate or stale */
	uint64_t skipped;
	uint64_t refused;
	uint64_t understood; /* messages that became updates */
	int status;          /* of what was read so far */
	bool is_done;        /* stop, with the status */
};

/* ---- answers --------------------------------------------------------------------------------- */

const char *program_ingest_outcome_name(enum engine_outcome outcome) {
	static const char *const names[] = {
	        [ENGINE_OUTCOME_NONE] = "none", [ENGINE_APPLIED] = "applied",   [ENGINE_DUPLICATE] = "duplicate",
	        [ENGINE_STALE] = "stale",       [ENGINE_CONFLICT] = "conflict", [ENGINE_MALFORMED] = "refused",
	        [ENGINE_GAP] = "gap",           [ENGINE_LATER] = "later",       [ENGINE_IN_DOUBT] = "in_doubt",
	        [ENGINE_STOPPED] = "stopped",
	};

	return names[outcome];
}

/* Names the order and, where messages have no lines of their own, the place in the stream. */
static void program_ingest_name(struct program_ingest_run *ingest, const struct program_ingest_place *place,
                                const char *order_id) {
	struct program_output *output = &ingest->output;

	if (order_id[0] != '\0') {
		program_output_print(output, " order %s", order_id);
	}
	if (!ingest->options->format->has_lines) {
		program_output_print(output, " byte %llu", (unsigned long long)place->byte);
	}
	if (place->sequence != 0) {
		program_output_print(output, " message %llu", (unsigned long long)place->sequence);
	}
}

static void program_ingest_end_json(struct program_ingest_run *ingest, const struct program_ingest_place *place) {
	struct program_output *output = &ingest->output;

	program_output_print(output, ",\"byte\":%llu", (unsigned long long)place->byte);
	if (place->sequence != 0) {
		program_output_print(output, ",\"sequence\":%llu", (unsigned long long)place->sequence);
	}
	program_output_print(output, "}\n");
}

/* The remark of an answer, for people. */
static const char *program_ingest_reason(const struct engine_update *update, const struct engine_receipt *receipt) {
	bool is_adopted = receipt->outcome == ENGINE_APPLIED && update->exec_type == ENGINE_EXEC_ORDER_STATUS &&
	                  (receipt->order_flags & ENGINE_FLAG_ADOPTED) != 0;

	return is_adopted ? "adopted as it stands: what it filled before moves no position" : receipt->reason;
}

/* Answers an update that the engine has judged, for good or until later. `left_out` is empty for an
 * update with every field. */
static void program_ingest_answer(struct program_ingest_run *ingest, const struct program_ingest_place *place,
                                  const struct engine_update *update, const struct engine_receipt *receipt,
                                  const char *left_out) {
	struct program_output *output = &ingest->output;
	const char *name = program_ingest_outcome_name(receipt->outcome);
	const char *reason = program_ingest_reason(update, receipt);

	if (!ingest->options->is_json) {
		program_output_print(output, "%llu %s version %llu", (unsigned long long)place->line, name,
		                     (unsigned long long)receipt->version);
		program_ingest_name(ingest, place, update->order_id);
		program_output_print(output, "%s%s%s%s\n", reason[0] != '\0' ? ": " : "", reason,
		                     left_out[0] != '\0' ? "; left out: " : "", left_out);
		return;
	}
	program_output_print(output, "{\"line\":%llu,\"outcome\":\"%s\",\"version\":%llu,\"order_id\":",
	                     (unsigned long long)place->line, name, (unsigned long long)receipt->version);
	program_output_json(output, update->order_id);
	program_output_print(output, ",\"exec_id\":");
	program_output_json(output, update->exec_id);
	program_output_print(output, ",\"reason\":");
	program_output_json(output, reason);
	if (left_out[0] != '\0') {
		program_output_print(output, ",\"left_out\":");
		program_output_json(output, left_out);
	}
	program_ingest_end_json(ingest, place);
}

/* Answers a message that the reader has refused or skipped. */
static void program_ingest_answer_reader(struct program_ingest_run *ingest, const struct program_ingest_item *item) {
	struct program_output *output = &ingest->output;
	const char *name = item->verdict.outcome == READER_SKIPPED ? "skipped" : "refused";
	const char *reason = reader_reason_name(item->verdict.reason);

	if (!ingest->options->is_json) {
		program_output_print(output, "%llu %s at %llu:%llu", (unsigned long long)item->place.line, name,
		                     (unsigned long long)item->wrong_line, (unsigned long long)item->column);
		program_ingest_name(ingest, &item->place, item->verdict.order_id);
		program_output_print(output, " %s: %s\n", reason, item->verdict.text);
		return;
	}
	program_output_print(output,
	                     "{\"line\":%llu,\"outcome\":\"%s\",\"at_line\":%llu,\"at_column\":%llu,\"reason\":\"%s\",",
	                     (unsigned long long)item->place.line, name, (unsigned long long)item->wrong_line,
	                     (unsigned long long)item->column, reason);
	program_output_print(output, "\"field\":");
	program_output_json(output, item->verdict.field);
	program_output_print(output, ",\"text\":");
	program_output_json(output, item->verdict.text);
	program_output_print(output, ",\"order_id\":");
	program_output_json(output, item->verdict.order_id);
	program_ingest_end_json(ingest, &item->place);
}

/* ---- what an outcome means for the run ------------------------------------------------------- */

static void program_ingest_stop(struct program_ingest_run *ingest, int status) {
	ingest->status = status;
	ingest->is_done = true;
}

static void program_ingest_refuse(struct program_ingest_run *ingest) {
	ingest->refused++;
	ingest->status = PROGRAM_REFUSED;
	ingest->is_done = ingest->is_done || ingest->options->stop_on_refusal;
}

/* The storage takes nothing more now. The next run reads again whatever is not answered. */
static void program_ingest_stop_for_storage(struct program_ingest_run *ingest, const struct program_ingest_place *place,
                                            const struct engine_receipt *receipt) {
	bool is_in_doubt = receipt->outcome == ENGINE_IN_DOUBT;

	program_message("%s: %s %llu %s: %s; whatever was acknowledged is durable, run again to go on",
	                ingest->options->database, ingest->options->format->has_lines ? "line" : "byte",
	                (unsigned long long)(ingest->options->format->has_lines ? place->line : place->byte),
	                is_in_doubt ? "may be stored or not" : "and after: not stored", receipt->reason);
	program_ingest_stop(ingest, is_in_doubt ? PROGRAM_IN_DOUBT : PROGRAM_STORAGE);
}

/* Keeps a fill until the one before it comes. */
static bool program_ingest_hold(struct program_ingest_run *ingest, const struct program_ingest_place *place,
                                const struct engine_update *update) {
	if (ingest->held_count == PROGRAM_INGEST_HELD_MAX) {
		return false;
	}
	if (ingest->held_count == ingest->held_capacity) {
		size_t capacity = ingest->held_capacity == 0 ? 16 : 2 * ingest->held_capacity;
		struct program_ingest_held *held = realloc(ingest->held, capacity * sizeof *held);
		if (held == NULL) {
			return false;
		}
		ingest->held = held;
		ingest->held_capacity = capacity;
	}
	ingest->held[ingest->held_count++] = (struct program_ingest_held){*place, *update};
	return true;
}

/* Answers an update and counts it. False when it was not judged and the run has to stop. */
static bool program_ingest_settle(struct program_ingest_run *ingest, const struct program_ingest_place *place,
                                  const struct engine_update *update, const struct engine_receipt *receipt,
                                  const char *left_out) {
	switch (receipt->outcome) {
	case ENGINE_APPLIED:
		ingest->applied++;
		break;
	case ENGINE_DUPLICATE:
	case ENGINE_STALE:
		ingest->known++;
		break;
	case ENGINE_CONFLICT:
	case ENGINE_MALFORMED:
		program_ingest_refuse(ingest);
		break;
	case ENGINE_GAP:
		if (!program_ingest_hold(ingest, place, update)) {
			program_ingest_refuse(ingest);
		}
		break;
	case ENGINE_LATER:
	case ENGINE_IN_DOUBT:
	case ENGINE_STOPPED:
	case ENGINE_OUTCOME_NONE:
		program_ingest_stop_for_storage(ingest, place, receipt);
		return false;
	}
	program_ingest_answer(ingest, place, update, receipt, left_out);
	return true;
}

/* ---- held fills ------------------------------------------------------------------------------ */

/* Tries one held fill again. True when it is not held any more. */
static bool program_ingest_retry(struct program_ingest_run *ingest, size_t i, bool *is_applied) {
	struct program_ingest_held held = ingest->held[i];
	struct engine_receipt receipt;

	engine_submit(ingest->database.engine, &held.update, &receipt);
	program_vouch_note(&ingest->database, ingest->options);
	if (receipt.outcome == ENGINE_GAP) {
		return false;
	}
	if (!program_ingest_settle(ingest, &held.place, &held.update, &receipt, "")) {
		return false;
	}
	*is_applied = *is_applied || receipt.outcome == ENGINE_APPLIED;
	memmove(&ingest->held[i], &ingest->held[i + 1], (--ingest->held_count - i) * sizeof held);
	return true;
}

/* Tries held fills again. A fill that applied may be the one that others wait for, and those again
 * for others. */
static void program_ingest_retry_held(struct program_ingest_run *ingest) {
	bool is_applied = ingest->held_count > 0;

	while (is_applied && !ingest->is_done) {
		is_applied = false;
		for (size_t i = 0; i < ingest->held_count && !ingest->is_done;) {
			i += program_ingest_retry(ingest, i, &is_applied) ? 0 : 1;
		}
	}
}

/* ---- a batch --------------------------------------------------------------------------------- */

/* Line and column of a byte of a message. */
static void program_ingest_locate(const struct program_message *message, size_t position,
                                  struct program_ingest_item *item) {
	size_t line_start = 0;
	uint64_t column = message->column;

	item->place = (struct program_ingest_place){message->line, message->byte, item->verdict.sequence};
	item->wrong_line = message->line;
	for (size_t i = 0; i < position && i < message->size; i++) {
		if (message->bytes[i] == '\n') {
			item->wrong_line++;
			line_start = i + 1;
			column = 1;
		}
	}
	item->column = column + position - line_start;
}

/* Adds the update of a message to the batch, and the second one of a message that says two
 * things. */
static void program_ingest_add(struct program_ingest_run *ingest, struct program_ingest_item *item) {
	const struct engine_update *update = &ingest->updates[ingest->update_count];

	if (ingest->options->is_strict && item->verdict.reason != READER_REASON_NONE) {
		item->verdict.outcome = READER_REFUSED;
		return;
	}
	ingest->understood++;
	item->update = ingest->update_count++;
	if (item->verdict.end != ENGINE_EXEC_NONE) {
		reader_make_end(update, item->verdict.end, &ingest->updates[ingest->update_count++]);
	}
}

static void program_ingest_take(struct program_ingest_run *ingest, const struct program_message *message) {
	struct program_ingest_item *item = &ingest->items[ingest->item_count++];
	struct engine_update *update = &ingest->updates[ingest->update_count];

	if (message->is_too_long) {
		item->verdict = (struct reader_verdict){
		        .outcome = READER_REFUSED, .reason = READER_TOO_LONG, .text = "longer than 1 MiB"};
	} else {
		ingest->options->format->read(&ingest->database.catalogue, message->bytes, message->size, update,
		                              &item->verdict);
	}
	update->adopts = update->adopts && !ingest->options->no_adoption;
	program_ingest_locate(message, item->verdict.position, item);
	if (item->verdict.outcome == READER_UPDATE) {
		program_ingest_add(ingest, item);
	}
}

static void program_ingest_settle_item(struct program_ingest_run *ingest, const struct program_ingest_item *item) {
	if (item->verdict.outcome == READER_UPDATE) {
		uint32_t last = item->update + (item->verdict.end != ENGINE_EXEC_NONE);
		for (uint32_t i = item->update; i <= last && !ingest->is_done; i++) {
			(void)program_ingest_settle(ingest, &item->place, &ingest->updates[i], &ingest->receipts[i],
			                            i == item->update ? item->verdict.text : "");
		}
		return;
	}
	program_ingest_answer_reader(ingest, item);
	if (item->verdict.outcome == READER_SKIPPED) {
		ingest->skipped++;
	} else {
		program_ingest_refuse(ingest);
	}
}

static void program_ingest_commit(struct program_ingest_run *ingest) {
	uint64_t applied_before = ingest->applied;

	engine_submit_batch(ingest->database.engine, ingest->updates, ingest->update_count, ingest->receipts);
	program_vouch_note(&ingest->database, ingest->options);
	for (uint32_t i = 0; i < ingest->item_count && !ingest->is_done; i++) {
		program_ingest_settle_item(ingest, &ingest->items[i]);
	}
	ingest->item_count = 0;
	ingest->update_count = 0;
	if (ingest->applied > applied_before && !ingest->is_done) {
		program_ingest_retry_held(ingest);
	}
	if (!program_output_flush(&ingest->output)) {
		ingest->is_done = true;
	}
}

/* ---- the run --------------------------------------------------------------------------------- */

/* Fills a batch with the messages that are there. Waits for more only when there are none. */
static void program_ingest_fill(struct program_ingest_run *ingest) {
	uint32_t most = ingest->options->stop_on_refusal ? 1 : ingest->options->batch;
	enum program_input_status status = PROGRAM_INPUT_MESSAGE;

	/* A message may be two updates. */
	while (ingest->item_count < most && ingest->update_count + 2 <= ENGINE_BATCH_MAX &&
	       status == PROGRAM_INPUT_MESSAGE) {
		struct program_message message;
		status = program_input_next(&ingest->input, &message);
		if (status == PROGRAM_INPUT_MESSAGE) {
			program_ingest_take(ingest, &message);
		}
	}
	if (ingest->item_count > 0) {
		return;
	}
	if (status == PROGRAM_INPUT_MORE) {
		status = program_input_read(&ingest->input);
	}
	if (status == PROGRAM_INPUT_FAILED) {
		program_ingest_stop(ingest, PROGRAM_USAGE);
	}
	ingest->is_done = ingest->is_done || status == PROGRAM_INPUT_END;
}

static void program_ingest_messages(struct program_ingest_run *ingest) {
	while (!ingest->is_done && program_signals_caught() == 0) {
		program_ingest_fill(ingest);
		if (ingest->item_count > 0) {
			program_ingest_commit(ingest);
		}
	}
	if (ingest->held_count > 0 && ingest->status == PROGRAM_OK) {
		ingest->status = PROGRAM_REFUSED;
	}
}

/* Whether reports came, and the reader could make an update of none: the input is of another kind.
 * A run that stops at its first refusal has not seen it all. */
static bool program_ingest_is_nothing(const struct program_ingest_run *ingest) {
	return ingest->status == PROGRAM_REFUSED && ingest->understood == 0 && !ingest->options->stop_on_refusal &&
	       program_signals_caught() == 0;
}

static int program_ingest_summarise(const struct program_ingest_run *ingest, int status) {
	const char *stopped = program_signals_caught() != 0 ? ", interrupted" : "";

	program_message("%llu applied, %llu in already, %llu skipped, %llu refused, %zu waiting for a missing fill%s",
	                (unsigned long long)ingest->applied, (unsigned long long)ingest->known,
	                (unsigned long long)ingest->skipped, (unsigned long long)ingest->refused, ingest->held_count,
	                stopped);
	if (program_ingest_is_nothing(ingest)) {
		program_message("no report in %s could be read as %s: all %llu were refused", ingest->input.name,
		                ingest->options->format->name, (unsigned long long)ingest->refused);
		status = status == PROGRAM_REFUSED ? PROGRAM_NOTHING : status;
	}
	return program_signals_caught() != 0 ? 128 + program_signals_caught() : status;
}

int program_ingest(const struct program_options *options) {
	static struct program_ingest_run ingest; /* large, and there is one */

	ingest = (struct program_ingest_run){.options = options, .database.lock_descriptor = -1};
	if (!program_input_open(&ingest.input, options->input, options->format)) {
		program_input_close(&ingest.input);
		return PROGRAM_USAGE;
	}
	int status = program_database_open(&ingest.database, options);
	if (status == PROGRAM_OK && ingest.database.catalogue.instrument_count == 0) {
		program_message("%s: no instruments are known: --instruments", options->database);
		status = PROGRAM_USAGE;
	}
	if (status == PROGRAM_OK) {
		program_ingest_messages(&ingest);
		status = program_output_finish(&ingest.output, ingest.status);
		status = status == PROGRAM_OUTPUT ? status : program_ingest_summarise(&ingest, status);
	}
	program_database_close(&ingest.database);
	program_input_close(&ingest.input);
	free(ingest.held);
	return status;
}
