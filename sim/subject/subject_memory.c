/* sim/subject/subject_memory.c: see subject_memory.h. The loader says where writable data lies; a
 * copy of it is the image that a process begins with. */
/* NOLINTNEXTLINE(cert-dcl37-c,bugprone-reserved-identifier,readability-identifier-naming) */
#define _GNU_SOURCE
#include "subject_memory.h"

#include <assert.h>
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECT_MEMORY_RANGES_MAX 64u
#define SUBJECT_MEMORY_OBJECTS_MAX 256u
#define SUBJECT_MEMORY_AREAS_MAX 1024u
/* What address sanitizers reserve for themselves is larger than any heap. */
#define SUBJECT_MEMORY_AREA_BYTES_MAX (UINT64_C(1) << 36)

struct subject_memory_range {
	unsigned char *at;
	size_t size_bytes;
};

static struct subject_memory {
	uint32_t range_count;
	struct subject_memory_range ranges[SUBJECT_MEMORY_RANGES_MAX];
	size_t total_bytes;
	unsigned char *pristine; /* the ranges, one after the other, as they were after loading */
	unsigned char *images[SUBJECT_MEMORY_PROCESSES_MAX];
	uint32_t current; /* whose data is in place */
	const struct aftershock_subject *(*entry)(void);
} subject_memory;

/* ---- copying --------------------------------------------------------------------------------- */

/* Of a sanitizer's allocations nobody but a dead process had. It says no to what is none. */
void subject_memory_ignore(const void *address) __asm__("__lsan_ignore_object") __attribute__((weak));

/* Not memcpy(): sanitizers take its place, and between two variables lies what nobody may touch. */
#if defined(__clang__)
__attribute__((no_sanitize("address", "undefined")))
#else
__attribute__((no_sanitize_address, no_sanitize_undefined))
#endif
static void
subject_memory_copy(unsigned char *to, const unsigned char *from, size_t size_bytes) {
#if defined(__x86_64__)
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size_bytes) : : "memory");
#else
	for (size_t i = 0; i < size_bytes; i++) {
		to[i] = from[i];
		__asm__ volatile("" : : : "memory");
	}
#endif
}

/* The place of a range in an image: words stay words. */
static size_t subject_memory_room(const struct subject_memory_range *range) {
	return (range->size_bytes + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);
}

static void subject_memory_save(unsigned char *image) {
	for (uint32_t i = 0; i < subject_memory.range_count; i++) {
		const struct subject_memory_range *range = &subject_memory.ranges[i];
		subject_memory_copy(image, range->at, range->size_bytes);
		image += subject_memory_room(range);
	}
}

static void subject_memory_restore(const unsigned char *image) {
	for (uint32_t i = 0; i < subject_memory.range_count; i++) {
		const struct subject_memory_range *range = &subject_memory.ranges[i];
		subject_memory_copy(range->at, image, range->size_bytes);
		image += subject_memory_room(range);
	}
}

/* What a dead process had allocated is no leak of its program. */
static void subject_memory_forgive(unsigned char *image) {
	if (subject_memory_ignore == NULL) {
		return;
	}
	subject_memory_save(image);
	for (size_t i = 0; i + sizeof(void *) <= subject_memory.total_bytes; i += sizeof(void *)) {
		const void *word = NULL;
		memcpy(&word, image + i, sizeof word);
		if (word != NULL && memcmp(image + i, subject_memory.pristine + i, sizeof word) != 0) {
			subject_memory_ignore(word);
		}
	}
}

/* ---- whose turn it is ------------------------------------------------------------------------ */

bool subject_memory_has(const void *address) {
	const unsigned char *at = address;
	bool has = false;
	for (uint32_t i = 0; i < subject_memory.range_count; i++) {
		const struct subject_memory_range *range = &subject_memory.ranges[i];
		has = has || (at >= range->at && at < range->at + range->size_bytes);
	}
	return has;
}

bool subject_memory_is_in_place(uint32_t process) {
	return subject_memory.total_bytes == 0 || process == subject_memory.current;
}

void subject_memory_enter(uint32_t process) {
	assert(process < SUBJECT_MEMORY_PROCESSES_MAX);
	if (subject_memory_is_in_place(process)) {
		return;
	}
	subject_memory_save(subject_memory.images[subject_memory.current]);
	subject_memory_restore(subject_memory.images[process]);
	subject_memory.current = process;
}

void subject_memory_set_entry(const struct aftershock_subject *(*entry)(void)) {
	subject_memory.entry = entry;
}

void subject_memory_begin(uint32_t process) {
	subject_memory_enter(process);
	if (subject_memory.total_bytes > 0) {
		subject_memory_forgive(subject_memory.images[process]);
		subject_memory_restore(subject_memory.pristine);
	}
	if (subject_memory.entry != NULL) {
		subject_memory.entry();
	}
}

/* ---- where it lies --------------------------------------------------------------------------- */

/* What was loaded before, by where it lies. */
struct subject_memory_objects {
	uint32_t count;
	struct {
		uintptr_t begin;
		uintptr_t end;
	} extents[SUBJECT_MEMORY_OBJECTS_MAX];
	uint32_t known; /* the first so many of them were there before */
	bool too_many;
};

static uintptr_t subject_memory_page(uintptr_t address) {
	return address & ~(uintptr_t)4095;
}

static void subject_memory_extent(const struct dl_phdr_info *info, uintptr_t *begin, uintptr_t *end) {
	*begin = UINTPTR_MAX;
	*end = 0;
	for (ElfW(Half) i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		if (header->p_type == PT_LOAD) {
			uintptr_t first = info->dlpi_addr + header->p_vaddr;
			*begin = first < *begin ? first : *begin;
			*end = first + header->p_memsz > *end ? first + header->p_memsz : *end;
		}
	}
	*begin = subject_memory_page(*begin);
	*end = subject_memory_page(*end + 4095);
}

static int subject_memory_note_object(struct dl_phdr_info *info, size_t size, void *context) {
	struct subject_memory_objects *objects = context;
	uintptr_t begin = 0;
	uintptr_t end = 0;
	(void)size;
	subject_memory_extent(info, &begin, &end);
	for (uint32_t i = 0; i < objects->count; i++) {
		if (objects->extents[i].begin == begin) {
			return 0;
		}
	}
	objects->too_many = objects->count == SUBJECT_MEMORY_OBJECTS_MAX;
	if (!objects->too_many) {
		objects->extents[objects->count].begin = begin;
		objects->extents[objects->count++].end = end;
	}
	return objects->too_many ? 1 : 0;
}

static void subject_memory_add(uintptr_t begin, uintptr_t end, bool *too_many) {
	if (begin >= end) {
		return;
	}
	*too_many = *too_many || subject_memory.range_count == SUBJECT_MEMORY_RANGES_MAX;
	if (!*too_many) {
		struct subject_memory_range *range = &subject_memory.ranges[subject_memory.range_count++];
		/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
		*range = (struct subject_memory_range){(unsigned char *)begin, end - begin};
		subject_memory.total_bytes += subject_memory_room(range);
	}
}

/* A variable per thread has its place when it is first used. The loader finds it by module and
 * offset. */
void *subject_memory_find_thread(const unsigned long module_and_offset[2]) __asm__("__tls_get_addr");

static void subject_memory_add_thread(const struct dl_phdr_info *info, size_t size_bytes, bool *too_many) {
	const unsigned long place[2] = {info->dlpi_tls_modid, 0};
	uintptr_t begin = (uintptr_t)subject_memory_find_thread(place);
	subject_memory_add(begin, begin + size_bytes, too_many);
}

/* What the loader has made read-only again after it put addresses in. */
static void subject_memory_read_only(const struct dl_phdr_info *info, uintptr_t *begin, uintptr_t *end) {
	*begin = *end = 0;
	for (ElfW(Half) i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		if (header->p_type == PT_GNU_RELRO) {
			*begin = subject_memory_page(info->dlpi_addr + header->p_vaddr);
			*end = subject_memory_page(info->dlpi_addr + header->p_vaddr + header->p_memsz);
		}
	}
}

static void subject_memory_add_object(const struct dl_phdr_info *info, bool *too_many) {
	uintptr_t fixed_begin = 0;
	uintptr_t fixed_end = 0;
	subject_memory_read_only(info, &fixed_begin, &fixed_end);
	for (ElfW(Half) i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t begin = info->dlpi_addr + header->p_vaddr;
		uintptr_t end = begin + header->p_memsz;
		if (header->p_type == PT_TLS && header->p_memsz > 0) {
			subject_memory_add_thread(info, header->p_memsz, too_many);
		} else if (header->p_type == PT_LOAD && (header->p_flags & PF_W) != 0) {
			subject_memory_add(begin, fixed_begin < end && fixed_begin > begin ? fixed_begin : begin,
			                   too_many);
			subject_memory_add(fixed_end > begin ? fixed_end : begin, end, too_many);
		}
	}
}

/* Libraries of the compiler belong to the machine, as the C library does. */
static bool subject_memory_is_runtime(const char *name) {
	static const char *const runtimes[] = {"libstdc++.", "libgcc_s.", "libc++",   "libunwind.", "libasan.",
	                                       "libubsan.",  "liblsan.",  "libtsan.", "libclang_rt"};
	const char *slash = strrchr(name, '/');
	const char *base = slash != NULL ? slash + 1 : name;
	bool is = false;
	for (size_t i = 0; i < sizeof runtimes / sizeof runtimes[0]; i++) {
		is = is || strncmp(base, runtimes[i], strlen(runtimes[i])) == 0;
	}
	return is;
}

/* An object that was not there before. */
static int subject_memory_look_at(struct dl_phdr_info *info, size_t size, void *context) {
	struct subject_memory_objects *objects = context;
	uintptr_t begin = 0;
	uintptr_t end = 0;
	bool was_there = false;
	(void)size;
	subject_memory_extent(info, &begin, &end);
	for (uint32_t i = 0; i < objects->known; i++) {
		was_there = was_there || objects->extents[i].begin == begin;
	}
	if (!was_there && !subject_memory_is_runtime(info->dlpi_name)) {
		subject_memory_add_object(info, &objects->too_many);
	}
	return 0;
}

/* ---- what no image can bring back ------------------------------------------------------------ */

struct subject_memory_area {
	uintptr_t begin;
	uintptr_t end;
};

/* Whether the line of /proc/self/maps is an area of a heap: writable, of no file, and of no
 * object. */
static bool subject_memory_is_heap(const struct subject_memory_objects *objects, const char *line,
                                   struct subject_memory_area *area) {
	char *rest = NULL;
	area->begin = (uintptr_t)strtoull(line, &rest, 16);
	area->end = *rest == '-' ? (uintptr_t)strtoull(rest + 1, &rest, 16) : 0;
	bool is_heap = strncmp(rest, " rw-p ", 6) == 0 && area->end - area->begin < SUBJECT_MEMORY_AREA_BYTES_MAX &&
	               strchr(rest, '/') == NULL && (strchr(rest, '[') == NULL || strstr(rest, "[heap]") != NULL);
	for (uint32_t i = 0; i < objects->count; i++) {
		is_heap = is_heap && (objects->extents[i].begin >= area->end || objects->extents[i].end <= area->begin);
	}
	return is_heap;
}

static uint32_t subject_memory_read_heaps(const struct subject_memory_objects *objects,
                                          struct subject_memory_area areas[SUBJECT_MEMORY_AREAS_MAX]) {
	char line[512];
	uint32_t count = 0;
	FILE *maps = fopen("/proc/self/maps", "r");
	while (maps != NULL && count < SUBJECT_MEMORY_AREAS_MAX && fgets(line, sizeof line, maps) != NULL) {
		count += subject_memory_is_heap(objects, line, &areas[count]) ? 1 : 0;
	}
	if (maps != NULL) {
		fclose(maps);
	}
	return count;
}

static bool subject_memory_is_in(const struct subject_memory_area *areas, uint32_t count, uintptr_t word) {
	bool is_in = false;
	for (uint32_t i = 0; i < count; i++) {
		is_in = is_in || (word >= areas[i].begin && word < areas[i].end);
	}
	return is_in;
}

/* Whether a word of the pristine data points into a heap: what it points at would survive a
 * death. */
static bool subject_memory_keeps_heap(const struct subject_memory_objects *objects) {
	static struct subject_memory_area areas[SUBJECT_MEMORY_AREAS_MAX];
	uint32_t count = subject_memory_read_heaps(objects, areas);
	bool keeps = false;
	for (size_t i = 0; i < subject_memory.total_bytes && !keeps; i += sizeof(uintptr_t)) {
		uintptr_t word = 0;
		memcpy(&word, subject_memory.pristine + i, sizeof word);
		keeps = word != 0 && subject_memory_is_in(areas, count, word);
	}
	return keeps;
}

/* ---- loading --------------------------------------------------------------------------------- */

static bool subject_memory_make_images(void) {
	if (subject_memory.total_bytes == 0) {
		return true;
	}
	free(subject_memory.pristine);
	subject_memory.current = 0;
	subject_memory.pristine = calloc(1, subject_memory.total_bytes);
	bool made = subject_memory.pristine != NULL;
	for (uint32_t i = 0; i < SUBJECT_MEMORY_PROCESSES_MAX && made; i++) {
		free(subject_memory.images[i]);
		subject_memory.images[i] = calloc(1, subject_memory.total_bytes);
		made = subject_memory.images[i] != NULL;
	}
	if (made) {
		subject_memory_save(subject_memory.pristine);
		for (uint32_t i = 0; i < SUBJECT_MEMORY_PROCESSES_MAX; i++) {
			subject_memory_save(subject_memory.images[i]);
		}
	}
	return made;
}

/* What was loaded before is as it was then. */
static void subject_memory_restore_all(void) {
	if (subject_memory.total_bytes > 0) {
		subject_memory_restore(subject_memory.pristine);
	}
}

void *subject_memory_load(const char *path, char *why, size_t why_size) {
	static struct subject_memory_objects objects;
	assert(path != NULL);
	subject_memory_restore_all();
	objects = (struct subject_memory_objects){0};
	dl_iterate_phdr(subject_memory_note_object, &objects);
	objects.known = objects.count;
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) {
		const char *error = dlerror();
		snprintf(why, why_size, "cannot be loaded: %s", error != NULL ? error : "?");
		return NULL;
	}
	dl_iterate_phdr(subject_memory_note_object, &objects);
	dl_iterate_phdr(subject_memory_look_at, &objects);
	if (objects.too_many || !subject_memory_make_images()) {
		snprintf(why, why_size, "its static data cannot be kept: too many libraries, or no memory");
		return NULL;
	}
	if (subject_memory_keeps_heap(&objects)) {
		snprintf(why, why_size,
		         "a constructor keeps allocated memory in a static variable, which no death would end, "
		         "expected it to be allocated in start");
		return NULL;
	}
	if (subject_memory.entry != NULL) {
		subject_memory.entry();
	}
	return library;
}
