/* tests/fuzz/fuzz.h: what a fuzz target is. Each target is one file with this one function, linked
 * either with libFuzzer (preset fuzz) or with driver.c, which runs the seed corpus and a fixed
 * number of its mutations with any compiler. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Runs one input; aborts when a demand is not met. Always 0. The name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); // NOLINT(readability-identifier-naming)

/* Says what was demanded and aborts, unless it holds. */
#define FUZZ_DEMAND(condition) ((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))

void fuzz_fail(const char *condition, const char *file, int line);

#endif
