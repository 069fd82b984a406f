/* Opening of damaged files (docs/problem.md, AC4): whatever was done to them, the engine refuses,
 * or serves a state that was committed.
 *
 * The first byte chooses what is there: a database alone; with a WAL; with the engine's journal;
 * with a hot rollback journal. With its bit 3 set, the rest of the input takes the place of one of
 * the two files; else it is a list of damages of 4 bytes: which file and how (bit 0: the second
 * file, bit 1: cut here instead of changing), where (two bytes, modulo its size), and what to XOR.
 * Demanded:
 *   - no crash, whatever is read;
 *   - a state that is served is one of the committed ones; without a second file, the last one
 *     (E4);
 *   - what is refused as damaged is left as it is (E5), but for a hot journal, which SQLite must
 *     roll back to read at all;
 *   - a state that is served can be worked on: an update is applied, or fails with a name. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "memory_vfs.h"
#include "orders.h"

#define UPDATE_COUNT 14u
#define CHECKPOINTED 5u
#define FILE_SIZE_MAX 65536

enum base_kind {
	BASE_PLAIN,
	BASE_WAL,
	BASE_JOURNAL,
	BASE_HOT,
	BASE_COUNT,
};

struct file_image {
	const char *name; /* NULL: there is no such file */
	unsigned char *bytes;
	size_t size;
};

struct base {
	const char *mode;
	const char *protocol;
	struct file_image files[2];
};

static struct base bases[BASE_COUNT] = {
        [BASE_PLAIN] = {"delete", "persist_first", {{ORDERS_PATH, NULL, 0}, {NULL, NULL, 0}}},
        [BASE_WAL] = {"wal", "persist_first", {{ORDERS_PATH, NULL, 0}, {ORDERS_PATH "-wal", NULL, 0}}},
        [BASE_JOURNAL] = {"delete", "journal", {{ORDERS_PATH, NULL, 0}, {ORDERS_PATH "-updates", NULL, 0}}},
        [BASE_HOT] = {"delete", "persist_first", {{ORDERS_PATH, NULL, 0}, {ORDERS_PATH "-journal", NULL, 0}}},
};

static uint64_t committed[UPDATE_COUNT + 2]; /* fingerprint by version, the update in doubt at the
                                              * death included */
static bool is_prepared;

/* ---- the files before damage ----------------------------------------------------------------- */

static void keep_file(struct file_image *image) {
	size_t size;
	const unsigned char *content = image->name != NULL ? memory_vfs_content(image->name, &size) : NULL;

	if (image->name == NULL) {
		return;
	}
	FUZZ_DEMAND(content != NULL && size > 0 && size <= FILE_SIZE_MAX);
	image->bytes = malloc(size);
	FUZZ_DEMAND(image->bytes != NULL);
	memcpy(image->bytes, content, size);
	image->size = size;
}

/* Dies at call `nth` of the update behind the last. */
static void die_at(struct engine *engine, unsigned nth) {
	struct engine_update update = orders_stream(UPDATE_COUNT);

	memory_vfs_arm(MEMORY_VFS_KILL, nth, false);
	(void)orders_submit(engine, &update);
	engine_close(engine);
	memory_vfs_revive();
}

static void fill(const struct base *base, unsigned dies_at) {
	memory_vfs_reset();
	orders_set_protocol(base->protocol);
	struct engine *engine = orders_open(base->mode);
	orders_submit_stream(engine, 0, CHECKPOINTED);
	FUZZ_DEMAND(engine_checkpoint(engine, NULL) == ENGINE_CHECKPOINTED);
	orders_submit_stream(engine, CHECKPOINTED, UPDATE_COUNT);
	if (base->files[1].name == NULL) {
		engine_close(engine);
	} else {
		die_at(engine, dies_at);
	}
}

/* A moment at which the rollback journal is complete and the database half written. */
static void fill_hot(const struct base *base) {
	size_t journal_size = 0;
	size_t size;

	for (unsigned nth = 40; nth > 0 && journal_size == 0; nth--) {
		fill(base, nth);
		(void)memory_vfs_content(base->files[1].name, &journal_size);
		(void)memory_vfs_content(base->files[0].name, &size);
	}
	FUZZ_DEMAND(journal_size > 512);
}

static void prepare(void) {
	memory_vfs_reset();
	orders_set_protocol(NULL);
	struct engine *engine = orders_open("delete");
	committed[0] = orders_fingerprint(engine);
	for (unsigned i = 0; i <= UPDATE_COUNT; i++) {
		orders_submit_stream(engine, i, i + 1);
		committed[i + 1] = orders_fingerprint(engine);
	}
	engine_close(engine);
	for (int kind = 0; kind < BASE_COUNT; kind++) {
		if (kind == BASE_HOT) {
			fill_hot(&bases[kind]);
		} else {
			fill(&bases[kind], 1);
		}
		keep_file(&bases[kind].files[0]);
		keep_file(&bases[kind].files[1]);
	}
	is_prepared = true;
}

/* ---- damage ---------------------------------------------------------------------------------- */

static void damage(const struct base *base, const uint8_t *data, size_t size) {
	for (; size >= 4; data += 4, size -= 4) {
		const char *name = base->files[data[0] & 1].name;
		size_t file_size = 0;
		unsigned char *content = name != NULL ? memory_vfs_content(name, &file_size) : NULL;
		if (content == NULL || file_size == 0) {
			continue;
		}
		size_t at = ((size_t)data[1] << 8 | data[2]) % file_size;
		if ((data[0] & 2) != 0) {
			memory_vfs_set_content(name, content, at);
		} else {
			content[at] ^= data[3];
		}
	}
}

static void lay_out(const struct base *base, uint8_t selector, const uint8_t *data, size_t size) {
	memory_vfs_reset();
	for (int i = 0; i < 2; i++) {
		const struct file_image *image = &base->files[i];
		if (image->name != NULL) {
			memory_vfs_set_content(image->name, image->bytes, image->size);
		}
	}
	if ((selector & 8) == 0) {
		damage(base, data, size);
		return;
	}
	const char *name = base->files[(selector & 16) != 0].name;
	if (name != NULL && size <= FILE_SIZE_MAX) {
		memory_vfs_set_content(name, data, size);
	}
}

/* ---- demands --------------------------------------------------------------------------------- */

/* An empty file is a fresh start, by E5 and "Limits". */
static bool is_fresh(void) {
	size_t size;

	(void)memory_vfs_content(ORDERS_PATH, &size);
	return size == 0;
}

static void demand_committed(struct engine *engine, bool must_be_last) {
	uint64_t version = engine_read_head(engine).version;

	FUZZ_DEMAND(version <= UPDATE_COUNT + 1);
	FUZZ_DEMAND(orders_fingerprint(engine) == committed[version]);
	FUZZ_DEMAND(version == UPDATE_COUNT || !must_be_last);
}

static void demand_untouched(const struct base *base, const struct file_image *before) {
	for (int i = 0; i < 2; i++) {
		size_t size = 0;
		const unsigned char *content =
		        base->files[i].name != NULL ? memory_vfs_content(base->files[i].name, &size) : NULL;
		FUZZ_DEMAND(size == before[i].size);
		FUZZ_DEMAND(size == 0 || memcmp(content, before[i].bytes, size) == 0);
	}
}

static void copy_files(const struct base *base, struct file_image *copies) {
	for (int i = 0; i < 2; i++) {
		size_t size = 0;
		const unsigned char *content =
		        base->files[i].name != NULL ? memory_vfs_content(base->files[i].name, &size) : NULL;
		copies[i] = (struct file_image){base->files[i].name, malloc(size > 0 ? size : 1), size};
		FUZZ_DEMAND(copies[i].bytes != NULL);
		if (size > 0) {
			memcpy(copies[i].bytes, content, size);
		}
	}
}

static void work(struct engine *engine) {
	struct engine_update update = orders_stream((unsigned)engine_read_head(engine).version);
	enum engine_outcome outcome = orders_submit(engine, &update);

	FUZZ_DEMAND(outcome == ENGINE_APPLIED || outcome == ENGINE_LATER || outcome == ENGINE_IN_DOUBT ||
	            outcome == ENGINE_STOPPED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { // NOLINT(readability-identifier-naming)
	struct file_image before[2];
	struct engine_error error;
	struct engine *engine = NULL;

	if (!is_prepared) {
		prepare();
	}
	if (size == 0) {
		return 0;
	}
	enum base_kind kind = (enum base_kind)(data[0] % BASE_COUNT);
	const struct base *base = &bases[kind];
	lay_out(base, data[0], data + 1, size - 1);
	bool was_fresh = is_fresh();
	copy_files(base, before);
	orders_set_protocol(base->protocol);
	struct engine_options options = orders_options(base->mode);
	enum engine_open_status status = engine_open(&options, &engine, &error);
	FUZZ_DEMAND((status == ENGINE_OPENED) == (engine != NULL));
	FUZZ_DEMAND(status == ENGINE_OPENED || error.reason[0] != '\0');
	FUZZ_DEMAND(status != ENGINE_OPEN_MISCONFIGURED);
	if (status == ENGINE_OPENED) {
		demand_committed(engine, kind == BASE_PLAIN && !was_fresh);
		work(engine);
	} else if (status == ENGINE_OPEN_DAMAGED && kind != BASE_HOT) {
		demand_untouched(base, before);
	}
	engine_close(engine);
	free(before[0].bytes);
	free(before[1].bytes);
	return 0;
}
