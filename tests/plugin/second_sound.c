/* A second SQLite that does all as the one under test. */
#include "second.h"
