package import EddyNode
package import EddyTiming

/// An error: a time in a file that is out of range for a run.
package struct ImpossibleTime: Error, CustomStringConvertible {
  package let description: String
}

extension Instant {
  /// The maximum distance of a time in a file from the origin, in nanoseconds: 36 years.
  ///
  /// Within this limit, differences of times and sums with the delays of a run do not overflow, so only the
  /// readers of files have to check.
  private static let recordedLimit: Int = 1 << 60

  /// A time from a file, in nanoseconds. Throws if it is out of range.
  package init(recorded nanoseconds: Int) throws(ImpossibleTime) {
    guard (-Self.recordedLimit...Self.recordedLimit).contains(nanoseconds) else {
      throw ImpossibleTime(description: "the time \(nanoseconds) ns is more than 36 years from the origin")
    }
    self.init(nanoseconds: nanoseconds)
  }

  /// Reads a time in nanoseconds from a file. Throws `JSONError` or ``ImpossibleTime``.
  package init(recordedIn reader: inout JSONReader) throws {
    try self.init(recorded: try reader.readInt())
  }
}
