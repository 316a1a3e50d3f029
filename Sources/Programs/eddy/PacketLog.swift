import EddyNetwork

/// Prints messages as they are sent and as they arrive: `--log-net-send`, `--log-net-recv`.
struct PacketLog {
  let logsSent: Bool
  let logsReceived: Bool

  var isOn: Bool { logsSent || logsReceived }

  /// Prints what has happened.
  func print(_ events: [(event: Journal.Event, line: [UInt8])], on console: Console) {
    for (event, bytes) in events {
      let line = { String(decoding: bytes, as: UTF8.self) }
      switch event.kind {
      case .sent where logsSent: console.print("sent      \(line())")
      case .received where logsReceived: console.print("received  \(line())")
      case .dropped(let fate) where logsReceived: console.print("dropped by \(fate.rawValue)  \(line())")
      default: break
      }
    }
  }
}
