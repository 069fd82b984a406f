#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

struct program_options_verb {
	const char *name;
	enum program_verb verb;
};

static const char program_options_expected[] =
        "expected ingest, positions, orders, commissions, verify, halt, resume or limits";

static const struct program_options_verb program_options_verbs[] = {
        {"ingest", PROGRAM_INGEST}, {"positions", PROGRAM_POSITIONS},
        {"orders", PROGRAM_ORDERS}, {"commissions", PROGRAM_COMMISSIONS},
        {"verify", PROGRAM_VERIFY}, {"halt", PROGRAM_HALT},
        {"resume", PROGRAM_RESUME}, {"limits", PROGRAM_LIMITS},
        {"help", PROGRAM_HELP},     {"--help", PROGRAM_HELP},
        {"-h", PROGRAM_HELP},       {"--version", PROGRAM_VERSION},
};

void program_options_help(void) {
	(void)fputs(
	        "usage: engine ingest DATABASE [FILE] [OPTIONS]     apply order updates from FILE or standard input\n"
	        "       engine positions DATABASE [--json]          show positions\n"
	        "       engine orders DATABASE [--json]             show orders\n"
	        "       engine commissions DATABASE [--json]        show commissions, summed by currency\n"
	        "       engine verify DATABASE [--json]             check everything that is stored\n"
	        "       engine halt DATABASE ID [--json]            forbid new orders; the same ID again does nothing\n"
	        "       engine resume DATABASE ID [--json]          lift a halt, also one that a limit caused\n"
	        "       engine limits DATABASE ID [--position LOTS] [--notional TICK_LOTS] [--open-orders N] [--json]\n"
	        "                                                   set all three limits; 0 or left out: no limit\n"
	        "\n"
	        "ingest prints one line for each message, after its update is durable: LINE OUTCOME TEXT. A fill\n"
	        "that also says how its order ended is two updates, with a line each.\n"
	        "If something stops it, run it again on the same input. It answers `duplicate` or `stale`\n"
	        "to what is in already, and goes on.\n"
	        "\n"
	        "  --format NAME         ndjson (default), fix, binance; fix reads messages as sent, and logs\n"
	        "  --instruments FILE    lines `instrument SYMBOL TICK LOT` and `currency NAME UNIT`; the database\n"
	        "                        keeps them, and refuses others later; `multiplier NUMBER` behind LOT\n"
	        "                        makes money of quantity times price; then `no-legs`: the fills of\n"
	        "                        a spread move its own position, because those of its legs do not come\n"
	        "  --stop-on-refusal     stop at the first message that is refused (default: go on)\n"
	        "  --strict              refuse a message of which a commission, a time or another field that is\n"
	        "                        neither quantity nor price cannot be taken (default: leave it out and\n"
	        "                        name it)\n"
	        "  --no-adoption         the status of an unknown order that has fills is a gap (default: the\n"
	        "                        order is adopted as it stands, and its fills move no position)\n"
	        "  --protocol NAME       persist_first (default), rollback, journal\n"
	        "  --journal-mode MODE   delete, truncate, persist, memory, off, wal (default wal)\n"
	        "  --synchronous LEVEL   off, normal, full, extra (default full)\n"
	        "  --checkpoint N        start a checkpoint when the WAL has N frames, or the journal N updates\n"
	        "                        (default 1000; 0: only at the end)\n"
	        "  --busy-timeout MS     wait so long for a locked database (default 5000)\n"
	        "  --batch N             commit at most N updates together, 1 to 64 (default 64)\n"
	        "  --expect-version N    every verb: refuse a database that holds less than version N as damaged\n"
	        "  --expect-history HEX  every verb: refuse another book, whose history up to the version of\n"
	        "                        --expect-version is not the one that verify printed then\n"
	        "  --json                one JSON object per line instead of text\n"
	        "\n"
	        "outcomes:\n"
	        "  applied               the update is in, and durable\n"
	        "  duplicate, stale      it was in already\n"
	        "  skipped               the message changes no order\n"
	        "  gap                   an earlier fill is missing; held, and applied when that one comes\n"
	        "  refused               the reader or the engine cannot take it\n"
	        "  conflict              the id is known, with other content\n"
	        "\n"
	        "exit status:\n"
	        "  0  everything is in\n"
	        "  1  something was refused, or a gap is open; everything else is in\n"
	        "  2  usage, instruments or input are wrong\n"
	        "  3  the database is damaged, emptied, older than it was, or another one\n"
	        "  4  the storage is full, locked, read-only or failing\n"
	        "  5  the last updates are in doubt\n"
	        "  6  standard output cannot be written\n"
	        "  7  no report in the input could be read: all were refused\n"
	        "  130, 143  interrupted\n"
	        "After 4, 5, 6, 130 and 143 everything acknowledged is durable, and running it again goes on.\n",
	        stdout);
}

static bool program_options_fail(const char *what, const char *word) {
	program_message("%s%s%s (engine help)", what, word[0] != '\0' ? ": " : "", word);
	return false;
}

static bool program_options_whole(const char *name, const char *text, unsigned long most, uint64_t *number) {
	char *end = NULL;

	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value > most) {
		program_message("%s: expected a number from 0 to %lu: %s (engine help)", name, most, text);
		return false;
	}
	*number = value;
	return true;
}

static bool program_options_number(const char *name, const char *text, unsigned long most, uint32_t *number) {
	uint64_t whole = 0;
	bool is_whole = program_options_whole(name, text, most, &whole);

	*number = is_whole ? (uint32_t)whole : *number;
	return is_whole;
}

/* The options with a value, and the verb that has each. */
static bool program_options_has_value(enum program_verb verb, const char *name) {
	static const struct program_options_verb names[] = {
	        {"--instruments", PROGRAM_INGEST},  {"--protocol", PROGRAM_INGEST},
	        {"--journal-mode", PROGRAM_INGEST}, {"--synchronous", PROGRAM_INGEST},
	        {"--format", PROGRAM_INGEST},       {"--checkpoint", PROGRAM_INGEST},
	        {"--batch", PROGRAM_INGEST},        {"--busy-timeout", PROGRAM_INGEST},
	        {"--position", PROGRAM_LIMITS},     {"--notional", PROGRAM_LIMITS},
	        {"--open-orders", PROGRAM_LIMITS},
	};

	if (strcmp(name, "--expect-version") == 0 || strcmp(name, "--expect-history") == 0) {
		return true; /* all verbs */
	}
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(name, names[i].name) == 0) {
			return verb == names[i].verb;
		}
	}
	return false;
}

static bool program_options_set_limit(struct program_options *options, const char *name, const char *value) {
	struct reader_decimal decimal;
	int64_t *limit = strcmp(name, "--position") == 0   ? &options->limits.position_lots
	                 : strcmp(name, "--notional") == 0 ? &options->limits.order_notional_tick_lots
	                                                   : &options->limits.open_orders;

	if (reader_decimal_parse(value, strlen(value), &decimal) != READER_REASON_NONE || decimal.scale > 0 ||
	    decimal.digits < 0) {
		program_message("%s: expected a whole number that is not negative: %s (engine help)", name, value);
		return false;
	}
	*limit = decimal.digits;
	return true;
}

static bool program_options_set(struct program_options *options, const char *name, const char *value) {
	const struct {
		const char *name;
		const char **text;
	} texts[] = {
	        {"--instruments", &options->instruments},
	        {"--protocol", &options->protocol},
	        {"--journal-mode", &options->journal_mode},
	        {"--synchronous", &options->synchronous},
	};

	if (strcmp(name, "--expect-version") == 0) {
		return program_options_whole(name, value, INT64_MAX, &options->expect_version);
	}
	if (strcmp(name, "--expect-history") == 0) {
		options->expects_history = strlen(value) == PROGRAM_DIGEST_TEXT_SIZE - 1 &&
		                           program_digest_parse(value, &options->expect_history);
		return options->expects_history ||
		       program_options_fail("--expect-history: expected 32 hexadecimal digits, as verify prints them",
		                            value);
	}
	if (options->verb == PROGRAM_LIMITS) {
		return program_options_set_limit(options, name, value);
	}
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (strcmp(name, texts[i].name) == 0) {
			*texts[i].text = value;
			return true;
		}
	}
	if (strcmp(name, "--format") == 0) {
		options->format = reader_format_find(value);
		return options->format != NULL || program_options_fail("no such format", value);
	}
	if (strcmp(name, "--checkpoint") == 0) {
		return program_options_number(name, value, INT32_MAX, &options->checkpoint_frames);
	}
	if (strcmp(name, "--busy-timeout") == 0) {
		return program_options_number(name, value, INT32_MAX, &options->busy_timeout_ms);
	}
	return program_options_number(name, value, ENGINE_BATCH_MAX, &options->batch) &&
	       (options->batch > 0 || program_options_fail("--batch: expected at least 1", value));
}

static bool program_options_is_command(enum program_verb verb) {
	return verb == PROGRAM_HALT || verb == PROGRAM_RESUME || verb == PROGRAM_LIMITS;
}

static bool program_options_place(struct program_options *options, const char *word) {
	if (options->database == NULL) {
		options->database = word;
		return true;
	}
	if (options->verb == PROGRAM_INGEST && options->input == NULL) {
		options->input = word;
		return true;
	}
	if (program_options_is_command(options->verb) && options->command_id == NULL) {
		options->command_id = word;
		return word[0] != '\0' && strlen(word) < ENGINE_ID_SIZE
		               ? true
		               : program_options_fail("not a command id", word);
	}
	return program_options_fail("one argument too many", word);
}

/* --json belongs to all verbs. */
static bool program_options_take(struct program_options *options, char **arguments, int *at) {
	const char *word = arguments[*at];

	if (strcmp(word, "--json") == 0) {
		options->is_json = true;
		return true;
	}
	if (word[0] != '-' || word[1] == '\0') {
		return program_options_place(options, word);
	}
	if (strcmp(word, "--stop-on-refusal") == 0 && options->verb == PROGRAM_INGEST) {
		options->stop_on_refusal = true;
		return true;
	}
	if (strcmp(word, "--strict") == 0 && options->verb == PROGRAM_INGEST) {
		options->is_strict = true;
		return true;
	}
	if (strcmp(word, "--no-adoption") == 0 && options->verb == PROGRAM_INGEST) {
		options->no_adoption = true;
		return true;
	}
	if (!program_options_has_value(options->verb, word)) {
		return program_options_fail("no such option", word);
	}
	if (arguments[*at + 1] == NULL) {
		return program_options_fail("a value is missing", word);
	}
	if (!program_options_set(options, word, arguments[*at + 1])) {
		return false;
	}
	(*at)++;
	return true;
}

bool program_options_parse(int count, char **arguments, struct program_options *options) {
	*options = (struct program_options){.format = reader_format_find("ndjson"),
	                                    .checkpoint_frames = 1000,
	                                    .busy_timeout_ms = 5000,
	                                    .batch = ENGINE_BATCH_MAX};
	if (count < 2) {
		return program_options_fail(program_options_expected, "");
	}
	for (size_t i = 0; i < sizeof program_options_verbs / sizeof program_options_verbs[0]; i++) {
		if (strcmp(arguments[1], program_options_verbs[i].name) == 0) {
			options->verb = program_options_verbs[i].verb;
		}
	}
	if (options->verb == PROGRAM_VERB_NONE) {
		return program_options_fail(program_options_expected, arguments[1]);
	}
	for (int at = 2; at < count; at++) {
		if (strcmp(arguments[at], "--help") == 0) {
			options->verb = PROGRAM_HELP;
		}
	}
	if (options->verb == PROGRAM_HELP || options->verb == PROGRAM_VERSION) {
		return true;
	}
	for (int at = 2; at < count; at++) {
		if (!program_options_take(options, arguments, &at)) {
			return false;
		}
	}
	if (options->database == NULL) {
		return program_options_fail("expected a database", "");
	}
	if (options->expects_history && options->expect_version == 0) {
		return program_options_fail("--expect-history: expected --expect-version beside it", "");
	}
	return !program_options_is_command(options->verb) || options->command_id != NULL ||
	       program_options_fail("expected a command id", "");
}
