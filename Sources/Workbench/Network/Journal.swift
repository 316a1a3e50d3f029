public import Timing

/// What became of every message: the raw material of statistics and diagrams.
public struct Journal: Sendable {
  /// Why a message was not delivered.
  public enum Fate: String, Sendable { case partition, loss, down }

  public enum Kind: Sendable, Hashable {
    case sent
    case received
    case dropped(Fate)
  }

  public struct Event: Sendable {
    public var time: Instant
    public var kind: Kind
    /// Index into ``Journal/messages``.
    public var message: Int
  }

  /// All messages, by the number of their envelope.
  public private(set) var messages: [Network.Envelope] = []
  /// All events in the order they happened.
  public private(set) var events: [Event] = []

  mutating func sent(_ envelope: Network.Envelope, at now: Instant) {
    messages.append(envelope)
    events.append(Event(time: now, kind: .sent, message: envelope.id))
  }

  mutating func received(_ envelope: Network.Envelope, at now: Instant) {
    events.append(Event(time: now, kind: .received, message: envelope.id))
  }

  mutating func dropped(_ envelope: Network.Envelope, at now: Instant, because fate: Fate) {
    events.append(Event(time: now, kind: .dropped(fate), message: envelope.id))
  }
}
