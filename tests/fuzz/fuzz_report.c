/* Arbitrary bytes as acceptance.yaml or as results.db (FUZZ_FORMAT): refused with a line that names
 * the file, or something of which a page can be written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "reports.h"
#include "scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { // NOLINT(readability-identifier-naming)
	bool are_results = strcmp(FUZZ_FORMAT, "results") == 0;
	char why[REPORTS_WHY_SIZE] = "";
	char *text = NULL;
	size_t length = 0;
	sqlite3 *db = reports_evidence_open();
	FUZZ_DEMAND(db != NULL);
	if ((are_results ? reports_results_load : reports_criteria_load)(db, fuzz_scratch(data, size), why)) {
		FILE *file = open_memstream(&text, &length);
		FUZZ_DEMAND(file != NULL);
		FUZZ_DEMAND(reports_acceptance_write(db, file, REPORTS_FORMAT_HTML, why));
		FUZZ_DEMAND(fclose(file) == 0);
		free(text);
	} else {
		FUZZ_DEMAND(fuzz_names_scratch(why));
	}
	sqlite3_close(db);
	return 0;
}
