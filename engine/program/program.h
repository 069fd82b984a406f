/* engine/program/program.h: what the files of the program `engine` share. For users: README.md and
 * `engine help`. */
#ifndef AFTERSHOCK_ENGINE_PROGRAM_H
#define AFTERSHOCK_ENGINE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine.h"
#include "reader.h"

/* Exit statuses, as in `engine help`. After a signal the status is 128 plus its number. */
enum ENGINE_MUST_CHECK program_status {
	PROGRAM_OK = 0,
	PROGRAM_REFUSED = 1,  /* an update was refused or waits for an earlier fill; everything else
	                       * is in */
	PROGRAM_USAGE = 2,    /* usage, instruments or configuration are wrong, or the input cannot
	                       * be read */
	PROGRAM_DAMAGED = 3,  /* the stored state is damaged; the files stay as they are */
	PROGRAM_STORAGE = 4,  /* full, locked, read-only or failing; what was acknowledged is
	                       * durable */
	PROGRAM_IN_DOUBT = 5, /* the last updates are in or not; the next run settles it */
	PROGRAM_OUTPUT = 6,   /* standard output cannot be written; nothing is lost */
	PROGRAM_NOTHING = 7,  /* of all reports in the input the reader could read none */
};

enum program_verb {
	PROGRAM_VERB_NONE = 0,
	PROGRAM_INGEST,
	PROGRAM_POSITIONS,
	PROGRAM_ORDERS,
	PROGRAM_COMMISSIONS,
	PROGRAM_VERIFY,
	PROGRAM_HALT,
	PROGRAM_RESUME,
	PROGRAM_LIMITS,
	PROGRAM_HELP,
	PROGRAM_VERSION,
};

struct program_options {
	enum program_verb verb;
	const char *database;
	const char *input; /* NULL: standard input */
	const char *command_id;
	struct engine_limits limits;
	const char *instruments;
	const struct reader_format *format;
	const char *protocol;
	const char *journal_mode;
	const char *synchronous;
	uint32_t checkpoint_frames;
	uint32_t busy_timeout_ms;
	uint64_t expect_version; /* what the caller knows that the database holds at least; 0:
	                          * nothing */
	bool expects_history;    /* at that version, this one */
	struct engine_digest expect_history;
	uint32_t batch; /* the most updates that are committed together */
	bool stop_on_refusal;
	bool is_strict;   /* a field that would be left out refuses its message */
	bool no_adoption; /* a status of an unknown order with fills is a gap */
	bool is_json;
};

/* ---- options.c ------------------------------------------------------------------------------- */

/* Reads the command line. False when it is wrong; then one line on stderr says what. */
bool program_options_parse(int count, char **arguments, struct program_options *options);

/* Prints usage, options and exit statuses to standard output. */
void program_options_help(void);

/* ---- message.c ------------------------------------------------------------------------------- */

/* Prints one line on stderr: `engine: ` and the formatted text. */
__attribute__((format(printf, 1, 2))) void program_message(const char *format, ...);

/* ---- signals.c ------------------------------------------------------------------------------- */

/* From now on SIGINT and SIGTERM are noted. Writing to a closed pipe, or beyond the file size
 * limit, becomes an error. */
void program_signals_install(void);

/* The signal that asked to stop; 0: none so far. */
int program_signals_caught(void);

/* Waits until a descriptor can be read. False when a signal asked to stop, also before. */
bool program_signals_wait(int descriptor);

/* ---- output.c: standard output, whole lines, written when flushed ---------------------------- */

struct program_output {
	size_t used;
	int error; /* errno of the write that failed; whatever follows it is dropped */
	char buffer[65536];
};

/* Appends formatted text of at most 2 KiB. */
__attribute__((format(printf, 2, 3))) void program_output_print(struct program_output *output, const char *format, ...);

/* Appends text as a JSON string. Bytes that are no UTF-8 become U+FFFD. */
void program_output_json(struct program_output *output, const char *text);

/* Writes everything. False when a write failed, now or before; `error` says why. */
bool program_output_flush(struct program_output *output);

/* Flushes for the last time. Returns the status to exit with: `status`, or PROGRAM_OUTPUT with a
 * line on stderr. */
int program_output_finish(struct program_output *output, int status);

/* ---- input.c: messages from a file or standard input ----------------------------------------- */

struct program_input {
	int descriptor;
	const char *name;
	const struct reader_format *format;
	char *buffer;
	size_t start; /* of the bytes that are not used yet */
	size_t end;
	bool is_end;      /* nothing more to read */
	bool is_skipping; /* in a message that is too long, until its line ends */
	uint64_t line;    /* of buffer[start], from 1 */
	uint64_t byte;    /* of buffer[start] in the input, from 0 */
	uint64_t column;  /* of buffer[start] in its line, from 1 */
};

/* One message and where it stands. */
struct program_message {
	const char *bytes; /* valid until the next program_input_* */
	size_t size;
	uint64_t line;    /* of its first byte, from 1 */
	uint64_t byte;    /* of its first byte, from 0 */
	uint64_t column;  /* of its first byte, from 1 */
	bool is_too_long; /* refuse it unread; the rest of its line is skipped */
};

enum ENGINE_MUST_CHECK program_input_status {
	PROGRAM_INPUT_NONE = 0,
	PROGRAM_INPUT_MESSAGE,
	PROGRAM_INPUT_MORE, /* no complete message in the buffer: read more */
	PROGRAM_INPUT_END,
	PROGRAM_INPUT_SIGNAL, /* a signal asked to stop */
	PROGRAM_INPUT_FAILED, /* a line on stderr says why */
};

/* Opens a file, or standard input for NULL and "-". False with a line on stderr. Call
 * program_input_close in any case. */
bool program_input_open(struct program_input *input, const char *path, const struct reader_format *format);
void program_input_close(struct program_input *input);

/* Takes the next message from the buffer: MESSAGE, MORE or END. Reads nothing. */
enum program_input_status program_input_next(struct program_input *input, struct program_message *message);

/* Waits for more bytes: MORE (look again), SIGNAL or FAILED. */
enum program_input_status program_input_read(struct program_input *input);

/* Reads a whole file of at most `most` bytes. The caller frees it. NULL with a line on stderr. */
char *program_input_read_file(const char *path, size_t most, size_t *size);

/* ---- database.c: the engine's database, with the instruments it counts in -------------------- */

/* A version that the database has held, the epoch under which, and the history of the version. */
struct program_vouch {
	uint64_t version;
	uint64_t epoch;
	bool has_history; /* a line of an older program has none */
	struct engine_digest history;
};

struct program_database {
	struct engine *engine;
	int lock_descriptor;
	struct program_vouch vouched;      /* as the lock file says it */
	struct program_vouch last;         /* as the engine said it last */
	struct reader_catalogue catalogue; /* as stored */
};

/* Puts what a symbolic link leads to in its place, so that a database has one lock whatever it is
 * called. False with a line on stderr. */
bool program_database_resolve(struct program_options *options);

/* Opens the engine, and joins the stored instruments with those of the options. PROGRAM_OK, or the
 * status to exit with and a line on stderr. Call program_database_close in any case. */
int program_database_open(struct program_database *database, const struct program_options *options);
void program_database_close(struct program_database *database);

/* Runs SQLite's own check of the whole file. PROGRAM_OK; or PROGRAM_DAMAGED or PROGRAM_STORAGE,
 * with a line on stderr. */
int program_database_check(const struct program_database *database, const struct program_options *options);

/* ---- digest.c: 128 bits as text -------------------------------------------------------------- */

/* 32 hexadecimal digits, and the terminating NUL. */
#define PROGRAM_DIGEST_TEXT_SIZE 33

void program_digest_print(const struct engine_digest *digest, char text[PROGRAM_DIGEST_TEXT_SIZE]);
/* Reads 32 digits, whatever follows them. False when they are none. */
bool program_digest_parse(const char *text, struct engine_digest *digest);

/* ---- vouch.c: what the lock file vouches for ------------------------------------------------- */

/* Reads what is vouched for. Zero: nothing. */
struct program_vouch program_vouch_read(int descriptor);

/* After an open, and after every commit: notes what is durable by now. */
void program_vouch_note(struct program_database *database, const struct program_options *options);

/* ---- verbs ----------------------------------------------------------------------------------- */

/* Each runs one verb from start to end, and returns the status to exit with. */
int program_ingest(const struct program_options *options);
int program_show(const struct program_options *options);    /* positions, orders, commissions */
int program_verify(const struct program_options *options);  /* as program_ingest */
int program_command(const struct program_options *options); /* halt, resume and limits */

/* ---- ingest.c -------------------------------------------------------------------------------- */

/* The word for an outcome in outputs. */
const char *program_ingest_outcome_name(enum engine_outcome outcome);

#endif
