/* sim/world/crash_state.c: see crash_state.h. The disk asks one question after the other about what
 * survives (vfs/disk/power.c); a state is a rule that answers them. */
#include "crash_state.h"

#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Operations beyond are not named one by one. */
#define SIM_CRASH_STATE_OPERATIONS_MAX 64u
/* Of what is sampled so much is a subset by chance: the one kind that reaches what takes more than
 * one loss. */
#define SIM_CRASH_STATE_SET_PERCENT 33u
#define SIM_CRASH_STATE_ASKED_SIZE 640

static const char *const sim_crash_state_names[SIM_CRASH_STATE_COUNT] = {
        [SIM_CRASH_STATE_KILL] = "kill",
        [SIM_CRASH_STATE_KILL_HALF] = "kill-half",
        [SIM_CRASH_STATE_KILL_ALL] = "kill-all",
        [SIM_CRASH_STATE_NONE] = "none",
        [SIM_CRASH_STATE_ALL] = "all",
        [SIM_CRASH_STATE_FIRST] = "first-",
        [SIM_CRASH_STATE_ONLY] = "only-",
        [SIM_CRASH_STATE_WITHOUT] = "without-",
        [SIM_CRASH_STATE_TORN] = "torn-",
        [SIM_CRASH_STATE_CUT] = "cut-",
        [SIM_CRASH_STATE_TORN_ONLY] = "torn-only-",
        [SIM_CRASH_STATE_GROWN] = "grown-",
        [SIM_CRASH_STATE_GARBAGE] = "garbage-",
        [SIM_CRASH_STATE_NAMES] = "names-",
        [SIM_CRASH_STATE_NAME] = "name-",
        [SIM_CRASH_STATE_ORDER] = "order-",
        [SIM_CRASH_STATE_ORDER_CUT] = "order-cut-",
        [SIM_CRASH_STATE_SET] = "set-",
        [SIM_CRASH_STATE_DRAWN] = "drawn-",
};

bool sim_crash_state_is_kill(const struct sim_crash_state *state) {
	return state->kind <= SIM_CRASH_STATE_KILL_ALL;
}

#define SIM_CRASH_STATE_WRITES_MORE "+1"

void sim_crash_state_print(const struct sim_crash_state *state, char name[SIM_CRASH_STATE_NAME_SIZE]) {
	assert(state->kind < SIM_CRASH_STATE_COUNT);
	const char *word = sim_crash_state_names[state->kind];
	const char *more = state->writes_more ? SIM_CRASH_STATE_WRITES_MORE : "";
	if (word[strlen(word) - 1] != '-') {
		snprintf(name, SIM_CRASH_STATE_NAME_SIZE, "%s%s", word, more);
	} else if (state->kind == SIM_CRASH_STATE_SET) {
		snprintf(name, SIM_CRASH_STATE_NAME_SIZE, "%s0x%" PRIx64 "%s", word, state->number, more);
	} else {
		snprintf(name, SIM_CRASH_STATE_NAME_SIZE, "%s%" PRIu64 "%s", word, state->number, more);
	}
}

/* Whether the name is that of a state of this kind. */
static bool sim_crash_state_parse_kind(const char *name, int kind, struct sim_crash_state *state) {
	char again[SIM_CRASH_STATE_NAME_SIZE];
	size_t word = strlen(sim_crash_state_names[kind]);
	*state = (struct sim_crash_state){.kind = (enum sim_crash_state_kind)kind};
	if (strncmp(name, sim_crash_state_names[kind], word) != 0) {
		return false;
	}
	state->writes_more = strchr(name, SIM_CRASH_STATE_WRITES_MORE[0]) != NULL;
	bool has_number = sim_crash_state_names[kind][word - 1] == '-';
	state->number = has_number ? strtoull(name + word, NULL, kind == SIM_CRASH_STATE_SET ? 16 : 10) : 0;
	sim_crash_state_print(state, again);
	return strcmp(again, name) == 0;
}

bool sim_crash_state_parse(const char *text, size_t length, struct sim_crash_state *state) {
	char name[SIM_CRASH_STATE_NAME_SIZE] = "";
	bool is_known = false;
	if (length < sizeof name) {
		memcpy(name, text, length);
	}
	for (int kind = 0; kind < SIM_CRASH_STATE_COUNT && !is_known; kind++) {
		is_known = sim_crash_state_parse_kind(name, kind, state);
	}
	return is_known;
}

/* ---- counting -------------------------------------------------------------------------------- */

/* Everything survives, and is counted. */
static uint64_t sim_crash_state_note(void *context, enum vfs_choice choice, uint64_t count) {
	struct sim_crash_state_pending *pending = context;
	uint64_t bit = pending->operations < SIM_CRASH_STATE_OPERATIONS_MAX ? UINT64_C(1) << pending->operations : 0;
	switch ((int)choice) {
	case VFS_CHOICE_ORDER:
		pending->ordered = (uint32_t)count - 1;
		return count - 1;
	case VFS_CHOICE_NAMES:
		pending->names += (uint32_t)count - 1;
		return count - 1;
	case VFS_CHOICE_NAME:
		pending->names++;
		pending->names_are_free = true;
		return 1;
	case VFS_CHOICE_FILE:
		return 2;
	case VFS_CHOICE_WRITE:
		pending->is_write |= count > 2 ? bit : 0;
		pending->can_grow |= count > 3 ? bit : 0;
		pending->can_spoil |= count > 4 ? bit : 0;
		pending->operations++;
		return 1;
	case VFS_CHOICE_TRUNCATE:
		pending->operations++;
		return 1;
	default: /* nothing is torn here */
		return 0;
	}
}

struct sim_crash_state_pending sim_crash_state_count(struct vfs_disk *copy) {
	struct sim_crash_state_pending pending = {0};
	vfs_disk_power_loss(copy, sim_crash_state_note, &pending);
	return pending;
}

/* ---- the list -------------------------------------------------------------------------------- */

/* The numbers of a kind: 0 .. result - 1. */
static uint64_t sim_crash_state_size(const struct sim_crash_state_pending *pending,
                                     const struct sim_crash_state_bounds *bounds, enum sim_crash_state_kind kind) {
	uint32_t operations = pending->operations;
	uint32_t named = operations < SIM_CRASH_STATE_OPERATIONS_MAX ? operations : SIM_CRASH_STATE_OPERATIONS_MAX;
	bool has_order = pending->ordered > 0;
	switch ((int)kind) {
	case SIM_CRASH_STATE_NONE:
	case SIM_CRASH_STATE_ALL:
		return 1;
	case SIM_CRASH_STATE_FIRST:
		return has_order ? 0 : operations;
	case SIM_CRASH_STATE_ONLY:
	case SIM_CRASH_STATE_WITHOUT:
	case SIM_CRASH_STATE_TORN:
	case SIM_CRASH_STATE_CUT:
	case SIM_CRASH_STATE_TORN_ONLY:
	case SIM_CRASH_STATE_GROWN:
	case SIM_CRASH_STATE_GARBAGE:
		return has_order ? 0 : named;
	case SIM_CRASH_STATE_NAMES:
		return has_order ? 0 : pending->names;
	case SIM_CRASH_STATE_NAME:
		return pending->names_are_free && !has_order ? pending->names : 0;
	case SIM_CRASH_STATE_ORDER:
	case SIM_CRASH_STATE_ORDER_CUT:
		return pending->ordered;
	case SIM_CRASH_STATE_SET:
		/* No operation, one, all but one and all are in the list already. */
		return !has_order && operations > 2 && operations <= bounds->subsets_of ? UINT64_C(1) << operations : 0;
	case SIM_CRASH_STATE_DRAWN:
		return pending->operations + pending->names + pending->ordered > 1 ? bounds->drawn : 0;
	default:
		return 0;
	}
}

/* What has no such number: a truncate is not torn, and a write within the file does not grow it. */
static bool sim_crash_state_exists(const struct sim_crash_state_pending *pending, const struct sim_crash_state *state) {
	uint64_t number = state->number;
	uint64_t bit = number < SIM_CRASH_STATE_OPERATIONS_MAX ? UINT64_C(1) << number : 0;
	switch ((int)state->kind) {
	case SIM_CRASH_STATE_TORN:
	case SIM_CRASH_STATE_CUT:
	case SIM_CRASH_STATE_TORN_ONLY:
		return (pending->is_write & bit) != 0;
	case SIM_CRASH_STATE_GROWN:
		return (pending->can_grow & bit) != 0;
	case SIM_CRASH_STATE_GARBAGE:
		return (pending->can_spoil & bit) != 0;
	default:
		return true;
	}
}

/* The next one, whether it exists or not. */
static bool sim_crash_state_advance(const struct sim_crash_state_pending *pending,
                                    const struct sim_crash_state_bounds *bounds, struct sim_crash_state *state) {
	state->number++;
	while (state->kind < SIM_CRASH_STATE_COUNT &&
	       state->number >= sim_crash_state_size(pending, bounds, state->kind)) {
		state->kind++;
		state->number = 0;
	}
	return state->kind < SIM_CRASH_STATE_COUNT;
}

bool sim_crash_state_next(const struct sim_crash_state_pending *pending, const struct sim_crash_state_bounds *bounds,
                          struct sim_crash_state *state) {
	assert(bounds->subsets_of < 32 && !sim_crash_state_is_kill(state));
	bool is_one = sim_crash_state_advance(pending, bounds, state);
	while (is_one && !sim_crash_state_exists(pending, state)) {
		is_one = sim_crash_state_advance(pending, bounds, state);
	}
	return is_one;
}

uint64_t sim_crash_state_total(const struct sim_crash_state_pending *pending,
                               const struct sim_crash_state_bounds *bounds) {
	struct sim_crash_state state = {.kind = SIM_CRASH_STATE_NONE};
	uint64_t total = 1;
	while (sim_crash_state_next(pending, bounds, &state)) {
		total++;
	}
	return total;
}

/* The first number of the kind from this one on, round its end, that exists. */
static bool sim_crash_state_settle(const struct sim_crash_state_pending *pending, uint64_t size,
                                   struct sim_crash_state *state) {
	for (uint64_t tried = 0; tried < size && tried < SIM_CRASH_STATE_OPERATIONS_MAX; tried++) {
		if (sim_crash_state_exists(pending, state)) {
			return true;
		}
		state->number = (state->number + 1) % size;
	}
	return false;
}

void sim_crash_state_sample(const struct sim_crash_state_pending *pending, const struct sim_crash_state_bounds *bounds,
                            struct sim_pcg32 *chance, struct sim_crash_state *state) {
	uint32_t kinds = 1;
	*state = (struct sim_crash_state){.kind = SIM_CRASH_STATE_KILL};
	for (int kind = SIM_CRASH_STATE_NONE; kind < SIM_CRASH_STATE_COUNT; kind++) {
		uint64_t size = sim_crash_state_size(pending, bounds, (enum sim_crash_state_kind)kind);
		struct sim_crash_state one = {.kind = (enum sim_crash_state_kind)kind};
		one.number = size > 0 ? sim_pcg32_between(chance, 0, size - 1) : 0;
		if (size > 0 && sim_crash_state_settle(pending, size, &one) && sim_pcg32_below(chance, ++kinds) == 0) {
			*state = one;
		}
	}
	uint64_t sets = sim_crash_state_size(pending, bounds, SIM_CRASH_STATE_SET);
	if (sets > 0 && sim_pcg32_percent(chance, SIM_CRASH_STATE_SET_PERCENT)) {
		*state = (struct sim_crash_state){.kind = SIM_CRASH_STATE_SET,
		                                  .number = sim_pcg32_between(chance, 0, sets - 1)};
	}
}

/* ---- answers --------------------------------------------------------------------------------- */

struct sim_crash_state_answers {
	struct sim_crash_state state;
	struct sim_pcg32 chance;
	uint64_t operation; /* the next to be asked about */
	uint64_t name;
	uint64_t sector; /* of the write that is torn */
	sim_crash_teller teller;
	void *context;
	uint64_t told; /* operations */
};

static uint64_t sim_crash_state_draw(struct sim_crash_state_answers *answers, enum vfs_choice choice, uint64_t count) {
	/* As at a power loss of a run: ends of the list, and the middle, alike. */
	if (choice == VFS_CHOICE_GARBAGE || count > UINT32_MAX) {
		return ((uint64_t)sim_pcg32_next(&answers->chance) << 32 | sim_pcg32_next(&answers->chance)) % count;
	}
	return sim_pcg32_below(&answers->chance, (uint32_t)count);
}

static bool sim_crash_state_survives(const struct sim_crash_state_answers *answers, uint64_t operation) {
	uint64_t number = answers->state.number;
	switch ((int)answers->state.kind) {
	case SIM_CRASH_STATE_FIRST:
		return operation < number;
	case SIM_CRASH_STATE_ONLY:
		return operation == number;
	case SIM_CRASH_STATE_WITHOUT:
		return operation != number;
	case SIM_CRASH_STATE_TORN_ONLY:
		return false;
	case SIM_CRASH_STATE_SET:
		return operation >= SIM_CRASH_STATE_OPERATIONS_MAX || (number >> operation & 1) != 0;
	default:
		return true;
	}
}

static uint64_t sim_crash_state_answer_write(struct sim_crash_state_answers *answers, uint64_t count) {
	uint64_t operation = answers->operation++;
	bool is_it = operation == answers->state.number;
	answers->sector = 0;
	switch ((int)answers->state.kind) {
	case SIM_CRASH_STATE_TORN:
	case SIM_CRASH_STATE_CUT:
	case SIM_CRASH_STATE_TORN_ONLY:
		return is_it && count > 2 ? 2 : sim_crash_state_survives(answers, operation);
	case SIM_CRASH_STATE_GROWN:
		return is_it && count > 3 ? 3 : 1;
	case SIM_CRASH_STATE_GARBAGE:
		return is_it && count > 4 ? 4 : 1;
	default:
		return sim_crash_state_survives(answers, operation);
	}
}

/* Of the write that is torn. */
static uint64_t sim_crash_state_answer_sector(struct sim_crash_state_answers *answers) {
	bool is_first = answers->sector++ == 0;
	return !is_first ? 0 : answers->state.kind == SIM_CRASH_STATE_CUT ? 2 : 1;
}

static uint64_t sim_crash_state_answer_name(struct sim_crash_state_answers *answers) {
	uint64_t name = answers->name++;
	const struct sim_crash_state *state = &answers->state;
	switch ((int)state->kind) {
	case SIM_CRASH_STATE_NONE:
		return 0;
	case SIM_CRASH_STATE_NAMES:
		return name < state->number;
	case SIM_CRASH_STATE_NAME:
		return name != state->number;
	default:
		return 1;
	}
}

/* Names that are kept in order, of one directory. */
static uint64_t sim_crash_state_answer_names(struct sim_crash_state_answers *answers, uint64_t count) {
	const struct sim_crash_state *state = &answers->state;
	uint64_t first = answers->name;
	answers->name += count - 1;
	if (state->kind == SIM_CRASH_STATE_NONE) {
		return 0;
	}
	if (state->kind != SIM_CRASH_STATE_NAMES || state->number >= answers->name) {
		return count - 1;
	}
	return state->number > first ? state->number - first : 0;
}

static uint64_t sim_crash_state_answer_order(const struct sim_crash_state *state, uint64_t count) {
	bool is_cut = state->kind == SIM_CRASH_STATE_ORDER || state->kind == SIM_CRASH_STATE_ORDER_CUT;
	if (is_cut && state->number < count) {
		return state->number;
	}
	return state->kind == SIM_CRASH_STATE_NONE ? 0 : count - 1;
}

static uint64_t sim_crash_state_answer_file(const struct sim_crash_state *state) {
	switch ((int)state->kind) {
	case SIM_CRASH_STATE_NONE:
		return 0;
	case SIM_CRASH_STATE_ALL:
	case SIM_CRASH_STATE_NAMES:
	case SIM_CRASH_STATE_NAME:
		return 1;
	default:
		return 2;
	}
}

static uint64_t sim_crash_state_answer(struct sim_crash_state_answers *answers, enum vfs_choice choice,
                                       uint64_t count) {
	if (answers->state.kind == SIM_CRASH_STATE_DRAWN || choice == VFS_CHOICE_GARBAGE) {
		return sim_crash_state_draw(answers, choice, count);
	}
	switch ((int)choice) {
	case VFS_CHOICE_ORDER:
		return sim_crash_state_answer_order(&answers->state, count);
	case VFS_CHOICE_NAMES:
		return sim_crash_state_answer_names(answers, count);
	case VFS_CHOICE_NAME:
		return sim_crash_state_answer_name(answers);
	case VFS_CHOICE_FILE:
		return sim_crash_state_answer_file(&answers->state);
	case VFS_CHOICE_WRITE:
		return sim_crash_state_answer_write(answers, count);
	case VFS_CHOICE_TRUNCATE:
		return sim_crash_state_survives(answers, answers->operation++);
	case VFS_CHOICE_SECTOR:
		return sim_crash_state_answer_sector(answers);
	default: /* a prefix */
		return answers->state.kind == SIM_CRASH_STATE_ORDER ? 0 : count / 2;
	}
}

/* ---- telling --------------------------------------------------------------------------------- */

static void sim_crash_state_asked_text(const struct vfs_asked *asked, char text[SIM_CRASH_STATE_ASKED_SIZE]) {
	const size_t size = SIM_CRASH_STATE_ASKED_SIZE;
	switch (asked->kind) {
	case VFS_ASKED_WRITE:
		snprintf(text, size, "write of %" PRIu64 " bytes at %" PRIu64 " of %s%s", asked->size_bytes,
		         asked->offset, asked->name, asked->grows ? ", which grows by that" : "");
		break;
	case VFS_ASKED_TRUNCATE:
		snprintf(text, size, "truncate of %s to %" PRIu64 " bytes", asked->name, asked->offset);
		break;
	case VFS_ASKED_LINK:
		snprintf(text, size, "the name %s is made", asked->name);
		break;
	case VFS_ASKED_UNLINK:
		snprintf(text, size, "the name %s is taken away", asked->name);
		break;
	case VFS_ASKED_RENAME:
		snprintf(text, size, "%s is renamed to %s", asked->name, asked->to);
		break;
	case VFS_ASKED_NOTHING:
		text[0] = '\0';
		break;
	}
}

/* What the disk asks about, and what becomes of it. False when there is no such operation. */
static bool sim_crash_state_tell_one(const struct sim_crash_state_answers *answers, const char *number, uint64_t index,
                                     const char *fate) {
	char what[SIM_CRASH_STATE_ASKED_SIZE];
	char text[SIM_CRASH_STATE_ASKED_SIZE + 60];
	const struct vfs_asked asked = vfs_disk_asked(index);
	sim_crash_state_asked_text(&asked, what);
	snprintf(text, sizeof text, "%6s  %-22s  %s", number, fate, what);
	if (asked.kind != VFS_ASKED_NOTHING) {
		answers->teller(answers->context, text);
	}
	return asked.kind != VFS_ASKED_NOTHING;
}

static bool sim_crash_state_tell_operation(struct sim_crash_state_answers *answers, uint64_t index, const char *fate) {
	char number[24];
	snprintf(number, sizeof number, "%" PRIu64, answers->told);
	bool is_told = sim_crash_state_tell_one(answers, number, index, fate);
	answers->told += is_told ? 1 : 0;
	return is_told;
}

static void sim_crash_state_tell(struct sim_crash_state_answers *answers, enum vfs_choice choice, uint64_t count,
                                 uint64_t answer) {
	static const char *const fates[] = {"lost", "kept", "kept in part", "its size, with zeros",
	                                    "its size, with garbage"};
	switch ((int)choice) {
	case VFS_CHOICE_FILE:
		for (uint64_t i = 0; answer < 2 && sim_crash_state_tell_operation(answers, i, fates[answer]); i++) {
		}
		break;
	case VFS_CHOICE_WRITE:
	case VFS_CHOICE_TRUNCATE:
		sim_crash_state_tell_operation(answers, 0, fates[answer]);
		break;
	case VFS_CHOICE_NAME:
		sim_crash_state_tell_one(answers, "name", 0, fates[answer]);
		break;
	case VFS_CHOICE_NAMES:
		for (uint64_t i = 0; i + 1 < count; i++) {
			sim_crash_state_tell_one(answers, "name", i, fates[i < answer]);
		}
		break;
	case VFS_CHOICE_ORDER:
		answers->teller(answers->context, answer + 1 == count
		                                          ? "the disk keeps the order: all operations are kept"
		                                          : "the disk keeps the order: the oldest operations are kept");
		break;
	default: /* within a write */
		break;
	}
}

static uint64_t sim_crash_state_choose(void *context, enum vfs_choice choice, uint64_t count) {
	struct sim_crash_state_answers *answers = context;
	uint64_t answer = sim_crash_state_answer(answers, choice, count);
	if (answers->teller != NULL) {
		sim_crash_state_tell(answers, choice, count, answer);
	}
	return answer;
}

struct vfs_disk *sim_crash_state_half(const struct vfs_disk *before, struct vfs_disk *behind,
                                      const struct sim_crash_write *write) {
	struct vfs_inode *from = NULL;
	struct vfs_inode *to = NULL;
	bool created = false;
	size_t got = 0;
	size_t half = (size_t)(write->size / 2);
	struct vfs_disk *disk = half > 0 ? vfs_disk_snapshot(before) : NULL;
	unsigned char *bytes = disk != NULL ? malloc(half) : NULL;
	bool done = bytes != NULL && vfs_disk_open(behind, write->path, false, &created, &from) == VFS_OK;
	if (done) {
		vfs_disk_read(from, write->offset, bytes, half, &got);
		vfs_disk_close(behind, from);
	}
	done = done && vfs_disk_open(disk, write->path, false, &created, &to) == VFS_OK;
	if (done) {
		done = vfs_disk_write(disk, to, write->offset, bytes, got) == VFS_OK;
		vfs_disk_close(disk, to);
	}
	free(bytes);
	if (!done) {
		vfs_disk_destroy(disk);
	}
	return done ? disk : NULL;
}

void sim_crash_state_apply(struct vfs_disk *disk, const struct sim_crash_state *state, struct sim_pcg32 chance,
                           sim_crash_teller teller, void *context) {
	assert(!sim_crash_state_is_kill(state));
	struct sim_crash_state_answers answers = {
	        .state = *state, .chance = chance, .teller = teller, .context = context};
	vfs_disk_power_loss(disk, sim_crash_state_choose, &answers);
}

bool sim_crash_state_changes_disk(const struct vfs_call *call, int result) {
	bool creates = call->method == VFS_METHOD_OPEN && (call->flags & SQLITE_OPEN_CREATE) != 0;
	bool changes = call->method == VFS_METHOD_WRITE || call->method == VFS_METHOD_TRUNCATE ||
	               call->method == VFS_METHOD_DELETE || call->method == VFS_METHOD_SYNC;
	return changes || (creates && result == SQLITE_OK);
}
