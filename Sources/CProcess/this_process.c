#define _GNU_SOURCE
#include "CProcess.h"
#include "eddy_result.h"

#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

int32_t eddy_process_id(void) { return getpid(); }

char *const *eddy_environment(void) { return environ; }

int32_t eddy_processor_count(void) {
  cpu_set_t processors;
  return sched_getaffinity(0, sizeof processors, &processors) < 0 ? 1 : CPU_COUNT(&processors);
}

int32_t eddy_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
  limit.rlim_cur = limit.rlim_max;
  return (int32_t)eddy_result_of(setrlimit(RLIMIT_NOFILE, &limit));
}

int32_t eddy_terminal_width(int32_t fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) < 0 ? -errno : size.ws_col;
}
