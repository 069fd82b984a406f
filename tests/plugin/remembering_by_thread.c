/* tests/plugin/remembering_by_thread.c: as remembering.c, in a variable per thread. */
#define REMEMBERING_STORAGE static _Thread_local
#include "remembering.c"
