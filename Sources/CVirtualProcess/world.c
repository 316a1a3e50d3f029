#define _GNU_SOURCE
#include "CEventLoop.h"
#include "CVirtualProcess.h"
#include "eddy_result.h"
#include "tracing.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// MARK: The processor

int32_t eddy_current_processor(void) { return (int32_t)eddy_result_of(sched_getcpu()); }

int32_t eddy_use_processor(int32_t processor) {
  static cpu_set_t allowed;
  static bool is_known;
  if (!is_known) {
    if (sched_getaffinity(0, sizeof allowed, &allowed) < 0) return -errno;
    is_known = true;
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  if (processor >= 0) CPU_SET(processor, &one);
  return (int32_t)eddy_result_of(sched_setaffinity(0, sizeof one, processor < 0 ? &allowed : &one));
}

// MARK: The tick

static void ignore(int signal) { (void)signal; }

int32_t eddy_tick(int32_t milliseconds) {
  static timer_t timer;
  static bool is_made;
  if (is_made) timer_delete(timer);
  is_made = false;
  // Without SA_RESTART: a wait ends with EINTR. A signal that is under way when the tick ends must not end this process.
  struct sigaction action = {.sa_handler = milliseconds > 0 ? ignore : SIG_IGN};
  if (sigaction(SIGALRM, &action, NULL) < 0) return -errno;
  if (milliseconds == 0) return 0;
  // For the thread that traces, which may be one that blocks signals: a signal to another one would not end its wait.
  sigset_t tick;
  sigemptyset(&tick);
  sigaddset(&tick, SIGALRM);
  pthread_sigmask(SIG_UNBLOCK, &tick, NULL);
  struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
  event._sigev_un._tid = gettid();
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0) return -errno;
  is_made = true;
  struct timespec interval = {.tv_nsec = milliseconds * 1000000L};
  struct itimerspec time = {.it_interval = interval, .it_value = interval};
  return (int32_t)eddy_result_of(timer_settime(timer, 0, &time, NULL));
}

// MARK: The namespace

static int own_namespace = -1;
static bool is_open;

bool eddy_world_is_open(void) { return is_open; }

static bool write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  bool is_written = write(file, text, strlen(text)) == (ssize_t)strlen(text);
  close(file);
  return is_written;
}

/// Enters a user namespace in which this user has the rights that a new process id namespace takes.
static int enter_user_namespace(void) {
  char users[64], groups[64];
  snprintf(users, sizeof users, "%u %u 1", getuid(), getuid());
  snprintf(groups, sizeof groups, "%u %u 1", getgid(), getgid());
  if (unshare(CLONE_NEWUSER) < 0) return -1;
  bool is_mapped = write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/uid_map", users) &&
                   write_file("/proc/self/gid_map", groups);
  return is_mapped ? 0 : -1;
}

/// What the first process of a namespace does: it lives, and the kernel reaps its orphans.
static void live(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setsid();
  signal(SIGCHLD, SIG_IGN);
  // Keeps no pipe open whose end of input others await.
  syscall(SYS_close_range, 0, ~0U, 0);
  while (true) pause();
}

int32_t eddy_world_begin(void) {
  if (own_namespace < 0) {
    own_namespace = (int32_t)eddy_result_of(open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC));
    if (own_namespace < 0) return own_namespace;
  }
  if (unshare(CLONE_NEWPID) < 0) {
    if (errno != EPERM) return -errno;
    if (enter_user_namespace() < 0 || unshare(CLONE_NEWPID) < 0) return -errno;
  }
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  pid_t first = fork();
  int32_t result = (int32_t)eddy_result_of(first);
  if (first == 0) {
    sigprocmask(SIG_SETMASK, &before, NULL);
    live();
  }
  sigprocmask(SIG_SETMASK, &before, NULL);
  is_open = result > 0;
  return result;
}

int32_t eddy_world_end(int32_t first_process) {
  is_open = false;
  kill(first_process, SIGKILL);
  int64_t result;
  EDDY_UNINTERRUPTED(result, waitpid(first_process, NULL, 0));
  if (setns(own_namespace, CLONE_NEWPID) < 0) return -errno;
  return result < 0 ? (int32_t)result : 0;
}
