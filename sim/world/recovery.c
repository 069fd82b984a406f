/* sim/world/recovery.c: see recovery.h. The files of a database as the reader wants them; SQLite's
 * recovery on a copy; then the comparison. */
#include "recovery.h"

#include "recovered.h"
#include "tree.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SIM_RECOVERY_DATABASES_MAX 12u
#define SIM_RECOVERY_FILES 3u
#define SIM_RECOVERY_TRIES 3
/* So many contents are remembered. */
#define SIM_RECOVERY_REMEMBERED 4096u

/* ---- files ----------------------------------------------------------------------------------- */

/* A database, and what lies beside it: open on a disk. */
struct sim_recovery_files {
	struct vfs_disk *disk;
	struct vfs_inode *inodes[SIM_RECOVERY_FILES];
	struct sim_format_image image;
	bool is_readable;
};

struct sim_recovery_names {
	char names[SIM_RECOVERY_DATABASES_MAX][VFS_PATH_MAX + 1];
	uint32_t count;
	uint32_t left_out;
};

static const char *const sim_recovery_suffixes[SIM_RECOVERY_FILES] = {"", "-journal", "-wal"};

static void sim_recovery_note_name(struct sim_recovery_names *names, const char *path, size_t length) {
	for (uint32_t i = 0; i < names->count; i++) {
		if (strncmp(names->names[i], path, length) == 0 && names->names[i][length] == '\0') {
			return;
		}
	}
	if (names->count == SIM_RECOVERY_DATABASES_MAX) {
		names->left_out++;
		return;
	}
	snprintf(names->names[names->count++], sizeof names->names[0], "%.*s", (int)length, path);
}

/* A database is a file that begins like one, or one that has a journal or a WAL. */
static void sim_recovery_visit(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_recovery_names *names = context;
	char magic[16] = "";
	size_t got = 0;
	size_t length = strlen(path);
	for (uint32_t i = 1; i < SIM_RECOVERY_FILES; i++) {
		size_t suffix = strlen(sim_recovery_suffixes[i]);
		if (length > suffix && strcmp(path + length - suffix, sim_recovery_suffixes[i]) == 0) {
			sim_recovery_note_name(names, path, length - suffix);
			return;
		}
	}
	vfs_disk_read(inode, 0, magic, sizeof magic, &got);
	if (memcmp(magic, "SQLite format 3", sizeof magic) == 0) {
		sim_recovery_note_name(names, path, length);
	}
}

static size_t sim_recovery_read(void *context, uint64_t offset, void *buffer, size_t size_bytes) {
	size_t got = 0;
	vfs_disk_read(context, offset, buffer, size_bytes, &got);
	return got;
}

/* Also of a name that is not there. */
static struct vfs_inode *sim_recovery_open_file(struct vfs_disk *disk, const char *path, const char *suffix,
                                                struct sim_format_file *file) {
	char full[VFS_PATH_MAX + 16];
	struct vfs_inode *inode = NULL;
	bool created = false;
	snprintf(full, sizeof full, "%s%s", path, suffix);
	*file = (struct sim_format_file){0};
	if (vfs_disk_open(disk, full, false, &created, &inode) != VFS_OK) {
		return NULL;
	}
	*file = (struct sim_format_file){
	        .size_bytes = vfs_disk_size(inode), .read = sim_recovery_read, .context = inode};
	return inode;
}

static bool sim_recovery_exists(void *context, const char *name) {
	struct sim_format_file file;
	struct vfs_inode *inode = sim_recovery_open_file(context, name, "", &file);
	if (inode != NULL) {
		vfs_disk_close(context, inode);
	}
	return file.size_bytes > 0;
}

static void sim_recovery_open(struct sim_recovery_files *files, struct vfs_disk *disk, const char *path) {
	struct sim_format_file *const into[SIM_RECOVERY_FILES] = {&files->image.database, &files->image.journal,
	                                                          &files->image.wal};
	*files = (struct sim_recovery_files){.disk = disk, .is_readable = true};
	files->image.exists = sim_recovery_exists;
	files->image.context = disk;
	files->image.name_bytes_max = VFS_PATH_MAX;
	for (uint32_t i = 0; i < SIM_RECOVERY_FILES; i++) {
		struct vfs_inode *inode = sim_recovery_open_file(disk, path, sim_recovery_suffixes[i], into[i]);
		files->inodes[i] = inode;
		files->is_readable &= inode == NULL || vfs_disk_is_readable(inode, 0, into[i]->size_bytes);
	}
}

static void sim_recovery_close(struct sim_recovery_files *files) {
	for (uint32_t i = 0; i < SIM_RECOVERY_FILES; i++) {
		if (files->inodes[i] != NULL) {
			vfs_disk_close(files->disk, files->inodes[i]);
		}
	}
}

/* ---- SQLite's recovery ----------------------------------------------------------------------- */

/* SQLite on a copy of the disk. */
struct sim_recovery_run {
	struct sim_world *world;
	struct vfs_disk *disk;
	uint32_t changes;             /* so far: calls that change the disk */
	uint32_t interrupt_at;        /* behind that one */
	struct vfs_disk *interrupted; /* the disk there; NULL: it has not come to that */
	bool out_of_memory;           /* there should be one */
	bool counts;                  /* it says how many pages there are */
	bool checks;                  /* the structure, too, by its integrity check */
	int code;                     /* of SQLite */
	int64_t answer;               /* the number that it says */
	char integrity[100];
};

static void sim_recovery_before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	(void)context;
	(void)call;
	(void)answer;
}

static void sim_recovery_after(void *context, const struct vfs_call *call, int result, uint64_t value) {
	struct sim_recovery_run *run = context;
	(void)result;
	(void)value;
	bool changes = call->method == VFS_METHOD_WRITE || call->method == VFS_METHOD_TRUNCATE ||
	               call->method == VFS_METHOD_DELETE || call->method == VFS_METHOD_SYNC;
	run->changes += changes ? 1 : 0;
	if (changes && run->changes == run->interrupt_at) {
		run->interrupted = vfs_disk_snapshot(run->disk);
		run->out_of_memory |= run->interrupted == NULL;
	}
}

static int64_t sim_recovery_now(void *context) {
	return ((const struct sim_recovery_run *)context)->world->now_ns;
}

/* What survives a power loss in the middle of the recovery. */
static uint64_t sim_recovery_draw(void *context, enum vfs_choice choice, uint64_t count) {
	(void)choice;
	return sim_pcg32_below(context, (uint32_t)count);
}

/* All of it does. */
static uint64_t sim_recovery_keep(void *context, enum vfs_choice choice, uint64_t count) {
	(void)context;
	return choice == VFS_CHOICE_NAMES || choice == VFS_CHOICE_ORDER ? count - 1 : 1;
}

static int sim_recovery_take_number(void *context, int columns, char **values, char **names) {
	(void)names;
	*(int64_t *)context = columns > 0 && values[0] != NULL ? strtoll(values[0], NULL, 10) : -1;
	return 0;
}

static int sim_recovery_take_text(void *context, int columns, char **values, char **names) {
	struct sim_recovery_run *run = context;
	(void)names;
	if (columns > 0 && values[0] != NULL && run->integrity[0] == '\0') {
		snprintf(run->integrity, sizeof run->integrity, "%s", values[0]);
	}
	return 0;
}

/* SQLite opens the database, reads, and closes it: then nothing is left in journal and WAL. */
static void sim_recovery_try(struct sim_recovery_run *run, const char *path, const char *vfs_name) {
	sqlite3 *connection = NULL;
	run->code = sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs_name);
	if (connection == NULL) {
		return; /* out of memory */
	}
	sqlite3_extended_result_codes(connection, 1);
	const char *question = run->counts ? "PRAGMA page_count" : "PRAGMA user_version";
	if (run->code == SQLITE_OK) {
		run->code = sqlite3_exec(connection, question, sim_recovery_take_number, &run->answer, NULL);
	}
	if (run->code == SQLITE_OK && run->checks) {
		run->code = sqlite3_exec(connection, "PRAGMA integrity_check(1)", sim_recovery_take_text, run, NULL);
	}
	sqlite3_close(connection);
}

/* Where a sync has failed and nobody was told, the next one to sync that file is told. Then it is
 * tried again. False when out of memory. */
static bool sim_recovery_recover(struct sim_recovery_run *run, const char *path) {
	const struct vfs_hooks hooks = {.context = run,
	                                .before = sim_recovery_before,
	                                .after = sim_recovery_after,
	                                .now_ns = sim_recovery_now,
	                                .chooser = sim_recovery_keep};
	struct vfs_process *process = vfs_process_create(run->disk, "recovery", &hooks);
	if (process == NULL) {
		return false;
	}
	vfs_disk_set_capacity(run->disk, 0);
	run->code = SQLITE_IOERR_FSYNC;
	for (int i = 0; i < SIM_RECOVERY_TRIES && run->code == SQLITE_IOERR_FSYNC; i++) {
		sim_recovery_try(run, path, vfs_process_name(process));
	}
	vfs_process_destroy(process);
	return run->code != SQLITE_NOMEM && run->code != SQLITE_IOERR_NOMEM;
}

/* ---- comparison ------------------------------------------------------------------------------ */

/* One database of an image. */
struct sim_recovery_case {
	struct sim_world *world;
	const char *path;
	struct sim_recovered expected; /* by the reader */
	bool is_new;                   /* its content was not compared before */
	struct sim_recovery *recovery;
};

/* What it takes to compare is there, unless memory has run out: then the image was not compared. */
static bool sim_recovery_has(const struct sim_recovery_case *about, bool is_there) {
	about->recovery->out_of_memory |= !is_there;
	return is_there;
}

static void sim_recovery_disagree(const struct sim_recovery_case *about, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* The first one stays. */
static void sim_recovery_disagree(const struct sim_recovery_case *about, const char *format, ...) {
	char text[SIM_RECOVERY_TEXT_SIZE - 100];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (about->recovery->text[0] == '\0') {
		snprintf(about->recovery->text, sizeof about->recovery->text, "%.80s: %s", about->path, text);
	}
}

/* The content of all pages must be what the reader expects. `after` says what the other one is. */
static void sim_recovery_compare_pages(const struct sim_recovery_case *about, const struct sim_recovered *other,
                                       const char *after) {
	/* Not on the stack, which may be that of a coroutine. */
	static unsigned char expected[SIM_FORMAT_PAGE_MAX];
	static unsigned char found[SIM_FORMAT_PAGE_MAX];
	const struct sim_recovered *reader = &about->expected;
	if (other->kind != SIM_RECOVERED_PAGES || other->page_size != reader->page_size ||
	    other->page_count != reader->page_count) {
		sim_recovery_disagree(about,
		                      "the reader has %" PRIu32 " pages of %" PRIu32
		                      " bytes, and %s there is %s, %" PRIu32 " of %" PRIu32,
		                      reader->page_count, reader->page_size, after,
		                      sim_recovered_kind_name(other->kind), other->page_count, other->page_size);
		return;
	}
	for (uint32_t page = 1; page <= reader->page_count; page++) {
		sim_recovered_page(reader, page, expected);
		sim_recovered_page(other, page, found);
		uint32_t at = 0;
		if (memcmp(expected, found, reader->page_size) == 0 ||
		    page == sim_format_lock_page(reader->page_size)) {
			continue;
		}
		while (expected[at] == found[at]) {
			at++;
		}
		sim_recovery_disagree(about,
		                      "page %" PRIu32 " of %" PRIu32 " differs from byte %" PRIu32
		                      " on: the reader has 0x%02x from %s, and %s it is 0x%02x",
		                      page, reader->page_count, at, expected[at], sim_recovered_source(reader, page),
		                      after, found[at]);
		return;
	}
}

/* What lies on the disk now, by the reader. Where the recovery has ended, a journal or a WAL that
 * would still be played is no end. */
static void sim_recovery_compare_disk(const struct sim_recovery_case *about, struct vfs_disk *disk, const char *after,
                                      bool has_ended) {
	struct sim_recovery_files files;
	struct sim_recovered recovered;
	sim_recovery_open(&files, disk, about->path);
	bool good = sim_recovery_has(about, sim_recovered_read(&files.image, &recovered));
	if (good && has_ended && (recovered.rollback.is_played || recovered.wal.frames > 0)) {
		sim_recovery_disagree(about, "%s there is a %s to be played", after,
		                      recovered.rollback.is_played ? "journal" : "WAL");
	} else if (good) {
		sim_recovery_compare_pages(about, &recovered, after);
	}
	sim_recovered_free(&recovered);
	sim_recovery_close(&files);
}

/* SQLite once more, on what lies there now. */
static void sim_recovery_go_on(const struct sim_recovery_case *about, struct vfs_disk *disk, const char *after) {
	struct sim_recovery_run again = {.world = about->world, .disk = disk};
	if (sim_recovery_has(about, sim_recovery_recover(&again, about->path))) {
		sim_recovery_compare_disk(about, disk, after, true);
	}
}

static void sim_recovery_look_for_volatile(void *context, const char *path, const struct vfs_inode *inode) {
	(void)path;
	*(bool *)context &= vfs_disk_is_durable(inode);
}

/* Whether a power loss takes nothing but what the recovery has done. */
static bool sim_recovery_is_durable(const struct sim_world *world) {
	bool is_durable = vfs_disk_pending_count(world->disk) == 0 && !sim_settings_disk_lies(&world->plan->settings);
	if (is_durable) {
		vfs_disk_visit(world->disk, sim_recovery_look_for_volatile, &is_durable);
	}
	return is_durable;
}

/* The recovery was interrupted, by a kill, or by a power loss on a disk that held nothing volatile
 * before: what is left must lead to the same pages. */
static void sim_recovery_compare_interrupted(const struct sim_recovery_case *about, struct sim_recovery_run *run) {
	char after[80];
	struct sim_pcg32 chance;
	sim_pcg32_seed(&chance, about->recovery->chance, run->interrupt_at);
	bool loses_power = sim_recovery_is_durable(about->world) && sim_pcg32_percent(&chance, 75);
	if (loses_power) {
		vfs_disk_power_loss(run->interrupted, sim_recovery_draw, &chance);
	}
	about->recovery->seen |= SIM_RECOVERY_INTERRUPTED;
	snprintf(after, sizeof after, "after a %s behind change %" PRIu32 " of SQLite's recovery",
	         loses_power ? "power loss" : "kill", run->interrupt_at);
	sim_recovery_compare_disk(about, run->interrupted, after, false);
	if (sim_pcg32_below(&chance, 4) == 0) {
		snprintf(after, sizeof after, "after SQLite has resumed behind a %s at change %" PRIu32,
		         loses_power ? "power loss" : "kill", run->interrupt_at);
		sim_recovery_go_on(about, run->interrupted, after);
	}
}

/* What the reader calls no database SQLite must refuse, and nothing else. */
static bool sim_recovery_compare_codes(const struct sim_recovery_case *about, const struct sim_recovery_run *run) {
	const struct sim_recovered *expected = &about->expected;
	int code = run->code & 0xff;
	bool refuses = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_CANTOPEN;
	if (expected->kind != SIM_RECOVERED_PAGES) {
		about->recovery->seen |= SIM_RECOVERY_REFUSED;
		if (!refuses) {
			sim_recovery_disagree(about, "the reader sees %s, and SQLite answers %d",
			                      sim_recovered_kind_name(expected->kind), run->code);
		}
		return false;
	}
	/* A schema that says nothing sensible is refused after the recovery. */
	if (run->code != SQLITE_OK && code != SQLITE_CORRUPT && code != SQLITE_ERROR) {
		sim_recovery_disagree(about, "the reader has %" PRIu32 " pages, and SQLite answers %d",
		                      expected->page_count, run->code);
		return false;
	}
	if (run->code == SQLITE_OK && run->counts && run->answer != (int64_t)expected->page_count) {
		sim_recovery_disagree(about, "the reader has %" PRIu32 " pages, and SQLite %" PRId64,
		                      expected->page_count, run->answer);
		return false;
	}
	return true;
}

/* ---- structure ------------------------------------------------------------------------------- */

static uint64_t sim_recovery_hash(const struct sim_recovered *recovered) {
	unsigned char page[SIM_FORMAT_PAGE_MAX];
	uint64_t hash = recovered->page_size;
	for (uint32_t number = 1; number <= recovered->page_count; number++) {
		sim_recovered_page(recovered, number, page);
		hash = (hash ^ sim_trace_hash_bytes(page, recovered->page_size)) * UINT64_C(0x9e3779b97f4a7c15);
	}
	return hash;
}

/* Contents of images on which both agree, unless they came long ago. What is asked of a content is
 * asked once: how many pages it has, and whether its structure is sound. */
static uint64_t *sim_recovery_slot(uint64_t content) {
	static uint64_t contents[SIM_RECOVERY_REMEMBERED];
	return &contents[content % SIM_RECOVERY_REMEMBERED];
}

/* Where the reader finds a page that is lost or used twice, SQLite's integrity check must find
 * something, too. */
static void sim_recovery_check_structure(const struct sim_recovery_case *about, struct vfs_disk *disk) {
	char text[SIM_TREE_TEXT_SIZE];
	if (!about->is_new || !sim_recovery_has(about, sim_tree_check(&about->expected, text)) || text[0] == '\0') {
		return;
	}
	struct sim_recovery_run run = {.world = about->world, .disk = disk, .checks = true};
	bool ran = sim_recovery_has(about, sim_recovery_recover(&run, about->path));
	if (ran && run.code == SQLITE_OK && strcmp(run.integrity, "ok") == 0) {
		sim_recovery_disagree(about, "the reader says: %s; SQLite's integrity check says: ok", text);
	}
}

/* ---- an image -------------------------------------------------------------------------------- */

static void sim_recovery_run_case(const struct sim_recovery_case *about) {
	const struct sim_recovered *expected = &about->expected;
	uint32_t restored = (uint32_t)(expected->rollback.pages.count + expected->wal.pages.count);
	struct sim_recovery_run run = {
	        .world = about->world, .disk = vfs_disk_snapshot(about->world->disk), .counts = about->is_new};
	run.interrupt_at = 1 + (uint32_t)(about->recovery->chance % (restored + 3));
	if (!sim_recovery_has(about, run.disk != NULL)) {
		return;
	}
	if (sim_recovery_has(about, sim_recovery_recover(&run, about->path)) &&
	    sim_recovery_compare_codes(about, &run)) {
		sim_recovery_compare_disk(about, run.disk, "after SQLite's recovery", true);
		if (about->recovery->chance / 16 % 16 == 0) {
			sim_recovery_go_on(about, run.disk, "after SQLite's second recovery");
		}
		if (sim_recovery_has(about, !run.out_of_memory) && run.interrupted != NULL) {
			sim_recovery_compare_interrupted(about, &run);
		}
		sim_recovery_check_structure(about, run.disk);
	}
	vfs_disk_destroy(run.interrupted);
	vfs_disk_destroy(run.disk);
}

static void sim_recovery_compare_one(struct sim_world *world, const char *path, struct sim_recovery *recovery) {
	struct sim_recovery_files files;
	struct sim_recovery_case about = {.world = world, .path = path, .recovery = recovery};
	sim_recovery_open(&files, world->disk, path);
	bool is_read = files.is_readable && sim_recovery_has(&about, sim_recovered_read(&files.image, &about.expected));
	bool is_bounded =
	        is_read && about.expected.kind != SIM_RECOVERED_HUGE && about.expected.kind != SIM_RECOVERED_TWO_SIZES;
	recovery->is_compared &= is_bounded;
	if (is_bounded) {
		bool has_pages = about.expected.kind == SIM_RECOVERED_PAGES;
		uint64_t content = has_pages ? sim_recovery_hash(&about.expected) : 0;
		about.is_new = *sim_recovery_slot(content) != content;
		recovery->seen |= about.expected.rollback.is_played ? SIM_RECOVERY_PLAYED : 0;
		recovery->seen |= about.expected.wal.frames > 0 ? SIM_RECOVERY_REPLAYED : 0;
		sim_recovery_run_case(&about);
		bool agrees = recovery->text[0] == '\0' && !recovery->out_of_memory;
		*sim_recovery_slot(content) = agrees ? content : 0;
		const uint64_t all[] = {recovery->content, agrees, content};
		recovery->content = sim_trace_hash_bytes(all, sizeof all);
	}
	sim_recovered_free(&about.expected);
	sim_recovery_close(&files);
}

static void sim_recovery_ask_second(struct sim_world *world, struct sim_recovery_names *names,
                                    struct sim_recovery *recovery) {
	struct sim_recovery_second *second = &recovery->second;
	sim_recovery_second_compare(second, world->disk, names->names, names->count);
	recovery->out_of_memory |= second->out_of_memory;
	recovery->seen |= SIM_RECOVERY_ASKED_SECOND;
	recovery->seen |= second->pages_alone ? SIM_RECOVERY_PAGES_ALONE : 0;
	recovery->seen |= second->one_noticed ? SIM_RECOVERY_ONE_NOTICED : 0;
}

void sim_recovery_compare(struct sim_world *world, struct sim_recovery *recovery) {
	struct sim_recovery_names names = {0};
	/* What a VFS of somebody's own has made of a file is known to nobody else. */
	if (world->own_vfs != NULL) {
		return;
	}
	vfs_disk_visit(world->disk, sim_recovery_visit, &names);
	recovery->is_compared = names.count > 0 && names.left_out == 0;
	for (uint32_t i = 0; i < names.count; i++) {
		sim_recovery_compare_one(world, names.names[i], recovery);
	}
	if (recovery->is_compared && recovery->second.second != NULL) {
		sim_recovery_ask_second(world, &names, recovery);
	}
	recovery->is_compared &= !recovery->out_of_memory;
	bool agrees = recovery->text[0] == '\0' && recovery->second.text[0] == '\0';
	recovery->content = recovery->is_compared && agrees ? recovery->content : 0;
}
