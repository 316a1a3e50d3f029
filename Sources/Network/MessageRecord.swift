package import EddyHistory
public import EddyNode
public import EddyTiming

/// A line of `messages.jsonl`: one message and what happened to it.
///
///     {"id":3,"sent":12000000,"received":[112000000],"src":"n0","dest":"n1","type":"gossip","message":{…}}
///
/// Times are in nanoseconds since the start of operations, negative before it. `received` has several times
/// if the message was duplicated, and none if it was lost or is still in flight. `dropped` lists times with
/// reasons; it is absent if no copy was dropped.
public struct MessageRecord: Hashable, Sendable {
  /// A copy of the message that was dropped.
  public struct Drop: Hashable, Sendable {
    /// The time of the drop.
    public var time: Instant
    /// Why the copy was dropped.
    public var reason: Journal.DropReason
  }

  /// The message's number, from 0 in the order of sending.
  public var id: Int
  /// The time of sending.
  public var sent: Instant
  /// The arrival time of each delivered copy.
  public var received: [Instant] = []
  /// The copies that were dropped.
  public var dropped: [Drop] = []
  /// The message's `src`.
  public var source: String
  /// The message's `dest`.
  public var destination: String
  /// The type of the message's body.
  public var type: String
  /// The bytes of ``line``, shared with other records.
  package var text: SharedText

  /// The message as it was written, without its newline. O(length).
  public var line: [UInt8] { text.bytes }

  /// Adds an event of the message or of one of its copies.
  mutating func note(_ kind: Journal.Kind, at time: Instant) {
    switch kind {
    case .sent: sent = time
    case .received: received.append(time)
    case .dropped(let reason): dropped.append(.init(time: time, reason: reason))
    }
  }

  /// Returns the record with its times counted from `origin`.
  func shifted(to origin: Instant) -> MessageRecord {
    func shift(_ time: Instant) -> Instant { Instant(nanoseconds: (time - origin).nanoseconds) }
    var record = self
    record.sent = shift(sent)
    record.received = received.map(shift)
    record.dropped = dropped.map { Drop(time: shift($0.time), reason: $0.reason) }
    return record
  }
}

// MARK: - From the journal

extension Journal {
  /// The records of the messages in memory, in the order of sending. Each is made when it is read. Times
  /// count from `origin`.
  ///
  /// - Complexity: O(events) for the call, then O(1) per record.
  public func records(since origin: Instant) -> some Sequence<MessageRecord> {
    let (messages, events) = (messages, events)
    let eventsOfMessage = GroupedEvents(events, of: messages.count)
    let rest = recordsLeftInStream(since: origin)
    return (0..<rest.count + messages.count).lazy.map { number in
      guard number >= rest.count else { return rest[number] }
      let index = number - rest.count
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

  /// The events' indices, grouped by message with a counting sort. Two plain arrays, because there may be
  /// millions of events.
  private struct GroupedEvents {
    var indices: [Int]
    /// The start of each message's events in `indices`, followed by the end of the last group.
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

  /// Reads a line of `messages.jsonl`. Throws an error that describes the first problem.
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

  /// Valid JSON that is not a record.
  private struct Malformed: Error { var reason: String }
}

extension MessageRecord.Drop: JSONEncodable {
  /// Writes the drop as `[time, reason]`.
  public func encode(into writer: inout JSONWriter) {
    writer.array {
      $0.value(time.nanoseconds)
      $0.value(reason.rawValue)
    }
  }

  fileprivate init(_ json: JSONValue) throws {
    guard case .integer(let time)? = json[0], case .string(let name)? = json[1],
      let reason = Journal.DropReason(rawValue: name)
    else { throw RPCError.malformedRequest("a drop is a time and a reason") }
    self.init(time: try Instant(recorded: time), reason: reason)
  }
}
