public import EddyTiming

/// The part of a run that a Lamport diagram shows.
///
/// All conditions must hold. The diagram states what they exclude.
public struct DiagramFilter: Sendable, Hashable {
  /// Indices of entries of the history: only the causal past and future of their operations is shown. Empty:
  /// no restriction.
  public var around: [Int]
  /// The earliest time shown; nil for no restriction.
  public var from: Instant?
  /// The latest time shown; nil for no restriction.
  public var to: Instant?
  /// Only these nodes, their clients and the services, and the messages among them. Empty: no restriction.
  public var nodes: [String]
  /// Only messages of these types. Empty: no restriction.
  public var types: [String]
  /// The maximum number of messages. With ``around``, those nearest in causal order are shown, else the
  /// first.
  public var limit: Int

  /// The default limit: more messages are neither readable nor fast in a browser.
  public static let defaultLimit = 1000

  public init(
    around: [Int] = [], from: Instant? = nil, to: Instant? = nil, nodes: [String] = [], types: [String] = [],
    limit: Int = Self.defaultLimit
  ) {
    precondition(limit > 0, "the limit must be positive")
    self.around = around
    self.from = from
    self.to = to
    self.nodes = nodes
    self.types = types
    self.limit = limit
  }
}
