#define _GNU_SOURCE
#include "probe.h"

#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <x86intrin.h>

void probe_clocks(void) {
  static const struct {
    const char *name;
    clockid_t clock;
  } clocks[] = {
      {"realtime", CLOCK_REALTIME},         {"monotonic", CLOCK_MONOTONIC},
      {"raw", CLOCK_MONOTONIC_RAW},         {"realtime coarse", CLOCK_REALTIME_COARSE},
      {"monotonic coarse", CLOCK_MONOTONIC_COARSE}, {"boottime", CLOCK_BOOTTIME},
      {"process", CLOCK_PROCESS_CPUTIME_ID}, {"thread", CLOCK_THREAD_CPUTIME_ID},
  };
  char name[64];
  for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
    struct timespec first, second;
    snprintf(name, sizeof name, "clock %s", clocks[i].name);
    SHOW(name, clock_gettime(clocks[i].clock, &first));
    // By the call itself, too, which static programs make.
    SHOW(name, syscall(SYS_clock_gettime, clocks[i].clock, &second));
    bool goes_on = second.tv_sec > first.tv_sec || (second.tv_sec == first.tv_sec && second.tv_nsec >= first.tv_nsec);
    printf("%s goes on: %d\n", name, goes_on);
    struct timespec resolution;
    SHOW(name, clock_getres(clocks[i].clock, &resolution));
  }
  struct timespec time_spec;
  SHOW("unknown clock", clock_gettime(99, &time_spec) == -1 ? 1 : 0);

  struct timeval value;
  SHOW("gettimeofday", gettimeofday(&value, NULL));
  time_t seconds = time(NULL);
  printf("they agree: %d\n", seconds - value.tv_sec <= 1 && now_of(CLOCK_REALTIME) / 1000000000 - seconds <= 1);
  time_t stored = 0;
  printf("time stores: %d\n", syscall(SYS_time, &stored) == stored);

  struct timespec short_time = milliseconds(20), rest = {7, 7};
  int64_t start = now_of(CLOCK_MONOTONIC);
  SHOW("nanosleep", nanosleep(&short_time, &rest));
  printf("slept: %d\n", has_passed(start, 20));
  struct timespec wrong = {0, 1000000000};
  SHOW("nanosleep of a wrong time", nanosleep(&wrong, NULL));
  wrong = (struct timespec){-1, 0};
  SHOW("nanosleep of a negative time", nanosleep(&wrong, NULL));
  SHOW("nanosleep without a time", syscall(SYS_nanosleep, NULL, NULL));

  static const clockid_t sleeping[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME};
  for (int i = 0; i < 3; i++) {
    start = now_of(CLOCK_MONOTONIC);
    SHOW("clock_nanosleep", clock_nanosleep(sleeping[i], 0, &short_time, NULL));
    printf("slept: %d\n", has_passed(start, 20));
    int64_t end = now_of(sleeping[i]) + 20000000;
    struct timespec absolute = {end / 1000000000, end % 1000000000};
    SHOW("clock_nanosleep until", clock_nanosleep(sleeping[i], TIMER_ABSTIME, &absolute, NULL));
    printf("slept: %d\n", now_of(sleeping[i]) >= end);
    SHOW("clock_nanosleep until the past", clock_nanosleep(sleeping[i], TIMER_ABSTIME, &absolute, NULL));
  }

  // A loop that waits for a time by reading the clock alone.
  start = now_of(CLOCK_MONOTONIC);
  while (!has_passed(start, 5)) {}
  printf("a loop ends\n");
  uint64_t counter = __rdtsc();
  unsigned processor;
  nanosleep(&short_time, NULL);
  printf("the counter counts: %d\n", __rdtscp(&processor) > counter);
}
