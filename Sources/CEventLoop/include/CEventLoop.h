/// The system calls of Eddy: the only module that names any.
///
/// Every function that can fail returns a value of at least 0, or an error number negated.
/// `errno` is read here and nowhere else: between a call and its reading Swift may place
/// others that overwrite it. Calls that a signal interrupts are made again here, so no
/// caller ever sees EINTR. Every descriptor made here is closed on exec.
#ifndef CEVENTLOOP_H
#define CEVENTLOOP_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang assume_nonnull begin

// MARK: Errors

/// The error numbers that Eddy tells apart.
static const int32_t EDDY_EPERM = EPERM;
static const int32_t EDDY_ENOENT = ENOENT;
static const int32_t EDDY_ENOEXEC = ENOEXEC;
static const int32_t EDDY_EBADF = EBADF;
static const int32_t EDDY_EAGAIN = EAGAIN;
static const int32_t EDDY_EACCES = EACCES;
static const int32_t EDDY_EEXIST = EEXIST;
static const int32_t EDDY_ENOSPC = ENOSPC;
static const int32_t EDDY_EPIPE = EPIPE;

/// The error's name and description, such as "EPIPE" and "Broken pipe"; static strings,
/// null for a number that is no error.
const char *_Nullable eddy_error_name(int32_t code);
const char *_Nullable eddy_error_description(int32_t code);

// MARK: Clocks and entropy

/// Nanoseconds of CLOCK_MONOTONIC, the clock of `eddy_timer_arm`.
int64_t eddy_monotonic_now(void);

/// Nanoseconds since 1970-01-01T00:00:00Z.
int64_t eddy_wall_clock_now(void);

/// Fills `value` from the kernel's entropy pool.
int32_t eddy_entropy(uint64_t *value);

// MARK: Descriptors

/// Reads or writes at most `count` bytes; the number moved, 0 at the end of input.
int64_t eddy_read(int32_t fd, void *buffer, size_t count);
int64_t eddy_write(int32_t fd, const void *bytes, size_t count);

/// Closes. Never retried: Linux frees the number even when it reports EINTR.
int32_t eddy_close(int32_t fd);

/// A pipe's two ends, reading and writing, both blocking.
int32_t eddy_pipe(int32_t *read_end, int32_t *write_end);

/// A second descriptor, above the standard three, of the same open file.
int32_t eddy_duplicate(int32_t fd);

/// Sets or clears O_NONBLOCK, which whoever shares the open file will see. Returns 1 if it
/// was set before, else 0.
int32_t eddy_set_nonblocking(int32_t fd, bool nonblocking);

/// Ignores SIGPIPE in this process: a write to a closed pipe fails with EPIPE instead.
int32_t eddy_ignore_sigpipe(void);

/// The terminal's width in columns; ENOTTY when `fd` is no terminal.
int32_t eddy_terminal_width(int32_t fd);

/// How many processors this process may run on.
int32_t eddy_processor_count(void);

/// The first `byte` among `count`, null when there is none.
static inline const void *_Nullable eddy_find(const void *bytes, uint8_t byte, size_t count) {
  return memchr(bytes, byte, count);
}

// MARK: Readiness

/// Bits of `eddy_event.readiness` and of the interest in it. Hang-ups and errors are
/// reported whether asked for or not.
static const uint32_t EDDY_READABLE = 0x001;
static const uint32_t EDDY_WRITABLE = 0x004;
static const uint32_t EDDY_ERROR = 0x008;
static const uint32_t EDDY_HANG_UP = 0x010;

/// One ready descriptor, by the token it was registered with.
typedef struct {
  uint64_t token;
  uint32_t readiness;
} eddy_event;

/// The most events that one `eddy_epoll_wait` reports.
enum { EDDY_MAXIMUM_EVENTS = 256 };

/// A level-triggered epoll instance.
int32_t eddy_epoll_create(void);

/// Registers `fd`. EPERM: a file that is always ready, and that epoll therefore refuses.
int32_t eddy_epoll_add(int32_t epoll, int32_t fd, uint32_t interest, uint64_t token);
int32_t eddy_epoll_modify(int32_t epoll, int32_t fd, uint32_t interest, uint64_t token);
int32_t eddy_epoll_remove(int32_t epoll, int32_t fd);

/// Waits until a descriptor is ready or `timeout` milliseconds have passed (-1: for ever,
/// 0: not at all). Fills `events`, room for EDDY_MAXIMUM_EVENTS, and returns how many.
/// A signal ends the wait with 0 events rather than start its timeout anew.
int32_t eddy_epoll_wait(int32_t epoll, eddy_event *events, int32_t timeout);

// MARK: Timers

/// A non-blocking timer on CLOCK_MONOTONIC, disarmed.
int32_t eddy_timer_create(void);

/// Makes the timer readable from `deadline` nanoseconds on, at once if that has passed; a
/// negative deadline disarms it. Either way it stops being readable for its last deadline,
/// so it need never be read.
int32_t eddy_timer_arm(int32_t timer, int64_t deadline);

// MARK: Signals

static const int32_t EDDY_SIGHUP = 1;
static const int32_t EDDY_SIGINT = 2;
static const int32_t EDDY_SIGKILL = 9;
static const int32_t EDDY_SIGPIPE = 13;
static const int32_t EDDY_SIGTERM = 15;
static const int32_t EDDY_SIGCONT = 18;
static const int32_t EDDY_SIGSTOP = 19;

/// The signal's name without SIG, such as "SEGV"; null for an unknown number.
const char *_Nullable eddy_signal_name(int32_t signal);

/// Blocks the signals in this thread and makes a non-blocking descriptor from which they
/// are read instead.
int32_t eddy_signals_create(const int32_t *signals, size_t count);

/// The number of the next pending signal; EAGAIN when there is none.
int32_t eddy_signals_read(int32_t fd);

/// Gives the signals back their dispositions.
int32_t eddy_signals_unblock(const int32_t *signals, size_t count);

// MARK: Child processes

/// Allows as many descriptors as the system lets this process have, which children inherit.
int32_t eddy_raise_descriptor_limit(void);

/// What to run.
typedef struct {
  /// The program's file, taken as it is: PATH is not searched.
  const char *path;
  /// argv, ended by a null pointer.
  char *_Nullable const *_Nonnull arguments;
  /// Null: the parent's own.
  const char *_Nullable working_directory;
  /// What become descriptors 0, 1 and 2. They stay the caller's.
  int32_t standard_input, standard_output, standard_error;
} eddy_command;

/// A child: its process id, which is its process group's too, and a descriptor of it.
typedef struct {
  int32_t pid;
  int32_t pidfd;
} eddy_process;

/// Runs a child in a process group of its own, with default signal dispositions, nothing
/// blocked, and no descriptor but the standard three. Fails with the child's error when it
/// cannot enter the directory or execute the file.
///
/// The kernel kills the child when the thread that spawned it ends, be it by SIGKILL, so a
/// child never outlives a single-threaded parent. SIGCHLD gets its default disposition: were
/// it ignored, as it may be by inheritance, the kernel would reap children unseen.
int32_t eddy_spawn(const eddy_command *command, eddy_process *process);

/// How a child ended.
typedef struct {
  bool signalled;
  /// The exit code, or the number of the signal.
  int32_t status;
} eddy_exit;

/// Waits at most `timeout` milliseconds for the child's end, any time if that is negative. Returns 1 if
/// it has ended, 0 if it is still running or the wait was interrupted. What is left of its process group is killed before it is reaped, for
/// afterwards its number may name a stranger's group.
int32_t eddy_process_wait(const eddy_process *process, int32_t timeout, eddy_exit *outcome);

/// Sends a signal to the child itself; ESRCH once it has been reaped.
int32_t eddy_process_signal(const eddy_process *process, int32_t signal);

/// Sends a signal to the child's whole group. Only before it has been reaped.
int32_t eddy_process_group_signal(const eddy_process *process, int32_t signal);

/// Starts a guardian: a process that ends after this one, however that ends, and then kills the
/// process groups that it was told of. Returns the descriptor to tell it through, by writing an
/// int32_t: a group, or one negated that is to be forgotten. It takes no signal but SIGKILL, and
/// keeps nothing open.
int32_t eddy_guardian_start(void);

/// This process's id.
int32_t eddy_process_id(void);

/// Ends this process.
_Noreturn void eddy_exit_process(int32_t code);

// MARK: Files

typedef enum : int32_t {
  EDDY_OPEN_READ,
  EDDY_OPEN_WRITE,
  /// Made when missing, emptied when not.
  EDDY_OPEN_REPLACE,
  /// Made when missing; every write goes to its end.
  EDDY_OPEN_APPEND,
} eddy_open_mode;

int32_t eddy_open(const char *path, eddy_open_mode mode);
/// Has the next read begin `count` bytes before the file's end, or at its beginning if it is shorter.
/// Returns the offset of that place.
int64_t eddy_seek_back(int32_t fd, int64_t count);
int32_t eddy_make_directory(const char *path);
int32_t eddy_remove_file(const char *path);
int32_t eddy_rename(const char *from, const char *to);
int32_t eddy_link(const char *target, const char *path);

/// Whether this process may execute the file: 0, or the reason why not; EISDIR for a directory.
int32_t eddy_may_execute(const char *path);

/// The most bytes a path takes, its terminator included.
enum { EDDY_PATH_CAPACITY = 4096 };

/// These three fill `buffer`, room for EDDY_PATH_CAPACITY, with a terminated string, and
/// return its length: a symbolic link's target, an absolute path free of symbolic links,
/// the working directory.
int32_t eddy_read_link(const char *path, char *buffer);
int32_t eddy_real_path(const char *path, char *buffer);
int32_t eddy_working_directory(char *buffer);

#pragma clang assume_nonnull end
#endif
