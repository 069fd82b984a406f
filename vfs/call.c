/* vfs/call.c: what every call has in common: the question before it, the answer's effect, the news after it.
 *
 * A hook may switch to another coroutine, in which anything may happen, also to this process: death is looked for after
 * each hook. A dead process has no hooks: its calls fail in silence (V8).
 */
#include "process_internal.h"

/* A mistake of the one who plans faults, not a failure of the world. */
static void assert_legal(const struct vfs_under_way *under_way) {
	const struct vfs_answer *answer = &under_way->answer;
	enum vfs_method method = under_way->call.method;
	if (answer->effect == VFS_EFFECT_PARTIAL)
		assert(method == VFS_METHOD_SYNC ||
		       (method == VFS_METHOD_WRITE && answer->partial_bytes < under_way->call.size));
	/* These have no way to fail; a handle that xClose keeps would leak. */
	if (method == VFS_METHOD_SLEEP || method == VFS_METHOD_SHM_BARRIER || method == VFS_METHOD_CLOSE)
		assert(answer->effect == VFS_EFFECT_NONE);
}

bool vfs_call_begin_struck(struct vfs_under_way *under_way) {
	const struct vfs_process *process = under_way->call.process;
	if (process->is_dead)
		return false;
	if (process->disk->saved_shms != NULL)
		vfs_shm_restore_all(process->disk);
	if (under_way->answer.effect != VFS_EFFECT_NONE)
		assert_legal(under_way);
	return under_way->answer.effect != VFS_EFFECT_BEFORE;
}

int vfs_call_told(const struct vfs_under_way *under_way, int result) {
	const struct vfs_process *process = under_way->call.process;
	if (process->is_dead)
		return SQLITE_IOERR;
	if (process->disk->saved_shms != NULL)
		vfs_shm_restore_all(process->disk);
	return result;
}

int vfs_call_end_struck(struct vfs_under_way *under_way, int result, uint64_t value) {
	struct vfs_process *process = under_way->call.process;
	if (process->is_dead)
		return SQLITE_IOERR;
	if (under_way->answer.die) {
		vfs_process_kill(process);
		process->hooks.died(process->hooks.context, process);
		return SQLITE_IOERR;
	}
	if (under_way->answer.effect != VFS_EFFECT_NONE)
		result = under_way->answer.result;
	process->hooks.after(process->hooks.context, &under_way->call, result, value);
	return vfs_call_told(under_way, result);
}
