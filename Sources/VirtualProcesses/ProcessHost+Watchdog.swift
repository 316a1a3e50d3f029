import CEddyVirtualProcess
import EddySimulation
import EddyTiming
import EddyVirtualKernel

// A thread that makes no traced call for long: it computes, or it waits in the kernel for something that the model does
// not know. Real time decides here, so a run in which it did says so.
extension ProcessHost {
  /// The number of ticks that a thread waits in the kernel before it is stopped, if it has not waited before.
  private static let waitingTicks = 3

  /// Waits for the next stop of a running thread. Nil if there is none: the thread has been taken off.
  func waitForStop(of thread: VirtualThread) -> Tracer.Stop? {
    var ticks = 0
    var start: Int64?
    while true {
      switch Tracer.wait(for: thread.id) {
      case .stopped(let stop): return stop
      case .gone: return awaitProgram(of: thread)
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
        let limit = slots[node].strain.computationLimit(at: now)
        guard time - (start ?? time) > Int64(limit.nanoseconds) else { continue }
        return preempt(thread)
      case UInt8(ascii: "Z"):
        // The first thread of a process that a signal has ended: it is reported after the others.
        reapOthers(than: thread)
      case UInt8(ascii: "S"):
        ticks += 1
        if ticks > Self.waitingTicks || thread.kernelWaits > 0 {
          return interrupt(thread, call: activity.call)
        }
      case UInt8(ascii: "D"):
        // An execution waits until the other threads have ended and are reaped.
        reapEnded(than: thread)
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

  /// A thread that is not there any more has executed a program: it has the first one's id now. Or it was killed.
  private func awaitProgram(of thread: VirtualThread) -> Tracer.Stop {
    guard thread.id != thread.process.id else { return .ended(.signal(9)) }
    while true {
      switch Tracer.wait(for: thread.process.id) {
      case .stopped(.executed): return .executed
      case .stopped(.ended(let exit)): return .ended(exit)
      case .stopped: _ = eddy_trace_continue(thread.process.id, 0)
      case .gone: return .ended(.signal(9))
      case .interrupted: continue
      }
    }
  }

  private func reapEnded(than thread: VirtualThread) {
    for other in thread.process.threads where other !== thread && other.id != thread.process.id {
      _ = Tracer.wait(for: other.id, waits: false)
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
    audit.add(reason: "a thread was preempted: it computed without a call")
    _ = park(thread, nil, for: slots[thread.process.node].strain.countComputation(at: now))
    return nil
  }

  /// Stops a thread that waits in the kernel. It tries again a moment later.
  private func interrupt(_ thread: VirtualThread, call: Int32) -> Tracer.Stop? {
    if let other = stop(thread) { return other }
    // A full pipe depends on what was written and read, not on real time.
    if call != Self.write, call != Self.writev {
      audit.add(reason: "system call \(call) of thread \(thread.id) waited in the kernel")
    }
    _ = park(thread, nil, for: Strain.pause(afterWaits: thread.kernelWaits))
    thread.kernelWaits += 1
    return nil
  }

  private static let write: Int32 = 1
  private static let writev: Int32 = 20
}
