/* sim/verdict.c: see verdict.h. */
#include "verdict.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct sim_invariant sim_verdict_table[] = {
        {"memory_equals_committed", "after every step, memory shows exactly the updates that were committed"},
        {"loaded_equals_committed",
         "every load shows a state that was committed, or one with an update in doubt on top"},
        {"acknowledged_is_durable", "a load misses no acknowledged update that the contract of the settings protects"},
        {"refused_is_absent", "an update that was said not to be applied does not appear"},
        {"malformed_is_refused", "a report that is malformed is refused, and changes nothing"},
        {"exactly_once", "an update counts once, however often it is delivered"},
        {"version_monotonic", "the version goes up by one for each update and never back within a process"},
        {"corruption_detected",
         "a damaged stored state is refused with its files untouched, or shows a committed state"},
        {"recovery_equals_reader",
         "explore: SQLite recovers to the pages that a reader of the file formats computes from the same bytes"},
        {"recovery_equals_second",
         "explore --second-sqlite: another release of SQLite recovers the same bytes to the same pages and rows"},
        {"database_intact", "SQLite's integrity check finds nothing at the end"},
        {"one_owner", "an engine that was taken over from acknowledges nothing and changes no file"},
        {"risk_limit_kept",
         "the exchange never holds, with what is open there, more than its limit; nothing is permitted "
         "beyond it or in a halt"},
        {"trades_only_in_agreement",
         "an order is permitted only after a complete statement of the exchange that equals what is shown"},
        {"agreement_is_reached", "a complete statement of the exchange that equals what is shown is an agreement"},
        {"checkpoint_is_made", "after a checkpoint that was said to be made, the next commit begins the WAL anew"},
        {"intent_before_order", "an order that the exchange has is known after every restart"},
        {"query_returns_no_row", "SQL: an invariant query of the scenario returns no row"},
        {"answer_follows_content", "SQL: a transaction is accepted or refused as the committed content demands"},
        {"no_needless_failure",
         "nothing is put off, in doubt or stopped, and no start fails, unless something failed meanwhile"},
        {"held_is_applied", "an update that is said to be held is applied by the step that lets it in"},
        {"gap_is_exact", "an update that came too early is put off with the quantities that are missing before it"},
        {"bound_kept", "no bound of the scenario is exceeded: sizes of files, steps put off, time to heal"},
        {"nothing_left_open", "when nobody runs, no memory of SQLite is in use"},
        {"exchange_converges", "at the end, positions and orders are the sums of the exchange's fills"},
        {"progress_after_faults", "once faults have ended, every update is acknowledged within a bounded virtual time"},
        {"snapshot_isolation",
         "processes: each read shows one committed state, the newest when it began or a later one"},
        {"serialisable_writers", "processes: each transaction stands on the state that it has read"},
        {"no_starvation", "processes: once faults have ended, each gets its work done in a bounded number of tries"},
        {"no_deadlock", "processes: they never all wait for each other"},
        {"no_runaway", "processes: none works for ever without a VFS call"},
        {"interface_kept",
         "the subject keeps the rules of subject.h: it gives an instance when it starts, and closes what it "
         "opened"},
        {"subject_crashed", "the subject does not crash or abort"},
        {"subject_hung", "the subject does not hang"},
        {NULL, NULL},
};

const struct sim_invariant *sim_verdict_invariants(void) {
	return sim_verdict_table;
}

static void sim_verdict_assert_known(const char *name) {
	const struct sim_invariant *invariant = sim_verdict_table;
	while (invariant->name != NULL && strcmp(invariant->name, name) != 0) {
		invariant++;
	}
	assert(invariant->name != NULL);
}

/* How many bytes of the text are one character of UTF-8 that can be shown; 0: none. */
static size_t sim_verdict_character(const char *text) {
	const unsigned char first = (unsigned char)text[0];
	size_t size = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	bool is_good = first < 0x80 ? first >= ' ' && first != 0x7f : first >= 0xc2 && first <= 0xf4;
	for (size_t i = 1; i < size && is_good; i++) {
		is_good = ((unsigned char)text[i] & 0xc0) == 0x80; /* false at the NUL */
	}
	if (is_good && size > 2) { /* none that is too long, a half of a pair, or beyond the last */
		const unsigned char second = (unsigned char)text[1];
		is_good = !(first == 0xe0 && second < 0xa0) && !(first == 0xed && second > 0x9f) &&
		          !(first == 0xf0 && second < 0x90) && !(first == 0xf4 && second > 0x8f);
	}
	return is_good ? size : 0;
}

/* What a damaged database shows may be any bytes. Whoever prints or stores the detail needs one
 * line of UTF-8. */
void sim_verdict_clean(char *text) {
	while (*text != '\0') {
		size_t size = sim_verdict_character(text);
		*text = size == 0 ? '?' : *text;
		text += size == 0 ? 1 : size;
	}
}

bool sim_verdict_violated(struct sim_violation *violation, const char *invariant, const char *format, ...) {
	va_list arguments;
	sim_verdict_assert_known(invariant);
	if (violation->invariant[0] != '\0') {
		return false;
	}
	snprintf(violation->invariant, sizeof violation->invariant, "%s", invariant);
	va_start(arguments, format);
	vsnprintf(violation->detail, sizeof violation->detail, format, arguments);
	va_end(arguments);
	sim_verdict_clean(violation->detail);
	if (violation->told != NULL) {
		violation->told(violation->context);
	}
	return false;
}
