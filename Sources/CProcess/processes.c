#define _GNU_SOURCE
#include "CEventLoop.h"
#include "CProcess.h"
#include "eddy_result.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

/// waitid's P_PIDFD, which C libraries name only since glibc 2.36.
enum { WAIT_FOR_PIDFD = 3 };

/// The exit code of a child that could not execute the program.
enum { COULD_NOT_EXECUTE = 127 };

/// Moves the three descriptors to 0, 1 and 2, whatever their numbers are: each is first copied to a
/// number above those. Returns -1 with errno set when that fails.
static int assign_standard_streams(const eddy_command *command) {
  int from[] = {command->standard_input, command->standard_output, command->standard_error};
  for (int i = 0; i < 3; i++) {
    from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (from[i] < 0) return -1;
  }
  for (int i = 0; i < 3; i++) {
    if (dup2(from[i], i) < 0) return -1;
  }
  return 0;
}

/// Unblocks every signal and gives it its default disposition. By system call, since sigaction refuses
/// the two signals that the C library keeps for itself, which a parent may have left ignored.
static void reset_signals(void) {
  // The kernel's struct sigaction and an empty mask, all of whose zeros mean the default.
  static const unsigned long standard[8] = {0};
  const size_t mask_size = 8;
  // Fails for SIGKILL and SIGSTOP, which nobody can have changed.
  for (int signal = 1; signal < NSIG; signal++) {
    syscall(SYS_rt_sigaction, signal, standard, NULL, mask_size);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/// The child from fork to exec: only calls that are safe after forking a process that may
/// have threads. Returns only when it fails, with errno set.
static void execute(const eddy_command *command, pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return;
  // The parent may have died before that call.
  if (getppid() != parent) _exit(COULD_NOT_EXECUTE);
  if (setpgid(0, 0) < 0) return;
  reset_signals();
  if (assign_standard_streams(command) < 0) return;
  // Marked rather than closed: the failure pipe must stay open until exec succeeds.
  // A system call, as the C library wraps close_range only since glibc 2.34, pidfd_open since 2.36.
  if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0) return;
  if (command->working_directory != NULL && chdir(command->working_directory) < 0) return;
  execv(command->path, (char *const *)command->arguments);
}

/// Forks with every signal blocked, so that no handler of the parent's runs in the child.
static pid_t fork_undisturbed(void) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  pid_t pid = fork();
  int error = errno;
  if (pid != 0) pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return pid;
}

static void reap(pid_t pid) {
  int64_t result;
  EDDY_UNINTERRUPTED(result, waitpid(pid, NULL, 0));
}

int32_t eddy_spawn(const eddy_command *command, eddy_process *process) {
  int32_t read_end, write_end;
  int32_t result = eddy_pipe(&read_end, &write_end);
  if (result < 0) return result;

  signal(SIGCHLD, SIG_DFL);
  pid_t parent = getpid();
  pid_t pid = fork_undisturbed();
  if (pid == 0) {
    // Among the standard three it would be overwritten.
    int failure = fcntl(write_end, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (failure >= 0) execute(command, parent);
    int32_t error = errno;
    eddy_write(failure, &error, sizeof error);
    _exit(COULD_NOT_EXECUTE);
  }
  result = (int32_t)eddy_result_of(pid);
  eddy_close(write_end);
  if (pid > 0) {
    // Exec closes the pipe: its input ends without a byte when the child has become the program.
    int32_t error = 0;
    if (eddy_read(read_end, &error, sizeof error) > 0) {
      result = -error;
    } else {
      // The child is not reaped yet, so its number names no other process.
      result = (int32_t)eddy_result_of(syscall(SYS_pidfd_open, pid, 0));
      if (result < 0) kill(-pid, SIGKILL);
    }
    if (result < 0) reap(pid);
  }
  eddy_close(read_end);
  if (result < 0) return result;
  *process = (eddy_process){.pid = pid, .pidfd = result};
  return 0;
}

int32_t eddy_process_wait(const eddy_process *process, int32_t timeout, eddy_exit *outcome) {
  struct pollfd ended = {.fd = process->pidfd, .events = POLLIN};
  if (timeout != 0) (void)poll(&ended, 1, timeout);
  siginfo_t info = {0};
  int64_t result;
  EDDY_UNINTERRUPTED(result, waitid(WAIT_FOR_PIDFD, (id_t)process->pidfd, &info, WEXITED | WNOWAIT | WNOHANG));
  if (result < 0) return (int32_t)result;
  if (info.si_pid == 0) {
    // Ended, but still attached to a debugger. Waits a millisecond, or the caller would spin.
    if (ended.revents != 0) (void)poll(NULL, 0, 1);
    return 0;
  }
  kill(-process->pid, SIGKILL);
  reap(process->pid);
  *outcome = (eddy_exit){.signalled = info.si_code != CLD_EXITED, .status = info.si_status};
  return 1;
}

int32_t eddy_process_signal(const eddy_process *process, int32_t signal) {
  return (int32_t)eddy_result_of(syscall(SYS_pidfd_send_signal, process->pidfd, signal, NULL, 0));
}

int32_t eddy_process_group_signal(const eddy_process *process, int32_t signal) {
  return (int32_t)eddy_result_of(kill(-process->pid, signal));
}

/// How many groups a watchdog knows at a time: twice the kernel's default limit of process ids.
enum { MAXIMUM_GROUPS = 1 << 16 };

/// What a watchdog does. It allocates nothing: the process it was forked from may have threads.
static void watch_groups(int32_t requests) {
  static int32_t groups[MAXIMUM_GROUPS];
  size_t count = 0;
  int32_t group;
  // Written whole, so read whole. Input ends when the last process that can write has ended.
  while (eddy_read(requests, &group, sizeof group) == sizeof group) {
    if (group > 0 && count < MAXIMUM_GROUPS) groups[count++] = group;
    for (size_t i = 0; group < 0 && i < count; i++) {
      if (groups[i] == -group) groups[i] = groups[--count];
    }
  }
  for (size_t i = 0; i < count; i++) kill(-groups[i], SIGKILL);
}

int32_t eddy_watchdog_start(void) {
  int32_t read_end, write_end;
  int32_t result = eddy_pipe(&read_end, &write_end);
  if (result < 0) return result;
  pid_t pid = fork_undisturbed();
  if (pid == 0) {
    // Out of reach of signals to the parent's process group.
    setsid();
    dup2(read_end, STDIN_FILENO);
    // Its own end for writing, which would keep the pipe open, and pipes whose end of input others await.
    syscall(SYS_close_range, STDIN_FILENO + 1, ~0U, 0);
    watch_groups(STDIN_FILENO);
    _exit(0);
  }
  result = (int32_t)eddy_result_of(pid);
  eddy_close(read_end);
  if (result >= 0) return write_end;
  eddy_close(write_end);
  return result;
}
