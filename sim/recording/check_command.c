/* sim/recording/check_command.c: see check_command.h. */
#include "check_command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIM_CHECK_COMMAND_SIZE 8192
#define SIM_CHECK_COMMAND_FILE_SIZE 400

bool sim_check_command_init(struct sim_check_command *check, const char *command) {
	const char *folder = getenv("TMPDIR");
	*check = (struct sim_check_command){.command = command};
	bool fits = folder != NULL && folder[0] == '/' && strlen(folder) < 40;
	snprintf(check->directory, sizeof check->directory, "%.39s/aftershock-XXXXXX", fits ? folder : "/tmp");
	if (mkdtemp(check->directory) == NULL) {
		check->directory[0] = '\0';
		return false;
	}
	return true;
}

/* The name of a database of the image, without its folders: two of one name are kept apart by
 * numbers. */
struct sim_check_command_files {
	const struct sim_check_command *check;
	const char *wanted; /* the path that the command gets */
	char name[SIM_CHECK_COMMAND_FILE_SIZE];
	uint32_t count;
	bool removes;
	bool failed;
};

static void sim_check_command_file(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_check_command_files *files = context;
	char name[SIM_CHECK_COMMAND_FILE_SIZE];
	unsigned char bytes[4096];
	size_t got = 0;
	const char *slash = strrchr(path, '/');
	bool is_wanted = strcmp(path, files->wanted) == 0;
	snprintf(name, sizeof name, "%s/%s%.255s", files->check->directory, is_wanted ? "" : "other-",
	         slash != NULL ? slash + 1 : path);
	if (files->removes) {
		unlink(name);
		return;
	}
	if (is_wanted) {
		snprintf(files->name, sizeof files->name, "%s", name);
	}
	FILE *file = fopen(name, "wb");
	files->failed |= file == NULL;
	for (uint64_t at = 0; file != NULL && at < vfs_disk_size(inode); at += got) {
		vfs_disk_read(inode, at, bytes, sizeof bytes, &got);
		files->failed |= fwrite(bytes, 1, got, file) != got;
	}
	files->failed |= file != NULL && fclose(file) != 0;
}

static void sim_check_command_words(const struct sim_check_command *check, const char *name,
                                    char line[SIM_CHECK_COMMAND_SIZE]) {
	size_t used = 0;
	line[0] = '\0';
	for (const char *at = check->command; *at != '\0' && used + 1 < SIM_CHECK_COMMAND_SIZE;) {
		bool is_place = strncmp(at, "{}", 2) == 0;
		int more = is_place ? snprintf(line + used, SIM_CHECK_COMMAND_SIZE - used, "'%s'", name)
		                    : snprintf(line + used, SIM_CHECK_COMMAND_SIZE - used, "%c", *at);
		used += (size_t)more;
		at += is_place ? 2 : 1;
	}
}

bool sim_check_command_run(struct sim_check_command *check, struct vfs_disk *disk, const char *path, int *status,
                           char said[SIM_CHECK_COMMAND_SAID_SIZE]) {
	char line[SIM_CHECK_COMMAND_SIZE];
	char more[4096];
	struct sim_check_command_files files = {.check = check, .wanted = path};
	vfs_disk_visit(disk, sim_check_command_file, &files);
	said[0] = '\0';
	if (files.failed) {
		return false;
	}
	sim_check_command_words(check, files.name, line);
	fflush(stdout);
	FILE *command = popen(line, "r"); /* NOLINT(cert-env33-c): it is the user's own command */
	if (command == NULL) {
		return false;
	}
	if (fgets(said, SIM_CHECK_COMMAND_SAID_SIZE, command) != NULL) {
		said[strcspn(said, "\n")] = '\0';
	}
	while (fread(more, 1, sizeof more, command) > 0) {
	}
	int ended = pclose(command);
	*status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
	files.removes = true;
	vfs_disk_visit(disk, sim_check_command_file, &files);
	return true;
}

void sim_check_command_deinit(struct sim_check_command *check) {
	char line[160];
	if (check->directory[0] != '\0' && rmdir(check->directory) != 0) {
		/* The command has left files of its own there. */
		snprintf(line, sizeof line, "rm -rf '%s'", check->directory);
		(void)!system(line); /* NOLINT(cert-env33-c): a path that mkdtemp() made */
	}
	check->directory[0] = '\0';
}
