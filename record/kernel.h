/* record/kernel.h: the calls as the kernel has them. The library has the C library's names for
 * these, so it calls the kernel itself: nothing is looked up, and nothing allocates. */
#ifndef AFTERSHOCK_RECORD_KERNEL_H
#define AFTERSHOCK_RECORD_KERNEL_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int record_kernel_open(int directory, const char *path, int flags, unsigned mode) {
	return (int)syscall(SYS_openat, directory, path, flags, mode);
}

static inline int record_kernel_close(int descriptor) {
	return (int)syscall(SYS_close, descriptor);
}

static inline ssize_t record_kernel_pread(int descriptor, void *buffer, size_t size, uint64_t offset) {
	return syscall(SYS_pread64, descriptor, buffer, size, (off_t)offset);
}

static inline ssize_t record_kernel_pwrite(int descriptor, const void *buffer, size_t size, uint64_t offset) {
	return syscall(SYS_pwrite64, descriptor, buffer, size, (off_t)offset);
}

static inline ssize_t record_kernel_write(int descriptor, const void *buffer, size_t size) {
	return syscall(SYS_write, descriptor, buffer, size);
}

static inline int record_kernel_fcntl(int descriptor, int command, void *argument) {
	return (int)syscall(SYS_fcntl, descriptor, command, argument);
}

static inline int record_kernel_truncate(int descriptor, uint64_t size) {
	return (int)syscall(SYS_ftruncate, descriptor, (off_t)size);
}

static inline int record_kernel_thread(void) {
	return (int)syscall(SYS_gettid);
}

#endif
