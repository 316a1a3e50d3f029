public import EddyHistory
import EddyNode
import EddyTiming

// Names of operations, values and times in the sentences of an anomaly.

extension Operation {
  /// The operation with its value, such as "`broadcast` of 7 on n3 at 1.204 s (operation 17)".
  var sentence: String { "`\(function)`\(value == nil ? "" : " of \(shortValue)") \(whereAndWhen)" }

  /// Node, time and index, such as "on n3 at 1.204 s (operation 17)".
  var whereAndWhen: String { "\(node.map { "on \($0) " } ?? "")at \(time.seconds) (operation \(index))" }

  /// The value, shortened to fit a sentence.
  var shortValue: String { value?.excerpt ?? "nothing" }
}

extension RawJSON {
  /// The value's text, shortened to fit a sentence.
  package var excerpt: String { description.shortened(to: 80) }
}

extension Instant {
  /// Seconds since the start of operations, truncated to three decimals, such as `1.204 s`.
  package var seconds: String { "\((nanoseconds / 1_000_000).inThousandths) s" }
}

extension OperationError: CustomStringConvertible {
  /// The name and the text, such as `net-timeout` or `abort: the key is locked`.
  public var description: String { text.map { "\(name): \($0)" } ?? name }
}
