/* sim/scenario/scenario_source.c: reads the text of a scenario and finds places in it.
 *
 * The file may come from anybody. A pass over libyaml's events refuses what no scenario needs
 * before anything is built from it: anchors and aliases (a few lines of them can stand for
 * gigabytes), tags, deep nesting, several documents, control characters, a key twice (libcyaml
 * would take the last one silently).
 */
#include "scenario_internal.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SIM_SOURCE_DEPTH_MAX 8u
/* More than any mapping of the schema has; keeps the search for keys that are there twice short. */
#define SIM_SOURCE_KEYS_MAX 64

bool sim_scenario_refuse_line(struct sim_scenario_source *source, size_t line, const char *format, ...) {
	va_list arguments;
	char text[512];
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	for (char *c = text; *c != '\0'; c++) {
		*c = (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c;
	}
	if (line > 0) {
		snprintf(source->why, source->why_size, "%s:%zu: %s", source->path, line, text);
	} else {
		snprintf(source->why, source->why_size, "%s: %s", source->path, text);
	}
	return false;
}

bool sim_scenario_refuse_file(struct sim_scenario_source *source, const char *path, uint32_t line, const char *format,
                              ...) {
	va_list arguments;
	char text[512];
	const char *own = source->path;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	source->path = path;
	bool refused = sim_scenario_refuse_line(source, line, "%s", text);
	source->path = own;
	return refused;
}

bool sim_scenario_refuse(struct sim_scenario_source *source, const char *place, const char *format, ...) {
	va_list arguments;
	char text[512];
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return sim_scenario_refuse_line(source, sim_scenario_source_line(source, place), "%s", text);
}

/* ---- files beside it ------------------------------------------------------------------------- */

bool sim_scenario_source_beside(const struct sim_scenario_source *source, const char *name, char *path, size_t size) {
	const char *slash = strrchr(source->path, '/');
	int directory = slash != NULL && name[0] != '/' ? (int)(slash - source->path) + 1 : 0;
	return (size_t)snprintf(path, size, "%.*s%s", directory, source->path, name) < size;
}

bool sim_scenario_source_object(struct sim_scenario_source *source, const char *place, const char *name, char *path,
                                size_t size) {
	char beside[PATH_MAX];
	char whole[PATH_MAX] = "";
	const char *wrong = name[0] == '\0'                                                    ? "empty"
	                    : !sim_scenario_source_beside(source, name, beside, sizeof beside) ? "its path is too long"
	                    : realpath(beside, whole) == NULL                                  ? strerror(errno)
	                                                                                       : NULL;
	if (wrong != NULL) {
		return sim_scenario_refuse(source, place, "%s is %.160s, expected a shared object: %s", place, name,
		                           wrong);
	}
	return (size_t)snprintf(path, size, "%s", whole) < size ||
	       sim_scenario_refuse(source, place, "the path of %s is too long, expected at most %zu bytes", place,
	                           size - 1);
}

/* ---- the file -------------------------------------------------------------------------------- */

/* Some editors begin a file in UTF-8 with a byte-order mark. It says nothing. */
static void sim_source_skip_mark(struct sim_scenario_source *source) {
	static const char mark[] = "\xef\xbb\xbf";
	const size_t size = sizeof mark - 1;
	if (source->size >= size && memcmp(source->text, mark, size) == 0) {
		source->size -= size;
		memmove(source->text, source->text + size, source->size);
	}
}

static bool sim_source_read_open(struct sim_scenario_source *source, FILE *file) {
	source->text = malloc(SIM_SCENARIO_FILE_BYTES_MAX + 1u);
	if (source->text == NULL) {
		return sim_scenario_refuse_line(source, 0, "cannot be read: out of memory");
	}
	source->size = fread(source->text, 1, SIM_SCENARIO_FILE_BYTES_MAX + 1u, file);
	if (ferror(file)) {
		return sim_scenario_refuse_line(source, 0, "cannot be read: %s, expected a scenario file",
		                                strerror(errno));
	}
	if (source->size > SIM_SCENARIO_FILE_BYTES_MAX) {
		return sim_scenario_refuse_line(source, 0, "too large, expected at most %u bytes",
		                                SIM_SCENARIO_FILE_BYTES_MAX);
	}
	sim_source_skip_mark(source);
	return true;
}

static bool sim_source_read(struct sim_scenario_source *source) {
	struct stat status;
	if (stat(source->path, &status) != 0) {
		return sim_scenario_refuse_line(source, 0, "cannot be read: %s, expected a scenario file",
		                                strerror(errno));
	}
	/* Not a regular file: opening a pipe would wait for somebody to write to it. */
	if (!S_ISREG(status.st_mode)) {
		return sim_scenario_refuse_line(source, 0, "cannot be read: %s, expected a scenario file",
		                                S_ISDIR(status.st_mode) ? "a directory" : "not a regular file");
	}
	FILE *file = fopen(source->path, "rb");
	if (file == NULL) {
		return sim_scenario_refuse_line(source, 0, "cannot be read: %s, expected a scenario file",
		                                strerror(errno));
	}
	bool read = sim_source_read_open(source, file);
	fclose(file);
	return read;
}

/* ---- is it harmless? ------------------------------------------------------------------------- */

static size_t sim_source_line_at(const struct sim_scenario_source *source, size_t offset) {
	size_t line = 1;
	for (size_t i = 0; i < offset && i < source->size; i++) {
		line += source->text[i] == '\n';
	}
	return line;
}

static bool sim_source_refuse_yaml(struct sim_scenario_source *source, const yaml_parser_t *parser) {
	const char *problem = parser->problem != NULL ? parser->problem : "out of memory";
	/* The reader works ahead of the scanner: it knows an offset in bytes, not a line. */
	size_t line = parser->error == YAML_READER_ERROR ? sim_source_line_at(source, parser->problem_offset)
	                                                 : parser->problem_mark.line + 1;
	return sim_scenario_refuse_line(source, line, "%s, expected YAML in UTF-8", problem);
}

static void sim_source_parser(const struct sim_scenario_source *source, yaml_parser_t *parser) {
	yaml_parser_set_input_string(parser, source->text, source->size);
	yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
}

static bool sim_source_check_scalar(struct sim_scenario_source *source, const yaml_event_t *event) {
	size_t line = event->start_mark.line + 1;
	for (size_t i = 0; i < event->data.scalar.length; i++) {
		if (event->data.scalar.value[i] < ' ' || event->data.scalar.value[i] == 0x7f) {
			return sim_scenario_refuse_line(source, line,
			                                "a control character in a word, expected text of one line");
		}
	}
	if (event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL) {
		return sim_scenario_refuse_line(source, line, "an anchor or tag, expected plain YAML");
	}
	return true;
}

/* A list or mapping begins. */
static bool sim_source_check_begin(struct sim_scenario_source *source, const yaml_event_t *event, uint32_t *depth) {
	size_t line = event->start_mark.line + 1;
	bool mapping = event->type == YAML_MAPPING_START_EVENT;
	bool marked = mapping ? event->data.mapping_start.anchor != NULL || event->data.mapping_start.tag != NULL
	                      : event->data.sequence_start.anchor != NULL || event->data.sequence_start.tag != NULL;
	if (marked) {
		return sim_scenario_refuse_line(source, line, "an anchor or tag, expected plain YAML");
	}
	return ++*depth <= SIM_SOURCE_DEPTH_MAX ||
	       sim_scenario_refuse_line(source, line, "nested too deep, expected at most %u levels",
	                                SIM_SOURCE_DEPTH_MAX);
}

/* Follows one event; `depth` counts open mappings and lists, `documents` what has begun. */
static bool sim_source_check_event(struct sim_scenario_source *source, const yaml_event_t *event, uint32_t *depth,
                                   uint32_t *documents) {
	size_t line = event->start_mark.line + 1;
	switch ((int)event->type) {
	case YAML_ALIAS_EVENT:
		return sim_scenario_refuse_line(source, line, "an alias, expected plain YAML");
	case YAML_SCALAR_EVENT:
		return sim_source_check_scalar(source, event);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return sim_source_check_begin(source, event, depth);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		--*depth;
		return true;
	case YAML_DOCUMENT_START_EVENT:
		return ++*documents == 1 ||
		       sim_scenario_refuse_line(source, line, "a second document, expected one scenario per file");
	default:
		return true;
	}
}

static bool sim_source_check_events(struct sim_scenario_source *source) {
	yaml_parser_t parser;
	yaml_event_t event;
	uint32_t depth = 0;
	uint32_t documents = 0;
	bool fine = true;
	bool ended = false;
	if (!yaml_parser_initialize(&parser)) {
		return sim_scenario_refuse_line(source, 0, "cannot be read: out of memory");
	}
	sim_source_parser(source, &parser);
	while (fine && !ended) {
		if (!yaml_parser_parse(&parser, &event)) {
			fine = sim_source_refuse_yaml(source, &parser);
			break;
		}
		fine = sim_source_check_event(source, &event, &depth, &documents);
		ended = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	if (fine && documents == 0) {
		return sim_scenario_refuse_line(source, 1, "empty, expected a scenario");
	}
	return fine;
}

/* ---- places ---------------------------------------------------------------------------------- */

static const char *sim_source_word(const yaml_node_t *node) {
	return node != NULL && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "";
}

/* Whether a key is there before `end` already. */
static bool sim_source_has_key(struct sim_scenario_source *source, const yaml_node_t *mapping,
                               const yaml_node_pair_t *end, const char *word) {
	bool found = false;
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; !found && pair < end; pair++) {
		found = strcmp(word, sim_source_word(yaml_document_get_node(&source->document, pair->key))) == 0;
	}
	return found;
}

static bool sim_source_check_keys(struct sim_scenario_source *source, const yaml_node_t *mapping) {
	const yaml_node_pair_t *begin = mapping->data.mapping.pairs.start;
	const yaml_node_pair_t *end = mapping->data.mapping.pairs.top;
	if (end - begin > SIM_SOURCE_KEYS_MAX) {
		return sim_scenario_refuse_line(source, mapping->start_mark.line + 1,
		                                "too many keys, expected at most %d", SIM_SOURCE_KEYS_MAX);
	}
	for (const yaml_node_pair_t *pair = begin; pair < end; pair++) {
		const yaml_node_t *key = yaml_document_get_node(&source->document, pair->key);
		const char *word = sim_source_word(key);
		if (sim_source_has_key(source, mapping, pair, word)) {
			return sim_scenario_refuse_line(source, key->start_mark.line + 1,
			                                "key %s is there twice, expected once", word);
		}
	}
	return true;
}

static bool sim_source_load_document(struct sim_scenario_source *source) {
	yaml_parser_t parser;
	bool fine = true;
	if (!yaml_parser_initialize(&parser)) {
		return sim_scenario_refuse_line(source, 0, "cannot be read: out of memory");
	}
	sim_source_parser(source, &parser);
	source->has_document = yaml_parser_load(&parser, &source->document) != 0;
	if (!source->has_document) {
		fine = sim_source_refuse_yaml(source, &parser);
	}
	yaml_parser_delete(&parser);
	yaml_node_t *node = NULL;
	for (int number = 1; fine && (node = yaml_document_get_node(&source->document, number)) != NULL; number++) {
		fine = node->type != YAML_MAPPING_NODE || sim_source_check_keys(source, node);
	}
	if (fine && yaml_document_get_root_node(&source->document)->type != YAML_MAPPING_NODE) {
		return sim_scenario_refuse_line(source, 1, "no mapping, expected a scenario such as `name: ...`");
	}
	return fine;
}

/* The value under a key, and the line of the key; NULL when there is no such key. */
static yaml_node_t *sim_source_find_key(struct sim_scenario_source *source, const yaml_node_t *node, const char *key,
                                        size_t key_size, uint32_t *line) {
	if (node->type != YAML_MAPPING_NODE) {
		return NULL;
	}
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top;
	     pair++) {
		const yaml_node_t *candidate = yaml_document_get_node(&source->document, pair->key);
		const char *word = sim_source_word(candidate);
		if (strlen(word) == key_size && strncmp(word, key, key_size) == 0) {
			*line = (uint32_t)candidate->start_mark.line + 1;
			return yaml_document_get_node(&source->document, pair->value);
		}
	}
	return NULL;
}

static yaml_node_t *sim_source_find_entry(struct sim_scenario_source *source, const yaml_node_t *node,
                                          unsigned long number, uint32_t *line) {
	if (node->type != YAML_SEQUENCE_NODE ||
	    number >= (unsigned long)(node->data.sequence.items.top - node->data.sequence.items.start)) {
		return NULL;
	}
	yaml_node_t *entry = yaml_document_get_node(&source->document, node->data.sequence.items.start[number]);
	*line = (uint32_t)entry->start_mark.line + 1;
	return entry;
}

/* The line of the place, or of what is around it; *found tells which. */
static uint32_t sim_source_find(struct sim_scenario_source *source, const char *place, bool *found) {
	uint32_t line = 1;
	const yaml_node_t *node = source->has_document ? yaml_document_get_root_node(&source->document) : NULL;
	while (node != NULL && *place != '\0') {
		if (*place == '[') {
			char *end = NULL;
			unsigned long number = strtoul(place + 1, &end, 10);
			node = sim_source_find_entry(source, node, number, &line);
			place = end + (*end == ']');
		} else {
			place += *place == '.';
			size_t size = strcspn(place, ".[");
			node = sim_source_find_key(source, node, place, size, &line);
			place += size;
		}
	}
	*found = node != NULL;
	return line;
}

/* The faults of the variants follow those of the scenario: where the n-th stands. False when it is
 * the scenario's own. */
static bool sim_source_move_fault(const struct sim_scenario_source *source, const char *place, char *moved,
                                  size_t size) {
	char *end = NULL;
	unsigned long number = strncmp(place, "faults[", strlen("faults[")) == 0 ? strtoul(place + 7, &end, 10) : 0;
	if (end == NULL || number < source->base_fault_count) {
		return false;
	}
	number -= source->base_fault_count;
	uint32_t i = 0;
	while (i + 1 < source->variant_count && number >= source->fault_counts[i]) {
		number -= source->fault_counts[i++];
	}
	snprintf(moved, size, "variants[%u].faults[%lu%s", source->variants[i], number, end);
	return true;
}

uint32_t sim_scenario_source_line(struct sim_scenario_source *source, const char *place) {
	char moved[SIM_SCENARIO_PLACE_SIZE + 32];
	bool found = false;
	uint32_t line = 0;
	if (source->variant_count > 0 && sim_source_move_fault(source, place, moved, sizeof moved)) {
		return sim_source_find(source, moved, &found);
	}
	bool moves =
	        strncmp(place, "settings.", strlen("settings.")) == 0 || strncmp(place, "disk.", strlen("disk.")) == 0;
	for (uint32_t i = moves ? source->variant_count : 0; i > 0 && !found; i--) {
		snprintf(moved, sizeof moved, "variants[%u].%s", source->variants[i - 1], place);
		line = sim_source_find(source, moved, &found);
	}
	return found ? line : sim_source_find(source, place, &found);
}

/* ---- beginning and end ----------------------------------------------------------------------- */

bool sim_scenario_source_init(struct sim_scenario_source *source, const char *path, char *why, size_t why_size) {
	memset(source, 0, sizeof *source);
	source->path = path;
	source->why = why;
	source->why_size = why_size;
	return sim_source_read(source) && sim_source_check_events(source) && sim_source_load_document(source);
}

void sim_scenario_source_deinit(struct sim_scenario_source *source) {
	if (source->has_document) {
		yaml_document_delete(&source->document);
	}
	free(source->text);
	memset(source, 0, sizeof *source);
}
