/* sim/plan/plan_text_settings.c: the settings of a plan as text. */
#include "contract.h"
#include "plan_text_sections.h"

#include <inttypes.h>

static const char *const sim_plan_orderly[] = {"ordered", "free", NULL};
static const char *const sim_plan_switch[] = {"off", "on", NULL};
/* By kind of crash; what is promised is the rule, anything else a positive control. */
static const char *const sim_plan_demands[SIM_CRASH_COUNT] = {"", "demand_after_kill", "demand_after_power_loss"};
/* Of a transaction over several files. */
static const char *const sim_plan_files[] = {"promised", "together", NULL};

void sim_plan_text_print_settings(const struct sim_plan *plan, FILE *out) {
	const struct sim_settings *settings = &plan->settings;
	fprintf(out, "setting protocol %s\n", sim_settings_protocol_name(settings->protocol));
	fprintf(out, "setting journal_mode %s\n", sim_settings_journal_mode_name(settings->journal_mode));
	fprintf(out, "setting synchronous %s\n", sim_settings_synchronous_name(settings->synchronous));
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
	fprintf(out, "setting psow %s\n", sim_settings_capability_name(settings->psow));
	fprintf(out, "setting sequential %s\n", sim_settings_capability_name(settings->sequential));
	fprintf(out, "setting safe_append %s\n", sim_settings_capability_name(settings->safe_append));
	fprintf(out, "setting lies %u percent\n", settings->lies_percent);
	for (int crash = SIM_CRASH_KILL; crash < SIM_CRASH_COUNT; crash++) {
		enum sim_contract demanded = settings->demanded[crash];
		fprintf(out, "setting %s %s\n", sim_plan_demands[crash],
		        demanded != SIM_CONTRACT_NONE ? sim_contract_name(demanded) : "promised");
	}
	fprintf(out, "setting demand_of_files %s\n", sim_plan_files[settings->demands_files_together]);
}

static bool sim_plan_begin_setting(struct sim_plan_text_reader *reader, const char *name) {
	return sim_plan_text_next_line(reader) && sim_plan_text_expect(reader, "setting") &&
	       sim_plan_text_expect(reader, name);
}

static bool sim_plan_read_word_settings(struct sim_plan_text_reader *reader) {
	const char *protocols[SIM_PROTOCOL_COUNT + 1] = {NULL};
	const char *journal_modes[SIM_JOURNAL_COUNT + 1] = {NULL};
	const char *synchronous[SIM_SYNCHRONOUS_COUNT + 1] = {NULL};
	int chosen[3] = {0};
	for (int i = 0; i < SIM_PROTOCOL_COUNT; i++) {
		protocols[i] = sim_settings_protocol_name((enum sim_protocol)i);
	}
	for (int i = 0; i < SIM_JOURNAL_COUNT; i++) {
		journal_modes[i] = sim_settings_journal_mode_name((enum sim_journal_mode)i);
	}
	for (int i = 0; i < SIM_SYNCHRONOUS_COUNT; i++) {
		synchronous[i] = sim_settings_synchronous_name((enum sim_synchronous)i);
	}
	bool read = sim_plan_begin_setting(reader, "protocol") &&
	            sim_plan_text_choice(reader, "protocol", protocols, 1, &chosen[0]) &&
	            sim_plan_text_expect_end(reader) && sim_plan_begin_setting(reader, "journal_mode") &&
	            sim_plan_text_choice(reader, "journal_mode", journal_modes, 1, &chosen[1]) &&
	            sim_plan_text_expect_end(reader) && sim_plan_begin_setting(reader, "synchronous") &&
	            sim_plan_text_choice(reader, "synchronous", synchronous, 1, &chosen[2]) &&
	            sim_plan_text_expect_end(reader);
	reader->plan->settings.protocol = (enum sim_protocol)chosen[0];
	reader->plan->settings.journal_mode = (enum sim_journal_mode)chosen[1];
	reader->plan->settings.synchronous = (enum sim_synchronous)chosen[2];
	return read;
}

static bool sim_plan_read_number_settings(struct sim_plan_text_reader *reader) {
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
		    !sim_plan_text_small(reader, rows[i].name, rows[i].min, rows[i].max, rows[i].number) ||
		    (rows[i].unit != NULL && !sim_plan_text_expect(reader, rows[i].unit)) ||
		    !sim_plan_text_expect_end(reader)) {
			return false;
		}
		if (rows[i].power_of_two && (*rows[i].number & (*rows[i].number - 1)) != 0) {
			return sim_plan_text_refuse(reader, "%s %u, expected a power of two", rows[i].name,
			                            *rows[i].number);
		}
	}
	uint32_t sector = settings->sector_size_bytes;
	return sector == 512 || sector == 4096 ||
	       sim_plan_text_refuse(reader, "sector_size %u, expected 512 or 4096", sector);
}

static bool sim_plan_read_disk_settings(struct sim_plan_text_reader *reader) {
	struct sim_settings *settings = &reader->plan->settings;
	int names = 0;
	int truncate = 0;
	bool read = sim_plan_begin_setting(reader, "capacity") &&
	            sim_plan_text_number(reader, "capacity", 0, SIM_PLAN_TEXT_BYTES_MAX, &settings->capacity_bytes) &&
	            sim_plan_text_expect(reader, "bytes") && sim_plan_text_expect_end(reader) &&
	            sim_plan_begin_setting(reader, "names") &&
	            sim_plan_text_choice(reader, "names", sim_plan_orderly, 0, &names) &&
	            sim_plan_text_expect_end(reader) && sim_plan_begin_setting(reader, "truncate") &&
	            sim_plan_text_choice(reader, "truncate", sim_plan_orderly, 0, &truncate) &&
	            sim_plan_text_expect_end(reader);
	settings->names_free = names != 0;
	settings->truncate_free = truncate != 0;
	return read;
}

static bool sim_plan_read_capability(struct sim_plan_text_reader *reader, const char *name,
                                     enum sim_capability *capability) {
	const char *words[SIM_CAPABILITY_COUNT + 1] = {NULL};
	int chosen = 0;
	for (int i = 0; i < SIM_CAPABILITY_COUNT; i++) {
		words[i] = sim_settings_capability_name((enum sim_capability)i);
	}
	bool read = sim_plan_begin_setting(reader, name) &&
	            sim_plan_text_choice(reader, name, words, SIM_CAPABILITY_ABSENT, &chosen) &&
	            sim_plan_text_expect_end(reader);
	*capability = (enum sim_capability)chosen;
	return read;
}

static bool sim_plan_read_medium_settings(struct sim_plan_text_reader *reader) {
	struct sim_settings *settings = &reader->plan->settings;
	const char *models[VFS_SYNC_MODEL_COUNT + 1] = {NULL};
	int model = 0;
	int garbage = 0;
	for (int i = 0; i < VFS_SYNC_MODEL_COUNT; i++) {
		models[i] = vfs_sync_model_name((enum vfs_sync_model)i);
	}
	bool read = sim_plan_begin_setting(reader, "fsync") &&
	            sim_plan_text_choice(reader, "fsync", models, 0, &model) && sim_plan_text_expect_end(reader) &&
	            sim_plan_begin_setting(reader, "garbage") &&
	            sim_plan_text_choice(reader, "garbage", sim_plan_switch, 0, &garbage) &&
	            sim_plan_text_expect_end(reader) && sim_plan_read_capability(reader, "psow", &settings->psow) &&
	            sim_plan_read_capability(reader, "sequential", &settings->sequential) &&
	            sim_plan_read_capability(reader, "safe_append", &settings->safe_append) &&
	            sim_plan_begin_setting(reader, "lies") &&
	            sim_plan_text_small(reader, "lies", 0, 100, &settings->lies_percent) &&
	            sim_plan_text_expect(reader, "percent") && sim_plan_text_expect_end(reader);
	settings->sync_model = (enum vfs_sync_model)model;
	settings->garbage = garbage != 0;
	return read;
}

static bool sim_plan_read_demands(struct sim_plan_text_reader *reader) {
	const char *contracts[SIM_CONTRACT_COUNT + 1] = {"promised"};
	bool read = true;
	for (int i = SIM_CONTRACT_NONE + 1; i < SIM_CONTRACT_COUNT; i++) {
		contracts[i] = sim_contract_name((enum sim_contract)i);
	}
	for (int crash = SIM_CRASH_KILL; crash < SIM_CRASH_COUNT && read; crash++) {
		int chosen = 0;
		read = sim_plan_begin_setting(reader, sim_plan_demands[crash]) &&
		       sim_plan_text_choice(reader, sim_plan_demands[crash], contracts, 0, &chosen) &&
		       sim_plan_text_expect_end(reader);
		reader->plan->settings.demanded[crash] = (enum sim_contract)chosen;
	}
	int together = 0;
	read = read && sim_plan_begin_setting(reader, "demand_of_files") &&
	       sim_plan_text_choice(reader, "demand_of_files", sim_plan_files, 0, &together) &&
	       sim_plan_text_expect_end(reader);
	reader->plan->settings.demands_files_together = together != 0;
	return read;
}

bool sim_plan_text_read_settings(struct sim_plan_text_reader *reader) {
	return sim_plan_read_word_settings(reader) && sim_plan_read_number_settings(reader) &&
	       sim_plan_read_disk_settings(reader) && sim_plan_read_medium_settings(reader) &&
	       sim_plan_read_demands(reader);
}
