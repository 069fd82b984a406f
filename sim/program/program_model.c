/* sim/program/program_model.c: see program_model.h. */
#include "program_model.h"

#include "remains.h"

#include <stdio.h>
#include <string.h>

/* ---- a machine without faults ---------------------------------------------------------------- */

static int64_t sim_program_model_now(void *context) {
	return ((struct sim_program_model *)context)->instant.now_ns;
}

static void sim_program_model_random(void *context, void *buffer, size_t size_bytes) {
	sim_pcg32_fill(&((struct sim_program_model *)context)->instant.chance, buffer, size_bytes);
}

bool sim_program_model_init(struct sim_program_model *model, struct sim_world *world) {
	const struct vfs_hooks hooks = {
	        .context = model,
	        .now_ns = sim_program_model_now,
	        .random = sim_program_model_random,
	};
	const struct vfs_disk_options options = {0};
	*model = (struct sim_program_model){.world = world, .subject = world->subject->model};
	model->process = (struct sim_process){.world = world, .number = SIM_PROCESSES_MAX - 1};
	if (model->subject != NULL) {
		return true;
	}
	model->subject = world->subject;
	model->disk = vfs_disk_create(&options);
	model->vfs = model->disk != NULL ? vfs_process_create(model->disk, "model", &hooks) : NULL;
	return model->vfs != NULL;
}

static void sim_program_model_stop(struct sim_program_model *model) {
	if (model->instance != NULL) {
		sim_remains_enter(&model->process);
		model->subject->stop(model->instance);
		model->instance = NULL;
	}
}

void sim_program_model_deinit(struct sim_program_model *model) {
	sim_program_model_stop(model);
	if (model->vfs != NULL && vfs_process_open_files(model->vfs) > 0) {
		vfs_process_abandon(model->vfs);
		model->vfs = NULL;
		model->disk = NULL; /* what is open still points at it */
	}
	vfs_process_destroy(model->vfs);
	vfs_disk_destroy(model->disk);
	model->vfs = NULL;
	model->disk = NULL;
}

/* ---- what it does ---------------------------------------------------------------------------- */

static void sim_program_model_note_file(void *context, const char *path, const struct vfs_inode *inode) {
	(void)inode;
	snprintf(context, VFS_PATH_MAX + 1, "%s", path);
}

/* The name of one file after the other. */
static void sim_program_model_empty(struct vfs_disk *disk) {
	char path[VFS_PATH_MAX + 1];
	do {
		path[0] = '\0';
		vfs_disk_visit(disk, sim_program_model_note_file, path);
	} while (path[0] != '\0' && vfs_disk_unlink(disk, path) == VFS_OK);
}

bool sim_program_model_begin(struct sim_program_model *model) {
	struct subject_config config;
	sim_program_model_stop(model);
	sim_machine_settings(model->world, &config);
	config.path = NULL;
	if (model->disk != NULL) {
		sim_program_model_empty(model->disk);
		config.vfs_name = vfs_process_name(model->vfs);
		config.path = SIM_WORLD_PATH;
	}
	model->reason[0] = '\0';
	sim_instant_begin(&model->instant, SIM_INSTANT_OF_SETUP);
	bool begun = sim_remains_begin(&model->process) &&
	             model->subject->start(&config, &model->instance, model->reason) == SUBJECT_STARTED &&
	             model->instance != NULL;
	model->reason[SUBJECT_REASON_SIZE - 1] = '\0';
	return begun;
}

void sim_program_model_apply(struct sim_program_model *model, const char *operation, struct sim_instant instant,
                             struct sim_program_reply *reply) {
	const struct subject_step step = {
	        .kind = SUBJECT_STEP_OPERATION, .operation = operation, .answer = reply->answer};
	memset(reply, 0, sizeof *reply);
	sim_instant_begin(&model->instant, instant);
	sim_remains_enter(&model->process);
	model->subject->step(model->instance, &step, &reply->reply);
	reply->reply.reason[SUBJECT_REASON_SIZE - 1] = '\0';
	reply->answer[SUBJECT_OPERATION_SIZE - 1] = '\0';
}

bool sim_program_model_show(struct sim_program_model *model, struct sim_program_state *state) {
	sim_remains_enter(&model->process);
	return sim_program_state_take(state, model->subject, model->instance);
}
