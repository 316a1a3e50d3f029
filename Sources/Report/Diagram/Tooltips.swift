import EddyHistory
import EddyNetwork
import EddyNode
import EddyTiming

/// The maximum number of characters of a payload or value in a tooltip.
private let payloadLimit = 400

/// The text; if it is long, its beginning and its length.
private func excerpt(_ text: String) -> String {
  let cut = text.shortened(to: payloadLimit)
  return cut.utf8.count == text.utf8.count ? text : "\(cut) (\(text.utf8.count.grouped) bytes)"
}

extension MessageRecord {
  /// Type, sender, receiver, times and payload of a message.
  var tooltip: String {
    var lines = ["\(type)  \(source) → \(destination)", "sent \(sent.clock)"]
    for time in received { lines.append("received \(time.clock), after \((time - sent).short)") }
    for drop in dropped { lines.append("lost \(drop.time.clock): \(drop.reason.explanation)") }
    if received.isEmpty, dropped.isEmpty { lines.append("never received") }
    lines.append(excerpt(String(decoding: line, as: UTF8.self)))
    return lines.joined(separator: "\n")
  }
}

extension Journal.DropReason {
  fileprivate var explanation: String {
    switch self {
    case .partition: "the receiver was cut off by a partition"
    case .loss: "at random"
    case .down: "the receiver was down"
    }
  }
}

extension Operation {
  /// The function with its argument and result, shortened: `broadcast 7`, `read → [1,2]`.
  func label(_ completion: Operation?) -> String {
    var text = function
    if let value, value.description != "null" { text += " \(value.description.shortened(to: 60))" }
    if let result = completion?.value, completion?.kind == .ok, result != value, result.description != "null"
    {
      text += " → \(result.description.shortened(to: 60))"
    }
    return text
  }

  /// All fields of an operation.
  func tooltip(_ completion: Operation?) -> String {
    var lines = ["operation \(index): \(function)\(isFinal ? " (final)" : "")"]
    if let value { lines[0] += " " + excerpt(value.description) }
    if case .client(let process) = process {
      lines.append("by process \(process)\(node.map { " on \($0)" } ?? "")")
    }
    lines.append("invoked \(time.clock)")
    guard let completion else { return (lines + ["never completed"]).joined(separator: "\n") }
    lines.append(
      "\(completion.kind.rawValue) \(completion.time.clock), after \((completion.time - time).short) (entry \(completion.index))"
    )
    if let error = completion.error { lines.append("\(error)") }
    if completion.kind == .ok, let result = completion.value, result != value {
      lines.append("→ " + excerpt(result.description))
    }
    return lines.joined(separator: "\n")
  }
}
