public import EddyTiming

/// The stretch of time around an operation on a register that has no place in any order.
public struct RegisterTimeline: Sendable {
  /// An operation.
  public struct Bar: Sendable {
    /// The client process.
    public var process: Int
    /// The node that the client talks to, if known.
    public var node: String?
    /// The index of the invocation in the history.
    public var invocation: Int
    /// The index of the completion in the history; nil if the outcome is unknown.
    public var completion: Int?
    /// The time of the invocation.
    public var start: Instant
    /// The time of the completion; nil if the outcome is unknown.
    public var end: Instant?
    /// What it did, such as `w 2` for a write, `r 2` for a read, `1→2` for a compare-and-set.
    public var label: String
    /// Its place in the order found, from 1; nil if it has none.
    public var place: Int?
    /// The register's value after it; nil if it has no place.
    public var value: String?
  }

  /// What the register is called, such as `key 3`.
  public var name: String
  /// The operations shown, in the order of their invocations.
  public var bars: [Bar]
  /// The index in ``bars`` of the operation that has no place.
  public var offender: Int
  /// The value that the offender needs.
  public var needed: String
  /// The register's value before the first operation shown that has a place.
  public var initialValue: String
  /// The number of operations that have a place before those shown.
  public var omittedCount: Int

  /// The greatest number of operations shown.
  static let barLimit = 24
}
