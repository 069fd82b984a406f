/* A second SQLite that is too old. */
#include "second.h"

int sqlite3_libversion_number(void) {
	return 3038005;
}
