/* tests/fuzz/driver.c: DRIVER [--runs N] [--seed S] DIRECTORY: every file of a corpus, then N
 * mutations of them, the same ones each time. For builds without libFuzzer; it finds little that is
 * new, but a crash that was fixed stays fixed. */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#define DRIVER_FILES_MAX 200
#define DRIVER_SIZE_MAX 65536

struct driver_seed {
	char name[256];
	uint8_t *bytes;
	size_t size;
};

static struct driver_seed seeds[DRIVER_FILES_MAX];
static size_t seed_count;
static uint64_t chance;

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t draw(uint64_t below) {
	chance += 0x9e3779b97f4a7c15u;
	uint64_t z = chance;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) % below;
}

static void load(const char *directory, const char *name) {
	char path[1200];
	struct driver_seed *seed = &seeds[seed_count];

	(void)snprintf(path, sizeof path, "%s/%s", directory, name);
	FILE *file = fopen(path, "rb");
	seed->bytes = malloc(DRIVER_SIZE_MAX);
	if (file == NULL || seed->bytes == NULL) {
		perror(path);
		exit(2);
	}
	seed->size = fread(seed->bytes, 1, DRIVER_SIZE_MAX, file);
	(void)snprintf(seed->name, sizeof seed->name, "%s", name);
	(void)fclose(file);
	seed_count++;
}

static int compare_seeds(const void *a, const void *b) {
	return strcmp(((const struct driver_seed *)a)->name, ((const struct driver_seed *)b)->name);
}

/* In the order of names: a directory's own order is that of its disk. */
static void load_all(const char *directory) {
	DIR *entries = opendir(directory);
	struct dirent *entry;

	if (entries == NULL) {
		perror(directory);
		exit(2);
	}
	while ((entry = readdir(entries)) != NULL && seed_count < DRIVER_FILES_MAX) {
		if (entry->d_name[0] != '.') {
			load(directory, entry->d_name);
		}
	}
	(void)closedir(entries);
	qsort(seeds, seed_count, sizeof seeds[0], compare_seeds);
}

/* One of: flip a bit, set a byte, copy a piece over another, cut, repeat a piece at the end. */
static size_t mutate_once(uint8_t *bytes, size_t size) {
	size_t at = draw(size);
	size_t from = draw(size);
	size_t length = 1 + draw(size - (at > from ? at : from));

	switch (draw(5)) {
	case 0:
		bytes[at] ^= (uint8_t)(1u << draw(8));
		return size;
	case 1:
		bytes[at] = (uint8_t)draw(256);
		return size;
	case 2:
		memmove(bytes + at, bytes + from, length);
		return size;
	case 3:
		memmove(bytes + at, bytes + at + length, size - at - length);
		return size - length;
	default:
		length = size + length <= DRIVER_SIZE_MAX ? length : 0;
		memmove(bytes + size, bytes + from, length);
		return size + length;
	}
}

static const uint8_t *running;
static size_t running_size;

/* What failed, as the shell's printf takes it: printf '...' >FILE; DRIVER --runs 0
 * DIRECTORY_OF_FILE runs it again. */
static void print_running(int signal_number) {
	static const char before[] = "the input: printf '";

	(void)signal_number;
	bool is_written = write(STDERR_FILENO, before, sizeof before - 1) > 0;
	for (size_t i = 0; i < running_size && is_written; i++) {
		char octal[4] = {'\\', (char)('0' + running[i] / 64), (char)('0' + running[i] / 8 % 8),
		                 (char)('0' + running[i] % 8)};
		is_written = write(STDERR_FILENO, octal, sizeof octal) > 0;
	}
	if (is_written && write(STDERR_FILENO, "'\n", 2) < 0) {
		return; /* nobody to tell */
	}
}

static void print_running_and_die(int signal_number) {
	print_running(signal_number);
	(void)signal(signal_number, SIG_DFL);
	(void)raise(signal_number);
}

/* A copy of exactly its size, so that a sanitizer sees the byte behind it. */
static void run_exact(const uint8_t *bytes, size_t size) {
	uint8_t *copy = malloc(size > 0 ? size : 1);

	if (copy == NULL) {
		exit(2);
	}
	memcpy(copy, bytes, size);
	running = copy;
	running_size = size;
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

int main(int count, char **arguments) {
	static uint8_t bytes[DRIVER_SIZE_MAX];
	unsigned long runs = 2000;

	chance = 1;
	(void)signal(SIGABRT, print_running);
	(void)signal(SIGSEGV, print_running_and_die);
	for (int i = 1; i < count; i++) {
		if (strcmp(arguments[i], "--runs") == 0 && i + 1 < count) {
			runs = strtoul(arguments[++i], NULL, 10);
		} else if (strcmp(arguments[i], "--seed") == 0 && i + 1 < count) {
			chance = strtoull(arguments[++i], NULL, 0);
		} else {
			load_all(arguments[i]);
		}
	}
	if (seed_count == 0) {
		(void)fprintf(stderr, "no corpus\n");
		return 2;
	}
	for (size_t i = 0; i < seed_count; i++) {
		run_exact(seeds[i].bytes, seeds[i].size);
	}
	for (unsigned long i = 0; i < runs; i++) {
		const struct driver_seed *seed = &seeds[draw(seed_count)];
		size_t size = seed->size;
		memcpy(bytes, seed->bytes, size);
		for (uint64_t left = 1 + draw(6); left > 0 && size > 0; left--) {
			size = mutate_once(bytes, size);
		}
		run_exact(bytes, size);
	}
	printf("%zu files and %lu mutations: nothing found\n", seed_count, runs);
	for (size_t i = 0; i < seed_count; i++) {
		free(seeds[i].bytes);
	}
	return 0;
}
