/* sim/second/worker.c: the program `second-sqlite LIBRARY`: a second SQLite at the other end of a
 * socket (second.h). It is linked to no SQLite, so nothing stands in the way of the library's own
 * functions. It goes on until whoever asks closes the socket. */
#include "calls.h"
#include "second.h"
#include "socket.h"

#include <sqlite3.h>
#include <stdio.h>

static bool sim_second_take(void *bytes, size_t size) {
	return sim_socket_take(SIM_SECOND_FD, bytes, size, -1) == SIM_SOCKET_DONE;
}

static bool sim_second_give(const void *bytes, size_t size) {
	return sim_socket_give(SIM_SECOND_FD, bytes, size);
}

/* One image. False when there is none any more. */
static bool sim_second_serve(void) {
	static struct sim_second_bytes image;
	static struct sim_second_bytes database;
	struct sim_second_request request;
	struct sim_second_answer answer;
	if (!sim_second_take(&request, sizeof request)) {
		return false;
	}
	bool done = sim_second_bytes_resize(&image, (size_t)request.size_bytes) &&
	            sim_second_take(image.bytes, image.size) &&
	            sim_second_look(&image, request.path, &answer, &database);
	return done && sim_second_give(&answer, sizeof answer) && sim_second_give(database.bytes, database.size);
}

int main(int count, char **words) {
	static struct sim_second_identity identity;
	if (count != 2) {
		fprintf(stderr, "second-sqlite: started by `aftershock explore --second-sqlite LIBRARY`, and by nobody "
		                "else\n");
		return 2;
	}
	if (sim_second_load(words[1], identity.why, sizeof identity.why)) {
		snprintf(identity.version, sizeof identity.version, "%s", sqlite3_libversion());
		snprintf(identity.source, sizeof identity.source, "%s", sqlite3_sourceid());
		identity.number = sqlite3_libversion_number();
	}
	bool goes_on = sim_second_give(&identity, sizeof identity) && identity.why[0] == '\0';
	while (goes_on && sim_second_serve()) {
	}
	return 0;
}
