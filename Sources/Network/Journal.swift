package import EddyHistory
public import EddyNode
public import EddyTiming

/// A record of every message and what happened to it: the source of diagrams and of `messages.jsonl`.
///
/// The journal keeps the first and the last messages of a run, within a ``Budget``, so that nodes that send
/// without end fill neither memory nor disk. It counts the messages in between by sender, receiver and type.
/// ``NetworkStatistics`` is exact in any case.
///
/// The first messages stay in memory or are streamed. A streamed message is returned by
/// ``takeRecords(since:)`` once it is complete, and then forgotten. The last messages always stay in memory,
/// because only the end of the run shows which they are.
///
/// It has many stored properties because it keeps three segments (the first messages, the previous segment
/// and the current one), each with its limits, and counts what it leaves out.
public struct Journal: Sendable {
  /// Why a message was not delivered.
  public enum DropReason: String, Sendable {
    /// A partition separates the receiver from the sender.
    case partition
    /// The message was lost at random.
    case loss
    /// The receiver was down.
    case down
  }

  /// A kind of event.
  public enum Kind: Sendable, Hashable {
    /// The message was sent.
    case sent
    /// A copy was delivered.
    case received
    /// A copy was dropped.
    case dropped(DropReason)
  }

  /// An event in the life cycle of a message.
  public struct Event: Sendable {
    /// The time of the event.
    public var time: Instant
    /// The kind of event.
    public var kind: Kind
    /// Index into ``Journal/messages``.
    public var message: Int
  }

  /// A message in the journal.
  public struct Entry: Sendable {
    /// The message's number, from 0 in the order of sending.
    public var id: Int
    /// Whether the message's sender or receiver is a client.
    public var involvesClient: Bool
    package let text: SharedText

    /// The message as it was written, without its newline. O(length).
    public var line: [UInt8] { text.bytes }

    /// The message, parsed on each access. O(length).
    public var message: Message { Message(validated: line) }
  }

  /// A limit on the messages that a journal keeps.
  public struct Budget: Sendable {
    /// The largest number of messages.
    public var messages: Int
    /// The largest total length of the messages, in bytes.
    public var bytes: Int

    /// Creates a budget. Few runs exceed the default; one that does takes a few hundred MB of memory.
    public init(messages: Int = 400_000, bytes: Int = 256 << 20) {
      self.messages = messages
      self.bytes = bytes
    }

    /// The share of one segment.
    func divided(by divisor: Int) -> Budget {
      Budget(messages: max(1, messages / divisor), bytes: max(1, bytes / divisor))
    }
  }

  /// A segment of the journal: consecutive messages, and the events during that time.
  private struct Segment: Sendable {
    var messages: [Entry] = []
    /// Each event's `message` is the number of the message, not an index.
    var events: [Event] = []
    var bytes = 0

    func exceeds(_ budget: Budget) -> Bool { messages.count >= budget.messages || bytes >= budget.bytes }
  }

  let budget: Budget
  /// The first messages, up to half of the budget; empty if they are streamed.
  private var head = Segment()
  /// The first messages if they are streamed, nil otherwise.
  private var stream: RecordStream?
  /// The number and total length in bytes of the first messages.
  private var headSize = (messages: 0, bytes: 0)
  private var isHeadFull = false
  /// The last messages. When the current segment reaches a quarter of the budget, the previous one is
  /// discarded.
  private var previous = Segment()
  private var current = Segment()
  /// The events since the last ``takeRecentEvents()``; nil if the caller does not ask for them.
  private var recent: [(event: Event, line: [UInt8])]?
  /// The number of messages sent so far.
  public private(set) var messageCount = 0
  /// A count of the messages that are left out.
  public private(set) var omitted = MessageTally()
  /// The number of messages sent by each node, by index. Shorter than the cluster if the last nodes have sent
  /// none.
  private(set) var nodeSendCounts: [Int] = []
  private var sharing = TextSharing()

  /// Creates an empty journal.
  ///
  /// - Parameters:
  ///   - budget: The limit on the messages kept.
  ///   - isStreamed: Whether ``takeRecords(since:)`` returns the first messages as they complete.
  ///   - keepsRecentEvents: Whether events are kept for ``takeRecentEvents()``, which the caller must then
  ///     call regularly.
  public init(budget: Budget = Budget(), isStreamed: Bool = false, keepsRecentEvents: Bool = false) {
    self.budget = budget
    stream = isStreamed ? RecordStream() : nil
    recent = keepsRecentEvents ? [] : nil
  }

  /// The number of the first message of ``previous``.
  private var tailStart: Int { headSize.messages + omitted.count }
}

// MARK: - Kept messages

extension Journal {
  /// The messages in memory, in the order of sending.
  public var messages: [Entry] {
    isHeadFull ? head.messages + previous.messages + current.messages : head.messages
  }

  /// The events of the messages in memory, in order. An event's `message` is an index into ``messages``.
  public var events: [Event] {
    guard isHeadFull else { return head.events }
    let all = head.events + previous.events + current.events
    let gap = tailStart - head.messages.count
    guard gap > 0 else { return all }
    return all.map { event in
      var event = event
      if event.message >= head.messages.count { event.message -= gap }
      return event
    }
  }

  /// The entry of a message; nil if it is not in memory.
  func entry(of id: Int) -> Entry? {
    if id < headSize.messages { return stream == nil ? head.messages[id] : stream?.latestEntry(of: id) }
    let index = id - tailStart
    guard index >= 0 else { return nil }
    if index < previous.messages.count { return previous.messages[index] }
    let rest = index - previous.messages.count
    return current.messages.indices.contains(rest) ? current.messages[rest] : nil
  }

  /// Removes and returns the events since the last call, in order, each with its message's line.
  public mutating func takeRecentEvents() -> [(event: Event, line: [UInt8])] {
    defer { if recent?.isEmpty == false { recent = [] } }
    return recent ?? []
  }

  /// Removes and returns the records that have completed since the last call. Times count from `origin`.
  public mutating func takeRecords(since origin: Instant) -> [MessageRecord] {
    stream?.takeCompleted().map { $0.shifted(to: origin) } ?? []
  }

  /// The streamed records that have not been taken, complete or not, in the order of sending.
  func recordsLeftInStream(since origin: Instant) -> [MessageRecord] {
    stream?.rest.map { $0.shifted(to: origin) } ?? []
  }
}

// MARK: - The network's side

extension Journal {
  /// Adds a message that is sent.
  ///
  /// - Parameter copies: The number of copies in flight; 1 for a message that is lost at once.
  mutating func sent(_ envelope: Network.Envelope, copies: Int = 1, at now: Instant) {
    let text = sharing.share(envelope.line) { .init(envelope.message.source, envelope.message.type) }
    messageCount += 1
    if case .node(let node) = envelope.source { countSend(of: node) }
    let entry = Entry(id: envelope.id, involvesClient: envelope.involvesClient, text: text)
    if !isHeadFull, !isHeadFilled {
      headSize.messages += 1
      headSize.bytes += envelope.line.count
      if stream == nil { head.messages.append(entry) } else { stream?.open(entry, copies: copies, at: now) }
    } else {
      isHeadFull = true
      if current.exceeds(budget.divided(by: 4)) { startSegment() }
      current.messages.append(entry)
      current.bytes += envelope.line.count
    }
    note(.sent, of: envelope, at: now)
  }

  mutating func received(_ envelope: Network.Envelope, at now: Instant) {
    note(.received, of: envelope, at: now)
  }

  mutating func dropped(_ envelope: Network.Envelope, at now: Instant, because reason: DropReason) {
    note(.dropped(reason), of: envelope, at: now)
  }

  private var isHeadFilled: Bool {
    let half = budget.divided(by: 2)
    return headSize.messages >= half.messages || headSize.bytes >= half.bytes
  }

  private mutating func countSend(of node: Int) {
    while nodeSendCounts.count <= node { nodeSendCounts.append(0) }
    nodeSendCounts[node] += 1
  }

  private mutating func note(_ kind: Kind, of envelope: Network.Envelope, at now: Instant) {
    let event = Event(time: now, kind: kind, message: envelope.id)
    recent?.append((event, envelope.line))
    let isOfHead = event.message < headSize.messages
    if isOfHead, stream != nil {
      stream?.note(event)
    } else if !isHeadFull {
      head.events.append(event)
    } else if isOfHead || event.message >= tailStart {
      current.events.append(event)
    }
  }

  /// Discards the previous segment and begins a new one.
  private mutating func startSegment() {
    for entry in previous.messages { omitted.add(entry.message) }
    // Events of the first messages may come later; keep them.
    head.events += previous.events.filter { $0.message < headSize.messages }
    let kept = tailStart
    current.events.removeAll { $0.message >= headSize.messages && $0.message < kept }
    previous = current
    current = Segment()
  }
}
