/* sim/second/socket.h: bytes over the socket between the two sides. */
#ifndef AFTERSHOCK_SIM_SECOND_SOCKET_H
#define AFTERSHOCK_SIM_SECOND_SOCKET_H

#include "must_check.h"

#include <stdbool.h>
#include <stddef.h>

enum sim_socket_result {
	SIM_SOCKET_DONE = 0,
	SIM_SOCKET_ENDED, /* the other side is gone */
	SIM_SOCKET_LATE   /* nothing came for too long */
};

/* All of the bytes. False when the other side is gone. */
bool sim_socket_give(int fd, const void *bytes, size_t size) SIM_MUST_CHECK;
/* All of the bytes. It waits so many milliseconds for some; -1: for ever. */
enum sim_socket_result sim_socket_take(int fd, void *bytes, size_t size, int limit_ms) SIM_MUST_CHECK;

#endif
