import CEddyVirtualProcess
import EddySimulation
import EddyTiming
import EddyVirtualKernel

// A thread that makes no traced call for long: it computes, or it waits in the kernel for something that the model does
// not know. Real time decides here, so a run in which it did says so.
extension ProcessHost {
  /// Processor time without a stop after which a thread is stopped.
  private static let computationLimit = Duration.milliseconds(500)
  /// The number of ticks that a thread waits in the kernel before it is stopped.
  private static let waitingTicks = 3

  /// Waits for the next stop of a running thread. Nil if there is none: the thread has been taken off.
  func waitForStop(of thread: VirtualThread) -> Tracer.Stop? {
    var ticks = 0
    var start: Int64?
    while true {
      switch Tracer.wait(for: thread.id) {
      case .stopped(let stop): return stop
      case .gone: return .ended(.signal(9))
      case .interrupted: break
      }
      let node = thread.process.node
      if drain(node) { ticks = 0 }
      if hasFailed { return nil }
      var activity = eddy_thread_activity()
      guard eddy_thread_activity_of(thread.process.id, thread.id, &activity) >= 0 else { continue }
      switch UInt8(bitPattern: activity.state) {
      case UInt8(ascii: "R"):
        let time = eddy_processor_time(thread.process.id)
        if start == nil { start = time }
        guard time - (start ?? time) > Int64(Self.computationLimit.nanoseconds) else { continue }
        return preempt(thread)
      case UInt8(ascii: "Z"):
        // The first thread of a process that a signal has ended: it is reported after the others.
        reapOthers(than: thread)
      case UInt8(ascii: "S"):
        ticks += 1
        if ticks > Self.waitingTicks { return interrupt(thread, call: activity.call) }
      default: continue
      }
    }
  }

  private func reapOthers(than thread: VirtualThread) {
    for other in thread.process.threads where other !== thread {
      _ = Tracer.reap(other.id)
      threads[other.id] = nil
      thread.process.drop(other)
    }
  }

  /// Stops a thread. Returns another stop that came first, nil if it is stopped.
  private func stop(_ thread: VirtualThread) -> Tracer.Stop? {
    _ = eddy_trace_interrupt(thread.id)
    while true {
      switch Tracer.wait(for: thread.id) {
      case .stopped(.paused): return nil
      case .stopped(let stop): return stop
      case .gone: return .ended(.signal(9))
      case .interrupted: continue
      }
    }
  }

  /// Stops a thread that computes. It waits as long as it has computed.
  private func preempt(_ thread: VirtualThread) -> Tracer.Stop? {
    if let other = stop(thread) { return other }
    let milliseconds = Self.computationLimit.nanoseconds / 1_000_000
    audit.add(reason: "a thread was preempted after \(milliseconds) ms without a call")
    _ = park(thread, nil, for: Self.computationLimit)
    return nil
  }

  /// Stops a thread that waits in the kernel. It tries again a moment later.
  private func interrupt(_ thread: VirtualThread, call: Int32) -> Tracer.Stop? {
    if let other = stop(thread) { return other }
    // A full pipe depends on what was written and read, not on real time.
    if call != Self.write, call != Self.writev {
      audit.add(reason: "system call \(call) of thread \(thread.id) waited in the kernel")
    }
    _ = park(thread, nil, for: .milliseconds(1))
    return nil
  }

  private static let write: Int32 = 1
  private static let writev: Int32 = 20
}
