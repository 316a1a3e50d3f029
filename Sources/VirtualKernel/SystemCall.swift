// The cases have the names of the calls.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

/// The system calls that a program in virtual time does not make unseen: those of time, waiting, randomness and
/// threads, by their numbers on x86-64 Linux (`arch/x86/entry/syscalls/syscall_64.tbl`).
///
/// All others run at full speed, because they neither wait nor show the machine's state to the program.
public enum SystemCall: Int32, CaseIterable, Sendable {
  // Reading what may not be there yet.
  case read = 0
  case readv = 19
  case accept = 43
  case recvfrom = 45
  case recvmsg = 47
  case accept4 = 288
  case recvmmsg = 299

  // Output, which stops only where schedules are drawn.
  case write = 1
  case writev = 20

  // Waiting for descriptors.
  case poll = 7
  case select = 23
  case epoll_wait = 232
  case pselect6 = 270
  case ppoll = 271
  case epoll_pwait = 281
  case epoll_pwait2 = 441

  // Clocks and sleeping.
  case nanosleep = 35
  case gettimeofday = 96
  case time = 201
  case clock_settime = 227
  case clock_gettime = 228
  case clock_getres = 229
  case clock_nanosleep = 230
  case settimeofday = 164
  case adjtimex = 159
  case clock_adjtime = 305

  // Timers.
  case getitimer = 36
  case alarm = 37
  case setitimer = 38
  case timer_create = 222
  case timer_settime = 223
  case timer_gettime = 224
  case timer_getoverrun = 225
  case timer_delete = 226
  case timerfd_create = 283
  case timerfd_settime = 286
  case timerfd_gettime = 287

  // Threads and processes.
  case sched_yield = 24
  case clone = 56
  case exit = 60
  case wait4 = 61
  case futex = 202
  case set_tid_address = 218
  case exit_group = 231
  case waitid = 247
  case clone3 = 435

  // Signals.
  case rt_sigaction = 13
  case pause = 34
  case kill = 62
  case rt_sigtimedwait = 128
  case rt_sigqueueinfo = 129
  case rt_sigsuspend = 130
  case tkill = 200
  case tgkill = 234
  case rt_tgsigqueueinfo = 297
  case pidfd_send_signal = 424

  // What the machine is like.
  case getrusage = 98
  case sysinfo = 99
  case times = 100
  case sched_setaffinity = 203
  case sched_getaffinity = 204
  case getcpu = 309
  case getrandom = 318

  // What is refused: a program then does without.
  case ptrace = 101
  case rseq = 334
  case io_uring_setup = 425
  case futex_waitv = 449
  case futex_wake = 454
  case futex_wait = 455
  case futex_requeue = 456
}

/// A system call that is about to be made.
public struct Call: Sendable {
  public var number: SystemCall
  public var arguments: [6 of UInt64]

  public init(_ number: SystemCall, _ arguments: [6 of UInt64]) {
    self.number = number
    self.arguments = arguments
  }

  /// An argument as a C `int`.
  func int(_ index: Int) -> Int32 { Int32(truncatingIfNeeded: arguments[index]) }
}

extension SystemCall {
  /// The calls that stop. Output needs no decision. Where the order of threads is drawn it stops nevertheless: programs
  /// give up locks around it, so that is where a race between threads shows.
  public static func stopping(_ order: RunQueue.Order) -> [SystemCall] {
    order == .random ? allCases : allCases.filter { $0 != .write && $0 != .writev }
  }
}
