/* sim/plan/plan_text_reports.c: the reports of the exchange as text. Those of an edited plan must
 * still be honest. */
#include "plan_text_sections.h"

#include <inttypes.h>
#include <string.h>

static const char *const sim_plan_exec_types[] = {"none",
                                                  "new",
                                                  "trade",
                                                  "canceled",
                                                  "rejected",
                                                  "expired",
                                                  "replaced",
                                                  "bust",
                                                  "correct",
                                                  "restated",
                                                  "done_for_day",
                                                  "pending_new",
                                                  "pending_cancel",
                                                  "pending_replace",
                                                  "cancel_rejected",
                                                  "replace_rejected",
                                                  "stopped",
                                                  "triggered",
                                                  "order_status",
                                                  NULL};
static const char *const sim_plan_statuses[] = {
        "none",    "new",         "partially_filled", "filled",          "canceled",     "rejected",
        "expired", "pending_new", "pending_cancel",   "pending_replace", "done_for_day", "stopped",
        NULL};
static const char *const sim_plan_commands[] = {"none", "halt", "resume", "limits", NULL};
static const char *const sim_plan_sides[] = {"none", "buy", "sell", NULL};
static const char *const sim_plan_broken[] = {"none", "leaves", "side", "quantity", "last", "cum", "id", "value", NULL};
static const char *const sim_plan_yes[] = {"no", "yes", NULL};

/* ---- printing -------------------------------------------------------------------------------- */

void sim_plan_text_print_workload(const struct sim_plan *plan, FILE *out) {
	fprintf(out, "workload symbols %u tape %s", plan->symbol_count, sim_plan_yes[plan->tape_used]);
	if (plan->held_updates > 0) {
		fprintf(out, " holds %u", plan->held_updates);
	}
	if (plan->id_size > 0) {
		fprintf(out, " ids %u", plan->id_size);
	}
	if (plan->accounts > 0) {
		fprintf(out, " accounts %u", plan->accounts);
	}
	sim_plan_text_print_trader(&plan->trader, out);
	fputc('\n', out);
}

static void sim_plan_print_command(const struct subject_command *command, uint32_t number, FILE *out) {
	fprintf(out, "report %u %s", number, sim_plan_commands[command->kind]);
	if (command->kind == SUBJECT_COMMAND_LIMITS) {
		fprintf(out, " position %" PRId64 " lots notional %" PRId64 " tick_lots orders %" PRId64,
		        command->limits.position_lots, command->limits.order_notional_tick_lots,
		        command->limits.open_orders);
	}
	fprintf(out, " time %" PRId64 " ns\n", command->time_ns);
}

/* What most reports do not have. */
static void sim_plan_print_references(const struct sim_report *report, uint32_t number, FILE *out) {
	if (report->update.orig_cl_ord_id[0] != '\0') {
		fprintf(out, " original %s", report->update.orig_cl_ord_id);
	}
	if (report->refers != 0) {
		fprintf(out, " about E%u", report->refers - 1);
	}
	if (sim_plan_key(report, number) == SIM_PLAN_NO_KEY) {
		fprintf(out, " nameless");
	} else if (report->repeats != 0) {
		fprintf(out, " as E%u", report->repeats - 1);
	}
	if (report->borrows != 0) {
		fprintf(out, " id E%u", report->borrows - 1);
	}
	if (report->scope.trading_day != 0) {
		fprintf(out, " day %d", (int)report->scope.trading_day);
	}
	if (report->named != 0) {
		fprintf(out, " named O%u", report->named - 1);
	}
	if (report->broken != SIM_BROKEN_NONE) {
		fprintf(out, " broken %s", sim_plan_broken[report->broken]);
	}
	fputc('\n', out);
}

void sim_plan_text_print_report(const struct sim_report *report, uint32_t number, FILE *out) {
	struct subject_order_update mended = report->update;
	const struct subject_order_update *update = &mended;
	if (report->command.kind != SUBJECT_COMMAND_NONE) {
		sim_plan_print_command(&report->command, number, out);
		return;
	}
	sim_plan_break(&mended, report->broken);
	bool has_client = update->cl_ord_id[0] != '\0';
	fprintf(out, "report %u %s order O%u %s%s symbol S%u side %s", number, sim_plan_exec_types[update->exec_type],
	        report->order, has_client ? "client " : "clientless", update->cl_ord_id, report->symbol,
	        sim_plan_sides[update->side]);
	fprintf(out,
	        " quantity %" PRId64 " lots price %" PRId64 " ticks last %" PRId64 " lots at %" PRId64
	        " ticks cum %" PRId64 " leaves %" PRId64,
	        update->order_quantity_lots, update->price_ticks, update->last_quantity_lots, update->last_price_ticks,
	        update->cum_quantity_lots, update->leaves_quantity_lots);
	fprintf(out, " status %s commission %" PRId64 " %s time %" PRId64 " ns", sim_plan_statuses[update->ord_status],
	        update->commission_units, update->comm_currency, update->transact_time_ns);
	sim_plan_print_references(report, number, out);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Whether the next word is this one, which is then passed over. */
static bool sim_plan_read_if(struct sim_plan_text_reader *reader, const char *word) {
	size_t size = strlen(word);
	bool is = reader->next != NULL && strncmp(reader->next, word, size) == 0 &&
	          (reader->next[size] == ' ' || reader->next[size] == '\0');
	if (is) {
		(void)sim_plan_text_word(reader);
	}
	return is;
}

bool sim_plan_text_read_workload(struct sim_plan_text_reader *reader) {
	int tape = 0;
	bool read = sim_plan_text_next_line(reader) && sim_plan_text_expect(reader, "workload") &&
	            sim_plan_text_expect(reader, "symbols") &&
	            sim_plan_text_small(reader, "symbols", 1, SIM_PLAN_SYMBOLS_MAX, &reader->plan->symbol_count) &&
	            sim_plan_text_expect(reader, "tape") &&
	            sim_plan_text_choice(reader, "tape", sim_plan_yes, 0, &tape);
	reader->plan->tape_used = tape != 0;
	if (read && sim_plan_read_if(reader, "holds")) {
		read = sim_plan_text_small(reader, "holds", 1, SIM_PLAN_HELD_MAX, &reader->plan->held_updates);
	}
	if (read && sim_plan_read_if(reader, "ids")) {
		read = sim_plan_text_small(reader, "ids", 2, SUBJECT_ID_SIZE - 1, &reader->plan->id_size);
	}
	if (read && sim_plan_read_if(reader, "accounts")) {
		read = sim_plan_text_small(reader, "accounts", 1, SIM_PLAN_SYMBOLS_MAX, &reader->plan->accounts);
	}
	return read && sim_plan_text_read_trader(reader) && sim_plan_text_expect_end(reader);
}

static bool sim_plan_read_quantities(struct sim_plan_text_reader *reader, struct subject_order_update *update) {
	const int64_t most = INT64_MAX / 2;
	const struct {
		const char *before;
		const char *behind; /* NULL: nothing */
		int64_t min;
		int64_t *number;
	} rows[] = {
	        {"quantity", "lots", 0, &update->order_quantity_lots},
	        {"price", "ticks", -most, &update->price_ticks},
	        {"last", "lots", 0, &update->last_quantity_lots},
	        {"at", "ticks", -most, &update->last_price_ticks},
	        {"cum", NULL, 0, &update->cum_quantity_lots},
	        {"leaves", NULL, 0, &update->leaves_quantity_lots},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!sim_plan_text_expect(reader, rows[i].before) ||
		    !sim_plan_text_signed(reader, rows[i].before, rows[i].min, most, rows[i].number) ||
		    (rows[i].behind != NULL && !sim_plan_text_expect(reader, rows[i].behind))) {
			return false;
		}
	}
	return true;
}

static bool sim_plan_read_client(struct sim_plan_text_reader *reader, struct subject_order_update *update) {
	return sim_plan_read_if(reader, "clientless") ||
	       (sim_plan_text_expect(reader, "client") &&
	        sim_plan_text_id(reader, "client", update->cl_ord_id, sizeof update->cl_ord_id));
}

static bool sim_plan_read_names(struct sim_plan_text_reader *reader, struct sim_report *report) {
	struct subject_order_update *update = &report->update;
	int type = 0;
	int side = 0;
	bool read = sim_plan_text_choice(reader, "kind of report", sim_plan_exec_types, 1, &type) &&
	            sim_plan_text_expect(reader, "order") &&
	            sim_plan_text_index(reader, "order", 'O', SIM_PLAN_REPORTS_MAX, &report->order) &&
	            sim_plan_read_client(reader, update) && sim_plan_text_expect(reader, "symbol") &&
	            sim_plan_text_index(reader, "symbol", 'S', reader->plan->symbol_count, &report->symbol) &&
	            sim_plan_text_expect(reader, "side") &&
	            sim_plan_text_choice(reader, "side", sim_plan_sides, 1, &side);
	update->exec_type = (enum subject_exec_type)type;
	update->side = (enum subject_side)side;
	sim_plan_name_report(reader->plan, report);
	return read;
}

static bool sim_plan_read_limits(struct sim_plan_text_reader *reader, struct subject_limits *limits) {
	const int64_t most = INT64_MAX / 2;
	return sim_plan_text_expect(reader, "position") &&
	       sim_plan_text_signed(reader, "position", 0, most, &limits->position_lots) &&
	       sim_plan_text_expect(reader, "lots") && sim_plan_text_expect(reader, "notional") &&
	       sim_plan_text_signed(reader, "notional", 0, most, &limits->order_notional_tick_lots) &&
	       sim_plan_text_expect(reader, "tick_lots") && sim_plan_text_expect(reader, "orders") &&
	       sim_plan_text_signed(reader, "orders", 0, most, &limits->open_orders);
}

static bool sim_plan_read_time(struct sim_plan_text_reader *reader, int64_t *time_ns) {
	return sim_plan_text_expect(reader, "time") &&
	       sim_plan_text_signed(reader, "time", -INT64_MAX, INT64_MAX, time_ns) &&
	       sim_plan_text_expect(reader, "ns");
}

/* A command of the operator. */
static bool sim_plan_read_command(struct sim_plan_text_reader *reader, struct subject_command *command) {
	int kind = 0;
	bool read = sim_plan_text_choice(reader, "kind of command", sim_plan_commands, 1, &kind) &&
	            (kind != SUBJECT_COMMAND_LIMITS || sim_plan_read_limits(reader, &command->limits)) &&
	            sim_plan_read_time(reader, &command->time_ns);
	command->kind = (enum subject_command_kind)kind;
	sim_plan_name(reader->plan, 'E', reader->plan->report_count, command->command_id, sizeof command->command_id);
	return read && sim_plan_text_expect_end(reader);
}

/* A report before this one, by its number. */
static bool sim_plan_read_other(struct sim_plan_text_reader *reader, const char *what, uint32_t *one_more) {
	uint32_t other = 0;
	bool read = sim_plan_text_index(reader, what, 'E', reader->plan->report_count, &other);
	*one_more = read ? other + 1 : 0;
	return read;
}

/* The exec id: its own, none, that of another report, or that of another symbol's. */
static bool sim_plan_read_exec_id(struct sim_plan_text_reader *reader, struct sim_report *report) {
	const struct sim_report *reports = reader->plan->reports;
	char *exec_id = report->update.exec_id;
	sim_plan_name(reader->plan, 'E', reader->plan->report_count, exec_id, SUBJECT_ID_SIZE);
	if (sim_plan_read_if(reader, "nameless")) {
		memset(exec_id, 0, SUBJECT_ID_SIZE);
	} else if (sim_plan_read_if(reader, "as")) {
		if (!sim_plan_read_other(reader, "as", &report->repeats)) {
			return false;
		}
		memcpy(exec_id, sim_plan_exec_id(&reports[report->repeats - 1]), SUBJECT_ID_SIZE);
	} else if (sim_plan_read_if(reader, "id")) {
		if (!sim_plan_read_other(reader, "id", &report->borrows)) {
			return false;
		}
		memcpy(exec_id, sim_plan_exec_id(&reports[report->borrows - 1]), SUBJECT_ID_SIZE);
	}
	return true;
}

/* The trading day, and the order whose id it has. */
static bool sim_plan_read_day(struct sim_plan_text_reader *reader, struct sim_report *report) {
	uint32_t day = 0;
	uint32_t named = 0;
	if (sim_plan_read_if(reader, "day")) {
		if (!sim_plan_text_small(reader, "day", 20240101, 20991231, &day)) {
			return false;
		}
		reader->plan->has_days = true;
	}
	if (sim_plan_read_if(reader, "named")) {
		if (!sim_plan_text_index(reader, "named", 'O', SIM_PLAN_REPORTS_MAX, &named)) {
			return false;
		}
		report->named = named + 1;
		reader->plan->reuses_orders = true;
	}
	report->scope.trading_day = (int32_t)day;
	sim_plan_name_report(reader->plan, report);
	return true;
}

static bool sim_plan_read_broken(struct sim_plan_text_reader *reader, struct sim_report *report) {
	int broken = 0;
	if (!sim_plan_read_if(reader, "broken")) {
		return true;
	}
	bool read = sim_plan_text_choice(reader, "what is broken", sim_plan_broken, 1, &broken);
	report->broken = (enum sim_broken)broken;
	return read;
}

static bool sim_plan_read_references(struct sim_plan_text_reader *reader, struct sim_report *report) {
	struct subject_order_update *update = &report->update;
	if (sim_plan_read_if(reader, "original") &&
	    !sim_plan_text_id(reader, "original", update->orig_cl_ord_id, sizeof update->orig_cl_ord_id)) {
		return false;
	}
	if (sim_plan_read_if(reader, "about")) {
		if (!sim_plan_read_other(reader, "about", &report->refers)) {
			return false;
		}
		memcpy(update->exec_ref_id, sim_plan_exec_id(&reader->plan->reports[report->refers - 1]),
		       sizeof update->exec_ref_id);
	}
	return sim_plan_read_exec_id(reader, report) && sim_plan_read_day(reader, report) &&
	       sim_plan_read_broken(reader, report) && sim_plan_text_expect_end(reader);
}

static bool sim_plan_read_update(struct sim_plan_text_reader *reader, struct sim_report *report) {
	struct subject_order_update *update = &report->update;
	int status = 0;
	bool read =
	        sim_plan_read_names(reader, report) && sim_plan_read_quantities(reader, update) &&
	        sim_plan_text_expect(reader, "status") &&
	        sim_plan_text_choice(reader, "status", sim_plan_statuses, 0, &status) &&
	        sim_plan_text_expect(reader, "commission") &&
	        sim_plan_text_signed(reader, "commission", -INT64_MAX / 2, INT64_MAX / 2, &update->commission_units) &&
	        sim_plan_text_id(reader, "currency", update->comm_currency, sizeof update->comm_currency) &&
	        sim_plan_read_time(reader, &update->transact_time_ns);
	update->ord_status = (enum subject_order_status)status;
	read = read && sim_plan_read_references(reader, report) && sim_plan_text_check_report(reader, report);
	sim_plan_break(update, report->broken);
	return read;
}

/* The next word is that of a command. */
static bool sim_plan_is_command(const struct sim_plan_text_reader *reader) {
	size_t size = reader->next != NULL ? strcspn(reader->next, " ") : 0;
	for (int kind = SUBJECT_COMMAND_HALT; sim_plan_commands[kind] != NULL; kind++) {
		if (strlen(sim_plan_commands[kind]) == size &&
		    strncmp(sim_plan_commands[kind], reader->next, size) == 0) {
			return true;
		}
	}
	return false;
}

bool sim_plan_text_read_report(struct sim_plan_text_reader *reader) {
	struct sim_plan *plan = reader->plan;
	uint32_t number = 0;
	if (plan->report_count == SIM_PLAN_REPORTS_MAX) {
		return sim_plan_text_refuse(reader, "one more report, expected at most %u", SIM_PLAN_REPORTS_MAX);
	}
	struct sim_report *report = &plan->reports[plan->report_count];
	if (!sim_plan_text_small(reader, "report", plan->report_count, plan->report_count, &number)) {
		return false;
	}
	if (sim_plan_is_command(reader)) {
		plan->report_count += sim_plan_read_command(reader, &report->command);
		return !reader->refused;
	}
	if (!sim_plan_read_update(reader, report)) {
		return false;
	}
	plan->order_count = report->order + 1 > plan->order_count ? report->order + 1 : plan->order_count;
	plan->report_count++;
	return true;
}
