/* Arbitrary bytes as a file of instruments: refused with a line, or a catalogue whose numbers print
 * back to themselves. */
#include <string.h>

#include "fuzz.h"
#include "reader.h"

static void demand_decimal(struct reader_decimal decimal) {
	char text[READER_DECIMAL_TEXT_SIZE];
	struct reader_decimal again;
	int64_t count;

	FUZZ_DEMAND(decimal.digits > 0);
	reader_decimal_print(decimal, text);
	FUZZ_DEMAND(reader_decimal_parse(text, strlen(text), &again) == READER_REASON_NONE);
	FUZZ_DEMAND(again.digits == decimal.digits && again.scale == decimal.scale);
	FUZZ_DEMAND(reader_decimal_divide(decimal, decimal, READER_WRONG_LOT, &count) == READER_REASON_NONE &&
	            count == 1);
	reader_decimal_print_product(-INT64_MAX, decimal, decimal, text);
	reader_decimal_print_ratio(INT64_MAX, -1, decimal, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { // NOLINT(readability-identifier-naming)
	struct reader_catalogue catalogue;
	struct reader_catalogue_error error;

	if (!reader_catalogue_parse((const char *)data, size, &catalogue, &error)) {
		FUZZ_DEMAND(catalogue.instruments == NULL && catalogue.instrument_count == 0 && error.text[0] != '\0');
	}
	for (size_t i = 0; i < catalogue.instrument_count; i++) {
		const struct reader_instrument *row = &catalogue.instruments[i];
		FUZZ_DEMAND(reader_catalogue_find_instrument(&catalogue, row->symbol) == row);
		demand_decimal(row->tick);
		demand_decimal(row->lot);
	}
	for (size_t i = 0; i < catalogue.currency_count; i++) {
		FUZZ_DEMAND(reader_catalogue_find_currency(&catalogue, catalogue.currencies[i].name) ==
		            &catalogue.currencies[i]);
		demand_decimal(catalogue.currencies[i].unit);
	}
	reader_catalogue_deinit(&catalogue);
	return 0;
}
