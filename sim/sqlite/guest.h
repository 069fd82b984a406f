/* sim/sqlite/guest.h: a second SQLite in this process, in which a program under test opens its
 * databases: that of a Python which has SQLite inside. It is reached through the functions that it
 * gives to a loadable extension (https://sqlite.org/loadext.html).
 *
 * It gets the file systems that are registered here, under the same names, and chance as SQLite has
 * it here. What it allocates is its own: no allocation of it fails.
 */
#ifndef AFTERSHOCK_SIM_GUEST_H
#define AFTERSHOCK_SIM_GUEST_H

#define SIM_GUEST_WHY_SIZE 160

/* Gives the guest all file systems that it does not have, and takes away those that are gone here.
 * `routines` is what an extension is given. Call it before each connection that is opened. False
 * with one line in `why`: it is this SQLite itself, another guest than before, or it was built
 * without what is needed. */
_Bool sim_guest_join(const void *routines, char why[SIM_GUEST_WHY_SIZE]);

/* For generator.c; without a guest nothing happens but that a later one begins with the seed. */
void sim_guest_seed(int seed);
void sim_guest_keep_generator(void);
void sim_guest_put_generator_back(int seed);

#endif
