/* sim/wide.h: numbers of 128 bits, an extension that gcc and clang share. */
#ifndef AFTERSHOCK_SIM_WIDE_H
#define AFTERSHOCK_SIM_WIDE_H

__extension__ typedef __int128 sim_int128;
__extension__ typedef unsigned __int128 sim_uint128;

#endif
