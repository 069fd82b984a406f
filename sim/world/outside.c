/* sim/world/outside.c: see outside.h. First copying, removing and putting back files; then what a
 * change has taken; then the kinds. */
#include "outside.h"

#include "inspection.h"
#include "sibling.h"
#include "sql_digest.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define SIM_OUTSIDE_FILES 4

/* The database, and what may lie beside it. The engine's own journal is opened as a
 * super-journal. */
static const struct {
	enum vfs_file_kind kind;
	const char *path;
} sim_outside_files[SIM_OUTSIDE_FILES] = {
        {VFS_FILE_DB, SIM_WORLD_PATH},
        {VFS_FILE_WAL, SIM_WORLD_PATH "-wal"},
        {VFS_FILE_JOURNAL, SIM_WORLD_PATH "-journal"},
        {VFS_FILE_SUPER_JOURNAL, SIM_WORLD_PATH "-updates"},
};

static const char *sim_outside_path(enum vfs_file_kind kind) {
	const char *path = NULL;
	for (int i = 0; i < SIM_OUTSIDE_FILES; i++) {
		path = sim_outside_files[i].kind == kind ? sim_outside_files[i].path : path;
	}
	return path;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* A file that programs see, as bytes. */
struct sim_outside_file {
	const char *path;
	bool exists;
	bool failed;
	uint64_t size_bytes;
	unsigned char *bytes; /* NULL unless they were asked for, and there are some */
	bool wants_bytes;
};

static void sim_outside_look_at_file(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_outside_file *file = context;
	size_t got = 0;
	if (strcmp(path, file->path) != 0) {
		return;
	}
	file->exists = true;
	file->size_bytes = vfs_disk_size(inode);
	if (!file->wants_bytes || file->size_bytes == 0) {
		return;
	}
	file->bytes = malloc((size_t)file->size_bytes);
	file->failed = file->bytes == NULL;
	if (!file->failed) {
		vfs_disk_read(inode, 0, file->bytes, (size_t)file->size_bytes, &got);
	}
}

static uint64_t sim_outside_size(const struct vfs_disk *disk, enum vfs_file_kind kind) {
	struct sim_outside_file file = {.path = sim_outside_path(kind)};
	vfs_disk_visit(disk, sim_outside_look_at_file, &file);
	return file.size_bytes;
}

/* Of its bytes; 0: it is not there, or has none. */
static uint64_t sim_outside_hash(const struct vfs_disk *disk, enum vfs_file_kind kind) {
	struct sim_outside_file file = {.path = sim_outside_path(kind), .wants_bytes = true};
	vfs_disk_visit(disk, sim_outside_look_at_file, &file);
	uint64_t hash = file.bytes != NULL ? sim_trace_hash_bytes(file.bytes, (size_t)file.size_bytes) : 0;
	free(file.bytes);
	return hash;
}

/* True unless out of memory. A file that is not there is removed. */
static bool sim_outside_remove(struct sim_world *world, const char *path) {
	return !vfs_disk_exists(world->disk, path) || vfs_disk_unlink(world->disk, path) == VFS_OK;
}

static bool sim_outside_empty(struct sim_world *world, const char *path) {
	struct vfs_inode *inode = NULL;
	bool created = false;
	if (vfs_disk_open(world->disk, path, false, &created, &inode) != VFS_OK) {
		return false;
	}
	enum vfs_status status = vfs_disk_truncate(world->disk, inode, 0);
	vfs_disk_sync(world->disk, inode);
	vfs_disk_close(world->disk, inode);
	return status == VFS_OK;
}

/* Makes a new file of the bytes, under the name. A process that has the former one open keeps
 * it. */
static bool sim_outside_create(struct sim_world *world, const struct sim_outside_file *file) {
	bool created = false;
	struct vfs_inode *inode = NULL;
	if (vfs_disk_open(world->disk, file->path, true, &created, &inode) != VFS_OK) {
		return false;
	}
	enum vfs_status status = file->size_bytes == 0
	                                 ? VFS_OK
	                                 : vfs_disk_write(world->disk, inode, 0, file->bytes, (size_t)file->size_bytes);
	vfs_disk_sync(world->disk, inode);
	vfs_disk_close(world->disk, inode);
	return status == VFS_OK;
}

/* Whoever puts a file in place of another has room for it. */
static bool sim_outside_put(struct sim_world *world, const struct sim_outside_file *file) {
	bool done = sim_outside_remove(world, file->path);
	if (done && file->exists) {
		vfs_disk_set_capacity(world->disk, 0);
		done = sim_outside_create(world, file);
		vfs_disk_set_capacity(world->disk, world->plan->settings.capacity_bytes);
	}
	return done;
}

/* One file gets the content that it has in the copy. */
static bool sim_outside_put_back(struct sim_world *world, const struct vfs_disk *copy, enum vfs_file_kind kind) {
	struct sim_outside_file file = {.path = sim_outside_path(kind), .wants_bytes = true};
	vfs_disk_visit(copy, sim_outside_look_at_file, &file);
	bool done = !file.failed && sim_outside_put(world, &file);
	free(file.bytes);
	return done;
}

/* A tool that copies a file from its beginning to its end reads the first part at one moment, and
 * the rest at a later one. Sectors are whole. */
static bool sim_outside_tear(struct sim_world *world, const struct vfs_disk *copy, const struct sim_fault *fault) {
	uint64_t sector = world->plan->settings.sector_size_bytes;
	struct sim_outside_file first = {.path = sim_outside_path(fault->file_kind), .wants_bytes = true};
	struct sim_outside_file rest = first;
	vfs_disk_visit(copy, sim_outside_look_at_file, &first);
	vfs_disk_visit(world->disk, sim_outside_look_at_file, &rest);
	uint64_t cut = first.size_bytes * fault->bytes / 65536 / sector * sector;
	uint64_t size = rest.size_bytes > cut ? rest.size_bytes : cut;
	struct sim_outside_file torn = {.path = first.path, .exists = true, .size_bytes = size};
	torn.bytes = first.failed || rest.failed ? NULL : malloc((size_t)size + 1);
	bool done = torn.bytes != NULL;
	if (done && cut > 0) {
		memcpy(torn.bytes, first.bytes, (size_t)cut);
	}
	if (done && size > cut) {
		memcpy(torn.bytes + cut, rest.bytes + cut, (size_t)(size - cut));
	}
	done = done && sim_outside_put(world, &torn);
	free(torn.bytes);
	free(first.bytes);
	free(rest.bytes);
	return done;
}

static bool sim_outside_leave_behind(struct sim_world *world) {
	bool done = true;
	for (int i = 0; i < SIM_OUTSIDE_FILES; i++) {
		bool stays = sim_outside_files[i].kind == VFS_FILE_DB;
		done = done && (stays || sim_outside_remove(world, sim_outside_files[i].path));
	}
	return done;
}

/* Whoever puts another book in place of this one leaves nothing of this one beside it. */
static bool sim_outside_mispair(struct sim_world *world, const struct sim_fault *fault,
                                const struct sim_sibling *sibling) {
	const struct sim_outside_file file = {.path = sim_outside_path(fault->file_kind),
	                                      .exists = true,
	                                      .size_bytes = sibling->size,
	                                      .bytes = sibling->bytes};
	bool is_whole = fault->kind == SIM_FAULT_OTHER_BOOK && fault->file_kind == VFS_FILE_DB;
	return (!is_whole || sim_outside_leave_behind(world)) && sim_outside_put(world, &file);
}

/* ---- copies ---------------------------------------------------------------------------------- */

/* A transaction that was never acknowledged is in no copy that is put back: nobody could tell
 * whether it was ever committed. A hot journal only takes it back. */
static bool sim_outside_may_copy(const struct sim_world *world, const struct sim_fault *fault) {
	bool is_settled = !world->in_flight || fault->file_kind == VFS_FILE_JOURNAL;
	/* With no file named, that of the call is replaced (sim_outside_strike_open). */
	return is_settled && (fault->file_kind == VFS_FILE_NONE || sim_outside_size(world->disk, fault->file_kind) > 0);
}

void sim_outside_copy_for(struct sim_world *world, uint32_t fault_number) {
	struct sim_injection *injection = &world->injections[fault_number];
	const struct sim_fault *fault = &world->plan->faults[fault_number];
	struct sim_machine_files files;
	if (injection->copy != NULL || !sim_outside_may_copy(world, fault)) {
		return;
	}
	sim_machine_hash_files(world, false, &files);
	bool has_wal = sim_outside_size(world->disk, VFS_FILE_WAL) > 0;
	injection->copy = vfs_disk_snapshot(world->disk);
	injection->copy_is_mixed = files.hot_journal || (has_wal && world->owed.is_checkpointed_into);
}

void sim_outside_copy(struct sim_world *world, enum sim_moment moment, uint32_t number) {
	for (uint32_t i = 0; i < world->plan->fault_count && !world->faults_over; i++) {
		const struct sim_fault *fault = &world->plan->faults[i];
		struct sim_injection *injection = &world->injections[i];
		bool is_due = sim_fault_row(fault->kind)->place == SIM_PLACE_COPY && fault->moment == moment &&
		              fault->moment_number <= number && injection->state == SIM_INJECTION_IDLE;
		if (is_due) {
			sim_outside_copy_for(world, i);
			injection->state = injection->copy != NULL ? SIM_INJECTION_ARMED : SIM_INJECTION_IDLE;
			injection->to_go = fault->operation;
		}
	}
}

bool sim_outside_is_due(struct sim_world *world, uint32_t fault_number) {
	struct sim_injection *injection = &world->injections[fault_number];
	if (injection->state != SIM_INJECTION_ARMED) {
		return false;
	}
	injection->to_go -= injection->to_go > 0 ? 1 : 0;
	return injection->to_go == 0;
}

/* ---- what a change has taken ----------------------------------------------------------------- */

/* What SQLite reads of the files. */
struct sim_outside_content {
	bool is_sound;
	uint64_t digest[2];
};

static int sim_outside_take_line(void *context, int columns, char **values, char **names) {
	bool *is_sound = context;
	(void)names;
	*is_sound = columns == 1 && values[0] != NULL && strcmp(values[0], "ok") == 0;
	return 0;
}

/* The digest covers rows. An index that does not go with them is found by the check. */
static void sim_outside_read(void *context, const char *vfs_name) {
	struct sim_outside_content *content = context;
	sqlite3 *connection = NULL;
	int code = sqlite3_open_v2(SIM_WORLD_PATH, &connection, SQLITE_OPEN_READWRITE, vfs_name);
	if (code == SQLITE_OK) {
		code = sim_sql_digest(connection, "main", content->digest);
	}
	if (code == SQLITE_OK) {
		code = sqlite3_exec(connection, "PRAGMA integrity_check(1)", sim_outside_take_line, &content->is_sound,
		                    NULL);
	}
	content->is_sound = content->is_sound && code == SQLITE_OK;
	sqlite3_close(connection);
}

static struct sim_outside_content sim_outside_content(struct sim_world *world) {
	struct sim_outside_content content = {.is_sound = false};
	sim_inspect(world, sim_outside_read, &content);
	return content;
}

/* The same after a power loss that nothing survives which was not synced. */
static struct sim_outside_content sim_outside_durable(struct sim_world *world) {
	struct sim_outside_content content = {.is_sound = false};
	sim_inspect_durable(world, sim_outside_read, &content);
	return content;
}

static bool sim_outside_is_same(const struct sim_outside_content *one, const struct sim_outside_content *other) {
	return one->is_sound && other->is_sound && memcmp(one->digest, other->digest, sizeof one->digest) == 0;
}

/* Before the change. */
struct sim_outside_before {
	struct sim_outside_content content;
	struct sim_outside_content durable;
	bool has_wal;
	bool has_hot_journal;
	uint64_t own_journal; /* a hash of it, which SQLite does not read */
};

static struct sim_outside_before sim_outside_before(struct sim_world *world) {
	struct sim_machine_files files;
	sim_machine_hash_files(world, false, &files);
	return (struct sim_outside_before){.content = sim_outside_content(world),
	                                   .durable = sim_outside_durable(world),
	                                   .has_wal = sim_outside_size(world->disk, VFS_FILE_WAL) > 0,
	                                   .has_hot_journal = files.hot_journal,
	                                   .own_journal = sim_outside_hash(world->disk, VFS_FILE_SUPER_JOURNAL)};
}

/* Whether the files are those of one moment, if the content is another one than before. */
static bool sim_outside_is_whole(const struct sim_world *world, const struct sim_fault *fault,
                                 const struct sim_outside_before *before) {
	const struct sim_injection *injection = &world->injections[fault - world->plan->faults];
	bool is_taken = fault->kind == SIM_FAULT_REMOVE || fault->kind == SIM_FAULT_EMPTY;
	/* A database whose WAL is gone is what the last checkpoint has made of it. */
	bool is_alone = !before->has_hot_journal && !(before->has_wal && world->owed.is_checkpointed_into);
	if (is_taken && fault->file_kind != VFS_FILE_WAL) {
		return fault->file_kind == VFS_FILE_SUPER_JOURNAL;
	}
	if (is_taken || fault->kind == SIM_FAULT_LEAVE_BEHIND) {
		return is_alone;
	}
	bool is_copy_alone = fault->kind == SIM_FAULT_RESTORE && fault->file_kind == VFS_FILE_DB &&
	                     !injection->copy_is_mixed && !before->has_wal && !before->has_hot_journal;
	return fault->kind == SIM_FAULT_RESTORE_ALL || is_copy_alone;
}

/* `seen`: the content behind the change. */
static enum sim_owed_taken sim_outside_taken(struct sim_world *world, const struct sim_fault *fault,
                                             const struct sim_outside_before *before,
                                             const struct sim_outside_content *seen) {
	bool is_same = sim_outside_is_same(&before->content, seen);
	if (is_same && before->own_journal == sim_outside_hash(world->disk, VFS_FILE_SUPER_JOURNAL)) {
		return SIM_OWED_NOTHING_TAKEN;
	}
	bool is_whole = (is_same && fault->kind != SIM_FAULT_RESTORE) || sim_outside_is_whole(world, fault, before);
	/* Of several processes, others were in the middle of something when the copy was made. */
	return is_whole && !world->several ? SIM_OWED_OLDER : SIM_OWED_MIXTURE;
}

/* What programs read may be in memory alone: a checkpoint has copied it, the sync of the database
 * failed, and the WAL had it. Who takes that WAL takes what a power loss needs. */
static bool sim_outside_takes_at_power(struct sim_world *world, const struct sim_outside_before *before,
                                       const struct sim_outside_content *seen) {
	struct sim_outside_content durable = sim_outside_durable(world);
	bool is_known = sim_outside_is_same(&before->content, &durable) || sim_outside_is_same(seen, &durable);
	return !is_known && !sim_outside_is_same(&before->durable, &durable);
}

static void sim_outside_reach(struct sim_world *world, enum sim_owed_taken taken) {
	static const enum sim_probe probes[] = {[SIM_OWED_NOTHING_TAKEN] = SIM_PROBE_OUTSIDE_TAKES_NOTHING,
	                                        [SIM_OWED_OLDER] = SIM_PROBE_OUTSIDE_LEAVES_OLDER,
	                                        [SIM_OWED_MIXTURE] = SIM_PROBE_OUTSIDE_LEAVES_MIXTURE};
	sim_world_reach(world, probes[taken]);
}

/* ---- the kinds ------------------------------------------------------------------------------- */

static bool sim_outside_restore_all(struct sim_world *world, const struct vfs_disk *copy) {
	bool done = true;
	for (int i = 0; i < SIM_OUTSIDE_FILES; i++) {
		done = done && sim_outside_put_back(world, copy, sim_outside_files[i].kind);
	}
	return done;
}

static bool sim_outside_change(struct sim_world *world, const struct sim_fault *fault, const struct vfs_disk *copy) {
	const char *path = sim_outside_path(fault->file_kind);
	switch ((int)fault->kind) {
	case SIM_FAULT_REMOVE:
	case SIM_FAULT_UNLINK:
		return sim_outside_remove(world, path);
	case SIM_FAULT_EMPTY:
		return sim_outside_empty(world, path);
	case SIM_FAULT_LEAVE_BEHIND:
		return sim_outside_leave_behind(world);
	case SIM_FAULT_RESTORE_ALL:
		return sim_outside_restore_all(world, copy);
	case SIM_FAULT_RESTORE_TORN:
		return sim_outside_tear(world, copy, fault);
	default: /* restore and replace */
		return sim_outside_put_back(world, copy, fault->file_kind);
	}
}

/* Files of another database. */
static bool sim_outside_is_foreign(const struct sim_fault *fault) {
	return fault->kind == SIM_FAULT_MISPAIR || fault->kind == SIM_FAULT_OTHER_BOOK;
}

static bool sim_outside_make_foreign(struct sim_world *world, const struct sim_fault *fault,
                                     struct sim_sibling *foreign) {
	return fault->kind == SIM_FAULT_OTHER_BOOK ? sim_sibling_make_other(world, fault->file_kind, foreign)
	                                           : sim_sibling_make(world, fault->file_kind, fault->bytes, foreign);
}

/* Whether the kind has something to do it to: with a database alone, nothing can be left behind. A
 * database without its own journal may get that of another. */
static bool sim_outside_has_object(const struct sim_world *world, const struct sim_fault *fault) {
	bool is_beside = sim_outside_is_foreign(fault);
	bool has_file = sim_outside_size(world->disk, is_beside ? VFS_FILE_DB : fault->file_kind) > 0;
	bool has_more = sim_outside_size(world->disk, VFS_FILE_WAL) > 0 ||
	                sim_outside_size(world->disk, VFS_FILE_JOURNAL) > 0 ||
	                sim_outside_size(world->disk, VFS_FILE_SUPER_JOURNAL) > 0;
	return has_file && (fault->kind != SIM_FAULT_LEAVE_BEHIND || has_more);
}

/* A change that failed half way cannot be judged. */
static bool sim_outside_failed(struct sim_world *world) {
	return sim_world_harness_failed(world, "out of memory for a change from outside");
}

bool sim_outside_strike(struct sim_world *world, uint32_t fault_number) {
	const struct sim_fault *fault = &world->plan->faults[fault_number];
	struct sim_injection *injection = &world->injections[fault_number];
	bool is_copy = sim_fault_row(fault->kind)->place == SIM_PLACE_COPY;
	if (sim_machine_has_processes(world) || (!is_copy && !sim_outside_has_object(world, fault))) {
		return false;
	}
	struct sim_sibling sibling = {0};
	bool is_foreign = sim_outside_is_foreign(fault);
	if (is_foreign && !sim_outside_make_foreign(world, fault, &sibling)) {
		return false;
	}
	struct sim_outside_before before = sim_outside_before(world);
	bool done = is_foreign ? sim_outside_mispair(world, fault, &sibling)
	                       : sim_outside_change(world, fault, injection->copy);
	free(sibling.bytes);
	if (!done || vfs_disk_sync_directory(world->disk, "/") != VFS_OK) {
		return sim_outside_failed(world);
	}
	const struct sim_outside_content seen = sim_outside_content(world);
	enum sim_owed_taken taken = sim_outside_taken(world, fault, &before, &seen);
	/* A database of another moment beside a WAL, or one that was copied in a checkpoint. */
	if (is_copy && fault->file_kind == VFS_FILE_DB) {
		world->owed.is_checkpointed_into = injection->copy_is_mixed ||
		                                   (fault->kind == SIM_FAULT_RESTORE && before.has_wal) ||
		                                   fault->kind == SIM_FAULT_RESTORE_TORN;
	}
	sim_owed_note_outside(&world->owed, &world->plan->settings, fault, taken);
	if (sim_outside_takes_at_power(world, &before, &seen)) {
		sim_owed_note_awaiting_power(&world->owed, fault);
	}
	sim_outside_reach(world, taken);
	return true;
}

bool sim_outside_strike_open(struct sim_process *process, uint32_t fault_number, const struct vfs_call *call) {
	struct sim_world *world = process->world;
	struct sim_fault fault = world->plan->faults[fault_number];
	const struct vfs_disk *copy = world->injections[fault_number].copy;
	const char *path = sim_outside_path(call->file_kind);
	fault.file_kind = call->file_kind;
	bool is_ours = path != NULL && call->path != NULL && strcmp(call->path, path) == 0;
	bool needs_copy = fault.kind == SIM_FAULT_REPLACE;
	bool lacks_copy = is_ours && needs_copy && (copy == NULL || sim_outside_size(copy, fault.file_kind) == 0);
	/* A start reads and makes files; what it has seen of them would not be known. */
	if (process->starting || !is_ours || lacks_copy || !vfs_disk_exists(world->disk, path)) {
		return false;
	}
	if (!sim_outside_change(world, &fault, copy)) {
		return sim_outside_failed(world);
	}
	sim_owed_note_outside(&world->owed, &world->plan->settings, &fault, SIM_OWED_MIXTURE);
	sim_world_reach(world, SIM_PROBE_CHANGED_WHILE_OPEN);
	return true;
}
