/* engine/program/vouch.c: what the lock file vouches for.
 *
 * A database cannot tell that it was emptied, that its WAL was taken away, or that an older copy
 * or another book was put in its place: what is left is sound. So the program writes beside it
 * which version it has acknowledged, under which epoch, and by which history, into the lock file,
 * which stays where it is. The next open refuses anything older, and another book that has come as
 * far.
 *
 * The line is written after the commit, in one piece and without a sync. It never says more than
 * what is durable. After a power loss it may say less, or nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "program.h"

/* "version 20 digits epoch 20 digits history 32 digits", and the checksum of that in 16 digits.
 * Programs before the history wrote a line without it. */
#define PROGRAM_VOUCH_WORD "version "
#define PROGRAM_VOUCH_VERSION_AT 8
#define PROGRAM_VOUCH_EPOCH_AT 35
#define PROGRAM_VOUCH_OLD_TEXT_SIZE 55
#define PROGRAM_VOUCH_HISTORY_WORD " history "
#define PROGRAM_VOUCH_HISTORY_AT 64
#define PROGRAM_VOUCH_TEXT_SIZE 96
/* a space, the checksum, and the end of the line */
#define PROGRAM_VOUCH_CHECKSUM_SIZE 18
#define PROGRAM_VOUCH_LINE_SIZE (PROGRAM_VOUCH_TEXT_SIZE + PROGRAM_VOUCH_CHECKSUM_SIZE)

static bool program_vouch_is_line(const char *line, size_t got, size_t text_size) {
	return got >= text_size + PROGRAM_VOUCH_CHECKSUM_SIZE &&
	       strncmp(line, PROGRAM_VOUCH_WORD, strlen(PROGRAM_VOUCH_WORD)) == 0 &&
	       strtoull(line + text_size + 1, NULL, 16) == XXH3_64bits(line, text_size);
}

struct program_vouch program_vouch_read(int descriptor) {
	struct program_vouch vouch = {0};
	char line[PROGRAM_VOUCH_LINE_SIZE + 1] = "";
	ssize_t read_size = pread(descriptor, line, PROGRAM_VOUCH_LINE_SIZE, 0);
	size_t got = read_size > 0 ? (size_t)read_size : 0;

	vouch.has_history = program_vouch_is_line(line, got, PROGRAM_VOUCH_TEXT_SIZE);
	if (vouch.has_history || program_vouch_is_line(line, got, PROGRAM_VOUCH_OLD_TEXT_SIZE)) {
		vouch.version = strtoull(line + PROGRAM_VOUCH_VERSION_AT, NULL, 10);
		vouch.epoch = strtoull(line + PROGRAM_VOUCH_EPOCH_AT, NULL, 10);
	}
	vouch.has_history = vouch.has_history && program_digest_parse(line + PROGRAM_VOUCH_HISTORY_AT, &vouch.history);
	return vouch;
}

static bool program_vouch_write(int descriptor, const struct program_vouch *vouch) {
	char history[PROGRAM_DIGEST_TEXT_SIZE];
	char line[PROGRAM_VOUCH_LINE_SIZE + 1];

	program_digest_print(&vouch->history, history);
	int length =
	        snprintf(line, sizeof line, PROGRAM_VOUCH_WORD "%020llu epoch %020llu" PROGRAM_VOUCH_HISTORY_WORD "%s",
	                 (unsigned long long)vouch->version, (unsigned long long)vouch->epoch, history);

	if (length != PROGRAM_VOUCH_TEXT_SIZE) {
		return false;
	}
	(void)snprintf(line + length, sizeof line - (size_t)length, " %016llx\n",
	               (unsigned long long)XXH3_64bits(line, (size_t)length));
	return pwrite(descriptor, line, PROGRAM_VOUCH_LINE_SIZE, 0) == PROGRAM_VOUCH_LINE_SIZE;
}

/* "off" and "normal" promise nothing after a power loss, nor do rollback journals that are kept in
 * memory. */
static bool program_vouch_is_durable(const struct program_options *options) {
	const char *mode = options->journal_mode != NULL ? options->journal_mode : "wal";
	const char *level = options->synchronous != NULL ? options->synchronous : "full";
	bool has_journal = options->protocol != NULL && strcmp(options->protocol, "journal") == 0;

	return strcmp(level, "off") != 0 && (strcmp(level, "normal") != 0 || has_journal) &&
	       strcmp(mode, "memory") != 0 && strcmp(mode, "off") != 0;
}

/* With "delete" and "full" the last commit may roll back, until the next one is durable
 * (docs/contracts.md, section 1). */
static bool program_vouch_may_roll_back(const struct program_options *options) {
	bool is_delete = options->journal_mode != NULL && strcmp(options->journal_mode, "delete") == 0;
	bool is_extra = options->synchronous != NULL && strcmp(options->synchronous, "extra") == 0;
	bool has_journal = options->protocol != NULL && strcmp(options->protocol, "journal") == 0;

	return is_delete && !is_extra && !has_journal;
}

void program_vouch_note(struct program_database *database, const struct program_options *options) {
	struct engine_head head = engine_read_head(database->engine);
	struct program_vouch now = {
	        .version = head.version, .epoch = head.epoch, .has_history = true, .history = head.history};
	struct program_vouch settled = program_vouch_may_roll_back(options) ? database->last : now;
	bool is_news = settled.version > database->vouched.version || settled.epoch > database->vouched.epoch ||
	               (settled.has_history && !database->vouched.has_history);

	if (database->last.version != now.version || database->last.epoch != now.epoch) {
		database->last = now;
	}
	/* A line that cannot be written vouches for less, and stops nothing. */
	if (program_vouch_is_durable(options) && is_news && program_vouch_write(database->lock_descriptor, &settled)) {
		database->vouched = settled;
	}
}
