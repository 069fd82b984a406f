/* sim/recording/commits.c: see commits.h. */
#include "commits.h"

#include "transaction.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define SIM_COMMITS_WRITERS_MAX 1024u

/* While the recording is gone through. */
struct sim_commits_pass {
	struct sim_commits *commits;
	const struct sim_recording *recording;
	struct sim_content_reader *reader;
	struct sim_redo redo;
	struct sim_transaction transactions[SIM_COMMITS_DATABASES_MAX];
	bool lacks_first[SIM_COMMITS_DATABASES_MAX]; /* its first version is still to be read */
	uint32_t writers[SIM_COMMITS_WRITERS_MAX];
	char *why;
};

static bool sim_commits_fail(struct sim_commits_pass *pass, const char *what) {
	snprintf(pass->why, SIM_COMMITS_WHY_SIZE, "%s", what);
	return false;
}

bool sim_content_equals(const struct sim_content *left, const struct sim_content *right) {
	return left->digest[0] == right->digest[0] && left->digest[1] == right->digest[1] &&
	       left->is_read == right->is_read && strcmp(left->text, right->text) == 0;
}

/* ---- databases ------------------------------------------------------------------------------- */

/* By its path; SIM_COMMITS_DATABASES_MAX: there is none. */
static uint32_t sim_commits_find(const struct sim_commits *commits, const char *path) {
	uint32_t i = 0;
	while (i < commits->count && strcmp(commits->databases[i].path, path) != 0) {
		i++;
	}
	return i < commits->count ? i : SIM_COMMITS_DATABASES_MAX;
}

/* The database that a file belongs to. */
static uint32_t sim_commits_database_of(const struct sim_commits_pass *pass, const struct sim_redo_file *file) {
	const struct sim_redo_file *own = &pass->redo.files[file->database];
	return sim_commits_find(pass->commits, own->path);
}

static bool sim_commits_add_version(struct sim_commits_database *database, const struct sim_version *version) {
	if (database->count == database->room) {
		uint32_t room = database->room == 0 ? 64 : database->room * 2;
		struct sim_version *more = realloc(database->versions, room * sizeof more[0]);
		if (more == NULL) {
			return false;
		}
		database->versions = more;
		database->room = room;
	}
	database->versions[database->count++] = *version;
	return true;
}

static bool sim_commits_add_database(struct sim_commits_pass *pass, const char *path, uint64_t order, bool is_new) {
	struct sim_commits *commits = pass->commits;
	if (commits->count == SIM_COMMITS_DATABASES_MAX) {
		return sim_commits_fail(pass,
		                        "more than 12 databases, expected 12 at most: record a part of the program");
	}
	struct sim_commits_database *database = &commits->databases[commits->count];
	snprintf(database->path, sizeof database->path, "%s", path);
	database->first = order;
	pass->lacks_first[commits->count++] = !is_new;
	const struct sim_version empty = {.content.is_read = true};
	return !is_new || sim_commits_add_version(database, &empty) || sim_commits_fail(pass, "out of memory");
}

/* ---- versions -------------------------------------------------------------------------------- */

static bool sim_commits_refuse_unreadable(struct sim_commits_pass *pass, const struct sim_commits_database *database,
                                          const struct sim_content *content) {
	snprintf(pass->why, SIM_COMMITS_WHY_SIZE,
	         "%s: SQLite %s, as it is here, cannot read it: %s; expected a database that needs no module of its "
	         "program",
	         database->path, sqlite3_libversion(), content->text);
	return false;
}

/* Reads all databases, as a kill here would leave them; what is new is a version. */
static bool sim_commits_take(struct sim_commits_pass *pass, uint64_t order) {
	struct sim_commits *commits = pass->commits;
	struct sim_commits_together together = {.order = order};
	struct vfs_disk *disk = vfs_disk_snapshot(pass->redo.disk);
	bool good = disk != NULL || sim_commits_fail(pass, "out of memory");
	for (uint32_t i = 0; good && i < commits->count; i++) {
		struct sim_commits_database *database = &commits->databases[i];
		struct sim_version version = {.order = pass->lacks_first[i] ? 0 : order, .returned = UINT64_MAX};
		good = sim_content_read(pass->reader, disk, database->path, &version.content) ||
		       sim_commits_fail(pass, "out of memory");
		version.returned = pass->lacks_first[i] ? 0 : version.returned;
		commits->used_stand_in |= version.content.used_stand_in;
		bool is_new = database->count == 0 ||
		              !sim_content_equals(&version.content, &database->versions[database->count - 1].content);
		if (good && is_new && version.content.lacks_module) {
			good = sim_commits_refuse_unreadable(pass, database, &version.content);
		}
		if (good && is_new) {
			together.databases |= 1u << i;
			good = sim_commits_add_version(database, &version) || sim_commits_fail(pass, "out of memory");
		}
		pass->lacks_first[i] = false;
	}
	vfs_disk_destroy(disk);
	/* Whether they were committed together, the caller knows. */
	if (good && (together.databases & (together.databases - 1)) != 0) {
		commits->together[commits->together_count] = together;
	}
	return good;
}

/* A super-journal is gone: what changed with it was one transaction. */
static bool sim_commits_keep_together(struct sim_commits_pass *pass, uint64_t order) {
	struct sim_commits *commits = pass->commits;
	const struct sim_commits_together *last = &commits->together[commits->together_count];
	if (last->order == order) {
		commits->together_count++;
		struct sim_commits_together *more =
		        realloc(commits->together, (commits->together_count + 1) * sizeof more[0]);
		if (more == NULL) {
			return sim_commits_fail(pass, "out of memory");
		}
		commits->together = more;
		more[commits->together_count] = (struct sim_commits_together){0};
	}
	return true;
}

/* All that this database has committed is owed behind this record. */
static void sim_commits_return(struct sim_commits_database *database, uint64_t order) {
	for (uint32_t i = database->count; i > 0 && database->versions[i - 1].returned == UINT64_MAX; i--) {
		database->versions[i - 1].returned = order;
		database->versions[i - 1].contract = database->last;
	}
}

static void sim_commits_note_settings(struct sim_commits_database *database,
                                      const struct sim_transaction *transaction) {
	if (transaction->journal_mode == SIM_JOURNAL_NONE) {
		return;
	}
	database->journal_modes |= 1u << transaction->journal_mode;
	database->synchronous |= 1u << transaction->synchronous;
	for (int crash = SIM_CRASH_KILL; crash < SIM_CRASH_COUNT; crash++) {
		enum sim_contract contract =
		        sim_contract_of(transaction->journal_mode, transaction->synchronous, (enum sim_crash)crash);
		database->last = crash == SIM_CRASH_POWER_LOSS ? contract : database->last;
		if (contract > database->contract[crash]) {
			database->contract[crash] = contract;
		}
	}
}

/* ---- records --------------------------------------------------------------------------------- */

static void sim_commits_note_unseen(struct sim_commits *commits, const struct sim_record *record) {
	static const char *const words[RECORD_UNSEEN_COUNT] = {
	        [RECORD_UNSEEN_FILE] = "file that is no database: ",
	        [RECORD_UNSEEN_MAPPED] = "writes to memory that is mapped: ",
	        [RECORD_UNSEEN_STREAM] = "writes by fopen(): ",
	        [RECORD_UNSEEN_LINK] = "what is done under a second name: ",
	        [RECORD_UNSEEN_NESTED] = "calls from signal handlers: ",
	        [RECORD_UNSEEN_TOO_MANY] = "beyond what is kept: ",
	};
	char text[SIM_COMMITS_TEXT_SIZE];
	uint64_t what = record->head->offset;
	snprintf(text, sizeof text, "%s%.*s", what < RECORD_UNSEEN_COUNT ? words[what] : "", (int)record->bytes,
	         (const char *)record->content);
	uint32_t kept = commits->unseen_count < SIM_COMMITS_UNSEEN_MAX ? commits->unseen_count : SIM_COMMITS_UNSEEN_MAX;
	for (uint32_t i = 0; i < kept; i++) {
		if (strcmp(commits->unseen[i], text) == 0) {
			return;
		}
	}
	if (kept < SIM_COMMITS_UNSEEN_MAX) {
		snprintf(commits->unseen[kept], sizeof commits->unseen[0], "%s", text);
	}
	commits->unseen_count++;
}

static void sim_commits_note_program(struct sim_commits *commits, const struct sim_record *record) {
	size_t size = record->bytes < sizeof commits->program - 1 ? record->bytes : sizeof commits->program - 1;
	memcpy(commits->program, record->content, size);
	for (size_t i = 0; i + 1 < size; i++) {
		unsigned char byte = (unsigned char)commits->program[i];
		commits->program[i] = byte < ' ' ? ' ' : commits->program[i];
	}
}

static void sim_commits_note_writer(struct sim_commits_pass *pass, const struct record_head *head) {
	uint32_t i = 0;
	while (i < pass->commits->writers && pass->writers[i] != head->thread) {
		i++;
	}
	if (i == pass->commits->writers && i < SIM_COMMITS_WRITERS_MAX) {
		pass->writers[pass->commits->writers++] = head->thread;
	}
}

/* The program has printed something. What it has acknowledged with that is the transaction that is
 * open, if there is one: a program with one thread has nothing else to say. */
static bool sim_commits_note_output(struct sim_commits_pass *pass, const struct record_head *head) {
	struct sim_commits *commits = pass->commits;
	struct sim_commits_owed *more = realloc(commits->owed, (commits->owed_count + 1) * sizeof more[0]);
	if (more == NULL) {
		return sim_commits_fail(pass, "out of memory");
	}
	commits->owed = more;
	struct sim_commits_owed *owed = &more[commits->owed_count++];
	*owed = (struct sim_commits_owed){.order = head->order, .output_bytes = head->offset};
	for (uint32_t i = 0; i < commits->count; i++) {
		bool is_open = pass->transactions[i].writer != 0;
		owed->versions[i] = commits->databases[i].count - (is_open ? 0 : 1);
	}
	commits->has_lines = true;
	return true;
}

static void sim_commits_note_line(struct sim_commits *commits, const struct record_head *head) {
	uint32_t i = 0;
	while (i < commits->owed_count && commits->owed[i].output_bytes < head->offset) {
		i++;
	}
	if (i < commits->owed_count) {
		commits->owed[i].acknowledges = true;
	}
	commits->lines++;
	commits->has_lines = true;
}

/* The bytes of the database, as they were on the real disk in the end. */
static bool sim_commits_check_final(struct sim_commits_pass *pass, const struct sim_record *record) {
	unsigned char bytes[4096];
	const struct sim_redo_file *file = sim_redo_file(&pass->redo, record);
	uint64_t hash = 0;
	uint64_t wanted = 0;
	size_t got = 0;
	if (file == NULL || file->inode == NULL || record->bytes != sizeof wanted) {
		return sim_commits_fail(pass, "the recording names a database that is not there at its end");
	}
	memcpy(&wanted, record->content, sizeof wanted);
	for (uint64_t at = 0; at < vfs_disk_size(file->inode); at += got) {
		vfs_disk_read(file->inode, at, bytes, sizeof bytes, &got);
		hash = sim_recording_hash(hash, bytes, got);
	}
	if (hash == wanted && vfs_disk_size(file->inode) == record->head->offset) {
		return true;
	}
	snprintf(pass->why, SIM_COMMITS_WHY_SIZE,
	         "%s: it ended with other bytes than the recorded calls make: something wrote to it that is not "
	         "recorded "
	         "(docs/record.md#what-is-not-seen)",
	         file->path);
	return false;
}

static void sim_commits_count(struct sim_commits_pass *pass, const struct sim_record *record) {
	struct sim_commits *commits = pass->commits;
	const struct record_head *head = record->head;
	bool changes = head->kind == RECORD_WRITE || head->kind == RECORD_TRUNCATE || head->kind == RECORD_UNLINK;
	commits->end = head->order;
	commits->processes += head->kind == RECORD_PROCESS ? 1 : 0;
	commits->failed_syncs += (head->flags & RECORD_FLAG_FAILED) != 0 ? 1 : 0;
	commits->in_doubt += (head->flags & RECORD_FLAG_IN_DOUBT) != 0 ? 1 : 0;
	if (changes) {
		sim_commits_note_writer(pass, head);
	}
	if (head->kind == RECORD_UNSEEN) {
		sim_commits_note_unseen(commits, record);
	} else if (head->kind == RECORD_PROGRAM) {
		sim_commits_note_program(commits, record);
	} else if (head->kind == RECORD_ACKNOWLEDGED) {
		sim_commits_note_line(commits, head);
	}
}

/* A call on a file, or a sync of a directory. */
static bool sim_commits_note_call(struct sim_commits_pass *pass, const struct sim_redo_file *file,
                                  const struct sim_record *record) {
	bool is_candidate = false;
	uint64_t order = record->head->order;
	for (uint32_t i = 0; i < pass->commits->count; i++) {
		struct sim_transaction *transaction = &pass->transactions[i];
		if (file == NULL || sim_commits_database_of(pass, file) == i) {
			sim_transaction_note(transaction, file, record);
			sim_commits_note_settings(&pass->commits->databases[i], transaction);
			is_candidate |= transaction->is_candidate && file != NULL;
		}
	}
	bool is_super = file != NULL && file->kind == RECORD_FILE_SUPER && record->head->kind == RECORD_UNLINK;
	if (is_candidate && !sim_commits_take(pass, order)) {
		return false;
	}
	if (is_super && !sim_commits_keep_together(pass, order)) {
		return false;
	}
	uint32_t own = file != NULL ? sim_commits_database_of(pass, file) : SIM_COMMITS_DATABASES_MAX;
	if (own < SIM_COMMITS_DATABASES_MAX && pass->transactions[own].has_returned) {
		sim_commits_return(&pass->commits->databases[own], order);
	}
	return true;
}

/* A database gets its first version when all that was in its files is there. */
static bool sim_commits_begin_databases(struct sim_commits_pass *pass, const struct sim_record *record) {
	bool lacks = false;
	for (uint32_t i = 0; i < pass->commits->count; i++) {
		lacks |= pass->lacks_first[i];
	}
	bool is_content = record->head->kind == RECORD_FILE || record->head->kind == RECORD_CONTENT;
	return !lacks || is_content || sim_commits_take(pass, record->head->order - 1);
}

static bool sim_commits_note_file(struct sim_commits_pass *pass, const struct sim_record *record) {
	const struct sim_redo_file *file = sim_redo_file(&pass->redo, record);
	bool is_database = file != NULL && file->kind == RECORD_FILE_DATABASE && file->path[0] != '\0';
	bool is_known = is_database && sim_commits_find(pass->commits, file->path) < SIM_COMMITS_DATABASES_MAX;
	bool is_new = (record->head->flags & RECORD_FLAG_CREATED) != 0;
	return !is_database || is_known || sim_commits_add_database(pass, file->path, record->head->order, is_new);
}

static bool sim_commits_pass_record(struct sim_commits_pass *pass, const struct sim_record *record) {
	sim_commits_count(pass, record);
	if (!sim_commits_begin_databases(pass, record)) {
		return false;
	}
	if (!sim_redo_call(&pass->redo, record)) {
		return sim_commits_fail(pass, "out of memory");
	}
	switch ((int)record->head->kind) {
	case RECORD_FILE:
		return sim_commits_note_file(pass, record);
	case RECORD_OUTPUT:
		return sim_commits_note_output(pass, record->head);
	case RECORD_FINAL:
		return sim_commits_check_final(pass, record);
	case RECORD_SYNC_DIRECTORY:
	case RECORD_SYNC_ALL:
		return sim_commits_note_call(pass, NULL, record);
	default: {
		const struct sim_redo_file *file = sim_redo_file(&pass->redo, record);
		return file == NULL || sim_commits_note_call(pass, file, record);
	}
	}
}

bool sim_commits_read(struct sim_commits *commits, const struct sim_recording *recording,
                      struct sim_content_reader *reader, char why[SIM_COMMITS_WHY_SIZE]) {
	static struct sim_commits_pass pass;
	struct sim_record record;
	uint64_t position = 0;
	memset(commits, 0, sizeof *commits);
	pass = (struct sim_commits_pass){.commits = commits, .recording = recording, .reader = reader, .why = why};
	commits->together = calloc(1, sizeof commits->together[0]);
	bool good =
	        (commits->together != NULL && sim_redo_init(&pass.redo)) || sim_commits_fail(&pass, "out of memory");
	while (good && sim_recording_next(recording, &position, &record)) {
		good = sim_commits_pass_record(&pass, &record);
	}
	sim_redo_deinit(&pass.redo);
	return good;
}

void sim_commits_free(struct sim_commits *commits) {
	for (uint32_t i = 0; i < commits->count; i++) {
		free(commits->databases[i].versions);
	}
	free(commits->together);
	free(commits->owed);
	memset(commits, 0, sizeof *commits);
}

/* ---- what is owed ---------------------------------------------------------------------------- */

/* The last version that was made, or whose call had returned, by that moment. Both only grow. */
static uint32_t sim_commits_last(const struct sim_commits_database *database, uint64_t order, bool returned) {
	uint32_t low = 0;
	uint32_t high = database->count;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		const struct sim_version *version = &database->versions[middle];
		if ((returned ? version->returned : version->order) <= order) {
			low = middle;
		} else {
			high = middle;
		}
	}
	return low;
}

uint32_t sim_commits_current(const struct sim_commits_database *database, uint64_t order) {
	return sim_commits_last(database, order, false);
}

uint32_t sim_commits_required(const struct sim_commits *commits, uint32_t database, uint64_t order) {
	uint32_t required = 0;
	if (!commits->has_lines) {
		return sim_commits_last(&commits->databases[database], order, true);
	}
	for (uint32_t i = 0; i < commits->owed_count && commits->owed[i].order <= order; i++) {
		const struct sim_commits_owed *owed = &commits->owed[i];
		/* With several threads nobody knows whose transaction it is that is open. */
		uint32_t current = sim_commits_current(&commits->databases[database], owed->order);
		uint32_t version =
		        commits->writers > 1 && owed->versions[database] > current ? current : owed->versions[database];
		required = owed->acknowledges && version > required ? version : required;
	}
	return required;
}
