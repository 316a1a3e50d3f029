public import Node
public import Timing

/// What became of every message: the raw material of statistics and diagrams.
public struct Journal: Sendable {
  /// Why a message was not delivered.
  public enum Fate: String, Sendable {
    /// The receiver refuses the sender's messages.
    case partition
    /// It was lost at random.
    case loss
    /// The receiver had been killed.
    case down
  }

  /// What happened to a message.
  public enum Kind: Sendable, Hashable {
    /// It set out.
    case sent
    /// A copy of it arrived.
    case received
    /// A copy of it was thrown away.
    case dropped(Fate)
  }

  /// Something that happened to a message.
  public struct Event: Sendable {
    /// When.
    public var time: Instant
    /// What.
    public var kind: Kind
    /// Index into ``Journal/messages``.
    public var message: Int
  }

  /// A message, as it is kept.
  public struct Entry: Sendable {
    /// Whether a client sent it or is to receive it.
    public var involvesClient: Bool
    let text: SharedText

    /// The line as it was written, without its newline. O(length).
    public var line: [UInt8] { text.bytes }

    /// The line, parsed anew. O(length).
    public var message: Message { Message(validated: line) }
  }

  /// All messages, by the number of their envelope.
  public private(set) var messages: [Entry] = []
  /// All events in the order they happened.
  public private(set) var events: [Event] = []
  private var sharing = TextSharing()

  mutating func sent(_ envelope: Network.Envelope, at now: Instant) {
    let text = sharing.share(envelope.line) { .init(envelope.message.source, envelope.message.type) }
    messages.append(Entry(involvesClient: envelope.involvesClient, text: text))
    events.append(Event(time: now, kind: .sent, message: envelope.id))
  }

  mutating func received(_ envelope: Network.Envelope, at now: Instant) {
    events.append(Event(time: now, kind: .received, message: envelope.id))
  }

  mutating func dropped(_ envelope: Network.Envelope, at now: Instant, because fate: Fate) {
    events.append(Event(time: now, kind: .dropped(fate), message: envelope.id))
  }
}
