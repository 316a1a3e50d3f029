import EddyHistory
import EddyNode
import EddyRun
import EddyTiming
import EddyVirtualKernel
import EddyVirtualProcesses

/// One program in virtual time, without a network: what it prints and how it ends.
final class ProgramRun {
  private(set) var lines: [String] = []
  private(set) var failure: RunFailure.Cause?
  let host: ProcessHost
  private(set) var now = Instant.zero

  init(
    _ path: String, _ arguments: [String] = [], seed: UInt64 = 1, order: RunQueue.Order = .fair,
    environment: [String] = ["PATH=/usr/bin:/bin", "LANG=C.UTF-8"]
  ) {
    host = ProcessHost(
      NodeProgram(path: path, environment: environment) { _ throws(NodeProgram.CannotStart) in arguments },
      count: 1, seed: seed, order: order)
    host.printed = { [unowned self] line, _ in lines.append(String(decoding: line, as: UTF8.self)) }
    host.failed = { [unowned self] cause, _ in failure = cause }
    host.start(0)
  }

  /// Runs until the program ends, or until so much virtual time has passed.
  func run(until end: Duration = .seconds(3600)) {
    while failure == nil, let next = host.nextDeadline, next <= .zero + end {
      now = max(now, next)
      host.advance(to: now)
    }
  }

  /// Runs until the program ends, and ends everything.
  func runToEnd() {
    run()
    host.end()
  }

  func send(_ line: String) { host.deliver(Array(line.utf8), to: 0, at: now) }

  deinit { host.end() }
}
