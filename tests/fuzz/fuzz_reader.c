/* Every reader on a stream of arbitrary bytes: FUZZ_FORMAT names it. Demanded:
 * engine/reader/README.md, and that whatever comes out as an update is judged by the
 * engine's rules without breaking its state. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "engine.h"
#include "fuzz.h"
#include "orders.h"
#include "reader.h"
#include "state.h"

static const char units[] =
        "instrument AAA 0.01 0.001\ninstrument BBB 0.25 5\ncurrency USDT 0.00000001\ncurrency EUR 0.01\n";

static struct reader_catalogue catalogue;
static const struct reader_format *format;

static void prepare(void) {
	struct reader_catalogue_error error;

	if (format == NULL) {
		format = reader_format_find(FUZZ_FORMAT);
		FUZZ_DEMAND(format != NULL);
		FUZZ_DEMAND(reader_catalogue_parse(units, sizeof units - 1, &catalogue, &error));
	}
}

/* Padding included: updates are zeroed as a whole before they are filled. */
static bool is_same(const void *a, const void *b) {
	return memcmp(a, b, sizeof(struct engine_update)) == 0;
}

/* Of a request: symbol and side are those of the order. */
static bool is_refusal(const struct engine_update *update) {
	return update->exec_type == ENGINE_EXEC_CANCEL_REJECTED || update->exec_type == ENGINE_EXEC_REPLACE_REJECTED;
}

static void demand_verdict(const struct reader_verdict *verdict, const struct engine_update *update, size_t size) {
	static const struct engine_update nothing;
	bool is_update = verdict->outcome == READER_UPDATE;
	bool is_skip_reason = verdict->reason == READER_OTHER_MESSAGE || verdict->reason == READER_NO_EFFECT;

	FUZZ_DEMAND(is_update || verdict->outcome == READER_SKIPPED || verdict->outcome == READER_REFUSED);
	FUZZ_DEMAND(is_update || verdict->reason != READER_REASON_NONE);
	FUZZ_DEMAND((verdict->outcome == READER_SKIPPED) == is_skip_reason);
	FUZZ_DEMAND(verdict->position <= size);
	FUZZ_DEMAND((verdict->reason == READER_REASON_NONE) == (verdict->text[0] == '\0'));
	FUZZ_DEMAND(is_update || is_same(update, &nothing));
	FUZZ_DEMAND(!is_update || is_refusal(update) || update->symbol[0] != '\0');
	FUZZ_DEMAND(!is_update || update->order_id[0] != '\0');
	FUZZ_DEMAND(is_update || verdict->end == ENGINE_EXEC_NONE);
	FUZZ_DEMAND(!is_update || (update->order_quantity_lots >= 0 && update->cum_quantity_lots >= 0));
}

/* On a copy of exactly its size, twice: nothing behind the message and nothing before it may
 * matter. */
static void read_message(struct engine_state *state, const uint8_t *bytes, size_t size) {
	struct engine_update updates[2];
	struct reader_verdict verdicts[2];
	char *copy = malloc(size);

	FUZZ_DEMAND(copy != NULL);
	memcpy(copy, bytes, size);
	memset(updates, 0x55, sizeof updates);
	format->read(&catalogue, copy, size, &updates[0], &verdicts[0]);
	format->read(&catalogue, copy, size, &updates[1], &verdicts[1]);
	FUZZ_DEMAND(is_same(&updates[0], &updates[1]));
	FUZZ_DEMAND(verdicts[0].reason == verdicts[1].reason && verdicts[0].position == verdicts[1].position);
	demand_verdict(&verdicts[0], &updates[0], size);
	if (verdicts[0].outcome == READER_UPDATE) {
		(void)orders_apply(state, &updates[0]);
	}
	if (verdicts[0].end != ENGINE_EXEC_NONE) {
		reader_make_end(&updates[0], verdicts[0].end, &updates[1]);
		(void)orders_apply(state, &updates[1]);
	}
	free(copy);
}

/* Whether the bytes arrive at once or in two pieces, the first message is the same. */
static void demand_frame(const char *bytes, size_t size, size_t used, size_t from, size_t to) {
	size_t early_from;
	size_t early_to;

	FUZZ_DEMAND(used > 0 && used <= size && from <= to && to <= used);
	size_t early = format->frame(bytes, size, false, &early_from, &early_to);
	FUZZ_DEMAND(early == 0 || (early == used && early_from == from && early_to == to));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { // NOLINT(readability-identifier-naming)
	struct engine_state state;
	size_t at = 0;

	prepare();
	engine_state_init(&state);
	while (at < size) {
		size_t from;
		size_t to;
		size_t used = format->frame((const char *)data + at, size - at, true, &from, &to);
		demand_frame((const char *)data + at, size - at, used, from, to);
		if (to > from) {
			read_message(&state, data + at + from, to - from);
		}
		at += used;
	}
	engine_check_assert(&state);
	engine_state_deinit(&state);
	return 0;
}
