/* sim/cli/cli_verify.c: whether a certificate says what was there. The list of images is counted
 * again. Then one moment of a hundred, one workload of a hundred, or one point of a hundred of a
 * recording is explored again: each image must be in the list, and each state must hold, unless the
 * certificate has violations. */
#include "cli_verify.h"

#include "build.h"
#include "certificate.h"
#include "cli_explored.h"
#include "cli_recording.h"
#include "cli_second.h"
#include "cli_small.h"
#include "cli_small_cells.h"
#include "sweep.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* One moment of so many is explored again. */
#define SIM_CLI_VERIFY_PARTS 100u

static struct sim_certificate sim_cli_certificate;

static bool sim_cli_refuse_line(const struct sim_cli *cli, const char *name, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static bool sim_cli_refuse_line(const struct sim_cli *cli, const char *name, const char *format, ...) {
	va_list arguments;
	fprintf(stderr, "aftershock: %s:%" PRIu32 ": %s: ", cli->certificate_path,
	        sim_certificate_line(&sim_cli_certificate, name), name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\n");
	return false;
}

/* A number of the certificate; its lines have been checked against their hash. */
static uint64_t sim_cli_certified(const char *name) {
	const char *value = sim_certificate_value(&sim_cli_certificate, name);
	return value != NULL ? strtoull(value, NULL, 0) : 0;
}

/* ---- the list -------------------------------------------------------------------------------- */

static bool sim_cli_recount(const struct sim_cli *cli, const struct sim_cli_hashes *images) {
	char hash[24];
	const char *said = sim_certificate_value(&sim_cli_certificate, "images_hash");
	if (images->count != sim_cli_certified("images")) {
		return sim_cli_refuse_line(cli, "images", "the list has %" PRIu64, images->count);
	}
	snprintf(hash, sizeof hash, "%016" PRIx64, sim_certificate_hash(images->list, images->count));
	if (said == NULL || strcmp(said, hash) != 0) {
		return sim_cli_refuse_line(cli, "images_hash", "that of the list is %s", hash);
	}
	return true;
}

/* The first of the part's images that the list has not; both ascend. NULL: it has all. */
static const uint64_t *sim_cli_find_missing(const struct sim_cli_hashes *part, const struct sim_cli_hashes *images) {
	uint64_t at = 0;
	for (uint64_t i = 0; i < part->count; i++) {
		while (at < images->count && images->list[at] < part->list[i]) {
			at++;
		}
		if (at == images->count || images->list[at] != part->list[i]) {
			return &part->list[i];
		}
	}
	return NULL;
}

/* ---- a part of it, again --------------------------------------------------------------------- */

/* Then there is no subject. */
static bool sim_cli_is_of_recording(void) {
	return sim_certificate_value(&sim_cli_certificate, "recording") != NULL;
}

static bool sim_cli_same_program(const struct sim_cli *cli) {
	char sqlite[SIM_CERTIFICATE_VALUE_SIZE];
	char subject[SIM_SCENARIO_PATH_SIZE + 32];
	const char *said = sim_certificate_value(&sim_cli_certificate, "sqlite");
	const char *tested = sim_certificate_value(&sim_cli_certificate, "subject");
	snprintf(sqlite, sizeof sqlite, "%s, %s%s", sqlite3_libversion(), sqlite3_sourceid(), sim_build_kind());
	sim_sweep_subject_name(&cli->sweep, subject, sizeof subject);
	if (said == NULL || strcmp(said, sqlite) != 0) {
		return sim_cli_refuse_line(cli, "sqlite", "this is %s", sqlite);
	}
	if (sim_cli_is_of_recording()) {
		return true;
	}
	if (tested == NULL || strcmp(tested, subject) != 0) {
		return sim_cli_refuse_line(cli, "subject", "this is %s", subject);
	}
	return true;
}

/* So must be what lies between SQLite and the disk. */
static bool sim_cli_same_vfs(const struct sim_cli *cli, const char *path) {
	char own[SIM_CERTIFICATE_VALUE_SIZE];
	const char *said = sim_certificate_value(&sim_cli_certificate, SIM_CERTIFICATE_VFS);
	snprintf(own, sizeof own, "%s", path);
	if (said == NULL && own[0] != '\0') {
		fprintf(stderr, "aftershock: %s: it has no VFS of its own, expected no --vfs\n", cli->certificate_path);
		return false;
	}
	return said == NULL || strcmp(said, own) == 0 ||
	       sim_cli_refuse_line(cli, SIM_CERTIFICATE_VFS, "this is %s, expected --vfs %s",
	                           own[0] != '\0' ? own : "without one", said);
}

/* It must be the one of the certificate. */
static bool sim_cli_same_second(struct sim_cli *cli) {
	char text[SIM_CERTIFICATE_VALUE_SIZE];
	const char *said = sim_certificate_value(&sim_cli_certificate, SIM_CERTIFICATE_SECOND);
	if (cli->second == NULL) {
		return true;
	}
	sim_certificate_say_second(cli->second, text);
	if (said == NULL) {
		fprintf(stderr, "aftershock: %s: no second SQLite was asked, expected no --second-sqlite\n",
		        cli->certificate_path);
		return false;
	}
	return strcmp(said, text) == 0 || sim_cli_refuse_line(cli, SIM_CERTIFICATE_SECOND, "this is %s", text);
}

static bool sim_cli_load_certified(struct sim_cli *cli, uint64_t *seed) {
	static char target[SIM_SWEEP_NAME_SIZE + 32];
	const char *scenario = sim_certificate_value(&sim_cli_certificate, "scenario");
	const char *of_seed = sim_certificate_value(&sim_cli_certificate, "seed");
	if (scenario == NULL || of_seed == NULL) {
		return sim_cli_refuse_line(cli, scenario == NULL ? "scenario" : "seed", "the line is missing");
	}
	snprintf(target, sizeof target, "%s@%s", scenario, of_seed);
	cli->names[0] = target;
	return sim_cli_load_target(cli, seed);
}

/* Whether the second SQLite was asked again, where the certificate has one. */
static void sim_cli_tell_second(const struct sim_cli *cli, const struct sim_branch_totals *totals) {
	const char *said = sim_certificate_value(&sim_cli_certificate, SIM_CERTIFICATE_SECOND);
	if (cli->second != NULL) {
		printf("SQLite %s recovered %" PRIu64 " of them, too\n", said, totals->second);
	} else if (said != NULL) {
		printf("nobody asked SQLite %s again, expected --second-sqlite LIBRARY for that\n", said);
	}
}

/* Where the certificate has violations, there may be some again. */
static int sim_cli_compare_part(const struct sim_cli *cli, const struct sim_branch_totals *totals,
                                const struct sim_cli_hashes *part, const struct sim_cli_hashes *images) {
	const uint64_t *missing = sim_cli_find_missing(part, images);
	if (missing != NULL) {
		sim_cli_refuse_line(cli, "images", "%016" PRIx64 " was left now, and is not in the list", *missing);
		return SIM_CLI_VIOLATED;
	}
	if (totals->violations > 0 && sim_cli_certified("violations") == 0) {
		sim_cli_refuse_line(cli, "violations", "%s is violated now: %s", totals->found[0].path,
		                    totals->found[0].invariant);
		return SIM_CLI_VIOLATED;
	}
	printf("%s: %" PRIu64 " images counted again; %" PRIu64 " states of %" PRIu64 " judged again, with %" PRIu64
	       " images, as the certificate says\n",
	       cli->certificate_path, images->count, totals->judged, sim_cli_certified("states_judged"), part->count);
	sim_cli_tell_second(cli, totals);
	return SIM_CLI_OK;
}

static bool sim_cli_same_run(const struct sim_cli *cli, const struct sim_run_result *run) {
	char hash[40];
	snprintf(hash, sizeof hash, "%016" PRIx64 "%016" PRIx64, run->trace_hash[0], run->trace_hash[1]);
	const char *said = sim_certificate_value(&sim_cli_certificate, "trace_hash");
	return (said != NULL && strcmp(said, hash) == 0) ||
	       sim_cli_refuse_line(cli, "trace_hash", "the run has %s now", hash);
}

/* How it was explored. */
static bool sim_cli_certified_options(const struct sim_cli *cli, struct sim_branch_options *options) {
	*options = (struct sim_branch_options){.depth = (uint32_t)sim_cli_certified("depth"),
	                                       .bounds = {.subsets_of = (uint32_t)sim_cli_certified("subsets"),
	                                                  .drawn = (uint32_t)sim_cli_certified("drawn")},
	                                       .writes_more = sim_cli_certified("writes_more") == 1,
	                                       .parts = 1,
	                                       .second = cli->second};
	bool fits = options->depth >= 1 && options->depth <= SIM_BRANCH_DEPTH_MAX &&
	            options->bounds.subsets_of <= SIM_CLI_SUBSETS_MAX;
	return fits || sim_cli_refuse_line(cli, "depth", "out of bounds");
}

/* Which part of it is explored again: drawn from its hash. */
static uint64_t sim_cli_certified_chance(void) {
	return strtoull(sim_certificate_value(&sim_cli_certificate, "check"), NULL, 16);
}

/* One moment of a hundred. */
static int sim_cli_verify_part(struct sim_cli *cli, const struct sim_cli_hashes *images) {
	static struct sim_cli_explored part;
	struct sim_branch_options options;
	uint64_t seed = 0;
	uint64_t moments = sim_cli_certified("moments");
	uint32_t parts = moments < SIM_CLI_VERIFY_PARTS && moments > 0 ? (uint32_t)moments : SIM_CLI_VERIFY_PARTS;
	if (!sim_cli_load_certified(cli, &seed) || !sim_cli_same_vfs(cli, sim_cli_target_plan()->vfs_path) ||
	    !sim_cli_certified_options(cli, &options)) {
		return SIM_CLI_USAGE;
	}
	options.parts = parts;
	options.part = (uint32_t)(sim_cli_certified_chance() % parts);
	int status = SIM_CLI_HARNESS;
	if (sim_cli_explore_parts_of(cli, seed, &options, 1, &part)) {
		const struct sim_cli_hashes again = {part.images, part.totals.images};
		status = sim_cli_same_run(cli, &part.outcome.run)
		                 ? sim_cli_compare_part(cli, &part.totals, &again, images)
		                 : SIM_CLI_VIOLATED;
	}
	sim_cli_explored_free(&part);
	return status;
}

/* One workload of a hundred. */
static int sim_cli_verify_small(struct sim_cli *cli, const char *names, const struct sim_cli_hashes *images) {
	static struct sim_cli_small small;
	small = (struct sim_cli_small){.cli = cli};
	if (!sim_cli_small_load(cli, names) || !sim_cli_same_vfs(cli, cli->sweep.scenarios[0]->vfs_path) ||
	    !sim_cli_certified_options(cli, &small.options)) {
		return SIM_CLI_USAGE;
	}
	uint64_t workloads = sim_cli_small_workloads(cli);
	if (workloads != sim_cli_certified("workloads")) {
		sim_cli_refuse_line(cli, "workloads", "there are %" PRIu64 " now", workloads);
		return SIM_CLI_VIOLATED;
	}
	small.options.shares = true;
	small.every = workloads < SIM_CLI_VERIFY_PARTS ? workloads : SIM_CLI_VERIFY_PARTS;
	assert(small.every > 0); /* each of them enumerates some */
	small.first = sim_cli_certified_chance() % small.every;
	int status = sim_cli_small_explore(&small)
	                     ? sim_cli_compare_part(cli, &small.joined.totals, &small.joined.images, images)
	                     : SIM_CLI_HARNESS;
	sim_cli_joined_free(&small.joined);
	return status;
}

/* One point of a hundred of a recording. */
static int sim_cli_verify_recording(const struct sim_cli *cli, const struct sim_cli_hashes *images) {
	static struct sim_cli_recording_part part;
	const char *check = sim_certificate_value(&sim_cli_certificate, "check_command");
	int status = sim_cli_recording_again(&sim_cli_certificate, sim_cli_certified_chance(), &part);
	if (status == SIM_CLI_OK && part.records != sim_cli_certified("records")) {
		sim_cli_refuse_line(cli, "records", "the recording has %" PRIu64, part.records);
		status = SIM_CLI_VIOLATED;
	}
	if (status == SIM_CLI_OK) {
		const struct sim_cli_hashes again = {part.images, part.image_count};
		status = sim_cli_compare_part(cli, &part.totals, &again, images);
	}
	if (status == SIM_CLI_OK && check != NULL && strcmp(check, "none") != 0) {
		printf("nobody ran the check command again: %s\n", check);
	}
	free(part.images);
	return status;
}

static int sim_cli_verify_again(struct sim_cli *cli, const struct sim_cli_hashes *images) {
	const char *small = sim_certificate_value(&sim_cli_certificate, SIM_CLI_SMALL_ROW);
	if (!sim_cli_same_program(cli)) {
		return SIM_CLI_USAGE;
	}
	return sim_cli_is_of_recording() ? sim_cli_verify_recording(cli, images)
	       : small != NULL           ? sim_cli_verify_small(cli, small, images)
	                                 : sim_cli_verify_part(cli, images);
}

static bool sim_cli_is_partial(void) {
	const char *complete = sim_certificate_value(&sim_cli_certificate, "complete");
	return complete == NULL || strncmp(complete, "no", 2) == 0;
}

/* Nobody knows which of its moments were explored: what is left now may rightly be missing. */
static int sim_cli_verify_partial(const struct sim_cli *cli, const struct sim_cli_hashes *images) {
	if (!sim_cli_same_program(cli)) {
		return SIM_CLI_USAGE;
	}
	printf("%s: %" PRIu64 " images counted again, as the certificate says; it is partial, so nothing is judged "
	       "again\n",
	       cli->certificate_path, images->count);
	return SIM_CLI_OK;
}

int sim_cli_verify_certificate(struct sim_cli *cli) {
	char why[SIM_CERTIFICATE_WHY_SIZE];
	char list[SIM_SCENARIO_PATH_SIZE + 16];
	struct sim_cli_hashes images = {0};
	if (cli->name_count != 1) {
		fprintf(stderr, "aftershock: verify-certificate: expected one file that explore --certificate wrote\n");
		return SIM_CLI_USAGE;
	}
	cli->certificate_path = cli->names[0];
	if (!sim_certificate_read(&sim_cli_certificate, cli->certificate_path, why)) {
		fprintf(stderr, "aftershock: %s\n", why);
		return SIM_CLI_USAGE;
	}
	snprintf(list, sizeof list, "%.*s.images", SIM_SCENARIO_PATH_SIZE, cli->certificate_path);
	images.list = sim_certificate_read_images(list, &images.count, why);
	if (images.list == NULL) {
		fprintf(stderr, "aftershock: %s\n", why);
		return SIM_CLI_USAGE;
	}
	bool is_good = sim_cli_recount(cli, &images) && sim_cli_load_second(cli) && sim_cli_same_second(cli);
	int status = !is_good               ? SIM_CLI_USAGE
	             : sim_cli_is_partial() ? sim_cli_verify_partial(cli, &images)
	                                    : sim_cli_verify_again(cli, &images);
	free(images.list);
	return status;
}
