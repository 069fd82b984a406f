/* tests/damage/damage.h: the damage campaign: what the engine says to bit rot, misdirected and lost
 * writes, class of byte by class.
 *
 * A *base* is what an engine has left on the disk at one moment: a database, and perhaps a log
 * beside it. Each damage is one of three things that no sync can undo (docs/fault-model.md section
 * 3): a byte is flipped; a write of the base's history, or one sector of it, never got to the
 * medium; or it went to another place. It is aimed at a byte of one class, so that a class of four
 * bytes is struck as often as one of four thousand. Then the engine opens what is there, works on
 * it, closes, and opens it again:
 *
 *   refused       the open names the damage, and the files are as they were (but for a hot
 *                 journal, which SQLite must play back to read anything)
 *   named later   it served the last committed state, and a later operation, or the next open,
 *                 named the damage
 *   harmless      it served the last committed state, and went on as if nothing had been
 *   older         of damage to a log only: it served a state that was committed, and is older
 *                 (docs/contracts.md section 3)
 *   known limit   trial.c and engine/README.md name it: there is one
 *   FAILED        anything else: a state that was never committed, an older one from damage to
 *                 the database, a passing trouble where there is damage, files changed by a refusal
 *
 * A damage is a function of campaign seed and number, and of nothing else. */
#ifndef TESTS_DAMAGE_DAMAGE_H
#define TESTS_DAMAGE_DAMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine.h"

/* What a byte is for. Names: damage_class_name(). */
enum damage_class {
	DAMAGE_NONE = 0,
	/* a database: https://www.sqlite.org/fileformat2.html, sections 1.3 to 1.6 */
	DAMAGE_FILE_HEADER,
	DAMAGE_PAGE_HEADER,
	DAMAGE_CELL_POINTER,
	DAMAGE_CELL_HEADER, /* lengths, child pages, types of columns */
	DAMAGE_SCHEMA_ROW,
	DAMAGE_META_ROW,
	DAMAGE_ROW_CONTENT,
	DAMAGE_ROW_CHECKSUM,
	DAMAGE_OVERFLOW_POINTER,
	DAMAGE_FREE_BLOCK, /* and fragments: between cells */
	DAMAGE_UNALLOCATED,
	DAMAGE_FREELIST_TRUNK,
	DAMAGE_FREELIST_LEAF,
	/* a WAL: section 4 */
	DAMAGE_WAL_HEADER,
	DAMAGE_WAL_SALT,
	DAMAGE_WAL_CHECKSUM,
	DAMAGE_FRAME_PAGE_NUMBER,
	DAMAGE_FRAME_COMMIT_SIZE,
	DAMAGE_FRAME_SALT,
	DAMAGE_FRAME_CHECKSUM,
	DAMAGE_FRAME_PAGE,
	DAMAGE_WAL_LEFTOVER, /* frames of an earlier round, behind the valid ones */
	/* a rollback journal: section 3 */
	DAMAGE_JOURNAL_MAGIC,
	DAMAGE_JOURNAL_RECORD_COUNT,
	DAMAGE_JOURNAL_NONCE,
	DAMAGE_JOURNAL_INITIAL_SIZE,
	DAMAGE_JOURNAL_SIZES, /* of sectors and pages */
	DAMAGE_JOURNAL_PADDING,
	DAMAGE_RECORD_PAGE_NUMBER,
	DAMAGE_RECORD_PAGE,
	DAMAGE_RECORD_CHECKSUM,
	DAMAGE_JOURNAL_LEFTOVER,
	/* the engine's own journal: engine/journal.h */
	DAMAGE_UPDATES_HEADER,
	DAMAGE_UPDATE_CHECKSUM,
	DAMAGE_UPDATE_LENGTH,
	DAMAGE_UPDATE_MAGIC,
	DAMAGE_UPDATE_EPOCH,
	DAMAGE_UPDATE_VERSION,
	DAMAGE_UPDATE_BATCH,
	DAMAGE_UPDATE_DIGEST,
	DAMAGE_UPDATE_PAYLOAD,
	/* where a write may be misdirected to, in any file */
	DAMAGE_BEHIND_THE_END,
	DAMAGE_CLASS_COUNT
};
const char *damage_class_name(enum damage_class class);

enum damage_kind { DAMAGE_BIT_ROT = 0, DAMAGE_LOST_WRITE, DAMAGE_MISDIRECTED_WRITE, DAMAGE_KIND_COUNT };
const char *damage_kind_name(enum damage_kind kind);

enum damage_outcome {
	DAMAGE_REFUSED = 0,
	DAMAGE_NAMED_LATER,
	DAMAGE_HARMLESS,
	DAMAGE_OLDER,
	DAMAGE_KNOWN_LIMIT,
	DAMAGE_FAILED,
	DAMAGE_OUTCOME_COUNT
};

/* ---- files ----------------------------------------------------------------------------------- */

/* By the place in a base. */
enum damage_file { DAMAGE_DATABASE = 0, DAMAGE_WAL, DAMAGE_JOURNAL, DAMAGE_UPDATES, DAMAGE_FILE_COUNT };

struct damage_content {
	bool exists;
	unsigned char *bytes;
	size_t size;
	size_t capacity;
};

/* The files of a disk at one moment. Zeroed: none. */
struct damage_image {
	struct damage_content files[DAMAGE_FILE_COUNT];
};

const char *damage_file_name(enum damage_file file);
void damage_image_deinit(struct damage_image *image);
void damage_image_copy(struct damage_image *to, const struct damage_image *from);
/* Reads what the memory VFS has, and puts there what an image has. */
void damage_image_take(struct damage_image *image);
void damage_image_put(const struct damage_image *image);
/* Whether all files have the same bytes; an empty file is as an absent one. */
bool damage_image_equals(const struct damage_image *left, const struct damage_image *right);
/* Grows with zeros, as files do. */
void damage_content_write(struct damage_content *content, size_t offset, const void *data, size_t size);

/* Tells what each byte of the file is for: writes one enum damage_class per byte, DAMAGE_NONE where
 * nothing is known. */
void damage_classify_database(const struct damage_content *content, unsigned char *classes);
void damage_classify_wal(const struct damage_content *content, unsigned char *classes);
void damage_classify_journal(const struct damage_content *content, unsigned char *classes);
void damage_classify_updates(const struct damage_content *content, unsigned char *classes);

/* ---- bases ----------------------------------------------------------------------------------- */

#define DAMAGE_VERSIONS_MAX 128u

/* One entry of a history. */
struct damage_change {
	enum damage_file file;
	bool deletes;
	bool truncates;
	size_t offset;
	size_t size;
	unsigned char *data;
};

struct damage_base {
	const char *name;
	const char *journal_mode;
	const char *protocol;
	uint32_t page_size;
	unsigned last; /* updates committed */
	/* Whether one that was in doubt when the engine died may be there. */
	bool has_doubt;
	/* How many updates damage to a log may take: 0 for none; and to which logs that is
	 * limited. */
	unsigned older_max;
	struct damage_image sound;
	unsigned char *classes[DAMAGE_FILE_COUNT];
	struct damage_change *history;
	size_t history_count;
	size_t history_capacity;
};

/* Makes all bases; `count` of them. Aborts when one does not come out as described. */
struct damage_base *damage_bases_make(size_t *count);
void damage_bases_free(struct damage_base *bases, size_t count);
/* The options to open a base with. */
struct engine_options damage_base_options(const struct damage_base *base);
/* What the history leaves; `skipped` (an index of it, or SIZE_MAX) is left out and `put` instead of
 * it when not NULL. */
void damage_base_replay(const struct damage_base *base, size_t skipped, const struct damage_change *put,
                        struct damage_image *image);
/* Number `number` of the stream of updates that all bases are made of. */
struct engine_update damage_update(unsigned number);
/* A number for everything that an engine shows, but for its epoch; and that of the committed state
 * of each version. */
uint64_t damage_fingerprint(struct engine *engine);
uint64_t damage_committed(uint64_t version);

/* ---- one damage ------------------------------------------------------------------------------ */

struct damage_trial {
	const struct damage_base *base;
	enum damage_kind kind;
	enum damage_class class;
	enum damage_file file; /* the byte aimed at */
	size_t offset;
	bool touches_log;
	bool touches_database;
	struct damage_image image; /* what the engine finds */
	enum damage_outcome outcome;
	char how[160];   /* the damage, for people */
	char story[320]; /* what the engine did */
};

/* Chooses damage `number` of the campaign and does it to a copy; false when nothing of that kind
 * can be done there. */
bool damage_choose(struct damage_trial *trial, const struct damage_base *bases, size_t base_count, uint64_t seed,
                   uint64_t number);
/* Opens, works, closes, opens again; decides the outcome. */
void damage_try(struct damage_trial *trial);
void damage_trial_deinit(struct damage_trial *trial);

#endif
