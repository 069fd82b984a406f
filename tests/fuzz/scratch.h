/* tests/fuzz/scratch.h: the bytes of an input as a file, for readers that take a path. */
#ifndef TESTS_FUZZ_SCRATCH_H
#define TESTS_FUZZ_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The path of a file fuzz.yaml with these bytes and no others: the same file each time, which goes
 * with the process. */
const char *fuzz_scratch(const uint8_t *data, size_t size);
/* Whether it is one line that begins with that path. */
bool fuzz_names_scratch(const char *why);

#endif
