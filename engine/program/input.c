#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program.h"

/* The longest message, and one more byte that shows that a message is longer. */
#define PROGRAM_INPUT_BUFFER_SIZE (READER_MESSAGE_MAX + 1)

/* ---- opening --------------------------------------------------------------------------------- */

/* Opens a file that can be read as bytes. open() alone accepts directories. */
static int program_input_open_file(const char *path) {
	struct stat status;
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);

	if (descriptor < 0) {
		program_message("%s: %s", path, strerror(errno));
		return -1;
	}
	if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
		program_message("%s: %s", path, strerror(EISDIR));
		(void)close(descriptor);
		return -1;
	}
	return descriptor;
}

bool program_input_open(struct program_input *input, const char *path, const struct reader_format *format) {
	bool is_standard = path == NULL || strcmp(path, "-") == 0;

	*input = (struct program_input){
	        .descriptor = is_standard ? STDIN_FILENO : program_input_open_file(path),
	        .name = is_standard ? "standard input" : path,
	        .format = format,
	        .line = 1,
	        .column = 1,
	};
	if (input->descriptor < 0) {
		return false;
	}
	input->buffer = malloc(PROGRAM_INPUT_BUFFER_SIZE);
	if (input->buffer == NULL) {
		program_message("out of memory");
	}
	return input->buffer != NULL;
}

void program_input_close(struct program_input *input) {
	if (input->descriptor > STDIN_FILENO) {
		(void)close(input->descriptor);
	}
	free(input->buffer);
	*input = (struct program_input){.descriptor = -1};
}

/* ---- messages -------------------------------------------------------------------------------- */

/* A byte-order mark says that the text is UTF-8, and is none of it. */
static const char program_input_mark[] = "\xef\xbb\xbf";
#define PROGRAM_INPUT_MARK_SIZE (sizeof program_input_mark - 1)

/* Moves past bytes, and counts the lines that end in them. */
static void program_input_use(struct program_input *input, size_t size) {
	for (size_t i = 0; i < size; i++) {
		bool is_end = input->buffer[input->start + i] == '\n';
		input->line += is_end;
		input->column = is_end ? 1 : input->column + 1;
	}
	input->start += size;
	input->byte += size;
}

/* Skips the rest of a line that is too long, as far as it is there. False: the line goes on. */
static bool program_input_skip_line(struct program_input *input) {
	const char *from = input->buffer + input->start;
	const char *newline = memchr(from, '\n', input->end - input->start);

	program_input_use(input, newline != NULL ? (size_t)(newline - from) + 1 : input->end - input->start);
	input->is_skipping = newline == NULL;
	return newline != NULL;
}

/* The buffer has no complete message. More bytes are needed, unless it is full. */
static enum program_input_status program_input_give_up(struct program_input *input, struct program_message *message) {
	if (input->is_end) {
		return PROGRAM_INPUT_END;
	}
	if (input->end - input->start < PROGRAM_INPUT_BUFFER_SIZE) {
		return PROGRAM_INPUT_MORE;
	}
	*message = (struct program_message){
	        .bytes = "", .line = input->line, .byte = input->byte, .column = input->column, .is_too_long = true};
	(void)program_input_skip_line(input);
	return PROGRAM_INPUT_MESSAGE;
}

/* Skips the mark at the very beginning. False: more bytes will tell. */
static bool program_input_skip_mark(struct program_input *input) {
	size_t size = input->end - input->start;
	size_t compared = size < PROGRAM_INPUT_MARK_SIZE ? size : PROGRAM_INPUT_MARK_SIZE;

	if (input->byte > 0 || size == 0 || memcmp(input->buffer + input->start, program_input_mark, compared) != 0) {
		return true;
	}
	if (compared < PROGRAM_INPUT_MARK_SIZE) {
		return input->is_end;
	}
	input->start += PROGRAM_INPUT_MARK_SIZE;
	input->byte += PROGRAM_INPUT_MARK_SIZE;
	return true;
}

enum program_input_status program_input_next(struct program_input *input, struct program_message *message) {
	if (!program_input_skip_mark(input)) {
		return PROGRAM_INPUT_MORE;
	}
	if (input->is_skipping && !program_input_skip_line(input)) {
		return input->is_end ? PROGRAM_INPUT_END : PROGRAM_INPUT_MORE;
	}
	while (input->start < input->end) {
		const char *bytes = input->buffer + input->start;
		size_t from;
		size_t to;
		size_t used = input->format->frame(bytes, input->end - input->start, input->is_end, &from, &to);
		if (used == 0) {
			break;
		}
		program_input_use(input, from);
		*message = (struct program_message){.bytes = bytes + from,
		                                    .size = to - from,
		                                    .line = input->line,
		                                    .byte = input->byte,
		                                    .column = input->column};
		program_input_use(input, used - from);
		if (message->size > 0) {
			return PROGRAM_INPUT_MESSAGE;
		}
	}
	return program_input_give_up(input, message);
}

enum program_input_status program_input_read(struct program_input *input) {
	memmove(input->buffer, input->buffer + input->start, input->end - input->start);
	input->end -= input->start;
	input->start = 0;
	if (!program_signals_wait(input->descriptor)) {
		return PROGRAM_INPUT_SIGNAL;
	}
	ssize_t count = read(input->descriptor, input->buffer + input->end, PROGRAM_INPUT_BUFFER_SIZE - input->end);
	if (count < 0 && errno != EINTR && errno != EAGAIN) {
		program_message("%s: %s", input->name, strerror(errno));
		return PROGRAM_INPUT_FAILED;
	}
	input->is_end = count == 0;
	input->end += count > 0 ? (size_t)count : 0;
	return PROGRAM_INPUT_MORE;
}

/* ---- whole files ----------------------------------------------------------------------------- */

char *program_input_read_file(const char *path, size_t most, size_t *size) {
	int descriptor = program_input_open_file(path);
	char *bytes = descriptor >= 0 ? malloc(most + 1) : NULL;
	ssize_t count = 1;

	*size = 0;
	while (bytes != NULL && count > 0 && *size <= most) {
		count = read(descriptor, bytes + *size, most + 1 - *size);
		*size += count > 0 ? (size_t)count : 0;
	}
	if (bytes != NULL && (count < 0 || *size > most)) {
		program_message("%s: %s", path, count < 0 ? strerror(errno) : "too long");
		free(bytes);
		bytes = NULL;
	}
	if (descriptor >= 0) {
		(void)close(descriptor);
	}
	return bytes;
}
