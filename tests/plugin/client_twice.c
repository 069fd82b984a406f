/* tests/plugin/client_twice.c: a wrong twin of client.c: it takes a commit whose outcome is open
 * for one that failed, and runs the transaction once more. */
#define CLIENT_TRIES_A_DOUBT_AGAIN
#include "client.c"
