/* sim/must_check.h: a result that must be looked at. clang warns of a caller that drops it, unless
 * the caller says so with a cast to void. gcc would warn of the cast, too, so it is not told. */
#ifndef AFTERSHOCK_SIM_MUST_CHECK_H
#define AFTERSHOCK_SIM_MUST_CHECK_H

#ifdef __clang__
#define SIM_MUST_CHECK __attribute__((warn_unused_result))
#else
#define SIM_MUST_CHECK
#endif

#endif
