/* sim/format/tree.h: whether every page of a database is what one other thing says that it is. */
#ifndef AFTERSHOCK_SIM_TREE_H
#define AFTERSHOCK_SIM_TREE_H

#include "recovered.h"

#define SIM_TREE_TEXT_SIZE 120

/* What is wrong, or "" for nothing. False when out of memory. */
bool sim_tree_check(const struct sim_recovered *recovered, char text[SIM_TREE_TEXT_SIZE]);

#endif
