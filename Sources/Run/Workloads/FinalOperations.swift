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
public struct SingleFinalOperation: FinalOperations {
  private var invocation: Invocation?

  /// An operation without a value.
  public init(_ function: String) { invocation = Invocation(function, isFinal: true) }

  public mutating func next(
    at now: Instant, _ random: inout SeededGenerator
  ) -> (invocation: Invocation, due: Instant)? {
    invocation.take().map { ($0, now) }
  }

  public mutating func observe(_ completion: Operation) {}
}

extension FinalOperations where Self == SingleFinalOperation {
  /// One operation of this function, at once.
  public static func once(_ function: String) -> SingleFinalOperation { SingleFinalOperation(function) }
}
