/* sim/world/inspection.c: see inspection.h. */
#include "inspection.h"

#include "remains.h"

static int64_t sim_inspection_now(void *context) {
	return ((const struct sim_world *)context)->now_ns;
}

static uint64_t sim_inspection_keep_all(void *context, enum vfs_choice choice, uint64_t count) {
	(void)context;
	return choice == VFS_CHOICE_NAMES ? count - 1 : 1;
}

static uint64_t sim_inspection_keep_nothing(void *context, enum vfs_choice choice, uint64_t count) {
	(void)context;
	(void)choice;
	(void)count;
	return 0;
}

static void sim_inspection_through(struct sim_world *world, struct vfs_disk *copy,
                                   void (*look)(void *context, const char *vfs_name), void *context) {
	const struct vfs_hooks hooks = {
	        .context = world, .now_ns = sim_inspection_now, .chooser = sim_inspection_keep_all};
	struct vfs_process *process = copy != NULL ? vfs_process_create(copy, "look", &hooks) : NULL;
	if (process != NULL) {
		vfs_disk_set_capacity(copy, 0);
		look(context, sim_remains_begin_look(world, process));
		sim_remains_end_look(world);
	}
	vfs_process_destroy(process);
	vfs_disk_destroy(copy);
}

void sim_inspect(struct sim_world *world, void (*look)(void *context, const char *vfs_name), void *context) {
	sim_inspection_through(world, vfs_disk_snapshot(world->disk), look, context);
}

void sim_inspect_durable(struct sim_world *world, void (*look)(void *context, const char *vfs_name), void *context) {
	struct vfs_disk *copy = vfs_disk_snapshot(world->disk);
	if (copy != NULL) {
		vfs_disk_power_loss(copy, sim_inspection_keep_nothing, NULL);
	}
	sim_inspection_through(world, copy, look, context);
}
