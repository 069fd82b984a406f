/* sim/second/calls.c: see calls.h. The rooms that the program consists of call SQLite by its names.
 * Here each name is a function that calls the one of the library. No library sees ours: the program
 * exports nothing. */
#include "calls.h"

#include <dlfcn.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A type or a name cannot stand in parentheses. */
/* NOLINTBEGIN(bugprone-macro-parentheses) */

/* `name` calls what was found under that name. */
#define SIM_SECOND_CALL(type, name, parameters, arguments)                                                             \
	static type(*sim_second_##name) parameters;                                                                    \
	type name parameters {                                                                                         \
		return sim_second_##name arguments;                                                                    \
	}

SIM_SECOND_CALL(const char *, sqlite3_libversion, (void), ())
SIM_SECOND_CALL(int, sqlite3_libversion_number, (void), ())
SIM_SECOND_CALL(const char *, sqlite3_sourceid, (void), ())
SIM_SECOND_CALL(int, sqlite3_open_v2, (const char *path, sqlite3 **to, int flags, const char *vfs),
                (path, to, flags, vfs))
SIM_SECOND_CALL(int, sqlite3_close, (sqlite3 * connection), (connection))
SIM_SECOND_CALL(int, sqlite3_extended_result_codes, (sqlite3 * connection, int on), (connection, on))
SIM_SECOND_CALL(int, sqlite3_exec,
                (sqlite3 * connection, const char *text, int (*take)(void *, int, char **, char **), void *context,
                 char **why),
                (connection, text, take, context, why))
SIM_SECOND_CALL(const char *, sqlite3_errmsg, (sqlite3 * connection), (connection))
SIM_SECOND_CALL(int, sqlite3_prepare_v2,
                (sqlite3 * connection, const char *text, int size, sqlite3_stmt **to, const char **rest),
                (connection, text, size, to, rest))
SIM_SECOND_CALL(int, sqlite3_step, (sqlite3_stmt * row), (row))
SIM_SECOND_CALL(int, sqlite3_reset, (sqlite3_stmt * row), (row))
SIM_SECOND_CALL(int, sqlite3_finalize, (sqlite3_stmt * row), (row))
SIM_SECOND_CALL(int, sqlite3_column_count, (sqlite3_stmt * row), (row))
SIM_SECOND_CALL(int, sqlite3_column_type, (sqlite3_stmt * row, int column), (row, column))
SIM_SECOND_CALL(int, sqlite3_column_int, (sqlite3_stmt * row, int column), (row, column))
SIM_SECOND_CALL(sqlite3_int64, sqlite3_column_int64, (sqlite3_stmt * row, int column), (row, column))
SIM_SECOND_CALL(double, sqlite3_column_double, (sqlite3_stmt * row, int column), (row, column))
SIM_SECOND_CALL(const unsigned char *, sqlite3_column_text, (sqlite3_stmt * row, int column), (row, column))
SIM_SECOND_CALL(const void *, sqlite3_column_blob, (sqlite3_stmt * row, int column), (row, column))
SIM_SECOND_CALL(int, sqlite3_column_bytes, (sqlite3_stmt * row, int column), (row, column))
SIM_SECOND_CALL(int, sqlite3_strlike, (const char *pattern, const char *text, unsigned int escape),
                (pattern, text, escape))
SIM_SECOND_CALL(int, sqlite3_strnicmp, (const char *one, const char *other, int size), (one, other, size))
SIM_SECOND_CALL(void *, sqlite3_malloc64, (sqlite3_uint64 size), (size))
SIM_SECOND_CALL(char *, sqlite3_vmprintf, (const char *format, va_list arguments), (format, arguments))
SIM_SECOND_CALL(sqlite3_vfs *, sqlite3_vfs_find, (const char *name), (name))
SIM_SECOND_CALL(int, sqlite3_vfs_register, (sqlite3_vfs * vfs, int is_default), (vfs, is_default))
SIM_SECOND_CALL(int, sqlite3_vfs_unregister, (sqlite3_vfs * vfs), (vfs))

/* What gives nothing back; and what calls `name` with its arguments as a list. */
#define SIM_SECOND_CALL_VOID(name, parameters, arguments)                                                              \
	static void(*sim_second_##name) parameters;                                                                    \
	void name parameters {                                                                                         \
		sim_second_##name arguments;                                                                           \
	}
#define SIM_SECOND_CALL_LISTED(name, listed)                                                                           \
	char *name(const char *format, ...) {                                                                          \
		va_list arguments;                                                                                     \
		va_start(arguments, format);                                                                           \
		char *text = sim_second_##listed(format, arguments);                                                   \
		va_end(arguments);                                                                                     \
		return text;                                                                                           \
	}

/* NOLINTEND(bugprone-macro-parentheses) */

SIM_SECOND_CALL_VOID(sqlite3_free, (void *bytes), (bytes))
SIM_SECOND_CALL_LISTED(sqlite3_mprintf, sqlite3_vmprintf)

/* Where the address of each goes. */
#define SIM_SECOND_PLACE(name)                                                                                         \
	{ #name, (void *)&sim_second_##name }

static const struct {
	const char *name;
	void *place;
} sim_second_places[] = {SIM_SECOND_PLACE(sqlite3_libversion),    SIM_SECOND_PLACE(sqlite3_libversion_number),
                         SIM_SECOND_PLACE(sqlite3_sourceid),      SIM_SECOND_PLACE(sqlite3_open_v2),
                         SIM_SECOND_PLACE(sqlite3_close),         SIM_SECOND_PLACE(sqlite3_extended_result_codes),
                         SIM_SECOND_PLACE(sqlite3_exec),          SIM_SECOND_PLACE(sqlite3_errmsg),
                         SIM_SECOND_PLACE(sqlite3_prepare_v2),    SIM_SECOND_PLACE(sqlite3_step),
                         SIM_SECOND_PLACE(sqlite3_reset),         SIM_SECOND_PLACE(sqlite3_finalize),
                         SIM_SECOND_PLACE(sqlite3_column_count),  SIM_SECOND_PLACE(sqlite3_column_type),
                         SIM_SECOND_PLACE(sqlite3_column_int),    SIM_SECOND_PLACE(sqlite3_column_int64),
                         SIM_SECOND_PLACE(sqlite3_column_double), SIM_SECOND_PLACE(sqlite3_column_text),
                         SIM_SECOND_PLACE(sqlite3_column_blob),   SIM_SECOND_PLACE(sqlite3_column_bytes),
                         SIM_SECOND_PLACE(sqlite3_strlike),       SIM_SECOND_PLACE(sqlite3_strnicmp),
                         SIM_SECOND_PLACE(sqlite3_malloc64),      SIM_SECOND_PLACE(sqlite3_free),
                         SIM_SECOND_PLACE(sqlite3_vmprintf),      SIM_SECOND_PLACE(sqlite3_vfs_find),
                         SIM_SECOND_PLACE(sqlite3_vfs_register),  SIM_SECOND_PLACE(sqlite3_vfs_unregister)};

bool sim_second_load(const char *library, char *why, size_t why_size) {
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		snprintf(why, why_size, "%s", dlerror());
		return false;
	}
	for (size_t i = 0; i < sizeof sim_second_places / sizeof sim_second_places[0]; i++) {
		void *found = dlsym(handle, sim_second_places[i].name);
		if (found == NULL) {
			snprintf(why, why_size, "%s: no SQLite: it has no function %s", library,
			         sim_second_places[i].name);
			return false;
		}
		memcpy(sim_second_places[i].place, &found, sizeof found);
	}
	return true;
}
