/* tests/plugin/client_early.c: a wrong twin of client.c: it acknowledges a transaction, and commits
 * it at its next step. */
#define CLIENT_ACKNOWLEDGES_EARLY
#include "client.c"
