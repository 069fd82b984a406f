/* sim/subject/subject_engine.c: the engine as a subject (subject.h over engine.h).
 *
 * Compiled twice: into the test bed, where sim_subject_engine() is what runs without --subject, and
 * with -DSUBJECT_PLUGIN and a patched copy of engine/ into the shared objects of the planted bugs.
 * It translates and decides nothing.
 */
#include "subject_built_in.h"

#include <assert.h>
#include <string.h>

#include <sqlite3.h>

#include "engine.h"

static_assert(SUBJECT_ID_SIZE <= ENGINE_ID_SIZE, "ids fit");
static_assert(SUBJECT_SYMBOL_SIZE <= ENGINE_SYMBOL_SIZE, "symbols fit");
static_assert(SUBJECT_CURRENCY_SIZE == ENGINE_CURRENCY_SIZE, "currencies are copied whole");
static_assert(SUBJECT_REASON_SIZE == ENGINE_REASON_SIZE, "reasons are copied whole");

static enum subject_start_status subject_start_status(enum engine_open_status status) {
	switch (status) {
	case ENGINE_OPENED:
		return SUBJECT_STARTED;
	case ENGINE_OPEN_LATER:
		return SUBJECT_START_LATER;
	case ENGINE_OPEN_DAMAGED:
		return SUBJECT_START_DAMAGED;
	case ENGINE_OPEN_MISCONFIGURED:
		return SUBJECT_START_MISCONFIGURED;
	case ENGINE_OPEN_NONE:
		break;
	}
	return SUBJECT_START_NONE;
}

static enum subject_start_status subject_start(const struct subject_config *config, void **instance,
                                               char reason[SUBJECT_REASON_SIZE]) {
	const struct engine_known known = {config->least_version, {config->least_history[0], config->least_history[1]}};
	bool has_history = config->least_history[0] != 0 || config->least_history[1] != 0;
	struct engine_options options = {
	        .vfs_name = config->vfs_name,
	        .path = config->path,
	        .protocol = config->protocol,
	        .journal_mode = config->journal_mode,
	        .synchronous = config->synchronous,
	        .page_size_bytes = config->page_size_bytes,
	        .cache_pages = config->cache_pages,
	        .checkpoint_frames = config->checkpoint_frames,
	        .busy_timeout_ms = config->busy_timeout_ms,
	        .held_updates = config->held_updates,
	        .least_version = config->least_version,
	        .least_epoch = config->least_epoch,
	        .known = &known,
	        .known_count = has_history ? 1 : 0,
	};
	struct engine *engine;
	struct engine_error error;

	enum engine_open_status status = engine_open(&options, &engine, &error);
	*instance = engine;
	memcpy(reason, error.reason, SUBJECT_REASON_SIZE);
	return subject_start_status(status);
}

/* The enums are numbered differently on purpose: neither side may rely on the other's numbers.
 * Numbers that the interface does not know go on as one that the engine does not know either. */
static enum engine_exec_type subject_exec_type(enum subject_exec_type type) {
	static const enum engine_exec_type types[] = {
	        [SUBJECT_EXEC_NEW] = ENGINE_EXEC_NEW,
	        [SUBJECT_EXEC_TRADE] = ENGINE_EXEC_TRADE,
	        [SUBJECT_EXEC_CANCELED] = ENGINE_EXEC_CANCELED,
	        [SUBJECT_EXEC_REJECTED] = ENGINE_EXEC_REJECTED,
	        [SUBJECT_EXEC_EXPIRED] = ENGINE_EXEC_EXPIRED,
	        [SUBJECT_EXEC_REPLACED] = ENGINE_EXEC_REPLACED,
	        [SUBJECT_EXEC_BUST] = ENGINE_EXEC_BUST,
	        [SUBJECT_EXEC_CORRECT] = ENGINE_EXEC_CORRECT,
	        [SUBJECT_EXEC_RESTATED] = ENGINE_EXEC_RESTATED,
	        [SUBJECT_EXEC_DONE_FOR_DAY] = ENGINE_EXEC_DONE_FOR_DAY,
	        [SUBJECT_EXEC_PENDING_NEW] = ENGINE_EXEC_PENDING_NEW,
	        [SUBJECT_EXEC_PENDING_CANCEL] = ENGINE_EXEC_PENDING_CANCEL,
	        [SUBJECT_EXEC_PENDING_REPLACE] = ENGINE_EXEC_PENDING_REPLACE,
	        [SUBJECT_EXEC_CANCEL_REJECTED] = ENGINE_EXEC_CANCEL_REJECTED,
	        [SUBJECT_EXEC_REPLACE_REJECTED] = ENGINE_EXEC_REPLACE_REJECTED,
	        [SUBJECT_EXEC_STOPPED] = ENGINE_EXEC_STOPPED,
	        [SUBJECT_EXEC_TRIGGERED] = ENGINE_EXEC_TRIGGERED,
	        [SUBJECT_EXEC_ORDER_STATUS] = ENGINE_EXEC_ORDER_STATUS,
	};

	return (size_t)type < sizeof types / sizeof types[0] ? types[type] : ENGINE_EXEC_NONE;
}

static enum subject_exec_type subject_exec_type_of_engine(enum engine_exec_type type) {
	static const enum subject_exec_type types[] = {
	        [ENGINE_EXEC_NEW] = SUBJECT_EXEC_NEW,
	        [ENGINE_EXEC_TRADE] = SUBJECT_EXEC_TRADE,
	        [ENGINE_EXEC_REJECTED] = SUBJECT_EXEC_REJECTED,
	        [ENGINE_EXEC_EXPIRED] = SUBJECT_EXEC_EXPIRED,
	        [ENGINE_EXEC_CANCELED] = SUBJECT_EXEC_CANCELED,
	        [ENGINE_EXEC_DONE_FOR_DAY] = SUBJECT_EXEC_DONE_FOR_DAY,
	        [ENGINE_EXEC_REPLACED] = SUBJECT_EXEC_REPLACED,
	        [ENGINE_EXEC_PENDING_CANCEL] = SUBJECT_EXEC_PENDING_CANCEL,
	        [ENGINE_EXEC_STOPPED] = SUBJECT_EXEC_STOPPED,
	        [ENGINE_EXEC_PENDING_NEW] = SUBJECT_EXEC_PENDING_NEW,
	        [ENGINE_EXEC_RESTATED] = SUBJECT_EXEC_RESTATED,
	        [ENGINE_EXEC_PENDING_REPLACE] = SUBJECT_EXEC_PENDING_REPLACE,
	        [ENGINE_EXEC_CORRECT] = SUBJECT_EXEC_CORRECT,
	        [ENGINE_EXEC_BUST] = SUBJECT_EXEC_BUST,
	        [ENGINE_EXEC_ORDER_STATUS] = SUBJECT_EXEC_ORDER_STATUS,
	        [ENGINE_EXEC_TRIGGERED] = SUBJECT_EXEC_TRIGGERED,
	        [ENGINE_EXEC_CANCEL_REJECTED] = SUBJECT_EXEC_CANCEL_REJECTED,
	        [ENGINE_EXEC_REPLACE_REJECTED] = SUBJECT_EXEC_REPLACE_REJECTED,
	};

	return (size_t)type < sizeof types / sizeof types[0] ? types[type] : SUBJECT_EXEC_NONE;
}

struct subject_status_pair {
	enum subject_order_status subject;
	enum engine_order_status engine;
};

static const struct subject_status_pair subject_statuses[] = {
        {SUBJECT_ORDER_NONE, ENGINE_ORDER_NONE},
        {SUBJECT_ORDER_NEW, ENGINE_ORDER_NEW},
        {SUBJECT_ORDER_PARTIALLY_FILLED, ENGINE_ORDER_PARTIALLY_FILLED},
        {SUBJECT_ORDER_FILLED, ENGINE_ORDER_FILLED},
        {SUBJECT_ORDER_CANCELED, ENGINE_ORDER_CANCELED},
        {SUBJECT_ORDER_REJECTED, ENGINE_ORDER_REJECTED},
        {SUBJECT_ORDER_EXPIRED, ENGINE_ORDER_EXPIRED},
        {SUBJECT_ORDER_PENDING_NEW, ENGINE_ORDER_PENDING_NEW},
        {SUBJECT_ORDER_PENDING_CANCEL, ENGINE_ORDER_PENDING_CANCEL},
        {SUBJECT_ORDER_PENDING_REPLACE, ENGINE_ORDER_PENDING_REPLACE},
        {SUBJECT_ORDER_DONE_FOR_DAY, ENGINE_ORDER_DONE_FOR_DAY},
        {SUBJECT_ORDER_STOPPED, ENGINE_ORDER_STOPPED},
};

#define SUBJECT_STATUS_COUNT (sizeof subject_statuses / sizeof subject_statuses[0])

static enum engine_order_status subject_status_to_engine(enum subject_order_status status) {
	size_t i = 0;

	while (i < SUBJECT_STATUS_COUNT && subject_statuses[i].subject != status) {
		i++;
	}
	return i < SUBJECT_STATUS_COUNT ? subject_statuses[i].engine : (enum engine_order_status)INT32_MAX;
}

static enum subject_order_status subject_status_of_engine(enum engine_order_status status) {
	size_t i = 0;

	while (i < SUBJECT_STATUS_COUNT && subject_statuses[i].engine != status) {
		i++;
	}
	return i < SUBJECT_STATUS_COUNT ? subject_statuses[i].subject : SUBJECT_ORDER_NONE;
}

static_assert((int)SUBJECT_SIDE_BUY == (int)ENGINE_SIDE_BUY && (int)SUBJECT_SIDE_SELL == (int)ENGINE_SIDE_SELL,
              "a side is cast");

static enum engine_exec_type subject_command_kind(enum subject_command_kind kind) {
	switch (kind) {
	case SUBJECT_COMMAND_HALT:
		return ENGINE_EXEC_HALT;
	case SUBJECT_COMMAND_RESUME:
		return ENGINE_EXEC_RESUME;
	case SUBJECT_COMMAND_LIMITS:
		return ENGINE_EXEC_SET_LIMITS;
	case SUBJECT_COMMAND_NONE:
		break;
	}
	return ENGINE_EXEC_NONE;
}

static enum subject_command_kind subject_command_kind_of_engine(enum engine_exec_type type) {
	return type == ENGINE_EXEC_HALT         ? SUBJECT_COMMAND_HALT
	       : type == ENGINE_EXEC_RESUME     ? SUBJECT_COMMAND_RESUME
	       : type == ENGINE_EXEC_SET_LIMITS ? SUBJECT_COMMAND_LIMITS
	                                        : SUBJECT_COMMAND_NONE;
}

static enum subject_halt subject_halt(enum engine_halt halt) {
	switch (halt) {
	case ENGINE_HALT_COMMANDED:
		return SUBJECT_HALT_COMMANDED;
	case ENGINE_HALT_POSITION:
		return SUBJECT_HALT_POSITION;
	case ENGINE_HALT_ORDER_NOTIONAL:
		return SUBJECT_HALT_ORDER_NOTIONAL;
	case ENGINE_HALT_OPEN_ORDERS:
		return SUBJECT_HALT_OPEN_ORDERS;
	case ENGINE_HALT_NONE:
		break;
	}
	return SUBJECT_HALT_NONE;
}

/* The fields of the engine are longer. A text without end in its field has none in the engine's. */
static void subject_copy_text(char *to, size_t to_size, const char *from, size_t size) {
	memcpy(to, from, size);
	memset(to + size, memchr(from, '\0', size) == NULL ? from[0] : '\0', to_size - size);
}

static void subject_copy_id(char to[ENGINE_ID_SIZE], const char from[SUBJECT_ID_SIZE]) {
	subject_copy_text(to, ENGINE_ID_SIZE, from, SUBJECT_ID_SIZE);
}

static void subject_convert_scope(const struct subject_step *step, uint32_t i, struct engine_update *to) {
	if (step->scopes != NULL) {
		const struct subject_scope *from = &step->scopes[i];
		subject_copy_text(to->scope.account, sizeof to->scope.account, from->account, sizeof from->account);
		to->trading_day = from->trading_day;
	}
}

static void subject_convert_update(const struct subject_order_update *from, struct engine_update *to) {
	memset(to, 0, sizeof *to);
	subject_copy_id(to->exec_id, from->exec_id);
	subject_copy_id(to->order_id, from->order_id);
	subject_copy_id(to->cl_ord_id, from->cl_ord_id);
	subject_copy_id(to->orig_cl_ord_id, from->orig_cl_ord_id);
	subject_copy_id(to->exec_ref_id, from->exec_ref_id);
	subject_copy_text(to->symbol, sizeof to->symbol, from->symbol, sizeof from->symbol);
	memcpy(to->comm_currency, from->comm_currency, sizeof to->comm_currency);
	to->exec_type = subject_exec_type(from->exec_type);
	to->ord_status = subject_status_to_engine(from->ord_status);
	to->side = (enum engine_side)from->side;
	to->order_quantity_lots = from->order_quantity_lots;
	to->price_ticks = from->price_ticks;
	to->last_quantity_lots = from->last_quantity_lots;
	to->last_price_ticks = from->last_price_ticks;
	to->cum_quantity_lots = from->cum_quantity_lots;
	to->leaves_quantity_lots = from->leaves_quantity_lots;
	to->commission_units = from->commission_units;
	to->transact_time_ns = from->transact_time_ns;
}

static enum subject_outcome subject_outcome(enum engine_outcome outcome) {
	switch (outcome) {
	case ENGINE_APPLIED:
		return SUBJECT_ACKNOWLEDGED;
	case ENGINE_DUPLICATE:
	case ENGINE_STALE:
		return SUBJECT_UNCHANGED;
	case ENGINE_CONFLICT:
	case ENGINE_MALFORMED:
		return SUBJECT_REFUSED;
	case ENGINE_GAP:
	case ENGINE_LATER:
		return SUBJECT_LATER;
	case ENGINE_IN_DOUBT:
		return SUBJECT_IN_DOUBT;
	case ENGINE_STOPPED:
		return SUBJECT_STOPPED;
	case ENGINE_OUTCOME_NONE:
		break;
	}
	return SUBJECT_OUTCOME_NONE;
}

static void subject_reply(const struct engine_receipt *receipt, struct subject_reply *reply) {
	memset(reply, 0, sizeof *reply);
	reply->outcome = subject_outcome(receipt->outcome);
	reply->must_restart = receipt->must_reopen;
	reply->sqlite_code = receipt->sqlite_code;
	reply->version = receipt->version;
	reply->held = receipt->is_held;
	memcpy(reply->reason, receipt->reason, sizeof reply->reason);
}

/* `gaps`: NULL when nobody asks. */
static void subject_tell_gap(const struct engine_receipt *receipt, struct subject_gap *gaps, uint32_t i) {
	if (gaps != NULL) {
		gaps[i] = (struct subject_gap){.known_lots = receipt->known_lots,
		                               .missing_to_lots = receipt->missing_to_lots};
	}
}

static void subject_submit(struct engine *engine, const struct subject_step *step, struct subject_reply *reply) {
	struct engine_update update;
	struct engine_receipt receipt;

	subject_convert_update(step->update, &update);
	subject_convert_scope(step, 0, &update);
	engine_submit(engine, &update, &receipt);
	subject_reply(&receipt, reply);
	subject_tell_gap(&receipt, step->gaps, 0);
}

static void subject_submit_batch(struct engine *engine, const struct subject_step *step, struct subject_reply *reply) {
	struct engine_update updates[SUBJECT_BATCH_MAX];
	struct engine_receipt receipts[SUBJECT_BATCH_MAX];

	assert(step->update_count <= SUBJECT_BATCH_MAX);
	for (uint32_t i = 0; i < step->update_count; i++) {
		subject_convert_update(&step->updates[i], &updates[i]);
		subject_convert_scope(step, i, &updates[i]);
	}
	engine_submit_batch(engine, updates, step->update_count, receipts);
	for (uint32_t i = 0; i < step->update_count; i++) {
		subject_reply(&receipts[i], &step->replies[i]);
		subject_tell_gap(&receipts[i], step->gaps, i);
	}
	reply->must_restart = engine_is_stopped(engine);
	reply->version = engine_read_head(engine).version;
}

static void subject_do_command(struct engine *engine, const struct subject_command *asked,
                               struct subject_reply *reply) {
	struct engine_command command = {
	        .kind = subject_command_kind(asked->kind),
	        .limits = {.position_lots = asked->limits.position_lots,
	                   .order_notional_tick_lots = asked->limits.order_notional_tick_lots,
	                   .open_orders = asked->limits.open_orders},
	        .time_ns = asked->time_ns,
	};
	struct engine_receipt receipt;

	subject_copy_id(command.command_id, asked->command_id);
	engine_command(engine, &command, &receipt);
	subject_reply(&receipt, reply);
}

static void subject_checkpoint(struct engine *engine, struct subject_reply *reply) {
	bool was_stopped = engine_is_stopped(engine);
	const char *reason = "";

	switch (engine_checkpoint(engine, &reply->sqlite_code)) {
	case ENGINE_CHECKPOINTED:
		reply->outcome = SUBJECT_UNCHANGED;
		break;
	case ENGINE_CHECKPOINT_NONE:
	case ENGINE_CHECKPOINT_LATER:
		reply->outcome = SUBJECT_LATER;
		reason = sqlite3_errstr(reply->sqlite_code);
		break;
	case ENGINE_CHECKPOINT_STOPPED:
		reply->outcome = was_stopped ? SUBJECT_STOPPED : SUBJECT_LATER;
		reason = was_stopped ? "stopped before" : sqlite3_errstr(reply->sqlite_code);
		break;
	}
	reply->must_restart = engine_is_stopped(engine);
	reply->version = engine_read_head(engine).version;
	sqlite3_snprintf((int)sizeof reply->reason, reply->reason, "%s", reason);
}

/* ---- asking before trading ------------------------------------------------------------------- */

static void subject_say_hello(const struct engine *engine, struct subject_hello *hello, struct subject_reply *reply) {
	struct engine_hello said = engine_read_hello(engine);

	hello->version = said.version;
	hello->report_count = said.report_count;
	memcpy(hello->exec_id, said.exec_id, sizeof hello->exec_id);
	reply->outcome = SUBJECT_UNCHANGED;
}

/* A query that failed is not ended: engine.h, "agreeing with the venue". */
static void subject_compare(struct engine *engine, const struct subject_statement *statement,
                            struct subject_reply *reply) {
	engine_agree_begin(engine);
	for (uint32_t i = 0; i < statement->order_count; i++) {
		const struct subject_order *order = &statement->orders[i];
		engine_agree_order(engine, order->order_id, order->cum_quantity_lots, order->leaves_quantity_lots);
	}
	for (uint32_t i = 0; i < statement->position_count; i++) {
		engine_agree_position(engine, statement->positions[i].symbol, statement->positions[i].quantity_lots);
	}
	enum engine_agreement agreement =
	        statement->complete ? engine_agree_end(engine, reply->reason) : engine_read_agreement(engine);
	reply->outcome = agreement == ENGINE_AGREEMENT_REACHED       ? SUBJECT_ACKNOWLEDGED
	                 : agreement == ENGINE_AGREEMENT_DIFFERENCES ? SUBJECT_REFUSED
	                                                             : SUBJECT_LATER;
}

static enum subject_permission subject_permission(enum engine_permission permission) {
	switch (permission) {
	case ENGINE_PERMITTED:
		return SUBJECT_PERMITTED;
	case ENGINE_FORBIDDEN_STOPPED:
		return SUBJECT_FORBIDDEN_STOPPED;
	case ENGINE_FORBIDDEN_DISAGREEMENT:
		return SUBJECT_FORBIDDEN_DISAGREEMENT;
	case ENGINE_FORBIDDEN_HALTED:
		return SUBJECT_FORBIDDEN_HALTED;
	case ENGINE_FORBIDDEN_LIMIT:
		return SUBJECT_FORBIDDEN_LIMIT;
	case ENGINE_FORBIDDEN_ORDER:
	case ENGINE_FORBIDDEN_LATER:
	case ENGINE_PERMISSION_NONE:
		break;
	}
	return SUBJECT_FORBIDDEN_OTHERWISE;
}

static void subject_ask(struct engine *engine, const struct subject_order *wanted, struct subject_reply *reply) {
	struct engine_order order = {
	        .side = (enum engine_side)wanted->side,
	        .order_quantity_lots = wanted->order_quantity_lots,
	        .price_ticks = wanted->price_ticks,
	};

	subject_copy_text(order.symbol, sizeof order.symbol, wanted->symbol, sizeof wanted->symbol);
	reply->permission = subject_permission(engine_check_order(engine, &order, reply->reason));
	reply->outcome = reply->permission == SUBJECT_PERMITTED ? SUBJECT_ACKNOWLEDGED : SUBJECT_REFUSED;
}

/* False when the step is none of these. */
static bool subject_converse(struct engine *engine, const struct subject_step *step, struct subject_reply *reply) {
	switch (step->kind) {
	case SUBJECT_STEP_HELLO:
		subject_say_hello(engine, step->hello, reply);
		break;
	case SUBJECT_STEP_STATEMENT:
		subject_compare(engine, step->statement, reply);
		break;
	case SUBJECT_STEP_PERMISSION:
		subject_ask(engine, step->order, reply);
		break;
	case SUBJECT_STEP_ORDER_UPDATE:
	case SUBJECT_STEP_CHECKPOINT:
	case SUBJECT_STEP_COMMAND:
	case SUBJECT_STEP_BATCH:
	case SUBJECT_STEP_SQL:
	case SUBJECT_STEP_LOOK:
	case SUBJECT_STEP_BACKUP:
	case SUBJECT_STEP_VACUUM:
	case SUBJECT_STEP_CHECK:
	case SUBJECT_STEP_SWITCH:
	case SUBJECT_STEP_VACUUM_INTO:
	case SUBJECT_STEP_OPERATION:
	case SUBJECT_STEP_PRAGMA:
	case SUBJECT_STEP_NONE:
		return false;
	}
	reply->must_restart = engine_is_stopped(engine);
	reply->version = engine_read_head(engine).version;
	return true;
}

static void subject_step(void *instance, const struct subject_step *step, struct subject_reply *reply) {
	memset(reply, 0, sizeof *reply);
	if (subject_converse(instance, step, reply)) {
		return;
	}
	switch (step->kind) {
	case SUBJECT_STEP_ORDER_UPDATE:
		subject_submit(instance, step, reply);
		return;
	case SUBJECT_STEP_CHECKPOINT:
		subject_checkpoint(instance, reply);
		return;
	case SUBJECT_STEP_COMMAND:
		subject_do_command(instance, step->command, reply);
		return;
	case SUBJECT_STEP_BATCH:
		subject_submit_batch(instance, step, reply);
		return;
	case SUBJECT_STEP_HELLO:
	case SUBJECT_STEP_STATEMENT:
	case SUBJECT_STEP_PERMISSION:
	case SUBJECT_STEP_SQL:
	case SUBJECT_STEP_LOOK:
	case SUBJECT_STEP_BACKUP:
	case SUBJECT_STEP_VACUUM:
	case SUBJECT_STEP_CHECK:
	case SUBJECT_STEP_SWITCH:
	case SUBJECT_STEP_VACUUM_INTO:
	case SUBJECT_STEP_OPERATION:
	case SUBJECT_STEP_PRAGMA:
	case SUBJECT_STEP_NONE:
		break;
	}
	reply->outcome = SUBJECT_REFUSED;
	reply->must_restart = engine_is_stopped(instance);
	reply->version = engine_read_head(instance).version;
	sqlite3_snprintf((int)sizeof reply->reason, reply->reason, "unknown step");
}

static void subject_show_scope(const struct subject_sink *sink, const struct engine_scope *scope, int32_t day) {
	struct subject_scope shown = {.trading_day = day};

	memcpy(shown.account, scope->account, sizeof shown.account);
	if (sink->scope != NULL && (shown.account[0] != '\0' || day != 0)) {
		sink->scope(sink->context, &shown);
	}
}

static void subject_show_position(void *context, const struct engine_position *position) {
	const struct subject_sink *sink = context;
	struct subject_position shown = {
	        .quantity_lots = position->quantity_lots,
	        .cost_tick_lots = position->cost_tick_lots,
	        .realised_tick_lots = position->realised_tick_lots,
	};

	memcpy(shown.symbol, position->symbol, sizeof shown.symbol);
	subject_show_scope(sink, &position->scope, 0);
	sink->position(sink->context, &shown);
}

static void subject_show_order(void *context, const struct engine_order *order) {
	const struct subject_sink *sink = context;
	struct subject_order shown = {
	        .side = (enum subject_side)order->side,
	        .status = subject_status_of_engine(order->status),
	        .order_quantity_lots = order->order_quantity_lots,
	        .price_ticks = order->price_ticks,
	        .cum_quantity_lots = order->cum_quantity_lots,
	        .leaves_quantity_lots = order->leaves_quantity_lots,
	        .filled_tick_lots = order->filled_tick_lots,
	        .is_external = (order->flags & ENGINE_FLAG_EXTERNAL) != 0,
	        .is_overfilled = (order->flags & ENGINE_FLAG_OVERFILLED) != 0,
	        .has_reused_id = (order->flags & ENGINE_FLAG_REUSED_CLIENT_ID) != 0,
	};

	memcpy(shown.order_id, order->order_id, sizeof shown.order_id);
	memcpy(shown.cl_ord_id, order->cl_ord_id, sizeof shown.cl_ord_id);
	memcpy(shown.symbol, order->symbol, sizeof shown.symbol);
	subject_show_scope(sink, &order->scope, order->first_day);
	sink->order(sink->context, &shown);
}

/* What the ledger keeps of an update, but for its key. */
static void subject_show_reported(const struct engine_execution *execution, struct subject_execution *shown) {
	memcpy(shown->order_id, execution->order_id, sizeof shown->order_id);
	memcpy(shown->exec_ref_id, execution->exec_ref_id, sizeof shown->exec_ref_id);
	memcpy(shown->comm_currency, execution->comm_currency, sizeof shown->comm_currency);
	shown->order_quantity_lots = execution->order_quantity_lots;
	shown->price_ticks = execution->price_ticks;
	shown->last_quantity_lots = execution->last_quantity_lots;
	shown->last_price_ticks = execution->last_price_ticks;
	shown->cum_quantity_lots = execution->cum_quantity_lots;
	shown->commission_units = execution->commission_units;
}

static void subject_show_execution(void *context, const struct engine_execution *execution) {
	const struct subject_sink *sink = context;

	struct subject_execution shown = {
	        .version = execution->version,
	        .superseded_by = execution->superseded_by,
	        .exec_type = subject_exec_type_of_engine(execution->exec_type),
	        .side = (enum subject_side)execution->side,
	        .command_kind = subject_command_kind_of_engine(execution->exec_type),
	        .transact_time_ns = execution->transact_time_ns,
	};

	memcpy(shown.symbol, execution->symbol, sizeof shown.symbol);
	memcpy(shown.exec_id, execution->exec_id, sizeof shown.exec_id);
	if (shown.command_kind == SUBJECT_COMMAND_NONE) {
		subject_show_reported(execution, &shown);
	} else {
		shown.limits = (struct subject_limits){.position_lots = execution->order_quantity_lots,
		                                       .order_notional_tick_lots = execution->price_ticks,
		                                       .open_orders = execution->last_quantity_lots};
	}
	subject_show_scope(sink, &execution->scope, execution->trading_day);
	sink->execution(sink->context, &shown);
}

static void subject_show_commission(void *context, const struct engine_commission *commission) {
	const struct subject_sink *sink = context;
	struct subject_commission shown = {.total_units = commission->total_units};

	memcpy(shown.comm_currency, commission->comm_currency, sizeof shown.comm_currency);
	sink->commission(sink->context, &shown);
}

static void subject_observe(void *instance, const struct subject_sink *sink) {
	struct subject_sink copy = *sink;
	struct engine_visitor visitor = {
	        .context = &copy,
	        .position = subject_show_position,
	        .order = subject_show_order,
	        .execution = subject_show_execution,
	        .commission = subject_show_commission,
	};
	struct engine_head head = engine_read_head(instance);

	struct subject_head shown = {
	        .version = head.version,
	        .epoch = head.epoch,
	        .halt = subject_halt(head.halt),
	        .limits = {.position_lots = head.limits.position_lots,
	                   .order_notional_tick_lots = head.limits.order_notional_tick_lots,
	                   .open_orders = head.limits.open_orders},
	        .history = {head.history.low, head.history.high},
	};

	sink->head(sink->context, &shown);
	engine_visit(instance, &visitor);
}

static void subject_stop(void *instance) {
	engine_close(instance);
}

static const struct aftershock_subject subject_engine = {
        .interface_version = SUBJECT_INTERFACE_VERSION,
        .name = "engine",
        .start = subject_start,
        .step = subject_step,
        .observe = subject_observe,
        .stop = subject_stop,
        .takes = SUBJECT_TAKES_UPDATES | SUBJECT_TAKES_LIFE | SUBJECT_TAKES_COMMANDS | SUBJECT_TAKES_BATCHES |
                 SUBJECT_TAKES_PERMISSION | SUBJECT_TAKES_OWNERS | SUBJECT_TAKES_READERS | SUBJECT_TAKES_IN_ORDER |
                 SUBJECT_TAKES_LEDGER | SUBJECT_TAKES_GAPS | SUBJECT_TAKES_MALFORMED | SUBJECT_TAKES_DAMAGE |
                 SUBJECT_TAKES_VOUCHED | SUBJECT_TAKES_HISTORY | SUBJECT_TAKES_JOURNAL | SUBJECT_TAKES_CHECKPOINTS |
                 SUBJECT_TAKES_SCOPES,
};

#ifdef SUBJECT_PLUGIN
__attribute__((visibility("default"))) const struct aftershock_subject *aftershock_subject(void) {
	return &subject_engine;
}
#else
const struct aftershock_subject *sim_subject_engine(void) {
	return &subject_engine;
}
#endif
