/* sim/second/socket.c: see socket.h. */
#include "socket.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

bool sim_socket_give(int fd, const void *bytes, size_t size) {
	const char *from = bytes;
	while (size > 0) {
		ssize_t sent = send(fd, from, size, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR) {
			continue;
		}
		if (sent <= 0) {
			return false;
		}
		from += sent;
		size -= (size_t)sent;
	}
	return true;
}

enum sim_socket_result sim_socket_take(int fd, void *bytes, size_t size, int limit_ms) {
	char *to = bytes;
	while (size > 0) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		int polled = poll(&wait, 1, limit_ms);
		if (polled == 0) {
			return SIM_SOCKET_LATE;
		}
		ssize_t got = polled > 0 ? recv(fd, to, size, 0) : -1;
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			return SIM_SOCKET_ENDED;
		}
		to += got;
		size -= (size_t)got;
	}
	return SIM_SOCKET_DONE;
}
