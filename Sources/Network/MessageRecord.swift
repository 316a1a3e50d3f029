package import EddyHistory
public import EddyNode
public import EddyTiming

/// A line of `messages.jsonl`: one message, and what became of it.
///
///     {"id":3,"sent":12000000,"received":[112000000],"src":"n0","dest":"n1","type":"gossip","message":{…}}
///
/// Times are in nanoseconds since the start of operations, negative before it. A message has
/// several `received` when it was duplicated, none when it is lost or still under way; `dropped`
/// lists times with reasons, and is there only if it says something.
public struct MessageRecord: Hashable, Sendable {
  /// A copy of the message that was thrown away.
  public struct Drop: Hashable, Sendable {
    /// When.
    public var time: Instant
    /// Why.
    public var fate: Journal.Fate
  }

  /// Numbered from 0 in the order of sending.
  public var id: Int
  /// When it set out.
  public var sent: Instant
  /// When each copy of it arrived.
  public var received: [Instant] = []
  /// The copies that did not arrive.
  public var dropped: [Drop] = []
  /// Who sent it, as the message says.
  public var source: String
  /// Who it is for.
  public var destination: String
  /// The type of its body.
  public var type: String
  /// What ``line`` holds.
  package var text: SharedText

  /// The line as it was written, without its newline. O(length).
  public var line: [UInt8] { text.bytes }

  /// Notes what happened to the message, or to a copy of it.
  mutating func note(_ kind: Journal.Kind, at time: Instant) {
    switch kind {
    case .sent: sent = time
    case .received: received.append(time)
    case .dropped(let fate): dropped.append(.init(time: time, fate: fate))
    }
  }

  /// The same with times that count from `origin`.
  func shifted(to origin: Instant) -> MessageRecord {
    func shift(_ time: Instant) -> Instant { Instant(nanoseconds: (time - origin).nanoseconds) }
    var record = self
    record.sent = shift(sent)
    record.received = received.map(shift)
    record.dropped = dropped.map { Drop(time: shift($0.time), fate: $0.fate) }
    return record
  }
}

// MARK: - From the journal

extension Journal {
  /// A record of each message that is in memory, in the order of sending, made when it is asked for; times count
  /// from `origin`.
  ///
  /// - Complexity: O(events) here, then O(1) a record.
  public func records(since origin: Instant) -> some Sequence<MessageRecord> {
    let (messages, events) = (messages, events)
    let eventsOfMessage = GroupedEvents(events, of: messages.count)
    let rest = recordsLeftInStream(since: origin)
    return (0..<rest.count + messages.count).lazy.map { place in
      guard place >= rest.count else { return rest[place] }
      let index = place - rest.count
      let (text, message) = (messages[index].text, messages[index].message)
      var record = MessageRecord(
        id: messages[index].id, sent: origin, source: message.source, destination: message.destination,
        type: message.type, text: text)
      for event in eventsOfMessage.events(of: index) {
        record.note(events[event].kind, at: events[event].time)
      }
      return record.shifted(to: origin)
    }
  }

  /// The events' indices sorted by message, by counting: two plain arrays, for there may be millions.
  private struct GroupedEvents {
    var indices: [Int]
    /// Where in `indices` each message's events begin, and at last the end of all.
    var starts: [Int]

    init(_ events: [Event], of messageCount: Int) {
      starts = Array(repeating: 0, count: messageCount + 1)
      for event in events { starts[event.message + 1] += 1 }
      for message in 0..<messageCount { starts[message + 1] += starts[message] }
      var next = starts
      indices = Array(repeating: 0, count: events.count)
      for (index, event) in events.enumerated() {
        indices[next[event.message]] = index
        next[event.message] += 1
      }
    }

    func events(of message: Int) -> ArraySlice<Int> { indices[starts[message]..<starts[message + 1]] }
  }
}

// MARK: - As JSON

extension MessageRecord: JSONEncodable {
  /// Writes the record as a line of `messages.jsonl`, without the newline.
  public func encode(into writer: inout JSONWriter) {
    writer.object {
      $0.field("id", id)
      $0.field("sent", sent.nanoseconds)
      $0.field("received", received.map(\.nanoseconds))
      if !dropped.isEmpty { $0.field("dropped", dropped) }
      $0.field("src", source)
      $0.field("dest", destination)
      $0.field("type", type)
      $0.field("message") { $0.encoded(line[...]) }
    }
  }

  /// Reads a line of `messages.jsonl`; throws what is wrong with it.
  public init(parsing line: [UInt8]) throws {
    var reader = JSONReader(line)
    var members: [String: RawJSON] = [:]
    try reader.beginObject()
    while let key = try reader.nextKey() { members[key] = try reader.readRaw() }
    try reader.finish()

    func member(_ key: String) throws(Malformed) -> RawJSON {
      guard let value = members[key] else { throw Malformed(reason: "no \"\(key)\"") }
      return value
    }
    var (id, sent) = (try member("id").reader, try member("sent").reader)
    let message = Array(try member("message").bytes)
    let envelope = try Message(parsing: message)
    self.init(
      id: try id.readInt(), sent: try Instant(recordedIn: &sent), source: envelope.source,
      destination: envelope.destination, type: envelope.type, text: SharedText(message))
    var received = try member("received").reader
    try received.beginArray()
    while try received.nextElement() {
      self.received.append(try Instant(recordedIn: &received))
    }
    if case .array(let drops)? = members["dropped"]?.decoded() { dropped = try drops.map(Drop.init) }
  }

  /// What is valid JSON and yet no record.
  private struct Malformed: Error { var reason: String }
}

extension MessageRecord.Drop: JSONEncodable {
  /// Writes the drop as `[time, reason]`.
  public func encode(into writer: inout JSONWriter) {
    writer.array {
      $0.value(time.nanoseconds)
      $0.value(fate.rawValue)
    }
  }

  fileprivate init(_ json: JSONValue) throws {
    guard case .integer(let time)? = json[0], case .string(let name)? = json[1],
      let fate = Journal.Fate(rawValue: name)
    else { throw RPCError.malformedRequest("a drop is a time and a reason") }
    self.init(time: try Instant(recorded: time), fate: fate)
  }
}
