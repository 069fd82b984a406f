/* sim/recording/recorder.c: see recorder.h. */
#include "recorder.h"

#include "checksum.h"
#include "control.h"
#include "place.h"
#include "recordable.h"
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SIM_RECORDER_TAIL_NS 2000000L
#define SIM_RECORDER_OUTPUT_SUFFIX ".output"
#define SIM_RECORDER_THREADS_MAX 1024u
#define SIM_RECORDER_FILES_MAX 65536u

/* A recording that is made. */
struct sim_recorder {
	const struct sim_recorder_options *options;
	struct sim_recorded *recorded;
	char *why;
	char path[RECORD_CONTROL_PATH_MAX]; /* absolute; and beside it: */
	char control_path[RECORD_CONTROL_PATH_MAX + 16];
	char output_path[RECORD_CONTROL_PATH_MAX + 16];
	char library[SIM_PLACE_SIZE];
	int file;
	int output; /* what the program prints; -1: it prints where it likes */
	uint64_t output_shown;
	struct record_control *control;
	regex_t expression;
	bool has_expression;
	bool is_usage;
};

static bool sim_recorder_fail(struct sim_recorder *recorder, const char *what, const char *why) {
	snprintf(recorder->why, SIM_RECORDER_WHY_SIZE, "%.900s: %.400s", what, why);
	return false;
}

static bool sim_recorder_refuse(struct sim_recorder *recorder, const char *what, const char *why) {
	recorder->is_usage = true;
	return sim_recorder_fail(recorder, what, why);
}

/* ---- before ---------------------------------------------------------------------------------- */

static bool sim_recorder_find_library(struct sim_recorder *recorder) {
	if (sim_place_find(&sim_place_record, recorder->library)) {
		/* What separates its words (ld.so(8)). */
		return strpbrk(recorder->library, " :") == NULL ||
		       sim_recorder_fail(recorder, recorder->library,
		                         "LD_PRELOAD takes no path with a space or a colon, expected another place");
	}
	return sim_recorder_fail(recorder, RECORD_LIBRARY,
	                         "not found beside aftershock, nor in ../lib/aftershock of it");
}

static bool sim_recorder_compile(struct sim_recorder *recorder) {
	char why[200];
	const char *text = recorder->options->acknowledge;
	int code = text != NULL ? regcomp(&recorder->expression, text, REG_EXTENDED | REG_NOSUB) : 0;
	recorder->has_expression = text != NULL && code == 0;
	if (code != 0) {
		regerror(code, &recorder->expression, why, sizeof why);
		return sim_recorder_refuse(recorder, text, why);
	}
	return true;
}

/* A recording may have taken hours, so it is written over only when that is asked for, and what is
 * no recording never is. */
static bool sim_recorder_may_write(struct sim_recorder *recorder) {
	char words[sizeof RECORD_FIRST_WORDS] = "";
	FILE *file = fopen(recorder->options->path, "rb");
	size_t got = file != NULL ? fread(words, 1, sizeof words - 1, file) : 0;
	if (file != NULL) {
		fclose(file);
	}
	bool is_free = file == NULL || got == 0;
	bool is_recording = strcmp(words, RECORD_FIRST_WORDS) == 0;
	return is_free || (is_recording && recorder->options->writes_over) ||
	       sim_recorder_refuse(recorder, recorder->options->path,
	                           is_recording ? "exists: expected another name behind -o, or --force to write over it"
	                                        : "exists, and is no recording: expected another name behind -o");
}

static int sim_recorder_create(struct sim_recorder *recorder, const char *path, int flags) {
	unlink(path);
	int file = open(path, O_CREAT | O_EXCL | O_CLOEXEC | flags, 0600);
	if (file < 0) {
		(void)sim_recorder_refuse(recorder, path, strerror(errno));
	}
	return file;
}

static bool sim_recorder_make_control(struct sim_recorder *recorder) {
	pthread_mutexattr_t attributes;
	int file = sim_recorder_create(recorder, recorder->control_path, O_RDWR);
	if (file < 0) {
		return false;
	}
	int reason = posix_fallocate(file, 0, sizeof(struct record_control));
	bool has_room = reason == 0;
	errno = reason;
	void *map = has_room ? mmap(NULL, sizeof(struct record_control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
	                     : MAP_FAILED;
	close(file);
	if (map == MAP_FAILED) {
		return sim_recorder_fail(recorder, recorder->control_path, strerror(errno));
	}
	recorder->control = map;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&recorder->control->mutex, &attributes);
	pthread_mutexattr_destroy(&attributes);
	recorder->control->tail = recorder->control->written = RECORD_HEADER_BYTES;
	return true;
}

static bool sim_recorder_write(struct sim_recorder *recorder, const void *bytes, size_t size, uint64_t offset) {
	ssize_t written = pwrite(recorder->file, bytes, size, (off_t)offset);
	/* A disk that is full takes a part. */
	return written == (ssize_t)size ||
	       sim_recorder_fail(recorder, recorder->options->path, strerror(written < 0 ? errno : ENOSPC));
}

/* A record of the recorder itself, before the program or after it. */
static bool sim_recorder_say(struct sim_recorder *recorder, struct record_head head, const void *content) {
	unsigned char bytes[sizeof head + 4096 + 8] = {0};
	struct record_head *whole = (void *)bytes;
	uint32_t most = (uint32_t)(sizeof bytes - sizeof head - 8);
	head.bytes = head.bytes < most ? head.bytes : most;
	head.size = (uint32_t)(sizeof head + (head.bytes + 7) / 8 * 8);
	head.order = ++recorder->control->order;
	head.process = (uint32_t)getpid();
	*whole = head;
	if (head.bytes > 0) {
		memcpy(whole + 1, content, head.bytes);
	}
	whole->checksum = record_checksum(whole);
	bool written = sim_recorder_write(recorder, bytes, head.size, recorder->control->tail);
	recorder->control->tail += written ? head.size : 0;
	recorder->control->written = recorder->control->tail;
	return written;
}

static const char sim_recorder_header[] = RECORD_FIRST_WORDS RECORD_VERSION
        "\nIt holds the data of the databases that were recorded. `aftershock explore` reads it.\n";

static bool sim_recorder_begin_file(struct sim_recorder *recorder) {
	char header[RECORD_HEADER_BYTES];
	char words[4096];
	uint32_t used = 0;
	memset(header, ' ', sizeof header);
	header[RECORD_HEADER_BYTES - 1] = '\n';
	memcpy(header, sim_recorder_header, sizeof sim_recorder_header - 1);
	for (char *const *word = recorder->options->program; *word != NULL; word++) {
		size_t length = strlen(*word) + 1;
		if (length > sizeof words - used) {
			break;
		}
		memcpy(words + used, *word, length);
		used += (uint32_t)length;
	}
	return sim_recorder_write(recorder, header, RECORD_HEADER_BYTES, 0) &&
	       sim_recorder_say(recorder, (struct record_head){.kind = RECORD_PROGRAM, .bytes = used}, words);
}

static bool sim_recorder_make_output(struct sim_recorder *recorder) {
	if (!recorder->has_expression) {
		return true;
	}
	recorder->output = sim_recorder_create(recorder, recorder->output_path, O_RDWR | O_APPEND);
	if (recorder->output < 0) {
		return false;
	}
	snprintf(recorder->control->output_path, sizeof recorder->control->output_path, "%.1000s",
	         recorder->output_path);
	recorder->control->has_output = 1;
	return true;
}

static bool sim_recorder_set_paths(struct sim_recorder *recorder) {
	char folder[PATH_MAX];
	char real[PATH_MAX];
	const char *path = recorder->options->path;
	const char *slash = strrchr(path, '/');
	size_t length = slash == NULL ? 1 : slash == path ? 1 : (size_t)(slash - path);
	snprintf(folder, sizeof folder, "%.*s", (int)length, slash == NULL ? "." : path);
	if (realpath(folder, real) == NULL) {
		return sim_recorder_refuse(recorder, folder, strerror(errno));
	}
	int used = snprintf(recorder->path, sizeof recorder->path, "%s/%s", real, slash != NULL ? slash + 1 : path);
	if (used >= (int)sizeof recorder->path) {
		return sim_recorder_refuse(recorder, path, "the path is too long");
	}
	snprintf(recorder->control_path, sizeof recorder->control_path, "%s" RECORD_CONTROL_SUFFIX, recorder->path);
	snprintf(recorder->output_path, sizeof recorder->output_path, "%s" SIM_RECORDER_OUTPUT_SUFFIX, recorder->path);
	return true;
}

static bool sim_recorder_prepare(struct sim_recorder *recorder) {
	char why[SIM_RECORDABLE_WHY_SIZE];
	if (!sim_recordable_check(recorder->options->program[0], why)) {
		recorder->is_usage = true;
		snprintf(recorder->why, SIM_RECORDER_WHY_SIZE, "%s", why);
		return false;
	}
	if (!sim_recorder_compile(recorder) || !sim_recorder_find_library(recorder) ||
	    !sim_recorder_may_write(recorder) || !sim_recorder_set_paths(recorder)) {
		return false;
	}
	recorder->file = sim_recorder_create(recorder, recorder->path, O_RDWR);
	return recorder->file >= 0 && sim_recorder_make_control(recorder) && sim_recorder_begin_file(recorder) &&
	       sim_recorder_make_output(recorder);
}

/* ---- the program ----------------------------------------------------------------------------- */

/* The whole path of a database that need not be there yet. As it is named when its folder is not
 * there, either. */
static void sim_recorder_whole_path(const char *name, char path[2 * PATH_MAX]) {
	char folder[PATH_MAX];
	char real[PATH_MAX];
	const char *slash = strrchr(name, '/');
	const char *base = slash != NULL ? slash + 1 : name;
	snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - name) + 1 : 1,
	         slash != NULL ? name : ".");
	if (realpath(name, real) != NULL) {
		snprintf(path, 2 * PATH_MAX, "%s", real);
	} else if (realpath(folder, real) != NULL) {
		snprintf(path, 2 * PATH_MAX, "%s/%s", strcmp(real, "/") != 0 ? real : "", base);
	} else {
		snprintf(path, 2 * PATH_MAX, "%s", name);
	}
}

static void sim_recorder_set_environment(const struct sim_recorder *recorder) {
	char list[SIM_RECORDER_DATABASES_MAX * (2 * PATH_MAX + 1)] = "";
	char preload[2 * PATH_MAX];
	const char *others = getenv("LD_PRELOAD");
	size_t used = 0;
	for (uint32_t i = 0; i < recorder->options->database_count; i++) {
		char path[2 * PATH_MAX];
		sim_recorder_whole_path(recorder->options->databases[i], path);
		used += (size_t)snprintf(list + used, sizeof list - used, "%s\n", path);
	}
	snprintf(preload, sizeof preload, "%s%s%s", recorder->library, others != NULL ? ":" : "",
	         others != NULL ? others : "");
	setenv("LD_PRELOAD", preload, 1);
	setenv(RECORD_ENVIRONMENT, recorder->path, 1);
	setenv(RECORD_ENVIRONMENT_DATABASES, list, 1);
}

static void sim_recorder_become(const struct sim_recorder *recorder, int failed) {
	signal(SIGXFSZ, SIG_DFL);
	if (recorder->output >= 0 && dup2(recorder->output, STDOUT_FILENO) < 0) {
		_exit(127);
	}
	sim_recorder_set_environment(recorder);
	execvp(recorder->options->program[0], recorder->options->program);
	int reason = errno;
	(void)!write(failed, &reason, sizeof reason);
	_exit(127);
}

/* What the program has printed goes where it would have gone. */
static void sim_recorder_show_output(struct sim_recorder *recorder) {
	char bytes[65536];
	ssize_t got =
	        recorder->output >= 0 ? pread(recorder->output, bytes, sizeof bytes, (off_t)recorder->output_shown) : 0;
	while (got > 0) {
		recorder->output_shown += (uint64_t)got;
		if (fwrite(bytes, 1, (size_t)got, stdout) != (size_t)got) {
			return;
		}
		got = pread(recorder->output, bytes, sizeof bytes, (off_t)recorder->output_shown);
	}
	fflush(stdout);
}

static volatile sig_atomic_t sim_recorder_signal;

static void sim_recorder_note_signal(int number) {
	sim_recorder_signal = number;
}

/* Until the program and all that it has started have ended. */
static void sim_recorder_wait(struct sim_recorder *recorder, pid_t program) {
	const struct timespec pause = {.tv_nsec = SIM_RECORDER_TAIL_NS};
	bool follows = recorder->output >= 0;
	pid_t ended = 0;
	while (ended >= 0 || errno == EINTR) {
		int status = 0;
		ended = waitpid(-1, &status, follows ? WNOHANG : 0);
		if (ended == program) {
			recorder->recorded->status = status;
		}
		if (sim_recorder_signal != 0) {
			kill(program, sim_recorder_signal);
			recorder->recorded->interrupted = true;
			sim_recorder_signal = 0;
		}
		if (ended == 0) {
			nanosleep(&pause, NULL);
		}
		sim_recorder_show_output(recorder);
	}
}

static bool sim_recorder_start(struct sim_recorder *recorder) {
	int failed[2];
	int reason = 0;
	if (pipe(failed) != 0) {
		return sim_recorder_fail(recorder, "pipe", strerror(errno));
	}
	fcntl(failed[1], F_SETFD, FD_CLOEXEC);
	fflush(stdout);
	const struct sigaction passed_on = {.sa_handler = sim_recorder_note_signal};
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid_t program = fork();
	if (program == 0) {
		close(failed[0]);
		sim_recorder_become(recorder, failed[1]);
	}
	close(failed[1]);
	/* The terminal interrupts both: the program ends, and the recording is finished. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	sigaction(SIGTERM, &passed_on, NULL);
	sigaction(SIGHUP, &passed_on, NULL);
	bool started = program > 0 && read(failed[0], &reason, sizeof reason) != sizeof reason;
	close(failed[0]);
	if (program > 0) {
		sim_recorder_wait(recorder, program);
	}
	return started || sim_recorder_refuse(recorder, recorder->options->program[0], strerror(reason));
}

/* ---- behind it ------------------------------------------------------------------------------- */

/* What was recorded last is not in the file yet. A process may have died in a call, and nobody has
 * come after it. */
static bool sim_recorder_write_staged(struct sim_recorder *recorder) {
	struct record_control *control = recorder->control;
	uint64_t staged = control->tail - control->written;
	struct record_head *head = (void *)(control->staged + staged);
	bool is_in_doubt = control->is_open != 0 &&
	                   staged < RECORD_STAGED_ROOM - RECORD_CONTENT_MAX - 2 * sizeof *head &&
	                   head->size >= sizeof *head && head->size <= sizeof *head + RECORD_CONTENT_MAX + 8;
	if (is_in_doubt) {
		head->flags |= RECORD_FLAG_IN_DOUBT;
		head->order = ++control->order;
		head->checksum = record_checksum(head);
		control->tail += head->size;
		staged += head->size;
	}
	bool written = sim_recorder_write(recorder, control->staged, staged, control->written);
	control->written = control->tail;
	return written;
}

/* The lines that it has printed, and that acknowledge. */
static bool sim_recorder_acknowledge(struct sim_recorder *recorder) {
	char *line = NULL;
	size_t room = 0;
	uint64_t end = 0;
	bool good = true;
	FILE *file = recorder->output >= 0 ? fopen(recorder->output_path, "r") : NULL;
	struct stat status;
	if (file != NULL && fstat(recorder->output, &status) == 0) {
		const struct record_head head = {.kind = RECORD_OUTPUT, .offset = (uint64_t)status.st_size};
		good = sim_recorder_say(recorder, head, NULL);
	}
	ssize_t length = file != NULL ? getline(&line, &room, file) : -1;
	while (good && length > 0) {
		end += (uint64_t)length;
		line[length - (line[length - 1] == '\n' ? 1 : 0)] = '\0';
		if (regexec(&recorder->expression, line, 0, NULL, 0) == 0) {
			const struct record_head head = {
			        .kind = RECORD_ACKNOWLEDGED, .offset = end, .bytes = (uint32_t)strnlen(line, 400)};
			good = sim_recorder_say(recorder, head, line);
			recorder->recorded->acknowledged++;
		}
		length = getline(&line, &room, file);
	}
	free(line);
	if (file != NULL) {
		fclose(file);
	}
	return good;
}

/* The databases of the recording that have a name at the end. */
struct sim_recorder_names {
	char (*paths)[RECORD_PATH_MAX + 1]; /* by number of the file; "": none */
	uint32_t room;
};

static void sim_recorder_set_name(struct sim_recorder_names *names, uint32_t number, const struct sim_record *record) {
	if (number >= names->room) {
		uint32_t room = number * 2 + 64;
		void *more =
		        number < SIM_RECORDER_FILES_MAX ? realloc(names->paths, room * sizeof names->paths[0]) : NULL;
		if (more == NULL) {
			return;
		}
		names->paths = more;
		memset(names->paths + names->room, 0, (room - names->room) * sizeof names->paths[0]);
		names->room = room;
	}
	snprintf(names->paths[number], sizeof names->paths[0], "%.*s", (int)record->bytes,
	         (const char *)record->content);
}

/* Who has had that name has it no more. */
static void sim_recorder_take_name(struct sim_recorder_names *names, const struct sim_record *record) {
	char path[RECORD_PATH_MAX + 1];
	snprintf(path, sizeof path, "%.*s", (int)record->bytes, (const char *)record->content);
	for (uint32_t i = 0; i < names->room; i++) {
		if (strcmp(names->paths[i], path) == 0) {
			names->paths[i][0] = '\0';
		}
	}
}

static void sim_recorder_note_name(struct sim_recorder_names *names, const struct sim_record *record) {
	const struct record_head *head = record->head;
	bool is_known = head->file < names->room && names->paths[head->file][0] != '\0';
	if (head->kind == RECORD_FILE && head->offset == RECORD_FILE_DATABASE) {
		sim_recorder_set_name(names, head->file, record);
	} else if (head->kind == RECORD_UNLINK && is_known) {
		names->paths[head->file][0] = '\0';
	} else if (head->kind == RECORD_RENAME && is_known) {
		sim_recorder_take_name(names, record);
		sim_recorder_set_name(names, head->file, record);
	}
}

static bool sim_recorder_say_final(struct sim_recorder *recorder, uint32_t number, const char *path) {
	char bytes[4096];
	uint64_t hash = 0;
	uint64_t size = 0;
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		return true;
	}
	size_t got = fread(bytes, 1, sizeof bytes, file);
	while (got > 0) {
		hash = sim_recording_hash(hash, bytes, got);
		size += got;
		got = fread(bytes, 1, sizeof bytes, file);
	}
	fclose(file);
	recorder->recorded->databases++;
	const struct record_head head = {.kind = RECORD_FINAL, .file = number, .offset = size, .bytes = sizeof hash};
	return sim_recorder_say(recorder, head, &hash);
}

/* Who has changed something. */
static void sim_recorder_count_thread(struct sim_recorder *recorder, uint32_t *threads,
                                      const struct record_head *head) {
	bool changes = head->kind == RECORD_WRITE || head->kind == RECORD_TRUNCATE || head->kind == RECORD_UNLINK;
	uint32_t *count = &recorder->recorded->threads;
	uint32_t i = 0;
	while (changes && i < *count && threads[i] != head->thread) {
		i++;
	}
	if (changes && i == *count && i < SIM_RECORDER_THREADS_MAX) {
		threads[(*count)++] = head->thread;
	}
}

/* What the databases came to, by which who reads the recording sees that nothing is missing. */
static bool sim_recorder_say_finals(struct sim_recorder *recorder) {
	static uint32_t threads[SIM_RECORDER_THREADS_MAX];
	struct sim_recorder_names names = {0};
	struct sim_recording recording;
	struct sim_record record;
	uint64_t position = 0;
	if (!sim_recording_open(&recording, recorder->path, recorder->why)) {
		return false;
	}
	while (sim_recording_next(&recording, &position, &record)) {
		sim_recorder_note_name(&names, &record);
		sim_recorder_count_thread(recorder, threads, record.head);
	}
	sim_recording_close(&recording);
	bool good = true;
	for (uint32_t i = 0; good && i < names.room; i++) {
		good = names.paths[i][0] == '\0' || sim_recorder_say_final(recorder, i, names.paths[i]);
	}
	free(names.paths);
	return good;
}

static bool sim_recorder_say_nested(struct sim_recorder *recorder) {
	char text[40];
	int length = snprintf(text, sizeof text, "%" PRIu32, recorder->control->nested);
	const struct record_head head = {
	        .kind = RECORD_UNSEEN, .offset = RECORD_UNSEEN_NESTED, .bytes = (uint32_t)length};
	return recorder->control->nested == 0 || sim_recorder_say(recorder, head, text);
}

static bool sim_recorder_finish(struct sim_recorder *recorder) {
	const struct record_control *control = recorder->control;
	struct sim_recorded *recorded = recorder->recorded;
	recorded->processes = control->processes;
	if (control->processes == 0) {
		return sim_recorder_refuse(
		        recorder, recorder->options->program[0],
		        "the library was not loaded by it, so nothing was recorded: is it linked statically?");
	}
	if (!sim_recorder_write_staged(recorder) || !sim_recorder_acknowledge(recorder) ||
	    !sim_recorder_say_finals(recorder) || !sim_recorder_say_nested(recorder)) {
		return false;
	}
	const struct record_head end = {.kind = RECORD_END, .offset = (uint64_t)(unsigned)recorded->status};
	bool is_whole = control->stopped == 0;
	if (is_whole && !sim_recorder_say(recorder, end, NULL)) {
		return false;
	}
	recorded->size_bytes = control->tail;
	recorded->records = control->order;
	if (ftruncate(recorder->file, (off_t)control->tail) != 0) {
		return sim_recorder_fail(recorder, recorder->path, strerror(errno));
	}
	return is_whole || sim_recorder_fail(recorder, recorder->path, strerror((int)control->stopped));
}

bool sim_recorder_run(const struct sim_recorder_options *options, struct sim_recorded *recorded, bool *is_usage,
                      char why[SIM_RECORDER_WHY_SIZE]) {
	static struct sim_recorder recorder;
	*recorded = (struct sim_recorded){0};
	recorder =
	        (struct sim_recorder){.options = options, .recorded = recorded, .why = why, .file = -1, .output = -1};
	bool good = sim_recorder_prepare(&recorder) && sim_recorder_start(&recorder) && sim_recorder_finish(&recorder);
	bool is_kept = good && recorded->databases > 0;
	bool is_partial = recorder.control != NULL && recorder.control->stopped != 0;
	if (recorder.file >= 0) {
		close(recorder.file);
		unlink(recorder.control_path);
	}
	if (recorder.output >= 0) {
		close(recorder.output);
		unlink(recorder.output_path);
	}
	if (recorder.file >= 0 && !is_kept && !is_partial) {
		unlink(recorder.path);
	}
	if (recorder.control != NULL) {
		munmap(recorder.control, sizeof *recorder.control);
	}
	if (recorder.has_expression) {
		regfree(&recorder.expression);
	}
	*is_usage = recorder.is_usage;
	return good;
}
