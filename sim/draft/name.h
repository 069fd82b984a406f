/* sim/draft/name.h: names as scenarios have them, of names as people have them. */
#ifndef AFTERSHOCK_SIM_DRAFT_NAME_H
#define AFTERSHOCK_SIM_DRAFT_NAME_H

#include <stddef.h>

/* Of the text up to any of `ends` lower-case letters and digits, with one dash in place of all that
 * is between them: "My Shop.db" is "my-shop". Perhaps "". */
void sim_draft_word(const char *text, const char *ends, char *word, size_t size);

#endif
