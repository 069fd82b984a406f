/* tests/fuzz/scratch.c: see scratch.h. A folder of its own has a link to a file that is only in
 * memory, so that what is written goes to no disk. */
/* NOLINTNEXTLINE(cert-dcl37-c,bugprone-reserved-identifier,readability-identifier-naming) */
#define _GNU_SOURCE
#include "scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

static char fuzz_scratch_folder[] = "/tmp/fuzz-XXXXXX";
static char fuzz_scratch_path[sizeof fuzz_scratch_folder + 16];

static void fuzz_scratch_remove(void) {
	(void)unlink(fuzz_scratch_path);
	(void)rmdir(fuzz_scratch_folder);
}

static int fuzz_scratch_begin(void) {
	char target[40];
	int file = memfd_create("input", MFD_CLOEXEC);
	FUZZ_DEMAND(file >= 0 && mkdtemp(fuzz_scratch_folder) != NULL);
	(void)snprintf(target, sizeof target, "/proc/%d/fd/%d", (int)getpid(), file);
	(void)snprintf(fuzz_scratch_path, sizeof fuzz_scratch_path, "%s/fuzz.yaml", fuzz_scratch_folder);
	FUZZ_DEMAND(symlink(target, fuzz_scratch_path) == 0 && atexit(fuzz_scratch_remove) == 0);
	return file;
}

const char *fuzz_scratch(const uint8_t *data, size_t size) {
	static int file = -1;
	file = file < 0 ? fuzz_scratch_begin() : file;
	FUZZ_DEMAND(ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (ssize_t)size);
	return fuzz_scratch_path;
}

bool fuzz_names_scratch(const char *why) {
	size_t length = strlen(fuzz_scratch_path);
	return strncmp(why, fuzz_scratch_path, length) == 0 && why[length] == ':' && strchr(why, '\n') == NULL;
}
