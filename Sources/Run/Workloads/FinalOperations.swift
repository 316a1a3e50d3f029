public import EddyHistory
public import EddyNode
public import EddyTiming

/// What one client thread does after recovery, operation by operation.
public protocol FinalOperations {
  /// The next operation and when to invoke it, at the earliest; nil when the thread is done.
  ///
  /// Asked when the thread is free.
  mutating func next(
    at now: Instant, _ random: inout SeededGenerator
  ) -> (invocation: Invocation, due: Instant)?

  /// Told of every operation that the thread completes.
  mutating func observe(_ completion: Operation)
}

/// One operation, at once.
struct SingleFinalOperation: FinalOperations {
  private var invocation: Invocation?

  init(_ invocation: Invocation) { self.invocation = invocation }

  mutating func next(
    at now: Instant, _ random: inout SeededGenerator
  ) -> (invocation: Invocation, due: Instant)? {
    invocation.take().map { ($0, now) }
  }

  mutating func observe(_ completion: Operation) {}
}
