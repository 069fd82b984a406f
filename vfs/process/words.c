/* vfs/process/words.c: the names of methods, kinds of files, effects, models of syncs, locks and
 * slots. */
#include <stddef.h>

#include "vfs.h"

static const char *const vfs_words_method_names[] = {
        [VFS_METHOD_NONE] = "none",
        [VFS_METHOD_OPEN] = "xOpen",
        [VFS_METHOD_DELETE] = "xDelete",
        [VFS_METHOD_ACCESS] = "xAccess",
        [VFS_METHOD_CLOSE] = "xClose",
        [VFS_METHOD_READ] = "xRead",
        [VFS_METHOD_WRITE] = "xWrite",
        [VFS_METHOD_TRUNCATE] = "xTruncate",
        [VFS_METHOD_SYNC] = "xSync",
        [VFS_METHOD_FILE_SIZE] = "xFileSize",
        [VFS_METHOD_LOCK] = "xLock",
        [VFS_METHOD_UNLOCK] = "xUnlock",
        [VFS_METHOD_CHECK_RESERVED_LOCK] = "xCheckReservedLock",
        [VFS_METHOD_FILE_CONTROL] = "xFileControl",
        [VFS_METHOD_SHM_MAP] = "xShmMap",
        [VFS_METHOD_SHM_LOCK] = "xShmLock",
        [VFS_METHOD_SHM_BARRIER] = "xShmBarrier",
        [VFS_METHOD_SHM_UNMAP] = "xShmUnmap",
        [VFS_METHOD_FETCH] = "xFetch",
        [VFS_METHOD_UNFETCH] = "xUnfetch",
        [VFS_METHOD_SLEEP] = "xSleep",
};
_Static_assert(sizeof vfs_words_method_names / sizeof *vfs_words_method_names == VFS_METHOD_COUNT,
               "a name for each method");

static const char *const vfs_words_kind_names[] = {
        [VFS_FILE_NONE] = "none",
        [VFS_FILE_DB] = "db",
        [VFS_FILE_JOURNAL] = "journal",
        [VFS_FILE_WAL] = "wal",
        [VFS_FILE_SUPER_JOURNAL] = "super-journal",
        [VFS_FILE_SHM] = "shm",
        [VFS_FILE_TEMP] = "temp",
        [VFS_FILE_OTHER] = "other",
};
_Static_assert(sizeof vfs_words_kind_names / sizeof *vfs_words_kind_names == VFS_FILE_COUNT,
               "a name for each kind of file");

static const char *const vfs_words_effect_names[] = {
        [VFS_EFFECT_NONE] = "none",
        [VFS_EFFECT_BEFORE] = "before",
        [VFS_EFFECT_PARTIAL] = "partial",
        [VFS_EFFECT_AFTER] = "after",
        [VFS_EFFECT_LIE] = "lie",
        [VFS_EFFECT_LOST] = "lost",
        [VFS_EFFECT_UNSTORED] = "unstored",
        [VFS_EFFECT_MISDIRECTED] = "misdirected",
        [VFS_EFFECT_FLIPPED] = "flipped",
        [VFS_EFFECT_STALE] = "stale",
        [VFS_EFFECT_READ_ONLY] = "read_only",
};
_Static_assert(sizeof vfs_words_effect_names / sizeof *vfs_words_effect_names == VFS_EFFECT_COUNT,
               "a name for each effect");

static const char *const vfs_words_sync_model_names[] = {
        [VFS_SYNC_STILL_DIRTY] = "still_dirty",
        [VFS_SYNC_EXT4] = "ext4",
        [VFS_SYNC_EXT4_DATA] = "ext4_data",
        [VFS_SYNC_BTRFS] = "btrfs",
};
_Static_assert(sizeof vfs_words_sync_model_names / sizeof *vfs_words_sync_model_names == VFS_SYNC_MODEL_COUNT,
               "a name for each model");

static const char *const vfs_words_lock_level_names[] = {"none", "shared", "reserved", "pending", "exclusive"};

static const char *const vfs_words_shm_slot_names[] = {"WRITE",  "CKPT",   "RECOVER", "READ_0",
                                                       "READ_1", "READ_2", "READ_3",  "READ_4"};
_Static_assert(sizeof vfs_words_shm_slot_names / sizeof *vfs_words_shm_slot_names == VFS_SHM_SLOT_COUNT,
               "a name for each slot");

const char *vfs_method_name(enum vfs_method method) {
	return (unsigned)method < VFS_METHOD_COUNT ? vfs_words_method_names[method] : "?";
}

const char *vfs_file_kind_name(enum vfs_file_kind kind) {
	return (unsigned)kind < VFS_FILE_COUNT ? vfs_words_kind_names[kind] : "?";
}

const char *vfs_effect_name(enum vfs_effect effect) {
	return (unsigned)effect < VFS_EFFECT_COUNT ? vfs_words_effect_names[effect] : "?";
}

const char *vfs_sync_model_name(enum vfs_sync_model model) {
	return (unsigned)model < VFS_SYNC_MODEL_COUNT ? vfs_words_sync_model_names[model] : "?";
}

const char *vfs_lock_level_name(int level) {
	return (unsigned)level < sizeof vfs_words_lock_level_names / sizeof *vfs_words_lock_level_names
	               ? vfs_words_lock_level_names[level]
	               : "?";
}

const char *vfs_shm_slot_name(enum vfs_shm_slot slot) {
	return (unsigned)slot < VFS_SHM_SLOT_COUNT ? vfs_words_shm_slot_names[slot] : "?";
}
