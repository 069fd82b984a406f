/* vfs/process/quiet.c: the hooks that nobody gives. Whoever only reads a disk needs few of them. */
#include "quiet.h"

#include <string.h>

static void vfs_quiet_before(void *context, const struct vfs_call *call, struct vfs_answer *answer) {
	(void)context;
	(void)call;
	(void)answer;
}

static void vfs_quiet_after(void *context, const struct vfs_call *call, int result, uint64_t value) {
	(void)context;
	(void)call;
	(void)result;
	(void)value;
}

static void vfs_quiet_died(void *context, struct vfs_process *process) {
	(void)context;
	(void)process;
}

static int64_t vfs_quiet_now(void *context) {
	(void)context;
	return 0;
}

static void vfs_quiet_sleep(void *context, int64_t duration_ns) {
	(void)context;
	(void)duration_ns;
}

static void vfs_quiet_random(void *context, void *buffer, size_t size_bytes) {
	(void)context;
	memset(buffer, 0x5a, size_bytes);
}

static uint64_t vfs_quiet_choose(void *context, enum vfs_choice choice, uint64_t count) {
	(void)context;
	(void)choice;
	(void)count;
	return 0;
}

struct vfs_hooks vfs_quiet_fill(const struct vfs_hooks *hooks) {
	struct vfs_hooks filled = *hooks;
	filled.before = filled.before != NULL ? filled.before : vfs_quiet_before;
	filled.after = filled.after != NULL ? filled.after : vfs_quiet_after;
	filled.died = filled.died != NULL ? filled.died : vfs_quiet_died;
	filled.now_ns = filled.now_ns != NULL ? filled.now_ns : vfs_quiet_now;
	filled.sleep = filled.sleep != NULL ? filled.sleep : vfs_quiet_sleep;
	filled.random = filled.random != NULL ? filled.random : vfs_quiet_random;
	filled.chooser = filled.chooser != NULL ? filled.chooser : vfs_quiet_choose;
	return filled;
}
