/// How the outcome of a system call becomes a result: a value of at least 0, or an error number negated.
///
/// For the C sources of this package. Swift never sees `errno`.
#ifndef EDDY_RESULT_H
#define EDDY_RESULT_H

#include <errno.h>
#include <stdint.h>

/// What a call returned, or its error number negated.
static inline int64_t eddy_result_of(int64_t returned) { return returned < 0 ? -errno : returned; }

/// Makes `call` until no signal interrupts it; leaves its result in `result`.
#define EDDY_UNINTERRUPTED(result, call)   \
  do {                                     \
    (result) = eddy_result_of(call);       \
  } while ((result) == -EINTR)

#endif
