public import EddyHistory
public import EddyNode
import EddyTiming

extension Journal {
  /// The events as text, one per line, for people to read and for tests to compare.
  ///
  ///     100.000 ms n0 ─▶ n1 {"type":"gossip", …}
  ///
  /// `──` means sent, `─▶` received, `─✕` dropped; lines with `#` are the nodes' logs. A message from or to a
  /// client takes no time and is shown only when it is received.
  ///
  /// - Parameters:
  ///   - log: The nodes' log lines.
  ///   - shown: Selects the messages to write; all by default.
  public func transcript(log: [LogLine] = [], where shown: (Message) -> Bool = { _ in true }) -> String {
    var lines: [(time: Instant, text: String)] = log.map { ($0.time, "# \($0.text)") }
    let messages = messages
    for event in events {
      let entry = messages[event.message]
      if event.kind == .sent, entry.involvesClient { continue }
      let message = entry.message
      guard shown(message) else { continue }
      let arrow =
        switch event.kind {
        case .sent: "──"
        case .received: "─▶"
        case .dropped: "─✕"
        }
      lines.append((event.time, "\(message.source) \(arrow) \(message.destination) \(message.rawBody)"))
    }
    let sorted = lines.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
    return sorted.map { "\($0.element.time) \($0.element.text)\n" }.joined()
  }
}
