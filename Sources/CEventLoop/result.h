/// How a system call's outcome becomes a result of this module.
#ifndef RESULT_H
#define RESULT_H

#include <errno.h>
#include <stdint.h>

/// What a call returned, or its error number negated.
static inline int64_t result_of(int64_t returned) { return returned < 0 ? -errno : returned; }

/// Makes `call` until no signal interrupts it; leaves its result in `result`.
#define UNINTERRUPTED(result, call)   \
  do {                                \
    (result) = result_of(call);       \
  } while ((result) == -EINTR)

#endif
