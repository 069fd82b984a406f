/* sim/cli/cli_record.c: see cli_record.h. What the program prints goes to stdout; all that is said
 * of the recording goes to stderr. */
#include "cli_record.h"

#include "ended.h"
#include "number.h"
#include "recorder.h"

#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#define SIM_CLI_RECORD_NAME_SIZE 300

static const char *sim_cli_record_ended(int status, char text[80]) {
	char ended[SIM_ENDED_TEXT_SIZE];
	if (WIFSIGNALED(status)) {
		snprintf(text, 80, "was ended by %s", sim_ended_text(status, ended));
	} else {
		snprintf(text, 80, "ended with status %d", WEXITSTATUS(status));
	}
	return text;
}

static int sim_cli_record_tell(const struct sim_cli *cli, const struct sim_recorded *recorded, const char *path) {
	char ended[80];
	const char *program = cli->names[0];
	fprintf(stderr, "aftershock: %.200s %s\n", program, sim_cli_record_ended(recorded->status, ended));
	if (recorded->databases == 0) {
		fprintf(stderr, "aftershock: nothing was recorded: it wrote to no database of SQLite that is left\n");
		return SIM_CLI_NOTHING;
	}
	fprintf(stderr,
	        "aftershock: %s: %" PRIu64 " records, %" PRIu64 " bytes: %" PRIu32 " database%s, %" PRIu32
	        " process%s, %" PRIu32 " thread%s that write%s",
	        path, recorded->records, recorded->size_bytes, recorded->databases,
	        sim_number_plural(recorded->databases), recorded->processes, recorded->processes == 1 ? "" : "es",
	        recorded->threads, sim_number_plural(recorded->threads), sim_number_singular(recorded->threads));
	if (cli->acknowledge != NULL) {
		fprintf(stderr, ", %" PRIu64 " line%s that acknowledge%s", recorded->acknowledged,
		        sim_number_plural(recorded->acknowledged), sim_number_singular(recorded->acknowledged));
	}
	fprintf(stderr,
	        "\naftershock: it holds the data of these databases, and only you may read it: delete it when you are "
	        "done\n");
	if (cli->acknowledge != NULL && recorded->acknowledged == 0) {
		fprintf(stderr,
		        "aftershock: no line that it printed matches --ack %.200s, expected one that says what is "
		        "saved\n",
		        cli->acknowledge);
		return SIM_CLI_NOTHING;
	}
	fprintf(stderr, "next: aftershock explore %s\n", path);
	return SIM_CLI_OK;
}

int sim_cli_record(struct sim_cli *cli) {
	char name[SIM_CLI_RECORD_NAME_SIZE];
	char why[SIM_RECORDER_WHY_SIZE];
	struct sim_recorded recorded;
	bool is_usage = false;
	if (cli->name_count == 0) {
		fprintf(stderr,
		        "aftershock: record: expected a program, as in: aftershock record -- ./program argument\n");
		return SIM_CLI_USAGE;
	}
	const char *slash = strrchr(cli->names[0], '/');
	snprintf(name, sizeof name, "%.280s.recording", slash != NULL ? slash + 1 : cli->names[0]);
	const struct sim_recorder_options options = {.path = cli->output_path != NULL ? cli->output_path : name,
	                                             .writes_over = cli->force,
	                                             .acknowledge = cli->acknowledge,
	                                             .databases = cli->databases,
	                                             .database_count = cli->database_count,
	                                             .program = cli->names};
	if (!sim_recorder_run(&options, &recorded, &is_usage, why)) {
		fprintf(stderr, "aftershock: %s\n", why);
		return is_usage ? SIM_CLI_USAGE : SIM_CLI_HARNESS;
	}
	return sim_cli_record_tell(cli, &recorded, options.path);
}
