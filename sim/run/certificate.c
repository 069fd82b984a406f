/* sim/run/certificate.c: see certificate.h. */
#include "certificate.h"

#include "second.h"
#include "trace.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SIM_CERTIFICATE_FIRST_LINE "aftershock_certificate"
#define SIM_CERTIFICATE_VERSION "1"
#define SIM_CERTIFICATE_COLUMN 28
/* "name  value\n", and the blanks between them. */
#define SIM_CERTIFICATE_TEXT_SIZE (SIM_CERTIFICATE_NAME_SIZE + SIM_CERTIFICATE_VALUE_SIZE + SIM_CERTIFICATE_COLUMN)
#define SIM_CERTIFICATE_PATH_SIZE 1040
#define SIM_CERTIFICATE_IMAGES_MAX (UINT64_C(1) << 28)

/* ---- rows ------------------------------------------------------------------------------------ */

void sim_certificate_begin(struct sim_certificate *certificate) {
	certificate->count = 0;
	sim_certificate_add(certificate, SIM_CERTIFICATE_FIRST_LINE, SIM_CERTIFICATE_VERSION);
}

void sim_certificate_add(struct sim_certificate *certificate, const char *name, const char *format, ...) {
	va_list arguments;
	assert(certificate->count < SIM_CERTIFICATE_ROWS_MAX && strlen(name) < SIM_CERTIFICATE_NAME_SIZE);
	snprintf(certificate->rows[certificate->count].name, SIM_CERTIFICATE_NAME_SIZE, "%s", name);
	va_start(arguments, format);
	vsnprintf(certificate->rows[certificate->count].value, SIM_CERTIFICATE_VALUE_SIZE, format, arguments);
	va_end(arguments);
	/* A text of the subject's own may have line ends. */
	for (char *at = certificate->rows[certificate->count].value; *at != '\0'; at++) {
		*at = (unsigned char)*at < ' ' ? ' ' : *at;
	}
	certificate->count++;
}

uint32_t sim_certificate_line(const struct sim_certificate *certificate, const char *name) {
	for (uint32_t i = 0; i < certificate->count; i++) {
		if (strcmp(certificate->rows[i].name, name) == 0) {
			return i + 1;
		}
	}
	return 0;
}

const char *sim_certificate_value(const struct sim_certificate *certificate, const char *name) {
	uint32_t line = sim_certificate_line(certificate, name);
	return line > 0 ? certificate->rows[line - 1].value : NULL;
}

/* Of all rows but the one that differs from machine to machine. */
static uint64_t sim_certificate_check(const struct sim_certificate *certificate, uint32_t count) {
	uint64_t hash = 0;
	for (uint32_t i = 0; i < count; i++) {
		const char *name = certificate->rows[i].name;
		const char *value = certificate->rows[i].value;
		if (strcmp(name, "processor_seconds") != 0) {
			hash = (hash ^ sim_trace_hash_bytes(name, strlen(name))) * UINT64_C(0x9e3779b97f4a7c15);
			hash = (hash ^ sim_trace_hash_bytes(value, strlen(value))) * UINT64_C(0x9e3779b97f4a7c15);
		}
	}
	return hash;
}

void sim_certificate_end(struct sim_certificate *certificate) {
	sim_certificate_add(certificate, "check", "%016" PRIx64,
	                    sim_certificate_check(certificate, certificate->count));
}

/* ---- totals ---------------------------------------------------------------------------------- */

static void sim_certificate_add_points(struct sim_certificate *certificate, const struct sim_branch_totals *totals) {
	char name[SIM_CERTIFICATE_NAME_SIZE];
	uint64_t points = 0;
	for (int phase = 0; phase < VFS_PHASE_COUNT; phase++) {
		points += totals->points[phase];
	}
	sim_certificate_add(certificate, "points", "%" PRIu64, points);
	for (int phase = 0; phase < VFS_PHASE_COUNT; phase++) {
		if (totals->points[phase] > 0) {
			const char *of_phase =
			        phase == VFS_PHASE_NONE ? "begin" : vfs_phase_name((enum vfs_phase)phase);
			snprintf(name, sizeof name, "points.%s", of_phase);
			sim_certificate_add(certificate, name, "%" PRIu64, totals->points[phase]);
		}
	}
}

/* Which writes are synced before which; what no call is about is left out. */
static void sim_certificate_add_order(struct sim_certificate *certificate, const struct sim_order_counts *order) {
	char name[SIM_CERTIFICATE_NAME_SIZE];
	for (int rule = 0; rule < SIM_ORDER_RULE_COUNT; rule++) {
		char apart[80] = "";
		uint64_t calls = order->kept[rule] + order->broken[rule];
		if (rule == SIM_ORDER_RECORD_BEFORE_PAGE) {
			calls += order->new_pages + order->without_record;
			snprintf(apart, sizeof apart, "; new pages %" PRIu64 ", others without a record %" PRIu64,
			         order->new_pages, order->without_record);
		}
		if (calls > 0) {
			snprintf(name, sizeof name, "order.%s", sim_order_rule_name((enum sim_order_rule)rule));
			sim_certificate_add(certificate, name, "kept %" PRIu64 ", broken %" PRIu64 "%s",
			                    order->kept[rule], order->broken[rule], apart);
		}
	}
}

void sim_certificate_say_second(const struct sim_second *second, char text[SIM_CERTIFICATE_VALUE_SIZE]) {
	const struct sim_second_identity *identity = sim_second_identity(second);
	snprintf(text, SIM_CERTIFICATE_VALUE_SIZE, "%s, %s", identity->version, identity->source);
}

static void sim_certificate_add_second(struct sim_certificate *certificate, const struct sim_second *second,
                                       const struct sim_branch_totals *totals) {
	char text[SIM_CERTIFICATE_VALUE_SIZE];
	sim_certificate_say_second(second, text);
	sim_certificate_add(certificate, SIM_CERTIFICATE_SECOND, "%s", text);
	sim_certificate_add(certificate, "images_second", "%" PRIu64, totals->second);
	sim_certificate_add(certificate, "images_second.pages_alone", "%" PRIu64, totals->pages_alone);
	sim_certificate_add(certificate, "images_second.one_noticed", "%" PRIu64, totals->one_noticed);
}

void sim_certificate_add_vfs(struct sim_certificate *certificate, const char *path) {
	if (path[0] != '\0') {
		sim_certificate_add(certificate, SIM_CERTIFICATE_VFS, "%s", path);
		sim_certificate_add(certificate, "not_seen",
		                    "what the VFS makes of a file: no reader of formats has compared the images");
	}
}

void sim_certificate_add_totals(struct sim_certificate *certificate, const struct sim_branch_options *options,
                                const struct sim_branch_totals *totals, const uint64_t *images) {
	const struct {
		const char *name;
		uint64_t number;
	} numbers[] = {{"points_nested", totals->nested_points},
	               {"states", totals->states},
	               {"states_duplicate", totals->duplicates},
	               {"states_judged", totals->judged},
	               {"states_after_kill", totals->kills},
	               {"states_after_power_loss", totals->judged - totals->kills},
	               {"states_nested", totals->nested},
	               {"loaded", totals->loaded},
	               {"refused", totals->refused},
	               {"images", totals->images},
	               {"images_recovered", totals->recovered},
	               {"images_compared", totals->compared},
	               {"images_compared.journal", totals->played},
	               {"images_compared.wal", totals->replayed},
	               {"images_compared.refused", totals->no_database},
	               {"images_compared.interrupted", totals->interrupted},
	               {"violations", totals->violations},
	               {"violations_known", totals->excused}};
	sim_certificate_add(certificate, "depth", "%" PRIu32, options->depth);
	sim_certificate_add(certificate, "subsets", "%" PRIu32, options->bounds.subsets_of);
	sim_certificate_add(certificate, "drawn", "%" PRIu32, options->bounds.drawn);
	sim_certificate_add(certificate, "writes_more", "%d", options->writes_more ? 1 : 0);
	sim_certificate_add(certificate, "complete", "%s",
	                    totals->is_partial ? "no, it was ended before" : "within these bounds");
	sim_certificate_add(certificate, "moments", "%" PRIu64, totals->moments);
	if (options->shares) {
		sim_certificate_add(certificate, "moments_shared", "%" PRIu64, totals->shared);
	}
	sim_certificate_add(certificate, "moments_passed_over", "%" PRIu64, totals->passed_over);
	sim_certificate_add_order(certificate, &totals->order);
	sim_certificate_add_points(certificate, totals);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		sim_certificate_add(certificate, numbers[i].name, "%" PRIu64, numbers[i].number);
	}
	if (totals->is_of_several) {
		sim_certificate_add(certificate, "states_beside", "%" PRIu64, totals->beside);
		sim_certificate_add(certificate, "states_alike", "%" PRIu64, totals->alike);
	}
	if (options->second != NULL) {
		sim_certificate_add_second(certificate, options->second, totals);
	}
	for (uint32_t i = 0; i < totals->found_count; i++) {
		const struct sim_branch_found *found = &totals->found[i];
		sim_certificate_add(certificate, "violation", "%s: %s: %s (%s; %" PRIu64 " states%s%s)", found->path,
		                    found->invariant, found->detail, found->where, found->count,
		                    found->finding[0] != '\0' ? "; known as " : "", found->finding);
	}
	sim_certificate_add(certificate, "images_hash", "%016" PRIx64, sim_certificate_hash(images, totals->images));
}

/* ---- printing -------------------------------------------------------------------------------- */

void sim_certificate_print(const struct sim_certificate *certificate, const char *but, FILE *out) {
	for (uint32_t i = 0; i < certificate->count; i++) {
		if (but == NULL || strcmp(certificate->rows[i].name, but) != 0) {
			fprintf(out, "%-*s  %s\n", SIM_CERTIFICATE_COLUMN, certificate->rows[i].name,
			        certificate->rows[i].value);
		}
	}
}

static bool sim_certificate_write_images(const char *path, const uint64_t *images, uint64_t count) {
	FILE *file = fopen(path, "w");
	if (file == NULL) {
		return false;
	}
	for (uint64_t i = 0; i < count; i++) {
		fprintf(file, "%016" PRIx64 "\n", images[i]);
	}
	bool written = ferror(file) == 0;
	return fclose(file) == 0 && written;
}

bool sim_certificate_write(const struct sim_certificate *certificate, const char *path, const uint64_t *images,
                           uint64_t count) {
	char list[SIM_CERTIFICATE_PATH_SIZE];
	FILE *file = fopen(path, "w");
	if (file != NULL) {
		sim_certificate_print(certificate, NULL, file);
	}
	bool written = file != NULL && ferror(file) == 0;
	written = file != NULL && fclose(file) == 0 && written;
	snprintf(list, sizeof list, "%s.images", path);
	if (!written || !sim_certificate_write_images(list, images, count)) {
		fprintf(stderr, "aftershock: %s: %s\n", written ? list : path, strerror(errno));
		return false;
	}
	return true;
}

static json_t *sim_certificate_json_value(const char *value) {
	char *end = NULL;
	errno = 0;
	unsigned long long number = strtoull(value, &end, 10);
	bool is_number = value[0] >= '0' && value[0] <= '9' && *end == '\0' && errno == 0 && number <= INT64_MAX;
	return is_number ? json_integer((json_int_t)number) : json_string(value);
}

/* To the list of that name, which is made if it is not there. */
static int sim_certificate_json_append(json_t *object, const char *name, json_t *item) {
	char list_name[SIM_CERTIFICATE_NAME_SIZE];
	snprintf(list_name, sizeof list_name, "%.40s_list", name);
	json_t *list = json_object_get(object, list_name);
	if (list == NULL && json_object_set_new(object, list_name, json_array()) == 0) {
		list = json_object_get(object, list_name);
	}
	return json_array_append_new(list, item);
}

/* Lines of which there may be several. */
static bool sim_certificate_is_one_of_many(const char *name) {
	static const char *const names[] = {"violation", "cell", "database", "owed", "not_seen"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

void sim_certificate_print_json(const struct sim_certificate *certificate, FILE *out) {
	json_t *object = json_pack("{s:s, s:[]}", "type", "certificate", "violation_list");
	for (uint32_t i = 0; object != NULL && i < certificate->count; i++) {
		const char *name = certificate->rows[i].name;
		const char *value = certificate->rows[i].value;
		bool is_hash = strcmp(name, "check") == 0 || strcmp(name, "images_hash") == 0;
		json_t *item = is_hash ? json_string(value) : sim_certificate_json_value(value);
		bool is_one_of_many = sim_certificate_is_one_of_many(name);
		int added = is_one_of_many ? sim_certificate_json_append(object, name, item)
		                           : json_object_set_new(object, name, item);
		if (added != 0) {
			json_decref(object);
			object = NULL;
		}
	}
	char *text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
	fprintf(out, "%s\n", text != NULL ? text : "{}");
	free(text);
	json_decref(object);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool sim_certificate_refuse(char *why, const char *path, uint32_t line, const char *what) {
	snprintf(why, SIM_CERTIFICATE_WHY_SIZE, "%s:%" PRIu32 ": %s", path, line, what);
	return false;
}

static bool sim_certificate_read_line(struct sim_certificate *certificate, char *text, const char **what) {
	size_t length = strlen(text);
	*what = "expected a name, blanks and a value";
	if (length == 0 || text[length - 1] != '\n') {
		*what = "the line is cut short, or too long";
		return false;
	}
	text[length - 1] = '\0';
	size_t name = strcspn(text, " ");
	size_t value = name + strspn(text + name, " ");
	if (name == 0 || name >= SIM_CERTIFICATE_NAME_SIZE || text[value] == '\0' || value == name) {
		return false;
	}
	if (certificate->count == SIM_CERTIFICATE_ROWS_MAX) {
		*what = "more lines than a certificate has";
		return false;
	}
	text[name] = '\0';
	sim_certificate_add(certificate, text, "%s", text + value);
	return true;
}

/* Whole, of this version, and as it was written. */
static bool sim_certificate_is_whole(const struct sim_certificate *certificate, const char *path, char *why) {
	char check[24];
	uint32_t last = certificate->count;
	bool begins = last > 0 && strcmp(certificate->rows[0].name, SIM_CERTIFICATE_FIRST_LINE) == 0;
	if (!begins) {
		return sim_certificate_refuse(why, path, 1,
		                              "expected a certificate, which begins with " SIM_CERTIFICATE_FIRST_LINE);
	}
	if (strcmp(certificate->rows[0].value, SIM_CERTIFICATE_VERSION) != 0) {
		return sim_certificate_refuse(why, path, 1,
		                              "another version of certificates, expected " SIM_CERTIFICATE_VERSION);
	}
	if (strcmp(certificate->rows[last - 1].name, "check") != 0) {
		return sim_certificate_refuse(why, path, last, "the last line, check, is missing");
	}
	snprintf(check, sizeof check, "%016" PRIx64, sim_certificate_check(certificate, last - 1));
	if (strcmp(certificate->rows[last - 1].value, check) != 0) {
		return sim_certificate_refuse(
		        why, path, last, "the lines above are not those that were written: their check is another");
	}
	return true;
}

bool sim_certificate_read(struct sim_certificate *certificate, const char *path, char why[SIM_CERTIFICATE_WHY_SIZE]) {
	char text[SIM_CERTIFICATE_TEXT_SIZE];
	const char *what = NULL;
	FILE *file = fopen(path, "r");
	certificate->count = 0;
	if (file == NULL) {
		snprintf(why, SIM_CERTIFICATE_WHY_SIZE, "%.200s: %s", path, strerror(errno));
		return false;
	}
	while (fgets(text, sizeof text, file) != NULL) {
		if (!sim_certificate_read_line(certificate, text, &what)) {
			fclose(file);
			return sim_certificate_refuse(why, path, certificate->count + 1, what);
		}
	}
	fclose(file);
	return sim_certificate_is_whole(certificate, path, why);
}

/* ---- images ---------------------------------------------------------------------------------- */

uint64_t sim_certificate_hash(const uint64_t *images, uint64_t count) {
	uint64_t hash = 0;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t word = htole64(images[i]);
		hash = (hash ^ sim_trace_hash_bytes(&word, sizeof word)) * UINT64_C(0x9e3779b97f4a7c15);
	}
	return hash;
}

/* Takes the next hash from a line. */
static bool sim_certificate_take_image(const char *text, uint64_t *images, uint64_t number) {
	bool is_hash = strspn(text, "0123456789abcdef") == 16 && strcmp(text + 16, "\n") == 0;
	images[number] = is_hash ? strtoull(text, NULL, 16) : 0;
	return is_hash && (number == 0 || images[number] > images[number - 1]);
}

uint64_t *sim_certificate_read_images(const char *path, uint64_t *count, char why[SIM_CERTIFICATE_WHY_SIZE]) {
	char text[32];
	size_t room = 0;
	uint64_t *images = malloc(sizeof images[0]);
	FILE *file = fopen(path, "r");
	bool good = file != NULL && images != NULL;
	*count = 0;
	snprintf(why, SIM_CERTIFICATE_WHY_SIZE, "%.200s: %s", path, file == NULL ? strerror(errno) : "out of memory");
	while (good && fgets(text, sizeof text, file) != NULL) {
		if (*count >= room) {
			room = room == 0 ? 4096 : room * 2;
			uint64_t *more =
			        room < SIM_CERTIFICATE_IMAGES_MAX ? realloc(images, room * sizeof images[0]) : NULL;
			good = more != NULL;
			images = good ? more : images;
		}
		if (good && !sim_certificate_take_image(text, images, *count)) {
			good = sim_certificate_refuse(
			        why, path, (uint32_t)*count + 1,
			        "expected 16 hexadecimal digits, larger than those of the line above");
		}
		*count += good ? 1 : 0;
	}
	if (file != NULL) {
		fclose(file);
	}
	if (!good) {
		free(images);
	}
	return good ? images : NULL;
}
