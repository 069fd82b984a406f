/* sim/recording/recording.c: see recording.h. */
#include "recording.h"

#include "checksum.h"
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool sim_recording_refuse(char *why, const char *path, const char *what) {
	snprintf(why, SIM_RECORDING_WHY_SIZE, "%.300s: %s", path, what);
	return false;
}

/* ---- one record ------------------------------------------------------------------------------ */

static bool sim_recording_is_sound(const struct sim_recording *recording, const struct record_head *head,
                                   uint64_t position) {
	uint64_t left = recording->size_bytes - position;
	if (left < sizeof *head || head->kind == RECORD_NONE || head->kind >= RECORD_KIND_COUNT) {
		return false;
	}
	uint64_t size = (uint64_t)head->size;
	if (size > left || size % 8 != 0 || size < sizeof *head + (uint64_t)head->bytes) {
		return false;
	}
	return record_checksum(head) == head->checksum;
}

/* The bytes of a write, wherever they are. */
static bool sim_recording_resolve(const struct sim_recording *recording, uint64_t position, struct sim_record *record) {
	const struct record_head *head = record->head;
	uint64_t offset = 0;
	record->content = (const unsigned char *)(head + 1);
	record->bytes = head->bytes;
	if ((head->flags & RECORD_FLAG_ELSEWHERE) == 0) {
		return true;
	}
	if (head->bytes != sizeof offset) {
		return false;
	}
	memcpy(&offset, record->content, sizeof offset);
	bool is_before = offset >= RECORD_HEADER_BYTES && head->length <= RECORD_CONTENT_MAX && offset <= position &&
	                 head->length <= position - offset;
	record->content = recording->bytes + offset;
	record->bytes = (uint32_t)head->length;
	return is_before;
}

static bool sim_recording_take(const struct sim_recording *recording, uint64_t *position, struct sim_record *record) {
	uint64_t at = *position == 0 ? RECORD_HEADER_BYTES : *position;
	const struct record_head *head = (const void *)(recording->bytes + at);
	bool good = at < recording->size_bytes && sim_recording_is_sound(recording, head, at);
	record->head = head;
	good = good && sim_recording_resolve(recording, at, record);
	*position = good ? at + head->size : at;
	return good;
}

bool sim_recording_next(const struct sim_recording *recording, uint64_t *position, struct sim_record *record) {
	return *position < recording->end && sim_recording_take(recording, position, record);
}

uint64_t sim_recording_hash(uint64_t hash, const void *bytes, size_t size) {
	return (hash ^ sim_trace_hash_bytes(bytes, size)) * UINT64_C(0x9e3779b97f4a7c15);
}

/* ---- the file -------------------------------------------------------------------------------- */

static bool sim_recording_map(struct sim_recording *recording, const char *path, char *why) {
	struct stat status;
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0) {
		return sim_recording_refuse(why, path, strerror(errno));
	}
	bool is_file = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
	recording->size_bytes = is_file ? (uint64_t)status.st_size : 0;
	void *map = is_file && status.st_size > 0
	                    ? mmap(NULL, recording->size_bytes, PROT_READ, MAP_PRIVATE, descriptor, 0)
	                    : MAP_FAILED;
	close(descriptor);
	recording->bytes = map != MAP_FAILED ? map : NULL;
	return map != MAP_FAILED ||
	       sim_recording_refuse(why, path, "expected a recording, as `aftershock record` writes it");
}

static bool sim_recording_check_version(const struct sim_recording *recording, const char *path, char *why) {
	const size_t words = strlen(RECORD_FIRST_WORDS);
	char text[120];
	if (recording->size_bytes < words || memcmp(recording->bytes, RECORD_FIRST_WORDS, words) != 0) {
		return sim_recording_refuse(why, path, "expected a recording, as `aftershock record` writes it");
	}
	if (recording->size_bytes < RECORD_HEADER_BYTES) {
		return sim_recording_refuse(why, path, "a recording that was cut short in its first line");
	}
	const char *version = (const char *)recording->bytes + words;
	size_t length = strcspn(version, "\n ");
	if (length != strlen(RECORD_VERSION) || memcmp(version, RECORD_VERSION, length) != 0) {
		snprintf(text, sizeof text, "a recording of version %.*s, expected version " RECORD_VERSION,
		         (int)(length < 20 ? length : 20), version);
		return sim_recording_refuse(why, path, text);
	}
	return true;
}

bool sim_recording_open(struct sim_recording *recording, const char *path, char why[SIM_RECORDING_WHY_SIZE]) {
	struct sim_record record = {0};
	*recording = (struct sim_recording){0};
	if (!sim_recording_map(recording, path, why)) {
		return false;
	}
	if (!sim_recording_check_version(recording, path, why)) {
		sim_recording_close(recording);
		return false;
	}
	recording->end = RECORD_HEADER_BYTES;
	recording->is_cut = true;
	while (sim_recording_take(recording, &recording->end, &record)) {
		recording->records++;
		recording->is_cut = record.head->kind != RECORD_END;
	}
	return true;
}

void sim_recording_close(struct sim_recording *recording) {
	if (recording->bytes != NULL) {
		munmap((void *)(uintptr_t)recording->bytes, recording->size_bytes);
	}
	*recording = (struct sim_recording){0};
}
