/* sim/cli/cli_init.c: see cli_init.h. Three files are written, none of which was there before: the
 * scenario, the schema, and the transactions. */
#include "cli_init.h"

#include "draft.h"
#include "number.h"
#include "scenario_load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The names of the files, in the current directory. */
struct sim_cli_init_names {
	char name[SIM_DRAFT_NAME_SIZE];
	char scenario[SIM_DRAFT_NAME_SIZE + 32];
	char schema[SIM_DRAFT_NAME_SIZE + 32];
	char transactions[SIM_DRAFT_NAME_SIZE + 32];
};

static bool sim_cli_init_complain(const char *file, const char *what, const char *expected) {
	fprintf(stderr, "aftershock: %s: %s, expected %s\n", file, what, expected);
	return false;
}

/* Writes a file that was not there. */
static bool sim_cli_init_write(const char *path, const char *text) {
	int number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (number < 0) {
		return sim_cli_init_complain(path, strerror(errno),
		                             "a folder where it can be written, and no such file");
	}
	FILE *file = fdopen(number, "w");
	bool fine = file != NULL && fputs(text, file) >= 0 && fflush(file) == 0;
	int error = errno;
	if (file != NULL) {
		fclose(file);
	} else {
		close(number);
	}
	if (!fine) {
		unlink(path);
		return sim_cli_init_complain(path, strerror(error), "a file that can be written");
	}
	return true;
}

/* That of the database; of SQL both. */
static const char *sim_cli_init_mode(const char *mode) {
	return strcmp(mode, "wal") == 0 ? "wal" : strcmp(mode, "delete") == 0 ? "delete" : "wal, delete";
}

/* What the program has must be told: these are not it. */
static void sim_cli_init_put_stand_ins(const struct sim_draft *draft, FILE *out) {
	char text[SIM_STAND_IN_TEXT_SIZE];
	if (draft->stand_ins.count > 0) {
		fprintf(out,
		        "  # What the schema needs from its program. These are not the real ones.\n  stand_ins:\n");
	}
	for (uint32_t i = 0; i < draft->stand_ins.count; i++) {
		sim_stand_in_print(&draft->stand_ins.items[i], text);
		fprintf(out, "    - %s\n", text);
	}
}

/* The scenario: what a program's settings are, it has to be told. */
static char *sim_cli_init_scenario(const struct sim_draft *draft, const struct sim_cli_init_names *names) {
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL) {
		return NULL;
	}
	fprintf(out,
	        "name: %s\nabout: The schema of %s, and transactions that init proposed.\nsubject: sql\nsql:\n"
	        "  setup_file: %s\n  transactions_file: %s\n",
	        names->name, names->name, names->schema, names->transactions);
	if (draft->has_keys) {
		fprintf(out, "  pragmas: [\"foreign_keys = on\"]\n");
	}
	sim_cli_init_put_stand_ins(draft, out);
	fprintf(out,
	        "  # A query here must return no row, whenever the database is looked at.\n"
	        "  # invariants: [\"SELECT id FROM account WHERE balance < 0\"]\n"
	        "# What your program sets. `aftershock list settings` has all.\n"
	        "settings:\n  journal_mode: [%s]\n  synchronous: [full]\n",
	        sim_cli_init_mode(draft->journal_mode));
	fprintf(out, "# What happens to it. `aftershock list faults` has all.\n"
	             "faults:\n"
	             "  - {kind: power_loss, chance: 60, during: [step, restart], count: {min: 1, max: 3}, operations: "
	             "{min: 1, max: 60}}\n"
	             "  - {kind: kill, chance: 40, during: [step, restart], count: {min: 1, max: 3}, operations: {min: "
	             "1, max: 60}}\n"
	             "  - {kind: disk_full, chance: 30, count: {min: 1, max: 2}}\n"
	             "  - {kind: io_error, chance: 30, count: {min: 1, max: 2}}\n"
	             "probes: [power_loss, crash_committed, crash_lost]\n");
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* Whether what was written can be run: it is read back. */
static bool sim_cli_init_check(const struct sim_cli_init_names *names) {
	char why[SIM_SCENARIO_PATH_SIZE];
	struct sim_scenario *scenario = sim_scenario_load(names->scenario, why, sizeof why);
	if (scenario == NULL) {
		fprintf(stderr, "aftershock: %s\n", why);
		return false;
	}
	sim_scenario_destroy(scenario);
	return true;
}

static bool sim_cli_init_write_all(const struct sim_draft *draft, const struct sim_cli_init_names *names) {
	char *scenario = sim_cli_init_scenario(draft, names);
	if (scenario == NULL) {
		return sim_cli_init_complain(names->scenario, "out of memory", "more");
	}
	const char *const paths[] = {names->scenario, names->schema, names->transactions};
	const char *const texts[] = {scenario, draft->schema, draft->transactions};
	uint32_t written = 0;
	while (written < 3 && sim_cli_init_write(paths[written], texts[written])) {
		written++;
	}
	for (uint32_t i = 0; written < 3 && i < written; i++) {
		unlink(paths[i]);
	}
	free(scenario);
	return written == 3;
}

/* A draft without a part of the schema tests less than somebody believes. */
static void sim_cli_init_warn(const struct sim_draft *draft, const char *source) {
	char line[16] = "";
	if (draft->left_out > 0) {
		if (draft->left_out_line > 0) {
			snprintf(line, sizeof line, ":%u", draft->left_out_line);
		}
		fprintf(stderr, "aftershock: %s%s: %s: left out, and not tested\n", source, line, draft->left_out_why);
	}
}

static void sim_cli_init_tell(const struct sim_draft *draft, const struct sim_cli_init_names *names) {
	printf("%-32s the scenario: settings and faults\n", names->scenario);
	printf("%-32s %u table%s, and %u row%s of your data", names->schema, draft->tables,
	       sim_number_plural(draft->tables), draft->rows, sim_number_plural(draft->rows));
	if (draft->left_out > 0) {
		printf("; %u statement%s left out, the file says why", draft->left_out,
		       draft->left_out == 1 ? " is" : "s are");
	}
	printf("\n");
	printf("%-32s %u transaction%s", names->transactions, draft->proposed, sim_number_plural(draft->proposed));
	if (draft->not_proposed > 0) {
		printf("; for %u table%s none was found that inserts, the file says why", draft->not_proposed,
		       sim_number_plural(draft->not_proposed));
	}
	for (uint32_t i = 0; i < draft->stand_ins.count; i++) {
		char text[SIM_STAND_IN_TEXT_SIZE];
		sim_stand_in_print(&draft->stand_ins.items[i], text);
		printf("\n%-32s stand-in: %s", "", text);
	}
	printf("\nnext: aftershock run %s\n", names->scenario);
}

int sim_cli_init(struct sim_cli *cli) {
	struct sim_draft draft;
	struct sim_cli_init_names names;
	char why[SIM_DRAFT_WHY_SIZE] = "";
	int status = SIM_CLI_USAGE;
	if (cli->name_count != 1) {
		fprintf(stderr, "aftershock: init: expected one database, or one file of SQL\n");
		return SIM_CLI_USAGE;
	}
	const char *source = cli->names[0];
	sim_draft_name(source, names.name);
	snprintf(names.scenario, sizeof names.scenario, "%s.yaml", names.name);
	snprintf(names.schema, sizeof names.schema, "%s.schema.sql", names.name);
	snprintf(names.transactions, sizeof names.transactions, "%s.transactions.sql", names.name);
	if (!sim_draft_init(&draft, source, cli->rows_max, why)) {
		fprintf(stderr, "aftershock: %s\n", why[0] != '\0' ? why : "out of memory");
	} else if (draft.proposed == 0) {
		fprintf(stderr, "aftershock: %s: no table that a row could be inserted into, expected one\n", source);
	} else {
		if (sim_cli_init_write_all(&draft, &names) && sim_cli_init_check(&names)) {
			sim_cli_init_warn(&draft, source);
			sim_cli_init_tell(&draft, &names);
			status = SIM_CLI_OK;
		}
	}
	sim_draft_deinit(&draft);
	return status;
}
