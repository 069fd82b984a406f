#include "damage.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <sqlite3.h>
#include <xxhash.h>

#include "memory_vfs.h"
#include "orders.h"

/* How a base comes about. */
struct base_recipe {
	const char *name;
	const char *journal_mode;
	const char *protocol;
	uint32_t page_size;
	unsigned before; /* updates, then a checkpoint */
	unsigned after;  /* updates behind it */
	bool has_freelist;
	bool dies;           /* after the last update, and does not close */
	bool dies_in_commit; /* of one update more */
	unsigned older_max;
};

static const struct base_recipe base_recipes[] = {
        {.name = "database", "delete", "persist_first", 1024, .before = 30, .after = 30, .has_freelist = true},
        {.name = "small-pages", "delete", "persist_first", 512, .before = 20, .after = 20},
        /* The second round of the WAL is shorter than the first, whose frames are left behind
         * it. */
        {.name = "wal", "wal", "persist_first", 1024, .before = 20, .after = 8, .dies = true, .older_max = 8},
        /* The end of a journal looks as if it had been torn when its last record is damaged: one
         * update (engine/README.md). */
        {.name = "updates", "delete", "journal", 1024, .before = 5, .after = 9, .dies = true, .older_max = 1},
        {.name = "hot-journal", "delete", "persist_first", 1024, .before = 7, .after = 7, .dies_in_commit = true},
        /* PERSIST commits by writing zeros over the journal's header. If that is lost, the journal
         * is hot again. */
        {.name = "cold-journal", "persist", "persist_first", 1024, .before = 7, .after = 7, .older_max = 1},
};

#define BASE_COUNT (sizeof base_recipes / sizeof base_recipes[0])

/* ---- committed states ------------------------------------------------------------------------ */

static uint64_t base_committed[DAMAGE_VERSIONS_MAX];

uint64_t damage_fingerprint(struct engine *engine) {
	struct engine_head head = engine_read_head(engine);
	struct {
		uint64_t rows;
		uint64_t halt;
		struct engine_limits limits;
	} all = {orders_fingerprint(engine), head.halt, head.limits};

	return XXH3_64bits(&all, sizeof all);
}

uint64_t damage_committed(uint64_t version) {
	return version < DAMAGE_VERSIONS_MAX ? base_committed[version] : 0;
}

static void base_seed_sqlite(unsigned number) {
	sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)(number | 1), NULL);
}

/* With ids as venues send them, so that rows overflow the smallest pages. */
struct engine_update damage_update(unsigned number) {
	struct engine_update update = orders_stream(number);

	sqlite3_snprintf((int)sizeof update.order_id, update.order_id, "%s-5f0c24fa-9d3e-4b71-8a60-1b2c3d4",
	                 orders_stream(number).order_id);
	sqlite3_snprintf((int)sizeof update.cl_ord_id, update.cl_ord_id, "strategy-7/basket-%u/2026-11-24/desk-42",
	                 number / 6);
	return update;
}

static void base_submit(struct engine *engine, unsigned from, unsigned to) {
	for (unsigned i = from; i < to; i++) {
		struct engine_update update = damage_update(i);
		enum engine_outcome outcome = orders_submit(engine, &update);
		assert(outcome == ENGINE_APPLIED);
	}
}

static void base_commit_all(void) {
	memory_vfs_reset();
	orders_set_protocol(NULL);
	struct engine *engine = orders_open("delete");
	for (unsigned i = 0; i < DAMAGE_VERSIONS_MAX; i++) {
		base_committed[i] = damage_fingerprint(engine);
		base_submit(engine, i, i + 1);
	}
	engine_close(engine);
}

/* ---- history --------------------------------------------------------------------------------- */

static void base_record(void *context, const struct memory_vfs_change *change) {
	struct damage_base *base = context;
	enum damage_file file = DAMAGE_DATABASE;

	while (file < DAMAGE_FILE_COUNT && strcmp(damage_file_name(file), change->name) != 0) {
		file++;
	}
	if (file == DAMAGE_FILE_COUNT) {
		return; /* temporary */
	}
	if (base->history_count == base->history_capacity) {
		base->history_capacity = base->history_capacity * 2 + 64;
		base->history = realloc(base->history, base->history_capacity * sizeof *base->history);
		assert(base->history != NULL);
	}
	struct damage_change *entry = &base->history[base->history_count++];
	*entry = (struct damage_change){.file = file,
	                                .deletes = change->kind == MEMORY_VFS_DELETED,
	                                .truncates = change->kind == MEMORY_VFS_TRUNCATED,
	                                .offset = change->offset,
	                                .size = change->size_bytes};
	if (change->kind == MEMORY_VFS_WRITTEN) {
		entry->data = malloc(entry->size);
		assert(entry->data != NULL);
		memcpy(entry->data, change->data, entry->size);
	}
}

static void base_apply(struct damage_image *image, const struct damage_change *change) {
	struct damage_content *content = &image->files[change->file];

	if (change->deletes) {
		content->exists = false;
		content->size = 0;
	} else if (change->truncates) {
		if (change->offset > content->size) {
			damage_content_write(content, change->offset - 1, "", 1);
		}
		content->size = change->offset;
	} else {
		damage_content_write(content, change->offset, change->data, change->size);
	}
}

void damage_base_replay(const struct damage_base *base, size_t skipped, const struct damage_change *put,
                        struct damage_image *image) {
	for (int file = 0; file < DAMAGE_FILE_COUNT; file++) {
		image->files[file].exists = false;
		image->files[file].size = 0;
	}
	for (size_t i = 0; i < base->history_count; i++) {
		if (i != skipped) {
			base_apply(image, &base->history[i]);
		} else if (put != NULL) {
			base_apply(image, put);
		}
	}
}

/* ---- making ---------------------------------------------------------------------------------- */

struct engine_options damage_base_options(const struct damage_base *base) {
	orders_set_protocol(base->protocol);
	struct engine_options options = orders_options(base->journal_mode);
	options.page_size_bytes = base->page_size;
	return options;
}

static struct engine *base_open(const struct damage_base *base) {
	struct engine_options options = damage_base_options(base);
	struct engine *engine;
	struct engine_error error;
	enum engine_open_status status = engine_open(&options, &engine, &error);

	assert(status == ENGINE_OPENED);
	return engine;
}

static void base_die(struct engine *engine, unsigned update_number, unsigned nth) {
	struct engine_update update = damage_update(update_number);

	memory_vfs_arm(MEMORY_VFS_KILL, nth, false);
	(void)orders_submit(engine, &update);
	engine_close(engine);
	memory_vfs_revive();
}

static void base_run(struct damage_base *base, const struct base_recipe *recipe, unsigned number, unsigned dies_at) {
	memory_vfs_reset();
	base->history_count = 0; /* a former try's entries are leaked to nobody: base_forget() has
	                          * freed them */
	memory_vfs_record(base_record, base);
	base_seed_sqlite(number * 1000 + 1);
	struct engine *engine = base_open(base);
	base_submit(engine, 0, recipe->before);
	enum engine_checkpoint_status status = engine_checkpoint(engine, NULL);
	assert(status == ENGINE_CHECKPOINTED);
	if (recipe->has_freelist) {
		engine_close(engine);
		orders_run_sql(
		        "CREATE TABLE remark(text);WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<40)"
		        "INSERT INTO remark SELECT hex(zeroblob(100)) FROM n");
		orders_run_sql("DROP TABLE remark");
		engine = base_open(base);
	}
	base_submit(engine, recipe->before, recipe->before + recipe->after);
	if (recipe->dies || recipe->dies_in_commit) {
		base_die(engine, base->last, dies_at);
	} else {
		engine_close(engine);
	}
	memory_vfs_record(NULL, NULL);
	damage_image_take(&base->sound);
}

static void base_forget(struct damage_base *base) {
	for (size_t i = 0; i < base->history_count; i++) {
		free(base->history[i].data);
	}
	base->history_count = 0;
}

/* The moment in the last commit at which the journal is complete and the database half written: of
 * all calls at which both differ from before, the middle one. */
static void base_run_to_hot(struct damage_base *base, const struct base_recipe *recipe, unsigned number) {
	struct damage_image before = {0};
	unsigned first = 0;
	unsigned last = 0;

	base_run(base, recipe, number, 1);
	damage_image_copy(&before, &base->sound);
	for (unsigned nth = 2; nth < 60; nth++) {
		base_forget(base);
		base_run(base, recipe, number, nth);
		const struct damage_content *database = &base->sound.files[DAMAGE_DATABASE];
		bool is_hot = base->sound.files[DAMAGE_JOURNAL].size > 512 &&
		              (database->size != before.files[DAMAGE_DATABASE].size ||
		               memcmp(database->bytes, before.files[DAMAGE_DATABASE].bytes, database->size) != 0);
		first = is_hot && first == 0 ? nth : first;
		last = is_hot ? nth : last;
	}
	assert(first > 0 && last > first + 1);
	base_forget(base);
	base_run(base, recipe, number, (first + last) / 2);
	damage_image_deinit(&before);
}

typedef void (*base_classifier)(const struct damage_content *content, unsigned char *classes);

static void base_classify(struct damage_base *base) {
	static const base_classifier classifiers[DAMAGE_FILE_COUNT] = {
	        damage_classify_database, damage_classify_wal, damage_classify_journal, damage_classify_updates};
	/* A database that is half written has pages of two states, but no page of its own that is
	 * torn. */
	for (int file = 0; file < DAMAGE_FILE_COUNT; file++) {
		const struct damage_content *content = &base->sound.files[file];
		base->classes[file] = malloc(content->size + 1);
		assert(base->classes[file] != NULL);
		if (content->size > 0) {
			classifiers[file](content, base->classes[file]);
		}
	}
}

/* What was recorded must lead to what is there, and that must load. */
static void base_check(const struct damage_base *base) {
	struct damage_image replayed = {0};

	damage_base_replay(base, SIZE_MAX, NULL, &replayed);
	assert(damage_image_equals(&replayed, &base->sound));
	damage_image_put(&base->sound);
	struct engine *engine = base_open(base);
	assert(engine_read_head(engine).version == base->last);
	assert(damage_fingerprint(engine) == damage_committed(base->last));
	engine_close(engine);
	damage_image_deinit(&replayed);
}

struct damage_base *damage_bases_make(size_t *count) {
	struct damage_base *bases = calloc(BASE_COUNT, sizeof *bases);

	assert(bases != NULL);
	base_commit_all();
	for (unsigned i = 0; i < BASE_COUNT; i++) {
		const struct base_recipe *recipe = &base_recipes[i];
		bases[i] = (struct damage_base){.name = recipe->name,
		                                .journal_mode = recipe->journal_mode,
		                                .protocol = recipe->protocol,
		                                .page_size = recipe->page_size,
		                                .last = recipe->before + recipe->after,
		                                .has_doubt = recipe->dies_in_commit,
		                                .older_max = recipe->older_max};
		if (recipe->dies_in_commit) {
			base_run_to_hot(&bases[i], recipe, i);
		} else {
			base_run(&bases[i], recipe, i, 1);
		}
		base_check(&bases[i]);
		base_classify(&bases[i]);
	}
	*count = BASE_COUNT;
	return bases;
}

void damage_bases_free(struct damage_base *bases, size_t count) {
	for (size_t i = 0; i < count; i++) {
		base_forget(&bases[i]);
		free(bases[i].history);
		damage_image_deinit(&bases[i].sound);
		for (int file = 0; file < DAMAGE_FILE_COUNT; file++) {
			free(bases[i].classes[file]);
		}
	}
	free(bases);
}
