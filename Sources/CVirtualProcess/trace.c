#define _GNU_SOURCE
#include "CVirtualProcess.h"
#include "eddy_result.h"
#include "tracing.h"

#include <linux/ptrace.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

// MARK: Stops

/// The stop that the event of a wait status means. The event's message is the id of a thread.
static eddy_stop_kind kind_of_event(int event) {
  switch (event) {
    case PTRACE_EVENT_SECCOMP: return EDDY_STOP_CALL;
    case PTRACE_EVENT_CLONE: return EDDY_STOP_CLONE;
    case PTRACE_EVENT_FORK: return EDDY_STOP_FORK;
    case PTRACE_EVENT_VFORK: return EDDY_STOP_VFORK;
    case PTRACE_EVENT_EXEC: return EDDY_STOP_EXEC;
    default: return EDDY_STOP_PAUSED;
  }
}

int32_t eddy_trace_wait(int32_t thread, bool waits, eddy_stop *stop) {
  int status;
  pid_t id = waitpid(thread, &status, __WALL | (waits ? 0 : WNOHANG));
  if (id < 0) return errno == EINTR ? 0 : -errno;
  if (id == 0) return 0;
  *stop = (eddy_stop){.thread = id};
  int event = status >> 16;
  if (WIFEXITED(status)) {
    stop->kind = EDDY_STOP_EXITED;
    stop->detail = WEXITSTATUS(status);
  } else if (WIFSIGNALED(status)) {
    stop->kind = EDDY_STOP_KILLED;
    stop->detail = WTERMSIG(status);
  } else if (event != 0) {
    stop->kind = kind_of_event(event);
    unsigned long message = 0;
    if (stop->kind != EDDY_STOP_CALL) ptrace(PTRACE_GETEVENTMSG, id, NULL, &message);
    stop->detail = (int32_t)message;
  } else if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
    stop->kind = EDDY_STOP_CALL_DONE;
  } else {
    stop->kind = EDDY_STOP_SIGNAL;
    stop->detail = WSTOPSIG(status);
  }
  return 1;
}

static int32_t request(enum __ptrace_request what, int32_t thread, intptr_t data) {
  return (int32_t)eddy_result_of(ptrace(what, thread, NULL, (void *)data));
}

int32_t eddy_trace_continue(int32_t thread, int32_t signal) { return request(PTRACE_CONT, thread, signal); }

int32_t eddy_trace_step_call(int32_t thread) { return request(PTRACE_SYSCALL, thread, 0); }

int32_t eddy_trace_interrupt(int32_t thread) { return request(PTRACE_INTERRUPT, thread, 0); }

int32_t eddy_trace_kill(int32_t process) { return (int32_t)eddy_result_of(kill(process, SIGKILL)); }

int32_t eddy_trace_signal(int32_t process, int32_t thread, int32_t signal, uint64_t value, bool is_timer) {
  siginfo_t info = {.si_signo = signal, .si_code = is_timer ? SI_TIMER : SI_QUEUE};
  info.si_value.sival_ptr = (void *)value;
  long result = thread == 0 ? syscall(SYS_rt_sigqueueinfo, process, signal, &info)
                            : syscall(SYS_rt_tgsigqueueinfo, process, thread, signal, &info);
  return (int32_t)eddy_result_of(result);
}

// MARK: Registers and memory

int32_t eddy_trace_get_registers(int32_t thread, struct user_regs_struct *registers) {
  return (int32_t)eddy_result_of(ptrace(PTRACE_GETREGS, thread, NULL, registers));
}

int32_t eddy_trace_set_registers(int32_t thread, const struct user_regs_struct *registers) {
  return (int32_t)eddy_result_of(ptrace(PTRACE_SETREGS, thread, NULL, (void *)registers));
}

int64_t eddy_memory_read(int32_t process, uint64_t address, void *buffer, size_t count) {
  struct iovec local = {buffer, count}, remote = {(void *)address, count};
  return eddy_result_of(process_vm_readv(process, &local, 1, &remote, 1, 0));
}

int64_t eddy_memory_write(int32_t process, uint64_t address, const void *buffer, size_t count) {
  struct iovec local = {(void *)buffer, count}, remote = {(void *)address, count};
  return eddy_result_of(process_vm_writev(process, &local, 1, &remote, 1, 0));
}

int32_t eddy_counter_instruction(int32_t process, uint64_t address) {
  uint8_t bytes[3] = {0};
  // The third byte may be on a page that is missing.
  if (eddy_memory_read(process, address, bytes, 3) < 2 && eddy_memory_read(process, address, bytes, 2) < 2) return 0;
  if (bytes[0] != 0x0F) return 0;
  if (bytes[1] == 0x31) return 2;
  return bytes[1] == 0x01 && bytes[2] == 0xF9 ? 3 : 0;
}
