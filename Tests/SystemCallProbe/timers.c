#define _GNU_SOURCE
#include "probe.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

static volatile int rings, value_seen, notified;

static void ring(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  rings++;
  value_seen = info->si_value.sival_int;
}

static void notify(union sigval value) { notified += value.sival_int; }

/// Sleeps through signals.
static void sleep_through(int count) {
  struct timespec rest = milliseconds(count);
  while (nanosleep(&rest, &rest) < 0) {}
}

static void probe_descriptors(void) {
  int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  uint64_t expirations = 0;
  struct itimerspec time = {.it_interval = milliseconds(10), .it_value = milliseconds(20)}, old;
  int64_t start = now_of(CLOCK_MONOTONIC);
  SHOW("timerfd_settime", timerfd_settime(timer, 0, &time, NULL));
  SHOW("read of a timer", read(timer, &expirations, 8));
  printf("waited: %d, expired: %d\n", has_passed(start, 20), expirations >= 1);
  sleep_through(55);
  struct pollfd polled = {.fd = timer, .events = POLLIN};
  SHOW("poll of a timer", poll(&polled, 1, -1));
  SHOW("read of a timer", read(timer, &expirations, 8));
  printf("expired several times: %d\n", expirations >= 4);
  SHOW("timerfd_gettime", timerfd_gettime(timer, &old));
  printf("interval %ld\n", old.it_interval.tv_nsec);
  time = (struct itimerspec){0};
  SHOW("timerfd_settime to stop", timerfd_settime(timer, 0, &time, &old));
  printf("interval was %ld\n", old.it_interval.tv_nsec);
  SHOW("poll of a stopped timer", poll(&polled, 1, 20));
  time.it_value.tv_nsec = -1;
  SHOW("timerfd_settime to a wrong time", timerfd_settime(timer, 0, &time, NULL));
  char small[4];
  time.it_value = milliseconds(1);
  timerfd_settime(timer, 0, &time, NULL);
  sleep_through(5);
  SHOW("read of a timer into too little", read(timer, small, 4));
  SHOW("timerfd_settime of a closed one", timerfd_settime(999, 0, &time, NULL));
  close(timer);

  timer = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
  SHOW("read of a timer that is not set", read(timer, &expirations, 8));
  int64_t end = now_of(CLOCK_REALTIME) + 20000000;
  time = (struct itimerspec){.it_value = {end / 1000000000, end % 1000000000}};
  SHOW("timerfd_settime until", timerfd_settime(timer, TFD_TIMER_ABSTIME, &time, NULL));
  polled.fd = timer;
  SHOW("poll of a timer", poll(&polled, 1, -1));
  printf("waited: %d\n", now_of(CLOCK_REALTIME) >= end);
  SHOW("read of a timer", read(timer, &expirations, 8));
  printf("expired %llu\n", (unsigned long long)expirations);
  close(timer);
}

static void probe_posix(void) {
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 2, .sigev_value.sival_int = 42};
  timer_t timer;
  struct itimerspec time = {.it_interval = milliseconds(10), .it_value = milliseconds(10)}, old;
  SHOW("timer_create", timer_create(CLOCK_MONOTONIC, &event, &timer));
  rings = 0;
  SHOW("timer_settime", timer_settime(timer, 0, &time, NULL));
  sleep_through(55);
  printf("rang: %d, value %d\n", rings >= 4, value_seen);
  SHOW("timer_gettime", timer_gettime(timer, &old));
  printf("interval %ld\n", old.it_interval.tv_nsec);
  SHOW("timer_delete", timer_delete(timer));
  rings = 0;
  sleep_through(30);
  printf("rang after its end: %d\n", rings);

  event = (struct sigevent){.sigev_notify = SIGEV_THREAD, .sigev_value.sival_int = 5};
  event.sigev_notify_function = notify;
  SHOW("timer_create with a thread", timer_create(CLOCK_REALTIME, &event, &timer));
  time.it_interval = (struct timespec){0};
  SHOW("timer_settime", timer_settime(timer, 0, &time, NULL));
  sleep_through(60);
  printf("notified %d\n", notified);
  SHOW("timer_delete", timer_delete(timer));
  SHOW("timer_settime of no timer", syscall(SYS_timer_settime, 99, 0, &time, NULL));
}

void probe_timers(void) {
  struct sigaction action = {.sa_sigaction = ring, .sa_flags = SA_SIGINFO};
  sigaction(SIGALRM, &action, NULL);
  sigaction(SIGRTMIN + 2, &action, NULL);
  rings = 0;
  SHOW("alarm", alarm(1));
  SHOW("alarm again", alarm(1));
  int64_t start = now_of(CLOCK_MONOTONIC);
  SHOW("pause", pause());
  printf("waited: %d, rang %d\n", has_passed(start, 900), rings);
  SHOW("no alarm", alarm(0));
  struct itimerval time = {.it_interval = {.tv_usec = 10000}, .it_value = {.tv_usec = 10000}}, old;
  rings = 0;
  SHOW("setitimer", setitimer(ITIMER_REAL, &time, NULL));
  sleep_through(55);
  SHOW("getitimer", getitimer(ITIMER_REAL, &old));
  printf("rang: %d, interval %ld\n", rings >= 4, (long)old.it_interval.tv_usec);
  time = (struct itimerval){0};
  SHOW("setitimer to stop", setitimer(ITIMER_REAL, &time, &old));
  probe_descriptors();
  probe_posix();
}
