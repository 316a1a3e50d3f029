/// The history of a run: the invocations and completions of clients and the entries of the nemesis, in order.
public struct History: Sendable {
  /// All entries, in order. An entry is identified by its index.
  public private(set) var operations: [Operation] = []
  /// By entry: the index of its completion or invocation; nil if it has none.
  private var partners: [Int?] = []
  /// By process: the index of its open invocation.
  private var open: [Operation.Process: Int] = [:]
  private var sharing = TextSharing()

  /// An empty history.
  public init() {}

  /// A history of these entries, with indices set from their order. See ``append(_:)`` for what they must
  /// satisfy.
  public init(_ operations: [Operation]) {
    for operation in operations { append(operation) }
  }

  /// Appends an entry and returns it with its index. Amortized O(length of the value).
  ///
  /// An invocation opens its process, which must not be open; a completion closes it. Entries of the nemesis
  /// are not paired.
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

  /// The open invocation of a process; nil if there is none. O(1).
  package func openInvocation(of process: Operation.Process) -> Operation? {
    open[process].map { operations[$0] }
  }

  /// The completion of an invocation; nil if it never completed. O(1).
  public func completion(of invocation: Operation) -> Operation? {
    partners[invocation.index].map { operations[$0] }
  }

  /// The invocation of a completion; nil if the history lacks it. O(1).
  public func invocation(of completion: Operation) -> Operation? {
    partners[completion.index].map { operations[$0] }
  }

  /// The index of an entry's completion or invocation; nil if it has none. O(1).
  package func partner(of index: Int) -> Int? { partners[index] }

  /// The entries of clients, without those of the nemesis.
  public var clientOperations: some Sequence<Operation> { operations.lazy.filter(\.isClient) }
}
