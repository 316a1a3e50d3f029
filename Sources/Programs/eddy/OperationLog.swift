import EddyHistory
import EddyNode
import EddyTiming

/// Prints the entries of the history, one per line: `--log-ops`.
///
///     1.234 s  process 3  invoke  broadcast  17
struct OperationLog {
  /// The number of entries printed.
  private var seen = 0

  /// The largest number of characters of a value that are shown.
  private static let valueLimit = 80

  /// Prints the entries added since the last call.
  mutating func update(_ history: History, on console: Console) {
    for operation in history.operations[seen...] { console.print(Self.line(operation)) }
    seen = history.operations.count
  }

  package static func line(_ operation: Operation) -> String {
    let process =
      switch operation.process {
      case .client(let number): "process \(number)"
      case .nemesis: "nemesis"
      }
    let seconds = (Double(operation.time.nanoseconds) / 1e9).fixed(3)
    var parts = ["\(seconds) s", process, operation.kind.rawValue, operation.function]
    if let value = operation.value?.description { parts.append(value.shortened(to: valueLimit)) }
    if let error = operation.error {
      let text = [error.name, error.text].compactMap(\.self).joined(separator: ": ")
      parts.append(text.shortened(to: valueLimit))
    }
    return parts.joined(separator: "  ")
  }
}
