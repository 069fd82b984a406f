/* sim/sqlite/build.h: which SQLite this is. A seed draws its run from what SQLite calls, so a run
 * that is recorded with one build may be another with the next. */
#ifndef AFTERSHOCK_SIM_BUILD_H
#define AFTERSHOCK_SIM_BUILD_H

#define SIM_BUILD_SIZE 64
/* The oldest release that is supported, as number and as text. CMakeLists.txt has it, too. */
#define SIM_BUILD_LOWEST 3039000
#define SIM_BUILD_LOWEST_TEXT "3.39.0"

/* "3.40.1-df5c253c0b3d-5d41402a": release, check-in, and a digest of its options, without the
 * compiler's name; and "-lean" where the library has no mutexes (AFTERSHOCK_SQLITE_LEAN). */
void sim_build_name(char text[SIM_BUILD_SIZE]);

/* ", lean" where the library has no mutexes, and "". */
const char *sim_build_kind(void);

/* 16 hexadecimal digits: a hash of the file of this program, which stands for the commit and the
 * options that it was built from. "" when it cannot be read. */
void sim_build_program(char text[SIM_BUILD_SIZE]);

#endif
