public import EddyNode
public import EddyTiming

/// One line of a history: the start or the end of something a client or the nemesis did.
///
/// The terms are Jepsen's: a process invokes an operation and later completes it, as `ok`
/// (it happened), `fail` (it did not) or `info` (nobody knows).
public struct Operation: Sendable {
  /// What an entry of the history says of its operation; Jepsen's `:type`.
  public enum Kind: String, Sendable {
    /// It begins.
    case invoke
    /// It happened.
    case ok
    /// It did not happen.
    case fail
    /// Nobody knows; also whatever the nemesis does.
    case info
  }

  /// Who acts.
  public enum Process: Hashable, Sendable {
    /// A logical client process. One that crashed (an `info` completion) is never used again.
    case client(Int)
    /// Whoever injects the faults.
    case nemesis
  }

  /// The entry's place in the history, from 0.
  public var index: Int
  /// When, on the run's clock (zero is the start of the run).
  public var time: Instant
  /// Who did it.
  public var process: Process
  /// Whether it began, or how it ended.
  public var kind: Kind
  /// What was asked for, such as `broadcast` or `read`; Jepsen's `:f`.
  public var function: String
  /// The argument of an invocation, the result of a completion. O(length) where it is long.
  public var value: RawJSON? {
    get { keptValue?.json }
    set { keptValue = newValue.map { .whole($0) } }
  }
  private var keptValue: KeptValue?
  /// Why it failed or is indeterminate.
  public var error: OperationError?
  /// True for the reads that follow recovery.
  public var isFinal: Bool
  /// The node that the client talks to; nil for the nemesis.
  public var node: String?
  /// The name under which the process speaks on the network: it ties an operation to its messages.
  public var client: String?

  /// An entry; a history numbers it.
  public init(
    index: Int = 0, time: Instant, process: Process, kind: Kind, function: String, value: RawJSON? = nil,
    error: OperationError? = nil, isFinal: Bool = false, node: String? = nil, client: String? = nil
  ) {
    self.index = index
    self.time = time
    self.process = process
    self.kind = kind
    self.function = function
    keptValue = value.map { .whole($0) }
    self.error = error
    self.isFinal = isFinal
    self.node = node
    self.client = client
  }

  /// Whether it is a client's, and not the nemesis's.
  public var isClient: Bool { process != .nemesis }

  /// Has a long value share what it repeats of earlier ones.
  mutating func shareValue(_ sharing: inout TextSharing) {
    guard case .whole(let json)? = keptValue, json.bytes.count >= TextSharing.leastLength else { return }
    keptValue = .shared(sharing.share(Array(json.bytes)) { .init(node ?? "", function) })
  }
}

/// A value in one of the ways to keep it.
private enum KeptValue {
  case whole(RawJSON)
  case shared(SharedText)

  package var json: RawJSON {
    switch self {
    case .whole(let json): json
    case .shared(let text): text.bytes.withUnsafeBufferPointer { RawJSON(validated: $0) }
    }
  }
}

/// Why an operation failed or is indeterminate, such as `net-timeout` or an RPC error's name.
public struct OperationError: Hashable, Sendable {
  /// A short name, such as `net-timeout`.
  public var name: String
  /// What the node said of it.
  public var text: String?

  /// An error of this name.
  public init(name: String, text: String? = nil) {
    self.name = name
    self.text = text
  }
}
