/* tests/record/programs/writer.c: an ordinary program that keeps its state in SQLite. It knows
 * nothing of Aftershock.
 *
 *     writer DATABASE COMMITS [WORD...]
 *
 * Words: journal=MODE, synchronous=LEVEL, attach=DATABASE, threads=N, processes=N, says=before or
 * after (a line for each commit, before it or behind it), killed (ends by a signal, in the middle),
 * time (prints what a commit costs). */
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct writer {
	const char *path;
	const char *journal;
	const char *synchronous;
	const char *attached;
	const char *says;
	int commits;
	int threads;
	int processes;
	bool is_killed;
	bool is_timed;
};

static struct writer writer;

static void writer_run(sqlite3 *connection, const char *sql) {
	char *why = NULL;
	if (sqlite3_exec(connection, sql, NULL, NULL, &why) != SQLITE_OK) {
		fprintf(stderr, "writer: %s: %s\n", sql, why);
		exit(1);
	}
}

static sqlite3 *writer_open(void) {
	sqlite3 *connection = NULL;
	char sql[400];
	if (sqlite3_open(writer.path, &connection) != SQLITE_OK) {
		exit(1);
	}
	sqlite3_busy_timeout(connection, 20000);
	if (writer.attached != NULL) {
		snprintf(sql, sizeof sql, "ATTACH '%s' AS second", writer.attached);
		writer_run(connection, sql);
	}
	snprintf(sql, sizeof sql, "PRAGMA journal_mode=%s; PRAGMA synchronous=%s", writer.journal, writer.synchronous);
	writer_run(connection, sql);
	return connection;
}

static void writer_say(const char *when, int number) {
	if (writer.says != NULL && strcmp(writer.says, when) == 0) {
		printf("saved %d\n", number);
		fflush(stdout);
	}
}

static void *writer_commit(void *context) {
	sqlite3 *connection = writer_open();
	(void)context;
	for (int i = 0; i < writer.commits; i++) {
		writer_run(connection, "BEGIN IMMEDIATE");
		writer_run(connection, "INSERT INTO entry(text) VALUES(hex(randomblob(40)))");
		writer_run(connection, "UPDATE total SET number = number + 1");
		if (writer.attached != NULL) {
			writer_run(connection, "UPDATE second.total SET number = number + 1");
		}
		writer_say("before", i);
		if (writer.is_killed && i == writer.commits / 2) {
			raise(SIGKILL);
		}
		writer_run(connection, "COMMIT");
		writer_say("after", i);
	}
	sqlite3_close(connection);
	return NULL;
}

static void writer_set_up(void) {
	static const char schema[] = "CREATE TABLE IF NOT EXISTS entry(id INTEGER PRIMARY KEY, text TEXT);"
	                             "CREATE INDEX IF NOT EXISTS entry_text ON entry(text);"
	                             "CREATE TABLE IF NOT EXISTS total(number INTEGER);"
	                             "INSERT INTO total SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM total)";
	sqlite3 *connection = writer_open();
	writer_run(connection, "BEGIN IMMEDIATE");
	writer_run(connection, schema);
	if (writer.attached != NULL) {
		writer_run(connection, "CREATE TABLE IF NOT EXISTS second.total(number INTEGER);"
		                       "INSERT INTO second.total SELECT 0");
	}
	writer_run(connection, "COMMIT");
	sqlite3_close(connection);
}

static void writer_run_threads(void) {
	pthread_t threads[16];
	if (writer.threads == 1) {
		writer_commit(NULL);
		return;
	}
	for (int i = 0; i < writer.threads && i < 16; i++) {
		pthread_create(&threads[i], NULL, writer_commit, NULL);
	}
	for (int i = 0; i < writer.threads && i < 16; i++) {
		pthread_join(threads[i], NULL);
	}
}

static void writer_set_word(char *word) {
	char *value = strchr(word, '=');
	value = value != NULL ? value + 1 : word + strlen(word);
	writer.journal = strncmp(word, "journal=", 8) == 0 ? value : writer.journal;
	writer.synchronous = strncmp(word, "synchronous=", 12) == 0 ? value : writer.synchronous;
	writer.attached = strncmp(word, "attach=", 7) == 0 ? value : writer.attached;
	writer.says = strncmp(word, "says=", 5) == 0 ? value : writer.says;
	writer.threads = strncmp(word, "threads=", 8) == 0 ? (int)strtol(value, NULL, 10) : writer.threads;
	writer.processes = strncmp(word, "processes=", 10) == 0 ? (int)strtol(value, NULL, 10) : writer.processes;
	writer.is_killed |= strcmp(word, "killed") == 0;
	writer.is_timed |= strcmp(word, "time") == 0;
}

int main(int count, char **words) {
	struct timespec begin;
	struct timespec end;
	if (count < 3) {
		return 2;
	}
	writer = (struct writer){.path = words[1],
	                         .commits = (int)strtol(words[2], NULL, 10),
	                         .journal = "delete",
	                         .synchronous = "full",
	                         .threads = 1,
	                         .processes = 1};
	for (int i = 3; i < count; i++) {
		writer_set_word(words[i]);
	}
	writer_set_up();
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 1; i < writer.processes; i++) {
		if (fork() == 0) {
			writer_run_threads();
			_exit(0);
		}
	}
	writer_run_threads();
	while (wait(NULL) > 0) {
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	double seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
	if (writer.is_timed) {
		printf("%.2f us a commit\n", seconds * 1e6 / writer.commits);
	}
	return 0;
}
