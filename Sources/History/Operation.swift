public import EddyNode
public import EddyTiming

/// One entry of a history: the invocation or completion of a client's operation, or an entry of the nemesis.
///
/// The terms are Jepsen's. A process invokes an operation and later completes it as `ok` (it took effect),
/// `fail` (it did not) or `info` (the outcome is unknown).
public struct Operation: Sendable {
  /// The kind of an entry; Jepsen's `:type`.
  public enum Kind: String, Sendable {
    /// The invocation.
    case invoke
    /// A completion: the operation took effect.
    case ok
    /// A completion: the operation did not take effect.
    case fail
    /// A completion with unknown outcome. All entries of the nemesis have this kind.
    case info
  }

  /// The actor of an entry.
  public enum Process: Hashable, Sendable {
    /// A logical client process. After an `info` completion its number is not used again.
    case client(Int)
    /// The process that injects faults.
    case nemesis
  }

  /// The entry's index in the history, from 0.
  public var index: Int
  /// The time on the run's clock; zero is the start of operations.
  public var time: Instant
  /// The process of the operation.
  public var process: Process
  /// Whether the entry is an invocation, or how the operation completed.
  public var kind: Kind
  /// The function, such as `broadcast` or `read`; Jepsen's `:f`.
  public var function: String
  /// The argument of an invocation or the result of a completion.
  ///
  /// - Complexity: O(length) for a long value in a history, which shares text with others; else O(1).
  public var value: RawJSON? {
    get { storedValue?.json }
    set { storedValue = newValue.map { .whole($0) } }
  }
  private var storedValue: StoredValue?
  /// Why the operation failed or its outcome is unknown.
  public var error: OperationError?
  /// Whether the operation belongs to the final phase, after recovery.
  public var isFinal: Bool
  /// The node that the client talks to; nil for the nemesis.
  public var node: String?
  /// The process's name on the network, which relates an operation to its messages.
  public var client: String?

  /// An entry. A history sets its index.
  public init(
    index: Int = 0, time: Instant, process: Process, kind: Kind, function: String, value: RawJSON? = nil,
    error: OperationError? = nil, isFinal: Bool = false, node: String? = nil, client: String? = nil
  ) {
    self.index = index
    self.time = time
    self.process = process
    self.kind = kind
    self.function = function
    storedValue = value.map { .whole($0) }
    self.error = error
    self.isFinal = isFinal
    self.node = node
    self.client = client
  }

  /// Whether the process is a client.
  public var isClient: Bool { process != .nemesis }

  /// Makes a long value share its text with earlier values.
  mutating func shareValue(_ sharing: inout TextSharing) {
    guard case .whole(let json)? = storedValue, json.bytes.count >= TextSharing.leastLength else { return }
    storedValue = .shared(sharing.share(Array(json.bytes)) { .init(node ?? "", function) })
  }
}

/// The representation of a value.
private enum StoredValue {
  case whole(RawJSON)
  case shared(SharedText)

  package var json: RawJSON {
    switch self {
    case .whole(let json): json
    case .shared(let text): text.bytes.withUnsafeBufferPointer { RawJSON(validated: $0) }
    }
  }
}

/// Why an operation failed or its outcome is unknown, such as `net-timeout` or an RPC error's name.
public struct OperationError: Hashable, Sendable {
  /// A short name, such as `net-timeout`.
  public var name: String
  /// A description, such as the text of an RPC error.
  public var text: String?

  /// An error with this name.
  public init(name: String, text: String? = nil) {
    self.name = name
    self.text = text
  }
}
