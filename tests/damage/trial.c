/* What the engine makes of one damage. */
#include "damage.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <sqlite3.h>
#include <xxhash.h>

#include "memory_vfs.h"
#include "orders.h"

#define TRIAL_UPDATES 3u

/* Where a trial stands: what must be there from now on. */
struct trial_state {
	uint64_t version; /* the last that was shown or acknowledged */
	bool in_doubt;    /* one more may be there */
	bool failed;      /* an update did not go through */
	bool named;       /* and the damage was named by that */
	bool older;
};

static void trial_end(struct damage_trial *trial, enum damage_outcome outcome, const char *what, const char *reason) {
	size_t length = strlen(trial->story);

	trial->outcome = outcome;
	snprintf(trial->story + length, sizeof trial->story - length, "%s%s%s", what, reason[0] != '\0' ? ": " : "",
	         reason);
}

/* SQLite checks neither sum nor range of the size that a rollback journal's header says the
 * database had, in its bytes 16 to 19 (fileformat2.html, section 3): playing back begins with
 * making the file as large as that, and a disk that has no room for it is all that SQLite can see.
 * So the open says "later", for ever. No other damage may end so. */
static bool trial_is_journal_size_limit(const struct damage_trial *trial, const struct engine_error *error) {
	return trial->kind == DAMAGE_BIT_ROT && trial->class == DAMAGE_JOURNAL_INITIAL_SIZE &&
	       (error->sqlite_code & 0xff) == SQLITE_FULL;
}

/* Whether SQLite writes before it reads: a journal that does not begin with a zero is hot to it
 * (pager.c, hasHotJournal), is played back as far as it makes sense, and deleted. That may not be
 * refused up front: a header that power has torn looks the same. */
static bool trial_has_hot_journal(const struct damage_trial *trial) {
	const struct damage_content *journal = &trial->image.files[DAMAGE_JOURNAL];

	return journal->size > 0 && journal->bytes[0] != 0;
}

/* Of a journal that begins with a zero no byte means anything (PERSIST leaves one): a write that
 * fails and is rolled back goes through it and leaves it so. */
static void trial_forget_cold_journal(struct damage_content *journal) {
	if (journal->size > 0 && journal->bytes[0] == 0) {
		journal->size = 0;
	}
}

/* A refusal leaves the files as they were; a hot journal alone may have been played back. */
static void trial_judge_refusal(struct damage_trial *trial, const struct engine_error *error) {
	struct damage_image after = {0};

	damage_image_take(&after);
	bool is_hot = trial_has_hot_journal(trial);
	trial_forget_cold_journal(&after.files[DAMAGE_JOURNAL]);
	trial_forget_cold_journal(&trial->image.files[DAMAGE_JOURNAL]);
	bool untouched = is_hot || damage_image_equals(&after, &trial->image);
	if (error->reason[0] == '\0') {
		trial_end(trial, DAMAGE_FAILED, "refused without a word", "");
	} else if (!untouched) {
		trial_end(trial, DAMAGE_FAILED, "refused, and files have changed", error->reason);
	} else {
		trial_end(trial, DAMAGE_REFUSED, "refused", error->reason);
	}
	damage_image_deinit(&after);
}

/* Whether the first load may show this version. */
static bool trial_may_show(const struct damage_trial *trial, uint64_t version, bool *older) {
	const struct damage_base *base = trial->base;

	*older = version < base->last;
	return version == base->last || (base->has_doubt && version == base->last + 1) ||
	       (*older && trial->touches_log && base->last - version <= base->older_max);
}

/* Whether the engine shows the committed state of its version. */
static bool trial_shows_committed(struct damage_trial *trial, struct engine *engine) {
	uint64_t version = engine_read_head(engine).version;

	if (damage_fingerprint(engine) == damage_committed(version)) {
		return true;
	}
	trial_end(trial, DAMAGE_FAILED, "shows a state that was never committed", "");
	return false;
}

/* False when the trial has ended. */
static bool trial_work(struct damage_trial *trial, struct engine *engine, struct trial_state *state) {
	struct engine_receipt receipt = {.outcome = ENGINE_APPLIED};

	for (unsigned i = 0; i < TRIAL_UPDATES && receipt.outcome == ENGINE_APPLIED; i++) {
		struct engine_update update = damage_update((unsigned)state->version);
		engine_submit(engine, &update, &receipt);
		if (!trial_shows_committed(trial, engine)) {
			return false;
		}
		state->version += receipt.outcome == ENGINE_APPLIED ? 1 : 0;
		if (engine_read_head(engine).version != state->version) {
			trial_end(trial, DAMAGE_FAILED, "counts wrongly", "");
			return false;
		}
	}
	switch (receipt.outcome) {
	case ENGINE_APPLIED:
		return true;
	case ENGINE_IN_DOUBT:
	case ENGINE_LATER:
	case ENGINE_STOPPED:
		state->in_doubt = receipt.outcome == ENGINE_IN_DOUBT;
		state->failed = true;
		state->named = (receipt.sqlite_code & 0xff) == SQLITE_CORRUPT && receipt.reason[0] != '\0';
		trial_end(trial, DAMAGE_FAILED, "an update fails",
		          receipt.reason); /* until the next open has said its word */
		return true;
	case ENGINE_OUTCOME_NONE:
	case ENGINE_DUPLICATE:
	case ENGINE_STALE:
	case ENGINE_GAP:
	case ENGINE_CONFLICT:
	case ENGINE_MALFORMED:
		break;
	}
	trial_end(trial, DAMAGE_FAILED, "does not know what it has", receipt.reason);
	return false;
}

/* The open after the work. What the damage was is known now, or was harmless. */
static void trial_open_again(struct damage_trial *trial, struct trial_state *state) {
	struct engine_options options = damage_base_options(trial->base);
	struct engine_error error;
	struct engine *engine;
	enum engine_open_status status = engine_open(&options, &engine, &error);

	if (status == ENGINE_OPEN_DAMAGED && error.reason[0] != '\0') {
		trial_end(trial, DAMAGE_NAMED_LATER, "; the next open refuses", error.reason);
	} else if (status != ENGINE_OPENED) {
		trial_end(trial, DAMAGE_FAILED, "; the next open calls it a passing trouble", error.reason);
	} else if (trial_shows_committed(trial, engine)) {
		uint64_t version = engine_read_head(engine).version;
		bool right = version == state->version || (state->in_doubt && version == state->version + 1);
		bool explained = !state->failed || state->named;
		trial_end(trial,
		          !right || !explained ? DAMAGE_FAILED
		          : state->older       ? DAMAGE_OLDER
		          : state->named       ? DAMAGE_NAMED_LATER
		                               : DAMAGE_HARMLESS,
		          right ? "; opens again" : "; the next open shows another version", "");
	}
	engine_close(engine);
}

static void trial_judge_opened(struct damage_trial *trial, struct engine *engine) {
	struct trial_state state = {.version = engine_read_head(engine).version};
	char what[60];

	snprintf(what, sizeof what, "serves version %llu of %u", (unsigned long long)state.version, trial->base->last);
	trial_end(trial, DAMAGE_FAILED, what, "");
	bool goes_on = trial_may_show(trial, state.version, &state.older) && trial_shows_committed(trial, engine) &&
	               trial_work(trial, engine, &state);
	engine_close(engine);
	if (goes_on) {
		trial_open_again(trial, &state);
	}
}

void damage_try(struct damage_trial *trial) {
	struct engine_options options = damage_base_options(trial->base);
	struct engine_error error;
	struct engine *engine;

	trial->story[0] = '\0';
	damage_image_put(&trial->image);
	sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED,
	                     (int)(XXH3_64bits(trial->how, strlen(trial->how)) & 0x7fffffff) | 1, NULL);
	switch (engine_open(&options, &engine, &error)) {
	case ENGINE_OPENED:
		trial_judge_opened(trial, engine);
		break;
	case ENGINE_OPEN_DAMAGED:
		trial_judge_refusal(trial, &error);
		break;
	case ENGINE_OPEN_LATER:
		trial_end(trial, trial_is_journal_size_limit(trial, &error) ? DAMAGE_KNOWN_LIMIT : DAMAGE_FAILED,
		          "calls it a passing trouble", error.reason);
		break;
	case ENGINE_OPEN_NONE:
	case ENGINE_OPEN_MISCONFIGURED:
		trial_end(trial, DAMAGE_FAILED, "calls it a wrong configuration", error.reason);
		break;
	}
}

void damage_trial_deinit(struct damage_trial *trial) {
	damage_image_deinit(&trial->image);
}
