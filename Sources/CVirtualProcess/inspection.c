#define _GNU_SOURCE
#include "CEventLoop.h"
#include "CVirtualProcess.h"
#include "eddy_result.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

// MARK: What a thread does

/// Reads a file of /proc as a string.
static int32_t read_text(const char *path, char *text, size_t capacity) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  int64_t count = eddy_read(file, text, capacity - 1);
  close(file);
  text[count < 0 ? 0 : count] = '\0';
  return count < 0 ? (int32_t)count : 0;
}

int32_t eddy_thread_activity_of(int32_t process, int32_t thread, eddy_thread_activity *activity) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%d/task/%d/stat", process, thread);
  int32_t result = read_text(path, text, sizeof text);
  if (result < 0) return result;
  // The name before the state may have parentheses itself.
  const char *end = strrchr(text, ')');
  *activity = (eddy_thread_activity){.state = end != NULL && end[1] == ' ' ? end[2] : '?', .call = -1};
  snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", process, thread);
  if (read_text(path, text, sizeof text) == 0 && text[0] >= '0' && text[0] <= '9') activity->call = atoi(text);
  return 0;
}

int64_t eddy_processor_time(int32_t process) {
  // The clock of a process's processor time, as clock_getcpuclockid makes it.
  clockid_t clock = (clockid_t)((~(unsigned)process << 3) | 2);
  struct timespec time;
  if (clock_gettime(clock, &time) < 0) return -errno;
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/// The line of /proc/…/status that begins with `name`; null if there is none.
static const char *field(const char *text, const char *name) {
  const char *line = strstr(text, name);
  return line == NULL ? NULL : line + strlen(name);
}

int32_t eddy_inner_id(int32_t thread) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%d/status", thread);
  int32_t result = read_text(path, text, sizeof text);
  if (result < 0) return result;
  const char *ids = field(text, "\nNSpid:");
  if (ids == NULL) return thread;
  // One id per namespace, the innermost last.
  int32_t id = thread;
  for (char *end; *ids != '\0' && *ids != '\n'; ids = end) {
    long value = strtol(ids, &end, 10);
    if (end == ids) break;
    id = (int32_t)value;
  }
  return id;
}

static uint64_t signals_in(const char *text, const char *name) {
  const char *value = field(text, name);
  return value == NULL ? 0 : strtoull(value, NULL, 16);
}

int32_t eddy_signal_sets_of(int32_t process, int32_t thread, eddy_signal_sets *sets) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%d/task/%d/status", process, thread);
  int32_t result = read_text(path, text, sizeof text);
  if (result < 0) return result;
  *sets = (eddy_signal_sets){
      .pending = signals_in(text, "\nSigPnd:") | signals_in(text, "\nShdPnd:"),
      .blocked = signals_in(text, "\nSigBlk:"),
      .ignored = signals_in(text, "\nSigIgn:"),
      .caught = signals_in(text, "\nSigCgt:"),
  };
  return 0;
}

// MARK: Memory

int32_t eddy_memory_shared_place(int32_t process, uint64_t address, eddy_shared_place *place) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/maps", process);
  FILE *file = fopen(path, "re");
  if (file == NULL) return -errno;
  char *line = NULL;
  size_t capacity = 0;
  int32_t result = 0;
  while (getline(&line, &capacity, file) >= 0) {
    // start-end permissions offset major:minor inode name; the last permission is s or p.
    uint64_t start, end, offset, inode;
    unsigned major, minor;
    char permissions[5];
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64, &start, &end, permissions, &offset, &major,
               &minor, &inode) != 7) {
      continue;
    }
    if (address < start || address >= end) continue;
    if (permissions[3] == 's') {
      *place = (eddy_shared_place){makedev(major, minor), inode, offset + (address - start)};
      result = 1;
    }
    break;
  }
  free(line);
  fclose(file);
  return result;
}

// MARK: Descriptors

int32_t eddy_process_descriptor(int32_t process) {
  return (int32_t)eddy_result_of(syscall(SYS_pidfd_open, process, 0));
}

int32_t eddy_descriptor_take(int32_t process_descriptor, int32_t descriptor) {
  return (int32_t)eddy_result_of(syscall(SYS_pidfd_getfd, process_descriptor, descriptor, 0));
}

int32_t eddy_descriptor_kind_of(int32_t descriptor) {
  struct stat file;
  if (fstat(descriptor, &file) < 0) return -errno;
  if (S_ISFIFO(file.st_mode) || S_ISSOCK(file.st_mode)) return EDDY_KIND_STREAM;
  if (S_ISREG(file.st_mode) || S_ISDIR(file.st_mode) || S_ISBLK(file.st_mode)) return EDDY_KIND_FILE;
  if (S_ISCHR(file.st_mode)) {
    // The numbers of /dev/random and /dev/urandom; the terminal is a stream, and the null device never waits.
    if (major(file.st_rdev) != 1) return EDDY_KIND_STREAM;
    return minor(file.st_rdev) == 8 || minor(file.st_rdev) == 9 ? EDDY_KIND_RANDOM : EDDY_KIND_FILE;
  }
  char path[64], target[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(path, target, sizeof target - 1);
  if (length < 0) return -errno;
  target[length] = '\0';
  return strcmp(target, "anon_inode:[timerfd]") == 0 ? EDDY_KIND_TIMER : EDDY_KIND_STREAM;
}

int32_t eddy_descriptor_is_nonblocking(int32_t descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  return flags < 0 ? -errno : (flags & O_NONBLOCK) != 0;
}

int32_t eddy_poll_now(struct pollfd *descriptors, uint32_t count) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, poll(descriptors, count, 0));
  return (int32_t)result;
}

int32_t eddy_epoll_now(int32_t descriptor, void *events, int32_t count) {
  _Static_assert(sizeof(struct epoll_event) == 12, "as on x86-64");
  int64_t result;
  EDDY_UNINTERRUPTED(result, epoll_wait(descriptor, events, count, 0));
  return (int32_t)result;
}

int32_t eddy_timer_descriptor_set(int32_t descriptor, bool is_due) {
  // One nanosecond after the clock's origin has long passed.
  struct itimerspec when = {.it_value = {.tv_nsec = is_due ? 1 : 0}};
  if (timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &when, NULL) < 0) return -errno;
  if (!is_due) return 0;
  // The kernel's timer interrupt comes a moment later.
  struct pollfd timer = {.fd = descriptor, .events = POLLIN};
  int64_t result;
  EDDY_UNINTERRUPTED(result, poll(&timer, 1, 1000));
  return result < 0 ? (int32_t)result : result == 1 ? 0 : -EAGAIN;
}

int32_t eddy_pipe_enlarge(int32_t descriptor) {
  // Fails above the user's limit, whose default this is.
  (void)fcntl(descriptor, F_SETPIPE_SZ, 1 << 20);
  return (int32_t)eddy_result_of(fcntl(descriptor, F_GETPIPE_SZ));
}
