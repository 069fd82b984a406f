/* sim/scenario/scenario_faults.c: the fault groups of a scenario. What a kind may say is read from
 * its row in sim/fault.c; a group that could draw a fault that cannot be is refused here, so that
 * every fault of every plan passes sim_fault_check(). */
#include "scenario_internal.h"
#include "suggest.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define SIM_FAULTS_OPERATIONS_MAX 1000000u
/* Starts after which a copy is put back, unless the file says otherwise. */
#define SIM_FAULTS_COPY_STARTS 3u
#define SIM_FAULTS_DURATION_MS_MAX 3600000u
#define SIM_FAULTS_BYTES_MAX ((uint64_t)1 << 40)

/* One group on its way: what the file says, where it stands, and what it becomes. */
struct sim_faults_group {
	struct sim_scenario_source *source;
	const struct sim_raw_fault *raw;
	const struct sim_fault_row *row;
	struct sim_fault_group *group;
	uint32_t number;
	char place[SIM_SCENARIO_PLACE_SIZE];
};

/* faults[N].KEY */
static const char *sim_faults_place(struct sim_faults_group *at, const char *key) {
	snprintf(at->place, sizeof at->place, "faults[%u].%s", at->number, key);
	return at->place;
}

/* faults[N].KEY[I] */
static const char *sim_faults_entry(struct sim_faults_group *at, const char *key, uint32_t i) {
	snprintf(at->place, sizeof at->place, "faults[%u].%s[%u]", at->number, key, i);
	return at->place;
}

static const char *sim_faults_hint(const char *word) {
	static const char *names[SIM_FAULT_KIND_COUNT + 1];
	size_t count = 0;
	for (int kind = 0; kind < SIM_FAULT_KIND_COUNT; kind++) {
		const struct sim_fault_row *row = sim_fault_row((enum sim_fault_kind)kind);
		if (row != NULL && row->name != NULL) {
			names[count++] = row->name;
		}
	}
	names[count] = NULL;
	return sim_suggest_near(word, names);
}

static bool sim_faults_check_kind(struct sim_faults_group *at) {
	at->group->kind = sim_fault_kind_of(at->raw->kind);
	at->row = sim_fault_row(at->group->kind);
	const char *near = at->row == NULL ? sim_faults_hint(at->raw->kind) : NULL;
	if (near != NULL) {
		return sim_scenario_refuse(at->source, sim_faults_place(at, "kind"),
		                           "unknown kind of fault %.80s; did you mean %s?", at->raw->kind, near);
	}
	if (at->row == NULL) {
		return sim_scenario_refuse(at->source, sim_faults_place(at, "kind"),
		                           "unknown kind of fault %.80s, expected one of `aftershock list faults`",
		                           at->raw->kind);
	}
	return true;
}

static bool sim_faults_check_methods(struct sim_faults_group *at) {
	for (uint32_t i = 0; i < at->raw->methods_count; i++) {
		enum vfs_method method = VFS_METHOD_NONE;
		const char *word = at->raw->methods[i];
		if (!sim_fault_method_of(word, &method) || method == VFS_METHOD_NONE) {
			return sim_scenario_refuse(at->source, sim_faults_entry(at, "methods", i),
			                           "unknown method %.80s, expected a VFS method such as xWrite", word);
		}
		if ((at->row->methods & (1u << method)) == 0) {
			return sim_scenario_refuse(at->source, sim_faults_entry(at, "methods", i),
			                           "%s cannot strike %s, expected %s", at->row->name, word,
			                           at->row->methods == 0 ? "no methods: it does not strike at a call"
			                                                 : "a method of `aftershock list faults`");
		}
		at->group->methods |= 1u << method;
	}
	return true;
}

static bool sim_faults_check_files(struct sim_faults_group *at) {
	for (uint32_t i = 0; i < at->raw->files_count; i++) {
		enum vfs_file_kind kind = VFS_FILE_NONE;
		const char *word = at->raw->files[i];
		if (!sim_fault_file_kind_of(word, &kind) || kind == VFS_FILE_NONE) {
			return sim_scenario_refuse(at->source, sim_faults_entry(at, "files", i),
			                           "unknown file %.80s, expected one such as db, journal, wal, shm",
			                           word);
		}
		if ((at->row->files & (1u << kind)) == 0) {
			return sim_scenario_refuse(at->source, sim_faults_entry(at, "files", i),
			                           "%s cannot strike %s, expected db, journal or wal", at->row->name,
			                           word);
		}
		at->group->files |= 1u << kind;
	}
	return true;
}

static bool sim_faults_check_effects(struct sim_faults_group *at) {
	for (uint32_t i = 0; i < at->raw->effects_count; i++) {
		enum vfs_effect effect = VFS_EFFECT_NONE;
		const char *word = at->raw->effects[i];
		if (!sim_fault_effect_of(word, &effect)) {
			return sim_scenario_refuse(at->source, sim_faults_entry(at, "effects", i),
			                           "unknown effect %.80s, expected before, partial or after", word);
		}
		if ((at->row->effects & (1u << effect)) == 0) {
			return sim_scenario_refuse(at->source, sim_faults_entry(at, "effects", i),
			                           "%s cannot have effect %s, expected %s", at->row->name, word,
			                           at->row->effects == 0 ? "no effects"
			                                                 : "an effect of `aftershock list faults`");
		}
		at->group->effects |= 1u << effect;
	}
	return true;
}

/* Whether some effect of `effects` fits this method. */
static bool sim_faults_method_fits(enum sim_fault_kind kind, uint32_t method, uint32_t effects) {
	assert(method < VFS_METHOD_COUNT);
	bool fits = false;
	for (uint32_t effect = VFS_EFFECT_NONE + 1; effect < VFS_EFFECT_COUNT; effect++) {
		fits = fits || ((effects & (1u << effect)) != 0 &&
		                sim_fault_effect_fits(kind, (enum vfs_method)method, (enum vfs_effect)effect));
	}
	return fits;
}

/* Whether some effect of `effects` fits some method of `methods`. */
static bool sim_faults_fits(enum sim_fault_kind kind, uint32_t methods, uint32_t effects) {
	bool fits = false;
	for (uint32_t method = VFS_METHOD_NONE + 1; method < VFS_METHOD_COUNT; method++) {
		fits = fits || ((methods & (1u << method)) != 0 && sim_faults_method_fits(kind, method, effects));
	}
	return fits;
}

/* Each method needs an effect that fits it, and each effect a method: otherwise the plan would have
 * to draw another one than the file says. */
static bool sim_faults_check_pairs(struct sim_faults_group *at) {
	const struct sim_fault_group *group = at->group;
	uint32_t methods = group->methods != 0 ? group->methods : at->row->methods;
	uint32_t effects = group->effects != 0 ? group->effects : at->row->effects;
	for (uint32_t i = 0; at->raw->effects_count > 0 && i < at->raw->methods_count; i++) {
		enum vfs_method method = VFS_METHOD_NONE;
		(void)sim_fault_method_of(at->raw->methods[i], &method);
		if (!sim_faults_fits(group->kind, 1u << method, effects)) {
			return sim_scenario_refuse(at->source, sim_faults_entry(at, "methods", i),
			                           "no effect listed fits %s at %s, expected one such as before",
			                           at->row->name, at->raw->methods[i]);
		}
	}
	for (uint32_t i = 0; i < at->raw->effects_count; i++) {
		enum vfs_effect effect = VFS_EFFECT_NONE;
		(void)sim_fault_effect_of(at->raw->effects[i], &effect);
		if (!sim_faults_fits(group->kind, methods, 1u << effect)) {
			return sim_scenario_refuse(
			        at->source, sim_faults_entry(at, "effects", i),
			        "%s fits no method listed for %s, expected a method that can have it",
			        at->raw->effects[i], at->row->name);
		}
	}
	return true;
}

/* Codes other than the usual one belong to methods, so these must be listed. */
static bool sim_faults_check_codes(struct sim_faults_group *at) {
	const struct sim_raw_fault *raw = at->raw;
	if (raw->codes_count > SIM_CHOICES_MAX || (raw->codes_count > 0 && !at->row->uses_code)) {
		return sim_scenario_refuse(at->source, sim_faults_place(at, "codes"), "%s with %u codes, expected %s",
		                           at->row->name, raw->codes_count,
		                           at->row->uses_code ? "at most 8" : "no such key");
	}
	for (uint32_t i = 0; i < raw->codes_count; i++) {
		int code = sim_fault_code_of(raw->codes[i]);
		if (code == 0) {
			return sim_scenario_refuse(at->source, sim_faults_entry(at, "codes", i),
			                           "unknown code %.80s, expected one such as SQLITE_IOERR_DIR_FSYNC",
			                           raw->codes[i]);
		}
		if ((sim_fault_code_methods(code) & at->group->methods) == 0) {
			return sim_scenario_refuse(
			        at->source, sim_faults_entry(at, "codes", i),
			        "%s cannot be given by the methods listed, expected a method that can", raw->codes[i]);
		}
		if ((code == SQLITE_IOERR_DIR_FSYNC || code == SQLITE_READONLY) && at->group->effects != 0 &&
		    (at->group->effects & (1u << VFS_EFFECT_AFTER)) == 0) {
			return sim_scenario_refuse(at->source, sim_faults_entry(at, "codes", i),
			                           "%s comes only after the effect, expected effect after",
			                           raw->codes[i]);
		}
		at->group->codes.values[at->group->codes.count++] = (uint64_t)code;
	}
	return true;
}

static bool sim_faults_check_during(struct sim_faults_group *at) {
	bool damage = at->row->place == SIM_PLACE_START;
	for (uint32_t i = 0; i < at->raw->during_count; i++) {
		const char *word = at->raw->during[i];
		bool restart = strcmp(word, "restart") == 0;
		if (!restart && strcmp(word, "step") != 0) {
			return sim_scenario_refuse(at->source, sim_faults_entry(at, "during", i),
			                           "unknown moment %.80s, expected step or restart", word);
		}
		if (damage && !restart) {
			return sim_scenario_refuse(at->source, sim_faults_entry(at, "during", i),
			                           "%s cannot strike during a step, expected during: [restart]",
			                           at->row->name);
		}
		at->group->moments |= 1u << (restart ? SIM_MOMENT_RESTART : SIM_MOMENT_STEP);
	}
	if (at->group->moments == 0) {
		at->group->moments = 1u << (damage ? SIM_MOMENT_RESTART : SIM_MOMENT_STEP);
	}
	return true;
}

/* One word of `phase`, which may be joined of several by "+". */
static bool sim_faults_check_phase_word(struct sim_faults_group *at, const char *word) {
	enum vfs_phase phase = VFS_PHASE_NONE;
	if (!sim_fault_phase_of(word, &phase)) {
		return sim_scenario_refuse(at->source, sim_faults_place(at, "phase"),
		                           "unknown phase %.80s, expected one of `aftershock list phases`", word);
	}
	if (!sim_fault_phase_fits(at->group->kind, phase, 0, 0)) {
		return sim_scenario_refuse(at->source, sim_faults_place(at, "phase"),
		                           "%s cannot strike in %s, expected a phase with one of its methods",
		                           at->row->name, word);
	}
	at->group->phases |= UINT64_C(1) << phase;
	return true;
}

/* A phase says at which methods and files a fault strikes, so nothing else may. */
static bool sim_faults_check_phase(struct sim_faults_group *at) {
	char words[SIM_SCENARIO_TEXT_SIZE];
	const struct sim_raw_fault *raw = at->raw;
	char *rest = NULL;
	at->group->by_number = raw->phase != NULL && strcmp(raw->phase, "any") == 0;
	if (raw->phase == NULL || at->group->by_number) {
		return true;
	}
	if (raw->methods_count > 0 || raw->files_count > 0 || raw->codes_count > 0) {
		return sim_scenario_refuse(at->source, sim_faults_place(at, "phase"),
		                           "a phase beside methods, files or codes, expected one or the other");
	}
	if ((size_t)snprintf(words, sizeof words, "%s", raw->phase) >= sizeof words) {
		return sim_scenario_refuse(at->source, sim_faults_place(at, "phase"),
		                           "%zu characters of phases, expected fewer", strlen(raw->phase));
	}
	at->group->has_operations = raw->operations != NULL;
	bool fits = words[0] != '\0' || sim_faults_check_phase_word(at, words);
	for (char *word = strtok_r(words, "+", &rest); fits && word != NULL; word = strtok_r(NULL, "+", &rest)) {
		fits = sim_faults_check_phase_word(at, word);
	}
	return fits;
}

static bool sim_faults_check_aim(struct sim_faults_group *at) {
	const char *word = at->raw->aim;
	if (word == NULL || strcmp(word, "anywhere") == 0) {
		return true;
	}
	if (strcmp(word, "rows") != 0) {
		return sim_scenario_refuse(at->source, sim_faults_place(at, "aim"),
		                           "unknown aim %.80s, expected anywhere or rows", word);
	}
	if (!sim_fault_can_aim(at->group->kind)) {
		return sim_scenario_refuse(at->source, sim_faults_place(at, "aim"),
		                           "%s cannot aim at rows, expected bit_flip or zero", at->row->name);
	}
	if (at->group->files != 0 && at->group->files != 1u << VFS_FILE_DB) {
		return sim_scenario_refuse(at->source, sim_faults_place(at, "aim"),
		                           "rows of other files than the database, expected files: [db]");
	}
	at->group->files = 1u << VFS_FILE_DB;
	at->group->aim = SIM_AIM_ROWS;
	return true;
}

/* Files that only WAL mode has, in a scenario without it: the fault could never strike. */
static bool sim_faults_check_possible(struct sim_faults_group *at, const struct sim_scenario *scenario) {
	const uint32_t wal_only = 1u << VFS_FILE_WAL | 1u << VFS_FILE_SHM;
	bool wal = false;
	for (uint32_t i = 0; i < scenario->settings[SIM_SETTING(journal_mode)].count; i++) {
		wal = wal || scenario->settings[SIM_SETTING(journal_mode)].values[i] == SIM_JOURNAL_WAL;
	}
	const struct sim_choices *others = &scenario->settings[SIM_SETTING(other_journal_mode)];
	for (uint32_t i = 0; i < others->count; i++) {
		wal = wal || others->values[i] == SIM_JOURNAL_WAL;
	}
	if (!wal && at->group->files != 0 && (at->group->files & ~wal_only) == 0) {
		return sim_scenario_refuse(
		        at->source, sim_faults_place(at, "files"),
		        "%s strikes only files of journal mode wal, expected wal in settings.journal_mode",
		        at->row->name);
	}
	return true;
}

static bool sim_faults_check_ranges(struct sim_faults_group *at) {
	const struct sim_raw_fault *raw = at->raw;
	struct sim_fault_group *group = at->group;
	const struct {
		const char *key;
		const struct sim_range *raw;
		struct sim_range *range;
		struct sim_scenario_limits limits;
		bool used;
	} rows[] = {
	        {"count", raw->count, &group->count, {0, SIM_PLAN_FAULTS_MAX}, true},
	        {"operations",
	         raw->operations,
	         &group->operations,
	         {1, SIM_FAULTS_OPERATIONS_MAX},
	         at->row->place != SIM_PLACE_START},
	        {"occurrences",
	         raw->occurrences,
	         &group->occurrences,
	         {1, SIM_FAULTS_OPERATIONS_MAX},
	         group->phases != 0},
	        {"times", raw->times, &group->times, {1, SIM_FAULTS_OPERATIONS_MAX}, at->row->uses_times},
	        {"duration_ms",
	         raw->duration_ms,
	         &group->duration_ms,
	         {0, SIM_FAULTS_DURATION_MS_MAX},
	         at->row->uses_duration},
	        {"bytes", raw->bytes, &group->bytes, {0, SIM_FAULTS_BYTES_MAX}, group->kind == SIM_FAULT_CAPACITY},
	};
	if (at->row->place == SIM_PLACE_COPY) {
		group->operations = (struct sim_range){.min = 1, .max = SIM_FAULTS_COPY_STARTS};
	}
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *place = sim_faults_place(at, rows[i].key);
		if (rows[i].raw != NULL && !rows[i].used) {
			return sim_scenario_refuse(at->source, place, "%s does not use %s, expected no such key",
			                           at->row->name, rows[i].key);
		}
		if (!sim_scenario_value_range(at->source, place, rows[i].raw, &rows[i].limits, rows[i].range)) {
			return false;
		}
	}
	return sim_scenario_value_percent(at->source, sim_faults_place(at, "chance"), raw->chance,
	                                  &group->chance_percent);
}

/* Only who knows the history of the book can tell that it is another one. */
static bool sim_faults_check_other_book(struct sim_faults_group *at, const struct sim_scenario *scenario) {
	const struct sim_choices *choices = &scenario->settings[SIM_SETTING(vouches)];
	bool is_vouched = at->group->kind != SIM_FAULT_OTHER_BOOK;
	for (uint32_t i = 0; i < choices->count; i++) {
		is_vouched = is_vouched || choices->values[i] != 0;
	}
	return is_vouched || sim_scenario_refuse(at->source, sim_faults_place(at, "kind"),
	                                         "other_book where nobody vouches, expected settings.vouches: on");
}

static bool sim_faults_check_group(struct sim_faults_group *at, const struct sim_scenario *scenario) {
	*at->group = (struct sim_fault_group){.chance_percent = 100,
	                                      .count = {.min = 1, .max = 1},
	                                      .operations = {.min = 1, .max = 20},
	                                      .occurrences = {.min = 1, .max = 3},
	                                      .times = {.min = 1, .max = 1},
	                                      .duration_ms = {.min = 1, .max = 1}};
	snprintf(at->place, sizeof at->place, "faults[%u]", at->number);
	at->group->line = sim_scenario_source_line(at->source, at->place);
	return sim_faults_check_kind(at) && sim_faults_check_methods(at) && sim_faults_check_files(at) &&
	       sim_faults_check_effects(at) && sim_faults_check_pairs(at) && sim_faults_check_codes(at) &&
	       sim_faults_check_during(at) && sim_faults_check_phase(at) && sim_faults_check_aim(at) &&
	       sim_faults_check_ranges(at) && sim_faults_check_possible(at, scenario) &&
	       sim_faults_check_other_book(at, scenario);
}

bool sim_scenario_check_faults(struct sim_scenario_source *source, const struct sim_raw_scenario *raw,
                               struct sim_scenario *scenario) {
	if (raw->faults_count > SIM_FAULT_GROUPS_MAX) {
		return sim_scenario_refuse(source, "faults", "%u groups of faults, expected at most %d",
		                           raw->faults_count, SIM_FAULT_GROUPS_MAX);
	}
	for (uint32_t i = 0; i < raw->faults_count; i++) {
		struct sim_faults_group at = {
		        .source = source, .raw = &raw->faults[i], .group = &scenario->fault_groups[i], .number = i};
		if (!sim_faults_check_group(&at, scenario)) {
			return false;
		}
	}
	scenario->fault_group_count = raw->faults_count;
	return true;
}
