/* FIX messages with a right length and checksum around an arbitrary body, which random bytes would
 * never have: what is behind the envelope is reached. A first byte of '|' chooses that
 * separator. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "fuzz.h"
#include "reader.h"

static const char units[] =
        "instrument AAA 0.01 0.001\ninstrument BBB 0.25 5\ncurrency USDT 0.00000001\ncurrency EUR 0.01\n";

static struct reader_catalogue catalogue;

/* Header, body and trailer; to be freed. */
static char *make_message(const char *body, size_t size, char separator, size_t *message_size) {
	char *message = malloc(size + 64);
	unsigned sum = 0;

	FUZZ_DEMAND(message != NULL);
	int header = snprintf(message, 40, "8=FIX.4.4%c9=%zu%c", separator, size, separator);
	FUZZ_DEMAND(header > 0);
	memcpy(message + header, body, size);
	for (size_t i = 0; i < (size_t)header + size; i++) {
		sum += (unsigned char)(message[i] == separator ? 1 : message[i]);
	}
	int trailer = snprintf(message + header + size, 10, "10=%03u%c", sum % 256, separator);
	*message_size = (size_t)header + size + (size_t)trailer;
	return message;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { // NOLINT(readability-identifier-naming)
	struct reader_catalogue_error error;
	struct engine_update update;
	struct reader_verdict verdict;
	size_t message_size;
	size_t from;
	size_t to;

	if (catalogue.instruments == NULL) {
		FUZZ_DEMAND(reader_catalogue_parse(units, sizeof units - 1, &catalogue, &error));
	}
	bool is_pipe = size > 0 && data[0] == '|';
	const struct reader_format *format = reader_format_find(is_pipe ? "fix-pipe" : "fix");
	char *message =
	        make_message((const char *)data + is_pipe, size - is_pipe, is_pipe ? '|' : '\x01', &message_size);
	format->read(&catalogue, message, message_size, &update, &verdict);
	FUZZ_DEMAND(verdict.reason != READER_CHECKSUM && verdict.reason != READER_BEGIN_STRING);
	FUZZ_DEMAND(size == is_pipe || verdict.reason != READER_BODY_LENGTH);
	FUZZ_DEMAND(verdict.position <= message_size);
	/* The stated length delimits it, whatever is inside. */
	size_t used = format->frame(message, message_size, false, &from, &to);
	FUZZ_DEMAND(used == message_size && from == 0 && to == message_size);
	free(message);
	return 0;
}
