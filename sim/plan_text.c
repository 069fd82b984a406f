/* sim/plan_text.c: prints a plan, and reads it back. A plan may have been edited by hand or by a program, so nothing that is read
 * is trusted: every number has a range within which the rest of sim/ can work with it. */
#include "contract.h"
#include "medium.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SIM_PLAN_TEXT_VERSION 2
#define SIM_PLAN_TEXT_LINE_SIZE 512
/* The ranges of scenarios/README.md. */
#define SIM_PLAN_TEXT_NUMBER_MAX 1000000u
#define SIM_PLAN_TEXT_DURATION_NS_MAX 3600000000000u
#define SIM_PLAN_TEXT_BYTES_MAX ((uint64_t)1 << 40)
/* What all fills of a plan are worth together must fit the 64 bits that positions are kept in. */
#define SIM_PLAN_TEXT_WORTH_MAX ((__int128)1 << 62)

static const char *const sim_plan_exec_types[] = {"none", "new", "trade", "canceled", "rejected", "expired", NULL};
static const char *const sim_plan_statuses[] = {"none",     "new",      "partially_filled", "filled",
                                                "canceled", "rejected", "expired",          NULL};
static const char *const sim_plan_sides[] = {"none", "buy", "sell", NULL};
static const char *const sim_plan_steps[] = {"none", "deliver", "again", "restart", "checkpoint", "transaction", NULL};
static const char *const sim_plan_orderly[] = {"ordered", "free", NULL};
static const char *const sim_plan_switch[] = {"off", "on", NULL};
/* By kind of crash; what is promised is the rule, anything else a positive control. */
static const char *const sim_plan_demands[SIM_CRASH_COUNT] = {"", "demand_after_kill", "demand_after_power_loss"};
static const char *const sim_plan_yes[] = {"no", "yes", NULL};

/* ---- printing -------------------------------------------------------------------------------------------------------- */

static void sim_plan_print_settings(const struct sim_plan *plan, FILE *out) {
	const struct sim_settings *settings = &plan->settings;
	fprintf(out, "setting protocol %s\n", sim_scenario_protocol_name(settings->protocol));
	fprintf(out, "setting journal_mode %s\n", sim_scenario_journal_mode_name(settings->journal_mode));
	fprintf(out, "setting synchronous %s\n", sim_scenario_synchronous_name(settings->synchronous));
	fprintf(out, "setting page_size %u bytes\n", settings->page_size_bytes);
	fprintf(out, "setting cache_pages %u\n", settings->cache_pages);
	fprintf(out, "setting checkpoint_frames %u\n", settings->checkpoint_frames);
	fprintf(out, "setting busy_timeout %u ms\n", settings->busy_timeout_ms);
	fprintf(out, "setting sector_size %u bytes\n", settings->sector_size_bytes);
	fprintf(out, "setting capacity %" PRIu64 " bytes\n", settings->capacity_bytes);
	fprintf(out, "setting names %s\n", sim_plan_orderly[settings->names_free]);
	fprintf(out, "setting truncate %s\n", sim_plan_orderly[settings->truncate_free]);
	fprintf(out, "setting fsync %s\n", vfs_sync_model_name(settings->sync_model));
	fprintf(out, "setting garbage %s\n", sim_plan_switch[settings->garbage]);
	fprintf(out, "setting psow %s\n", sim_medium_capability_name(settings->psow));
	fprintf(out, "setting sequential %s\n", sim_medium_capability_name(settings->sequential));
	fprintf(out, "setting safe_append %s\n", sim_medium_capability_name(settings->safe_append));
	fprintf(out, "setting lies %u percent\n", settings->lies_percent);
	for (int crash = SIM_CRASH_KILL; crash < SIM_CRASH_COUNT; crash++) {
		enum sim_contract demanded = settings->demanded[crash];
		fprintf(out, "setting %s %s\n", sim_plan_demands[crash],
		        demanded != SIM_CONTRACT_NONE ? sim_contract_name(demanded) : "promised");
	}
}

static void sim_plan_print_report(const struct sim_report *report, uint32_t number, FILE *out) {
	const struct subject_order_update *update = &report->update;
	fprintf(out, "report %u %s order O%u client %s symbol S%u side %s", number,
	        sim_plan_exec_types[update->exec_type], report->order, update->cl_ord_id, report->symbol,
	        sim_plan_sides[update->side]);
	fprintf(out,
	        " quantity %" PRId64 " lots price %" PRId64 " ticks last %" PRId64 " lots at %" PRId64
	        " ticks cum %" PRId64 " leaves %" PRId64,
	        update->order_quantity_lots, update->price_ticks, update->last_quantity_lots, update->last_price_ticks,
	        update->cum_quantity_lots, update->leaves_quantity_lots);
	fprintf(out, " status %s commission %" PRId64 " %s time %" PRId64 " ns\n",
	        sim_plan_statuses[update->ord_status], update->commission_units, update->comm_currency,
	        update->transact_time_ns);
}

static bool sim_plan_has_report(enum sim_step_kind kind) {
	return kind == SIM_STEP_DELIVER || kind == SIM_STEP_AGAIN || kind == SIM_STEP_TRANSACTION;
}

void sim_plan_print(const struct sim_plan *plan, FILE *out) {
	char text[SIM_FAULT_TEXT_SIZE];
	fprintf(out, "plan %d scenario %s seed 0x%016" PRIx64 "\n", SIM_PLAN_TEXT_VERSION, plan->scenario, plan->seed);
	sim_plan_print_settings(plan, out);
	if (plan->sql_scenario != NULL) {
		sim_sql_plan_print(&plan->sql, plan->sql_scenario, out);
	} else {
		fprintf(out, "workload symbols %u tape %s\n", plan->symbol_count, sim_plan_yes[plan->tape_used]);
	}
	for (uint32_t i = 0; i < plan->report_count; i++) {
		sim_plan_print_report(&plan->reports[i], i, out);
	}
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct sim_step *step = &plan->steps[i];
		fprintf(out, "step %u %s", i, sim_plan_steps[step->kind]);
		if (sim_plan_has_report(step->kind)) {
			fprintf(out, " %u", step->report);
		}
		fputc('\n', out);
	}
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		sim_fault_print(&plan->faults[i], text);
		fprintf(out, "fault %s\n", text);
	}
}

/* ---- reading words --------------------------------------------------------------------------------------------------- */

/* What the reports so far have said of an order. */
struct sim_plan_order {
	const struct sim_report *first;
	int64_t cum_quantity_lots;
};

struct sim_plan_reader {
	struct sim_plan *plan;
	const char *name;
	const char *text; /* what follows the line */
	uint32_t line_number;
	char line[SIM_PLAN_TEXT_LINE_SIZE];
	char *next; /* word of the line; NULL behind the last */
	bool more;  /* there is a line */
	bool refused;
	char *why;
	size_t why_size;
	__int128 lots;  /* of all fills */
	__int128 worth; /* in tick lots, of all fills */
	struct sim_plan_order orders[SIM_PLAN_REPORTS_MAX];
};

static bool sim_plan_refuse(struct sim_plan_reader *reader, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static bool sim_plan_refuse(struct sim_plan_reader *reader, const char *format, ...) {
	va_list arguments;
	if (reader->refused) {
		return false;
	}
	reader->refused = true;
	int used = snprintf(reader->why, reader->why_size, "%s:%u: ", reader->name, reader->line_number);
	if (used < 0 || (size_t)used >= reader->why_size) {
		return false;
	}
	va_start(arguments, format);
	vsnprintf(reader->why + used, reader->why_size - (size_t)used, format, arguments);
	va_end(arguments);
	return false;
}

/* Goes to the next line that says something. False when it cannot be one; at the end `more` is false. */
static bool sim_plan_next_line(struct sim_plan_reader *reader) {
	do {
		size_t size = strcspn(reader->text, "\n");
		reader->more = *reader->text != '\0';
		reader->line_number++;
		if (size >= sizeof reader->line) {
			return sim_plan_refuse(reader, "%zu characters in a line, expected at most %zu", size,
			                       sizeof reader->line - 1);
		}
		if (reader->more && reader->text[size] == '\0') {
			return sim_plan_refuse(reader, "a line that does not end, expected a line feed");
		}
		memcpy(reader->line, reader->text, size);
		reader->line[size] = '\0';
		reader->text += size + (reader->text[size] == '\n');
	} while (reader->more && (reader->line[0] == '\0' || reader->line[0] == '#'));
	if (strchr(reader->line, '\r') != NULL) {
		return sim_plan_refuse(reader, "a carriage return, expected lines that end with a line feed alone");
	}
	reader->next = reader->line;
	return true;
}

/* The next word, cut off; "" behind the last, and for a word that is empty because of a space too many. */
static const char *sim_plan_word(struct sim_plan_reader *reader) {
	char *word = reader->next;
	if (word == NULL) {
		return "";
	}
	char *space = strchr(word, ' ');
	reader->next = space != NULL ? space + 1 : NULL;
	if (space != NULL) {
		*space = '\0';
	}
	return word;
}

static const char *sim_plan_shown(const char *word) {
	return word[0] != '\0' ? word : "nothing";
}

static bool sim_plan_expect(struct sim_plan_reader *reader, const char *expected) {
	const char *word = sim_plan_word(reader);
	return strcmp(word, expected) == 0 ||
	       sim_plan_refuse(reader, "%.60s, expected %s", sim_plan_shown(word), expected);
}

static bool sim_plan_expect_end(struct sim_plan_reader *reader) {
	return reader->next == NULL ||
	       sim_plan_refuse(reader, "%.60s, expected the end of the line", sim_plan_shown(reader->next));
}

/* A number as it is printed: no sign but a minus, no zeros in front. */
static bool sim_plan_signed(struct sim_plan_reader *reader, const char *what, int64_t min, int64_t max,
                            int64_t *number) {
	char again[24];
	char *end = NULL;
	const char *word = sim_plan_word(reader);
	errno = 0;
	*number = strtoll(word, &end, 10);
	snprintf(again, sizeof again, "%" PRId64, *number);
	return (errno == 0 && strcmp(again, word) == 0 && *number >= min && *number <= max) ||
	       sim_plan_refuse(reader, "%s %.60s, expected a number from %" PRId64 " to %" PRId64, what,
	                       sim_plan_shown(word), min, max);
}

static bool sim_plan_number(struct sim_plan_reader *reader, const char *what, uint32_t min, uint64_t max,
                            uint64_t *number) {
	int64_t got = 0;
	bool read = sim_plan_signed(reader, what, min, (int64_t)max, &got);
	*number = (uint64_t)got;
	return read;
}

static bool sim_plan_small(struct sim_plan_reader *reader, const char *what, uint32_t min, uint32_t max,
                           uint32_t *number) {
	uint64_t got = 0;
	bool read = sim_plan_number(reader, what, min, max, &got);
	*number = (uint32_t)got;
	return read;
}

/* A letter and a number, as in S3. */
static bool sim_plan_index(struct sim_plan_reader *reader, const char *what, char letter, uint32_t count,
                           uint32_t *number) {
	if (reader->next == NULL || reader->next[0] != letter) {
		return sim_plan_refuse(reader, "%s %.60s, expected %c and a number", what,
		                       sim_plan_shown(sim_plan_word(reader)), letter);
	}
	reader->next++;
	return sim_plan_small(reader, what, 0, count - 1, number);
}

/* One of a list; `first` is the number of the first entry that may be written. */
static bool sim_plan_choice(struct sim_plan_reader *reader, const char *what, const char *const *list, int first,
                            int *choice) {
	char expected[120] = "";
	const char *word = sim_plan_word(reader);
	for (*choice = first; list[*choice] != NULL; ++*choice) {
		if (strcmp(list[*choice], word) == 0) {
			return true;
		}
	}
	for (int i = first; list[i] != NULL; i++) {
		size_t used = strlen(expected);
		snprintf(expected + used, sizeof expected - used, "%s%s", i > first ? ", " : "", list[i]);
	}
	return sim_plan_refuse(reader, "%s %.60s, expected one of: %s", what, sim_plan_shown(word), expected);
}

/* Text that is carried along: an id, a currency. */
static bool sim_plan_id(struct sim_plan_reader *reader, const char *what, char *text, size_t size) {
	const char *word = sim_plan_word(reader);
	snprintf(text, size, "%s", word);
	for (const char *at = word; *at != '\0'; at++) {
		if (*at < '!' || *at > '~') {
			return sim_plan_refuse(reader, "%s with a byte 0x%02x, expected printable ASCII", what,
			                       (unsigned)(unsigned char)*at);
		}
	}
	return (word[0] != '\0' && strlen(word) < size) ||
	       sim_plan_refuse(reader, "%s %.60s, expected 1 to %zu characters", what, sim_plan_shown(word), size - 1);
}

/* ---- settings -------------------------------------------------------------------------------------------------------- */

static bool sim_plan_read_header(struct sim_plan_reader *reader) {
	uint32_t version = 0;
	char again[24];
	char *end = NULL;
	struct sim_plan *plan = reader->plan;
	if (!sim_plan_expect(reader, "plan") ||
	    !sim_plan_small(reader, "version of the text form", SIM_PLAN_TEXT_VERSION, SIM_PLAN_TEXT_VERSION,
	                    &version) ||
	    !sim_plan_expect(reader, "scenario") ||
	    !sim_plan_id(reader, "scenario", plan->scenario, sizeof plan->scenario) ||
	    !sim_plan_expect(reader, "seed")) {
		return false;
	}
	const char *word = sim_plan_word(reader);
	plan->seed = strtoull(word, &end, 16);
	snprintf(again, sizeof again, "0x%016" PRIx64, plan->seed);
	if (strcmp(again, word) != 0) {
		return sim_plan_refuse(reader, "seed %.60s, expected 0x and 16 of the digits 0 to 9 and a to f",
		                       sim_plan_shown(word));
	}
	return sim_plan_expect_end(reader);
}

static bool sim_plan_begin_setting(struct sim_plan_reader *reader, const char *name) {
	return sim_plan_next_line(reader) && sim_plan_expect(reader, "setting") && sim_plan_expect(reader, name);
}

static bool sim_plan_read_word_settings(struct sim_plan_reader *reader) {
	const char *protocols[SIM_PROTOCOL_COUNT + 1] = {NULL};
	const char *journal_modes[SIM_JOURNAL_COUNT + 1] = {NULL};
	const char *synchronous[SIM_SYNCHRONOUS_COUNT + 1] = {NULL};
	int chosen[3] = {0};
	for (int i = 0; i < SIM_PROTOCOL_COUNT; i++) {
		protocols[i] = sim_scenario_protocol_name((enum sim_protocol)i);
	}
	for (int i = 0; i < SIM_JOURNAL_COUNT; i++) {
		journal_modes[i] = sim_scenario_journal_mode_name((enum sim_journal_mode)i);
	}
	for (int i = 0; i < SIM_SYNCHRONOUS_COUNT; i++) {
		synchronous[i] = sim_scenario_synchronous_name((enum sim_synchronous)i);
	}
	bool read = sim_plan_begin_setting(reader, "protocol") &&
	            sim_plan_choice(reader, "protocol", protocols, 1, &chosen[0]) && sim_plan_expect_end(reader) &&
	            sim_plan_begin_setting(reader, "journal_mode") &&
	            sim_plan_choice(reader, "journal_mode", journal_modes, 1, &chosen[1]) &&
	            sim_plan_expect_end(reader) && sim_plan_begin_setting(reader, "synchronous") &&
	            sim_plan_choice(reader, "synchronous", synchronous, 1, &chosen[2]) && sim_plan_expect_end(reader);
	reader->plan->settings.protocol = (enum sim_protocol)chosen[0];
	reader->plan->settings.journal_mode = (enum sim_journal_mode)chosen[1];
	reader->plan->settings.synchronous = (enum sim_synchronous)chosen[2];
	return read;
}

static bool sim_plan_read_number_settings(struct sim_plan_reader *reader) {
	struct sim_settings *settings = &reader->plan->settings;
	const struct {
		const char *name;
		const char *unit; /* NULL: none */
		uint32_t min;
		uint32_t max;
		bool power_of_two;
		uint32_t *number;
	} rows[] = {
	        {"page_size", "bytes", 512, 65536, true, &settings->page_size_bytes},
	        {"cache_pages", NULL, 1, SIM_PLAN_TEXT_NUMBER_MAX, false, &settings->cache_pages},
	        {"checkpoint_frames", NULL, 0, SIM_PLAN_TEXT_NUMBER_MAX, false, &settings->checkpoint_frames},
	        {"busy_timeout", "ms", 0, SIM_PLAN_TEXT_NUMBER_MAX, false, &settings->busy_timeout_ms},
	        {"sector_size", "bytes", 512, 4096, true, &settings->sector_size_bytes},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!sim_plan_begin_setting(reader, rows[i].name) ||
		    !sim_plan_small(reader, rows[i].name, rows[i].min, rows[i].max, rows[i].number) ||
		    (rows[i].unit != NULL && !sim_plan_expect(reader, rows[i].unit)) || !sim_plan_expect_end(reader)) {
			return false;
		}
		if (rows[i].power_of_two && (*rows[i].number & (*rows[i].number - 1)) != 0) {
			return sim_plan_refuse(reader, "%s %u, expected a power of two", rows[i].name, *rows[i].number);
		}
	}
	uint32_t sector = settings->sector_size_bytes;
	return sector == 512 || sector == 4096 ||
	       sim_plan_refuse(reader, "sector_size %u, expected 512 or 4096", sector);
}

static bool sim_plan_read_disk_settings(struct sim_plan_reader *reader) {
	struct sim_settings *settings = &reader->plan->settings;
	int names = 0;
	int truncate = 0;
	bool read = sim_plan_begin_setting(reader, "capacity") &&
	            sim_plan_number(reader, "capacity", 0, SIM_PLAN_TEXT_BYTES_MAX, &settings->capacity_bytes) &&
	            sim_plan_expect(reader, "bytes") && sim_plan_expect_end(reader) &&
	            sim_plan_begin_setting(reader, "names") &&
	            sim_plan_choice(reader, "names", sim_plan_orderly, 0, &names) && sim_plan_expect_end(reader) &&
	            sim_plan_begin_setting(reader, "truncate") &&
	            sim_plan_choice(reader, "truncate", sim_plan_orderly, 0, &truncate) && sim_plan_expect_end(reader);
	settings->names_free = names != 0;
	settings->truncate_free = truncate != 0;
	return read;
}

static bool sim_plan_read_capability(struct sim_plan_reader *reader, const char *name,
                                     enum sim_capability *capability) {
	const char *words[SIM_CAPABILITY_COUNT + 1] = {NULL};
	int chosen = 0;
	for (int i = 0; i < SIM_CAPABILITY_COUNT; i++) {
		words[i] = sim_medium_capability_name((enum sim_capability)i);
	}
	bool read = sim_plan_begin_setting(reader, name) &&
	            sim_plan_choice(reader, name, words, SIM_CAPABILITY_ABSENT, &chosen) && sim_plan_expect_end(reader);
	*capability = (enum sim_capability)chosen;
	return read;
}

static bool sim_plan_read_medium_settings(struct sim_plan_reader *reader) {
	struct sim_settings *settings = &reader->plan->settings;
	const char *models[VFS_SYNC_MODEL_COUNT + 1] = {NULL};
	int model = 0;
	int garbage = 0;
	for (int i = 0; i < VFS_SYNC_MODEL_COUNT; i++) {
		models[i] = vfs_sync_model_name((enum vfs_sync_model)i);
	}
	bool read = sim_plan_begin_setting(reader, "fsync") && sim_plan_choice(reader, "fsync", models, 0, &model) &&
	            sim_plan_expect_end(reader) && sim_plan_begin_setting(reader, "garbage") &&
	            sim_plan_choice(reader, "garbage", sim_plan_switch, 0, &garbage) && sim_plan_expect_end(reader) &&
	            sim_plan_read_capability(reader, "psow", &settings->psow) &&
	            sim_plan_read_capability(reader, "sequential", &settings->sequential) &&
	            sim_plan_read_capability(reader, "safe_append", &settings->safe_append) &&
	            sim_plan_begin_setting(reader, "lies") &&
	            sim_plan_small(reader, "lies", 0, 100, &settings->lies_percent) &&
	            sim_plan_expect(reader, "percent") && sim_plan_expect_end(reader);
	settings->sync_model = (enum vfs_sync_model)model;
	settings->garbage = garbage != 0;
	return read;
}

static bool sim_plan_read_demands(struct sim_plan_reader *reader) {
	const char *contracts[SIM_CONTRACT_COUNT + 1] = {"promised"};
	bool read = true;
	for (int i = SIM_CONTRACT_NONE + 1; i < SIM_CONTRACT_COUNT; i++) {
		contracts[i] = sim_contract_name((enum sim_contract)i);
	}
	for (int crash = SIM_CRASH_KILL; crash < SIM_CRASH_COUNT && read; crash++) {
		int chosen = 0;
		read = sim_plan_begin_setting(reader, sim_plan_demands[crash]) &&
		       sim_plan_choice(reader, sim_plan_demands[crash], contracts, 0, &chosen) &&
		       sim_plan_expect_end(reader);
		reader->plan->settings.demanded[crash] = (enum sim_contract)chosen;
	}
	return read;
}

static bool sim_plan_read_workload(struct sim_plan_reader *reader) {
	int tape = 0;
	bool read = sim_plan_next_line(reader) && sim_plan_expect(reader, "workload") &&
	            sim_plan_expect(reader, "symbols") &&
	            sim_plan_small(reader, "symbols", 1, SIM_PLAN_SYMBOLS_MAX, &reader->plan->symbol_count) &&
	            sim_plan_expect(reader, "tape") && sim_plan_choice(reader, "tape", sim_plan_yes, 0, &tape) &&
	            sim_plan_expect_end(reader);
	reader->plan->tape_used = tape != 0;
	return read;
}
/* ---- reports --------------------------------------------------------------------------------------------------------- */

/* A fill adds up with those before it; anything else repeats what is filled. */
static bool sim_plan_check_fill(struct sim_plan_reader *reader, const struct sim_report *report) {
	const struct subject_order_update *update = &report->update;
	struct sim_plan_order *order = &reader->orders[report->order];
	bool trade = update->exec_type == SUBJECT_EXEC_TRADE;
	int64_t cum = order->cum_quantity_lots + update->last_quantity_lots;
	bool open = (update->exec_type == SUBJECT_EXEC_NEW || trade) && cum < update->order_quantity_lots;
	if (trade != (update->last_quantity_lots > 0) || (!trade && update->last_price_ticks != 0)) {
		return sim_plan_refuse(reader,
		                       "last %" PRId64 " lots, expected lots in a trade and 0 at 0 in all others",
		                       update->last_quantity_lots);
	}
	if (update->cum_quantity_lots != cum || cum > update->order_quantity_lots) {
		return sim_plan_refuse(reader,
		                       "cum %" PRId64 ", expected %" PRId64 ", the fills of O%u, and at most %" PRId64,
		                       update->cum_quantity_lots, cum, report->order, update->order_quantity_lots);
	}
	if (update->leaves_quantity_lots != (open ? update->order_quantity_lots - cum : 0)) {
		return sim_plan_refuse(reader, "leaves %" PRId64 ", expected %" PRId64, update->leaves_quantity_lots,
		                       open ? update->order_quantity_lots - cum : 0);
	}
	order->cum_quantity_lots = cum;
	reader->lots += update->last_quantity_lots;
	__int128 worth = (__int128)update->last_quantity_lots * update->last_price_ticks;
	reader->worth += worth < 0 ? -worth : worth;
	return (reader->worth <= SIM_PLAN_TEXT_WORTH_MAX && reader->lots <= SIM_PLAN_TEXT_WORTH_MAX) ||
	       sim_plan_refuse(reader, "fills worth more than 64 bits can count, expected smaller lots or ticks");
}

static bool sim_plan_check_report(struct sim_plan_reader *reader, const struct sim_report *report) {
	const struct subject_order_update *update = &report->update;
	struct sim_plan_order *order = &reader->orders[report->order];
	const struct sim_report *first = order->first != NULL ? order->first : report;
	order->first = first;
	if (report->symbol != first->symbol || update->side != first->update.side ||
	    update->order_quantity_lots != first->update.order_quantity_lots ||
	    update->price_ticks != first->update.price_ticks) {
		return sim_plan_refuse(reader,
		                       "another symbol, side, quantity or price for O%u, expected those of report %td",
		                       report->order, first - reader->plan->reports);
	}
	return sim_plan_check_fill(reader, report);
}

static bool sim_plan_read_quantities(struct sim_plan_reader *reader, struct subject_order_update *update) {
	const int64_t most = INT64_MAX / 2;
	const struct {
		const char *before;
		const char *behind; /* NULL: nothing */
		int64_t min;
		int64_t *number;
	} rows[] = {
	        {"quantity", "lots", 1, &update->order_quantity_lots},
	        {"price", "ticks", -most, &update->price_ticks},
	        {"last", "lots", 0, &update->last_quantity_lots},
	        {"at", "ticks", -most, &update->last_price_ticks},
	        {"cum", NULL, 0, &update->cum_quantity_lots},
	        {"leaves", NULL, 0, &update->leaves_quantity_lots},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!sim_plan_expect(reader, rows[i].before) ||
		    !sim_plan_signed(reader, rows[i].before, rows[i].min, most, rows[i].number) ||
		    (rows[i].behind != NULL && !sim_plan_expect(reader, rows[i].behind))) {
			return false;
		}
	}
	return true;
}

static bool sim_plan_read_names(struct sim_plan_reader *reader, struct sim_report *report) {
	struct subject_order_update *update = &report->update;
	int type = 0;
	int side = 0;
	bool read = sim_plan_choice(reader, "kind of report", sim_plan_exec_types, 1, &type) &&
	            sim_plan_expect(reader, "order") &&
	            sim_plan_index(reader, "order", 'O', SIM_PLAN_REPORTS_MAX, &report->order) &&
	            sim_plan_expect(reader, "client") &&
	            sim_plan_id(reader, "client", update->cl_ord_id, sizeof update->cl_ord_id) &&
	            sim_plan_expect(reader, "symbol") &&
	            sim_plan_index(reader, "symbol", 'S', reader->plan->symbol_count, &report->symbol) &&
	            sim_plan_expect(reader, "side") && sim_plan_choice(reader, "side", sim_plan_sides, 1, &side);
	update->exec_type = (enum subject_exec_type)type;
	update->side = (enum subject_side)side;
	snprintf(update->order_id, sizeof update->order_id, "O%u", report->order);
	snprintf(update->symbol, sizeof update->symbol, "S%u", report->symbol);
	return read;
}

static bool sim_plan_read_report(struct sim_plan_reader *reader) {
	struct sim_plan *plan = reader->plan;
	uint32_t number = 0;
	int status = 0;
	if (plan->report_count == SIM_PLAN_REPORTS_MAX) {
		return sim_plan_refuse(reader, "one more report, expected at most %u", SIM_PLAN_REPORTS_MAX);
	}
	struct sim_report *report = &plan->reports[plan->report_count];
	struct subject_order_update *update = &report->update;
	bool read = sim_plan_small(reader, "report", plan->report_count, plan->report_count, &number) &&
	            sim_plan_read_names(reader, report) && sim_plan_read_quantities(reader, update) &&
	            sim_plan_expect(reader, "status") &&
	            sim_plan_choice(reader, "status", sim_plan_statuses, 1, &status) &&
	            sim_plan_expect(reader, "commission") &&
	            sim_plan_signed(reader, "commission", -INT64_MAX / 2, INT64_MAX / 2, &update->commission_units) &&
	            sim_plan_id(reader, "currency", update->comm_currency, sizeof update->comm_currency) &&
	            sim_plan_expect(reader, "time") &&
	            sim_plan_signed(reader, "time", 0, INT64_MAX, &update->transact_time_ns) &&
	            sim_plan_expect(reader, "ns") && sim_plan_expect_end(reader);
	update->ord_status = (enum subject_order_status)status;
	snprintf(update->exec_id, sizeof update->exec_id, "E%u", plan->report_count);
	if (!read || !sim_plan_check_report(reader, report)) {
		return false;
	}
	plan->order_count = report->order + 1 > plan->order_count ? report->order + 1 : plan->order_count;
	plan->report_count++;
	return true;
}

/* ---- SQL ------------------------------------------------------------------------------------------------------------- */

static bool sim_plan_read_mask(struct sim_plan_reader *reader, const char *name, uint64_t *mask) {
	char again[24];
	if (!sim_plan_next_line(reader) || !sim_plan_expect(reader, "sql") || !sim_plan_expect(reader, name)) {
		return false;
	}
	const char *word = sim_plan_word(reader);
	*mask = strtoull(word, NULL, 16);
	snprintf(again, sizeof again, "0x%016" PRIx64, *mask);
	if (strcmp(again, word) != 0) {
		return sim_plan_refuse(reader, "%s %.60s, expected 0x and 16 of the digits 0 to 9 and a to f", name,
		                       sim_plan_shown(word));
	}
	return sim_plan_expect_end(reader);
}

static bool sim_plan_read_sql(struct sim_plan_reader *reader) {
	static const char *const doubts[] = {"none", "reopen", "continue", NULL};
	struct sim_sql_plan *sql = &reader->plan->sql;
	uint64_t templates = 0;
	int doubt = 0;
	if (!sim_plan_next_line(reader) || !sim_plan_expect(reader, "sql") || !sim_plan_expect(reader, "after_doubt") ||
	    !sim_plan_choice(reader, "after_doubt", doubts, 1, &doubt) || !sim_plan_expect_end(reader) ||
	    !sim_plan_read_mask(reader, "templates_on", &templates) ||
	    !sim_plan_read_mask(reader, "checked_starts", &sql->checked_starts)) {
		return false;
	}
	sql->after_doubt = (enum sim_sql_after_doubt)doubt;
	sql->templates_on = (uint32_t)templates;
	return templates < (uint64_t)1 << reader->plan->sql_scenario->template_count ||
	       sim_plan_refuse(reader, "templates_on with a template that the scenario does not have, expected %u",
	                       reader->plan->sql_scenario->template_count);
}

static bool sim_plan_read_value(struct sim_plan_reader *reader, const struct sim_sql_parameter *parameter,
                                struct sim_sql_value *value) {
	if (!sim_plan_expect(reader, parameter->name)) {
		return false;
	}
	if (parameter->kind == SUBJECT_VALUE_INTEGER) {
		return sim_plan_number(reader, parameter->name, 0, INT64_MAX, &value->number);
	}
	return sim_plan_small(reader, parameter->name, 0, SIM_SQL_VALUE_BYTES_MAX, &value->size_bytes) &&
	       sim_plan_expect(reader, "bytes") && sim_plan_expect(reader, "from") &&
	       sim_plan_number(reader, "from", 0, INT64_MAX, &value->number);
}

static bool sim_plan_read_template(struct sim_plan_reader *reader, uint32_t *number) {
	const struct sim_sql *sql = reader->plan->sql_scenario;
	const char *name = sim_plan_word(reader);
	for (*number = 0; *number < sql->template_count; ++*number) {
		if (strcmp(sql->templates[*number].name, name) == 0) {
			return true;
		}
	}
	return sim_plan_refuse(reader, "transaction %.60s, expected one of the scenario", sim_plan_shown(name));
}

static bool sim_plan_read_transaction(struct sim_plan_reader *reader) {
	const struct sim_sql *sql = reader->plan->sql_scenario;
	struct sim_sql_plan *plan = &reader->plan->sql;
	uint32_t number = 0;
	if (plan->transaction_count == SIM_SQL_TRANSACTIONS_MAX) {
		return sim_plan_refuse(reader, "one more transaction, expected at most %u", SIM_SQL_TRANSACTIONS_MAX);
	}
	struct sim_sql_transaction *transaction = &plan->transactions[plan->transaction_count];
	if (!sim_plan_small(reader, "transaction", plan->transaction_count, plan->transaction_count, &number) ||
	    !sim_plan_read_template(reader, &transaction->template_number)) {
		return false;
	}
	transaction->looks = reader->next != NULL && strncmp(reader->next, "look", 4) == 0;
	if (transaction->looks && !sim_plan_expect(reader, "look")) {
		return false;
	}
	for (uint32_t i = 0; i < sql->parameter_count; i++) {
		bool used = (sql->templates[transaction->template_number].parameters & (1u << i)) != 0;
		if (used && !sim_plan_read_value(reader, &sql->parameters[i], &transaction->values[i])) {
			return false;
		}
	}
	plan->transaction_count++;
	return sim_plan_expect_end(reader);
}

/* ---- steps and faults ------------------------------------------------------------------------------------------------ */

static bool sim_plan_read_step(struct sim_plan_reader *reader) {
	struct sim_plan *plan = reader->plan;
	uint32_t number = 0;
	int kind = 0;
	if (plan->step_count == SIM_PLAN_STEPS_MAX) {
		return sim_plan_refuse(reader, "one more step, expected at most %u", SIM_PLAN_STEPS_MAX);
	}
	struct sim_step *step = &plan->steps[plan->step_count];
	if (!sim_plan_small(reader, "step", plan->step_count, plan->step_count, &number) ||
	    !sim_plan_choice(reader, "kind of step", sim_plan_steps, 0, &kind)) {
		return false;
	}
	step->kind = (enum sim_step_kind)kind;
	bool sql = plan->sql_scenario != NULL;
	if (sim_plan_has_report(step->kind) && sql != (step->kind == SIM_STEP_TRANSACTION)) {
		return sim_plan_refuse(reader, "step %s, expected %s", sim_plan_steps[kind],
		                       sql ? "a transaction in a plan of SQL" : "no transaction without SQL");
	}
	uint32_t count = sql ? plan->sql.transaction_count : plan->report_count;
	if (sim_plan_has_report(step->kind) &&
	    !sim_plan_small(reader, sql ? "transaction" : "report", 0, count - 1, &step->report)) {
		return false;
	}
	plan->step_count++;
	return sim_plan_expect_end(reader);
}

static bool sim_plan_check_fault(struct sim_plan_reader *reader, const struct sim_fault *fault) {
	const struct sim_plan *plan = reader->plan;
	bool at_step = fault->moment == SIM_MOMENT_STEP;
	if (at_step && fault->moment_number >= plan->step_count) {
		return sim_plan_refuse(reader, "at step %u, expected a step from 0 to %u", fault->moment_number,
		                       plan->step_count - 1);
	}
	if (fault->operation > SIM_PLAN_TEXT_NUMBER_MAX ||
	    (!at_step && fault->moment_number > SIM_PLAN_TEXT_NUMBER_MAX) ||
	    (fault->times > SIM_PLAN_TEXT_NUMBER_MAX && fault->times != SIM_FAULT_FOR_EVER)) {
		return sim_plan_refuse(reader, "a restart, operation or number of times above %u, expected less",
		                       SIM_PLAN_TEXT_NUMBER_MAX);
	}
	if (fault->duration_ns > SIM_PLAN_TEXT_DURATION_NS_MAX || fault->bytes > SIM_PLAN_TEXT_BYTES_MAX) {
		return sim_plan_refuse(reader, "a duration above one hour or more than 2^40 bytes, expected less");
	}
	return true;
}

static bool sim_plan_read_fault(struct sim_plan_reader *reader) {
	struct sim_plan *plan = reader->plan;
	char why[256];
	char again[SIM_FAULT_TEXT_SIZE];
	const char *text = reader->next != NULL ? reader->next : "";
	if (plan->fault_count == SIM_PLAN_FAULTS_MAX) {
		return sim_plan_refuse(reader, "one more fault, expected at most %u", SIM_PLAN_FAULTS_MAX);
	}
	struct sim_fault *fault = &plan->faults[plan->fault_count];
	if (!sim_fault_parse(text, fault, why, sizeof why)) {
		return sim_plan_refuse(reader,
		                       "%s, expected a fault such as `kill any any at step 0 operation 1 effect "
		                       "before bytes 0`",
		                       why);
	}
	sim_fault_print(fault, again);
	if (strcmp(again, text) != 0) {
		return sim_plan_refuse(reader, "another form of a fault, expected %s", again);
	}
	plan->fault_count++;
	return sim_plan_check_fault(reader, fault);
}

/* ---- the whole ------------------------------------------------------------------------------------------------------- */

/* Reports, then steps, then faults. */
static bool sim_plan_read_entries(struct sim_plan_reader *reader) {
	const bool sql = reader->plan->sql_scenario != NULL;
	const char *const kinds[] = {sql ? "transaction" : "report", "step", "fault", NULL};
	int last = 0;
	while (sim_plan_next_line(reader) && reader->more) {
		int kind = 0;
		if (!sim_plan_choice(reader, "entry", kinds, 0, &kind)) {
			return false;
		}
		if (kind < last) {
			return sim_plan_refuse(reader, "a %s behind a %s, expected %ss, then steps, then faults",
			                       kinds[kind], kinds[last], kinds[0]);
		}
		last = kind;
		if (!(kind == 0   ? (sql ? sim_plan_read_transaction(reader) : sim_plan_read_report(reader))
		      : kind == 1 ? sim_plan_read_step(reader)
		                  : sim_plan_read_fault(reader))) {
			return false;
		}
	}
	uint32_t count = sql ? reader->plan->sql.transaction_count : reader->plan->report_count;
	if (count == 0 || reader->plan->step_count == 0) {
		return sim_plan_refuse(reader, "no %ss or no steps, expected at least one of each", kinds[0]);
	}
	return !reader->refused;
}

bool sim_plan_parse(struct sim_plan *plan, const char *text, const char *name, char *why, size_t why_size) {
	struct sim_plan_reader reader = {.plan = plan, .name = name, .text = text, .why = why, .why_size = why_size};
	const struct sim_sql *sql = plan->sql_scenario;
	memset(plan, 0, sizeof *plan);
	plan->sql_scenario = sql;
	bool parsed = sim_plan_next_line(&reader) && sim_plan_read_header(&reader) &&
	              sim_plan_read_word_settings(&reader) && sim_plan_read_number_settings(&reader) &&
	              sim_plan_read_disk_settings(&reader) && sim_plan_read_medium_settings(&reader) &&
	              sim_plan_read_demands(&reader) &&
	              (sql != NULL ? sim_plan_read_sql(&reader) : sim_plan_read_workload(&reader)) &&
	              sim_plan_read_entries(&reader);
	/* The words that are not understood are shown, whatever they are made of. */
	for (char *at = why; !parsed && *at != '\0'; at++) {
		*at = *at < ' ' || *at > '~' ? '?' : *at;
	}
	return parsed;
}

bool sim_plan_load(struct sim_plan *plan, const char *path, char *why, size_t why_size) {
	bool loaded = false;
	char *text = calloc(1, SIM_PLAN_FILE_BYTES_MAX + 2u);
	FILE *file = fopen(path, "rb");
	if (text == NULL || file == NULL) {
		snprintf(why, why_size, "%s:1: %s, expected a plan", path,
		         text == NULL ? "out of memory" : strerror(errno));
		goto out;
	}
	size_t size = fread(text, 1, SIM_PLAN_FILE_BYTES_MAX + 1u, file);
	if (ferror(file)) {
		snprintf(why, why_size, "%s:1: %s, expected a plan", path, strerror(errno));
	} else if (size > SIM_PLAN_FILE_BYTES_MAX) {
		snprintf(why, why_size, "%s:1: a file of more than %u bytes, expected a plan", path,
		         SIM_PLAN_FILE_BYTES_MAX);
	} else if (strlen(text) != size) {
		snprintf(why, why_size, "%s:1: a file with a NUL byte, expected text", path);
	} else {
		loaded = sim_plan_parse(plan, text, path, why, why_size);
	}
out:
	if (file != NULL) {
		fclose(file);
	}
	free(text);
	return loaded;
}

bool sim_plan_is_of_sql(const char *path) {
	char line[SIM_PLAN_TEXT_LINE_SIZE];
	bool found = false;
	FILE *file = fopen(path, "rb");
	while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
		found = strncmp(line, "sql ", 4) == 0;
	}
	if (file != NULL) {
		fclose(file);
	}
	return found;
}
