package import EddyNode
package import EddyTiming

/// A time in a file that no run can have had.
package struct ImpossibleTime: Error, CustomStringConvertible {
  package let description: String
}

extension Instant {
  /// How far from the origin a time in a file may be: 36 years, either way.
  ///
  /// Files are written by others. Differences of such times, and their sums with any delay of a run, do
  /// not overflow, so that nothing behind the readers has to be on its guard.
  private static let recordedLimit: Int = 1 << 60

  /// The time that a file names in nanoseconds.
  package init(recorded nanoseconds: Int) throws(ImpossibleTime) {
    guard (-Self.recordedLimit...Self.recordedLimit).contains(nanoseconds) else {
      throw ImpossibleTime(description: "the time \(nanoseconds) ns is more than 36 years from the origin")
    }
    self.init(nanoseconds: nanoseconds)
  }

  /// Reads a time that a file names in nanoseconds.
  package init(recordedIn reader: inout JSONReader) throws {
    try self.init(recorded: try reader.readInt())
  }
}
