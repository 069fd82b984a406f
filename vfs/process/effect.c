/* vfs/process/effect.c: the effects and results that may be injected into each method
 * (docs/fault-model.md, section 1). There is one table, and a function for what depends on the
 * call.
 *
 * Anything else would prove nothing about SQLite, because no operating system does it: a short read
 * in mid-file, BUSY from xWrite, "exists" for an empty journal.
 */
#undef NDEBUG
#include <assert.h>

#include <sqlite3.h>

#include "vfs.h"

#define BEFORE (1u << VFS_EFFECT_BEFORE)
#define PARTIAL (1u << VFS_EFFECT_PARTIAL)
#define AFTER (1u << VFS_EFFECT_AFTER)
#define WRITE_LIES ((1u << VFS_EFFECT_LOST) | (1u << VFS_EFFECT_UNSTORED) | (1u << VFS_EFFECT_MISDIRECTED))
#define READ_LIES ((1u << VFS_EFFECT_FLIPPED) | (1u << VFS_EFFECT_STALE))

/* A process can die before and after the effect of any call. Three methods have no effect at
 * all. */
#define DEATH (BEFORE | AFTER)

static const struct vfs_effect_row vfs_effect_rows[VFS_METHOD_COUNT] = {
        [VFS_METHOD_OPEN] = {BEFORE | AFTER,
                             1u << VFS_EFFECT_READ_ONLY,
                             DEATH,
                             {SQLITE_CANTOPEN, SQLITE_NOMEM, SQLITE_IOERR}},
        [VFS_METHOD_DELETE] = {BEFORE | AFTER,
                               1u << VFS_EFFECT_LIE,
                               DEATH,
                               {SQLITE_IOERR_DELETE, SQLITE_IOERR_DIR_FSYNC}},
        [VFS_METHOD_ACCESS] = {BEFORE, 0, DEATH, {SQLITE_IOERR_ACCESS}},
        [VFS_METHOD_CLOSE] = {0},
        [VFS_METHOD_READ] = {BEFORE, READ_LIES, DEATH, {SQLITE_IOERR_READ}},
        [VFS_METHOD_WRITE] = {BEFORE | PARTIAL | AFTER,
                              WRITE_LIES,
                              DEATH | PARTIAL,
                              {SQLITE_IOERR_WRITE, SQLITE_FULL, SQLITE_NOMEM}},
        [VFS_METHOD_TRUNCATE] = {BEFORE | AFTER, 0, DEATH, {SQLITE_IOERR_TRUNCATE}},
        [VFS_METHOD_SYNC] = {BEFORE | PARTIAL | AFTER,
                             1u << VFS_EFFECT_LIE,
                             DEATH | PARTIAL,
                             {SQLITE_IOERR_FSYNC, SQLITE_FULL}},
        [VFS_METHOD_FILE_SIZE] = {BEFORE, 0, DEATH, {SQLITE_IOERR_FSTAT}},
        [VFS_METHOD_LOCK] = {BEFORE | PARTIAL,
                             0,
                             DEATH | PARTIAL,
                             {SQLITE_IOERR_LOCK, SQLITE_BUSY, SQLITE_IOERR_RDLOCK}},
        [VFS_METHOD_UNLOCK] = {BEFORE | AFTER, 0, DEATH, {SQLITE_IOERR_UNLOCK}},
        [VFS_METHOD_CHECK_RESERVED_LOCK] = {BEFORE, 0, DEATH, {SQLITE_IOERR_CHECKRESERVEDLOCK}},
        [VFS_METHOD_FILE_CONTROL] = {BEFORE | AFTER, 0, DEATH, {SQLITE_IOERR, SQLITE_FULL, SQLITE_NOMEM}},
        [VFS_METHOD_SHM_MAP] = {BEFORE | AFTER,
                                0,
                                DEATH,
                                {SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHMOPEN, SQLITE_IOERR_SHMSIZE, SQLITE_NOMEM,
                                 SQLITE_CANTOPEN, SQLITE_BUSY, SQLITE_READONLY}},
        [VFS_METHOD_SHM_LOCK] = {BEFORE, 0, DEATH, {SQLITE_IOERR_SHMLOCK, SQLITE_BUSY}},
        [VFS_METHOD_SHM_UNMAP] = {0, 0, DEATH, {0}},
        /* No mapping is always a legal answer, so it need not fail. */
        [VFS_METHOD_FETCH] = {0, 0, DEATH, {0}},
        [VFS_METHOD_UNFETCH] = {0, 0, DEATH, {0}},
};

#undef BEFORE
#undef PARTIAL
#undef AFTER
#undef WRITE_LIES
#undef READ_LIES
#undef DEATH

const struct vfs_effect_row *vfs_effect_row(enum vfs_method method) {
	assert(method > VFS_METHOD_NONE && method < VFS_METHOD_COUNT);
	return &vfs_effect_rows[method];
}

static bool vfs_effect_has_code(const struct vfs_effect_row *row, int result) {
	for (size_t index = 0; index < sizeof row->codes / sizeof *row->codes && row->codes[index] != 0; index++) {
		if (row->codes[index] == result) {
			return true;
		}
	}
	return false;
}

/* The operations whose answer SQLite heeds. What it only tells a file cannot fail. */
static bool vfs_effect_can_control_fail(uint32_t operation) {
	return operation == SQLITE_FCNTL_SIZE_HINT || operation == SQLITE_FCNTL_SYNC ||
	       operation == SQLITE_FCNTL_COMMIT_PHASETWO;
}

/* Whether this very call may return the error. */
static bool vfs_effect_can_fail(const struct vfs_call *call, const struct vfs_answer *answer) {
	if (!vfs_effect_has_code(&vfs_effect_rows[call->method], answer->result)) {
		return false;
	}
	switch ((unsigned)call->method) {
	case VFS_METHOD_DELETE:
		return answer->result != SQLITE_IOERR_DIR_FSYNC ||
		       ((call->flags & 1) != 0 && answer->effect == VFS_EFFECT_AFTER);
	case VFS_METHOD_FILE_CONTROL:
		return vfs_effect_can_control_fail(call->flags);
	case VFS_METHOD_SHM_MAP: /* READONLY: SQLite uses the memory that comes with it */
		return answer->result != SQLITE_READONLY || answer->effect == VFS_EFFECT_AFTER;
	case VFS_METHOD_SHM_LOCK:
		return answer->result != SQLITE_BUSY || (call->flags & SQLITE_SHM_LOCK) != 0;
	default:
		return true;
	}
}

/* Whether the effect suits the call, whatever comes of it. */
static bool vfs_effect_does_effect_fit(const struct vfs_call *call, const struct vfs_answer *answer) {
	if (answer->effect == VFS_EFFECT_PARTIAL && call->method == VFS_METHOD_WRITE) {
		return answer->partial_bytes < call->size;
	}
	if (answer->effect == VFS_EFFECT_PARTIAL && call->method == VFS_METHOD_LOCK) {
		return call->size == SQLITE_LOCK_EXCLUSIVE;
	}
	if (answer->effect == VFS_EFFECT_LIE && call->method == VFS_METHOD_DELETE) {
		return (call->flags & 1) != 0;
	}
	if (answer->effect == VFS_EFFECT_READ_ONLY) {
		return (call->flags & SQLITE_OPEN_READWRITE) != 0 && call->file_kind != VFS_FILE_TEMP;
	}
	return true;
}

bool vfs_answer_is_legal(const struct vfs_call *call, const struct vfs_answer *answer) {
	const struct vfs_effect_row *row = vfs_effect_row(call->method);
	uint32_t effect = 1u << answer->effect;
	if (answer->effect == VFS_EFFECT_NONE) {
		return true;
	}
	if (!vfs_effect_does_effect_fit(call, answer)) {
		return false;
	}
	if (answer->die) {
		return (row->dying & effect) != 0;
	}
	if ((row->lying & effect) != 0) {
		return answer->result == SQLITE_OK;
	}
	return (row->failing & effect) != 0 && vfs_effect_can_fail(call, answer);
}
