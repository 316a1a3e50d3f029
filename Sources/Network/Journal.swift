package import EddyHistory
public import EddyNode
public import EddyTiming

/// What became of the messages: the raw material of diagrams and of `messages.jsonl`.
///
/// The first and the last messages of a run are recorded, within a ``Budget``: nodes that send without end fill
/// neither memory nor disk. What is left out in between is counted by sender, receiver and type. What
/// ``NetworkStatistics`` counts is exact in any case.
///
/// The first messages stay in memory, or are streamed: then ``takeRecords(since:)`` hands each out when nothing
/// more can become of it, and keeps nothing. The last messages stay in memory in either case, because nobody
/// knows before the end which they are.
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
    /// Its number, from 0 in the order of sending.
    public var id: Int
    /// Whether a client sent it or is to receive it.
    public var involvesClient: Bool
    package let text: SharedText

    /// The line as it was written, without its newline. O(length).
    public var line: [UInt8] { text.bytes }

    /// The line, parsed anew. O(length).
    public var message: Message { Message(validated: line) }
  }

  /// How much is kept.
  public struct Budget: Sendable {
    /// At most so many messages.
    public var messages: Int
    /// At most so many bytes of messages, as they are written.
    public var bytes: Int

    /// A budget; by default one that few runs exceed, and that costs some hundred MB where one does.
    public init(messages: Int = 400_000, bytes: Int = 256 << 20) {
      self.messages = messages
      self.bytes = bytes
    }

    /// The part of it that one stretch of messages may take.
    func divided(by divisor: Int) -> Budget {
      Budget(messages: max(1, messages / divisor), bytes: max(1, bytes / divisor))
    }
  }

  /// Messages that were sent one after the other, and what happened meanwhile.
  private struct Stretch: Sendable {
    var messages: [Entry] = []
    /// Their `message` is the number of the message.
    var events: [Event] = []
    var bytes = 0

    func exceeds(_ budget: Budget) -> Bool { messages.count >= budget.messages || bytes >= budget.bytes }
  }

  let budget: Budget
  /// The first messages, half of the budget, unless they are streamed.
  private var head = Stretch()
  /// The first messages, if they are streamed.
  private var stream: RecordStream?
  /// How many messages the first ones are, and how many bytes they have.
  private var headSize = (messages: 0, bytes: 0)
  private var isHeadFull = false
  /// The last messages: when a quarter of the budget is used up by the current stretch, the one before
  /// it is left out.
  private var previous = Stretch()
  private var current = Stretch()
  /// What happened since ``takeRecentEvents()``; nil if nobody asks.
  private var recent: [(event: Event, line: [UInt8])]?
  /// How many messages there were.
  public private(set) var messageCount = 0
  /// What is left out.
  public private(set) var omitted = MessageTally()
  /// How many messages each node has sent, by its index; shorter than the cluster if the last have sent none.
  private(set) var nodeSendCounts: [Int] = []
  private var sharing = TextSharing()

  /// A journal of nothing.
  ///
  /// - Parameters:
  ///   - budget: How much is kept.
  ///   - isStreamed: Whether the first messages are handed out as they complete.
  ///   - keepsRecentEvents: Whether ``takeRecentEvents()`` is called regularly.
  public init(budget: Budget = Budget(), isStreamed: Bool = false, keepsRecentEvents: Bool = false) {
    self.budget = budget
    stream = isStreamed ? RecordStream() : nil
    recent = keepsRecentEvents ? [] : nil
  }

  /// The number of the first message of ``previous``.
  private var tailStart: Int { headSize.messages + omitted.count }
}

// MARK: - What is kept

extension Journal {
  /// The messages that are in memory, in the order of sending.
  public var messages: [Entry] {
    isHeadFull ? head.messages + previous.messages + current.messages : head.messages
  }

  /// What happened to the messages that are in memory, in order; an event's `message` is an index into
  /// ``messages``.
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

  /// The entry of a message; nil of one that is not in memory.
  func entry(of id: Int) -> Entry? {
    if id < headSize.messages { return stream == nil ? head.messages[id] : stream?.latestEntry(of: id) }
    let index = id - tailStart
    guard index >= 0 else { return nil }
    if index < previous.messages.count { return previous.messages[index] }
    let rest = index - previous.messages.count
    return current.messages.indices.contains(rest) ? current.messages[rest] : nil
  }

  /// Takes what has happened since it was last asked, in order, with the lines of the messages.
  public mutating func takeRecentEvents() -> [(event: Event, line: [UInt8])] {
    defer { if recent?.isEmpty == false { recent = [] } }
    return recent ?? []
  }

  /// Takes the records that have completed since it was last asked; their times count from `origin`.
  public mutating func takeRecords(since origin: Instant) -> [MessageRecord] {
    stream?.takeCompleted().map { $0.shifted(to: origin) } ?? []
  }

  /// Records of the streamed messages that have not been taken, complete or not, in the order of sending.
  func recordsLeftInStream(since origin: Instant) -> [MessageRecord] {
    stream?.rest.map { $0.shifted(to: origin) } ?? []
  }
}

// MARK: - The network's side

extension Journal {
  /// Notes a message that sets out.
  ///
  /// - Parameter copies: How many copies of it are under way, or are lost at once.
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
      if current.exceeds(budget.divided(by: 4)) { startStretch() }
      current.messages.append(entry)
      current.bytes += envelope.line.count
    }
    note(.sent, of: envelope, at: now)
  }

  mutating func received(_ envelope: Network.Envelope, at now: Instant) {
    note(.received, of: envelope, at: now)
  }

  mutating func dropped(_ envelope: Network.Envelope, at now: Instant, because fate: Fate) {
    note(.dropped(fate), of: envelope, at: now)
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

  /// Leaves out the stretch before the current one, and begins another.
  private mutating func startStretch() {
    for entry in previous.messages { omitted.add(entry.message) }
    // What became of the first messages, and only later.
    head.events += previous.events.filter { $0.message < headSize.messages }
    let kept = tailStart
    current.events.removeAll { $0.message >= headSize.messages && $0.message < kept }
    previous = current
    current = Stretch()
  }
}
