/// A program that makes the system calls of time, waiting, threads, signals and children in every way, and prints what
/// they return. It prints the same with the real kernel and in virtual time: a test compares the two.
///
/// Times are printed as whether they are long enough, since the real kernel may take longer.
#ifndef PROBE_H
#define PROBE_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/// Prints a result by the name of what was asked; an error as its name.
#define SHOW(name, call)                                                              \
  do {                                                                                \
    errno = 0;                                                                        \
    long long shown_ = (long long)(call);                                             \
    if (shown_ == -1 && errno != 0) printf("%s: %s\n", name, strerrorname_np(errno)); \
    else printf("%s: %lld\n", name, shown_);                                          \
    fflush(stdout);                                                                   \
  } while (0)

static inline int64_t now_of(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/// Whether at least so many milliseconds have passed since `start`, and not ten seconds more.
static inline bool has_passed(int64_t start, int milliseconds) {
  int64_t passed = now_of(CLOCK_MONOTONIC) - start;
  return passed >= milliseconds * 1000000LL && passed < (milliseconds + 10000) * 1000000LL;
}

static inline struct timespec milliseconds(int count) {
  return (struct timespec){count / 1000, count % 1000 * 1000000L};
}

void probe_clocks(void);
void probe_waiting(void);
void probe_threads(void);
void probe_timers(void);
void probe_signals(void);
void probe_children(void);
void probe_machine(void);

#endif
