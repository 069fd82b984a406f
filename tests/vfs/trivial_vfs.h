/* tests/vfs/trivial_vfs.h: the speed floor: the least that SQLite runs on.
 *
 * Files are growing buffers in memory. No locks, no durability, no faults, one connection at a
 * time; WAL works, with the WAL index on the heap. What the simulated VFS costs more than this is
 * the price of simulation (docs/architecture.md section 7).
 */
#ifndef AFTERSHOCK_TESTS_TRIVIAL_VFS_H
#define AFTERSHOCK_TESTS_TRIVIAL_VFS_H

/* Registers the VFS under `name` (kept, not copied; not made the default). An SQLite result
 * code. */
int trivial_vfs_register(const char *name);
/* Drops all files. No connection may be open. */
void trivial_vfs_reset(void);

#endif
