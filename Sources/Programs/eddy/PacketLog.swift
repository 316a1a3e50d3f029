import EddyNetwork

/// Prints messages as they are sent and as they arrive: `--log-net-send`, `--log-net-recv`.
struct PacketLog {
  let logsSent: Bool
  let logsReceived: Bool
  /// How many of the journal's events have been printed or passed over.
  private var seen = 0

  init(sent: Bool, received: Bool) {
    logsSent = sent
    logsReceived = received
  }

  /// Prints what is new in the journal.
  mutating func update(_ journal: Journal, on console: Console) {
    guard logsSent || logsReceived else { return }
    for (event, entry) in journal.events(since: seen) {
      let line = { String(decoding: entry.line, as: UTF8.self) }
      switch event.kind {
      case .sent where logsSent: console.print("sent      \(line())")
      case .received where logsReceived: console.print("received  \(line())")
      case .dropped(let fate) where logsReceived: console.print("dropped by \(fate.rawValue)  \(line())")
      default: break
      }
    }
    seen = journal.eventCount
  }
}
