/* record/control.c: see control.h. */
#include "control.h"

#include "checksum.h"
#include "kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* As small as it is, all of it can be made present at once: a fault for each page is dearer. */
#define RECORD_WINDOW_BYTES (UINT64_C(1) << 20)
#define RECORD_ALLOCATED_BYTES (UINT64_C(16) << 20)
#define RECORD_PAGE_BYTES UINT64_C(4096)
/* Descriptors of the library itself lie above those of the program. */
#define RECORD_DESCRIPTOR_MIN 800

static struct record_control *record_shared;
static int record_recording = -1;
static int record_output = -1;
static unsigned char *record_window; /* of the recording */
static uint64_t record_window_offset;
static uint64_t record_window_bytes;
static uint32_t record_process;
static struct record_content *record_slot; /* where the content of the open record goes */
static struct record_content record_slot_value;

static __thread uint32_t record_thread __attribute__((tls_model("initial-exec")));
static __thread bool record_is_inside __attribute__((tls_model("initial-exec")));

/* ---- finding it ------------------------------------------------------------------------------ */

static int record_open_high(const char *path, int flags) {
	int low = record_kernel_open(AT_FDCWD, path, flags | O_CLOEXEC, 0);
	int high = low >= 0 ? record_kernel_fcntl(low, F_DUPFD_CLOEXEC, (void *)(intptr_t)RECORD_DESCRIPTOR_MIN) : -1;
	if (high < 0) {
		return low; /* few descriptors are allowed */
	}
	record_kernel_close(low);
	return high;
}

static struct record_control *record_control_map(const char *path) {
	char name[RECORD_CONTROL_PATH_MAX + sizeof RECORD_CONTROL_SUFFIX];
	size_t length = strlen(path);
	if (length >= RECORD_CONTROL_PATH_MAX) {
		return NULL;
	}
	memcpy(name, path, length);
	memcpy(name + length, RECORD_CONTROL_SUFFIX, sizeof RECORD_CONTROL_SUFFIX);
	int descriptor = record_open_high(name, O_RDWR);
	if (descriptor < 0) {
		return NULL;
	}
	void *map = mmap(NULL, sizeof(struct record_control), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
	record_kernel_close(descriptor);
	return map != MAP_FAILED ? map : NULL;
}

static void record_control_find(void) {
	const char *path = getenv(RECORD_ENVIRONMENT);
	struct record_control *control = path != NULL && path[0] == '/' ? record_control_map(path) : NULL;
	if (control == NULL) {
		return;
	}
	record_recording = record_open_high(path, O_RDWR);
	record_output = control->has_output ? record_open_high(control->output_path, O_RDONLY) : -1;
	record_process = (uint32_t)getpid();
	record_shared = record_recording >= 0 ? control : NULL;
}

struct record_control *record_control(void) {
	static bool is_sought;
	if (!__atomic_load_n(&is_sought, __ATOMIC_ACQUIRE) && !record_is_inside) {
		/* The first call is made by the constructor, before there is a second thread. */
		int kept = errno;
		record_is_inside = true;
		record_control_find();
		record_is_inside = false;
		__atomic_store_n(&is_sought, true, __ATOMIC_RELEASE);
		errno = kept;
	}
	return record_shared;
}

void record_control_forked(void) {
	record_process = (uint32_t)getpid();
	record_thread = 0;
	record_is_inside = false;
}

bool record_is_own_memory(void) {
	return record_process == (uint32_t)getpid();
}

/* ---- room ------------------------------------------------------------------------------------ */

static void record_stop(int reason) {
	if (record_shared->stopped == 0) {
		record_shared->stopped = (uint32_t)reason;
	}
}

/* A file that is allocated does not run out of disk at a store into memory. */
static bool record_allocate(uint64_t size) {
	long failed = syscall(SYS_fallocate, record_recording, 0, (off_t)0, (off_t)size);
	if (failed != 0 && (errno != EOPNOTSUPP || record_kernel_truncate(record_recording, size) != 0)) {
		record_stop(errno);
		return false;
	}
	record_shared->allocated = size;
	return true;
}

/* The next `bytes` of the recording are mapped. */
static bool record_map(uint64_t bytes) {
	uint64_t tail = record_shared->tail;
	if (record_window != NULL && tail >= record_window_offset &&
	    tail + bytes <= record_window_offset + record_window_bytes) {
		return true;
	}
	if (record_window != NULL) {
		munmap(record_window, record_window_bytes);
		record_window = NULL;
	}
	record_window_offset = tail / RECORD_PAGE_BYTES * RECORD_PAGE_BYTES;
	record_window_bytes =
	        RECORD_WINDOW_BYTES + (bytes + RECORD_PAGE_BYTES - 1) / RECORD_PAGE_BYTES * RECORD_PAGE_BYTES;
	uint64_t end = record_window_offset + record_window_bytes;
	if (end > record_shared->allocated && !record_allocate(end + RECORD_ALLOCATED_BYTES)) {
		return false;
	}
	void *map = mmap(NULL, record_window_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, record_recording,
	                 (off_t)record_window_offset);
	if (map == MAP_FAILED) {
		record_stop(errno);
		return false;
	}
	record_window = map;
	return true;
}

/* ---- records --------------------------------------------------------------------------------- */

static void record_publish(struct record_head *head) {
	head->order = ++record_shared->order;
	head->checksum = record_checksum(head);
	record_shared->is_open = 0;
	__atomic_store_n(&record_shared->tail, record_shared->tail + head->size, __ATOMIC_RELEASE);
}

/* A process has died in a call. */
static void record_take_over(void) {
	if (record_shared->is_open != 0 && record_map(2 * (uint64_t)RECORD_CONTENT_MAX)) {
		struct record_head *head = (void *)(record_window + (record_shared->tail - record_window_offset));
		head->flags |= RECORD_FLAG_IN_DOUBT;
		record_publish(head);
	}
}

struct record_head *record_add(enum record_kind kind, uint32_t file, const void *content, uint32_t bytes) {
	uint32_t size = (uint32_t)(sizeof(struct record_head) + ((size_t)bytes + 7) / 8 * 8);
	if (!record_map(size)) {
		return NULL;
	}
	if (record_thread == 0) {
		record_thread = (uint32_t)record_kernel_thread();
	}
	struct record_head *head = (void *)(record_window + (record_shared->tail - record_window_offset));
	*head = (struct record_head){.size = size,
	                             .kind = (uint16_t)kind,
	                             .process = record_process,
	                             .thread = record_thread,
	                             .file = file,
	                             .bytes = bytes,
	                             .length = bytes};
	if (bytes > 0) {
		memset((unsigned char *)head + size - 8, 0, 8);
		memcpy(head + 1, content, bytes);
	}
	record_slot = NULL;
	__atomic_store_n(&record_shared->is_open, 1, __ATOMIC_RELEASE);
	return head;
}

struct record_head *record_add_once(enum record_kind kind, uint32_t file, const void *content, uint32_t bytes) {
	if (bytes < RECORD_ONCE_BYTES) {
		return record_add(kind, file, content, bytes);
	}
	XXH128_hash_t hash = XXH3_128bits(content, bytes);
	struct record_content *slot = &record_shared->contents[(hash.low64 ^ bytes) % RECORD_CONTENTS_MAX];
	if (slot->offset != 0 && slot->low == hash.low64 && slot->high == hash.high64 + bytes) {
		struct record_head *head = record_add(kind, file, &slot->offset, sizeof slot->offset);
		if (head != NULL) {
			head->flags |= RECORD_FLAG_ELSEWHERE;
			head->length = bytes;
		}
		return head;
	}
	struct record_head *head = record_add(kind, file, content, bytes);
	record_slot = slot;
	record_slot_value = (struct record_content){
	        .high = hash.high64 + bytes, .low = hash.low64, .offset = record_shared->tail + sizeof *head};
	return head;
}

void record_keep(struct record_head *head) {
	if (head == NULL) {
		return;
	}
	if (record_slot != NULL) {
		*record_slot = record_slot_value;
	}
	record_publish(head);
}

void record_drop(struct record_head *head) {
	if (head != NULL) {
		__atomic_store_n(&record_shared->is_open, 0, __ATOMIC_RELEASE);
		head->size = 0;
		head->kind = RECORD_NONE;
	}
}

void record_say(enum record_kind kind, uint32_t file, uint64_t offset, const void *content, uint32_t bytes) {
	struct record_head *head = record_add(kind, file, content, bytes);
	if (head != NULL) {
		head->offset = offset;
		record_publish(head);
	}
}

/* ---- whose turn it is ------------------------------------------------------------------------ */

/* What the program has printed before this call. */
static void record_note_output(void) {
	struct stat status;
	if (record_output >= 0 && fstat(record_output, &status) == 0 &&
	    (uint64_t)status.st_size != record_shared->output_bytes) {
		record_shared->output_bytes = (uint64_t)status.st_size;
		record_say(RECORD_OUTPUT, 0, record_shared->output_bytes, NULL, 0);
	}
}

bool record_begin(void) {
	if (record_control() == NULL) {
		return false;
	}
	if (record_is_inside) {
		__atomic_add_fetch(&record_shared->nested, 1, __ATOMIC_RELAXED);
		return false;
	}
	int kept = errno;
	record_is_inside = true;
	int result = pthread_mutex_lock(&record_shared->mutex);
	if (result == EOWNERDEAD) {
		pthread_mutex_consistent(&record_shared->mutex);
		record_take_over();
	} else if (result != 0) {
		record_is_inside = false;
		errno = kept;
		return false;
	}
	if (record_shared->stopped != 0) {
		record_end();
		errno = kept;
		return false;
	}
	record_note_output();
	errno = kept;
	return true;
}

bool record_is_inside_call(void) {
	return record_is_inside;
}

void record_end(void) {
	pthread_mutex_unlock(&record_shared->mutex);
	record_is_inside = false;
}
