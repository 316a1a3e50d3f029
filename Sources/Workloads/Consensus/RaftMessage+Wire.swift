public import EddyNode
public import EddyRaft

// Messages between nodes, as in docs/protocols.md. A node trusts no number: the engine ignores a message that no
// node of its cluster can have sent.

extension RaftMessage {
  /// The types of messages between nodes.
  static let types: Set<String> = [
    "append_entries", "report", "request_vote", "vote", "snapshot", "transfer",
  ]

  /// Terms, indices, stamps: far more than they come to, and so little that sums of them cannot overflow.
  private static let counts = 0..<(1 << 60)

  /// Throws ``RPCError/malformedRequest(_:)`` if the body is none of ``types``.
  init(_ message: Message) throws(RPCError) {
    let term = try message.integer("term", in: Self.counts)
    let body: Body
    switch message.type {
    case "append_entries": body = .append(try Append(message))
    case "report": body = .report(try Report(message))
    case "request_vote": body = .voteRequest(try VoteRequest(message))
    case "vote": body = .vote(try Vote(message))
    case "snapshot": body = .snapshot(try SnapshotPiece(message))
    case "transfer": body = .transfer
    default: throw .notSupported(type: message.type)
    }
    self.init(term: term, body)
    if message.contains("route") {
      let route = try message.counts("route", 2)
      self.route = Route(origin: route[0], destination: route[1])
    }
    if message.contains("hears_through") {
      hearing = .through(try message.count("hears_through"))
    } else if message.contains("hears_nothing") {
      hearing = .nothing
    }
  }

  /// Sends the message to a node.
  func send(to receiver: String, on node: Node) {
    switch body {
    case .append(let append): node.send(to: receiver, type: "append_entries") { write(&$0, append.write) }
    case .report(let report): node.send(to: receiver, type: "report") { write(&$0, report.write) }
    case .voteRequest(let request):
      node.send(to: receiver, type: "request_vote") { write(&$0, request.write) }
    case .vote(let vote): node.send(to: receiver, type: "vote") { write(&$0, vote.write) }
    case .snapshot(let piece): node.send(to: receiver, type: "snapshot") { write(&$0, piece.write) }
    case .transfer: node.send(to: receiver, type: "transfer") { write(&$0) { _ in } }
    }
  }

  private func write(_ writer: inout JSONWriter, _ fields: (inout JSONWriter) -> Void) {
    writer.field("term", term)
    fields(&writer)
    if let route { writer.field("route", [route.origin, route.destination]) }
    switch hearing {
    case .through(let relay): writer.field("hears_through", relay)
    case .nothing: writer.field("hears_nothing", true)
    case nil: break
    }
  }
}

extension Message {
  private static let counts = 0..<(1 << 60)

  fileprivate func count(_ field: String) throws(RPCError) -> Int { try integer(field, in: Self.counts) }

  fileprivate func counts(_ field: String, _ count: Int) throws(RPCError) -> [Int] {
    try integers(field, in: Array(repeating: Self.counts, count: count))
  }

  fileprivate func optionalCount(_ field: String) throws(RPCError) -> Int? {
    contains(field) ? try count(field) : nil
  }

  /// A field `[term, index]`.
  fileprivate func position(_ field: String) throws(RPCError) -> Position {
    let numbers = try counts(field, 2)
    return Position(term: numbers[0], index: numbers[1])
  }
}

extension Position: JSONEncodable {
  public func encode(into writer: inout JSONWriter) { writer.value([term, index]) }
}

extension Entry: JSONEncodable {
  /// `[term]` or `[term, origin, session, number of the first command, commands…]`.
  public func encode(into writer: inout JSONWriter) {
    writer.array {
      $0.value(term)
      if let batch { batch.encodeElements(into: &$0) }
    }
  }

  init(reading reader: inout JSONReader) throws(JSONError) {
    try reader.beginArray()
    let term = try reader.nextElement() ? try reader.readInt() : 0
    self.init(term: term, batch: try Batch(readingElements: &reader))
  }
}

extension Batch: JSONEncodable {
  /// `[origin, session, number of the first command, commands…]`.
  public func encode(into writer: inout JSONWriter) { writer.array { encodeElements(into: &$0) } }

  fileprivate func encodeElements(into writer: inout JSONWriter) {
    writer.value(origin)
    writer.value(session)
    writer.value(first)
    for command in commands { writer.encoded(command[...]) }
  }

  /// Reads the rest of an array; nil if nothing is left of it.
  fileprivate init?(readingElements reader: inout JSONReader) throws(JSONError) {
    var numbers: [Int] = []
    while numbers.count < 3, try reader.nextElement() { numbers.append(try reader.readInt()) }
    guard numbers.count == 3 else { return nil }
    var commands: [RaftCommand] = []
    while try reader.nextElement() { commands.append(Array(try reader.readSlice())) }
    self.init(origin: numbers[0], session: numbers[1], first: numbers[2], commands: commands)
  }

  fileprivate static func read(_ reader: inout JSONReader) throws(JSONError) -> Batch? {
    try reader.beginArray()
    return try Batch(readingElements: &reader)
  }
}

extension RaftMessage.Append {
  fileprivate init(_ message: Message) throws(RPCError) {
    self.init(
      previous: try message.position("after"),
      entries: message.contains("entries")
        ? try message.array("entries", of: { (reader) throws(JSONError) in try Entry(reading: &reader) })
        : [],
      commit: try message.count("commit"), stamp: try message.count("at"),
      grant: try message.optionalCount("grant"), confirmedRead: try message.optionalCount("confirmed"),
      isQuiet: message.contains("quiet"))
  }

  fileprivate func write(to body: inout JSONWriter) {
    body.field("after", previous)
    if !entries.isEmpty { body.field("entries", entries) }
    body.field("commit", commit)
    body.field("at", stamp)
    if let grant { body.field("grant", grant) }
    if let confirmedRead { body.field("confirmed", confirmedRead) }
    if isQuiet { body.field("quiet", true) }
  }
}

extension RaftMessage.Report {
  fileprivate init(_ message: Message) throws(RPCError) {
    var batch: Batch?
    if message.contains("commands") {
      var reader = try message.reader("commands")
      batch = try? Batch.read(&reader)
      guard batch != nil else { throw .malformedRequest("the field \"commands\" must be a batch") }
    }
    self.init(
      outcome: try Outcome(message), echo: try message.count("echo"), stamp: try message.count("at"),
      batch: batch, isComplete: message.contains("complete"), read: try message.optionalCount("read") ?? 0,
      isActive: message.contains("active"), isLearner: message.contains("learner"))
  }

  fileprivate func write(to body: inout JSONWriter) {
    outcome.write(to: &body)
    body.field("echo", echo)
    body.field("at", stamp)
    if let batch { body.field("commands", batch) }
    if isComplete { body.field("complete", true) }
    if read > 0 { body.field("read", read) }
    if isActive { body.field("active", true) }
    if isLearner { body.field("learner", true) }
  }
}

extension RaftMessage.Report.Outcome {
  fileprivate init(_ message: Message) throws(RPCError) {
    if message.contains("matches") {
      self = .matches(try message.count("matches"))
    } else if message.contains("differs") {
      let numbers = try message.counts("differs", 3)
      self = .differs(at: numbers[0], hint: Position(term: numbers[1], index: numbers[2]))
    } else if message.contains("received") {
      let numbers = try message.counts("received", 2)
      self = .snapshot(numbers[0], received: numbers[1])
    } else {
      self = .none
    }
  }

  fileprivate func write(to body: inout JSONWriter) {
    switch self {
    case .none: break
    case .matches(let index): body.field("matches", index)
    case .differs(let index, let hint): body.field("differs", [index, hint.term, hint.index])
    case .snapshot(let index, let received): body.field("received", [index, received])
    }
  }
}

extension RaftMessage.VoteRequest {
  fileprivate init(_ message: Message) throws(RPCError) {
    self.init(
      last: try message.position("last"), isPreliminary: message.contains("preliminary"),
      isTransfer: message.contains("transfer"))
  }

  fileprivate func write(to body: inout JSONWriter) {
    body.field("last", last)
    if isPreliminary { body.field("preliminary", true) }
    if isTransfer { body.field("transfer", true) }
  }
}

extension RaftMessage.Vote {
  fileprivate init(_ message: Message) throws(RPCError) {
    self.init(
      last: try message.position("last"), isPreliminary: message.contains("preliminary"),
      isGranted: try message.bool("granted"), leader: try message.optionalCount("leader"),
      leaderTerm: try message.count("leader_term"))
  }

  fileprivate func write(to body: inout JSONWriter) {
    body.field("granted", isGranted)
    body.field("last", last)
    if isPreliminary { body.field("preliminary", true) }
    if let leader { body.field("leader", leader) }
    body.field("leader_term", leaderTerm)
  }
}

extension RaftMessage.SnapshotPiece {
  fileprivate init(_ message: Message) throws(RPCError) {
    self.init(
      position: try message.position("position"), sessions: try message.value("sessions", as: [Int].self),
      offset: try message.count("offset"), total: try message.count("total"),
      bytes: Array(try message.string("data").utf8), stamp: try message.count("at"))
  }

  fileprivate func write(to body: inout JSONWriter) {
    body.field("position", position)
    body.field("sessions", sessions)
    body.field("offset", offset)
    body.field("total", total)
    body.field("at", stamp)
    // Snapshots are JSON, and pieces end between characters.
    body.field("data", String(decoding: bytes, as: UTF8.self))
  }
}
