/* sim/fault.c: the table of faults and the sentence that prints and parses one. Everything that is said about a fault
 * anywhere (parser, printer, `list faults`, scenario checks) is read from sim_fault_rows.
 */
#include "fault.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METHOD(name) (1u << VFS_METHOD_##name)
#define FILE_KIND(name) (1u << VFS_FILE_##name)
#define EFFECT(name) (1u << VFS_EFFECT_##name)

/* Every method but the ones that only compute; a crash can strike at each of them. */
#define METHODS_ANY ((1u << VFS_METHOD_COUNT) - 2u)
/* FAULTS.md section 1: the methods whose failure SQLite knows how to report. */
#define METHODS_FALLIBLE                                                                                               \
	(METHOD(OPEN) | METHOD(DELETE) | METHOD(ACCESS) | METHOD(READ) | METHOD(WRITE) | METHOD(TRUNCATE) |            \
	 METHOD(SYNC) | METHOD(FILE_SIZE) | METHOD(LOCK) | METHOD(UNLOCK) | METHOD(CHECK_RESERVED_LOCK) |              \
	 METHOD(SHM_MAP) | METHOD(SHM_LOCK))
#define METHODS_LATENCY (METHOD(OPEN) | METHOD(DELETE) | METHOD(READ) | METHOD(WRITE) | METHOD(TRUNCATE) | METHOD(SYNC))
#define FILES_ANY ((1u << VFS_FILE_COUNT) - 2u)
#define FILES_STORED (FILE_KIND(DB) | FILE_KIND(JOURNAL) | FILE_KIND(WAL))
#define EFFECTS_ALL (EFFECT(BEFORE) | EFFECT(PARTIAL) | EFFECT(AFTER))

static const struct sim_fault_row sim_fault_rows[SIM_FAULT_KIND_COUNT] = {
        [SIM_FAULT_KILL] = {SIM_FAULT_KILL, "kill", METHODS_ANY, FILES_ANY, EFFECTS_ALL, false, false, true, false,
                            true, "the process dies at the operation; the page cache lives on"},
        [SIM_FAULT_POWER_LOSS] = {SIM_FAULT_POWER_LOSS, "power_loss", METHODS_ANY, FILES_ANY, EFFECTS_ALL, false, false,
                                  true, false, true,
                                  "the machine loses power; unsynced writes survive in any legal part"},
        [SIM_FAULT_IO_ERROR] = {SIM_FAULT_IO_ERROR, "io_error", METHODS_FALLIBLE, FILES_ANY, EFFECTS_ALL, true, false,
                                true, false, true,
                                "the operation returns its own error, before, in the middle of, or after its effect"},
        [SIM_FAULT_DISK_FULL] = {SIM_FAULT_DISK_FULL, "disk_full", METHOD(WRITE) | METHOD(SYNC), FILES_ANY,
                                 EFFECT(BEFORE) | EFFECT(PARTIAL), true, false, true, false, true,
                                 "a write or sync returns SQLITE_FULL"},
        [SIM_FAULT_CAPACITY] = {SIM_FAULT_CAPACITY, "capacity", METHODS_ANY, FILES_ANY, 0, false, true, true, false,
                                true, "the disk has that many bytes left, for a stretch of virtual time"},
        [SIM_FAULT_BUSY] = {SIM_FAULT_BUSY, "busy", METHOD(LOCK) | METHOD(SHM_LOCK), FILES_ANY, EFFECT(BEFORE), true,
                            false, false, false, true, "a lock is refused as if somebody else held it"},
        [SIM_FAULT_LOCK_HELD] = {SIM_FAULT_LOCK_HELD, "lock_held", METHODS_ANY, FILES_ANY, 0, false, true, false, false,
                                 true, "another process takes the write lock for a stretch of virtual time"},
        [SIM_FAULT_LATENCY] = {SIM_FAULT_LATENCY, "latency", METHODS_LATENCY, FILES_ANY, 0, true, true, false, false,
                               true, "the operation takes that much longer"},
        [SIM_FAULT_BIT_FLIP] = {SIM_FAULT_BIT_FLIP, "bit_flip", 0, FILES_STORED, 0, false, false, true, true, false,
                                "bits of one byte on the medium change while no process runs"},
        [SIM_FAULT_ZERO] = {SIM_FAULT_ZERO, "zero", 0, FILES_STORED, 0, false, false, true, false, false,
                            "one sector on the medium turns to zeros while no process runs"},
        [SIM_FAULT_CUT] = {SIM_FAULT_CUT, "cut", 0, FILES_STORED, 0, false, false, true, false, false,
                           "the file loses its end while no process runs"},
};

const struct sim_fault_row *sim_fault_row(enum sim_fault_kind kind) {
	return kind > SIM_FAULT_NONE && kind < SIM_FAULT_KIND_COUNT ? &sim_fault_rows[kind] : NULL;
}

enum sim_fault_kind sim_fault_kind_of(const char *name) {
	for (int kind = SIM_FAULT_NONE + 1; kind < SIM_FAULT_KIND_COUNT; kind++) {
		if (strcmp(sim_fault_rows[kind].name, name) == 0) {
			return (enum sim_fault_kind)kind;
		}
	}
	return SIM_FAULT_NONE;
}

bool sim_fault_can_aim(enum sim_fault_kind kind) {
	return kind == SIM_FAULT_BIT_FLIP || kind == SIM_FAULT_ZERO;
}

static bool sim_fault_is_crash(enum sim_fault_kind kind) {
	return kind == SIM_FAULT_KILL || kind == SIM_FAULT_POWER_LOSS;
}

/* FAULTS.md section 1, column "effect when it fails". */
static bool sim_fault_error_fits(enum vfs_method method, enum vfs_effect effect) {
	const uint32_t before_only = METHOD(ACCESS) | METHOD(READ) | METHOD(FILE_SIZE) | METHOD(CHECK_RESERVED_LOCK) |
	                             METHOD(LOCK) | METHOD(SHM_LOCK);
	if (effect == VFS_EFFECT_BEFORE) {
		return true;
	}
	if (effect == VFS_EFFECT_PARTIAL) {
		return method == VFS_METHOD_WRITE || method == VFS_METHOD_SYNC;
	}
	return ((1u << method) & before_only) == 0;
}

bool sim_fault_effect_fits(enum sim_fault_kind kind, enum vfs_method method, enum vfs_effect effect) {
	const struct sim_fault_row *row = sim_fault_row(kind);
	if (row == NULL || (row->effects & (1u << effect)) == 0 || (row->methods & (1u << method)) == 0) {
		return false;
	}
	if (effect == VFS_EFFECT_PARTIAL && method != VFS_METHOD_WRITE && method != VFS_METHOD_SYNC) {
		return false;
	}
	if (kind == SIM_FAULT_DISK_FULL && effect == VFS_EFFECT_PARTIAL) {
		return method == VFS_METHOD_WRITE;
	}
	return sim_fault_is_crash(kind) || sim_fault_error_fits(method, effect);
}

static int sim_fault_io_code(enum vfs_method method) {
	static const int codes[VFS_METHOD_COUNT] = {
	        [VFS_METHOD_OPEN] = SQLITE_CANTOPEN,
	        [VFS_METHOD_DELETE] = SQLITE_IOERR_DELETE,
	        [VFS_METHOD_ACCESS] = SQLITE_IOERR_ACCESS,
	        [VFS_METHOD_READ] = SQLITE_IOERR_READ,
	        [VFS_METHOD_WRITE] = SQLITE_IOERR_WRITE,
	        [VFS_METHOD_TRUNCATE] = SQLITE_IOERR_TRUNCATE,
	        [VFS_METHOD_SYNC] = SQLITE_IOERR_FSYNC,
	        [VFS_METHOD_FILE_SIZE] = SQLITE_IOERR_FSTAT,
	        [VFS_METHOD_LOCK] = SQLITE_IOERR_LOCK,
	        [VFS_METHOD_UNLOCK] = SQLITE_IOERR_UNLOCK,
	        [VFS_METHOD_CHECK_RESERVED_LOCK] = SQLITE_IOERR_CHECKRESERVEDLOCK,
	        [VFS_METHOD_SHM_MAP] = SQLITE_IOERR_SHMMAP,
	        [VFS_METHOD_SHM_LOCK] = SQLITE_IOERR_SHMLOCK,
	};
	return codes[method] != 0 ? codes[method] : SQLITE_IOERR;
}

int sim_fault_code(enum sim_fault_kind kind, enum vfs_method method) {
	switch (kind) {
	case SIM_FAULT_IO_ERROR:
		return sim_fault_io_code(method);
	case SIM_FAULT_DISK_FULL:
		return SQLITE_FULL;
	case SIM_FAULT_BUSY:
		return SQLITE_BUSY;
	case SIM_FAULT_KILL:
	case SIM_FAULT_POWER_LOSS:
		return SQLITE_IOERR;
	case SIM_FAULT_NONE:
	case SIM_FAULT_CAPACITY:
	case SIM_FAULT_LOCK_HELD:
	case SIM_FAULT_LATENCY:
	case SIM_FAULT_BIT_FLIP:
	case SIM_FAULT_ZERO:
	case SIM_FAULT_CUT:
	case SIM_FAULT_KIND_COUNT:
		break;
	}
	return SQLITE_OK;
}

static bool sim_fault_refuse(char *why, size_t why_size, const char *what, const char *name) {
	snprintf(why, why_size, "%s %s", what, name);
	return false;
}

static bool sim_fault_check_words(const struct sim_fault *fault, const struct sim_fault_row *row, char *why,
                                  size_t why_size) {
	if (fault->times == 0 || (!row->uses_times && fault->times != 1)) {
		return sim_fault_refuse(why, why_size, "this number of times cannot be for", row->name);
	}
	if (!row->uses_duration && fault->duration_ns != 0) {
		return sim_fault_refuse(why, why_size, "a duration cannot be for", row->name);
	}
	if ((!row->uses_bytes && fault->bytes != 0) || (fault->bytes > 65536 && fault->kind != SIM_FAULT_CAPACITY)) {
		return sim_fault_refuse(why, why_size, "these bytes cannot be for", row->name);
	}
	if (fault->aim != SIM_AIM_ANYWHERE && (!sim_fault_can_aim(fault->kind) || fault->file_kind != VFS_FILE_DB)) {
		return sim_fault_refuse(why, why_size, "this aim or file cannot be for", row->name);
	}
	if (row->uses_mask ? fault->mask == 0 || fault->mask > 255 : fault->mask != 0) {
		return sim_fault_refuse(why, why_size, "this mask cannot be for", row->name);
	}
	return true;
}

bool sim_fault_check(const struct sim_fault *fault, char *why, size_t why_size) {
	const struct sim_fault_row *row = sim_fault_row(fault->kind);
	if (row == NULL) {
		return sim_fault_refuse(why, why_size, "no such kind of fault", "");
	}
	if (fault->method != VFS_METHOD_NONE && (row->methods & (1u << fault->method)) == 0) {
		return sim_fault_refuse(why, why_size, "this method cannot be struck by", row->name);
	}
	if (fault->file_kind != VFS_FILE_NONE && (row->files & (1u << fault->file_kind)) == 0) {
		return sim_fault_refuse(why, why_size, "this file cannot be struck by", row->name);
	}
	if (row->methods == 0 && (fault->moment != SIM_MOMENT_RESTART || fault->file_kind == VFS_FILE_NONE)) {
		return sim_fault_refuse(why, why_size, "a file and a restart are needed by", row->name);
	}
	if (row->effects == 0 ? fault->effect != VFS_EFFECT_NONE : fault->effect == VFS_EFFECT_NONE) {
		return sim_fault_refuse(why, why_size, "this effect cannot be had by", row->name);
	}
	if (row->effects != 0 && fault->method != VFS_METHOD_NONE &&
	    !sim_fault_effect_fits(fault->kind, fault->method, fault->effect)) {
		return sim_fault_refuse(why, why_size, "this effect does not fit the method of", row->name);
	}
	if (fault->moment <= SIM_MOMENT_NONE || fault->moment >= SIM_MOMENT_COUNT || fault->operation == 0) {
		return sim_fault_refuse(why, why_size, "no moment, or operation 0, in", row->name);
	}
	return sim_fault_check_words(fault, row, why, why_size);
}

void sim_fault_print(const struct sim_fault *fault, char text[SIM_FAULT_TEXT_SIZE]) {
	const struct sim_fault_row *row = sim_fault_row(fault->kind);
	size_t used = 0;
	assert(row != NULL);
	used += (size_t)snprintf(text, SIM_FAULT_TEXT_SIZE, "%s %s %s at %s %u operation %u", row->name,
	                         fault->method == VFS_METHOD_NONE ? "any" : vfs_method_name(fault->method),
	                         fault->file_kind == VFS_FILE_NONE ? "any" : vfs_file_kind_name(fault->file_kind),
	                         fault->moment == SIM_MOMENT_STEP ? "step" : "restart", fault->moment_number,
	                         fault->operation);
	if (row->effects != 0) {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " effect %s",
		                         vfs_effect_name(fault->effect));
	}
	if (row->uses_bytes) {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " bytes %llu",
		                         (unsigned long long)fault->bytes);
	}
	if (row->uses_times) {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " times %u", fault->times);
	}
	if (row->uses_duration) {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " for %llu ns",
		                         (unsigned long long)fault->duration_ns);
	}
	if (row->uses_mask) {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " mask %u", fault->mask);
	}
	if (fault->aim == SIM_AIM_ROWS) {
		used += (size_t)snprintf(text + used, SIM_FAULT_TEXT_SIZE - used, " aim rows");
	}
	assert(used < SIM_FAULT_TEXT_SIZE);
}

/* ---- parsing --------------------------------------------------------------------------------------------------------- */

struct sim_fault_words {
	char text[SIM_FAULT_TEXT_SIZE];
	char *next;
};

static const char *sim_fault_word(struct sim_fault_words *words) {
	char *word = words->next;
	while (*word == ' ') {
		word++;
	}
	if (*word == '\0') {
		words->next = word;
		return NULL;
	}
	char *end = word + strcspn(word, " ");
	words->next = *end == '\0' ? end : end + 1;
	*end = '\0';
	return word;
}

static bool sim_fault_number(struct sim_fault_words *words, uint64_t max, uint64_t *number) {
	const char *word = sim_fault_word(words);
	char *end = NULL;
	if (word == NULL || word[0] < '0' || word[0] > '9') {
		return false;
	}
	errno = 0;
	*number = strtoull(word, &end, 10);
	return errno == 0 && *end == '\0' && *number <= max;
}

bool sim_fault_method_of(const char *name, enum vfs_method *method) {
	*method = VFS_METHOD_NONE;
	if (strcmp(name, "any") == 0) {
		return true;
	}
	for (int candidate = VFS_METHOD_NONE + 1; candidate < VFS_METHOD_COUNT; candidate++) {
		if (strcmp(vfs_method_name((enum vfs_method)candidate), name) == 0) {
			*method = (enum vfs_method)candidate;
			return true;
		}
	}
	return false;
}

bool sim_fault_file_kind_of(const char *name, enum vfs_file_kind *kind) {
	*kind = VFS_FILE_NONE;
	if (strcmp(name, "any") == 0) {
		return true;
	}
	for (int candidate = VFS_FILE_NONE + 1; candidate < VFS_FILE_COUNT; candidate++) {
		if (strcmp(vfs_file_kind_name((enum vfs_file_kind)candidate), name) == 0) {
			*kind = (enum vfs_file_kind)candidate;
			return true;
		}
	}
	return false;
}

bool sim_fault_effect_of(const char *name, enum vfs_effect *effect) {
	*effect = VFS_EFFECT_NONE;
	for (int candidate = VFS_EFFECT_NONE + 1; candidate < VFS_EFFECT_COUNT; candidate++) {
		if (strcmp(vfs_effect_name((enum vfs_effect)candidate), name) == 0) {
			*effect = (enum vfs_effect)candidate;
			return true;
		}
	}
	return false;
}

static bool sim_fault_parse_where(struct sim_fault_words *words, struct sim_fault *fault) {
	const char *kind = sim_fault_word(words);
	const char *method = sim_fault_word(words);
	const char *file = sim_fault_word(words);
	if (kind == NULL || method == NULL || file == NULL) {
		return false;
	}
	fault->kind = sim_fault_kind_of(kind);
	return fault->kind != SIM_FAULT_NONE && sim_fault_method_of(method, &fault->method) &&
	       sim_fault_file_kind_of(file, &fault->file_kind);
}

static bool sim_fault_parse_when(struct sim_fault_words *words, struct sim_fault *fault) {
	uint64_t moment_number = 0;
	uint64_t operation = 0;
	const char *at = sim_fault_word(words);
	const char *moment = sim_fault_word(words);
	if (at == NULL || strcmp(at, "at") != 0 || moment == NULL ||
	    !sim_fault_number(words, UINT32_MAX, &moment_number)) {
		return false;
	}
	const char *word = sim_fault_word(words);
	if (word == NULL || strcmp(word, "operation") != 0 || !sim_fault_number(words, UINT32_MAX, &operation)) {
		return false;
	}
	fault->moment = strcmp(moment, "step") == 0      ? SIM_MOMENT_STEP
	                : strcmp(moment, "restart") == 0 ? SIM_MOMENT_RESTART
	                                                 : SIM_MOMENT_NONE;
	fault->moment_number = (uint32_t)moment_number;
	fault->operation = (uint32_t)operation;
	return fault->moment != SIM_MOMENT_NONE;
}

static bool sim_fault_parse_option(struct sim_fault_words *words, const char *word, struct sim_fault *fault) {
	uint64_t number = 0;
	if (strcmp(word, "effect") == 0) {
		const char *effect = sim_fault_word(words);
		return effect != NULL && sim_fault_effect_of(effect, &fault->effect);
	}
	if (strcmp(word, "bytes") == 0) {
		return sim_fault_number(words, UINT64_MAX, &fault->bytes);
	}
	if (strcmp(word, "times") == 0 && sim_fault_number(words, UINT32_MAX, &number)) {
		fault->times = (uint32_t)number;
		return true;
	}
	if (strcmp(word, "mask") == 0 && sim_fault_number(words, 255, &number)) {
		fault->mask = (uint32_t)number;
		return true;
	}
	if (strcmp(word, "aim") == 0) {
		const char *aim = sim_fault_word(words);
		fault->aim = SIM_AIM_ROWS;
		return aim != NULL && strcmp(aim, "rows") == 0;
	}
	if (strcmp(word, "for") == 0 && sim_fault_number(words, UINT64_MAX, &fault->duration_ns)) {
		const char *unit = sim_fault_word(words);
		return unit != NULL && strcmp(unit, "ns") == 0;
	}
	return false;
}

bool sim_fault_parse(const char *text, struct sim_fault *fault, char *why, size_t why_size) {
	struct sim_fault_words words = {0};
	const char *word = NULL;
	*fault = (struct sim_fault){.times = 1};
	if (strlen(text) >= sizeof words.text) {
		return sim_fault_refuse(why, why_size, "too long for a fault:", "");
	}
	memcpy(words.text, text, strlen(text) + 1);
	words.next = words.text;
	if (!sim_fault_parse_where(&words, fault)) {
		return sim_fault_refuse(why, why_size, "expected KIND METHOD FILE at the beginning of", text);
	}
	if (!sim_fault_parse_when(&words, fault)) {
		return sim_fault_refuse(why, why_size, "expected `at step|restart N operation N` in", text);
	}
	while ((word = sim_fault_word(&words)) != NULL) {
		if (!sim_fault_parse_option(&words, word, fault)) {
			return sim_fault_refuse(why, why_size, "unknown or incomplete word:", word);
		}
	}
	return sim_fault_check(fault, why, why_size);
}
