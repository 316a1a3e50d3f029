/// The system calls beyond the event loop: child processes, files, the terminal, this process's limits.
///
/// The conventions are those of CEventLoop.h: a value of at least 0 or an error number negated, no EINTR,
/// no policy, every descriptor closed on exec.
#ifndef CPROCESS_H
#define CPROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// MARK: This process

/// This process's id.
int32_t eddy_process_id(void);

/// This process's environment: strings NAME=VALUE, ended by a null pointer.
char *_Nullable const *_Nonnull eddy_environment(void);

/// How many processors this process may run on.
int32_t eddy_processor_count(void);

/// Raises the limit of open descriptors to the maximum that the system lets this process have. Children
/// inherit it.
int32_t eddy_raise_descriptor_limit(void);

/// The terminal's width in columns; ENOTTY when `fd` is no terminal.
int32_t eddy_terminal_width(int32_t fd);

// MARK: Child processes

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

/// Runs a child in a process group of its own, with default signal dispositions, no signal blocked, and
/// no descriptor but the standard three. Fails with the child's error when the child cannot enter the
/// directory or execute the file.
///
/// The kernel kills the child when the thread that spawned it ends, even by SIGKILL, so a child never
/// outlives a single-threaded parent. SIGCHLD gets its default disposition: while it is ignored, which
/// this process may have inherited, the kernel reaps children and discards how they ended.
int32_t eddy_spawn(const eddy_command *command, eddy_process *process);

/// How a child ended.
typedef struct {
  bool signalled;
  /// The exit code, or the number of the signal.
  int32_t status;
} eddy_exit;

/// Waits at most `timeout` milliseconds for the child's end, without limit if that is negative, and reaps
/// it. Returns 1 and fills `outcome` if it has ended; 0 if it is still running or a signal interrupted the
/// wait. Kills what is left of its process group before it reaps the child: afterwards the group's number
/// may name another group.
int32_t eddy_process_wait(const eddy_process *process, int32_t timeout, eddy_exit *outcome);

/// Sends a signal to the child itself; ESRCH once it has been reaped.
int32_t eddy_process_signal(const eddy_process *process, int32_t signal);

/// Sends a signal to the child's whole group. Only before it has been reaped.
int32_t eddy_process_group_signal(const eddy_process *process, int32_t signal);

/// Starts a watchdog: a process that ends after this one, however that ends, and then kills the process
/// groups it has been told of. Returns the descriptor to tell it through. Each request is an int32_t,
/// written whole: a group to kill, or a group negated, to be forgotten. The watchdog is out of reach of
/// signals to this process's group and keeps no other descriptor open.
int32_t eddy_watchdog_start(void);

// MARK: Files

typedef enum : int32_t {
  EDDY_OPEN_READ,
  EDDY_OPEN_WRITE,
  /// Created if missing, emptied if not.
  EDDY_OPEN_REPLACE,
  /// Created if missing; every write goes to the end.
  EDDY_OPEN_APPEND,
} eddy_open_mode;

int32_t eddy_open(const char *path, eddy_open_mode mode);

/// Moves the file's offset to `count` bytes before its end, or to its beginning if it is shorter. Returns
/// that offset.
int64_t eddy_seek_back(int32_t fd, int64_t count);

int32_t eddy_make_directory(const char *path);
int32_t eddy_remove_file(const char *path);
/// Removes a directory with everything in it.
int32_t eddy_remove_tree(const char *path);
int32_t eddy_rename(const char *from, const char *to);
int32_t eddy_link(const char *target, const char *path);

/// 0 if this process may execute the file, else the reason why not; EISDIR for a directory.
int32_t eddy_may_execute(const char *path);

/// Maximum length of a path in bytes, its terminator included.
enum { EDDY_PATH_CAPACITY = 4096 };

/// These three fill `buffer`, which has room for EDDY_PATH_CAPACITY, with a terminated string and return
/// its length: a symbolic link's target, an absolute path without symbolic links, the working directory.
int32_t eddy_read_link(const char *path, char *buffer);
int32_t eddy_real_path(const char *path, char *buffer);
int32_t eddy_working_directory(char *buffer);

#pragma clang assume_nonnull end
#endif
