/// Programs under control of one tracer: ptrace and seccomp, their memory, descriptors and clocks.
///
/// The conventions are those of CEventLoop.h: a value of at least 0 or an error number negated, no EINTR, no policy,
/// every descriptor closed on exec. Which calls are traced and what becomes of them is the caller's to decide.
///
/// ptrace belongs to the thread that traces: all functions are called by the same thread. x86-64 only.
#ifndef CVIRTUALPROCESS_H
#define CVIRTUALPROCESS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

#pragma clang assume_nonnull begin

// MARK: The machine

/// The processor that this thread runs on.
int32_t eddy_current_processor(void);

/// Restricts this thread, and the programs that it starts, to one processor; -1 for all that the process had when
/// this was first called. A stop costs half as much when tracer and traced share a processor.
int32_t eddy_use_processor(int32_t processor);

/// Interrupts a waiting `eddy_trace_wait` of this thread every `milliseconds`; 0 ends that.
int32_t eddy_tick(int32_t milliseconds);

/// Begins a process id namespace for the programs that are started from now on, so that their ids follow from the
/// order of their starts. Returns the id of its first process, which reaps orphans. When that one is killed, so is
/// all that is in the namespace. Without the right to do so it enters a user namespace first.
int32_t eddy_world_begin(void);

/// Kills everything in the namespace. Programs that are started from now on are in this process's namespace.
int32_t eddy_world_end(int32_t first_process);

// MARK: Starting a program

/// A traced program. The environment is given whole.
typedef struct {
  const char *path;
  char *_Nullable const *_Nonnull arguments;
  char *_Nullable const *_Nonnull environment;
  const char *working_directory;
  /// What become descriptors 0, 1 and 2. They stay the caller's.
  int32_t standard_input, standard_output, standard_error;
  /// The numbers of the system calls that stop, and how many there are.
  const int32_t *calls;
  int32_t call_count;
} eddy_traced_command;

/// Starts a program, stopped at the end of its exec. Its addresses are not randomized, and its reads of the time
/// stamp counter raise SIGSEGV. Returns its process id. The kernel kills it when this process ends. EPERM if ptrace
/// is forbidden here, EACCES or EINVAL if a seccomp filter is.
int32_t eddy_trace_spawn(const eddy_traced_command *command);

/// Which step failed when `eddy_trace_spawn` returned an error: "exec", or what is forbidden, such as "ptrace".
const char *eddy_trace_failed_step(void);

// MARK: Stops

typedef enum : int32_t {
  /// A traced system call is about to be made.
  EDDY_STOP_CALL,
  /// A system call has been made, after `eddy_trace_step_call`.
  EDDY_STOP_CALL_DONE,
  /// `detail` is the id of the new thread or process, in this process's namespace.
  EDDY_STOP_CLONE,
  EDDY_STOP_FORK,
  EDDY_STOP_VFORK,
  /// `detail` is the id that the thread had before.
  EDDY_STOP_EXEC,
  /// `detail` is the number of a signal that is about to be delivered.
  EDDY_STOP_SIGNAL,
  /// A new thread before its first instruction, or one after `eddy_trace_interrupt` or a stop signal.
  EDDY_STOP_PAUSED,
  /// The thread has ended, and with it maybe its process. `detail` is the exit code.
  EDDY_STOP_EXITED,
  /// The same; `detail` is the number of the signal.
  EDDY_STOP_KILLED,
} eddy_stop_kind;

typedef struct {
  int32_t thread;
  eddy_stop_kind kind;
  int32_t detail;
} eddy_stop;

/// Waits until a thread stops. Returns 1, or 0 if the tick came first. ECHILD if there is no such thread.
///
/// - thread: The thread's id; -1 for any.
/// - waits: Whether to wait at all.
int32_t eddy_trace_wait(int32_t thread, bool waits, eddy_stop *stop);

/// Continues a stopped thread, with a signal unless that is 0.
int32_t eddy_trace_continue(int32_t thread, int32_t signal);

/// Continues a thread until the end of its next system call.
int32_t eddy_trace_step_call(int32_t thread);

/// Stops a running thread soon.
int32_t eddy_trace_interrupt(int32_t thread);

/// Kills a process. Its threads end soon.
int32_t eddy_trace_kill(int32_t process);

/// Sends a signal to a process, or to one thread of it unless that is 0. `value` is the signal's value, and the
/// sender looks like a POSIX timer if `is_timer`.
int32_t eddy_trace_signal(int32_t process, int32_t thread, int32_t signal, uint64_t value, bool is_timer);

// MARK: Registers and memory

int32_t eddy_trace_get_registers(int32_t thread, struct user_regs_struct *registers);
int32_t eddy_trace_set_registers(int32_t thread, const struct user_regs_struct *registers);

/// Reads or writes at most `count` bytes of a process's memory. Returns how many; less where a page is missing.
int64_t eddy_memory_read(int32_t process, uint64_t address, void *buffer, size_t count);
int64_t eddy_memory_write(int32_t process, uint64_t address, const void *buffer, size_t count);

/// A place in what is mapped: the device, the inode and the offset in bytes.
typedef struct {
  uint64_t device, file, offset;
} eddy_shared_place;

/// Finds what is mapped at the address. Returns 1 if other processes may share it, 0 if the memory is the process's own.
int32_t eddy_memory_shared_place(int32_t process, uint64_t address, eddy_shared_place *place);

/// Whether the two bytes at the address are the instruction rdtsc (2) or the three are rdtscp (3), else 0.
int32_t eddy_counter_instruction(int32_t process, uint64_t address);

// MARK: The clock page

/// Where the clock page is in every traced process.
static const uint64_t EDDY_CLOCK_PAGE = 0x6FFF00000000;

/// The clock of a process, at the start of its page. A clock read within the process returns `now`, advances it by
/// `step`, and needs no stop while `now` is below `limit`.
typedef struct {
  /// Nanoseconds of the monotonic clock.
  int64_t now;
  /// What the wall clock is ahead of the monotonic one, in nanoseconds.
  int64_t wall;
  int64_t limit;
  int64_t step;
} eddy_clock_page;

/// Prepares a program that is stopped at its exec: maps its clock page, leads its clock functions there, and
/// replaces the random bytes that the kernel gave it. The thread is stopped as before.
///
/// If the page cannot be mapped, the program has no clock functions and makes system calls instead: returns 0, else
/// 1.
int32_t eddy_trace_prepare(int32_t process, const eddy_clock_page *page, const uint8_t random[_Nonnull 16]);

// MARK: What a thread does

typedef struct {
  /// The thread's state as in proc(5): R, S, D, T, t, Z.
  char state;
  /// The system call that it is in; -1 if none.
  int32_t call;
} eddy_thread_activity;

int32_t eddy_thread_activity_of(int32_t process, int32_t thread, eddy_thread_activity *activity);

/// Nanoseconds of processor time that a process has taken.
int64_t eddy_processor_time(int32_t process);

/// The id of a thread in its innermost namespace.
int32_t eddy_inner_id(int32_t thread);

/// Sets of signals, bit n − 1 for signal n.
typedef struct {
  uint64_t pending, blocked, ignored, caught;
} eddy_signal_sets;

/// The signals of a thread. `pending` has those of the process too.
int32_t eddy_signal_sets_of(int32_t process, int32_t thread, eddy_signal_sets *sets);

// MARK: Descriptors of a process

/// A descriptor of the process, to be used with the next functions.
int32_t eddy_process_descriptor(int32_t process);

/// Opens a descriptor of the process here, with the same open file.
int32_t eddy_descriptor_take(int32_t process_descriptor, int32_t descriptor);

typedef enum : int32_t {
  /// A file or a directory: never waits.
  EDDY_KIND_FILE,
  /// A pipe, a socket, an eventfd, a terminal.
  EDDY_KIND_STREAM,
  EDDY_KIND_TIMER,
  /// /dev/random or /dev/urandom.
  EDDY_KIND_RANDOM,
} eddy_descriptor_kind;

int32_t eddy_descriptor_kind_of(int32_t descriptor);

/// 1 if reads and writes of the open file do not wait, else 0.
int32_t eddy_descriptor_is_nonblocking(int32_t descriptor);

/// Polls without waiting.
int32_t eddy_poll_now(struct pollfd *descriptors, uint32_t count);

/// Takes ready events of an epoll descriptor without waiting; `events` has room for `count` structures of 12 bytes.
int32_t eddy_epoll_now(int32_t descriptor, void *events, int32_t count);

/// Makes a timer descriptor readable now, or not readable.
int32_t eddy_timer_descriptor_set(int32_t descriptor, bool is_due);

/// The largest capacity that a pipe may have, set if possible. Returns the capacity in bytes.
int32_t eddy_pipe_enlarge(int32_t descriptor);

#pragma clang assume_nonnull end
#endif
