/* Arbitrary bytes as a certificate: refused with a line that names the file, or one that is
 * printed and read back as it was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certificate.h"
#include "fuzz.h"
#include "scratch.h"

/* Give it to free(). */
static char *print(const struct sim_certificate *certificate, size_t *length) {
	char *text = NULL;
	FILE *file = open_memstream(&text, length);
	FUZZ_DEMAND(file != NULL);
	sim_certificate_print(certificate, NULL, file);
	FUZZ_DEMAND(fclose(file) == 0);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { // NOLINT(readability-identifier-naming)
	static struct sim_certificate certificate;
	char why[1536] = "";
	size_t length = 0;
	size_t again = 0;
	if (!sim_certificate_read(&certificate, fuzz_scratch(data, size), why)) {
		FUZZ_DEMAND(fuzz_names_scratch(why));
		return 0;
	}
	char *text = print(&certificate, &length);
	FUZZ_DEMAND(sim_certificate_read(&certificate, fuzz_scratch((const uint8_t *)text, length), why));
	char *second = print(&certificate, &again);
	FUZZ_DEMAND(length == again && memcmp(text, second, length) == 0);
	free(second);
	free(text);
	return 0;
}
