public import EddyHistory
import EddyNode
import EddyTiming

// How operations are named in the sentences of an anomaly.

extension Operation {
  /// The operation in words, such as "`broadcast` of 7 on n3 at 1.204 s (operation 17)".
  var sentence: String { "`\(function)`\(value == nil ? "" : " of \(shortValue)") \(whereAndWhen)" }

  /// Such as "on n3 at 1.204 s (operation 17)".
  var whereAndWhen: String { "\(node.map { "on \($0) " } ?? "")at \(time.seconds) (operation \(index))" }

  /// The value, cut where it would drown a sentence.
  var shortValue: String { value?.shortened ?? "nothing" }
}

extension RawJSON {
  /// The value's text, cut where it would drown a sentence.
  package var shortened: String {
    let limit = 80
    return description.count <= limit ? description : description.prefix(limit) + "…"
  }
}

extension Instant {
  /// Seconds since the start of the run with three decimals, such as `1.204 s`.
  package var seconds: String { "\((nanoseconds / 1_000_000).inThousandths) s" }
}

extension OperationError: CustomStringConvertible {
  /// Such as `net-timeout` or `abort: the key is locked`.
  public var description: String { text.map { "\(name): \($0)" } ?? name }
}
