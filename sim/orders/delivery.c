/* sim/orders/delivery.c: in which order the exchange sends, what it sends together, and which of the rarer things were done.
 *
 * The exchange mixes up its reports, with three exceptions, without which nobody could tell what is meant: a bust or correction
 * is not overtaken by later fills of its order, which would look stale (R7); a restatement neither overtakes nor is
 * overtaken, for with other fills around it, it would look like a split (R8); and a report that contradicts another one with
 * the same exec id comes behind that. */
#include "world.h"

/* ---- order ----------------------------------------------------------------------------------------------------------- */

static bool sim_delivery_is_late(enum subject_exec_type type) {
	return type == SUBJECT_EXEC_BUST || type == SUBJECT_EXEC_CORRECT;
}

/* Whether `later` must not overtake `earlier`, both of one order. */
static bool sim_delivery_must_wait(const struct sim_report *earlier, const struct sim_report *later) {
	enum subject_exec_type first = earlier->update.exec_type;
	enum subject_exec_type second = later->update.exec_type;
	bool moves = second == SUBJECT_EXEC_TRADE || sim_delivery_is_late(second);
	if (earlier->repeats != 0) {
		return false;
	}
	return first == SUBJECT_EXEC_RESTATED || second == SUBJECT_EXEC_RESTATED ||
	       (sim_delivery_is_late(first) && moves);
}

bool sim_delivery_may_send(const struct sim_world *world, uint32_t report) {
	const struct sim_report *reports = world->plan->reports;
	const struct sim_report *wanted = &reports[report];
	for (uint32_t i = 0; i < report; i++) {
		if (world->acknowledged[i] || reports[i].command.kind != SUBJECT_COMMAND_NONE) {
			continue;
		}
		bool contradicted = wanted->repeats == i + 1 && !sim_model_same_content(&reports[i], wanted);
		bool same_order = wanted->command.kind == SUBJECT_COMMAND_NONE && reports[i].order == wanted->order;
		if (contradicted || (same_order && sim_delivery_must_wait(&reports[i], wanted))) {
			return false;
		}
	}
	return true;
}

bool sim_delivery_is_settled(const struct sim_world *world, uint32_t report) {
	return world->judge->lost == 0 || sim_model_holds(&world->judge->model, world->plan, report);
}

struct subject_step sim_delivery_step(const struct sim_report *report) {
	bool is_command = report->command.kind != SUBJECT_COMMAND_NONE;
	return (struct subject_step){.kind = is_command ? SUBJECT_STEP_COMMAND : SUBJECT_STEP_ORDER_UPDATE,
	                             .update = is_command ? NULL : &report->update,
	                             .command = is_command ? &report->command : NULL};
}

/* ---- batches --------------------------------------------------------------------------------------------------------- */

static void sim_delivery_reach_batch(struct sim_world *world, const struct subject_reply *replies, uint32_t count) {
	uint32_t applied = 0;
	uint32_t failed = 0;
	for (uint32_t i = 0; i < count; i++) {
		applied += replies[i].outcome == SUBJECT_ACKNOWLEDGED;
		failed += replies[i].outcome == SUBJECT_LATER && replies[i].sqlite_code != 0;
	}
	sim_world_reach(world, applied > 1 ? SIM_PROBE_BATCH_ACKNOWLEDGED : SIM_PROBE_NONE);
	sim_world_reach(world, failed > 1 ? SIM_PROBE_BATCH_NOT_APPLIED : SIM_PROBE_NONE);
}

static void sim_delivery_send_together(struct sim_world *world, const uint32_t *reports, uint32_t count) {
	struct subject_order_update updates[SUBJECT_BATCH_MAX];
	struct subject_reply replies[SUBJECT_BATCH_MAX] = {{0}};
	struct subject_reply reply = {0};
	const struct subject_step step = {
	        .kind = SUBJECT_STEP_BATCH, .update_count = count, .updates = updates, .replies = replies};
	for (uint32_t i = 0; i < count; i++) {
		updates[i] = world->plan->reports[reports[i]].update;
	}
	world->calls = 0;
	world->waited_for_lock = false;
	sim_strike_watch_memory(world, true);
	world->subject->step(world->instance, &step, &reply);
	sim_strike_watch_memory(world, false);
	if (vfs_process_is_dead(world->process)) {
		sim_world_crashed_in_flight(world, reports, count);
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		sim_world_note(world, SIM_EVENT_OUTCOME, (uint32_t)replies[i].outcome, replies[i].version,
		               replies[i].reason);
		replies[i].must_restart |= reply.must_restart;
	}
	sim_delivery_reach_batch(world, replies, count);
	sim_world_take_answers(world, reports, replies, count);
}

static bool sim_delivery_is_due(const struct sim_world *world, uint32_t report) {
	return world->sent[report] && !world->acknowledged[report] && sim_delivery_may_send(world, report);
}

/* Collects from `*next` on what goes out together: updates up to the next command, or a command alone. */
static uint32_t sim_delivery_collect(const struct sim_world *world, uint32_t *next, uint32_t *reports) {
	uint32_t count = 0;
	for (; *next < world->plan->report_count && count < SUBJECT_BATCH_MAX; ++*next) {
		bool alone = world->plan->reports[*next].command.kind != SUBJECT_COMMAND_NONE;
		if (!sim_delivery_is_due(world, *next)) {
			continue;
		}
		if (alone && count > 0) {
			break;
		}
		reports[count++] = *next;
		if (alone) {
			++*next;
			break;
		}
	}
	return count;
}

void sim_delivery_send_batch(struct sim_world *world, const struct sim_step *step) {
	uint32_t next = 0;
	for (uint32_t i = step->report; i < step->report + step->count && i < world->plan->report_count; i++) {
		world->sent[i] = true;
	}
	while (next < world->plan->report_count && !world->ended) {
		uint32_t reports[SUBJECT_BATCH_MAX];
		if (!sim_life_start(world, 2)) {
			return;
		}
		uint32_t count = sim_delivery_collect(world, &next, reports);
		if (count == 1) {
			sim_world_send(world, reports[0]);
		} else if (count > 1) {
			sim_delivery_send_together(world, reports, count);
		}
	}
}

/* ---- probes ---------------------------------------------------------------------------------------------------------- */

static void sim_delivery_reach_command(struct sim_world *world, const struct subject_command *command) {
	enum subject_halt halt = world->judge->model.halt;
	if (command->kind == SUBJECT_COMMAND_HALT && halt == SUBJECT_HALT_COMMANDED) {
		sim_world_reach(world, SIM_PROBE_HALTED_BY_COMMAND);
	} else if (command->kind == SUBJECT_COMMAND_RESUME && world->was_halted) {
		sim_world_reach(world, SIM_PROBE_HALT_LIFTED);
	} else if (command->kind == SUBJECT_COMMAND_LIMITS) {
		sim_world_reach(world, SIM_PROBE_LIMITS_SET);
	}
}

/* Whether the symbol had another fill behind the one that the bust or correction is about. */
static bool sim_delivery_was_followed(const struct sim_world *world, const struct sim_report *report) {
	const struct sim_model *model = &world->judge->model;
	bool behind = false;
	for (uint32_t i = 0; i < model->version; i++) {
		const struct sim_report *entry = &world->plan->reports[model->ledger[i].report];
		bool is_fill = entry->update.exec_type == SUBJECT_EXEC_TRADE && entry->symbol == report->symbol;
		if (behind && is_fill) {
			return true;
		}
		behind |= model->ledger[i].report + 1 == report->refers;
	}
	return false;
}

static enum sim_probe sim_delivery_probe_of(enum subject_exec_type type) {
	static const enum sim_probe probes[] = {
	        [SUBJECT_EXEC_REPLACED] = SIM_PROBE_ORDER_REPLACED,
	        [SUBJECT_EXEC_BUST] = SIM_PROBE_FILL_BUSTED,
	        [SUBJECT_EXEC_CORRECT] = SIM_PROBE_FILL_CORRECTED,
	        [SUBJECT_EXEC_RESTATED] = SIM_PROBE_ORDER_RESTATED,
	        [SUBJECT_EXEC_DONE_FOR_DAY] = SIM_PROBE_ORDER_DONE_FOR_DAY,
	        [SUBJECT_EXEC_STOPPED] = SIM_PROBE_ORDER_STOPPED,
	};
	return (size_t)type < sizeof probes / sizeof probes[0] ? probes[type] : SIM_PROBE_NONE;
}

static void sim_delivery_reach_order(struct sim_world *world, const struct sim_report *report) {
	const struct sim_model_order *order = &world->judge->model.orders[report->order];
	const struct subject_order_update *update = &report->update;
	enum subject_order_status status = sim_model_status(order);
	bool pending = status == SUBJECT_ORDER_PENDING_NEW || status == SUBJECT_ORDER_PENDING_CANCEL ||
	               status == SUBJECT_ORDER_PENDING_REPLACE;
	bool filled_says = update->cum_quantity_lots >= update->order_quantity_lots;
	bool lied =
	        update->exec_type == SUBJECT_EXEC_TRADE && filled_says != (update->ord_status == SUBJECT_ORDER_FILLED);
	sim_world_reach(world, pending ? SIM_PROBE_REQUEST_PENDING : SIM_PROBE_NONE);
	bool unknown = order->is_external && update->exec_type == SUBJECT_EXEC_TRADE;
	sim_world_reach(world, unknown ? SIM_PROBE_ORDER_EXTERNAL : SIM_PROBE_NONE);
	sim_world_reach(world, sim_model_is_overfilled(order) ? SIM_PROBE_ORDER_OVERFILLED : SIM_PROBE_NONE);
	sim_world_reach(world, order->has_reused_id ? SIM_PROBE_CLIENT_ID_REUSED : SIM_PROBE_NONE);
	sim_world_reach(world, lied ? SIM_PROBE_STATUS_LIED : SIM_PROBE_NONE);
	sim_world_reach(world, update->exec_id[0] == '\0' ? SIM_PROBE_NAMELESS_APPLIED : SIM_PROBE_NONE);
	if (update->exec_type == SUBJECT_EXEC_TRADE && order->closed_by != SUBJECT_EXEC_NONE) {
		sim_world_reach(world, SIM_PROBE_FILL_AFTER_END);
	}
	if (update->exec_type == SUBJECT_EXEC_REPLACED && update->order_quantity_lots < order->quantity_lots) {
		sim_world_reach(world, SIM_PROBE_REPLACED_BELOW_FILLED);
	}
}

void sim_delivery_reach_applied(struct sim_world *world, uint32_t report) {
	const struct sim_report *sent = &world->plan->reports[report];
	const struct sim_model *model = &world->judge->model;
	if (sent->command.kind != SUBJECT_COMMAND_NONE) {
		sim_delivery_reach_command(world, &sent->command);
	} else {
		bool late = sim_delivery_is_late(sent->update.exec_type);
		bool by_limit = model->halt != SUBJECT_HALT_NONE && !world->was_halted;
		sim_world_reach(world, sim_delivery_probe_of(sent->update.exec_type));
		sim_world_reach(world, late && sim_delivery_was_followed(world, sent) ? SIM_PROBE_LATE_NEWS_AFTER_OTHERS
		                                                                      : SIM_PROBE_NONE);
		sim_world_reach(world, by_limit ? SIM_PROBE_HALTED_BY_LIMIT : SIM_PROBE_NONE);
		sim_delivery_reach_order(world, sent);
	}
	world->was_halted = model->halt != SUBJECT_HALT_NONE;
}

void sim_delivery_reach_refused(struct sim_world *world, uint32_t report) {
	bool conflict = world->plan->reports[report].repeats != 0;
	sim_world_reach(world, conflict ? SIM_PROBE_CONFLICT_REFUSED : SIM_PROBE_NONE);
}

void sim_delivery_reach_unchanged(struct sim_world *world, uint32_t report) {
	const struct sim_report *sent = &world->plan->reports[report];
	bool is_command = sent->command.kind != SUBJECT_COMMAND_NONE;
	bool held = sim_model_holds(&world->judge->model, world->plan, report);
	bool has_terms = !is_command && (sent->update.exec_type == SUBJECT_EXEC_REPLACED ||
	                                 sent->update.exec_type == SUBJECT_EXEC_RESTATED);
	bool nameless = !is_command && sent->update.exec_id[0] == '\0';
	sim_world_reach(world, held && sent->repeats != 0 ? SIM_PROBE_SECOND_CHANNEL_UNCHANGED : SIM_PROBE_NONE);
	sim_world_reach(world, held && nameless ? SIM_PROBE_NAMELESS_UNCHANGED : SIM_PROBE_NONE);
	sim_world_reach(world, !held && has_terms ? SIM_PROBE_REPLACE_OVERTAKEN : SIM_PROBE_NONE);
}

void sim_delivery_reach_loaded(struct sim_world *world) {
	const struct sim_judge *judge = world->judge;
	world->was_halted = judge->model.halt != SUBJECT_HALT_NONE;
	sim_world_reach(world, world->was_halted ? SIM_PROBE_HALT_LOADED : SIM_PROBE_NONE);
	sim_world_reach(world, judge->found_count > 1 ? SIM_PROBE_BATCH_FOUND : SIM_PROBE_NONE);
	sim_world_reach(world, judge->found_count > 0 && judge->missing_count > 0 ? SIM_PROBE_BATCH_FOUND_IN_PART
	                                                                          : SIM_PROBE_NONE);
}
