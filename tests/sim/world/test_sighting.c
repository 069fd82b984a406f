/* Sightings: what is seen of calls, meetings, data and deaths, and what is not. */
#include "sighting.h"

#include "process.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct sim_world world;
static struct sim_sightings sightings;

static int begin(void **context) {
	(void)context;
	memset(&world, 0, sizeof world);
	memset(&sightings, 0, sizeof sightings);
	const struct vfs_disk_options options = {.sector_size_bytes = 512};
	world.disk = vfs_disk_create(&options);
	world.sightings = &sightings;
	for (uint32_t i = 0; i < 2; i++) {
		world.processes[i].world = &world;
		world.processes[i].number = i;
		world.processes[i].watched = true;
		world.processes[i].calls = 1;
		/* Nobody asks it anything: whether there is one is all that counts. */
		world.processes[i].vfs = (struct vfs_process *)&world;
	}
	return world.disk != NULL ? 0 : -1;
}

static int end(void **context) {
	(void)context;
	vfs_disk_destroy(world.disk);
	return 0;
}

/* Where a process is, a call cannot say without its open file. */
static void make(uint32_t process, uint32_t place, struct vfs_call call, int result) {
	call.path = SIM_WORLD_PATH;
	sightings.processes[process].place = place;
	sim_sightings_called(&world.processes[process], &call, result);
}

static void lock(uint32_t process, int level, int result) {
	make(process, VFS_PHASE_LOCK,
	     (struct vfs_call){.method = VFS_METHOD_LOCK, .file_kind = VFS_FILE_DB, .size = (uint64_t)level}, result);
}

static void commit(uint32_t process, int result) {
	make(process, VFS_PHASE_JOURNAL_DELETION,
	     (struct vfs_call){.method = VFS_METHOD_DELETE, .file_kind = VFS_FILE_JOURNAL}, result);
}

static uint32_t count(enum sim_species_class class) {
	static uint32_t numbers[SIM_SPECIES_COUNT];
	uint32_t all = sim_species_list(&sightings.species, numbers, SIM_SPECIES_COUNT);
	uint32_t of_class = 0;
	for (uint32_t i = 0; i < all; i++) {
		of_class += sim_species_class_of(numbers[i]) == class;
	}
	return of_class;
}

static void a_call_is_told_apart_by_its_answer_and_by_what_is_held(void **context) {
	(void)context;
	lock(0, SQLITE_LOCK_SHARED, SQLITE_OK);
	lock(0, SQLITE_LOCK_RESERVED, SQLITE_BUSY);
	assert_int_equal(count(SIM_SPECIES_CALL), 2);
	lock(0, SQLITE_LOCK_RESERVED, SQLITE_BUSY);
	assert_int_equal(count(SIM_SPECIES_CALL), 2);
	lock(0, SQLITE_LOCK_RESERVED, SQLITE_OK);
	lock(0, SQLITE_LOCK_RESERVED, SQLITE_OK);
	assert_int_equal(count(SIM_SPECIES_CALL), 4);
	assert_int_equal(sightings.calls, 5);
}

static void who_acts_meets_who_is_in_the_middle_of_a_step(void **context) {
	(void)context;
	lock(1, SQLITE_LOCK_SHARED, SQLITE_OK);
	lock(0, SQLITE_LOCK_SHARED, SQLITE_OK);
	assert_int_equal(count(SIM_SPECIES_MEET), 0);
	commit(0, SQLITE_IOERR);
	assert_int_equal(count(SIM_SPECIES_MEET), 0);
	world.processes[1].watched = false;
	commit(0, SQLITE_OK);
	assert_int_equal(count(SIM_SPECIES_MEET), 0);
	world.processes[1].watched = true;
	commit(0, SQLITE_OK);
	assert_int_equal(count(SIM_SPECIES_MEET), 1);
	lock(1, SQLITE_LOCK_RESERVED, SQLITE_OK);
	commit(0, SQLITE_OK);
	assert_int_equal(count(SIM_SPECIES_MEET), 2);
}

static void a_read_knows_who_wrote(void **context) {
	const struct vfs_call read = {.method = VFS_METHOD_READ, .file_kind = VFS_FILE_DB, .offset = 4096, .size = 512};
	struct vfs_call write = read;
	write.method = VFS_METHOD_WRITE;
	(void)context;
	make(0, VFS_PHASE_RECOVERY_READ, read, SQLITE_OK);
	assert_int_equal(count(SIM_SPECIES_READ), 1);
	make(1, VFS_PHASE_DATABASE_WRITE, write, SQLITE_FULL);
	make(0, VFS_PHASE_RECOVERY_READ, read, SQLITE_OK);
	assert_int_equal(count(SIM_SPECIES_READ), 1);
	make(1, VFS_PHASE_DATABASE_WRITE, write, SQLITE_OK);
	make(0, VFS_PHASE_RECOVERY_READ, read, SQLITE_OK);
	assert_int_equal(count(SIM_SPECIES_READ), 2);
	make(1, VFS_PHASE_RECOVERY_READ, read, SQLITE_OK);
	assert_int_equal(count(SIM_SPECIES_READ), 3);
	sim_sightings_note_end(&world.processes[1]);
	make(1, VFS_PHASE_RECOVERY_READ, read, SQLITE_OK);
	assert_int_equal(count(SIM_SPECIES_READ), 4);
}

static void a_death_is_where_it_came(void **context) {
	(void)context;
	lock(0, SQLITE_LOCK_SHARED, SQLITE_OK);
	sim_sightings_note_death(&world.processes[0]);
	assert_int_equal(count(SIM_SPECIES_DEATH), 1);
	lock(0, SQLITE_LOCK_SHARED, SQLITE_OK);
	assert_int_equal(count(SIM_SPECIES_AFTER), 0);
	make(0, VFS_PHASE_RECOVERY_READ,
	     (struct vfs_call){.method = VFS_METHOD_READ, .file_kind = VFS_FILE_JOURNAL, .size = 512}, SQLITE_OK);
	assert_int_equal(count(SIM_SPECIES_AFTER), 1);
}

static void nothing_is_seen_of_the_judge_nor_beside_the_run(void **context) {
	(void)context;
	world.injection_paused = true;
	lock(0, SQLITE_LOCK_SHARED, SQLITE_OK);
	world.injection_paused = false;
	world.processes[0].branch = 1;
	lock(0, SQLITE_LOCK_SHARED, SQLITE_OK);
	sim_sightings_note_death(&world.processes[0]);
	world.sightings = NULL;
	lock(1, SQLITE_LOCK_SHARED, SQLITE_OK);
	assert_int_equal(sim_species_list(&sightings.species, NULL, 0), 0);
	assert_int_equal(sightings.calls, 0);
}

static void probes_count_by_how_often(void **context) {
	static struct sim_run_result result;
	(void)context;
	sim_sightings_conclude(&sightings, &result);
	assert_int_equal(count(SIM_SPECIES_OFTEN), 0);
	result.probes[SIM_PROBE_KILL] = 1;
	sim_sightings_conclude(&sightings, &result);
	result.probes[SIM_PROBE_KILL] = 2;
	sim_sightings_conclude(&sightings, &result);
	assert_int_equal(count(SIM_SPECIES_OFTEN), 2);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_call_is_told_apart_by_its_answer_and_by_what_is_held, begin, end),
	        cmocka_unit_test_setup_teardown(who_acts_meets_who_is_in_the_middle_of_a_step, begin, end),
	        cmocka_unit_test_setup_teardown(a_read_knows_who_wrote, begin, end),
	        cmocka_unit_test_setup_teardown(a_death_is_where_it_came, begin, end),
	        cmocka_unit_test_setup_teardown(nothing_is_seen_of_the_judge_nor_beside_the_run, begin, end),
	        cmocka_unit_test_setup_teardown(probes_count_by_how_often, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
