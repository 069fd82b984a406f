/* record/control.c: see control.h. */
#include "control.h"

#include "checksum.h"
#include "kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Descriptors of the library itself lie above those of the program. */
#define RECORD_DESCRIPTOR_MIN 800

static struct record_control *record_shared;
static int record_recording = -1;
static int record_output = -1;
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
	if (strlen(path) >= RECORD_CONTROL_PATH_MAX) {
		return NULL;
	}
	snprintf(name, sizeof name, "%s" RECORD_CONTROL_SUFFIX, path);
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

/* What is staged goes into the file. */
static void record_write_staged(void) {
	uint64_t size = record_shared->tail - record_shared->written;
	uint64_t done = 0;
	while (done < size) {
		ssize_t written = record_kernel_pwrite(record_recording, record_shared->staged + done, size - done,
		                                       record_shared->written + done);
		if (written <= 0) {
			record_stop(written < 0 ? errno : ENOSPC);
			return;
		}
		done += (uint64_t)written;
	}
	record_shared->written = record_shared->tail;
}

/* Where the next record goes. */
static struct record_head *record_next(void) {
	return (void *)(record_shared->staged + (record_shared->tail - record_shared->written));
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
	if (record_shared->is_open != 0) {
		struct record_head *head = record_next();
		head->flags |= RECORD_FLAG_IN_DOUBT;
		record_publish(head);
	}
}

struct record_head *record_add(enum record_kind kind, uint32_t file, const void *content, uint32_t bytes) {
	uint32_t size = (uint32_t)(sizeof(struct record_head) + ((size_t)bytes + 7) / 8 * 8);
	if (record_shared->tail - record_shared->written >= RECORD_STAGED_BYTES) {
		record_write_staged();
	}
	if (record_shared->stopped != 0) {
		return NULL;
	}
	if (record_thread == 0) {
		record_thread = (uint32_t)record_kernel_thread();
	}
	struct record_head *head = record_next();
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
