#include <stdarg.h>
#include <stdio.h>

#include "program.h"

void program_message(const char *format, ...) {
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	(void)fprintf(stderr, "engine: %s\n", text);
}
