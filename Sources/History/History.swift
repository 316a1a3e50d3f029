/// All operations of a run in the order they happened.
public struct History: Sendable {
  /// All entries in order; an index into this is what names an operation.
  public private(set) var operations: [Operation] = []
  /// For each entry the index of its other half, or nil.
  private var partners: [Int?] = []
  /// The open invocation of each process.
  private var open: [Operation.Process: Int] = [:]
  private var sharing = TextSharing()

  /// A history of nothing.
  public init() {}

  /// A history made of given entries; their `index` is set from their order.
  public init(_ operations: [Operation]) {
    for operation in operations { append(operation) }
  }

  /// Appends an entry and returns it with its index. O(1).
  ///
  /// An invocation opens its process, which must not be open already; a completion closes it.
  /// The nemesis writes `info` entries only: its are not paired.
  @discardableResult
  public mutating func append(_ operation: Operation) -> Operation {
    var operation = operation
    operation.index = operations.count
    operation.shareValue(&sharing)
    operations.append(operation)
    partners.append(nil)
    guard operation.isClient else { return operation }
    if operation.kind == .invoke {
      let previous = open.updateValue(operation.index, forKey: operation.process)
      precondition(previous == nil, "a process invokes one operation at a time")
    } else if let invocation = open.removeValue(forKey: operation.process) {
      partners[invocation] = operation.index
      partners[operation.index] = invocation
    }
    return operation
  }

  /// What a process has invoked and not completed; nil if there is nothing. O(1).
  package func openInvocation(of process: Operation.Process) -> Operation? {
    open[process].map { operations[$0] }
  }

  /// The completion of an invocation, or nil if it never completed. O(1).
  public func completion(of invocation: Operation) -> Operation? {
    partners[invocation.index].map { operations[$0] }
  }

  /// The invocation of a completion. O(1).
  public func invocation(of completion: Operation) -> Operation? {
    partners[completion.index].map { operations[$0] }
  }

  /// The entries of clients, without those of the nemesis.
  public var clientOperations: some Sequence<Operation> { operations.lazy.filter(\.isClient) }
}
