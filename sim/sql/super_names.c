/* sim/sql/super_names.c: see super_names.h. */
#include "super_names.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* A journal begins with its header. What lies behind it may be of an earlier transaction. */
#define SIM_SUPER_NAMES_HEADER_BYTES 512u
/* The last piece of a name is the magic. */
#define SIM_SUPER_NAMES_END_BYTES 8u

static void sim_super_names_note_write(struct sim_super_names *names, const struct vfs_call *call) {
	bool same = strcmp(names->path, call->path) == 0;
	if (call->offset == 0 && call->size >= SIM_SUPER_NAMES_HEADER_BYTES) {
		if (vfs_phase_ends_with_name(call)) {
			snprintf(names->path, sizeof names->path, "%s", call->path);
		} else if (same) {
			names->path[0] = '\0';
		}
	} else if (same && call->size == SIM_SUPER_NAMES_END_BYTES) {
		names->path[0] = '\0';
	}
}

static void sim_super_names_note_journal(struct sim_super_names *names, uint32_t number, const struct vfs_call *call) {
	bool same = strcmp(names->path, call->path) == 0;
	if (call->method == VFS_METHOD_WRITE) {
		sim_super_names_note_write(names, call);
	} else if (call->method == VFS_METHOD_READ) {
		names->readers &= ~(1u << number);
		names->readers |= same ? 1u << number : 0;
	} else if (same &&
	           ((call->method == VFS_METHOD_TRUNCATE && call->size == 0) || call->method == VFS_METHOD_DELETE)) {
		names->path[0] = '\0';
	}
}

void sim_super_names_note(struct sim_super_names *names, uint32_t number, const struct vfs_call *call, int result,
                          uint64_t value) {
	if (call->path == NULL || (result != SQLITE_OK && call->method != VFS_METHOD_READ)) {
		return;
	}
	bool absent = call->method == VFS_METHOD_ACCESS && value == 0;
	if (absent && call->path[0] == '\0') {
		names->empty = true;
	} else if (call->file_kind == VFS_FILE_JOURNAL) {
		sim_super_names_note_journal(names, number, call);
	} else if (call->file_kind == VFS_FILE_SUPER_JOURNAL && absent) {
		names->believed |= names->path[0] != '\0' && (names->readers & (1u << number)) != 0;
	}
}

const char *sim_super_names_text(const struct sim_super_names *names) {
	return names->empty      ? ", an empty name of a super-journal was believed"
	       : names->believed ? ", the name of an old super-journal was believed"
	                         : "";
}
