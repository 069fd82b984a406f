/* The sentence of a fault: parse(print(f)) is f, and what is no sentence is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "fault.h"
#include "pcg.h"

static uint32_t draw(struct sim_pcg32 *chance, uint32_t count) {
	return sim_pcg32_below(chance, count);
}

/* A fault that may or may not be one: sim_fault_check() decides. */
static struct sim_fault draw_fault(struct sim_pcg32 *chance) {
	struct sim_fault fault = {.kind = (enum sim_fault_kind)(1 + draw(chance, SIM_FAULT_KIND_COUNT - 1))};
	const struct sim_fault_row *row = sim_fault_row(fault.kind);
	fault.method = (enum vfs_method)(row->methods == 0 ? 0 : draw(chance, VFS_METHOD_COUNT));
	fault.file_kind = (enum vfs_file_kind)draw(chance, VFS_FILE_COUNT);
	fault.effect = (enum vfs_effect)(row->effects == 0 ? 0 : draw(chance, VFS_EFFECT_COUNT));
	static const int codes[] = {0, 0, SQLITE_NOMEM, SQLITE_IOERR_DIR_FSYNC, SQLITE_READONLY, SQLITE_IOERR_RDLOCK,
	                            99};
	fault.code = codes[draw(chance, sizeof codes / sizeof codes[0])];
	fault.moment = (enum sim_moment)draw(chance, SIM_MOMENT_COUNT);
	fault.moment_number = sim_pcg32_next(chance) >> draw(chance, 32);
	fault.operation = sim_pcg32_next(chance) >> draw(chance, 32);
	if (draw(chance, 3) == 0) {
		fault.phase = (enum vfs_phase)draw(chance, VFS_PHASE_COUNT);
		fault.occurrence = draw(chance, 4);
		fault.operation = draw(chance, 4) == 0 ? 0 : fault.operation;
	}
	fault.times = row->uses_times ? sim_pcg32_next(chance) >> draw(chance, 32) : 1;
	fault.bytes = row->uses_bytes ? draw(chance, 65537) : 0;
	fault.duration_ns = row->uses_duration ? (uint64_t)sim_pcg32_next(chance) << draw(chance, 30) : 0;
	fault.mask = row->uses_mask ? draw(chance, 256) : 0;
	fault.aim = draw(chance, 4) == 0 ? SIM_AIM_ROWS : SIM_AIM_ANYWHERE;
	snprintf(fault.process, sizeof fault.process, "%s", draw(chance, 2) == 0 ? "" : "writer-2");
	return fault;
}

static void assert_same_fault(const struct sim_fault *a, const struct sim_fault *b) {
	assert_true(a->kind == b->kind && a->method == b->method && a->file_kind == b->file_kind &&
	            a->effect == b->effect && a->moment == b->moment);
	assert_int_equal(a->code, b->code);
	assert_string_equal(a->process, b->process);
	assert_true(a->moment_number == b->moment_number && a->operation == b->operation && a->times == b->times);
	assert_true(a->phase == b->phase && a->occurrence == b->occurrence);
	assert_true(a->bytes == b->bytes && a->duration_ns == b->duration_ns && a->mask == b->mask && a->aim == b->aim);
}

/* The fault that a printed one parses to. */
static void expect_read_back(const struct sim_fault *fault) {
	struct sim_fault parsed;
	char text[SIM_FAULT_TEXT_SIZE];
	char why[256] = "";
	sim_fault_print(fault, text);
	if (!sim_fault_parse(text, &parsed, why, sizeof why)) {
		fail_msg("seed 1: %s: %s", text, why);
	}
	assert_same_fault(fault, &parsed);
}

static void a_printed_fault_parses_to_itself(void **context) {
	(void)context;
	struct sim_pcg32 chance;
	char why[256];
	unsigned kinds[SIM_FAULT_KIND_COUNT] = {0};
	sim_pcg32_seed(&chance, 1, 1);
	for (int valid = 0; valid < 100000;) {
		struct sim_fault fault = draw_fault(&chance);
		if (sim_fault_check(&fault, why, sizeof why)) {
			expect_read_back(&fault);
			kinds[fault.kind]++;
			valid++;
		}
	}
	for (int kind = SIM_FAULT_NONE + 1; kind < SIM_FAULT_KIND_COUNT; kind++) {
		assert_in_range(kinds[kind], 100, 100000);
	}
}

static void the_largest_numbers_are_read_back(void **context) {
	(void)context;
	struct sim_fault fault = {.kind = SIM_FAULT_CAPACITY, .moment = SIM_MOMENT_STEP, .times = 1};
	fault.bytes = fault.duration_ns = UINT64_MAX;
	fault.moment_number = fault.operation = UINT32_MAX;
	expect_read_back(&fault);
}

static void the_documented_sentence_is_one(void **context) {
	(void)context;
	struct sim_fault fault;
	char why[256];
	char text[SIM_FAULT_TEXT_SIZE];
	assert_true(sim_fault_parse("io_error xSync wal at step 4 operation 2 effect partial times 1", &fault, why,
	                            sizeof why));
	assert_int_equal(fault.kind, SIM_FAULT_IO_ERROR);
	assert_int_equal(fault.method, VFS_METHOD_SYNC);
	assert_int_equal(fault.file_kind, VFS_FILE_WAL);
	assert_int_equal(fault.moment, SIM_MOMENT_STEP);
	assert_int_equal(fault.moment_number, 4);
	assert_int_equal(fault.operation, 2);
	assert_int_equal(fault.effect, VFS_EFFECT_PARTIAL);
	sim_fault_print(&fault, text);
	assert_non_null(strstr(text, "io_error xSync wal at step 4 operation 2 effect partial"));
}

static void expect_no_sentence(const char *text) {
	struct sim_fault fault;
	char why[256] = "";
	if (sim_fault_parse(text, &fault, why, sizeof why)) {
		fail_msg("was accepted: %s", text);
	}
	assert_int_not_equal(why[0], 0);
}

static void what_is_no_sentence_is_refused_with_a_reason(void **context) {
	(void)context;
	static const char *const texts[] = {
	        "",
	        "kill",
	        "kil any any at step 1 operation 1 effect before",
	        "kill xWrit any at step 1 operation 1 effect before",
	        "kill any database at step 1 operation 1 effect before",
	        "kill any any at lunch 1 operation 1 effect before",
	        "kill any any step 1 operation 1 effect before",
	        "kill any any at step operation 1 effect before",
	        "kill any any at step -1 operation 1 effect before",
	        "kill any any at step 1 operation 0 effect before",
	        "kill any any at step 1 phase wal_frame operation 1 effect before",
	        "kill any any at step 1 phase wal_frame 0 operation 1 effect before",
	        "kill any any at step 1 phase wal_fame 1 operation 1 effect before",
	        "kill any any at step 1 phase none 1 operation 1 effect before",
	        "kill xSync any at step 1 phase wal_frame 1 operation 1 effect before",
	        "kill any db at step 1 phase wal_frame 1 operation 1 effect before",
	        "disk_full any any at step 1 phase journal_deletion 1 operation 1 effect before times 1",
	        "kill any any at step 4294967296 operation 1 effect before",
	        "kill any any at step 1 operation 1",
	        "kill any any at step 1 operation 1 effect",
	        "kill any any at step 1 operation 1 effect sideways",
	        "kill any any at step 1 operation 1 effect before times 2",
	        "kill any any at step 1 operation 1 effect before for 5 ns",
	        "kill any any at step 1 operation 1 effect before mask 1",
	        "kill any any at step 1 operation 1 effect before please",
	        "latency xSync any at step 1 operation 1 times 1 for 5 ms",
	        "latency xSync any at step 1 operation 1 effect before times 1 for 5 ns",
	        "io_error xRead any at step 1 operation 1 effect after times 1",
	        "io_error xSync any at step 1 operation 1 effect before times 0",
	        "busy xWrite any at step 1 operation 1 effect before times 1",
	        "bit_flip any db at step 1 operation 1 bytes 1 mask 1",
	        "bit_flip any db at restart 1 operation 1 bytes 1 mask 0",
	        "bit_flip any db at restart 1 operation 1 bytes 1 mask 256",
	        "bit_flip any any at restart 1 operation 1 bytes 1 mask 1",
	        "bit_flip any db at restart 1 operation 1 bytes 65537 mask 1",
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		expect_no_sentence(texts[i]);
	}
}

static void a_sentence_without_end_is_refused(void **context) {
	(void)context;
	static char text[5000];
	struct sim_fault fault;
	char why[256];
	memset(text, 'x', sizeof text - 1);
	assert_false(sim_fault_parse(text, &fault, why, sizeof why));
}

static void every_kind_has_a_row_that_says_where_it_can_strike(void **context) {
	(void)context;
	for (int kind = SIM_FAULT_NONE + 1; kind < SIM_FAULT_KIND_COUNT; kind++) {
		const struct sim_fault_row *row = sim_fault_row((enum sim_fault_kind)kind);
		assert_non_null(row);
		assert_true(row->place != SIM_PLACE_NONE && (row->place == SIM_PLACE_CALL) == (row->methods != 0));
		assert_int_equal(sim_fault_kind_of(row->name), kind);
		assert_true((row->files != 0 || row->place == SIM_PLACE_ALLOCATION) && row->about[0] != '\0');
	}
	assert_null(sim_fault_row(SIM_FAULT_NONE));
	assert_null(sim_fault_row(SIM_FAULT_KIND_COUNT));
	assert_int_equal(sim_fault_kind_of("none"), SIM_FAULT_NONE);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_printed_fault_parses_to_itself),
	        cmocka_unit_test(the_largest_numbers_are_read_back),
	        cmocka_unit_test(the_documented_sentence_is_one),
	        cmocka_unit_test(what_is_no_sentence_is_refused_with_a_reason),
	        cmocka_unit_test(a_sentence_without_end_is_refused),
	        cmocka_unit_test(every_kind_has_a_row_that_says_where_it_can_strike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
