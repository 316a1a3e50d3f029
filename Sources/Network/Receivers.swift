import EddyTiming

/// How those to whom messages are on their way take them.
public enum Receivers: String, CaseIterable, Sendable {
  /// Whatever is due is delivered.
  case independent
  /// As Maelstrom's network (`recv!` in its `net.clj`): a receiver takes the message that is due
  /// first and waits until it is, whatever comes meanwhile.
  ///
  /// This is head-of-line blocking: a client's request, which has no latency of its own, waits as
  /// long as a node's message is on its way; and with latencies that vary, messages overtake each
  /// other less. A partition drops what is taken during it, however long after it is due.
  case blocking
}

/// What is on its way to one receiver that takes one message after the other.
struct Inbox {
  /// Ordered by when they are due.
  var waiting = TimerQueue<Network.Envelope>()
  /// The message that was taken and has yet to be delivered, among those in flight.
  var taken: TimerID?

  /// The message that is due first, if the receiver is free. O(log n).
  mutating func next() -> (Network.Envelope, due: Instant)? { taken == nil ? first() : nil }

  /// The message that is due first. O(log n).
  mutating func first() -> (Network.Envelope, due: Instant)? {
    guard let due = waiting.nextDeadline, let next = waiting.popDue(at: due) else { return nil }
    return (next.element, due)
  }
}

/// The inboxes of all receivers; those of nodes and clients by their number, for every message goes
/// through one several times.
struct Inboxes {
  private var nodes: [Inbox] = []
  private var clients: [Inbox] = []
  private var services: [String: Inbox] = [:]

  /// Those that there are.
  var all: [Inbox] { nodes + clients + services.sorted { $0.key < $1.key }.map(\.value) }

  /// The receiver's inbox, which is empty at first.
  subscript(receiver: Network.Endpoint) -> Inbox {
    get {
      switch receiver {
      case .node(let place): place < nodes.count ? nodes[place] : Inbox()
      case .client(let number): number < clients.count ? clients[number] : Inbox()
      case .service(let name): services[name, default: Inbox()]
      }
    }
    // In place: a copy of an inbox's queue for every message would be felt.
    _modify {
      switch receiver {
      case .node(let place):
        while nodes.count <= place { nodes.append(Inbox()) }
        yield &nodes[place]
      case .client(let number):
        while clients.count <= number { clients.append(Inbox()) }
        yield &clients[number]
      case .service(let name): yield &services[name, default: Inbox()]
      }
    }
  }
}
