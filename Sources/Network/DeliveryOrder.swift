import EddyTiming

/// The order in which a receiver is delivered its messages.
public enum DeliveryOrder: String, CaseIterable, Sendable {
  /// Each message is delivered when it is due.
  case independent
  /// As in Maelstrom's network (`recv!` in its `net.clj`): a receiver takes the message that is due first and
  /// waits until it is due, even if others arrive meanwhile.
  ///
  /// This is head-of-line blocking. A client's request, which has no latency of its own, waits for a node's
  /// message in flight. With varying latencies, fewer messages overtake each other. A partition drops a
  /// message that is taken during it, even if the message is due after it.
  case blocking
}

/// The messages in flight to one receiver, with blocking delivery.
struct Inbox {
  /// Ordered by due time.
  var waiting = TimerQueue<Network.Envelope>()
  /// The message that the receiver has taken and waits for, among those in flight.
  var taken: TimerID?

  /// Removes and returns the message that is due first; nil if the receiver is waiting for another. O(log n).
  mutating func next() -> (Network.Envelope, due: Instant)? { taken == nil ? first() : nil }

  /// Removes and returns the message that is due first. O(log n).
  mutating func first() -> (Network.Envelope, due: Instant)? {
    guard let due = waiting.nextDeadline, let next = waiting.popDue(at: due) else { return nil }
    return (next.element, due)
  }
}

/// The inboxes of all receivers. Nodes and clients are looked up by number, because every message passes
/// through an inbox several times.
struct Inboxes {
  private var nodes: [Inbox] = []
  private var clients: [Inbox] = []
  private var services: [String: Inbox] = [:]

  /// All inboxes.
  var all: [Inbox] { nodes + clients + services.sorted { $0.key < $1.key }.map(\.value) }

  /// The receiver's inbox; empty until it is used.
  subscript(receiver: Network.Endpoint) -> Inbox {
    get {
      switch receiver {
      case .node(let index): index < nodes.count ? nodes[index] : Inbox()
      case .client(let number): number < clients.count ? clients[number] : Inbox()
      case .service(let name): services[name, default: Inbox()]
      }
    }
    // In place, because copying an inbox's queue for every message would be slow.
    _modify {
      switch receiver {
      case .node(let index):
        while nodes.count <= index { nodes.append(Inbox()) }
        yield &nodes[index]
      case .client(let number):
        while clients.count <= number { clients.append(Inbox()) }
        yield &clients[number]
      case .service(let name): yield &services[name, default: Inbox()]
      }
    }
  }
}
