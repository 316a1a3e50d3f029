public import EddyHistory
public import EddyNode
import EddyTiming

extension Journal {
  /// What happened, one line an event, to be read by people and compared by tests.
  ///
  ///     100.000 ms n0 ─▶ n1 {"type":"gossip", …}
  ///
  /// `──` is sent, `─▶` received, `─✕` lost; lines with `#` are the nodes' logs. Messages from
  /// and to clients, which take no time, are shown when they are received.
  ///
  /// - Parameters:
  ///   - log: What the nodes logged.
  ///   - shown: Which messages to write; all by default.
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
