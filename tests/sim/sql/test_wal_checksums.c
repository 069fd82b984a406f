/* tests/sim/sql/test_wal_checksums.c: a commit over a frame that was written twice is looked at,
 * and said to be wrong when the chain of checksums breaks. */
#include "machine.h"
#include "wal_checksums.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PATH SIM_WORLD_PATH "-wal"
#define PAGE 512u
#define FRAME (24u + PAGE)
#define FRAMES 3u

struct wal {
	struct vfs_disk *disk;
	struct vfs_inode *inode;
	struct sim_wal_checksums checksums;
	unsigned char bytes[32 + FRAMES * FRAME];
};

static void put(unsigned char *bytes, uint32_t number) {
	for (int i = 0; i < 4; i++) {
		bytes[i] = (unsigned char)(number >> (24 - 8 * i));
	}
}

static uint32_t get(const unsigned char *bytes) {
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Big-endian, as the magic says. */
static void sum(uint32_t sums[2], const unsigned char *bytes, size_t size) {
	for (size_t i = 0; i < size; i += 8) {
		sums[0] += get(bytes + i) + sums[1];
		sums[1] += get(bytes + i + 4) + sums[0];
	}
}

static void write_bytes(struct wal *wal, size_t offset, size_t size) {
	const struct vfs_call call = {.method = VFS_METHOD_WRITE,
	                              .path = PATH,
	                              .file_kind = VFS_FILE_WAL,
	                              .offset = offset,
	                              .size = size,
	                              .data = wal->bytes + offset};
	assert_int_equal(vfs_disk_write(wal->disk, wal->inode, offset, wal->bytes + offset, size), VFS_OK);
	sim_wal_checksums_note(&wal->checksums, &call);
}

/* A header and three frames, the last of which commits. */
static void init(struct wal *wal) {
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	uint32_t sums[2] = {0, 0};
	bool created = false;
	memset(wal, 0, sizeof *wal);
	wal->disk = vfs_disk_create(&options);
	assert_non_null(wal->disk);
	assert_int_equal(vfs_disk_open(wal->disk, PATH, true, &created, &wal->inode), VFS_OK);
	put(wal->bytes, 0x377f0683u);
	put(wal->bytes + 8, PAGE);
	sum(sums, wal->bytes, 24);
	put(wal->bytes + 24, sums[0]);
	put(wal->bytes + 28, sums[1]);
	for (uint32_t i = 0; i < FRAMES; i++) {
		unsigned char *frame = wal->bytes + 32 + i * FRAME;
		put(frame, i + 1);
		put(frame + 4, i + 1 == FRAMES ? FRAMES : 0);
		memset(frame + 24, (int)i + 65, PAGE);
		sum(sums, frame, 8);
		sum(sums, frame + 24, PAGE);
		put(frame + 16, sums[0]);
		put(frame + 20, sums[1]);
	}
	write_bytes(wal, 0, 32);
	for (uint32_t i = 0; i < FRAMES; i++) {
		write_bytes(wal, 32 + i * FRAME, 24);
		write_bytes(wal, 32 + i * FRAME + 24, PAGE);
	}
}

static void deinit(struct wal *wal) {
	vfs_disk_close(wal->disk, wal->inode);
	vfs_disk_destroy(wal->disk);
}

static void a_chain_that_holds_is_not_wrong(void **context) {
	struct wal wal;
	(void)context;
	init(&wal);
	write_bytes(&wal, 32 + FRAME + 24, PAGE);
	sim_wal_checksums_look(&wal.checksums, wal.disk);
	assert_string_equal(sim_wal_checksums_text(&wal.checksums), "");
	deinit(&wal);
}

static void a_frame_that_was_written_twice_without_its_sum_is_wrong(void **context) {
	struct wal wal;
	(void)context;
	init(&wal);
	wal.bytes[32 + FRAME + 30] ^= 1;
	write_bytes(&wal, 32 + FRAME + 24, PAGE);
	sim_wal_checksums_look(&wal.checksums, wal.disk);
	assert_string_equal(sim_wal_checksums_text(&wal.checksums), ", a commit without checksums");
	deinit(&wal);
}

/* Spilled frames that no commit follows owe nothing yet. */
static void without_a_commit_nothing_is_looked_at(void **context) {
	struct wal wal;
	(void)context;
	init(&wal);
	sim_wal_checksums_look(&wal.checksums, wal.disk);
	wal.bytes[32 + 30] ^= 1;
	write_bytes(&wal, 32 + 24, PAGE);
	sim_wal_checksums_look(&wal.checksums, wal.disk);
	assert_string_equal(sim_wal_checksums_text(&wal.checksums), "");
	deinit(&wal);
}

static void cut(struct wal *wal, uint64_t size) {
	const struct vfs_call call = {
	        .method = VFS_METHOD_TRUNCATE, .path = PATH, .file_kind = VFS_FILE_WAL, .size = size};
	sim_wal_checksums_note(&wal->checksums, &call);
}

/* As with a limit of its size: the first commit of a new WAL cuts off the old one behind itself. */
static void what_is_cut_off_behind_a_commit_changes_nothing(void **context) {
	struct wal wal;
	(void)context;
	init(&wal);
	wal.bytes[32 + FRAME + 30] ^= 1;
	write_bytes(&wal, 32 + FRAME + 24, PAGE);
	cut(&wal, sizeof wal.bytes);
	sim_wal_checksums_look(&wal.checksums, wal.disk);
	assert_string_equal(sim_wal_checksums_text(&wal.checksums), ", a commit without checksums");
	deinit(&wal);
	init(&wal);
	wal.bytes[32 + FRAME + 30] ^= 1;
	write_bytes(&wal, 32 + FRAME + 24, PAGE);
	cut(&wal, 32 + FRAME);
	sim_wal_checksums_look(&wal.checksums, wal.disk);
	assert_string_equal(sim_wal_checksums_text(&wal.checksums), "");
	deinit(&wal);
}

/* A transaction that goes back to before its first frame writes the header once more. */
static void a_wal_that_begins_anew_does_not_hide_it(void **context) {
	struct wal wal;
	(void)context;
	init(&wal);
	write_bytes(&wal, 32 + 24, PAGE);
	write_bytes(&wal, 0, 32);
	wal.bytes[32 + FRAME + 30] ^= 1;
	for (uint32_t i = 0; i < FRAMES; i++) {
		write_bytes(&wal, 32 + i * FRAME, 24);
		write_bytes(&wal, 32 + i * FRAME + 24, PAGE);
	}
	sim_wal_checksums_look(&wal.checksums, wal.disk);
	assert_string_equal(sim_wal_checksums_text(&wal.checksums), ", a commit without checksums");
	deinit(&wal);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_chain_that_holds_is_not_wrong),
	        cmocka_unit_test(a_frame_that_was_written_twice_without_its_sum_is_wrong),
	        cmocka_unit_test(without_a_commit_nothing_is_looked_at),
	        cmocka_unit_test(what_is_cut_off_behind_a_commit_changes_nothing),
	        cmocka_unit_test(a_wal_that_begins_anew_does_not_hide_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
