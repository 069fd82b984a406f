/* examples/text_extension.c: a function and a collation of a program, as a loadable extension of
 * SQLite: slug('Two Words') is 'two-words', and in the order of natsort, 'a2' comes before 'a10'.
 *
 *     cc -O2 -fPIC -shared examples/text_extension.c -o text_extension.so
 */
#include <sqlite3ext.h>
#include <string.h>
SQLITE_EXTENSION_INIT1

static int is_digit(unsigned char c) {
	return c >= '0' && c <= '9';
}

static unsigned char lower(unsigned char c) {
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
}

static void slug(sqlite3_context *context, int count, sqlite3_value **values) {
	const unsigned char *text = sqlite3_value_text(values[0]);
	char *word = text != NULL ? sqlite3_malloc(sqlite3_value_bytes(values[0]) + 1) : NULL;
	size_t used = 0;
	(void)count;
	if (word == NULL) {
		sqlite3_result_null(context);
		return;
	}
	for (; *text != '\0'; text++) {
		unsigned char c = lower(*text);
		if (is_digit(c) || (c >= 'a' && c <= 'z') || c >= 0x80) {
			word[used++] = (char)c;
		} else if (used > 0 && word[used - 1] != '-') {
			word[used++] = '-';
		}
	}
	used -= used > 0 && word[used - 1] == '-';
	sqlite3_result_text(context, word, (int)used, sqlite3_free);
}

/* The number that begins here, without leading zeros: how many digits it has. */
static int number(const unsigned char **at, const unsigned char *end) {
	int digits = 0;
	while (*at < end && **at == '0') {
		++*at;
	}
	while (*at + digits < end && is_digit((*at)[digits])) {
		digits++;
	}
	return digits;
}

/* Two numbers by their values; both are passed. */
static int numbers(const unsigned char **a, const unsigned char *a_end, const unsigned char **b,
                   const unsigned char *b_end) {
	int a_digits = number(a, a_end);
	int b_digits = number(b, b_end);
	int order = a_digits != b_digits ? a_digits - b_digits : memcmp(*a, *b, (size_t)a_digits);
	*a += a_digits;
	*b += b_digits;
	return order;
}

static int natsort(void *none, int left_size, const void *left, int right_size, const void *right) {
	const unsigned char *a = left;
	const unsigned char *b = right;
	const unsigned char *a_end = a + left_size;
	const unsigned char *b_end = b + right_size;
	int order = 0;
	(void)none;
	while (order == 0 && a < a_end && b < b_end) {
		order = is_digit(*a) && is_digit(*b) ? numbers(&a, a_end, &b, b_end) : lower(*a++) - lower(*b++);
	}
	return order != 0 ? order : (a < a_end) - (b < b_end);
}

/* Its name follows from that of the file. */
int sqlite3_textextension_init(sqlite3 *connection, char **error, const sqlite3_api_routines *routines);

int sqlite3_textextension_init(sqlite3 *connection, char **error, const sqlite3_api_routines *routines) {
	SQLITE_EXTENSION_INIT2(routines)
	(void)error;
	int code = sqlite3_create_function(connection, "slug", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
	                                   NULL, slug, NULL, NULL);
	return code == SQLITE_OK ? sqlite3_create_collation(connection, "natsort", SQLITE_UTF8, NULL, natsort) : code;
}
