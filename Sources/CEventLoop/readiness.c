#define _GNU_SOURCE
#include "CEventLoop.h"
#include "eddy_result.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

_Static_assert(EPOLLIN == 0x001 && EPOLLOUT == 0x004, "the header states the kernel's value");
_Static_assert(EPOLLERR == 0x008 && EPOLLHUP == 0x010, "the header states the kernel's value");
_Static_assert(SIGHUP == 1 && SIGINT == 2 && SIGKILL == 9, "the header states the kernel's value");
_Static_assert(SIGPIPE == 13 && SIGTERM == 15, "the header states the kernel's value");
_Static_assert(SIGCONT == 18 && SIGSTOP == 19, "the header states the kernel's value");

int32_t eddy_epoll_create(void) { return (int32_t)eddy_result_of(epoll_create1(EPOLL_CLOEXEC)); }

static int32_t control(int32_t epoll, int operation, int32_t fd, uint32_t interest, uint64_t token) {
  struct epoll_event event = {.events = interest, .data.u64 = token};
  return (int32_t)eddy_result_of(epoll_ctl(epoll, operation, fd, &event));
}

int32_t eddy_epoll_add(int32_t epoll, int32_t fd, uint32_t interest, uint64_t token) {
  return control(epoll, EPOLL_CTL_ADD, fd, interest, token);
}

int32_t eddy_epoll_modify(int32_t epoll, int32_t fd, uint32_t interest, uint64_t token) {
  return control(epoll, EPOLL_CTL_MOD, fd, interest, token);
}

int32_t eddy_epoll_remove(int32_t epoll, int32_t fd) {
  return control(epoll, EPOLL_CTL_DEL, fd, 0, 0);
}

int32_t eddy_epoll_wait(int32_t epoll, eddy_event *events, int32_t timeout) {
  struct epoll_event ready[EDDY_MAXIMUM_EVENTS];
  int32_t count = (int32_t)eddy_result_of(epoll_wait(epoll, ready, EDDY_MAXIMUM_EVENTS, timeout));
  if (count < 0) return count == -EINTR ? 0 : count;
  for (int32_t i = 0; i < count; i++) {
    events[i] = (eddy_event){.token = ready[i].data.u64, .readiness = ready[i].events};
  }
  return count;
}

int32_t eddy_timer_create(void) {
  return (int32_t)eddy_result_of(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
}

int32_t eddy_timer_arm(int32_t timer, int64_t deadline) {
  // Zero would disarm the timer; the first nanosecond has always passed.
  if (deadline == 0) deadline = 1;
  struct itimerspec setting = {0};
  if (deadline > 0) {
    setting.it_value.tv_sec = deadline / 1000000000;
    setting.it_value.tv_nsec = deadline % 1000000000;
  }
  return (int32_t)eddy_result_of(timerfd_settime(timer, TFD_TIMER_ABSTIME, &setting, NULL));
}

static sigset_t set_of(const int32_t *signals, size_t count) {
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
  return set;
}

int32_t eddy_signals_create(const int32_t *signals, size_t count) {
  sigset_t set = set_of(signals, count);
  int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
  if (error != 0) return -error;
  return (int32_t)eddy_result_of(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

int32_t eddy_signals_read(int32_t fd) {
  struct signalfd_siginfo info;
  int64_t result = eddy_read(fd, &info, sizeof info);
  return result < 0 ? (int32_t)result : (int32_t)info.ssi_signo;
}

int32_t eddy_signals_unblock(const int32_t *signals, size_t count) {
  sigset_t set = set_of(signals, count);
  return -pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
