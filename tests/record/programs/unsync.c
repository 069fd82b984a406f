/* tests/record/programs/unsync.c: takes the syncs of a file out of a recording, as if the disk had
 * lied about them. The negative twin of what must be synced.
 *
 *     unsync RECORDING NAME    where NAME is the end of the file's path */
#include "checksum.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNSYNC_FILES 4096

/* Reads all of a file. */
static unsigned char *unsync_read(const char *path, size_t *size) {
	FILE *file = fopen(path, "rb");
	if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
		return NULL;
	}
	*size = (size_t)ftell(file);
	rewind(file);
	unsigned char *bytes = malloc(*size + 1);
	size_t got = bytes != NULL ? fread(bytes, 1, *size, file) : 0;
	fclose(file);
	if (got != *size) {
		free(bytes);
		bytes = NULL;
	}
	return bytes;
}

static bool unsync_names(const struct record_head *head, const char *name) {
	size_t length = strlen(name);
	const char *path = (const char *)(head + 1);
	return head->kind == RECORD_FILE && head->bytes >= length &&
	       memcmp(path + head->bytes - length, name, length) == 0;
}

int main(int count, char **words) {
	bool is_it[UNSYNC_FILES] = {false};
	size_t size = 0;
	int taken = 0;
	unsigned char *bytes = count == 3 ? unsync_read(words[1], &size) : NULL;
	if (bytes == NULL) {
		return 2;
	}
	for (size_t at = RECORD_HEADER_BYTES; at + sizeof(struct record_head) <= size;) {
		struct record_head *head = (void *)(bytes + at);
		if (head->size == 0 || head->file >= UNSYNC_FILES) {
			return 2;
		}
		is_it[head->file] |= unsync_names(head, words[2]);
		if (head->kind == RECORD_SYNC && is_it[head->file]) {
			head->flags |= RECORD_FLAG_FAILED;
			head->checksum = record_checksum(head);
			taken++;
		}
		at += head->size;
	}
	FILE *file = fopen(words[1], "wb");
	bool good = file != NULL && fwrite(bytes, 1, size, file) == size;
	good = file != NULL && fclose(file) == 0 && good;
	free(bytes);
	printf("%d syncs\n", taken);
	return good && taken > 0 ? 0 : 2;
}
