#define _GNU_SOURCE
#include "CEventLoop.h"
#include "CVirtualProcess.h"
#include "eddy_result.h"
#include "tracing.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

/// The steps of a start that an error is told apart by.
typedef enum : int32_t { STEP_EXEC, STEP_PTRACE, STEP_SECCOMP, STEP_PRCTL, STEP_DESCRIPTORS, STEP_MEMORY } step;

/// What a child that could not execute the program reports.
typedef struct {
  step step;
  int32_t error;
} failure;

static step failed_step;

const char *eddy_trace_failed_step(void) {
  static const char *const names[] = {"exec", "ptrace", "seccomp", "prctl", "pidfd_getfd", "process_vm_readv"};
  return names[failed_step];
}

// MARK: The filter

/// The largest number of traced calls: jumps of a filter are a byte long.
enum { MAXIMUM_CALLS = 200 };

/// Installs a filter that stops at the given calls and lets all others run. 32-bit calls, which have other numbers,
/// fail.
static int install_filter(const eddy_traced_command *command) {
  struct sock_filter filter[MAXIMUM_CALLS + 8];
  int count = command->call_count;
  if (count > MAXIMUM_CALLS) return errno = E2BIG, -1;
  int n = 0;
  filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
  filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
  filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
  filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (int i = 0; i < count; i++) {
    filter[n++] = (struct sock_filter)BPF_JUMP(
        BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)command->calls[i], (uint8_t)(count - i), 0);
  }
  filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
  struct sock_fprog program = {.len = (unsigned short)n, .filter = filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

// MARK: The child

static void reset_signals(void) {
  static const unsigned long standard[8] = {0};
  const size_t mask_size = 8;
  for (int signal = 1; signal < NSIG; signal++) syscall(SYS_rt_sigaction, signal, standard, NULL, mask_size);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static int assign_standard_streams(const eddy_traced_command *command) {
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

/// Shows the program the ids of its own namespace in /proc. Without the right to do so, /proc stays as it is.
static void mount_processes(void) {
  if (unshare(CLONE_NEWNS) < 0) return;
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return;
  (void)mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

/// The child from its first continuation to exec. Returns the step that failed, with errno set.
static step execute(const eddy_traced_command *command) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return STEP_PRCTL;
  if (setpgid(0, 0) < 0) return STEP_EXEC;
  reset_signals();
  if (eddy_world_is_open()) mount_processes();
  if (assign_standard_streams(command) < 0) return STEP_EXEC;
  if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0) return STEP_EXEC;
  if (chdir(command->working_directory) < 0) return STEP_EXEC;
  if (personality(ADDR_NO_RANDOMIZE) < 0) return STEP_PTRACE;
  if (prctl(PR_SET_TSC, PR_TSC_SIGSEGV) < 0) return STEP_PRCTL;
  if (install_filter(command) < 0) return STEP_SECCOMP;
  execve(command->path, (char *const *)command->arguments, (char *const *)command->environment);
  return STEP_EXEC;
}

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

// MARK: The tracer

/// Runs the child to its exec. Returns 0 there, or an error number negated if the child has ended.
static int32_t run_to_exec(pid_t pid, int32_t reports) {
  eddy_stop stop;
  while (true) {
    int32_t result = eddy_trace_wait(pid, true, &stop);
    if (result < 0) return result;
    if (result == 0) continue;
    if (stop.kind == EDDY_STOP_EXEC) return 0;
    if (stop.kind == EDDY_STOP_EXITED || stop.kind == EDDY_STOP_KILLED) break;
    eddy_trace_continue(pid, stop.kind == EDDY_STOP_SIGNAL ? stop.detail : 0);
  }
  failure report = {.step = STEP_EXEC, .error = ESRCH};
  eddy_read(reports, &report, sizeof report);
  failed_step = report.step;
  return -report.error;
}

/// Whether the memory and the descriptors of the program, which is stopped at its exec, can be reached. Kills it if not.
static int32_t check_access(pid_t pid) {
  int32_t process = eddy_process_descriptor(pid);
  int32_t descriptor = process < 0 ? process : eddy_descriptor_take(process, STDERR_FILENO);
  if (process >= 0) eddy_close(process);
  if (descriptor >= 0) eddy_close(descriptor);
  struct user_regs_struct registers;
  int64_t word, result = eddy_trace_get_registers(pid, &registers);
  if (result >= 0) result = eddy_memory_read(pid, registers.rsp, &word, sizeof word);
  if (result >= 0) result = eddy_memory_write(pid, registers.rsp, &word, sizeof word);
  if (descriptor >= 0 && result >= 0) return 0;
  failed_step = descriptor < 0 ? STEP_DESCRIPTORS : STEP_MEMORY;
  kill(pid, SIGKILL);
  int64_t ended;
  EDDY_UNINTERRUPTED(ended, waitpid(pid, NULL, __WALL));
  return descriptor < 0 ? descriptor : (int32_t)result;
}

int32_t eddy_trace_spawn(const eddy_traced_command *command) {
  int32_t go[2], reports[2];
  int32_t result = eddy_pipe(&go[0], &go[1]);
  if (result < 0) return result;
  result = eddy_pipe(&reports[0], &reports[1]);
  if (result < 0) return eddy_close(go[0]), eddy_close(go[1]), result;
  failed_step = STEP_EXEC;
  pid_t pid = fork_undisturbed();
  if (pid == 0) {
    // Among the standard three they would be overwritten.
    int begin = fcntl(go[0], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int out = fcntl(reports[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    eddy_close(go[1]);
    char byte;
    // Without a byte the tracer has ended, or could not attach.
    if (begin < 0 || out < 0 || eddy_read(begin, &byte, 1) != 1) _exit(127);
    failure report = {.step = execute(command), .error = errno};
    eddy_write(out, &report, sizeof report);
    _exit(127);
  }
  result = (int32_t)eddy_result_of(pid);
  eddy_close(go[0]);
  eddy_close(reports[1]);
  if (pid > 0) {
    result = (int32_t)eddy_result_of(ptrace(PTRACE_SEIZE, pid, NULL, (void *)TRACE_OPTIONS));
    if (result < 0) {
      failed_step = STEP_PTRACE;
      eddy_close(go[1]), go[1] = -1;
      int64_t ended;
      EDDY_UNINTERRUPTED(ended, waitpid(pid, NULL, 0));
    } else {
      eddy_write(go[1], "g", 1);
      result = run_to_exec(pid, reports[0]);
      if (result == 0) result = check_access(pid);
    }
  }
  if (go[1] >= 0) eddy_close(go[1]);
  eddy_close(reports[0]);
  return result < 0 ? result : pid;
}
