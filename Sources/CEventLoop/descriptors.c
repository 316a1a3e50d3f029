#define _GNU_SOURCE
#include "CEventLoop.h"
#include "eddy_result.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

const char *eddy_error_name(int32_t code) { return strerrorname_np(code); }

const char *eddy_error_description(int32_t code) { return strerrordesc_np(code); }

const char *eddy_signal_name(int32_t signal) { return sigabbrev_np(signal); }

static int64_t nanoseconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);  // Cannot fail for the clocks every Linux has.
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t eddy_monotonic_now(void) { return nanoseconds_of(CLOCK_MONOTONIC); }

int64_t eddy_wall_clock_now(void) { return nanoseconds_of(CLOCK_REALTIME); }

int32_t eddy_entropy(uint64_t *value) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, getrandom(value, sizeof *value, 0));  // Never short below 256 bytes.
  return result < 0 ? (int32_t)result : 0;
}

int64_t eddy_read(int32_t fd, void *buffer, size_t count) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, read(fd, buffer, count));
  return result;
}

int64_t eddy_write(int32_t fd, const void *bytes, size_t count) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, write(fd, bytes, count));
  return result;
}

int32_t eddy_close(int32_t fd) {
  int32_t result = (int32_t)eddy_result_of(close(fd));
  return result == -EINTR ? 0 : result;
}

int32_t eddy_pipe(int32_t *read_end, int32_t *write_end) {
  int ends[2];
  int32_t result = (int32_t)eddy_result_of(pipe2(ends, O_CLOEXEC));
  if (result < 0) return result;
  *read_end = ends[0];
  *write_end = ends[1];
  return 0;
}

int32_t eddy_duplicate(int32_t fd) {
  return (int32_t)eddy_result_of(fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

int32_t eddy_open_null(void) {
  return (int32_t)eddy_result_of(open("/dev/null", O_RDWR | O_CLOEXEC));
}

int32_t eddy_set_nonblocking(int32_t fd, bool nonblocking) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  bool was = flags & O_NONBLOCK;
  if (was == nonblocking) return was;
  flags = nonblocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  return fcntl(fd, F_SETFL, flags) < 0 ? -errno : was;
}

int32_t eddy_ignore_sigpipe(void) {
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  return (int32_t)eddy_result_of(sigaction(SIGPIPE, &ignore, NULL));
}

void eddy_exit_process(int32_t code) { exit(code); }
