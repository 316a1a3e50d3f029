/// The system calls under the event loop: epoll, timerfd, signalfd, clocks, and the bytes of descriptors.
///
/// This module and CEddyProcess alone name system calls, and both keep these conventions. Every function
/// that can fail returns a value of at least 0, or an error number negated. `errno` is read in C only:
/// between a call and the reading Swift may place other calls, which overwrite it. A call that a signal
/// interrupts is made again, so no caller sees EINTR. Every descriptor made here is closed on exec.
/// Mechanism only: what to do about a failure is the caller's to decide.
#ifndef CEVENTLOOP_H
#define CEVENTLOOP_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang assume_nonnull begin

// MARK: Errors

/// The error numbers that Eddy tells apart.
static const int32_t EDDY_EPERM = EPERM;
static const int32_t EDDY_ENOENT = ENOENT;
static const int32_t EDDY_ENOEXEC = ENOEXEC;
static const int32_t EDDY_EBADF = EBADF;
static const int32_t EDDY_EAGAIN = EAGAIN;
static const int32_t EDDY_EACCES = EACCES;
static const int32_t EDDY_EEXIST = EEXIST;
static const int32_t EDDY_ENOSPC = ENOSPC;
static const int32_t EDDY_EPIPE = EPIPE;

/// The error's name and description, such as "EPIPE" and "Broken pipe"; static strings,
/// null for a number that is no error.
const char *_Nullable eddy_error_name(int32_t code);
const char *_Nullable eddy_error_description(int32_t code);

// MARK: Clocks and entropy

/// Nanoseconds of CLOCK_MONOTONIC, the clock of `eddy_timer_arm`.
int64_t eddy_monotonic_now(void);

/// Nanoseconds since 1970-01-01T00:00:00Z.
int64_t eddy_wall_clock_now(void);

/// Fills `value` from the kernel's entropy pool; waits until that is initialized, early in the boot.
int32_t eddy_entropy(uint64_t *value);

// MARK: Descriptors

/// Reads or writes at most `count` bytes. Returns the number moved; a read returns 0 at the end of input.
int64_t eddy_read(int32_t fd, void *buffer, size_t count);
int64_t eddy_write(int32_t fd, const void *bytes, size_t count);

/// Closes. Never retried: Linux frees the number even when it reports EINTR.
int32_t eddy_close(int32_t fd);

/// A pipe's two ends, reading and writing, both blocking.
int32_t eddy_pipe(int32_t *read_end, int32_t *write_end);

/// A second descriptor, above the standard three, of the same open file.
int32_t eddy_duplicate(int32_t fd);

/// Opens the null device for reading and writing.
int32_t eddy_open_null(void);

/// Sets or clears O_NONBLOCK, a property of the open file that every process sharing it sees. Returns 1
/// if it was set before, else 0.
int32_t eddy_set_nonblocking(int32_t fd, bool nonblocking);

/// Ignores SIGPIPE in this process: a write to a closed pipe fails with EPIPE instead.
int32_t eddy_ignore_sigpipe(void);

/// The first `byte` among `count`, null when there is none.
static inline const void *_Nullable eddy_find(const void *bytes, uint8_t byte, size_t count) {
  return memchr(bytes, byte, count);
}

// MARK: Readiness

/// Bits of `eddy_event.readiness` and of the interest in it. Hang-ups and errors are reported even to
/// no interest.
static const uint32_t EDDY_READABLE = 0x001;
static const uint32_t EDDY_WRITABLE = 0x004;
static const uint32_t EDDY_ERROR = 0x008;
static const uint32_t EDDY_HANG_UP = 0x010;

/// One ready descriptor, by the token it was registered with.
typedef struct {
  uint64_t token;
  uint32_t readiness;
} eddy_event;

/// The most events that one `eddy_epoll_wait` reports.
enum { EDDY_MAXIMUM_EVENTS = 256 };

/// A level-triggered epoll instance.
int32_t eddy_epoll_create(void);

/// Registers `fd`. EPERM: a file that is always ready, and that epoll therefore refuses.
int32_t eddy_epoll_add(int32_t epoll, int32_t fd, uint32_t interest, uint64_t token);
int32_t eddy_epoll_modify(int32_t epoll, int32_t fd, uint32_t interest, uint64_t token);
int32_t eddy_epoll_remove(int32_t epoll, int32_t fd);

/// Waits until a descriptor is ready or `timeout` milliseconds have passed (-1: no limit; 0: does not
/// wait). Fills `events`, which has room for EDDY_MAXIMUM_EVENTS, and returns how many. A signal ends
/// the wait with 0 events: made again, the call would wait its whole timeout again.
int32_t eddy_epoll_wait(int32_t epoll, eddy_event *events, int32_t timeout);

// MARK: Timers

/// A non-blocking timer on CLOCK_MONOTONIC, disarmed.
int32_t eddy_timer_create(void);

/// Arms the timer: it becomes readable at `deadline`, in nanoseconds of CLOCK_MONOTONIC, at once if that
/// has passed. A negative deadline disarms it. Both end its readability for the deadline before, so that
/// nobody needs to read it.
int32_t eddy_timer_arm(int32_t timer, int64_t deadline);

// MARK: Signals

static const int32_t EDDY_SIGHUP = 1;
static const int32_t EDDY_SIGINT = 2;
static const int32_t EDDY_SIGKILL = 9;
static const int32_t EDDY_SIGPIPE = 13;
static const int32_t EDDY_SIGTERM = 15;
static const int32_t EDDY_SIGCONT = 18;
static const int32_t EDDY_SIGSTOP = 19;

/// The signal's name without SIG, such as "SEGV"; null for an unknown number.
const char *_Nullable eddy_signal_name(int32_t signal);

/// Blocks the signals in this thread and makes a non-blocking descriptor from which they
/// are read instead.
int32_t eddy_signals_create(const int32_t *signals, size_t count);

/// The number of the next pending signal; EAGAIN when there is none.
int32_t eddy_signals_read(int32_t fd);

/// Gives the signals back their dispositions.
int32_t eddy_signals_unblock(const int32_t *signals, size_t count);

// MARK: This process

/// Ends this process.
_Noreturn void eddy_exit_process(int32_t code);

#pragma clang assume_nonnull end
#endif
