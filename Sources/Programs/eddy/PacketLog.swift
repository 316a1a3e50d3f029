import EddyNetwork

/// Prints messages as they are sent, received and dropped: `--log-net-send`, `--log-net-recv`.
struct PacketLog {
  let logsSent: Bool
  let logsReceived: Bool

  var isOn: Bool { logsSent || logsReceived }

  /// Prints events, each with its message.
  func print(_ events: [(event: Journal.Event, line: [UInt8])], on console: Console) {
    for (event, bytes) in events {
      let line = { String(decoding: bytes, as: UTF8.self) }
      switch event.kind {
      case .sent where logsSent: console.print("sent      \(line())")
      case .received where logsReceived: console.print("received  \(line())")
      case .dropped(let reason) where logsReceived: console.print("dropped by \(reason.rawValue)  \(line())")
      default: break
      }
    }
  }
}
