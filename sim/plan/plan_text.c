/* sim/plan/plan_text.c: prints a plan, and reads it back. A plan may have been edited by hand or by a program, so nothing that is read
 * is trusted: every number has a range within which the rest of sim/ can work with it. */
#include "plan_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SIM_PLAN_TEXT_VERSION 3

static const char *const sim_plan_steps[] = {"none",     "deliver", "again",  "restart", "checkpoint", "transaction",
                                             "takeover", "wake",    "retire", "batch",   "look",       "backup",
                                             "vacuum",   "check",   "switch", "trade",   NULL};

/* ---- printing -------------------------------------------------------------------------------------------------------- */

const char *sim_plan_step_name(enum sim_step_kind kind) {
	return sim_plan_steps[kind];
}

static bool sim_plan_has_report(enum sim_step_kind kind) {
	return kind == SIM_STEP_DELIVER || kind == SIM_STEP_AGAIN || kind == SIM_STEP_TRANSACTION ||
	       kind == SIM_STEP_WAKE || kind == SIM_STEP_BATCH || kind == SIM_STEP_TRADE;
}

void sim_plan_print(const struct sim_plan *plan, FILE *out) {
	char text[SIM_FAULT_TEXT_SIZE];
	fprintf(out, "plan %d scenario %s seed 0x%016" PRIx64 "\n", SIM_PLAN_TEXT_VERSION, plan->scenario, plan->seed);
	sim_plan_text_print_settings(plan, out);
	if (plan->sql_scenario != NULL) {
		sim_sql_plan_print(&plan->sql, plan->sql_scenario, out);
	} else {
		sim_plan_text_print_workload(plan, out);
	}
	for (uint32_t i = 0; i < plan->report_count; i++) {
		sim_plan_text_print_report(&plan->reports[i], i, out);
	}
	sim_plan_text_print_processes(plan, out);
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct sim_step *step = &plan->steps[i];
		if (plan->processes.count > 0) {
			sim_plan_text_print_process_step(plan, i, out);
			continue;
		}
		fprintf(out, "step %u %s", i, sim_plan_steps[step->kind]);
		if (sim_plan_has_report(step->kind)) {
			fprintf(out, " %u", step->report);
		}
		if (step->kind == SIM_STEP_BATCH) {
			fprintf(out, " count %u", step->count);
		} else if (step->kind == SIM_STEP_TRADE) {
			sim_plan_text_print_query(step, out);
		}
		fputc('\n', out);
	}
	for (uint32_t i = 0; i < plan->fault_count; i++) {
		sim_fault_print(&plan->faults[i], text);
		fprintf(out, "fault %s\n", text);
	}
	sim_plan_text_print_switches(&plan->processes, out);
}

/* ---- reading words --------------------------------------------------------------------------------------------------- */

bool sim_plan_text_refuse(struct sim_plan_text_reader *reader, const char *format, ...) {
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
bool sim_plan_text_next_line(struct sim_plan_text_reader *reader) {
	do {
		size_t size = strcspn(reader->text, "\n");
		reader->more = *reader->text != '\0';
		reader->line_number++;
		if (size >= sizeof reader->line) {
			return sim_plan_text_refuse(reader, "%zu characters in a line, expected at most %zu", size,
			                            sizeof reader->line - 1);
		}
		if (reader->more && reader->text[size] == '\0') {
			return sim_plan_text_refuse(reader, "a line that does not end, expected a line feed");
		}
		memcpy(reader->line, reader->text, size);
		reader->line[size] = '\0';
		reader->text += size + (reader->text[size] == '\n');
	} while (reader->more && (reader->line[0] == '\0' || reader->line[0] == '#'));
	if (strchr(reader->line, '\r') != NULL) {
		return sim_plan_text_refuse(reader,
		                            "a carriage return, expected lines that end with a line feed alone");
	}
	reader->next = reader->line;
	return true;
}

/* The next word, cut off; "" behind the last, and for a word that is empty because of a space too many. */
const char *sim_plan_text_word(struct sim_plan_text_reader *reader) {
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

const char *sim_plan_text_shown(const char *word) {
	return word[0] != '\0' ? word : "nothing";
}

bool sim_plan_text_expect(struct sim_plan_text_reader *reader, const char *expected) {
	const char *word = sim_plan_text_word(reader);
	return strcmp(word, expected) == 0 ||
	       sim_plan_text_refuse(reader, "%.60s, expected %s", sim_plan_text_shown(word), expected);
}

bool sim_plan_text_expect_end(struct sim_plan_text_reader *reader) {
	return reader->next == NULL ||
	       sim_plan_text_refuse(reader, "%.60s, expected the end of the line", sim_plan_text_shown(reader->next));
}

/* A number as it is printed: no sign but a minus, no zeros in front. */
bool sim_plan_text_signed(struct sim_plan_text_reader *reader, const char *what, int64_t min, int64_t max,
                          int64_t *number) {
	char again[24];
	char *end = NULL;
	const char *word = sim_plan_text_word(reader);
	errno = 0;
	*number = strtoll(word, &end, 10);
	snprintf(again, sizeof again, "%" PRId64, *number);
	return (errno == 0 && strcmp(again, word) == 0 && *number >= min && *number <= max) ||
	       sim_plan_text_refuse(reader, "%s %.60s, expected a number from %" PRId64 " to %" PRId64, what,
	                            sim_plan_text_shown(word), min, max);
}

bool sim_plan_text_number(struct sim_plan_text_reader *reader, const char *what, uint32_t min, uint64_t max,
                          uint64_t *number) {
	int64_t got = 0;
	bool read = sim_plan_text_signed(reader, what, min, (int64_t)max, &got);
	*number = (uint64_t)got;
	return read;
}

bool sim_plan_text_small(struct sim_plan_text_reader *reader, const char *what, uint32_t min, uint32_t max,
                         uint32_t *number) {
	uint64_t got = 0;
	bool read = sim_plan_text_number(reader, what, min, max, &got);
	*number = (uint32_t)got;
	return read;
}

/* A letter and a number, as in S3. */
bool sim_plan_text_index(struct sim_plan_text_reader *reader, const char *what, char letter, uint32_t count,
                         uint32_t *number) {
	if (reader->next == NULL || reader->next[0] != letter) {
		return sim_plan_text_refuse(reader, "%s %.60s, expected %c and a number", what,
		                            sim_plan_text_shown(sim_plan_text_word(reader)), letter);
	}
	reader->next++;
	return sim_plan_text_small(reader, what, 0, count - 1, number);
}

/* One of a list; `first` is the number of the first entry that may be written. */
bool sim_plan_text_choice(struct sim_plan_text_reader *reader, const char *what, const char *const *list, int first,
                          int *choice) {
	char expected[360] = "";
	const char *word = sim_plan_text_word(reader);
	for (*choice = first; list[*choice] != NULL; ++*choice) {
		if (strcmp(list[*choice], word) == 0) {
			return true;
		}
	}
	for (int i = first; list[i] != NULL; i++) {
		size_t used = strlen(expected);
		snprintf(expected + used, sizeof expected - used, "%s%s", i > first ? ", " : "", list[i]);
	}
	return sim_plan_text_refuse(reader, "%s %.60s, expected one of: %s", what, sim_plan_text_shown(word), expected);
}

/* Text that is carried along: an id, a currency. */
bool sim_plan_text_id(struct sim_plan_text_reader *reader, const char *what, char *text, size_t size) {
	const char *word = sim_plan_text_word(reader);
	snprintf(text, size, "%s", word);
	for (const char *at = word; *at != '\0'; at++) {
		if (*at < '!' || *at > '~') {
			return sim_plan_text_refuse(reader, "%s with a byte 0x%02x, expected printable ASCII", what,
			                            (unsigned)(unsigned char)*at);
		}
	}
	return (word[0] != '\0' && strlen(word) < size) ||
	       sim_plan_text_refuse(reader, "%s %.60s, expected 1 to %zu characters", what, sim_plan_text_shown(word),
	                            size - 1);
}

/* ---- SQL ------------------------------------------------------------------------------------------------------------- */

static bool sim_plan_read_mask(struct sim_plan_text_reader *reader, const char *name, uint64_t *mask) {
	char again[24];
	if (!sim_plan_text_next_line(reader) || !sim_plan_text_expect(reader, "sql") ||
	    !sim_plan_text_expect(reader, name)) {
		return false;
	}
	const char *word = sim_plan_text_word(reader);
	*mask = strtoull(word, NULL, 16);
	snprintf(again, sizeof again, "0x%016" PRIx64, *mask);
	if (strcmp(again, word) != 0) {
		return sim_plan_text_refuse(reader, "%s %.60s, expected 0x and 16 of the digits 0 to 9 and a to f",
		                            name, sim_plan_text_shown(word));
	}
	return sim_plan_text_expect_end(reader);
}

static bool sim_plan_read_sql(struct sim_plan_text_reader *reader) {
	static const char *const doubts[] = {"none", "reopen", "continue", NULL};
	struct sim_sql_plan *sql = &reader->plan->sql;
	uint64_t templates = 0;
	int doubt = 0;
	if (!sim_plan_text_next_line(reader) || !sim_plan_text_expect(reader, "sql") ||
	    !sim_plan_text_expect(reader, "after_doubt") ||
	    !sim_plan_text_choice(reader, "after_doubt", doubts, 1, &doubt) || !sim_plan_text_expect_end(reader) ||
	    !sim_plan_read_mask(reader, "templates_on", &templates) ||
	    !sim_plan_read_mask(reader, "checked_starts", &sql->checked_starts)) {
		return false;
	}
	sql->after_doubt = (enum sim_sql_after_doubt)doubt;
	sql->templates_on = (uint32_t)templates;
	return templates < (uint64_t)1 << reader->plan->sql_scenario->template_count ||
	       sim_plan_text_refuse(reader, "templates_on with a template that the scenario does not have, expected %u",
	                            reader->plan->sql_scenario->template_count);
}

static bool sim_plan_read_value(struct sim_plan_text_reader *reader, const struct sim_sql_parameter *parameter,
                                struct sim_sql_value *value) {
	if (!sim_plan_text_expect(reader, parameter->name)) {
		return false;
	}
	if (parameter->kind == SUBJECT_VALUE_INTEGER) {
		return sim_plan_text_number(reader, parameter->name, 0, INT64_MAX, &value->number);
	}
	return sim_plan_text_small(reader, parameter->name, 0, SIM_SQL_VALUE_BYTES_MAX, &value->size_bytes) &&
	       sim_plan_text_expect(reader, "bytes") && sim_plan_text_expect(reader, "from") &&
	       sim_plan_text_number(reader, "from", 0, INT64_MAX, &value->number);
}

static bool sim_plan_read_template(struct sim_plan_text_reader *reader, uint32_t *number) {
	const struct sim_sql *sql = reader->plan->sql_scenario;
	const char *name = sim_plan_text_word(reader);
	for (*number = 0; *number < sql->template_count; ++*number) {
		if (strcmp(sql->templates[*number].name, name) == 0) {
			return true;
		}
	}
	return sim_plan_text_refuse(reader, "transaction %.60s, expected one of the scenario",
	                            sim_plan_text_shown(name));
}

static bool sim_plan_read_transaction(struct sim_plan_text_reader *reader) {
	const struct sim_sql *sql = reader->plan->sql_scenario;
	struct sim_sql_plan *plan = &reader->plan->sql;
	uint32_t number = 0;
	if (plan->transaction_count == SIM_SQL_TRANSACTIONS_MAX) {
		return sim_plan_text_refuse(reader, "one more transaction, expected at most %u",
		                            SIM_SQL_TRANSACTIONS_MAX);
	}
	struct sim_sql_transaction *transaction = &plan->transactions[plan->transaction_count];
	if (!sim_plan_text_small(reader, "transaction", plan->transaction_count, plan->transaction_count, &number) ||
	    !sim_plan_read_template(reader, &transaction->template_number)) {
		return false;
	}
	transaction->looks = reader->next != NULL && strncmp(reader->next, "look", 4) == 0;
	if (transaction->looks && !sim_plan_text_expect(reader, "look")) {
		return false;
	}
	for (uint32_t i = 0; i < sql->parameter_count; i++) {
		bool used = (sql->templates[transaction->template_number].parameters & (1u << i)) != 0;
		if (used && !sim_plan_read_value(reader, &sql->parameters[i], &transaction->values[i])) {
			return false;
		}
	}
	plan->transaction_count++;
	return sim_plan_text_expect_end(reader);
}

/* ---- steps and faults ------------------------------------------------------------------------------------------------ */

static bool sim_plan_read_step(struct sim_plan_text_reader *reader) {
	struct sim_plan *plan = reader->plan;
	uint32_t number = 0;
	int kind = 0;
	if (plan->step_count == SIM_PLAN_STEPS_MAX) {
		return sim_plan_text_refuse(reader, "one more step, expected at most %u", SIM_PLAN_STEPS_MAX);
	}
	struct sim_step *step = &plan->steps[plan->step_count];
	if (!sim_plan_text_small(reader, "step", plan->step_count, plan->step_count, &number) ||
	    !sim_plan_text_choice(reader, "kind of step", sim_plan_steps, 0, &kind)) {
		return false;
	}
	step->kind = (enum sim_step_kind)kind;
	if (plan->processes.count > 0) {
		plan->step_count++;
		return sim_plan_text_read_process_step(reader, step);
	}
	bool sql = plan->sql_scenario != NULL;
	bool of_orders = step->kind == SIM_STEP_TAKEOVER || step->kind == SIM_STEP_RETIRE ||
	                 (sim_plan_has_report(step->kind) && step->kind != SIM_STEP_TRANSACTION);
	if (step->kind >= SIM_STEP_LOOK && step->kind <= SIM_STEP_SWITCH) {
		return sim_plan_text_refuse(reader, "step %s, expected it in a plan with processes",
		                            sim_plan_steps[kind]);
	}
	if (sql ? of_orders : step->kind == SIM_STEP_TRANSACTION) {
		return sim_plan_text_refuse(reader, "step %s, expected %s", sim_plan_steps[kind],
		                            sql ? "a transaction in a plan of SQL" : "no transaction without SQL");
	}
	uint32_t count = sql ? plan->sql.transaction_count : plan->report_count;
	if (sim_plan_has_report(step->kind) &&
	    !sim_plan_text_small(reader, sql ? "transaction" : "report", 0, count - 1, &step->report)) {
		return false;
	}
	if (step->kind == SIM_STEP_BATCH &&
	    (!sim_plan_text_expect(reader, "count") ||
	     !sim_plan_text_small(reader, "count", 1, count - step->report, &step->count))) {
		return false;
	}
	if (step->kind == SIM_STEP_TRADE && !sim_plan_text_read_query(reader, step)) {
		return false;
	}
	plan->step_count++;
	return sim_plan_text_expect_end(reader);
}

static bool sim_plan_check_fault(struct sim_plan_text_reader *reader, const struct sim_fault *fault) {
	const struct sim_plan *plan = reader->plan;
	bool at_step = fault->moment == SIM_MOMENT_STEP;
	if (at_step && fault->moment_number >= plan->step_count) {
		return sim_plan_text_refuse(reader, "at step %u, expected a step from 0 to %u", fault->moment_number,
		                            plan->step_count - 1);
	}
	if (fault->operation > SIM_PLAN_TEXT_NUMBER_MAX ||
	    (!at_step && fault->moment_number > SIM_PLAN_TEXT_NUMBER_MAX) ||
	    (fault->times > SIM_PLAN_TEXT_NUMBER_MAX && fault->times != SIM_FAULT_FOR_EVER)) {
		return sim_plan_text_refuse(reader, "a restart, operation or number of times above %u, expected less",
		                            SIM_PLAN_TEXT_NUMBER_MAX);
	}
	if (fault->duration_ns > SIM_PLAN_TEXT_DURATION_NS_MAX || fault->bytes > SIM_PLAN_TEXT_BYTES_MAX) {
		return sim_plan_text_refuse(reader, "a duration above one hour or more than 2^40 bytes, expected less");
	}
	return true;
}

static bool sim_plan_read_fault(struct sim_plan_text_reader *reader) {
	struct sim_plan *plan = reader->plan;
	char why[256];
	char again[SIM_FAULT_TEXT_SIZE];
	const char *text = reader->next != NULL ? reader->next : "";
	if (plan->fault_count == SIM_PLAN_FAULTS_MAX) {
		return sim_plan_text_refuse(reader, "one more fault, expected at most %u", SIM_PLAN_FAULTS_MAX);
	}
	struct sim_fault *fault = &plan->faults[plan->fault_count];
	if (!sim_fault_parse(text, fault, why, sizeof why)) {
		return sim_plan_text_refuse(reader,
		                            "%s, expected a fault such as `kill any any at step 0 operation 1 effect "
		                            "before bytes 0`",
		                            why);
	}
	sim_fault_print(fault, again);
	if (strcmp(again, text) != 0) {
		return sim_plan_text_refuse(reader, "another form of a fault, expected %s", again);
	}
	plan->fault_count++;
	return sim_plan_check_fault(reader, fault);
}

/* ---- the whole ------------------------------------------------------------------------------------------------------- */

static bool sim_plan_read_header(struct sim_plan_text_reader *reader) {
	uint32_t version = 0;
	char again[24];
	char *end = NULL;
	struct sim_plan *plan = reader->plan;
	if (!sim_plan_text_expect(reader, "plan") ||
	    !sim_plan_text_small(reader, "version of the text form", SIM_PLAN_TEXT_VERSION, SIM_PLAN_TEXT_VERSION,
	                         &version) ||
	    !sim_plan_text_expect(reader, "scenario") ||
	    !sim_plan_text_id(reader, "scenario", plan->scenario, sizeof plan->scenario) ||
	    !sim_plan_text_expect(reader, "seed")) {
		return false;
	}
	const char *word = sim_plan_text_word(reader);
	plan->seed = strtoull(word, &end, 16);
	snprintf(again, sizeof again, "0x%016" PRIx64, plan->seed);
	if (strcmp(again, word) != 0) {
		return sim_plan_text_refuse(reader, "seed %.60s, expected 0x and 16 of the digits 0 to 9 and a to f",
		                            sim_plan_text_shown(word));
	}
	return sim_plan_text_expect_end(reader);
}

/* A kind of line, in the order in which the kinds come. */
struct sim_plan_entry {
	const char *word;
	bool (*read)(struct sim_plan_text_reader *reader);
};

static const struct sim_plan_entry sim_plan_entries_of_orders[] = {{"report", sim_plan_text_read_report},
                                                                   {"process", sim_plan_text_read_process},
                                                                   {"schedule", sim_plan_text_read_schedule},
                                                                   {"step", sim_plan_read_step},
                                                                   {"fault", sim_plan_read_fault},
                                                                   {"switch", sim_plan_text_read_switch},
                                                                   {NULL, NULL}};
static const struct sim_plan_entry sim_plan_entries_of_sql[] = {{"transaction", sim_plan_read_transaction},
                                                                {"process", sim_plan_text_read_process},
                                                                {"schedule", sim_plan_text_read_schedule},
                                                                {"step", sim_plan_read_step},
                                                                {"fault", sim_plan_read_fault},
                                                                {"switch", sim_plan_text_read_switch},
                                                                {NULL, NULL}};

/* Reports or transactions, then steps, then faults. */
static bool sim_plan_read_entries(struct sim_plan_text_reader *reader) {
	const bool sql = reader->plan->sql_scenario != NULL;
	const struct sim_plan_entry *entries = sql ? sim_plan_entries_of_sql : sim_plan_entries_of_orders;
	const char *kinds[8] = {NULL};
	int last = 0;
	for (int i = 0; entries[i].word != NULL; i++) {
		kinds[i] = entries[i].word;
	}
	while (sim_plan_text_next_line(reader) && reader->more) {
		int kind = 0;
		if (!sim_plan_text_choice(reader, "entry", kinds, 0, &kind)) {
			return false;
		}
		if (kind < last) {
			return sim_plan_text_refuse(reader, "a %s behind a %s, expected %ss, then steps, then faults",
			                            kinds[kind], kinds[last], kinds[0]);
		}
		last = kind;
		if (!entries[kind].read(reader)) {
			return false;
		}
	}
	uint32_t count = sql ? reader->plan->sql.transaction_count : reader->plan->report_count;
	if (count == 0 || reader->plan->step_count == 0) {
		return sim_plan_text_refuse(reader, "no %ss or no steps, expected at least one of each", kinds[0]);
	}
	return sim_plan_text_check_processes(reader) && (sql || sim_plan_text_check_trader(reader)) && !reader->refused;
}

bool sim_plan_parse(struct sim_plan *plan, const char *text, const char *name, char *why, size_t why_size) {
	struct sim_plan_text_reader reader = {
	        .plan = plan, .name = name, .text = text, .why = why, .why_size = why_size};
	const struct sim_sql *sql = plan->sql_scenario;
	memset(plan, 0, sizeof *plan);
	plan->sql_scenario = sql;
	bool parsed = sim_plan_text_next_line(&reader) && sim_plan_read_header(&reader) &&
	              sim_plan_text_read_settings(&reader) &&
	              (sql != NULL ? sim_plan_read_sql(&reader) : sim_plan_text_read_workload(&reader)) &&
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
