// examples/document_store.cpp: documents and the words in them, on SQLite: a program in C++.
//
//   c++ -O2 -fPIC -shared -Isim/subject examples/document_store.cpp -o document_store.so -lsqlite3
//   aftershock run program --subject ./document_store.so
#include "subject.h"

#include <sqlite3.h>

#include <cstdio>
#include <memory>
#include <sstream>
#include <string>

namespace {

struct failure {
	int code;
	bool in_doubt;
};

struct closer {
	void operator()(sqlite3 *db) const { sqlite3_close(db); }
};

void run(sqlite3 *db, const std::string &sql, bool commits = false) {
	int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
	if (code != SQLITE_OK) {
		throw failure{code, commits};
	}
}

template <typename Take> void each(sqlite3 *db, const std::string &sql, Take take) {
	auto row = [](void *context, int, char **values, char **) {
		(*static_cast<Take *>(context))(values[0]);
		return 0;
	};
	int code = sqlite3_exec(db, sql.c_str(), row, &take, nullptr);
	if (code != SQLITE_OK) {
		throw failure{code, false};
	}
}

void save(sqlite3 *db, const std::string &id, const std::string &text) {
	std::istringstream words(text);
	run(db, "BEGIN IMMEDIATE");
	run(db, "INSERT INTO document VALUES(" + id + ",'" + text + "',1) ON CONFLICT(id) DO UPDATE "
	        "SET text = excluded.text, changes = changes + 1; DELETE FROM word WHERE document = " + id);
	for (std::string word; words >> word;) {
		run(db, "INSERT OR IGNORE INTO word VALUES(" + id + ",'" + word + "')");
	}
	run(db, "COMMIT", true);
}

subject_start_status start(const subject_config *config, void **instance, char *reason) {
	sqlite3 *opened = nullptr;
	int code = sqlite3_open_v2(config->path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, config->vfs_name);
	std::unique_ptr<sqlite3, closer> db(opened);
	*instance = nullptr;
	try {
		run(db.get(), std::string("PRAGMA journal_mode=") + config->journal_mode + ";PRAGMA synchronous=" +
		              config->synchronous + ";BEGIN IMMEDIATE"
		              ";CREATE TABLE IF NOT EXISTS document(id INTEGER PRIMARY KEY, text TEXT, changes INTEGER)"
		              ";CREATE TABLE IF NOT EXISTS word(document INTEGER, word TEXT, PRIMARY KEY(document, word));COMMIT");
		*instance = db.release();
		return SUBJECT_STARTED;
	} catch (const failure &failed) {
		code = code != SQLITE_OK ? code : failed.code;
		std::snprintf(reason, SUBJECT_REASON_SIZE, "%s", sqlite3_errstr(code));
		return (code & 0xff) == SQLITE_CORRUPT ? SUBJECT_START_DAMAGED : SUBJECT_START_LATER;
	}
}

void step(void *instance, const subject_step *step, subject_reply *reply) {
	sqlite3 *db = static_cast<sqlite3 *>(instance);
	std::istringstream words(step->operation); // save ID WORDS, or find WORD
	std::string verb, first, rest;
	words >> verb >> first;
	std::getline(words, rest);
	try {
		if (verb == "save") {
			save(db, first, rest);
		} else {
			each(db, "SELECT ifnull(group_concat(document), '') FROM word WHERE word = '" + first + "'",
			     [&](const char *found) { std::snprintf(step->answer, SUBJECT_OPERATION_SIZE, "%s", found); });
		}
		reply->outcome = SUBJECT_ACKNOWLEDGED;
	} catch (const failure &failed) {
		reply->outcome = failed.in_doubt ? SUBJECT_IN_DOUBT : SUBJECT_LATER;
		reply->must_restart = true; // a new connection knows best what is stored
		reply->sqlite_code = failed.code;
	}
}

void observe(void *instance, const subject_sink *sink) {
	try {
		each(static_cast<sqlite3 *>(instance), "SELECT id || ' ' || changes || text FROM document UNION ALL "
		     "SELECT document || ':' || word FROM word ORDER BY 1", [&](const char *text) { sink->line(sink->context, text); });
	} catch (const failure &failed) {
		sink->unavailable(sink->context, failed.code, sqlite3_errstr(failed.code));
	}
}

void stop(void *instance) { sqlite3_close(static_cast<sqlite3 *>(instance)); }

} // namespace

const struct aftershock_subject *aftershock_subject() {
	static const subject_operation operations[] = {
	    {"save {1-9} {red|green|blue} {letters 1-3} {old|new|}", 4}, {"find {red|green|blue|old|new}", 1}, {nullptr, 0}};
	static const struct aftershock_subject subject = {SUBJECT_INTERFACE_VERSION, "document_store", start, step, observe,
	                                                  stop, SUBJECT_TAKES_OPERATIONS, operations, nullptr};
	return &subject;
}
