// A node for the workloads echo and broadcast, with epoll and a timer descriptor: one thread.
//
// A value is sent to each peer again and again until the peer acknowledges it.
#include "message.h"

#include <err.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { MILLISECOND = 1000000, LONGEST_LINE = 1 << 20 };

static void set_timer(int timer) {
  uint16_t random;
  if (getrandom(&random, sizeof random, 0) < 0) err(1, "getrandom");
  struct itimerspec time = {.it_value.tv_nsec = (200 + random % 100) * MILLISECOND};
  if (timerfd_settime(timer, 0, &time, NULL) < 0) err(1, "timerfd_settime");
}

static void watch(int poll, int descriptor) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
  if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) < 0) err(1, "epoll_ctl");
}

// Handles the lines that have arrived. Returns false at the end of standard input.
static bool read_lines(void) {
  static char buffer[LONGEST_LINE];
  static size_t length;
  ssize_t count = read(STDIN_FILENO, buffer + length, sizeof buffer - length);
  if (count <= 0) return false;
  length += (size_t)count;
  char *line = buffer;
  for (char *end; (end = memchr(line, '\n', length - (size_t)(line - buffer))) != NULL; line = end + 1) {
    *end = '\0';
    handle(line);
  }
  length -= (size_t)(line - buffer);
  memmove(buffer, line, length);
  return true;
}

int main(void) {
  int poll = epoll_create1(EPOLL_CLOEXEC), timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  if (poll < 0 || timer < 0) err(1, "epoll_create1, timerfd_create");
  watch(poll, STDIN_FILENO);
  watch(poll, timer);
  set_timer(timer);
  while (true) {
    struct epoll_event event;
    if (epoll_wait(poll, &event, 1, -1) < 0) err(1, "epoll_wait");
    if (event.data.fd == STDIN_FILENO) {
      if (!read_lines()) return 0;
    } else {
      uint64_t expirations;
      if (read(timer, &expirations, sizeof expirations) < 0) err(1, "read");
      gossip();
      set_timer(timer);
    }
  }
}
