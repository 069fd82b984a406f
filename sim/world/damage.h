/* sim/world/damage.h: damage that is aimed at the rows of a database file. */
#ifndef AFTERSHOCK_SIM_DAMAGE_H
#define AFTERSHOCK_SIM_DAMAGE_H

#include "vfs.h"

#include <stdbool.h>
#include <stdint.h>

/* The offset of a byte of a row in a database file: `part`, in 65536ths, goes through the pages
 * that hold rows, and within each through its rows. False when there are no rows. */
bool sim_damage_aim_at_rows(const struct vfs_inode *inode, uint64_t part, uint64_t *offset);

#endif
