/// What the sources of this module share.
#ifndef EDDY_TRACING_H
#define EDDY_TRACING_H

#include <stdbool.h>
#include <sys/ptrace.h>

/// The events that stop a traced thread. All of its threads and children are traced; none outlives the tracer.
enum {
  TRACE_OPTIONS = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                  PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL
};

/// Whether programs are started in a process id namespace of their own.
bool eddy_world_is_open(void);

#endif
