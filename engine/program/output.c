#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

#define PROGRAM_OUTPUT_PIECE_SIZE 2048

static void program_output_append(struct program_output *output, const char *text, size_t size) {
	if (output->used + size > sizeof output->buffer) {
		(void)program_output_flush(output);
	}
	if (output->error == 0) {
		memcpy(output->buffer + output->used, text, size);
		output->used += size;
	}
}

void program_output_print(struct program_output *output, const char *format, ...) {
	char text[PROGRAM_OUTPUT_PIECE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (length > 0) {
		program_output_append(output, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
	}
}

/* The length of the UTF-8 character at `text`; 0 when there is none. RFC 3629. */
static size_t program_output_character(const char *text) {
	const unsigned char *bytes = (const unsigned char *)text;
	size_t length = bytes[0] < 0x80                        ? 1
	                : bytes[0] >= 0xc2 && bytes[0] <= 0xdf ? 2
	                : (bytes[0] & 0xf0) == 0xe0            ? 3
	                : bytes[0] >= 0xf0 && bytes[0] <= 0xf4 ? 4
	                                                       : 0;

	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80) { /* the terminator among them */
			return 0;
		}
	}
	bool is_overlong = (bytes[0] == 0xe0 && bytes[1] < 0xa0) || (bytes[0] == 0xf0 && bytes[1] < 0x90);
	bool is_outside = (bytes[0] == 0xed && bytes[1] > 0x9f) || (bytes[0] == 0xf4 && bytes[1] > 0x8f);
	return length > 1 && (is_overlong || is_outside) ? 0 : length;
}

void program_output_json(struct program_output *output, const char *text) {
	program_output_append(output, "\"", 1);
	while (*text != '\0') {
		size_t length = program_output_character(text);
		if (length == 0) {
			program_output_append(output, "\xef\xbf\xbd", 3);
			length = 1;
		} else if (*text == '"' || *text == '\\') {
			program_output_print(output, "\\%c", *text);
		} else if ((unsigned char)*text < 0x20 || *text == 0x7f) {
			program_output_print(output, "\\u%04x", (unsigned)*text);
		} else {
			program_output_append(output, text, length);
		}
		text += length;
	}
	program_output_append(output, "\"", 1);
}

/* A write that a signal ends is not taken up again. Whoever does not read would keep the program
 * for ever. */
bool program_output_flush(struct program_output *output) {
	size_t written = 0;

	while (output->error == 0 && written < output->used) {
		ssize_t count = write(STDOUT_FILENO, output->buffer + written, output->used - written);
		if (count > 0) {
			written += (size_t)count;
		} else if (count < 0 && (errno != EINTR || program_signals_caught() != 0)) {
			output->error = errno;
		}
	}
	output->used = 0;
	return output->error == 0;
}

int program_output_finish(struct program_output *output, int status) {
	if (program_output_flush(output)) {
		return status;
	}
	if (output->error == EINTR) {
		return 128 + program_signals_caught();
	}
	program_message("standard output: %s", strerror(output->error));
	return PROGRAM_OUTPUT;
}
