/* vfs/process/call.c: what all calls have in common: the question before a call, the effect of the
 * answer, the report after it.
 *
 * A hook may switch to another coroutine, in which anything may happen, also to this process. So
 * each hook is followed by a check for death. A dead process has no hooks: its calls fail in
 * silence (V8).
 */
#include "process_internal.h"

bool vfs_call_begin_faulty(struct vfs_under_way *under_way) {
	const struct vfs_process *process = under_way->call.process;
	if (process->is_dead) {
		return false;
	}
	if (process->disk->saved_shms != NULL) {
		vfs_shm_restore_all(process->disk);
	}
	/* An illegal answer is a mistake of whoever plans faults, not a failure of the world. */
	assert(vfs_answer_is_legal(&under_way->call, &under_way->answer));
	/* Even a sync of which nothing reaches the medium leaves traces (vfs/disk/sync.c). */
	return under_way->answer.effect != VFS_EFFECT_BEFORE || under_way->call.method == VFS_METHOD_SYNC;
}

int vfs_call_told(const struct vfs_under_way *under_way, int result) {
	const struct vfs_process *process = under_way->call.process;
	if (process->is_dead) {
		return SQLITE_IOERR;
	}
	if (process->disk->saved_shms != NULL) {
		vfs_shm_restore_all(process->disk);
	}
	return result;
}

int vfs_call_end_faulty(struct vfs_under_way *under_way, int result, uint64_t value) {
	struct vfs_process *process = under_way->call.process;
	if (process->is_dead) {
		return SQLITE_IOERR;
	}
	if (under_way->answer.die) {
		vfs_process_kill(process);
		process->hooks.died(process->hooks.context, process);
		return SQLITE_IOERR;
	}
	if (under_way->answer.result != SQLITE_OK) {
		result = under_way->answer.result;
	}
	process->hooks.after(process->hooks.context, &under_way->call, result, value);
	return vfs_call_told(under_way, result);
}
