public import EddyTiming

/// What of a run a Lamport diagram shows.
///
/// Every condition narrows the picture; the picture says what they left out.
public struct DiagramFilter: Sendable, Hashable {
  /// Entries of the history whose operations' causal past and future are shown, by their index;
  /// none: not narrowed so.
  public var around: [Int]
  /// Only what happens at this time or later.
  public var from: Instant?
  /// Only what happens at this time or earlier.
  public var to: Instant?
  /// Only these nodes, their clients and the services, and what goes on among them; none: all.
  public var nodes: [String]
  /// Only messages of these types; none: all.
  public var types: [String]
  /// The most messages drawn. With ``around``, those nearest in time are; else the first.
  public var limit: Int

  /// As many messages as an eye and a browser take.
  public static let defaultLimit = 1000

  public init(
    around: [Int] = [], from: Instant? = nil, to: Instant? = nil, nodes: [String] = [], types: [String] = [],
    limit: Int = Self.defaultLimit
  ) {
    precondition(limit > 0, "a diagram without messages shows nothing")
    self.around = around
    self.from = from
    self.to = to
    self.nodes = nodes
    self.types = types
    self.limit = limit
  }
}
