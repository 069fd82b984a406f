/* sim/suggest.h: "did you mean", for whoever mistypes a word. */
#ifndef AFTERSHOCK_SIM_SUGGEST_H
#define AFTERSHOCK_SIM_SUGGEST_H

/* "did you mean WORD?" when one of the list is near enough, otherwise "expected one of: ...". The
 * list ends with NULL. Valid until the next call. */
const char *sim_suggest(const char *word, const char *const *list);

/* The word of the list that is near enough, as above; NULL: none is. */
const char *sim_suggest_near(const char *word, const char *const *list);

#endif
