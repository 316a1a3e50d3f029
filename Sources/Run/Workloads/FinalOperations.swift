public import EddyHistory
public import EddyNode
public import EddyTiming

/// The operations of one client thread after recovery.
public protocol FinalOperations {
  /// The next operation and the earliest time to invoke it; nil when the thread is done.
  ///
  /// Called when the thread is free.
  mutating func next(
    at now: Instant, _ random: inout SeededGenerator
  ) -> (invocation: Invocation, due: Instant)?

  /// Observes a completion of the thread.
  mutating func observe(_ completion: Operation)
}

/// A single operation, invoked immediately.
public struct SingleFinalOperation: FinalOperations {
  private var invocation: Invocation?

  /// Creates an operation without an argument.
  public init(_ function: String) { invocation = Invocation(function, isFinal: true) }

  public mutating func next(
    at now: Instant, _ random: inout SeededGenerator
  ) -> (invocation: Invocation, due: Instant)? {
    invocation.take().map { ($0, now) }
  }

  public mutating func observe(_ completion: Operation) {}
}

extension FinalOperations where Self == SingleFinalOperation {
  /// A single operation of this function, invoked immediately.
  public static func once(_ function: String) -> SingleFinalOperation { SingleFinalOperation(function) }
}
