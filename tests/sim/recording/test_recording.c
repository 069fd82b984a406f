/* tests/sim/recording/test_recording.c: a recording is read up to where it is whole. */
#include "checksum.h"
#include "recording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TEST_BYTES 2000u

/* A recording with three writes, the third of which names the first one's bytes, and an end. */
struct test_file {
	char path[40];
	unsigned char bytes[TEST_BYTES];
	size_t size;
	size_t ends[8]; /* of the records */
	uint32_t records;
};

static void test_add(struct test_file *file, enum record_kind kind, const void *content, uint32_t bytes) {
	struct record_head *head = (void *)(file->bytes + file->size);
	*head = (struct record_head){.size = (uint32_t)(sizeof *head + (bytes + 7) / 8 * 8),
	                             .kind = (uint16_t)kind,
	                             .order = ++file->records,
	                             .bytes = bytes,
	                             .length = bytes};
	memcpy(head + 1, content, bytes);
	if (kind == RECORD_WRITE && bytes == sizeof(uint64_t)) {
		head->flags |= RECORD_FLAG_ELSEWHERE;
		head->length = 300;
	}
	head->checksum = record_checksum(head);
	file->size += head->size;
	file->ends[file->records] = file->size;
}

static void test_make(struct test_file *file) {
	char content[300];
	const uint64_t where = RECORD_HEADER_BYTES + sizeof(struct record_head);
	*file = (struct test_file){.path = "/tmp/test_recording.XXXXXX", .size = RECORD_HEADER_BYTES};
	memset(file->bytes, ' ', RECORD_HEADER_BYTES);
	memcpy(file->bytes, RECORD_FIRST_WORDS RECORD_VERSION "\n", strlen(RECORD_FIRST_WORDS RECORD_VERSION "\n"));
	memset(content, 'a', sizeof content);
	test_add(file, RECORD_WRITE, content, sizeof content);
	memset(content, 'b', sizeof content);
	test_add(file, RECORD_WRITE, content, 13);
	test_add(file, RECORD_WRITE, &where, sizeof where);
	test_add(file, RECORD_END, "", 0);
}

/* Writes so many bytes of it, and opens that. */
static bool test_open(struct test_file *file, size_t size, struct sim_recording *recording, char *why) {
	strcpy(file->path, "/tmp/test_recording.XXXXXX");
	int descriptor = mkstemp(file->path);
	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, file->bytes, size), size);
	close(descriptor);
	bool opened = sim_recording_open(recording, file->path, why);
	unlink(file->path);
	return opened;
}

static void a_whole_recording_is_read_to_its_end(void **state) {
	(void)state;
	struct test_file file;
	struct sim_recording recording;
	struct sim_record record;
	char why[SIM_RECORDING_WHY_SIZE];
	uint64_t position = 0;
	test_make(&file);
	assert_true(test_open(&file, file.size, &recording, why));
	assert_false(recording.is_cut);
	assert_int_equal(recording.records, 4);
	for (int i = 0; i < 3; i++) {
		assert_true(sim_recording_next(&recording, &position, &record));
	}
	assert_int_equal(record.bytes, 300);
	assert_int_equal(record.content[0], 'a');
	assert_int_equal(record.content[299], 'a');
	assert_true(sim_recording_next(&recording, &position, &record));
	assert_false(sim_recording_next(&recording, &position, &record));
	sim_recording_close(&recording);
}

static void a_recording_cut_at_any_byte_is_read_up_to_the_cut(void **state) {
	(void)state;
	struct test_file file;
	struct sim_recording recording;
	char why[SIM_RECORDING_WHY_SIZE];
	test_make(&file);
	for (size_t size = 0; size < file.size; size++) {
		bool opened = test_open(&file, size, &recording, why);
		assert_int_equal(opened, size >= RECORD_HEADER_BYTES);
		uint32_t whole = 0;
		while (whole < file.records && file.ends[whole + 1] <= size) {
			whole++;
		}
		if (opened) {
			assert_true(recording.is_cut);
			assert_int_equal(recording.records, whole);
			sim_recording_close(&recording);
		}
	}
}

static void a_byte_that_changed_ends_the_recording_there(void **state) {
	(void)state;
	struct test_file file;
	struct sim_recording recording;
	char why[SIM_RECORDING_WHY_SIZE];
	test_make(&file);
	size_t end = file.size;
	for (size_t i = RECORD_HEADER_BYTES; i < end; i++) {
		file.bytes[i] ^= 0x10;
		assert_true(test_open(&file, end, &recording, why));
		assert_true(recording.is_cut);
		assert_true(recording.records < file.records);
		sim_recording_close(&recording);
		file.bytes[i] ^= 0x10;
	}
}

static void another_version_and_another_file_are_refused(void **state) {
	(void)state;
	struct test_file file;
	struct sim_recording recording;
	char why[SIM_RECORDING_WHY_SIZE];
	test_make(&file);
	file.bytes[strlen(RECORD_FIRST_WORDS)] = '7';
	assert_false(test_open(&file, file.size, &recording, why));
	assert_non_null(strstr(why, "a recording of version 7, expected version 1"));
	file.bytes[0] = 'A';
	assert_false(test_open(&file, file.size, &recording, why));
	assert_non_null(strstr(why, "expected a recording"));
	assert_false(sim_recording_open(&recording, "/no/such/recording", why));
	assert_non_null(strstr(why, "No such file"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_whole_recording_is_read_to_its_end),
	        cmocka_unit_test(a_recording_cut_at_any_byte_is_read_up_to_the_cut),
	        cmocka_unit_test(a_byte_that_changed_ends_the_recording_there),
	        cmocka_unit_test(another_version_and_another_file_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
