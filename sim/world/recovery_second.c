/* sim/world/recovery_second.c: see recovery_second.h. */
#include "recovery_second.h"

#include "second.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What one of the two SQLites has made of a database. */
struct sim_recovery_side {
	struct sim_second_answer answer;
	struct sim_second_bytes database;
};

/* One database. */
struct sim_recovery_pair {
	struct sim_recovery_second *about;
	const char *path;
	const char *version; /* of the second one */
	struct sim_recovery_side *tested;
	struct sim_recovery_side *second;
};

static void sim_recovery_differ(const struct sim_recovery_pair *pair, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* The first one stays. */
static void sim_recovery_differ(const struct sim_recovery_pair *pair, const char *format, ...) {
	char text[SIM_RECOVERY_TEXT_SIZE - 100];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (pair->about->text[0] == '\0') {
		snprintf(pair->about->text, sizeof pair->about->text, "%.80s: %s", pair->path, text);
	}
}

/* ---- what they come to ----------------------------------------------------------------------- */

static bool sim_recovery_refuses(int code) {
	code &= 0xff;
	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_CANTOPEN;
}

/* "recovers it", "refuses it (26: file is not a database)". */
static void sim_recovery_describe(const struct sim_second_answer *answer, char text[120]) {
	if (answer->code == SQLITE_OK) {
		snprintf(text, 120, "recovers it");
	} else {
		snprintf(text, 120, "%s (%d: %.60s)", sim_recovery_refuses(answer->code) ? "refuses it" : "fails",
		         (int)answer->code, answer->text);
	}
}

static bool sim_recovery_compare_outcomes(const struct sim_recovery_pair *pair) {
	char tested[120];
	char second[120];
	const struct sim_second_answer *one = &pair->tested->answer;
	const struct sim_second_answer *other = &pair->second->answer;
	bool same = (one->code == SQLITE_OK) == (other->code == SQLITE_OK) &&
	            sim_recovery_refuses(one->code) == sim_recovery_refuses(other->code);
	if (!same) {
		sim_recovery_describe(one, tested);
		sim_recovery_describe(other, second);
		sim_recovery_differ(pair, "SQLite %s %s, and %s %s", sqlite3_libversion(), tested, pair->version,
		                    second);
	}
	return same;
}

static uint32_t sim_recovery_page_size(const struct sim_second_bytes *database) {
	uint32_t size = database->size >= 18 ? (uint32_t)database->bytes[16] << 8 | database->bytes[17] : 0;
	return size == 1 ? 65536 : size >= 512 ? size : 512;
}

static bool sim_recovery_compare_files(const struct sim_recovery_pair *pair) {
	const struct sim_second_bytes *one = &pair->tested->database;
	const struct sim_second_bytes *other = &pair->second->database;
	uint32_t page_size = sim_recovery_page_size(one);
	size_t at = 0;
	while (at < one->size && at < other->size && one->bytes[at] == other->bytes[at]) {
		at++;
	}
	if (one->size == other->size && at == one->size) {
		return true;
	}
	if (at < one->size && at < other->size) {
		sim_recovery_differ(pair,
		                    "page %zu of %zu differs from byte %zu on: SQLite %s recovers it to 0x%02x, and %s "
		                    "to 0x%02x",
		                    at / page_size + 1, one->size / page_size, at % page_size, sqlite3_libversion(),
		                    one->bytes[at], pair->version, other->bytes[at]);
	} else {
		sim_recovery_differ(pair, "SQLite %s recovers it to %zu bytes, and %s to %zu", sqlite3_libversion(),
		                    one->size, pair->version, other->size);
	}
	return false;
}

/* SQL that one of them does not know: a module, or a function. */
static bool sim_recovery_is_unknown(const struct sim_second_answer *answer) {
	return (answer->content_code & 0xff) == SQLITE_ERROR;
}

static const char *sim_recovery_finding(const struct sim_second_answer *answer) {
	return answer->is_sound && answer->content_code == SQLITE_OK ? "ok" : answer->text;
}

/* Pages are the same. */
static void sim_recovery_compare_contents(const struct sim_recovery_pair *pair) {
	const struct sim_second_answer *one = &pair->tested->answer;
	const struct sim_second_answer *other = &pair->second->answer;
	bool is_good = one->is_sound && one->content_code == SQLITE_OK;
	bool other_is_good = other->is_sound && other->content_code == SQLITE_OK;
	if (sim_recovery_is_unknown(one) || sim_recovery_is_unknown(other)) {
		pair->about->pages_alone = true;
	} else if (is_good != other_is_good && pair->about->may_be_damaged) {
		pair->about->one_noticed = true;
	} else if (is_good != other_is_good) {
		sim_recovery_differ(pair, "of the same pages SQLite %s says: %.80s; and %s: %.80s",
		                    sqlite3_libversion(), sim_recovery_finding(one), pair->version,
		                    sim_recovery_finding(other));
	} else if (is_good && memcmp(one->rows, other->rows, sizeof one->rows) != 0) {
		sim_recovery_differ(pair, "SQLite %s and %s read other rows from the same pages", sqlite3_libversion(),
		                    pair->version);
	}
}

/* ---- an image -------------------------------------------------------------------------------- */

/* False when out of memory. */
static bool sim_recovery_ask_pair(const struct sim_recovery_pair *pair, const struct sim_second_bytes *image) {
	switch (sim_second_ask(pair->about->second, image, pair->path, &pair->second->answer,
	                       &pair->second->database)) {
	case SIM_SECOND_CRASHED:
		sim_recovery_differ(pair, "SQLite %s crashes in the recovery of it", pair->version);
		return true;
	case SIM_SECOND_HUNG:
		sim_recovery_differ(pair, "SQLite %s does not end with the recovery of it", pair->version);
		return true;
	case SIM_SECOND_FAILED:
		return false;
	case SIM_SECOND_ANSWERED:
		break;
	}
	if (sim_recovery_compare_outcomes(pair) && sim_recovery_compare_files(pair)) {
		sim_recovery_compare_contents(pair);
	}
	return true;
}

void sim_recovery_second_compare(struct sim_recovery_second *about, struct vfs_disk *disk,
                                 char (*names)[VFS_PATH_MAX + 1], uint32_t count) {
	static struct sim_second_bytes image;
	static struct sim_recovery_side tested;
	static struct sim_recovery_side second;
	bool fits = sim_second_image_pack(disk, &image);
	for (uint32_t i = 0; i < count && fits; i++) {
		const struct sim_recovery_pair pair = {.about = about,
		                                       .path = names[i],
		                                       .version = sim_second_identity(about->second)->version,
		                                       .tested = &tested,
		                                       .second = &second};
		fits = sim_second_look(&image, names[i], &tested.answer, &tested.database) &&
		       sim_recovery_ask_pair(&pair, &image);
	}
	about->out_of_memory = !fits;
}
