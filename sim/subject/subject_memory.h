/* sim/subject/subject_memory.h: what a plug-in keeps in static variables dies with its process.
 *
 * All simulated processes of a run share the one copy of a plug-in that the operating system has
 * loaded. So its writable data, variables per thread among them, is put back to what the loader had
 * made of it when a life begins, and each process has data of its own: whose turn it is has it in
 * place, and the others' is kept aside. What static pointers point at is lost with the pointers, as
 * at a death.
 *
 * The data is that of the shared object and of the libraries that came with it. What the test bed
 * itself uses, the C library and SQLite above all, stays as it is.
 */
#ifndef AFTERSHOCK_SUBJECT_MEMORY_H
#define AFTERSHOCK_SUBJECT_MEMORY_H

#include "subject.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUBJECT_MEMORY_PROCESSES_MAX 13u

/* Loads a shared object as dlopen() does, and keeps what its data is then. It is never unloaded.
 * Nobody may live: all data is as it was after loading from then on. NULL with one line in `why`,
 * which does not name the path, when it cannot be loaded, or its constructors keep memory that no
 * life would find as it was. */
void *subject_memory_load(const char *path, char *why, size_t why_size);
/* Its one function, which whoever loads it calls first. */
void subject_memory_set_entry(const struct aftershock_subject *(*entry)(void));
/* A life of that process begins: its data is as it was after loading, and the one function is
 * called. */
void subject_memory_begin(uint32_t process);
/* That process goes on: its data is put in place. */
void subject_memory_enter(uint32_t process);
bool subject_memory_is_in_place(uint32_t process);
/* Whether the address lies in that data. */
bool subject_memory_has(const void *address);

#endif
