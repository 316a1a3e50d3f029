import CEddyVirtualProcess
import EddyEventLoop
import EddyVirtualKernel

/// The functions of ptrace, with errors as Swift's.
enum Tracer {
  typealias Registers = user_regs_struct

  /// A thread's stop.
  enum Stop {
    /// It is about to make a traced call.
    case call
    case callDone
    case newThread(Int32)
    case newProcess(Int32, isVFork: Bool)
    /// It executes another program.
    case executed
    case signal(Int32)
    case paused
    case ended(NodeExit)

    init(_ stop: eddy_stop) {
      self =
        switch stop.kind {
        case EDDY_STOP_CALL: .call
        case EDDY_STOP_CALL_DONE: .callDone
        case EDDY_STOP_CLONE: .newThread(stop.detail)
        case EDDY_STOP_FORK: .newProcess(stop.detail, isVFork: false)
        case EDDY_STOP_VFORK: .newProcess(stop.detail, isVFork: true)
        case EDDY_STOP_EXEC: .executed
        case EDDY_STOP_SIGNAL: .signal(stop.detail)
        case EDDY_STOP_EXITED: .ended(.code(stop.detail))
        case EDDY_STOP_KILLED: .ended(.signal(stop.detail))
        default: .paused
        }
    }
  }

  /// What a wait for a stop found.
  enum Wait {
    case stopped(Stop)
    /// The tick came first.
    case interrupted
    /// There is no such thread any more.
    case gone
  }

  static func wait(for thread: Int32, waits: Bool = true) -> Wait {
    var stop = eddy_stop()
    switch eddy_trace_wait(thread, waits, &stop) {
    case 1: return .stopped(Stop(stop))
    case 0: return .interrupted
    default: return .gone
    }
  }

  /// Waits until a thread has ended, whatever else it does before.
  static func reap(_ thread: Int32) -> NodeExit? {
    while true {
      switch wait(for: thread) {
      case .stopped(.ended(let exit)): return exit
      case .stopped: _ = eddy_trace_continue(thread, 0)
      case .interrupted: continue
      case .gone: return nil
      }
    }
  }

  static func registers(of thread: Int32) -> Registers {
    var registers = Registers()
    _ = eddy_trace_get_registers(thread, &registers)
    return registers
  }

  /// Lets the stopped thread's call return `result` without being made, or lets it be made again if `restarts`.
  static func skipCall(of thread: Int32, _ registers: Registers, result: Int, restarts: Bool = false) {
    var registers = registers
    if restarts {
      // As the kernel does it: the instruction is two bytes long.
      registers.rip -= 2
      registers.rax = registers.orig_rax
    } else {
      registers.rax = UInt64(bitPattern: Int64(result))
    }
    registers.orig_rax = UInt64.max
    _ = eddy_trace_set_registers(thread, &registers)
  }
}

/// How a program ended.
public enum NodeExit: Equatable, Sendable {
  case code(Int32)
  case signal(Int32)
}

extension Call {
  /// The call that a stopped thread is about to make; nil if it is none that is traced.
  init?(_ registers: Tracer.Registers) {
    guard let number = SystemCall(rawValue: Int32(truncatingIfNeeded: registers.orig_rax)) else { return nil }
    self.init(
      number, [registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8, registers.r9])
  }
}

extension NodeExit: CustomStringConvertible {
  /// Such as `exit status 3` or `killed by signal 11 (SIGSEGV)`.
  public var description: String {
    switch self {
    case .code(let code): "exit status \(code)"
    case .signal(let signal): "killed by signal \(Signal(rawValue: signal))"
    }
  }
}

// MARK: - Starting

/// Why a program cannot be started under control.
enum StartError: Error, CustomStringConvertible {
  case notPermitted(String)
  case notExecuted(path: String, Errno)

  var description: String {
    switch self {
    case .notPermitted(let what):
      """
      virtual time needs \(what), which is forbidden here. In a container, allow it (docker run --cap-add SYS_PTRACE \
      --security-opt seccomp=unconfined). 'eddy test' runs the same program in real time and works without
      """
    case .notExecuted(let path, let error): "\(error): \(path)"
    }
  }
}

extension Tracer {
  /// Starts a program that is stopped at its exec. Returns its process id.
  static func spawn(
    _ program: NodeProgram, _ arguments: [String], _ calls: [Int32], _ ends: borrowing NodeStreams.ProgramEnds
  ) throws(StartError) -> Int32 {
    let streams = (ends.input.number, ends.output.number, ends.errors.number)
    let result = withCStrings([program.path] + arguments) { arguments in
      withCStrings(program.environment) { environment in
        calls.withUnsafeBufferPointer { calls in
          "/tmp".withCString { directory in
            var command = eddy_traced_command(
              path: arguments[0]!, arguments: arguments, environment: environment,
              working_directory: directory,
              standard_input: streams.0, standard_output: streams.1, standard_error: streams.2,
              calls: calls.baseAddress!, call_count: Int32(calls.count))
            return eddy_trace_spawn(&command)
          }
        }
      }
    }
    guard result < 0 else { return result }
    let step = String(cString: eddy_trace_failed_step())
    if step != "exec" { throw .notPermitted(step) }
    throw .notExecuted(path: program.path, Errno(code: -result))
  }

  /// Calls `body` with pointers to the strings, ended by a null pointer.
  private static func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var bytes: [CChar] = []
    var offsets: [Int] = []
    for string in strings {
      offsets.append(bytes.count)
      bytes.append(contentsOf: string.utf8CString)
    }
    bytes.append(0)
    return bytes.withUnsafeMutableBufferPointer { bytes in
      body(offsets.map { bytes.baseAddress! + $0 } + [nil])
    }
  }
}
