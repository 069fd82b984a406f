/* The damage campaign as a program: `campaign [--damages N] [--seed S] [--only NUMBER]`. Prints a
 * table by class of byte and outcome. Exit status: 0 nothing failed, 1 something did, 2 wrong
 * usage, 3 a class was never struck. */
#include "damage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAMPAIGN_SHOWN_MAX 10u
/* From so many damages on, each class must have been struck. */
#define CAMPAIGN_EVERY_CLASS 3000u

static const char *const campaign_classes[DAMAGE_CLASS_COUNT] = {
        [DAMAGE_NONE] = "none",
        [DAMAGE_FILE_HEADER] = "database: file header",
        [DAMAGE_PAGE_HEADER] = "database: page header",
        [DAMAGE_CELL_POINTER] = "database: cell pointer array",
        [DAMAGE_CELL_HEADER] = "database: cell header",
        [DAMAGE_SCHEMA_ROW] = "database: schema row",
        [DAMAGE_META_ROW] = "database: meta row",
        [DAMAGE_ROW_CONTENT] = "database: row content",
        [DAMAGE_ROW_CHECKSUM] = "database: row checksum",
        [DAMAGE_OVERFLOW_POINTER] = "database: overflow pointer",
        [DAMAGE_FREE_BLOCK] = "database: free block",
        [DAMAGE_UNALLOCATED] = "database: unallocated space",
        [DAMAGE_FREELIST_TRUNK] = "database: freelist trunk",
        [DAMAGE_FREELIST_LEAF] = "database: freelist leaf",
        [DAMAGE_WAL_HEADER] = "WAL: header",
        [DAMAGE_WAL_SALT] = "WAL: header salts",
        [DAMAGE_WAL_CHECKSUM] = "WAL: header checksum",
        [DAMAGE_FRAME_PAGE_NUMBER] = "WAL: frame page number",
        [DAMAGE_FRAME_COMMIT_SIZE] = "WAL: frame commit size",
        [DAMAGE_FRAME_SALT] = "WAL: frame salts",
        [DAMAGE_FRAME_CHECKSUM] = "WAL: frame checksum",
        [DAMAGE_FRAME_PAGE] = "WAL: frame page content",
        [DAMAGE_WAL_LEFTOVER] = "WAL: leftover frames",
        [DAMAGE_JOURNAL_MAGIC] = "journal: magic",
        [DAMAGE_JOURNAL_RECORD_COUNT] = "journal: record count",
        [DAMAGE_JOURNAL_NONCE] = "journal: nonce",
        [DAMAGE_JOURNAL_INITIAL_SIZE] = "journal: initial size",
        [DAMAGE_JOURNAL_SIZES] = "journal: sector and page size",
        [DAMAGE_JOURNAL_PADDING] = "journal: header padding",
        [DAMAGE_RECORD_PAGE_NUMBER] = "journal: record page number",
        [DAMAGE_RECORD_PAGE] = "journal: record page content",
        [DAMAGE_RECORD_CHECKSUM] = "journal: record checksum",
        [DAMAGE_JOURNAL_LEFTOVER] = "journal: leftover",
        [DAMAGE_UPDATES_HEADER] = "updates: file header",
        [DAMAGE_UPDATE_CHECKSUM] = "updates: record checksum",
        [DAMAGE_UPDATE_LENGTH] = "updates: record length",
        [DAMAGE_UPDATE_MAGIC] = "updates: record magic",
        [DAMAGE_UPDATE_EPOCH] = "updates: record epoch",
        [DAMAGE_UPDATE_VERSION] = "updates: record version",
        [DAMAGE_UPDATE_BATCH] = "updates: record batch",
        [DAMAGE_UPDATE_DIGEST] = "updates: record digest",
        [DAMAGE_UPDATE_PAYLOAD] = "updates: record payload",
        [DAMAGE_BEHIND_THE_END] = "any: behind the end",
};

static const char *const campaign_kinds[DAMAGE_KIND_COUNT] = {"bit rot", "lost write", "misdirected write"};
static const char *const campaign_outcomes[DAMAGE_OUTCOME_COUNT] = {"refused", "named later", "harmless",
                                                                    "older",   "known limit", "FAILED"};

const char *damage_class_name(enum damage_class class) {
	return campaign_classes[class];
}

const char *damage_kind_name(enum damage_kind kind) {
	return campaign_kinds[kind];
}

struct campaign_options {
	uint64_t damages;
	uint64_t seed;
	uint64_t only;
	bool has_only;
};

struct campaign {
	struct campaign_options options;
	struct damage_base *bases;
	size_t base_count;
	uint64_t by_class[DAMAGE_CLASS_COUNT][DAMAGE_OUTCOME_COUNT];
	uint64_t by_kind[DAMAGE_KIND_COUNT][DAMAGE_OUTCOME_COUNT];
	uint64_t done;
	uint64_t impossible;
};

static bool campaign_parse_number(const char *text, uint64_t *number) {
	char *end = NULL;

	errno = 0;
	*number = strtoull(text, &end, 10);
	return errno == 0 && text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

static bool campaign_parse(int count, char **words, struct campaign_options *options) {
	*options = (struct campaign_options){.damages = 5000, .seed = 1};
	for (int i = 1; i < count; i += 2) {
		uint64_t *number = strcmp(words[i], "--damages") == 0 ? &options->damages
		                   : strcmp(words[i], "--seed") == 0  ? &options->seed
		                   : strcmp(words[i], "--only") == 0  ? &options->only
		                                                      : NULL;
		const char *value = i + 1 < count ? words[i + 1] : "";
		if (number == NULL || !campaign_parse_number(value, number)) {
			fprintf(stderr, "campaign: %s %s, expected --damages N, --seed S or --only NUMBER\n", words[i],
			        value);
			return false;
		}
		options->has_only = options->has_only || number == &options->only;
	}
	return true;
}

static void campaign_tell(const struct campaign *campaign, const struct damage_trial *trial, uint64_t number) {
	printf("%s, %s, %s\n  %s\n  %s: %s\n  %s --seed %" PRIu64 " --only %" PRIu64 "\n", trial->base->name,
	       damage_kind_name(trial->kind), damage_class_name(trial->class), trial->how,
	       campaign_outcomes[trial->outcome], trial->story, "campaign", campaign->options.seed, number);
}

static void campaign_run_one(struct campaign *campaign, uint64_t number) {
	static uint64_t told;
	struct damage_trial trial;

	if (damage_choose(&trial, campaign->bases, campaign->base_count, campaign->options.seed, number)) {
		damage_try(&trial);
		campaign->done++;
		campaign->by_class[trial.class][trial.outcome]++;
		campaign->by_kind[trial.kind][trial.outcome]++;
		if (campaign->options.has_only || (trial.outcome == DAMAGE_FAILED && told++ < CAMPAIGN_SHOWN_MAX)) {
			campaign_tell(campaign, &trial, number);
		}
	} else {
		campaign->impossible++;
	}
	damage_trial_deinit(&trial);
}

static uint64_t campaign_print_row(const char *name, const uint64_t *counts) {
	uint64_t all = 0;

	for (int i = 0; i < DAMAGE_OUTCOME_COUNT; i++) {
		all += counts[i];
	}
	printf("%-32s %9" PRIu64, name, all);
	for (int i = 0; i < DAMAGE_OUTCOME_COUNT; i++) {
		printf(" %11" PRIu64, counts[i]);
	}
	putchar('\n');
	return all;
}

static void campaign_print_head(const char *what) {
	printf("\n%-32s %9s", what, "damages");
	for (int i = 0; i < DAMAGE_OUTCOME_COUNT; i++) {
		printf(" %11s", campaign_outcomes[i]);
	}
	putchar('\n');
}

/* The number of classes that were never struck; behind the end of a file only a misdirected write
 * can be. */
static unsigned campaign_print(const struct campaign *campaign, uint64_t *failed) {
	uint64_t all[DAMAGE_OUTCOME_COUNT] = {0};
	unsigned missed = 0;

	campaign_print_head("class of byte");
	for (int class = DAMAGE_NONE + 1; class < DAMAGE_CLASS_COUNT; class ++) {
		missed += campaign_print_row(damage_class_name((enum damage_class) class), campaign->by_class[class]) ==
		          0;
	}
	campaign_print_head("kind of damage");
	for (int kind = 0; kind < DAMAGE_KIND_COUNT; kind++) {
		campaign_print_row(damage_kind_name((enum damage_kind)kind), campaign->by_kind[kind]);
		for (int outcome = 0; outcome < DAMAGE_OUTCOME_COUNT; outcome++) {
			all[outcome] += campaign->by_kind[kind][outcome];
		}
	}
	campaign_print_row("all", all);
	*failed = all[DAMAGE_FAILED];
	return missed;
}

int main(int count, char **words) {
	struct campaign campaign = {0};
	uint64_t failed = 0;

	if (!campaign_parse(count, words, &campaign.options)) {
		return 2;
	}
	campaign.bases = damage_bases_make(&campaign.base_count);
	if (campaign.options.has_only) {
		campaign.options.damages = 0;
		campaign_run_one(&campaign, campaign.options.only);
	}
	/* A draw that finds nothing to damage does not count; there are few. */
	for (uint64_t i = 0; campaign.done < campaign.options.damages && i / 2 <= campaign.options.damages; i++) {
		campaign_run_one(&campaign, i);
	}
	unsigned missed = campaign.options.has_only ? 0 : campaign_print(&campaign, &failed);
	damage_bases_free(campaign.bases, campaign.base_count);
	if (campaign.options.has_only) {
		return 0;
	}
	printf("\ndamage: seed %" PRIu64 ", %" PRIu64 " FAILED; %" PRIu64 " draws had nothing to damage\n",
	       campaign.options.seed, failed, campaign.impossible);
	if (failed > 0) {
		return 1;
	}
	return missed > 0 && campaign.options.damages >= CAMPAIGN_EVERY_CLASS ? 3 : 0;
}
